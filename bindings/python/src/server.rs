//! The server's half, for tests and emulators (`cognito_srp6a.server`).

use cognito_srp6a::{
    Device, DeviceSrpResponses, DeviceVerifier, Error, Parameter, PasswordClaim, Salt, SrpAuthParameters, server,
};
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyDict};
use zeroize::{Zeroize as _, Zeroizing};

use crate::client::app_of_any_pool;
use crate::error::{raise, wrong_type};
use crate::input::{self, Value};
use crate::output::message;

/// A user's salt and verifier, which a server stores in place of the password.
#[pyclass(frozen, module = "cognito_srp6a.server")]
pub struct UserRecord(server::UserRecord);

#[pymethods]
impl UserRecord {
    /// Makes a record with a random salt. `user_id` is what the pool sends as `USER_ID_FOR_SRP`.
    #[staticmethod]
    fn from_password(
        py: Python<'_>,
        pool_id: Value<'_, '_>,
        user_id: Value<'_, '_>,
        password: Value<'_, '_>,
    ) -> PyResult<Self> {
        let pool_id = input::text(pool_id, Parameter::UserPoolId)?.parse().map_err(raise)?;
        let user_id = input::username(user_id, Parameter::UserIdForSrp)?;
        let password = input::password(password)?;
        py.detach(|| server::UserRecord::from_password(&pool_id, &user_id, &password)).map(Self).map_err(raise)
    }

    /// Restores a stored record. `salt` is hex, `verifier` 384 bytes.
    #[staticmethod]
    fn from_parts(
        pool_id: Value<'_, '_>,
        user_id: Value<'_, '_>,
        salt: Value<'_, '_>,
        verifier: Value<'_, '_>,
    ) -> PyResult<Self> {
        let pool_id = input::text(pool_id, Parameter::UserPoolId)?.parse().map_err(raise)?;
        let user_id = input::username(user_id, Parameter::UserIdForSrp)?;
        let salt: Salt = input::text(salt, Parameter::Salt)?.parse().map_err(raise)?;
        let verifier = verifier.cast::<PyBytes>().map_err(|_| wrong_type("PasswordVerifier", "bytes"))?;
        let verifier: &[u8; 384] = verifier.as_bytes().try_into().map_err(|_| wrong_length(verifier))?;
        server::UserRecord::from_parts(&pool_id, &user_id, salt, verifier).map(Self).map_err(raise)
    }

    /// Checks a password that a client has sent, in constant time. Raises `NotAuthorizedError` for a wrong one.
    fn verify_password(&self, py: Python<'_>, password: Value<'_, '_>) -> PyResult<()> {
        let password = input::password(password)?;
        py.detach(|| self.0.verify_password(&password)).map_err(raise)
    }

    /// `USER_ID_FOR_SRP`.
    #[getter]
    fn user_id(&self) -> &str {
        self.0.user_id().as_str()
    }

    /// The salt in hex, to be stored.
    #[getter]
    fn salt(&self) -> String {
        self.0.salt().to_string()
    }

    /// The verifier in 384 bytes, to be stored: a secret of the server, which Python does not wipe.
    fn expose_verifier<'py>(&self, py: Python<'py>) -> Bound<'py, PyBytes> {
        PyBytes::new(py, &*Zeroizing::new(self.0.expose_verifier()))
    }
}

fn wrong_length(verifier: &Bound<'_, PyBytes>) -> PyErr {
    let parameter = Parameter::PasswordVerifier;
    raise(if verifier.as_bytes().len() > 384 { Error::TooLong(parameter) } else { Error::Malformed(parameter) })
}

/// A device's salt and verifier, as `ConfirmDevice` has brought them, and its names.
#[pyclass(frozen, module = "cognito_srp6a.server")]
pub struct DeviceRecord(server::DeviceRecord);

#[pymethods]
impl DeviceRecord {
    /// Reads `PasswordVerifier` and `Salt` of a `DeviceSecretVerifierConfig`.
    #[new]
    fn new(
        device_key: Value<'_, '_>,
        device_group_key: Value<'_, '_>,
        device_secret_verifier_config: Value<'_, '_>,
    ) -> PyResult<Self> {
        let device: Device = input::device(device_key, device_group_key)?;
        let names = [("PasswordVerifier", Parameter::PasswordVerifier), ("Salt", Parameter::Salt)];
        let config = input::parameters(device_secret_verifier_config, "device_secret_verifier_config", &names)?;
        let find = |(name, parameter)| {
            let found = config.iter().find(|(found, _)| *found == name).map(|(_, value)| value.as_str());
            found.ok_or_else(|| raise(Error::Missing(parameter)))
        };
        let verifier = DeviceVerifier::from_base64(find(names[0])?, find(names[1])?).map_err(raise)?;
        Ok(Self(server::DeviceRecord::new(device, verifier)))
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
}

/// The key of a server that stores nothing between challenge and claim.
#[pyclass(frozen, module = "cognito_srp6a.server")]
pub struct ServerKey(server::ServerKey);

#[pymethods]
impl ServerKey {
    /// Draws a key.
    #[staticmethod]
    fn generate() -> PyResult<Self> {
        server::ServerKey::generate().map(Self).map_err(raise)
    }

    /// Takes a key of 32 random bytes.
    #[staticmethod]
    fn from_bytes(key: Value<'_, '_>) -> PyResult<Self> {
        let key = key.cast::<PyBytes>().map_err(|_| wrong_type("key", "bytes"))?;
        let mut bytes: [u8; 32] = key.as_bytes().try_into().map_err(|_| wrong_type("key", "32 bytes"))?;
        let made = server::ServerKey::from_bytes(bytes).map(Self).map_err(raise);
        bytes.zeroize();
        made
    }

    /// The key, to be stored as a secret. Python does not wipe it.
    fn expose_bytes<'py>(&self, py: Python<'py>) -> Bound<'py, PyBytes> {
        PyBytes::new(py, self.0.expose_bytes())
    }

    /// Makes the `ChallengeParameters` of `PASSWORD_VERIFIER` for a client's `AuthParameters`.
    #[pyo3(signature = (record, auth_parameters, now=None))]
    fn challenge<'py>(
        &self,
        py: Python<'py>,
        record: &Bound<'_, UserRecord>,
        auth_parameters: Value<'_, '_>,
        now: Option<Value<'_, '_>>,
    ) -> PyResult<Bound<'py, PyDict>> {
        let parameters = input::parameters(auth_parameters, "auth_parameters", input::START)?;
        let start = SrpAuthParameters::from_parameters(&parameters).map_err(raise)?;
        let (record, now) = (&record.get().0, input::timestamp(now)?);
        let challenge = py.detach(|| self.0.challenge(record, start.srp_a(), now)).map_err(raise)?;
        message(py, challenge.into_pairs())
    }

    /// Makes the `ChallengeParameters` of `DEVICE_PASSWORD_VERIFIER` for the `ChallengeResponses` of `DEVICE_SRP_AUTH`.
    #[pyo3(signature = (record, challenge_responses, now=None))]
    fn device_challenge<'py>(
        &self,
        py: Python<'py>,
        record: &Bound<'_, DeviceRecord>,
        challenge_responses: Value<'_, '_>,
        now: Option<Value<'_, '_>>,
    ) -> PyResult<Bound<'py, PyDict>> {
        let parameters = input::parameters(challenge_responses, "challenge_responses", input::START)?;
        let start = DeviceSrpResponses::from_parameters(&parameters).map_err(raise)?;
        let (record, now) = (&record.get().0, input::timestamp(now)?);
        let challenge = py.detach(|| self.0.device_challenge(record, &start, now)).map_err(raise)?;
        message(py, challenge.into_pairs())
    }

    /// Checks a user's claim. `max_age` is the greatest age of challenge and claim in seconds. Raises `NotAuthorizedError`.
    ///
    /// It does not check `USERNAME`, `SECRET_HASH` and `DEVICE_KEY`.
    #[pyo3(signature = (record, challenge_responses, now=None, max_age=None))]
    fn verify(
        &self,
        py: Python<'_>,
        record: &Bound<'_, UserRecord>,
        challenge_responses: Value<'_, '_>,
        now: Option<Value<'_, '_>>,
        max_age: Option<Value<'_, '_>>,
    ) -> PyResult<()> {
        let (claim, now, max_age) = claim(challenge_responses, now, max_age)?;
        let record = &record.get().0;
        py.detach(|| self.0.verify(record, &claim, now, max_age)).map_err(raise)
    }

    /// Checks a device's claim, as `verify` checks a user's.
    #[pyo3(signature = (record, challenge_responses, now=None, max_age=None))]
    fn verify_device(
        &self,
        py: Python<'_>,
        record: &Bound<'_, DeviceRecord>,
        challenge_responses: Value<'_, '_>,
        now: Option<Value<'_, '_>>,
        max_age: Option<Value<'_, '_>>,
    ) -> PyResult<()> {
        let (claim, now, max_age) = claim(challenge_responses, now, max_age)?;
        let record = &record.get().0;
        py.detach(|| self.0.verify_device(record, &claim, now, max_age)).map_err(raise)
    }
}

/// Reads what both kinds of claims are checked with. Five minutes are the age where none is given.
fn claim(
    challenge_responses: Value<'_, '_>,
    now: Option<Value<'_, '_>>,
    max_age: Option<Value<'_, '_>>,
) -> PyResult<(PasswordClaim, cognito_srp6a::Timestamp, std::time::Duration)> {
    let parameters = input::parameters(challenge_responses, "challenge_responses", input::CLAIM)?;
    let claim = PasswordClaim::from_parameters(&parameters).map_err(raise)?;
    let max_age = max_age.map_or(Ok(std::time::Duration::from_secs(300)), input::seconds)?;
    Ok((claim, input::timestamp(now)?, max_age))
}

/// Checks the `SECRET_HASH` of a request in constant time. Raises `NotAuthorizedError` for a wrong one and `ParameterError` for none.
#[pyfunction]
pub fn verify_secret_hash(
    username: Value<'_, '_>,
    client_id: Value<'_, '_>,
    client_secret: Value<'_, '_>,
    presented: Option<Value<'_, '_>>,
) -> PyResult<()> {
    let app = app_of_any_pool(client_id, client_secret)?;
    let username = input::username(username, Parameter::Username)?;
    let presented = presented.map(|hash| input::text(hash, Parameter::SecretHash)).transpose()?;
    app.verify_secret_hash(&username, presented.as_deref()).map_err(raise)
}
