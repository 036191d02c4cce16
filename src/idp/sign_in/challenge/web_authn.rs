//! `WEB_AUTHN`.

use alloc::boxed::Box;
use alloc::string::String;

use super::common::challenge_type;
use super::paused::Paused;
use crate::error::{Error, Parameter};
use crate::idp::parameter_map::ParameterMap;
use crate::idp::request::Request;
use crate::idp::sign_in::answer_error::AnswerError;
use crate::idp::sign_in::state::{Asked, SignIn};
use crate::message::check_length;

/// `WEB_AUTHN`: the user signs in with a passkey. The answer is what the authenticator returns for the request options.
///
/// Both are JSON of `WebAuthn` Level 3: a browser passes the options to `PublicKeyCredential.parseRequestOptionsFromJSON` and
/// `navigator.credentials.get`, and gets the answer from the credential's `toJSON`.
///
/// ```
/// # use cognito_srp6a::idp::{Api, AuthResponse, Challenge, ChallengeName, Credentials, SignIn, SignInFlow, Step};
/// # use cognito_srp6a::{AppClient, Timestamp};
/// # fn authenticator(_options: &str) -> &'static str { r#"{"id":"AbCd","type":"public-key"}"# }
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let app = AppClient::new("us-east-1_AbCdEfGhI".parse()?, "1example23456789")?;
/// # let credentials = Credentials::new("alice".parse()?);
/// # let (sign_in, _) = SignIn::builder(&app, Api::Public, SignInFlow::User(None), credentials).start()?;
/// # let options = [("CREDENTIAL_REQUEST_OPTIONS", r#"{"challenge":"c2ln","rpId":"example.com"}"#)];
/// # let step = sign_in.advance(Ok(AuthResponse::challenge(ChallengeName::WebAuthn, options)), Timestamp::now()?)?;
/// # let Step::Challenge(Challenge::WebAuthn(challenge)) = step else { unreachable!() };
/// let options = challenge.request_options().ok_or("no request options")?;
/// let credential = authenticator(options);
/// let (sign_in, request) = challenge.answer(credential)?;
/// # drop((sign_in, request));
/// # Ok(()) }
/// ```
#[derive(Debug)]
pub struct WebAuthnChallenge(pub(super) Box<Paused>);

challenge_type!(WebAuthnChallenge);

impl WebAuthnChallenge {
    /// `CREDENTIAL_REQUEST_OPTIONS`: `PublicKeyCredentialRequestOptionsJSON`.
    #[must_use]
    pub fn request_options(&self) -> Option<&str> {
        request_options(&self.0.asked)
    }

    /// Answers with `CREDENTIAL`: `AuthenticationResponseJSON`.
    ///
    /// # Errors
    ///
    /// - [`Error::Empty`]: the credential is empty.
    /// - [`Error::TooLong`]: the credential exceeds [`ParameterMap::MAX_VALUE_CHARS`].
    /// - [`Error::Malformed`]: the credential is no JSON object.
    pub fn answer(self, credential: &str) -> Result<(SignIn, Request), AnswerError<Self>> {
        match check_credential(credential) {
            Ok(()) => Ok(self.0.answer(ParameterMap::of_message([("CREDENTIAL", credential)]))),
            Err(error) => Err(AnswerError { error, challenge: self }),
        }
    }
}

/// Returns the request options of a challenge.
pub(super) fn request_options(asked: &Asked) -> Option<&str> {
    asked.parameters.get("CREDENTIAL_REQUEST_OPTIONS").map(String::as_str)
}

/// Refuses a text that is no credential. Only the brackets are looked at: the service reads the JSON.
pub(super) fn check_credential(credential: &str) -> Result<(), Error> {
    check_length(credential, ParameterMap::MAX_VALUE_CHARS, Parameter::Credential)?;
    let text = credential.trim();
    if text.starts_with('{') && text.ends_with('}') { Ok(()) } else { Err(Error::Malformed(Parameter::Credential)) }
}
