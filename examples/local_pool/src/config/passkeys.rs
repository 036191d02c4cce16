//! The table `[passkeys]`.

use std::ops::RangeInclusive;

use serde::Deserialize;

/// `RelyingPartyIdType` of the service's model, in characters.
const ID_LENGTH: RangeInclusive<usize> = 1..=127;

/// Passkeys, under the names of the service's `WebAuthnConfiguration`.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Passkeys {
    pub relying_party_id: RelyingPartyId,
    pub user_verification: UserVerification,
    pub factor_configuration: FactorConfiguration,
}

/// The domain that passkeys belong to.
#[derive(Clone, Debug, Deserialize)]
#[serde(try_from = "String")]
pub struct RelyingPartyId(String);

/// Whether the authenticator must check who holds it, for example by a fingerprint.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum UserVerification {
    #[default]
    Preferred,
    Required,
}

/// Whether a passkey with user verification stands for the second factor too.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum FactorConfiguration {
    #[default]
    SingleFactor,
    MultiFactorWithUserVerification,
}

impl RelyingPartyId {
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl Default for RelyingPartyId {
    fn default() -> Self {
        Self("localhost".to_owned())
    }
}

impl TryFrom<String> for RelyingPartyId {
    type Error = &'static str;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        let is_label = |label: &str| {
            let is_plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
            !label.is_empty() && !label.starts_with('-') && !label.ends_with('-') && label.bytes().all(is_plain)
        };
        // The last label of an address is a number.
        let is_domain = text.split('.').all(is_label) && !text.ends_with(|last: char| last.is_ascii_digit());
        if is_domain && ID_LENGTH.contains(&text.len()) {
            Ok(Self(text))
        } else {
            Err("a relying_party_id is a domain in lower case, without a scheme and a port")
        }
    }
}
