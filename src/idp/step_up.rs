//! Step-up: a user who is signed in reaches a higher level of authentication.

use alloc::format;

use super::credentials::check_token;
use super::parameter_map::ParameterMap;
use crate::error::{Error, Parameter};
use crate::message::check_length;

/// The levels of authentication that a sign-in by [`SignInFlow::User`](super::SignInFlow::User) asks for:
/// `TARGET_ACR_VALUES`, `ACCESS_TOKEN` and `MAX_AGE` (service model, `AuthParameters`).
///
/// The service tries the levels in their order and takes the first that the user can reach. It ignores a level that it
/// does not know, and refuses the call if it knows none. On a plan below Essentials it answers
/// `FeatureUnavailableInTierException`.
///
/// ```
/// use cognito_srp6a::AppClient;
/// use cognito_srp6a::idp::{Api, Credentials, SignIn, SignInFlow, StepUp};
///
/// # fn main() -> Result<(), cognito_srp6a::Error> {
/// # let app = AppClient::new("us-east-1_AbCdEfGhI".parse()?, "1example23456789")?;
/// # let access_token = "eyJhbGciOiJSUzI1NiJ9.e30.c2ln";
/// // The token is of the same user, who has signed in within the last five minutes.
/// let step_up = StepUp::new(&["urn:example:acr:phishing-resistant", "urn:example:acr:mfa"])?
///     .with_access_token(access_token)?
///     .with_max_age(300);
/// let credentials = Credentials::new("alice".parse()?);
/// let (sign_in, request) =
///     SignIn::builder(&app, Api::Admin, SignInFlow::User(None), credentials).with_step_up(step_up).start()?;
/// # drop((sign_in, request));
/// # Ok(()) }
/// ```
#[derive(Debug)]
pub struct StepUp(ParameterMap);

impl StepUp {
    /// Takes the levels, the highest first. Each is a URI.
    ///
    /// # Errors
    ///
    /// - [`Error::Missing`]: there is no level.
    /// - [`Error::Empty`]: a level is empty.
    /// - [`Error::Malformed`]: a level has white space, which separates levels, or no `:`, which every URI has.
    /// - [`Error::TooLong`]: the levels together exceed [`ParameterMap::MAX_VALUE_CHARS`].
    pub fn new(levels: &[&str]) -> Result<Self, Error> {
        let parameter = Parameter::TargetAcrValues;
        if levels.is_empty() {
            return Err(Error::Missing(parameter));
        }
        for level in levels {
            check_length(level, ParameterMap::MAX_VALUE_CHARS, parameter)?;
            if level.contains(char::is_whitespace) || !level.contains(':') {
                return Err(Error::Malformed(parameter));
            }
        }
        let levels = levels.join(" ");
        check_length(&levels, ParameterMap::MAX_VALUE_CHARS, parameter)?;
        Ok(Self(ParameterMap::of_message([("TARGET_ACR_VALUES", levels)])))
    }

    /// Adds an access token, whose methods of authentication count towards the level. `USERNAME` must be the user of
    /// the token.
    ///
    /// # Errors
    ///
    /// [`Error::Empty`], [`Error::TooLong`] or [`Error::Malformed`], as for [`RefreshToken`](super::RefreshToken::new).
    pub fn with_access_token(mut self, token: &str) -> Result<Self, Error> {
        check_token(token, Parameter::AccessToken)?;
        self.0.insert("ACCESS_TOKEN", token);
        Ok(self)
    }

    /// Sets `MAX_AGE`, in seconds. If the user's last authentication is older, the access token does not count.
    #[must_use]
    pub fn with_max_age(mut self, seconds: u32) -> Self {
        self.0.insert("MAX_AGE", format!("{seconds}"));
        self
    }

    /// Adds the parameters to those of the first request.
    pub(super) fn add_to(&self, parameters: &mut ParameterMap) {
        for (name, value) in self.0.iter() {
            parameters.insert(name, value);
        }
    }
}
