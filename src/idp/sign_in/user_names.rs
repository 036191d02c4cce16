//! The user names that occur in a sign-in.

use alloc::collections::BTreeMap;
use alloc::string::String;

use super::error::SignInError;
use crate::error::Parameter;
use crate::message::Username;

/// The names of the user. The service can set each of them once.
///
/// Each request carries a `SECRET_HASH` over the name in it. A service that could change the name would collect the
/// hashes of many users.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Names {
    /// The name in each request: the one that the user typed, until a challenge brings the canonical one.
    pub(super) username: Username,
    /// Whether a challenge has brought it.
    pub(super) learned: bool,
    /// `USER_ID_FOR_SRP`. It replaces `USERNAME` in a challenge without that.
    pub(super) user_id: Option<Username>,
}

impl Names {
    pub(super) const fn typed(username: Username) -> Self {
        Self { username, learned: false, user_id: None }
    }

    /// Takes the names of the first challenge that has some, and checks those of later challenges against them.
    pub(super) fn learn(&mut self, parameters: &BTreeMap<String, String>) -> Result<(), SignInError> {
        let read = |parameter: Parameter| {
            let name = parameters.get(parameter.name());
            name.map(|name| Username::of_parameter(name.as_str(), parameter)).transpose()
        };
        let (username, user_id) = (read(Parameter::Username)?, read(Parameter::UserIdForSrp)?);
        let Some(name) = username.as_ref().or(user_id.as_ref()) else { return Ok(()) };
        if !self.learned {
            self.username = name.clone();
            self.learned = true;
        }
        let is_known = *name == self.username || (username.is_none() && self.user_id.as_ref() == Some(name));
        let is_same_id = user_id.is_none() || self.user_id.is_none() || self.user_id == user_id;
        if !(is_known && is_same_id) {
            return Err(SignInError::UsernameChanged);
        }
        if self.user_id.is_none() {
            self.user_id = user_id;
        }
        Ok(())
    }
}
