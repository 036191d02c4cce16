//! Chosen exponents and chosen randomness, for the vectors (feature `hazmat`).

use std::convert::Infallible;

use cognito_srp6a::{Parameter, hazmat};
use pyo3::prelude::*;
use pyo3::types::PyDict;
use rand::rand_core::utils::next_word_via_fill;
use rand::{TryCryptoRng, TryRng};

use crate::client::UserSignIn;
use crate::device::{DeviceCredentials, DeviceSignIn};
use crate::error::raise;
use crate::input::{self, Value};

/// Starts a user's sign-in with the exponent `a`, big-endian.
#[pyfunction]
#[pyo3(signature = (a, pool_id, client_id, username, client_secret=None))]
pub fn _start_user_sign_in(
    a: &[u8],
    pool_id: Value<'_, '_>,
    client_id: Value<'_, '_>,
    username: Value<'_, '_>,
    client_secret: Option<Value<'_, '_>>,
) -> PyResult<UserSignIn> {
    let app = input::app(pool_id, client_id, client_secret)?;
    let username = input::username(username, Parameter::Username)?;
    let (sign_in, start) = hazmat::start_user_sign_in(&app, &username, a).map_err(raise)?;
    Ok(UserSignIn::started(sign_in, start))
}

/// Starts a device's sign-in with the exponent `a`, big-endian.
#[pyfunction]
#[pyo3(signature = (a, pool_id, client_id, username, credentials, client_secret=None))]
pub fn _start_device_sign_in(
    a: &[u8],
    pool_id: Value<'_, '_>,
    client_id: Value<'_, '_>,
    username: Value<'_, '_>,
    credentials: &Bound<'_, DeviceCredentials>,
    client_secret: Option<Value<'_, '_>>,
) -> PyResult<DeviceSignIn> {
    let app = input::app(pool_id, client_id, client_secret)?;
    let username = input::username(username, Parameter::Username)?;
    let started = hazmat::start_device_sign_in(&app, &username, credentials.get().inner(), a);
    let (sign_in, start) = started.map_err(raise)?;
    Ok(DeviceSignIn::started(sign_in, start))
}

/// Registers a device with random bytes that are given: those of the password, then those of the salt.
#[pyfunction]
pub fn _register_device<'py>(
    py: Python<'py>,
    random: &[u8],
    device_key: Value<'_, '_>,
    device_group_key: Value<'_, '_>,
) -> PyResult<(DeviceCredentials, Bound<'py, PyDict>)> {
    let device = input::device(device_key, device_group_key)?;
    let registered = cognito_srp6a::DeviceCredentials::register_with_rng(device, &mut Script(random));
    DeviceCredentials::registered(py, registered.map_err(raise)?)
}

/// Gives bytes out, and zeros after them.
struct Script<'a>(&'a [u8]);

impl TryRng for Script<'_> {
    type Error = Infallible;

    fn try_next_u32(&mut self) -> Result<u32, Infallible> {
        next_word_via_fill(self)
    }

    fn try_next_u64(&mut self) -> Result<u64, Infallible> {
        next_word_via_fill(self)
    }

    fn try_fill_bytes(&mut self, out: &mut [u8]) -> Result<(), Infallible> {
        let (now, later) = self.0.split_at(out.len().min(self.0.len()));
        out[..now.len()].copy_from_slice(now);
        out[now.len()..].fill(0);
        self.0 = later;
        Ok(())
    }
}

impl TryCryptoRng for Script<'_> {}
