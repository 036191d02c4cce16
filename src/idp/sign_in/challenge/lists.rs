//! Lists of texts in `ChallengeParameters`.

use alloc::collections::BTreeMap;
use alloc::string::String;
use alloc::vec::Vec;

use crate::error::{Error, Parameter};
use crate::idp::names::ChallengeName;
use crate::message::check_maximum;

/// The most entries of a list.
const MAX_ENTRIES: usize = 256;

/// Checks the lists of a challenge: at most 256 entries, each of at most [`ChallengeName::MAX_CHARS`] characters.
///
/// # Errors
///
/// [`Error::TooLong`].
pub(crate) fn check(
    name: &ChallengeName,
    available: &[ChallengeName],
    parameters: &BTreeMap<String, String>,
) -> Result<(), Error> {
    check_entries(available.iter().map(ChallengeName::as_str), Parameter::ChallengeName)?;
    let (list, parameter) = match name {
        ChallengeName::SelectMfaType => ("MFAS_CAN_CHOOSE", Parameter::ChallengeName),
        ChallengeName::MfaSetup => ("MFAS_CAN_SETUP", Parameter::ChallengeName),
        ChallengeName::NewPasswordRequired => ("requiredAttributes", Parameter::UserAttributes),
        _ => return Ok(()),
    };
    check_entries(list_of_texts(parameters.get(list).map_or("", String::as_str)), parameter)
}

fn check_entries<'a>(entries: impl Iterator<Item = &'a str>, parameter: Parameter) -> Result<(), Error> {
    for (index, entry) in entries.enumerate() {
        if index == MAX_ENTRIES {
            return Err(Error::TooLong(parameter));
        }
        check_maximum(entry, ChallengeName::MAX_CHARS, parameter)?;
    }
    Ok(())
}

/// Returns the challenge names in a parameter that has a list of texts.
pub(super) fn names(parameters: &BTreeMap<String, String>, name: &str) -> Vec<ChallengeName> {
    list_of_texts(parameters.get(name).map_or("", String::as_str)).map(ChallengeName::from).collect()
}

/// Returns the texts of a JSON list such as `["SMS_MFA","SOFTWARE_TOKEN_MFA"]`. Names of attributes and challenges
/// contain no quotes and no backslashes.
pub(super) fn list_of_texts(list: &str) -> impl Iterator<Item = &str> {
    list.split('"').skip(1).step_by(2)
}
