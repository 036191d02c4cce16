//! Lists of texts in `ChallengeParameters`.

use alloc::string::String;

use crate::error::{Error, Parameter};
use crate::idp::names::{ChallengeName, MAX_ENTRIES};
use crate::idp::sign_in::state::Asked;
use crate::message::check_maximum;

/// Checks the lists of a challenge: at most 256 entries, each of at most [`ChallengeName::MAX_CHARS`] characters.
///
/// # Errors
///
/// [`Error::TooLong`].
pub(crate) fn check(asked: &Asked) -> Result<(), Error> {
    let parameter = match asked.name {
        ChallengeName::NewPasswordRequired => Parameter::UserAttributes,
        _ => Parameter::ChallengeName,
    };
    check_entries(asked.available.iter().map(ChallengeName::as_str), Parameter::ChallengeName)?;
    check_entries(texts(asked), parameter)
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

/// Returns the texts of a challenge's list, which is a JSON list such as `["SMS_MFA","SOFTWARE_TOKEN_MFA"]`. Names of
/// attributes and challenges contain no quotes and no backslashes.
pub(super) fn texts(asked: &Asked) -> impl Iterator<Item = &str> {
    let parameter = match asked.name {
        ChallengeName::SelectMfaType => Some("MFAS_CAN_CHOOSE"),
        ChallengeName::MfaSetup => Some("MFAS_CAN_SETUP"),
        ChallengeName::NewPasswordRequired => Some("requiredAttributes"),
        _ => None,
    };
    let list = parameter.and_then(|parameter| asked.parameters.get(parameter));
    list.map_or("", String::as_str).split('"').skip(1).step_by(2)
}
