//! RS256 for the JWT library, through ring, which the tests' HTTP client already depends on.
//!
//! The library offers AWS-LC, which is a long build of C, or `RustCrypto`, whose `rsa` has an open advisory
//! (RUSTSEC-2023-0071) and comes with three elliptic curves. It also accepts a provider from the caller, which this file has.

use jsonwebtoken::crypto::{CryptoProvider, JwtSigner, JwtVerifier, KeyUtils};
use jsonwebtoken::errors::{ErrorKind, Result};
use jsonwebtoken::{Algorithm, DecodingKeyKind};
use ring::rand::SystemRandom;
use ring::signature::{RSA_PKCS1_2048_8192_SHA256, RSA_PKCS1_SHA256, RsaKeyPair, UnparsedPublicKey};
use signature::{Error, Signer, Verifier};

/// Signs and verifies RS256, and nothing else.
pub static PROVIDER: CryptoProvider = CryptoProvider {
    signer_factory: |algorithm, key| {
        only_rs256(*algorithm)?;
        let key = RsaKeyPair::from_der(key.as_bytes()).map_err(|_| ErrorKind::InvalidKeyFormat)?;
        Ok(Box::new(Rs256Signer(key)))
    },
    verifier_factory: |algorithm, key| {
        only_rs256(*algorithm)?;
        match key.kind() {
            DecodingKeyKind::SecretOrDer(key) => Ok(Box::new(Rs256Verifier(key.clone()))),
            DecodingKeyKind::RsaModulusExponent { .. } => Err(ErrorKind::InvalidKeyFormat.into()),
        }
    },
    key_utils: KeyUtils::new_unimplemented(),
};

fn only_rs256(algorithm: Algorithm) -> Result<()> {
    if algorithm == Algorithm::RS256 { Ok(()) } else { Err(ErrorKind::InvalidAlgorithm.into()) }
}

struct Rs256Signer(RsaKeyPair);

impl Signer<Vec<u8>> for Rs256Signer {
    fn try_sign(&self, message: &[u8]) -> std::result::Result<Vec<u8>, Error> {
        let mut signature = vec![0; self.0.public().modulus_len()];
        let signed = self.0.sign(&RSA_PKCS1_SHA256, &SystemRandom::new(), message, &mut signature);
        signed.map_err(|_| Error::new())?;
        Ok(signature)
    }
}

impl JwtSigner for Rs256Signer {
    fn algorithm(&self) -> Algorithm {
        Algorithm::RS256
    }
}

struct Rs256Verifier(Vec<u8>);

impl Verifier<Vec<u8>> for Rs256Verifier {
    fn verify(&self, message: &[u8], signature: &Vec<u8>) -> std::result::Result<(), Error> {
        let key = UnparsedPublicKey::new(&RSA_PKCS1_2048_8192_SHA256, &self.0);
        key.verify(message, signature).map_err(|_| Error::new())
    }
}

impl JwtVerifier for Rs256Verifier {
    fn algorithm(&self) -> Algorithm {
        Algorithm::RS256
    }
}
