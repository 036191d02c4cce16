//! Parameters of requests.

use cognito_srp6a::idp::ParameterMap;
use cognito_srp6a::{DeviceKey, ParameterSource, SrpA, Username};

use super::refusal::{self, Result};

/// Returns a required parameter.
pub fn required<'a, P: ParameterSource + ?Sized>(parameters: &'a P, name: &str) -> Result<&'a str> {
    parameters.parameter(name).ok_or_else(|| refusal::missing(name))
}

/// Reads `USERNAME`. Its length is bounded, because answers repeat it and sessions may keep it.
pub fn username(parameters: &ParameterMap) -> Result<&str> {
    check_name(required(parameters, "USERNAME")?)
}

/// Refuses a text that breaks the rules for user names.
pub fn check_name(text: &str) -> Result<&str> {
    name(text).map(|_| text)
}

/// Parses a user's name.
pub fn name(text: &str) -> Result<Username> {
    Ok(Username::new(text)?)
}

/// Reads `SRP_A`.
pub fn srp_a(parameters: &ParameterMap) -> Result<SrpA> {
    Ok(required(parameters, "SRP_A")?.parse()?)
}

/// Reads `DEVICE_KEY` if it is present.
pub fn device_key(parameters: &ParameterMap) -> Result<Option<DeviceKey>> {
    Ok(parameters.parameter("DEVICE_KEY").map(str::parse).transpose()?)
}
