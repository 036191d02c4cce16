//! Challenges that only the caller can answer.

use alloc::borrow::ToOwned as _;
use alloc::boxed::Box;
use alloc::collections::BTreeMap;
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;

use super::answer_error::AnswerError;
use super::state::{Asked, SignIn};
use crate::error::{Error, Parameter};
use crate::idp::credentials::Session;
use crate::idp::names::ChallengeName;
use crate::idp::parameter_map::ParameterMap;
use crate::idp::request::Request;
use crate::idp::service_error::ServiceError;
use crate::message::{Password, check_length, check_maximum};

/// A challenge that only the caller can answer, by the type of its answer.
///
/// Each kind has an `answer` that gives the sign-in back with the request to send. An answer that breaks a rule of this crate is
/// not sent: [`AnswerError`] gives the challenge back. An answer that the service refuses, such as a mistyped code, comes back as
/// the same challenge, and [`refusal`](Self::refusal) says why.
#[derive(Debug)]
#[non_exhaustive]
pub enum Challenge {
    /// `NEW_PASSWORD_REQUIRED`: the password is a temporary one.
    NewPasswordRequired(NewPasswordRequired),
    /// `SMS_MFA`: a code from a text message.
    SmsMfa(CodeChallenge),
    /// `EMAIL_MFA`: a code from an e-mail.
    EmailMfa(CodeChallenge),
    /// `SOFTWARE_TOKEN_MFA`: a code from an authenticator app.
    SoftwareTokenMfa(CodeChallenge),
    /// `SMS_OTP`: a one-time password from a text message.
    SmsOtp(CodeChallenge),
    /// `EMAIL_OTP`: a one-time password from an e-mail.
    EmailOtp(CodeChallenge),
    /// `SELECT_MFA_TYPE`: which second factor to use.
    SelectMfaType(ChoiceChallenge),
    /// `SELECT_CHALLENGE`: which first factor to use.
    SelectChallenge(ChoiceChallenge),
    /// `MFA_SETUP`: the user must set up a second factor first.
    MfaSetup(MfaSetup),
    /// `CUSTOM_CHALLENGE`: the pool's own; the answer is `ANSWER`.
    Custom(CodeChallenge),
    /// `WEB_AUTHN`: the answer is the authenticator's response as JSON, `CREDENTIAL`; what to sign stands in the parameter
    /// `CREDENTIAL_REQUEST_OPTIONS`.
    WebAuthn(CodeChallenge),
    /// A challenge that this version does not know; or `PASSWORD`, because a password is sent only when the caller says so.
    Other(OtherChallenge),
}

/// What all challenges have: the sign-in they interrupt, and what the service said.
struct Paused {
    sign_in: SignIn,
    name: ChallengeName,
    parameters: BTreeMap<String, String>,
    available: Vec<ChallengeName>,
    /// Why the service refused the answer before.
    refusal: Option<ServiceError>,
}

impl fmt::Debug for Paused {
    /// Of the parameters only the names: their values may be personal data.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Paused")
            .field("name", &self.name)
            .field("parameters", &self.parameters.keys())
            .field("available", &self.available)
            .field("refusal", &self.refusal)
            .finish_non_exhaustive()
    }
}

impl Paused {
    /// Adds answers to what every answer has, and goes on. What every answer has cannot be replaced.
    fn answer(self, answers: impl IntoIterator<Item = (String, String)>) -> (SignIn, Request) {
        let Self { mut sign_in, name, parameters, available, refusal: _ } = self;
        let mut responses = ParameterMap::default();
        for (name, value) in answers {
            responses.insert(name, value);
        }
        for (name, value) in sign_in.common_parameters().iter() {
            responses.insert(name, value);
        }
        sign_in.remember(Asked { name: name.clone(), parameters, available });
        let request = sign_in.respond(name, responses);
        (sign_in, request)
    }
}

impl Challenge {
    /// Sorts a challenge by its name.
    pub(super) fn new(sign_in: SignIn, asked: Asked, refusal: Option<ServiceError>) -> Self {
        let Asked { name, parameters, available } = asked;
        let paused = Box::new(Paused { sign_in, name, parameters, available, refusal });
        let coded = |paused, answer_name| CodeChallenge { paused, answer_name };
        match paused.name {
            ChallengeName::NewPasswordRequired => Self::NewPasswordRequired(NewPasswordRequired(paused)),
            ChallengeName::SmsMfa => Self::SmsMfa(coded(paused, "SMS_MFA_CODE")),
            ChallengeName::EmailMfa => Self::EmailMfa(coded(paused, "EMAIL_MFA_CODE")),
            ChallengeName::SoftwareTokenMfa => Self::SoftwareTokenMfa(coded(paused, "SOFTWARE_TOKEN_MFA_CODE")),
            ChallengeName::SmsOtp => Self::SmsOtp(coded(paused, "SMS_OTP_CODE")),
            ChallengeName::EmailOtp => Self::EmailOtp(coded(paused, "EMAIL_OTP_CODE")),
            ChallengeName::SelectMfaType => Self::SelectMfaType(ChoiceChallenge(paused)),
            ChallengeName::SelectChallenge => Self::SelectChallenge(ChoiceChallenge(paused)),
            ChallengeName::MfaSetup => Self::MfaSetup(MfaSetup(paused)),
            ChallengeName::CustomChallenge => Self::Custom(coded(paused, "ANSWER")),
            ChallengeName::WebAuthn => Self::WebAuthn(coded(paused, "CREDENTIAL")),
            _ => Self::Other(OtherChallenge(paused)),
        }
    }

    /// `ChallengeName`.
    #[must_use]
    pub const fn name(&self) -> &ChallengeName {
        &self.paused().name
    }

    /// `ChallengeParameters`.
    #[must_use]
    pub const fn parameters(&self) -> &BTreeMap<String, String> {
        &self.paused().parameters
    }

    /// Why the service refused the last answer, when this challenge is asked again: a mistyped code (`CodeMismatchException`), or a
    /// new password that the pool's policy does not allow.
    #[must_use]
    pub const fn refusal(&self) -> Option<&ServiceError> {
        self.paused().refusal.as_ref()
    }

    const fn paused(&self) -> &Paused {
        match self {
            Self::NewPasswordRequired(challenge) => &challenge.0,
            Self::SmsMfa(challenge)
            | Self::EmailMfa(challenge)
            | Self::SoftwareTokenMfa(challenge)
            | Self::SmsOtp(challenge)
            | Self::EmailOtp(challenge)
            | Self::Custom(challenge)
            | Self::WebAuthn(challenge) => &challenge.paused,
            Self::SelectMfaType(challenge) | Self::SelectChallenge(challenge) => &challenge.0,
            Self::MfaSetup(challenge) => &challenge.0,
            Self::Other(challenge) => &challenge.0,
        }
    }
}

/// A challenge that one text answers: a code, or what the pool's own challenge asks for.
#[derive(Debug)]
pub struct CodeChallenge {
    paused: Box<Paused>,
    answer_name: &'static str,
}

impl CodeChallenge {
    /// `ChallengeParameters`, such as `CODE_DELIVERY_DESTINATION` and `FRIENDLY_DEVICE_NAME`.
    #[must_use]
    pub const fn parameters(&self) -> &BTreeMap<String, String> {
        &self.paused.parameters
    }

    /// Where the code went (`CODE_DELIVERY_DESTINATION`), masked by the service.
    #[must_use]
    pub fn destination(&self) -> Option<&str> {
        self.paused.parameters.get("CODE_DELIVERY_DESTINATION").map(String::as_str)
    }

    /// Answers.
    ///
    /// # Errors
    ///
    /// [`Error::TooLong`] for more than the service's longest string.
    pub fn answer(self, text: &str) -> Result<(SignIn, Request), AnswerError<Self>> {
        match check_maximum(text, ParameterMap::MAX_VALUE_CHARS, Parameter::Answer) {
            Ok(()) => Ok(self.paused.answer([(self.answer_name.to_owned(), text.into())])),
            Err(error) => Err(AnswerError { error, challenge: self }),
        }
    }
}

/// A challenge to choose from a list.
#[derive(Debug)]
pub struct ChoiceChallenge(Box<Paused>);

impl ChoiceChallenge {
    /// What may be chosen: `AvailableChallenges` of `SELECT_CHALLENGE`, or the names in `MFAS_CAN_CHOOSE` of
    /// `SELECT_MFA_TYPE`.
    #[must_use]
    pub fn choices(&self) -> Vec<ChallengeName> {
        if self.0.available.is_empty() {
            names(&self.0.parameters, "MFAS_CAN_CHOOSE")
        } else {
            self.0.available.clone()
        }
    }

    /// `ChallengeParameters`.
    #[must_use]
    pub const fn parameters(&self) -> &BTreeMap<String, String> {
        &self.0.parameters
    }

    /// Answers with one of the choices. The choice of `PASSWORD` sends the password along.
    ///
    /// # Errors
    ///
    /// [`Error::Malformed`] for a name that is not among the choices, where there are any; [`Error::Missing`] for a choice
    /// that takes a password when none was given; [`Error::NotInThisCall`] for `PASSWORD` in a flow that was not begun for
    /// it: only the password flows and `USER_AUTH`, with `PASSWORD` or nothing preferred, ever send it.
    pub fn answer(self, choice: &ChallengeName) -> Result<(SignIn, Request), AnswerError<Self>> {
        match self.answers(choice) {
            Ok(answers) => Ok(self.0.answer(answers)),
            Err(error) => Err(AnswerError { error, challenge: self }),
        }
    }

    fn answers(&self, choice: &ChallengeName) -> Result<Vec<(String, String)>, Error> {
        let choices = self.choices();
        if !choices.is_empty() && !choices.contains(choice) {
            return Err(Error::Malformed(Parameter::Answer));
        }
        let mut answers = Vec::from([("ANSWER".to_owned(), choice.as_str().to_owned())]);
        match (&self.0.name, choice) {
            (ChallengeName::SelectChallenge, ChallengeName::Password) => {
                answers.push(("PASSWORD".to_owned(), self.0.sign_in.password_to_send()?.expose().into()));
            }
            // Where a password was given, the sign-in has chosen the proof by itself.
            (ChallengeName::SelectChallenge, ChallengeName::PasswordSrp) => {
                return Err(Error::Missing(Parameter::Password));
            }
            // PASSWORD and PASSWORD_SRP are not MFA types.
            (_, ChallengeName::Password | ChallengeName::PasswordSrp) => {
                return Err(Error::Malformed(Parameter::Answer));
            }
            _ => (),
        }
        Ok(answers)
    }
}

/// `NEW_PASSWORD_REQUIRED`. The new password is sent as it is; that it goes to the right service rests on TLS.
#[derive(Debug)]
pub struct NewPasswordRequired(Box<Paused>);

impl NewPasswordRequired {
    /// Attributes that the answer must set, without the prefix `userAttributes.`.
    #[must_use]
    pub fn required_attributes(&self) -> Vec<String> {
        let list = self.0.parameters.get("requiredAttributes").map_or("", String::as_str);
        let name = |text: &str| text.strip_prefix("userAttributes.").unwrap_or(text).to_owned();
        list_of_texts(list).map(name).collect()
    }

    /// `ChallengeParameters`; `userAttributes` has the user's present attributes as JSON.
    #[must_use]
    pub const fn parameters(&self) -> &BTreeMap<String, String> {
        &self.0.parameters
    }

    /// Answers with the new password and attributes, each name without the prefix `userAttributes.`.
    ///
    /// # Errors
    ///
    /// [`Error::Missing`] when a required attribute is not there, [`Error::TooLong`] for an attribute.
    pub fn answer(
        self,
        new_password: &Password,
        attributes: &[(&str, &str)],
    ) -> Result<(SignIn, Request), AnswerError<Self>> {
        match self.user_attributes(attributes) {
            Ok(attributes) => {
                let password = [("NEW_PASSWORD".to_owned(), new_password.expose().into())];
                Ok(self.0.answer(password.into_iter().chain(attributes)))
            }
            Err(error) => Err(AnswerError { error, challenge: self }),
        }
    }

    fn user_attributes(&self, attributes: &[(&str, &str)]) -> Result<Vec<(String, String)>, Error> {
        let given = |required: &String| attributes.iter().any(|(name, _)| name == required);
        if !self.required_attributes().iter().all(given) {
            return Err(Error::Missing(Parameter::UserAttributes));
        }
        let attributes = attributes.iter().map(|(name, value)| (format!("userAttributes.{name}"), (*value).to_owned()));
        let attributes = attributes.collect::<Vec<_>>();
        for text in attributes.iter().flat_map(|(name, value)| [name, value]) {
            check_maximum(text, ParameterMap::MAX_VALUE_CHARS, Parameter::UserAttributes)?;
        }
        Ok(attributes)
    }
}

/// `MFA_SETUP`: associate and verify a software token with the session, then answer with the session that
/// `VerifySoftwareToken` gave.
#[derive(Debug)]
pub struct MfaSetup(Box<Paused>);

impl MfaSetup {
    /// What can be set up (`MFAS_CAN_SETUP`).
    #[must_use]
    pub fn choices(&self) -> Vec<ChallengeName> {
        names(&self.0.parameters, "MFAS_CAN_SETUP")
    }

    /// The session for `AssociateSoftwareToken`.
    #[must_use]
    pub const fn session(&self) -> Option<&Session> {
        self.0.sign_in.session()
    }

    /// Goes on with the session of `VerifySoftwareToken`.
    #[must_use]
    pub fn answer(mut self, session: Session) -> (SignIn, Request) {
        self.0.sign_in.set_session(session);
        self.0.answer([])
    }
}

/// A challenge that this version has no type for.
#[derive(Debug)]
pub struct OtherChallenge(Box<Paused>);

impl OtherChallenge {
    /// `ChallengeName`.
    #[must_use]
    pub const fn name(&self) -> &ChallengeName {
        &self.0.name
    }

    /// `ChallengeParameters`.
    #[must_use]
    pub const fn parameters(&self) -> &BTreeMap<String, String> {
        &self.0.parameters
    }

    /// Answers with parameters of the caller's; `USERNAME`, `SECRET_HASH` and `DEVICE_KEY` are added.
    ///
    /// # Errors
    ///
    /// [`Error::TooLong`], or [`Error::Empty`] for a parameter without a name.
    pub fn answer(self, responses: &[(&str, &str)]) -> Result<(SignIn, Request), AnswerError<Self>> {
        let fits = |(name, value): &(&str, &str)| {
            check_length(name, ParameterMap::MAX_VALUE_CHARS, Parameter::Answer)?;
            check_maximum(value, ParameterMap::MAX_VALUE_CHARS, Parameter::Answer)
        };
        match responses.iter().try_for_each(fits) {
            Ok(()) => {
                Ok(self.0.answer(responses.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))))
            }
            Err(error) => Err(AnswerError { error, challenge: self }),
        }
    }
}

/// The challenge names in a parameter that holds a list of texts.
fn names(parameters: &BTreeMap<String, String>, name: &str) -> Vec<ChallengeName> {
    list_of_texts(parameters.get(name).map_or("", String::as_str)).map(ChallengeName::from).collect()
}

/// The texts of a list such as `["SMS_MFA","SOFTWARE_TOKEN_MFA"]`: names of attributes and challenges, in which no quote
/// and no backslash occurs.
fn list_of_texts(list: &str) -> impl Iterator<Item = &str> {
    list.split('"').skip(1).step_by(2)
}
