//! `MFA_SETUP`.

use alloc::boxed::Box;
use alloc::vec::Vec;

use super::common::challenge_type;
use super::paused::Paused;
use crate::error::{Error, Parameter};
use crate::idp::credentials::Session;
use crate::idp::names::ChallengeName;
use crate::idp::parameter_map::ParameterMap;
use crate::idp::request::Request;
use crate::idp::secret_code::SecretCode;
use crate::idp::service_error::ServiceError;
use crate::idp::sign_in::answer_error::AnswerError;
use crate::idp::sign_in::state::SignIn;
use crate::idp::software_token::{AssociateSoftwareToken, AssociateSoftwareTokenResponse, VerifySoftwareToken};
use crate::message::check_length;

/// `MFA_SETUP`: the user must set up a second factor, an authenticator app or e-mail.
///
/// For an app, [`associate`](Self::associate) asks for its secret and [`verify`](Self::verify) proves that the app has
/// it. Each makes a request, and [`associated`](Self::associated) and [`verified`](Self::verified) take the response.
/// The challenge keeps the sessions. For e-mail, [`answer_email`](Self::answer_email) sends the address.
///
/// ```
/// use cognito_srp6a::idp::{
///     AssociateSoftwareTokenResponse, ChallengeName, MfaSetup, Request, ResponseError, Step, VerifySoftwareTokenResponse,
/// };
/// # use cognito_srp6a::idp::{
/// #     Api, AuthResponse, Challenge, Credentials, SecretCode, Session, SignIn, SignInFlow, VerifySoftwareTokenStatus,
/// # };
/// # use cognito_srp6a::{AppClient, Timestamp};
///
/// fn set_up(
///     mut setup: MfaSetup,
///     associate: impl FnOnce(Request) -> Result<AssociateSoftwareTokenResponse, ResponseError>,
///     verify: impl FnOnce(Request) -> Result<VerifySoftwareTokenResponse, ResponseError>,
///     ask_for_code: impl FnOnce() -> String,
/// ) -> Result<Step, Box<dyn std::error::Error>> {
///     let secret = setup.associated(associate(setup.associate()?)?);
///     println!("scan this: {}", *secret.otpauth_uri("Example", "alice")?);
///     let response = verify(setup.verify(&ask_for_code(), Some("phone"))?);
///     // Send what the step says. After a wrong code it is this challenge again.
///     Ok(setup.verified(response)?)
/// }
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let app = AppClient::new("us-east-1_AbCdEfGhI".parse()?, "1example23456789")?;
/// # let credentials = Credentials::new("alice".parse()?);
/// # let (sign_in, _) = SignIn::builder(&app, Api::Public, SignInFlow::Custom, credentials).start()?;
/// # let session = || Session::new("AYABeIKrFwI0example0session").unwrap();
/// # let parameters = [("MFAS_CAN_SETUP", r#"["SOFTWARE_TOKEN_MFA"]"#)];
/// # let response = AuthResponse::challenge(ChallengeName::MfaSetup, parameters).with_session(session());
/// # let step = sign_in.advance(Ok(response), Timestamp::now()?)?;
/// # let Step::Challenge(Challenge::MfaSetup(setup)) = step else { unreachable!() };
/// # let secret = SecretCode::new("JBSWY3DPEHPK3PXP")?;
/// # let associate = |_| Ok(AssociateSoftwareTokenResponse::new(secret).with_session(session()));
/// # let success = VerifySoftwareTokenResponse::new(VerifySoftwareTokenStatus::Success).with_session(session());
/// # let Step::Send(_, request) = set_up(setup, associate, |_| Ok(success), || "123456".into())? else { unreachable!() };
/// # let Request::RespondToAuthChallenge(request) = request else { unreachable!() };
/// # assert_eq!(*request.challenge_name(), ChallengeName::MfaSetup);
/// # Ok(()) }
/// ```
#[derive(Debug)]
pub struct MfaSetup(pub(super) Box<Paused>);

challenge_type!(MfaSetup);

impl MfaSetup {
    /// Returns the factors that the user can set up (`MFAS_CAN_SETUP`).
    #[must_use]
    pub fn choices(&self) -> Vec<ChallengeName> {
        self.0.listed().map(ChallengeName::from).collect()
    }

    /// Makes `AssociateSoftwareToken`, which asks for the secret of an authenticator app. It may be sent again.
    ///
    /// # Errors
    ///
    /// - [`Error::Malformed`]: there are choices, and `SOFTWARE_TOKEN_MFA` is none of them.
    /// - [`Error::Missing`]: the challenge has no session.
    pub fn associate(&self) -> Result<Request, Error> {
        self.check_choice(&ChallengeName::SoftwareTokenMfa)?;
        Ok(Request::AssociateSoftwareToken(AssociateSoftwareToken::with_session(self.copied_session()?)))
    }

    /// Takes the response to [`associate`](Self::associate) and returns the secret for the app.
    #[must_use = "the user must put the secret into the app"]
    pub fn associated(&mut self, response: AssociateSoftwareTokenResponse) -> SecretCode {
        let AssociateSoftwareTokenResponse { secret_code, session } = response;
        self.renew(session);
        secret_code
    }

    /// Makes `VerifySoftwareToken`, with the code that the app shows and a name of the device, if it has one, for
    /// people to read. It may be sent again after a lost response.
    ///
    /// # Errors
    ///
    /// - [`Error::Malformed`]: the code does not have exactly six digits, or there are choices, and
    ///   `SOFTWARE_TOKEN_MFA` is none of them.
    /// - [`Error::Missing`]: the challenge has no session.
    /// - [`Error::TooLong`]: the name exceeds [`ParameterMap::MAX_VALUE_CHARS`].
    pub fn verify(&self, code: &str, device_name: Option<&str>) -> Result<Request, Error> {
        self.check_choice(&ChallengeName::SoftwareTokenMfa)?;
        let request = VerifySoftwareToken::with_session(self.copied_session()?, code)?;
        Ok(Request::VerifySoftwareToken(match device_name {
            Some(name) => request.with_friendly_device_name(name)?,
            None => request,
        }))
    }

    /// Answers with the session that `VerifySoftwareToken` has returned. [`verified`](Self::verified) does this by
    /// itself.
    #[must_use]
    pub fn answer(mut self, session: Session) -> (SignIn, Request) {
        self.0.sign_in.session = Some(session);
        self.0.answer(ParameterMap::default())
    }

    /// Answers with the user's e-mail address, which becomes the second factor. The service sends a code to it and asks
    /// for the code.
    ///
    /// # Errors
    ///
    /// - [`Error::Malformed`]: there are choices, and `EMAIL_OTP` is none of them.
    /// - [`Error::Empty`], [`Error::TooLong`]: the address is empty or exceeds [`ParameterMap::MAX_VALUE_CHARS`].
    pub fn answer_email(self, address: &str) -> Result<(SignIn, Request), AnswerError<Self>> {
        let fits = self
            .check_choice(&ChallengeName::EmailOtp)
            .and_then(|()| check_length(address, ParameterMap::MAX_VALUE_CHARS, Parameter::Answer));
        match fits {
            Ok(()) => Ok(self.0.answer(ParameterMap::of_message([("EMAIL", address)]))),
            Err(error) => Err(AnswerError { error, challenge: self }),
        }
    }

    /// Returns the challenge after a refused or unprocessed code, with the session of the response, if it has one.
    pub(crate) fn refused(mut self, error: Option<ServiceError>, session: Option<Session>) -> Self {
        self.renew(session);
        self.0.refusal = error;
        self
    }

    /// Refuses a factor that is not among the choices, if there are any.
    fn check_choice(&self, factor: &ChallengeName) -> Result<(), Error> {
        let mut choices = self.0.listed().peekable();
        let offered = choices.peek().is_none() || choices.any(|choice| choice == factor.as_str());
        if offered { Ok(()) } else { Err(Error::Malformed(Parameter::Answer)) }
    }

    fn copied_session(&self) -> Result<Session, Error> {
        self.session().map(Session::duplicate).ok_or(Error::Missing(Parameter::Session))
    }

    /// Replaces the session if a response has one.
    fn renew(&mut self, session: Option<Session>) {
        if session.is_some() {
            self.0.sign_in.session = session;
        }
    }
}
