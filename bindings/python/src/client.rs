//! A user's sign-in.

use std::sync::{Mutex, PoisonError};

use cognito_srp6a::{Parameter, PasswordChallenge, SrpAuthParameters};
use pyo3::prelude::*;
use pyo3::types::PyDict;

use crate::error::{already_answered, raise};
use crate::input::{self, Parameters, Value};
use crate::output::{dictionary, message, wiped};

/// A user's sign-in that has been started and waits for its challenge.
///
/// It holds a secret exponent. Answering consumes it: a second answer raises `AlreadyAnsweredError`.
#[pyclass(frozen, module = "cognito_srp6a")]
pub struct UserSignIn {
    auth_parameters: Parameters,
    started: Started<cognito_srp6a::UserSignIn>,
}

/// A sign-in until it is answered.
pub struct Started<T>(Mutex<Option<T>>);

impl<T> Started<T> {
    pub const fn new(sign_in: T) -> Self {
        Self(Mutex::new(Some(sign_in)))
    }

    /// Takes the sign-in out for its answer.
    pub fn take(&self) -> PyResult<T> {
        // Nothing panics while it holds the lock.
        self.0.lock().unwrap_or_else(PoisonError::into_inner).take().ok_or_else(already_answered)
    }
}

impl UserSignIn {
    pub fn started(sign_in: cognito_srp6a::UserSignIn, start: SrpAuthParameters) -> Self {
        Self { auth_parameters: wiped(start.into_pairs()), started: Started::new(sign_in) }
    }
}

#[pymethods]
impl UserSignIn {
    /// Starts the sign-in of a user, who may have a remembered device. Nothing is sent.
    #[new]
    #[pyo3(signature = (pool_id, client_id, username, client_secret=None, device_key=None))]
    fn new(
        py: Python<'_>,
        pool_id: Value<'_, '_>,
        client_id: Value<'_, '_>,
        username: Value<'_, '_>,
        client_secret: Option<Value<'_, '_>>,
        device_key: Option<Value<'_, '_>>,
    ) -> PyResult<Self> {
        let app = input::app(pool_id, client_id, client_secret)?;
        let username = input::username(username, Parameter::Username)?;
        let device_key =
            device_key.map(|value| input::text(value, Parameter::DeviceKey)?.parse().map_err(raise)).transpose()?;
        let builder = cognito_srp6a::UserSignIn::builder(&app, &username).with_device_key(device_key.as_ref());
        let (sign_in, start) = py.detach(|| builder.start()).map_err(raise)?;
        Ok(Self::started(sign_in, start))
    }

    /// `AuthParameters` of `InitiateAuth` or `AdminInitiateAuth` with the flow `USER_SRP_AUTH`: a new dictionary each time.
    #[getter]
    fn auth_parameters<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyDict>> {
        dictionary(py, &self.auth_parameters)
    }

    /// Answers `PASSWORD_VERIFIER`: returns the `ChallengeResponses` of `RespondToAuthChallenge`.
    ///
    /// `challenge_parameters` are the `ChallengeParameters` of the response. `now` is an aware `datetime`, and without it the system's
    /// clock is read. A challenge or a password that is refused leaves the sign-in as it was.
    #[pyo3(signature = (challenge_parameters, password, now=None))]
    fn answer<'py>(
        &self,
        py: Python<'py>,
        challenge_parameters: Value<'_, '_>,
        password: Value<'_, '_>,
        now: Option<Value<'_, '_>>,
    ) -> PyResult<Bound<'py, PyDict>> {
        let parameters = input::parameters(challenge_parameters, "challenge_parameters", input::PASSWORD_CHALLENGE)?;
        let password = input::password(password)?;
        let now = input::timestamp(now)?;
        let challenge = PasswordChallenge::from_parameters(&parameters).map_err(raise)?;
        let sign_in = self.started.take()?;
        let claim = py.detach(|| sign_in.answer(challenge, &password, now)).map_err(raise)?;
        message(py, claim.into_pairs())
    }
}

/// `SECRET_HASH` of a request: the hash over the `USERNAME` in the same request, by the secret of its app client.
#[pyfunction]
pub fn secret_hash(
    username: Value<'_, '_>,
    client_id: Value<'_, '_>,
    client_secret: Value<'_, '_>,
) -> PyResult<String> {
    let app = app_of_any_pool(client_id, client_secret)?;
    let hash = app.secret_hash(&input::username(username, Parameter::Username)?);
    Ok(hash.map(|hash| hash.to_string()).unwrap_or_default())
}

/// The hash does not depend on the pool.
pub fn app_of_any_pool(client_id: Value<'_, '_>, client_secret: Value<'_, '_>) -> PyResult<cognito_srp6a::AppClient> {
    let pool_id = pyo3::types::PyString::intern(client_id.py(), "us-east-1_any");
    input::app(&pool_id, client_id, Some(client_secret))
}
