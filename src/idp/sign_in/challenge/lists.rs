//! Lists of texts in `ChallengeParameters`.

use alloc::collections::BTreeMap;
use alloc::string::String;
use alloc::vec::Vec;

use crate::idp::names::ChallengeName;

/// Returns the challenge names in a parameter that has a list of texts.
pub(super) fn names(parameters: &BTreeMap<String, String>, name: &str) -> Vec<ChallengeName> {
    list_of_texts(parameters.get(name).map_or("", String::as_str)).map(ChallengeName::from).collect()
}

/// Returns the texts of a JSON list such as `["SMS_MFA","SOFTWARE_TOKEN_MFA"]`. Names of attributes and challenges
/// contain no quotes and no backslashes.
pub(super) fn list_of_texts(list: &str) -> impl Iterator<Item = &str> {
    list.split('"').skip(1).step_by(2)
}
