//! `MFA_SETUP`.

use alloc::boxed::Box;
use alloc::vec::Vec;

use super::paused::Paused;
use crate::idp::credentials::Session;
use crate::idp::names::ChallengeName;
use crate::idp::parameter_map::ParameterMap;
use crate::idp::request::Request;
use crate::idp::sign_in::state::SignIn;

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
/// println!("enter this in your authenticator app: {}", secret_code.escape_debug());
/// let session = verify(session, "123456"); // VerifySoftwareToken
/// let (sign_in, request) = challenge.answer(Session::new(session)?);
/// # drop((sign_in, request));
/// # Ok(()) }
/// ```
#[derive(Debug)]
pub struct MfaSetup(pub(super) Box<Paused>);

impl MfaSetup {
    /// Returns the factors that the user can set up (`MFAS_CAN_SETUP`).
    #[must_use]
    pub fn choices(&self) -> Vec<ChallengeName> {
        self.0.listed().map(ChallengeName::from).collect()
    }

    /// The session that `AssociateSoftwareToken` takes.
    #[must_use]
    pub const fn session(&self) -> Option<&Session> {
        self.0.sign_in.session.as_ref()
    }

    /// Answers with the session that `VerifySoftwareToken` has returned.
    #[must_use]
    pub fn answer(mut self, session: Session) -> (SignIn, Request) {
        self.0.sign_in.session = Some(session);
        self.0.answer(ParameterMap::default())
    }
}
