//! A remembered device.

use cognito_srp6a::{DeviceChallenge, DeviceSrpResponses, DeviceVerifier, Parameter};
use pyo3::prelude::*;
use pyo3::types::PyDict;

use crate::client::Started;
use crate::error::raise;
use crate::input::{self, Parameters, Value};
use crate::output::{dictionary, message, wiped};

/// The credentials of a remembered device: two names and a password.
///
/// The password is as good as a second factor. Keep it where you would keep a refresh token.
#[pyclass(frozen, module = "cognito_srp6a")]
pub struct DeviceCredentials(cognito_srp6a::DeviceCredentials);

#[pymethods]
impl DeviceCredentials {
    /// Puts stored credentials together again.
    #[new]
    fn new(device_key: Value<'_, '_>, device_group_key: Value<'_, '_>, password: Value<'_, '_>) -> PyResult<Self> {
        let device = input::device(device_key, device_group_key)?;
        Ok(Self(cognito_srp6a::DeviceCredentials::from_parts(device, input::password(password)?)))
    }

    /// Makes a password for a device that `NewDeviceMetadata` has announced. Returns the credentials and the
    /// `DeviceSecretVerifierConfig` of `ConfirmDevice`; keep the credentials when that call succeeds.
    #[staticmethod]
    fn register<'py>(
        py: Python<'py>,
        device_key: Value<'_, '_>,
        device_group_key: Value<'_, '_>,
    ) -> PyResult<(Self, Bound<'py, PyDict>)> {
        let device = input::device(device_key, device_group_key)?;
        let registered = py.detach(|| cognito_srp6a::DeviceCredentials::register(device)).map_err(raise)?;
        Self::registered(py, registered)
    }

    /// `DeviceKey`.
    #[getter]
    fn device_key(&self) -> &str {
        self.0.device().key().as_str()
    }

    /// `DeviceGroupKey`.
    #[getter]
    fn device_group_key(&self) -> &str {
        self.0.device().group_key()
    }

    /// The password, to be stored: a secret. Python does not wipe the text.
    fn expose_password(&self) -> &str {
        self.0.expose_password()
    }
}

impl DeviceCredentials {
    pub fn registered(
        py: Python<'_>,
        (credentials, verifier): (cognito_srp6a::DeviceCredentials, DeviceVerifier),
    ) -> PyResult<(Self, Bound<'_, PyDict>)> {
        let config = PyDict::new(py);
        config.set_item("PasswordVerifier", verifier.password_verifier().as_str())?;
        config.set_item("Salt", verifier.salt())?;
        Ok((Self(credentials), config))
    }

    pub const fn inner(&self) -> &cognito_srp6a::DeviceCredentials {
        &self.0
    }
}

/// A device's sign-in that has been started and waits for its challenge.
///
/// Answering consumes it: a second answer raises `AlreadyAnsweredError`.
#[pyclass(frozen, module = "cognito_srp6a")]
pub struct DeviceSignIn {
    challenge_responses: Parameters,
    started: Started<cognito_srp6a::DeviceSignIn>,
}

impl DeviceSignIn {
    pub fn started(sign_in: cognito_srp6a::DeviceSignIn, start: DeviceSrpResponses) -> Self {
        Self { challenge_responses: wiped(start.into_pairs()), started: Started::new(sign_in) }
    }
}

#[pymethods]
impl DeviceSignIn {
    /// Answers `DEVICE_SRP_AUTH`. `username` is the `USERNAME` of the challenge `PASSWORD_VERIFIER` that came before, or else its
    /// `USER_ID_FOR_SRP`.
    #[new]
    #[pyo3(signature = (pool_id, client_id, username, credentials, client_secret=None))]
    fn new(
        py: Python<'_>,
        pool_id: Value<'_, '_>,
        client_id: Value<'_, '_>,
        username: Value<'_, '_>,
        credentials: &Bound<'_, DeviceCredentials>,
        client_secret: Option<Value<'_, '_>>,
    ) -> PyResult<Self> {
        let app = input::app(pool_id, client_id, client_secret)?;
        let username = input::username(username, Parameter::Username)?;
        let credentials = credentials.get().inner();
        let start = || cognito_srp6a::DeviceSignIn::start(&app, &username, credentials);
        let (sign_in, start) = py.detach(start).map_err(raise)?;
        Ok(Self::started(sign_in, start))
    }

    /// `ChallengeResponses` of `DEVICE_SRP_AUTH`: a new dictionary each time.
    #[getter]
    fn challenge_responses<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyDict>> {
        dictionary(py, &self.challenge_responses)
    }

    /// Answers `DEVICE_PASSWORD_VERIFIER`: returns the `ChallengeResponses` of `RespondToAuthChallenge`. `now` is as for `UserSignIn`.
    #[pyo3(signature = (challenge_parameters, now=None))]
    fn answer<'py>(
        &self,
        py: Python<'py>,
        challenge_parameters: Value<'_, '_>,
        now: Option<Value<'_, '_>>,
    ) -> PyResult<Bound<'py, PyDict>> {
        let parameters = input::parameters(challenge_parameters, "challenge_parameters", input::DEVICE_CHALLENGE)?;
        let now = input::timestamp(now)?;
        let challenge = DeviceChallenge::from_parameters(&parameters).map_err(raise)?;
        let sign_in = self.started.take()?;
        let claim = py.detach(|| sign_in.answer(challenge, now)).map_err(raise)?;
        message(py, claim.into_pairs())
    }
}
