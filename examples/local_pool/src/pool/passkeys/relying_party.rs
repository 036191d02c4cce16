//! The relying party of `WebAuthn` Level 3: what authenticators are asked, and the check of what they say.

use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use cognito_srp6a::Error;
use cognito_srp6a::idp::ServiceError;
use ring::rand::SystemRandom;
use ring::signature::{ECDSA_P256_SHA256_ASN1_SIGNING, EcdsaKeyPair, KeyPair as _};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use url::Url;
use webauthn_rs_core::WebauthnCore;
use webauthn_rs_core::error::WebauthnError;
use webauthn_rs_core::proto::{
    AllowCredentials, AuthenticationResult, AuthenticationState, AuthenticatorTransport, COSEAlgorithm, COSEEC2Key,
    COSEKey, COSEKeyType, Credential, CredentialV3, ECDSACurve, ParsedAttestation, PublicKeyCredential,
    PublicKeyCredentialRequestOptions, RegisterPublicKeyCredential, RegistrationState, UserVerificationPolicy,
};

use super::MAX_CREDENTIAL;
use crate::config::{self, UserVerification};
use crate::pool::refusal::{self, Result};
use crate::pool::state::SESSION_SECONDS;

/// The time that a browser has for a registration, as the service gives it.
const REGISTRATION_TIME: Duration = Duration::from_secs(60);

/// The longest id of a credential, in bytes (`WebAuthn` §4, "credential ID").
const MAX_ID: usize = 1023;

pub struct RelyingParty {
    core: WebauthnCore,
    id: String,
    verification: UserVerificationPolicy,
    /// What is verified if the user has no such passkey. Nobody knows its private key.
    decoy: Credential,
}

/// `RegistrationResponseJSON`.
pub struct Registered {
    credential: RegisterPublicKeyCredential,
    client_data: ClientData,
    attachment: Option<String>,
}

/// `AuthenticationResponseJSON`.
pub struct Asserted {
    credential: PublicKeyCredential,
    client_data: ClientData,
}

/// What the library does not look at, or looks at only later.
#[derive(Deserialize)]
struct ClientData {
    challenge: String,
    #[serde(default, rename = "crossOrigin")]
    cross_origin: Option<bool>,
}

impl RelyingParty {
    pub fn new(options: &config::Passkeys) -> Result<Self> {
        let id = options.relying_party_id.as_str();
        let schemes: &[_] = if id == "localhost" { &["https", "http"] } else { &["https"] };
        let origin = |scheme: &&str| {
            let parsed = Url::parse(&format!("{scheme}://{id}"));
            parsed.map_err(|_| refusal::invalid_parameter("relying_party_id is no domain"))
        };
        let origins = schemes.iter().map(origin).collect::<Result<_>>()?;
        let verification = match options.user_verification {
            UserVerification::Preferred => UserVerificationPolicy::Preferred,
            UserVerification::Required => UserVerificationPolicy::Required,
        };
        let core = WebauthnCore::new_unsafe_experts_only(id, id, origins, REGISTRATION_TIME, Some(true), Some(true));
        Ok(Self { core, id: id.to_owned(), verification, decoy: decoy()? })
    }

    pub fn id(&self) -> &str {
        &self.id
    }

    /// Returns `PublicKeyCredentialCreationOptionsJSON` for a user, and what the check of the answer needs.
    pub fn creation_options(
        &self,
        sub: &str,
        username: &str,
        registered: Vec<Vec<u8>>,
    ) -> Result<(Value, RegistrationState)> {
        let builder = self.core.new_challenge_register_builder(sub.as_bytes(), username, username);
        let builder = builder.map_err(|error| refused(&error))?;
        let builder = builder
            .credential_algorithms(vec![COSEAlgorithm::ES256, COSEAlgorithm::RS256])
            .user_verification_policy(self.verification)
            .require_resident_key(true)
            .exclude_credentials(Some(registered));
        let (options, state) = self.core.generate_challenge_register(builder).map_err(|error| refused(&error))?;
        Ok((serde_json::to_value(&options.public_key).expect("texts and numbers"), state))
    }

    /// Verifies a registration.
    pub fn register(&self, registered: &Registered, state: &RegistrationState) -> Result<Credential> {
        let credential = self.core.register_credential(&registered.credential, state, None);
        let mut credential = credential.map_err(|error| refused(&error))?;
        if credential.cred_id.len() > MAX_ID {
            return Err(unsupported());
        }
        if credential.cred_id != registered.credential.raw_id {
            return Err(malformed());
        }
        // Nobody asks for the attestation again, and its certificates take memory.
        credential.attestation = ParsedAttestation::default();
        credential.transports = None;
        // The library would ask those for user verification who had it once. The service asks those who must have it.
        credential.registration_policy = UserVerificationPolicy::Discouraged_DO_NOT_USE;
        Ok(credential)
    }

    /// Returns `PublicKeyCredentialRequestOptionsJSON`.
    pub fn request_options(&self, challenge: &[u8], ids: Vec<Vec<u8>>) -> String {
        let allowed = |id| AllowCredentials { type_: "public-key".to_owned(), id, transports: None };
        let options = PublicKeyCredentialRequestOptions {
            challenge: challenge.to_vec(),
            timeout: u32::try_from(1000 * SESSION_SECONDS).ok(),
            rp_id: self.id.clone(),
            allow_credentials: ids.into_iter().map(allowed).collect(),
            user_verification: self.verification,
            hints: None,
            extensions: None,
        };
        serde_json::to_string(&options).expect("texts and numbers")
    }

    /// Verifies an assertion. Without a credential it does the same work and refuses.
    ///
    /// The library refuses a counter that does not rise, unless both are 0.
    pub fn verify(
        &self,
        asserted: &Asserted,
        challenge: &[u8],
        credential: Option<&Credential>,
    ) -> Option<AuthenticationResult> {
        // The library makes this state with a challenge of its own. Here the session makes the challenge.
        let state: AuthenticationState = serde_json::from_value(json!({
            "credentials": [], "policy": self.verification, "challenge": URL_SAFE_NO_PAD.encode(challenge), "appid": null,
            "allow_backup_eligible_upgrade": false,
        }))
        .expect("the library's own form");
        let decoy = Credential { cred_id: asserted.credential.raw_id.clone(), ..self.decoy.clone() };
        let verified =
            self.core.authenticate_single_credential(&asserted.credential, &state, credential.unwrap_or(&decoy));
        let is_here = asserted.client_data.cross_origin != Some(true);
        verified.ok().filter(|_| credential.is_some() && is_here)
    }
}

impl Registered {
    pub fn read(text: &str) -> Result<Self> {
        #[derive(Deserialize)]
        #[serde(rename_all = "camelCase")]
        struct Rest {
            #[serde(default)]
            authenticator_attachment: Option<String>,
        }
        let credential: RegisterPublicKeyCredential = read(text)?;
        check(&credential.type_, &credential.id, &credential.raw_id)?;
        let client_data = ClientData::read(&credential.response.client_data_json)?;
        Ok(Self { credential, client_data, attachment: read::<Rest>(text)?.authenticator_attachment })
    }

    /// Returns the challenge that it answers, in Base64 as the options have it.
    pub fn challenge(&self) -> &str {
        &self.client_data.challenge
    }

    /// Returns the known ways to the authenticator, each once and in the spelling of `WebAuthn`.
    pub fn transports(&self) -> Vec<Value> {
        let mut transports = Vec::new();
        let named = self.credential.response.transports.iter().flatten();
        for transport in named.filter(|transport| **transport != AuthenticatorTransport::Unknown) {
            let name = serde_json::to_value(transport).expect("a text");
            if !transports.contains(&name) {
                transports.push(name);
            }
        }
        transports
    }

    pub fn attachment(&self) -> Option<&'static str> {
        ["platform", "cross-platform"].into_iter().find(|name| self.attachment.as_deref() == Some(name))
    }
}

impl Asserted {
    pub fn read(text: &str) -> Result<Self> {
        let credential: PublicKeyCredential = read(text)?;
        check(&credential.type_, &credential.id, &credential.raw_id)?;
        let client_data = ClientData::read(&credential.response.client_data_json)?;
        Ok(Self { credential, client_data })
    }

    /// Returns the id of the passkey, in Base64.
    pub fn id(&self) -> &str {
        &self.credential.id
    }

    /// Returns the user's handle, if the authenticator says it.
    pub fn user_handle(&self) -> Option<&[u8]> {
        self.credential.response.user_handle.as_deref()
    }
}

impl ClientData {
    fn read(bytes: &[u8]) -> Result<Self> {
        serde_json::from_slice(bytes).map_err(|_| malformed())
    }
}

/// Makes a credential of a new key.
fn decoy() -> Result<Credential> {
    let random = SystemRandom::new();
    let algorithm = &ECDSA_P256_SHA256_ASN1_SIGNING;
    let key = EcdsaKeyPair::generate_pkcs8(algorithm, &random)
        .and_then(|key| {
            EcdsaKeyPair::from_pkcs8(algorithm, key.as_ref(), &random).map_err(|_| ring::error::Unspecified)
        })
        .map_err(|_| Error::RandomSource)?;
    // SEC 1 §2.3.3: 04, x, y.
    let (x, y) = key.public_key().as_ref()[1..].split_at(32);
    let key = COSEKeyType::EC_EC2(COSEEC2Key { curve: ECDSACurve::SECP256R1, x: x.to_vec(), y: y.to_vec() });
    Ok(CredentialV3 {
        cred_id: Vec::new(),
        cred: COSEKey { type_: COSEAlgorithm::ES256, key },
        counter: 0,
        verified: false,
        registration_policy: UserVerificationPolicy::Discouraged_DO_NOT_USE,
    }
    .into())
}

fn read<T: DeserializeOwned>(text: &str) -> Result<T> {
    if text.len() > MAX_CREDENTIAL {
        return Err(refusal::invalid_parameter(format!("A credential has at most {MAX_CREDENTIAL} bytes.")));
    }
    serde_json::from_str(text).map_err(|_| malformed())
}

/// Checks what the library leaves to the client.
fn check(kind: &str, id: &str, raw_id: &[u8]) -> Result<()> {
    if kind == "public-key" && id == URL_SAFE_NO_PAD.encode(raw_id) { Ok(()) } else { Err(malformed()) }
}

fn malformed() -> ServiceError {
    refusal::invalid_parameter("The credential is malformed.")
}

fn unsupported() -> ServiceError {
    ServiceError::new("WebAuthnCredentialNotSupportedException", "The authenticator is not supported.")
}

/// Returns the service's error for a refused registration.
fn refused(error: &WebauthnError) -> ServiceError {
    match error {
        WebauthnError::InvalidRPOrigin | WebauthnError::CredentialCrossOrigin => {
            ServiceError::new("WebAuthnOriginNotAllowedException", "The origin is not allowed.")
        }
        WebauthnError::InvalidRPIDHash => {
            ServiceError::new("WebAuthnRelyingPartyMismatchException", "The passkey is for another relying party.")
        }
        WebauthnError::InvalidClientDataType
        | WebauthnError::MissingAttestationCredentialData
        | WebauthnError::ParseBase64Failure(_)
        | WebauthnError::ParseCBORFailure(_)
        | WebauthnError::ParseJSONFailure(_)
        | WebauthnError::ParseNOMFailure
        | WebauthnError::ParseInsufficientBytesAvailable => malformed(),
        _ => unsupported(),
    }
}
