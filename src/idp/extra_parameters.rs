//! Parameters that the crate does not know.

use alloc::string::String;

use super::parameter_map::ParameterMap;
use crate::error::{Error, Parameter};
use crate::message::{ParameterSource as _, check_length, check_maximum};

/// Parameters of a request that this crate does not know, such as those of a new feature of the service. Each request
/// keeps its own parameters: an additional one never replaces them.
///
/// The values are wiped on drop, and `Debug` shows only names.
///
/// ```
/// use cognito_srp6a::idp::{Api, Credentials, ExtraParameters, Request, SignIn, SignInFlow};
/// use cognito_srp6a::{AppClient, Error, Parameter, ParameterSource as _};
///
/// # fn main() -> Result<(), Error> {
/// # let app = AppClient::new("us-east-1_AbCdEfGhI".parse()?, "1example23456789")?;
/// # let credentials = Credentials::new("alice".parse()?);
/// let extra = ExtraParameters::default().with("NEW_PARAMETER", "value")?;
/// let (sign_in, request) =
///     SignIn::builder(&app, Api::Public, SignInFlow::Custom, credentials).with_extra_parameters(extra).start()?;
/// # drop(sign_in);
/// let Request::InitiateAuth(request) = request else { unreachable!("a sign-in starts with InitiateAuth") };
/// assert_eq!(request.auth_parameters().parameter("NEW_PARAMETER"), Some("value"));
///
/// let refused = ExtraParameters::default().with("SECRET_HASH", "value").unwrap_err();
/// assert_eq!(refused, Error::Malformed(Parameter::ExtraParameter));
/// # Ok(()) }
/// ```
#[derive(Debug, Default)]
pub struct ExtraParameters(ParameterMap);

/// The parameters that the crate's own messages and the service's proofs have. `userAttributes.NAME` belongs to them as
/// well.
const OWN: [&str; 26] = [
    "ACCESS_TOKEN",
    "ANSWER",
    "CHALLENGE_NAME",
    "CREDENTIAL",
    "DEVICE_KEY",
    "EMAIL",
    "EMAIL_MFA_CODE",
    "EMAIL_OTP_CODE",
    "MAX_AGE",
    "NEW_PASSWORD",
    "PASSWORD",
    "PASSWORD_CLAIM_SECRET_BLOCK",
    "PASSWORD_CLAIM_SIGNATURE",
    "PREFERRED_CHALLENGE",
    "REFRESH_TOKEN",
    "SECRET_HASH",
    "SMS_MFA_CODE",
    "SMS_OTP_CODE",
    "SOFTWARE_TOKEN_MFA_CODE",
    "SRP_A",
    "TARGET_ACR_VALUES",
    "TIMESTAMP",
    "USERNAME",
    "USER_ID_FOR_SRP",
    "SECRET_BLOCK",
    "SALT",
];

impl ExtraParameters {
    /// How many parameters one request may have besides its own.
    pub const MAX_ENTRIES: usize = 64;

    /// Adds a parameter. One of the same name is replaced.
    ///
    /// # Errors
    ///
    /// - [`Error::Empty`]: the name is empty.
    /// - [`Error::TooLong`]: the name or the value exceeds [`ParameterMap::MAX_VALUE_CHARS`], or there are more than
    ///   [`MAX_ENTRIES`](Self::MAX_ENTRIES).
    /// - [`Error::Malformed`]: the crate's own messages have a parameter of this name.
    pub fn with(mut self, name: &str, value: impl Into<String>) -> Result<Self, Error> {
        // Inserted first, so that the value is wiped also when it is refused.
        self.0.insert(name, value);
        check_length(name, ParameterMap::MAX_VALUE_CHARS, Parameter::ExtraParameter)?;
        for (index, (_, value)) in self.0.iter().enumerate() {
            if index == Self::MAX_ENTRIES {
                return Err(Error::TooLong(Parameter::ExtraParameter));
            }
            check_maximum(value, ParameterMap::MAX_VALUE_CHARS, Parameter::ExtraParameter)?;
        }
        if OWN.contains(&name) || name.starts_with("userAttributes.") {
            return Err(Error::Malformed(Parameter::ExtraParameter));
        }
        Ok(self)
    }

    /// Adds the parameters to those of a request.
    pub(super) fn add_to(&self, parameters: &mut ParameterMap) {
        for (name, value) in self.0.iter() {
            if parameters.parameter(name).is_none() {
                parameters.insert(name, value);
            }
        }
    }
}
