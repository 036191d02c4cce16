//! Attributes of users: their names, who may write them, and their claims in an ID token.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use super::refusal::{self, Result};

pub type Attributes = BTreeMap<String, String>;

/// The service's attributes of `OpenID Connect`; all others begin with `custom:`. None has the name of another claim in a
/// token.
const STANDARD: [&str; 19] = [
    "address",
    "birthdate",
    "email",
    "email_verified",
    "family_name",
    "gender",
    "given_name",
    "locale",
    "middle_name",
    "name",
    "nickname",
    "phone_number",
    "phone_number_verified",
    "picture",
    "preferred_username",
    "profile",
    "updated_at",
    "website",
    "zoneinfo",
];

/// The boolean attributes. Applications trust them, so only an administrator may write them.
const VERIFIED: [&str; 2] = ["email_verified", "phone_number_verified"];

/// `AttributeNameType` of the service's model.
const MAX_NAME_CHARS: usize = 32;

/// `AttributeValueType` of the service's model.
pub const MAX_VALUE_CHARS: usize = 2048;

/// The service's quota for a pool. Here it applies to each user.
const MAX_CUSTOM: usize = 50;

/// The caller that writes attributes.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Writer {
    User,
    Administrator,
}

/// Refuses attributes that the service does not accept from this writer.
pub fn check(attributes: &Attributes, writer: Writer) -> Result<()> {
    for (name, value) in attributes {
        if name.chars().count() > MAX_NAME_CHARS {
            return Err(refusal::too_long("userAttributes.member.name", MAX_NAME_CHARS));
        }
        if value.chars().count() > MAX_VALUE_CHARS {
            return Err(refusal::too_long("userAttributes.member.value", MAX_VALUE_CHARS));
        }
        let named =
            |what| Err(refusal::invalid_parameter(format!("Attributes did not conform to the schema: {name}: {what}")));
        if !is_custom(name) && !STANDARD.contains(&name.as_str()) {
            return named("Attribute does not exist in the schema.");
        }
        if VERIFIED.contains(&name.as_str()) {
            if writer == Writer::User {
                return Err(refusal::denied("A client attempted to write unauthorized attribute"));
            }
            if boolean(value).is_none() {
                return named("Attribute must be true or false.");
            }
        }
    }
    Ok(())
}

/// Refuses more custom attributes than the service keeps.
pub fn check_count(attributes: &Attributes) -> Result<()> {
    if attributes.keys().filter(|name| is_custom(name)).count() > MAX_CUSTOM {
        return Err(refusal::invalid_parameter(format!("A user has at most {MAX_CUSTOM} custom attributes.")));
    }
    Ok(())
}

/// Returns an upper estimate of the memory of attributes, in bytes.
pub fn bytes(attributes: &Attributes) -> usize {
    attributes.iter().map(|(name, value)| 100 + name.len() + value.len()).sum()
}

/// Returns the claims for attributes in an ID token.
pub fn claims(attributes: &Attributes) -> Map<String, Value> {
    let claim = |(name, value): (&String, &String)| {
        let verified = boolean(value).filter(|_| VERIFIED.contains(&name.as_str()));
        (name.clone(), verified.map_or_else(|| value.as_str().into(), Value::Bool))
    };
    attributes.iter().map(claim).collect()
}

fn is_custom(name: &str) -> bool {
    name.starts_with("custom:")
}

fn boolean(value: &str) -> Option<bool> {
    value.to_ascii_lowercase().parse().ok()
}
