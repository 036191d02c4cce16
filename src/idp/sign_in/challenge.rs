//! Challenges that only the caller can answer.

mod choice;
mod code;
mod common;
mod custom;
pub(super) mod lists;
mod mfa_setup;
mod new_password;
mod other;
mod paused;
mod web_authn;

use alloc::boxed::Box;

use super::state::{Asked, SignIn};
use crate::idp::names::ChallengeName;
use crate::idp::service_error::ServiceError;

pub use choice::ChoiceChallenge;
pub use code::CodeChallenge;
pub use custom::CustomChallenge;
pub use mfa_setup::MfaSetup;
pub use new_password::NewPasswordRequired;
pub use other::OtherChallenge;
pub use web_authn::WebAuthnChallenge;

pub(super) use paused::Paused;

use common::common_methods;

/// A challenge for the caller. The variant says what the answer is.
///
/// Each kind has a method `answer`, which returns the sign-in and the request to send. If an answer breaks a rule of
/// this crate, nothing is sent and [`AnswerError`](crate::idp::AnswerError) returns the challenge. If the service
/// refuses a code or a new password, the same challenge comes again, and [`refusal`](Self::refusal) has the service's
/// error. A challenge can wait for its user outside the program: [`StoredChallenge`](crate::idp::StoredChallenge).
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
    Custom(CustomChallenge),
    /// `WEB_AUTHN`: the answer is what the authenticator returns for the request options.
    WebAuthn(WebAuthnChallenge),
    /// A challenge that this version does not know, or `PASSWORD`: the crate sends a password only if the caller says
    /// so. Also `PASSWORD_SRP`, if the caller preferred another factor or there is no password
    /// ([`OtherChallenge::prove_password`]).
    Other(OtherChallenge),
}

impl Challenge {
    /// Makes the variant of the challenge's name.
    pub(super) fn new(sign_in: SignIn, asked: Asked, refusal: Option<ServiceError>) -> Self {
        let paused = Box::new(Paused { sign_in, asked, refusal });
        match paused.asked.name {
            ChallengeName::NewPasswordRequired => Self::NewPasswordRequired(NewPasswordRequired(paused)),
            ChallengeName::SmsMfa => Self::SmsMfa(CodeChallenge(paused)),
            ChallengeName::EmailMfa => Self::EmailMfa(CodeChallenge(paused)),
            ChallengeName::SoftwareTokenMfa => Self::SoftwareTokenMfa(CodeChallenge(paused)),
            ChallengeName::SmsOtp => Self::SmsOtp(CodeChallenge(paused)),
            ChallengeName::EmailOtp => Self::EmailOtp(CodeChallenge(paused)),
            ChallengeName::SelectMfaType => Self::SelectMfaType(ChoiceChallenge(paused)),
            ChallengeName::SelectChallenge => Self::SelectChallenge(ChoiceChallenge(paused)),
            ChallengeName::MfaSetup => Self::MfaSetup(MfaSetup(paused)),
            ChallengeName::CustomChallenge => Self::Custom(CustomChallenge(paused)),
            ChallengeName::WebAuthn => Self::WebAuthn(WebAuthnChallenge(paused)),
            _ => Self::Other(OtherChallenge(paused)),
        }
    }
}

impl Challenge {
    pub(crate) const fn paused(&self) -> &Paused {
        match self {
            Self::NewPasswordRequired(challenge) => challenge.paused(),
            Self::SmsMfa(challenge)
            | Self::EmailMfa(challenge)
            | Self::SoftwareTokenMfa(challenge)
            | Self::SmsOtp(challenge)
            | Self::EmailOtp(challenge) => challenge.paused(),
            Self::SelectMfaType(challenge) | Self::SelectChallenge(challenge) => challenge.paused(),
            Self::MfaSetup(challenge) => challenge.paused(),
            Self::Custom(challenge) => challenge.paused(),
            Self::WebAuthn(challenge) => challenge.paused(),
            Self::Other(challenge) => challenge.paused(),
        }
    }

    fn paused_mut(&mut self) -> &mut Paused {
        match self {
            Self::NewPasswordRequired(challenge) => &mut challenge.0,
            Self::SmsMfa(challenge)
            | Self::EmailMfa(challenge)
            | Self::SoftwareTokenMfa(challenge)
            | Self::SmsOtp(challenge)
            | Self::EmailOtp(challenge) => &mut challenge.0,
            Self::SelectMfaType(challenge) | Self::SelectChallenge(challenge) => &mut challenge.0,
            Self::MfaSetup(challenge) => &mut challenge.0,
            Self::Custom(challenge) => &mut challenge.0,
            Self::WebAuthn(challenge) => &mut challenge.0,
            Self::Other(challenge) => &mut challenge.0,
        }
    }
}

common_methods!(Challenge);
