//! The step after `VerifySoftwareToken`.

use super::challenge::{Challenge, MfaSetup};
use super::error::SignInError;
use super::outcome::Step;
use crate::error::{Error, Parameter};
use crate::idp::response_error::ResponseError;
use crate::idp::service_error::{ServiceError, ServiceErrorName};
use crate::idp::software_token::{VerifySoftwareTokenResponse, VerifySoftwareTokenStatus};

impl MfaSetup {
    /// Takes the response to [`verify`](Self::verify). The next step answers the challenge, or is the challenge again
    /// after a wrong code.
    ///
    /// The challenge also comes again after an error that is transient ([`ResponseError::is_transient`]): verify once
    /// more.
    ///
    /// A code is wrong after `EnableSoftwareTokenMFAException`, `CodeMismatchException`, and a `Status` other than
    /// `SUCCESS`. [`Challenge::refusal`] has the service's error; for a `Status` it is an
    /// `EnableSoftwareTokenMFAException` without a message.
    ///
    /// # Errors
    ///
    /// [`SignInError::Service`] or [`SignInError::Body`] for another error, and [`SignInError::Input`] if a response
    /// with `SUCCESS` has no session. The sign-in is over.
    pub fn verified(self, response: Result<VerifySoftwareTokenResponse, ResponseError>) -> Result<Step, SignInError> {
        let (error, session) = match response {
            Ok(VerifySoftwareTokenResponse { status: VerifySoftwareTokenStatus::Success, session }) => {
                let session = session.ok_or(Error::Missing(Parameter::Session))?;
                let (sign_in, request) = self.answer(session);
                return Ok(Step::Send(sign_in, request));
            }
            Ok(VerifySoftwareTokenResponse { session, .. }) => {
                (Some(ServiceError::new(ServiceErrorName::EnableSoftwareTokenMfa.as_str(), "")), session)
            }
            Err(ResponseError::Service(error)) if error.is_transient() => (Some(error), None),
            Err(ResponseError::Service(error)) => match error.name() {
                ServiceErrorName::EnableSoftwareTokenMfa | ServiceErrorName::CodeMismatch => (Some(error), None),
                _ => return Err(SignInError::Service(error)),
            },
            Err(error) if error.is_transient() => (None, None),
            Err(error) => return Err(error.into()),
        };
        Ok(Step::Challenge(Challenge::MfaSetup(self.refused(error, session))))
    }
}
