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

/// A challenge for the caller. The variant says what the answer is.
///
/// Each kind has a method `answer`, which returns the sign-in and the request to send. If an answer breaks a rule of
/// this crate, nothing is sent and [`AnswerError`] returns the challenge. If the service refuses a code or a new
/// password, the same challenge comes again, and [`refusal`](Self::refusal) has the service's error.
///
/// ```
/// use cognito_srp6a::Password;
/// use cognito_srp6a::idp::{Challenge, Request, SignIn};
/// # use cognito_srp6a::idp::{Api, AuthResponse, ChallengeName, Credentials, ServiceError, SignInFlow, Step};
/// # use cognito_srp6a::{AppClient, Timestamp};
///
/// fn answer(
///     challenge: Challenge,
///     mut ask: impl FnMut(&str) -> String,
/// ) -> Result<(SignIn, Request), Box<dyn std::error::Error>> {
///     if let Some(refusal) = challenge.refusal() {
///         println!("{refusal}");
///     }
///     Ok(match challenge {
///         Challenge::SmsMfa(challenge) | Challenge::EmailMfa(challenge) | Challenge::SoftwareTokenMfa(challenge) => {
///             challenge.answer(&ask("code"))?
///         }
///         Challenge::NewPasswordRequired(challenge) => {
///             challenge.answer(&Password::new(ask("new password"))?, &[])?
///         }
///         other => return Err(format!("no answer to {}", other.name()).into()),
///     })
/// }
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let app = AppClient::new("us-east-1_AbCdEfGhI".parse()?, "1example23456789")?;
/// # let credentials = Credentials::new("alice".parse()?);
/// # let (sign_in, _) = SignIn::builder(&app, Api::Public, SignInFlow::Custom, credentials).start()?;
/// # let response = AuthResponse::challenge(ChallengeName::SmsMfa, [("CODE_DELIVERY_DESTINATION", "+*******0100")]);
/// # let Step::Challenge(challenge) = sign_in.advance(Ok(response), Timestamp::now()?)? else { unreachable!() };
/// # let (sign_in, _) = answer(challenge, |_| "123455".into())?;
/// # let refusal = ServiceError::new("CodeMismatchException", "Invalid code received for user");
/// # let step = sign_in.advance(Err(refusal.into()), Timestamp::now()?)?;
/// # let Step::Challenge(challenge) = step else { unreachable!() };
/// # assert!(challenge.refusal().is_some());
/// # answer(challenge, |_| "123456".into())?;
/// # Ok(()) }
/// ```
#[derive(Debug)]
#[non_exhaustive]
pub enum Challenge {
    /// `NEW_PASSWORD_REQUIRED`: the password is temporary, and the answer is a new one.
    NewPasswordRequired(NewPasswordRequired),
    /// `SMS_MFA`: the answer is the code of a text message.
    SmsMfa(CodeChallenge),
    /// `EMAIL_MFA`: the answer is the code of an e-mail.
    EmailMfa(CodeChallenge),
    /// `SOFTWARE_TOKEN_MFA`: the answer is the code of an authenticator app.
    SoftwareTokenMfa(CodeChallenge),
    /// `SMS_OTP`: the answer is the one-time password of a text message.
    SmsOtp(CodeChallenge),
    /// `EMAIL_OTP`: the answer is the one-time password of an e-mail.
    EmailOtp(CodeChallenge),
    /// `SELECT_MFA_TYPE`: the answer is a second factor.
    SelectMfaType(ChoiceChallenge),
    /// `SELECT_CHALLENGE`: the answer is a first factor.
    SelectChallenge(ChoiceChallenge),
    /// `MFA_SETUP`: the user must set up a second factor.
    MfaSetup(MfaSetup),
    /// `CUSTOM_CHALLENGE`: the answer is the text that the pool's Lambda triggers expect.
    Custom(CodeChallenge),
    /// `WEB_AUTHN`: the answer is the authenticator's response, `AuthenticationResponseJSON`, to the options in the
    /// parameter `CREDENTIAL_REQUEST_OPTIONS`.
    WebAuthn(CodeChallenge),
    /// A challenge that this version does not know, or `PASSWORD`: the crate sends a password only if the caller says
    /// so.
    Other(OtherChallenge),
}

/// The common part of all challenges: the sign-in that waits for an answer, and the challenge of the service.
struct Paused {
    sign_in: SignIn,
    name: ChallengeName,
    parameters: BTreeMap<String, String>,
    available: Vec<ChallengeName>,
    /// The error of the last answer, if the service refused it.
    refusal: Option<ServiceError>,
}

impl fmt::Debug for Paused {
    /// Shows only the names of the parameters: their values may be personal data.
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
    /// Makes the answer. The common parameters replace answers of the same name.
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
    /// Makes the variant of the challenge's name.
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

    /// The service's error, if it refused the last answer: `CodeMismatchException` for a code,
    /// `InvalidPasswordException` or `PasswordHistoryPolicyViolationException` for a new password. Other errors end the
    /// sign-in.
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

/// A challenge with one text as its answer: a code, a one-time password, `AuthenticationResponseJSON`, or the text that
/// the pool's Lambda triggers expect.
///
/// ```
/// use cognito_srp6a::idp::{Challenge, CodeChallenge, Request};
/// # use cognito_srp6a::idp::{Api, AuthResponse, ChallengeName, Credentials, SignIn, SignInFlow, Step};
/// # use cognito_srp6a::{AppClient, ParameterSource as _, Timestamp};
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let app = AppClient::new("us-east-1_AbCdEfGhI".parse()?, "1example23456789")?;
/// # let credentials = Credentials::new("alice".parse()?);
/// # let (sign_in, _) = SignIn::builder(&app, Api::Public, SignInFlow::Custom, credentials).start()?;
/// # let response = AuthResponse::challenge(ChallengeName::SmsMfa, [("CODE_DELIVERY_DESTINATION", "+*******0100")]);
/// # let step = sign_in.advance(Ok(response), Timestamp::now()?)?;
/// # let Step::Challenge(Challenge::SmsMfa(challenge)) = step else { unreachable!() };
/// println!("code sent to {}", challenge.destination().unwrap_or("you"));
/// let (sign_in, request) = challenge.answer("123456")?;
/// # drop(sign_in);
/// # let Request::RespondToAuthChallenge(request) = request else { unreachable!() };
/// # assert_eq!(request.challenge_responses().parameter("SMS_MFA_CODE"), Some("123456"));
/// # Ok(()) }
/// ```
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

    /// `CODE_DELIVERY_DESTINATION`: the phone number or e-mail address that the code was sent to, masked by the
    /// service.
    #[must_use]
    pub fn destination(&self) -> Option<&str> {
        self.paused.parameters.get("CODE_DELIVERY_DESTINATION").map(String::as_str)
    }

    /// Answers with the text, unchanged. An empty one is sent as well.
    ///
    /// # Errors
    ///
    /// [`Error::TooLong`] if the text exceeds [`ParameterMap::MAX_VALUE_CHARS`].
    pub fn answer(self, text: &str) -> Result<(SignIn, Request), AnswerError<Self>> {
        match check_maximum(text, ParameterMap::MAX_VALUE_CHARS, Parameter::Answer) {
            Ok(()) => Ok(self.paused.answer([(self.answer_name.to_owned(), text.into())])),
            Err(error) => Err(AnswerError { error, challenge: self }),
        }
    }
}

/// A challenge whose answer is one of several choices: `SELECT_CHALLENGE` or `SELECT_MFA_TYPE`.
///
/// ```
/// use cognito_srp6a::idp::ChallengeName;
/// # use cognito_srp6a::idp::{Api, AuthResponse, Challenge, Credentials, SignIn, SignInFlow, Step};
/// # use cognito_srp6a::{AppClient, Timestamp};
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let app = AppClient::new("us-east-1_AbCdEfGhI".parse()?, "1example23456789")?;
/// # let credentials = Credentials::new("alice".parse()?);
/// # let (sign_in, _) = SignIn::builder(&app, Api::Public, SignInFlow::Custom, credentials).start()?;
/// # let parameters = [("MFAS_CAN_CHOOSE", r#"["SMS_MFA","SOFTWARE_TOKEN_MFA"]"#)];
/// # let response = AuthResponse::challenge(ChallengeName::SelectMfaType, parameters);
/// # let step = sign_in.advance(Ok(response), Timestamp::now()?)?;
/// # let Step::Challenge(Challenge::SelectMfaType(challenge)) = step else { unreachable!() };
/// assert_eq!(challenge.choices(), [ChallengeName::SmsMfa, ChallengeName::SoftwareTokenMfa]);
/// let (sign_in, request) = challenge.answer(&ChallengeName::SoftwareTokenMfa)?;
/// # drop((sign_in, request));
/// # Ok(()) }
/// ```
#[derive(Debug)]
pub struct ChoiceChallenge(Box<Paused>);

impl ChoiceChallenge {
    /// Returns the choices: `AvailableChallenges` of `SELECT_CHALLENGE`, or `MFAS_CAN_CHOOSE` of `SELECT_MFA_TYPE`.
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

    /// Answers with a choice. An answer of `PASSWORD` to `SELECT_CHALLENGE` carries the password.
    ///
    /// # Errors
    ///
    /// - [`Error::Malformed`]: there are choices, and this is none of them; or it is `PASSWORD` or `PASSWORD_SRP` in
    ///   `SELECT_MFA_TYPE`.
    /// - [`Error::Missing`]: `PASSWORD` or `PASSWORD_SRP` needs a password, and the credentials have none.
    /// - [`Error::NotInThisCall`]: the flow never sends the password. Only `USER_PASSWORD_AUTH`,
    ///   `ADMIN_USER_PASSWORD_AUTH` and `USER_AUTH` with `PASSWORD` or nothing preferred send it, and only before a
    ///   proof.
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
            // With a password, the sign-in has answered the challenge by itself.
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
pub struct NewPasswordRequired(Box<Paused>);

impl NewPasswordRequired {
    /// Returns the attributes that the answer must set (`requiredAttributes`), without the prefix `userAttributes.`.
    #[must_use]
    pub fn required_attributes(&self) -> Vec<String> {
        let list = self.0.parameters.get("requiredAttributes").map_or("", String::as_str);
        let name = |text: &str| text.strip_prefix("userAttributes.").unwrap_or(text).to_owned();
        list_of_texts(list).map(name).collect()
    }

    /// `ChallengeParameters`. `userAttributes` has the current attributes of the user, as a JSON object.
    #[must_use]
    pub const fn parameters(&self) -> &BTreeMap<String, String> {
        &self.0.parameters
    }

    /// Answers with the new password and with attributes as pairs of name and value. A name has no prefix
    /// `userAttributes.`.
    ///
    /// # Errors
    ///
    /// - [`Error::Missing`]: a required attribute is missing.
    /// - [`Error::TooLong`]: a name or a value exceeds [`ParameterMap::MAX_VALUE_CHARS`].
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

/// `MFA_SETUP`: the user must set up a second factor, here an authenticator app.
///
/// The answer is a session. `AssociateSoftwareToken` and `VerifySoftwareToken`, which this crate does not make, bring
/// it:
///
/// ```
/// use cognito_srp6a::idp::{Challenge, Session};
/// # use cognito_srp6a::idp::{Api, AuthResponse, ChallengeName, Credentials, SignIn, SignInFlow, Step};
/// # use cognito_srp6a::{AppClient, Timestamp};
///
/// # fn associate(_session: &str) -> (&str, &str) { ("JBSWY3DPEHPK3PXP", "AYABeIKrFwI0session0of0Associate") }
/// # fn verify(_session: &str, _code: &str) -> &'static str { "AYABeIKrFwI0example0of0Verify" }
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let app = AppClient::new("us-east-1_AbCdEfGhI".parse()?, "1example23456789")?;
/// # let credentials = Credentials::new("alice".parse()?);
/// # let (sign_in, _) = SignIn::builder(&app, Api::Public, SignInFlow::Custom, credentials).start()?;
/// # let response = AuthResponse::challenge(ChallengeName::MfaSetup, [("MFAS_CAN_SETUP", r#"["SOFTWARE_TOKEN_MFA"]"#)])
/// #     .with_session(Session::new("AYABeIKrFwI0example0session")?);
/// # let step = sign_in.advance(Ok(response), Timestamp::now()?)?;
/// # let Step::Challenge(Challenge::MfaSetup(challenge)) = step else { unreachable!() };
/// let session = challenge.session().ok_or("no session")?;
/// let (secret_code, session) = associate(session.expose()); // AssociateSoftwareToken
/// println!("enter this in your authenticator app: {secret_code}");
/// let session = verify(session, "123456"); // VerifySoftwareToken
/// let (sign_in, request) = challenge.answer(Session::new(session)?);
/// # drop((sign_in, request));
/// # Ok(()) }
/// ```
#[derive(Debug)]
pub struct MfaSetup(Box<Paused>);

impl MfaSetup {
    /// Returns the factors that the user can set up (`MFAS_CAN_SETUP`).
    #[must_use]
    pub fn choices(&self) -> Vec<ChallengeName> {
        names(&self.0.parameters, "MFAS_CAN_SETUP")
    }

    /// The session that `AssociateSoftwareToken` takes.
    #[must_use]
    pub const fn session(&self) -> Option<&Session> {
        self.0.sign_in.session()
    }

    /// Answers with the session that `VerifySoftwareToken` has returned.
    #[must_use]
    pub fn answer(mut self, session: Session) -> (SignIn, Request) {
        self.0.sign_in.set_session(session);
        self.0.answer([])
    }
}

/// A challenge without a type of its own. The caller gives the parameters of the answer.
///
/// ```
/// # use cognito_srp6a::idp::{Api, AuthResponse, Challenge, ChallengeName, Credentials, SignIn, SignInFlow, Step};
/// # use cognito_srp6a::{AppClient, Timestamp};
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let app = AppClient::new("us-east-1_AbCdEfGhI".parse()?, "1example23456789")?;
/// # let credentials = Credentials::new("alice".parse()?);
/// # let (sign_in, _) = SignIn::builder(&app, Api::Public, SignInFlow::Custom, credentials).start()?;
/// # let response = AuthResponse::challenge("RIDDLE".into(), [("QUESTION", "What walks on four legs?")]);
/// # let step = sign_in.advance(Ok(response), Timestamp::now()?)?;
/// # let Step::Challenge(Challenge::Other(challenge)) = step else { unreachable!() };
/// assert_eq!(challenge.name().as_str(), "RIDDLE");
/// let (sign_in, request) = challenge.answer(&[("RIDDLE_ANSWER", "a table")])?;
/// # drop((sign_in, request));
/// # Ok(()) }
/// ```
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

    /// Answers with pairs of name and value. The crate adds `USERNAME`, `SECRET_HASH` and `DEVICE_KEY`, which replace
    /// pairs of the same name.
    ///
    /// # Errors
    ///
    /// - [`Error::Empty`]: a name is empty.
    /// - [`Error::TooLong`]: a name or a value exceeds [`ParameterMap::MAX_VALUE_CHARS`].
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

/// Returns the challenge names in a parameter that has a list of texts.
fn names(parameters: &BTreeMap<String, String>, name: &str) -> Vec<ChallengeName> {
    list_of_texts(parameters.get(name).map_or("", String::as_str)).map(ChallengeName::from).collect()
}

/// Returns the texts of a JSON list such as `["SMS_MFA","SOFTWARE_TOKEN_MFA"]`. Names of attributes and challenges
/// contain no quotes and no backslashes.
fn list_of_texts(list: &str) -> impl Iterator<Item = &str> {
    list.split('"').skip(1).step_by(2)
}
