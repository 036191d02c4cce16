//! What Python hands over. Secrets are copied into memory that is wiped.

use std::borrow::Cow;
use std::mem;
use std::str;
use std::time::Duration;

use cognito_srp6a::{AppClient, ClientSecret, Device, Error, Parameter, Password, SecretBlock, Timestamp, Username};
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use pyo3::types::{PyByteArray, PyBytes, PyDateTime, PyDelta, PyDeltaAccess as _, PyDict, PyString, PyTzInfo};
use zeroize::Zeroizing;

use crate::error::{naive_datetime, not_unicode, raise, wrong_type};

/// A value of Python.
pub type Value<'a, 'py> = &'a Bound<'py, PyAny>;

/// The parameters of a message, wiped on drop: some are credentials.
pub type Parameters = Vec<(&'static str, Zeroizing<String>)>;

/// The parameters that are read from a message, under their names there.
pub type Names = [(&'static str, Parameter)];

/// The `ChallengeParameters` of `PASSWORD_VERIFIER`.
pub const PASSWORD_CHALLENGE: &Names = &[
    ("USER_ID_FOR_SRP", Parameter::UserIdForSrp),
    ("USERNAME", Parameter::Username),
    ("SALT", Parameter::Salt),
    ("SRP_B", Parameter::SrpB),
    ("SECRET_BLOCK", Parameter::SecretBlock),
];

/// The `ChallengeParameters` of `DEVICE_PASSWORD_VERIFIER`.
pub const DEVICE_CHALLENGE: &Names = &[
    ("USERNAME", Parameter::Username),
    ("DEVICE_KEY", Parameter::DeviceKey),
    ("SALT", Parameter::Salt),
    ("SRP_B", Parameter::SrpB),
    ("SECRET_BLOCK", Parameter::SecretBlock),
];

/// The first message of a user or a device.
pub const START: &Names = &[
    ("USERNAME", Parameter::Username),
    ("SRP_A", Parameter::SrpA),
    ("SECRET_HASH", Parameter::SecretHash),
    ("DEVICE_KEY", Parameter::DeviceKey),
];

/// The claim of a user or a device.
pub const CLAIM: &Names = &[
    ("USERNAME", Parameter::Username),
    ("PASSWORD_CLAIM_SIGNATURE", Parameter::PasswordClaimSignature),
    ("PASSWORD_CLAIM_SECRET_BLOCK", Parameter::SecretBlock),
    ("TIMESTAMP", Parameter::Timestamp),
    ("SECRET_HASH", Parameter::SecretHash),
    ("DEVICE_KEY", Parameter::DeviceKey),
];

/// The service has no longer text, so what is longer is refused before it is copied.
const MAX_CHARS: usize = SecretBlock::MAX_TEXT;

/// Reads a text that is no secret.
pub fn text(value: Value<'_, '_>, parameter: Parameter) -> PyResult<String> {
    let text = value.cast::<PyString>().map_err(|_| wrong_type(parameter.name(), "a str"))?;
    if text.code_point_len()? > MAX_CHARS {
        return Err(raise(Error::TooLong(parameter)));
    }
    // Python's own error would hold the text.
    text.to_cow().map(Cow::into_owned).map_err(|_| not_unicode(parameter))
}

/// Reads the parameters of a message. What else is in the dictionary is not looked at.
pub fn parameters(value: Value<'_, '_>, argument: &str, names: &Names) -> PyResult<Parameters> {
    let dictionary = value.cast::<PyDict>().map_err(|_| wrong_type(argument, "a dict"))?;
    let mut parameters = Vec::with_capacity(names.len());
    for &(name, parameter) in names {
        if let Some(value) = dictionary.get_item(name)? {
            parameters.push((name, Zeroizing::new(text(&value, parameter)?)));
        }
    }
    Ok(parameters)
}

/// Reads a password: a `str`, `bytes` or a `bytearray`, in UTF-8.
pub fn password(value: Value<'_, '_>) -> PyResult<Password> {
    let mut text = secret(value, Parameter::Password, Password::MAX_CHARS)?;
    Password::new(mem::take(&mut *text)).map_err(raise)
}

/// Reads the names of an app client and its secret, if it has one.
pub fn app(
    pool_id: Value<'_, '_>,
    client_id: Value<'_, '_>,
    client_secret: Option<Value<'_, '_>>,
) -> PyResult<AppClient> {
    let pool_id = text(pool_id, Parameter::UserPoolId)?.parse().map_err(raise)?;
    let app = AppClient::new(pool_id, text(client_id, Parameter::ClientId)?).map_err(raise)?;
    let Some(value) = client_secret else { return Ok(app) };
    let mut text = secret(value, Parameter::ClientSecret, *ClientSecret::CHARS.end())?;
    Ok(app.with_secret(ClientSecret::new(mem::take(&mut *text)).map_err(raise)?))
}

/// Reads the name of a user.
pub fn username(value: Value<'_, '_>, parameter: Parameter) -> PyResult<Username> {
    Username::new(text(value, parameter)?).map_err(raise)
}

/// Reads the names of a device.
pub fn device(device_key: Value<'_, '_>, device_group_key: Value<'_, '_>) -> PyResult<Device> {
    let key = text(device_key, Parameter::DeviceKey)?.parse().map_err(raise)?;
    Device::new(key, text(device_group_key, Parameter::DeviceGroupKey)?).map_err(raise)
}

/// Reads an aware `datetime`, rounded down to the second, or the system's clock where there is none.
pub fn timestamp(value: Option<Value<'_, '_>>) -> PyResult<Timestamp> {
    let Some(value) = value else { return Timestamp::now().map_err(raise) };
    let now = value.cast::<PyDateTime>().map_err(|_| wrong_type("now", "a datetime"))?;
    if now.call_method0("utcoffset")?.is_none() {
        return Err(naive_datetime());
    }
    let utc = PyTzInfo::utc(now.py())?;
    let epoch = PyDateTime::new(now.py(), 1970, 1, 1, 0, 0, 0, 0, Some(&utc))?;
    let since = now.sub(epoch)?.cast_into::<PyDelta>().map_err(|_| wrong_type("now", "a datetime"))?;
    let seconds = i64::from(since.get_days()) * 86_400 + i64::from(since.get_seconds());
    Timestamp::from_unix_seconds(seconds).map_err(raise)
}

/// Reads a number of seconds.
pub fn seconds(value: Value<'_, '_>) -> PyResult<Duration> {
    let seconds: u64 = value.extract().map_err(|_| PyValueError::new_err("max_age is not a number of seconds"))?;
    Ok(Duration::from_secs(seconds))
}

/// Copies a secret text into memory that is wiped.
fn secret(value: Value<'_, '_>, parameter: Parameter, max_chars: usize) -> PyResult<Zeroizing<String>> {
    if let Ok(text) = value.cast::<PyString>() {
        return secret_of_characters(text, parameter, max_chars);
    }
    let bytes = if let Ok(bytes) = value.cast::<PyBytes>() {
        check_bytes(bytes.as_bytes().len(), parameter, max_chars)?;
        Cow::Borrowed(bytes.as_bytes())
    } else if let Ok(bytes) = value.cast::<PyByteArray>() {
        check_bytes(bytes.len(), parameter, max_chars)?;
        Cow::Owned(bytes.to_vec())
    } else {
        return Err(wrong_type(parameter.name(), "a str, bytes or a bytearray"));
    };
    let text = str::from_utf8(&bytes).map(|text| Zeroizing::new(text.into())).map_err(|_| not_unicode(parameter));
    if let Cow::Owned(bytes) = bytes {
        drop(Zeroizing::new(bytes));
    }
    text
}

/// A character has at most four bytes.
fn check_bytes(bytes: usize, parameter: Parameter, max_chars: usize) -> PyResult<()> {
    if bytes > 4 * max_chars { Err(raise(Error::TooLong(parameter))) } else { Ok(()) }
}

/// Copies a `str` character by character. In the limited API of 3.9 the way to its UTF-8 at once is through a `bytes` object, which
/// Python would free without wiping it. Of a character it keeps no copy that is next to another.
fn secret_of_characters(
    text: &Bound<'_, PyString>,
    parameter: Parameter,
    max_chars: usize,
) -> PyResult<Zeroizing<String>> {
    let length = text.code_point_len()?;
    if length > max_chars {
        return Err(raise(Error::TooLong(parameter)));
    }
    // It never grows, so no part of it is left where it was before.
    let mut out = Zeroizing::new(String::with_capacity(4 * length));
    for character in text.try_iter()?.take(length) {
        out.push(character?.extract::<char>().map_err(|_| not_unicode(parameter))?);
    }
    Ok(out)
}
