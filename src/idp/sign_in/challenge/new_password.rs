//! `NEW_PASSWORD_REQUIRED`.

use alloc::borrow::ToOwned as _;
use alloc::boxed::Box;
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use super::common::challenge_type;
use super::paused::Paused;
use crate::error::{Error, Parameter};
use crate::idp::parameter_map::ParameterMap;
use crate::idp::request::Request;
use crate::idp::sign_in::answer_error::AnswerError;
use crate::idp::sign_in::state::SignIn;
use crate::message::{Password, check_maximum};

/// `NEW_PASSWORD_REQUIRED`: the answer is a new password, and values for the attributes that the user lacks.
///
/// The answer sends the new password itself. Only TLS protects it.
///
/// ```
/// use cognito_srp6a::Password;
/// # use cognito_srp6a::idp::{Api, AuthResponse, Challenge, ChallengeName, Credentials, SignIn, SignInFlow, Step};
/// # use cognito_srp6a::{AppClient, Timestamp};
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let app = AppClient::new("us-east-1_AbCdEfGhI".parse()?, "1example23456789")?;
/// # let credentials = Credentials::new("alice".parse()?);
/// # let (sign_in, _) = SignIn::builder(&app, Api::Public, SignInFlow::Custom, credentials).start()?;
/// # let parameters = [("requiredAttributes", r#"["userAttributes.name"]"#), ("userAttributes", "{}")];
/// # let response = AuthResponse::challenge(ChallengeName::NewPasswordRequired, parameters);
/// # let step = sign_in.advance(Ok(response), Timestamp::now()?)?;
/// # let Step::Challenge(Challenge::NewPasswordRequired(challenge)) = step else { unreachable!() };
/// assert_eq!(challenge.required_attributes(), ["name"]);
/// let (sign_in, request) = challenge.answer(&Password::new("N3w-Passw0rd!")?, &[("name", "Alice")])?;
/// # drop((sign_in, request));
/// # Ok(()) }
/// ```
#[derive(Debug)]
pub struct NewPasswordRequired(pub(super) Box<Paused>);

challenge_type!(NewPasswordRequired);

impl NewPasswordRequired {
    /// Returns the attributes that the answer must set (`requiredAttributes`), without the prefix `userAttributes.`.
    #[must_use]
    pub fn required_attributes(&self) -> Vec<String> {
        let name = |text: &str| text.strip_prefix("userAttributes.").unwrap_or(text).to_owned();
        self.0.listed().map(name).collect()
    }

    /// Answers with the new password and with attributes as pairs of name and value. A name has no prefix
    /// `userAttributes.`.
    ///
    /// # Errors
    ///
    /// - [`Error::Missing`]: a required attribute is missing.
    /// - [`Error::TooLong`]: a name or a value exceeds [`ParameterMap::MAX_VALUE_CHARS`], or there are more than 128
    ///   attributes. A user has fewer.
    pub fn answer(
        self,
        new_password: &Password,
        attributes: &[(&str, &str)],
    ) -> Result<(SignIn, Request), AnswerError<Self>> {
        match self.user_attributes(attributes) {
            Ok(mut answers) => {
                answers.insert("NEW_PASSWORD", new_password.expose());
                Ok(self.0.answer(answers))
            }
            Err(error) => Err(AnswerError { error, challenge: self }),
        }
    }

    fn user_attributes(&self, attributes: &[(&str, &str)]) -> Result<ParameterMap, Error> {
        let given = |required: &String| attributes.iter().any(|(name, _)| name == required);
        if !self.required_attributes().iter().all(given) {
            return Err(Error::Missing(Parameter::UserAttributes));
        }
        if attributes.len() > MAX_ATTRIBUTES {
            return Err(Error::TooLong(Parameter::UserAttributes));
        }
        let mut answers = ParameterMap::default();
        for (name, value) in attributes {
            let name = format!("userAttributes.{name}");
            for text in [name.as_str(), value] {
                check_maximum(text, ParameterMap::MAX_VALUE_CHARS, Parameter::UserAttributes)?;
            }
            answers.insert(name, *value);
        }
        Ok(answers)
    }
}

/// The most attributes of an answer, so that the whole request has no more entries than a server reads.
const MAX_ATTRIBUTES: usize = 128;
