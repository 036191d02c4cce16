//! An authenticator and its browser, in software. It says what the test wants, right or wrong.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ring::digest::{SHA256, digest};
use ring::rand::{SecureRandom as _, SystemRandom};
use ring::signature::{
    ECDSA_P256_SHA256_ASN1_SIGNING, EcdsaKeyPair, Ed25519KeyPair, KeyPair as _, RSA_PKCS1_SHA256, RsaKeyPair,
    RsaPublicKeyComponents,
};
use serde_json::{Value, json};

/// The flags of the authenticator data (`WebAuthn` §6.1).
pub const USER_PRESENT: u8 = 1;
pub const USER_VERIFIED: u8 = 1 << 2;
pub const BACKUP_ELIGIBLE: u8 = 1 << 3;
const ATTESTED: u8 = 1 << 6;

/// An RSA key, to test with. It is the one that signs the pool's tokens.
const RSA_KEY: &[u8] = include_bytes!("../../src/pool/signing_key.der");

pub struct Authenticator {
    key: Key,
    pub id: Vec<u8>,
}

enum Key {
    Es256(EcdsaKeyPair),
    Rs256(RsaKeyPair),
    Ed25519(Ed25519KeyPair),
}

/// A change of what is said.
pub type Change<'a> = &'a dyn Fn(&mut Said);

/// What the browser and the authenticator say.
pub struct Said {
    pub kind: &'static str,
    pub challenge: String,
    pub origin: String,
    pub cross_origin: Value,
    pub rp_id: String,
    pub flags: u8,
    pub counter: u32,
    pub user_handle: Option<Vec<u8>>,
    pub format: &'static str,
}

impl Authenticator {
    pub fn es256() -> Self {
        let random = SystemRandom::new();
        let algorithm = &ECDSA_P256_SHA256_ASN1_SIGNING;
        let pkcs8 = EcdsaKeyPair::generate_pkcs8(algorithm, &random).unwrap();
        Self::of(Key::Es256(EcdsaKeyPair::from_pkcs8(algorithm, pkcs8.as_ref(), &random).unwrap()))
    }

    pub fn rs256() -> Self {
        Self::of(Key::Rs256(RsaKeyPair::from_der(RSA_KEY).unwrap()))
    }

    pub fn ed25519() -> Self {
        let pkcs8 = Ed25519KeyPair::generate_pkcs8(&SystemRandom::new()).unwrap();
        Self::of(Key::Ed25519(Ed25519KeyPair::from_pkcs8(pkcs8.as_ref()).unwrap()))
    }

    fn of(key: Key) -> Self {
        let mut id = vec![0; 32];
        SystemRandom::new().fill(&mut id).unwrap();
        Self { key, id }
    }

    /// `RegistrationResponseJSON` for `CredentialCreationOptions`.
    pub fn create(&self, options: &Value) -> Value {
        self.create_but(options, |_| ())
    }

    /// The same with a change.
    pub fn create_but(&self, options: &Value, change: impl FnOnce(&mut Said)) -> Value {
        let mut said = Said::new("webauthn.create", options, &options["rp"]["id"]);
        said.flags |= ATTESTED;
        change(&mut said);
        let mut data = said.authenticator_data();
        // No AAGUID.
        data.extend([0; 16]);
        data.extend(u16::try_from(self.id.len()).unwrap().to_be_bytes());
        data.extend(&self.id);
        data.extend(self.key.cose());
        // {"fmt": "none", "attStmt": {}, "authData": …} in CBOR (RFC 8949).
        let object = [
            &b"\xa3\x63fmt"[..],
            &[0x60 + u8::try_from(said.format.len()).unwrap()],
            said.format.as_bytes(),
            b"\x67attStmt\xa0\x68authData\x59",
            &u16::try_from(data.len()).unwrap().to_be_bytes(),
            &data,
        ];
        json!({
            "id": encode(&self.id), "rawId": encode(&self.id), "type": "public-key",
            "authenticatorAttachment": "platform", "clientExtensionResults": {},
            "response": {
                "clientDataJSON": encode(said.client_data().as_bytes()),
                "attestationObject": encode(&object.concat()),
                "transports": ["internal", "smoke-signals", "hybrid", "internal"],
            },
        })
    }

    /// `AuthenticationResponseJSON` for `CREDENTIAL_REQUEST_OPTIONS`.
    pub fn get(&self, options: &Value) -> Value {
        self.get_but(options, |_| ())
    }

    /// The same with a change.
    pub fn get_but(&self, options: &Value, change: impl FnOnce(&mut Said)) -> Value {
        let mut said = Said::new("webauthn.get", options, &options["rpId"]);
        change(&mut said);
        let (data, client_data) = (said.authenticator_data(), said.client_data());
        let message = [&data[..], digest(&SHA256, client_data.as_bytes()).as_ref()].concat();
        json!({
            "id": encode(&self.id), "rawId": encode(&self.id), "type": "public-key",
            "authenticatorAttachment": "platform", "clientExtensionResults": {},
            "response": {
                "clientDataJSON": encode(client_data.as_bytes()),
                "authenticatorData": encode(&data),
                "signature": encode(&self.key.sign(&message)),
                "userHandle": said.user_handle.as_deref().map(encode),
            },
        })
    }
}

impl Key {
    /// `COSE_Key` (RFC 9053 §7, RFC 8230 §4) in CBOR.
    fn cose(&self) -> Vec<u8> {
        match self {
            Self::Es256(key) => {
                let (x, y) = key.public_key().as_ref()[1..].split_at(32);
                [b"\xa5\x01\x02\x03\x26\x20\x01\x21\x58\x20", x, b"\x22\x58\x20", y].concat()
            }
            Self::Rs256(key) => {
                let RsaPublicKeyComponents::<Vec<u8>> { n, e } = key.public().into();
                [b"\xa4\x01\x03\x03\x39\x01\x00\x20\x59\x01\x00", &n[..], b"\x21\x43", &e].concat()
            }
            Self::Ed25519(key) => [b"\xa4\x01\x01\x03\x27\x20\x06\x21\x58\x20", key.public_key().as_ref()].concat(),
        }
    }

    fn sign(&self, message: &[u8]) -> Vec<u8> {
        let random = SystemRandom::new();
        match self {
            Self::Es256(key) => key.sign(&random, message).unwrap().as_ref().to_vec(),
            Self::Rs256(key) => {
                let mut signature = vec![0; key.public().modulus_len()];
                key.sign(&RSA_PKCS1_SHA256, &random, message, &mut signature).unwrap();
                signature
            }
            Self::Ed25519(key) => key.sign(message).as_ref().to_vec(),
        }
    }
}

impl Said {
    fn new(kind: &'static str, options: &Value, rp_id: &Value) -> Self {
        Self {
            kind,
            challenge: options["challenge"].as_str().unwrap().to_owned(),
            origin: "http://localhost:3000".to_owned(),
            cross_origin: false.into(),
            rp_id: rp_id.as_str().unwrap().to_owned(),
            flags: USER_PRESENT | USER_VERIFIED,
            counter: 0,
            user_handle: None,
            format: "none",
        }
    }

    fn authenticator_data(&self) -> Vec<u8> {
        let rp_id_hash = digest(&SHA256, self.rp_id.as_bytes());
        [rp_id_hash.as_ref(), &[self.flags], &self.counter.to_be_bytes()].concat()
    }

    fn client_data(&self) -> String {
        json!({"type": self.kind, "challenge": self.challenge, "origin": self.origin, "crossOrigin": self.cross_origin})
            .to_string()
    }
}

pub fn encode(bytes: &[u8]) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

pub fn decode(text: &Value) -> Vec<u8> {
    URL_SAFE_NO_PAD.decode(text.as_str().unwrap()).unwrap()
}
