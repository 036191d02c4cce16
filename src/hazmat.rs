//! Hazardous materials: single equations, group elements and chosen ephemerals (feature `hazmat`).
//!
//! **An application has no use for this module.** It exists so that auditors, vectors and benches can reach every
//! step of the proof. What makes the rest of the crate safe is missing here: secrets are plain byte arrays that nobody
//! wipes, a short `a` makes the proof worthless, a repeated `a` can reveal the password to a listener, and nothing
//! checks that values belong together.
//!
//! Integers are big-endian. Elements are 384 bytes wide and below `N`; where a larger value is given it is reduced.

use alloc::vec::Vec;

use crate::client::UserSignIn;
use crate::encoding::{Enc, hex_integer_vartime};
use crate::error::{Error, Parameter};
use crate::group::{self, Exponent};
use crate::message::{AppClient, SrpAuthParameters};
use crate::protocol::{
    self, ClientExchange, ClientPublic, Ephemeral, Identity, Password, Premaster, PrivateKey, Salt, Scrambler,
    SecretBlock, ServerPublic, SessionKey, Signature, Timestamp, Verifier,
};

/// An element of the group, or any integer that is to be reduced to one.
pub type ElementBytes = [u8; 384];

/// The prime `N`.
#[must_use]
pub fn modulus() -> ElementBytes {
    group::to_be_bytes(&group::N)
}

/// `k`, the multiplier.
#[must_use]
pub fn multiplier() -> ElementBytes {
    protocol::multiplier().to_be_bytes()
}

/// `enc(i)`: the shortest big-endian two's complement of a magnitude of at most 384 bytes.
///
/// # Errors
///
/// [`Error::TooLong`].
pub fn enc(magnitude: &[u8]) -> Result<Vec<u8>, Error> {
    if magnitude.len() > size_of::<ElementBytes>() {
        return Err(Error::TooLong(Parameter::Ephemeral));
    }
    Ok(Enc::new(magnitude).as_bytes().to_vec())
}

/// `SHA-256(realm ‖ name ‖ ":" ‖ password)`.
#[must_use]
pub fn identity_hash(realm: &str, name: &str, password: &[u8]) -> [u8; 32] {
    *protocol::identity_hash(Identity { realm, name }, Password(password)).expose()
}

/// `x`, for a salt of at most 384 bytes of magnitude.
///
/// # Errors
///
/// [`Error::TooLong`] for the salt.
pub fn private_key(realm: &str, name: &str, password: &[u8], salt: &[u8]) -> Result<[u8; 32], Error> {
    if salt.len() > size_of::<ElementBytes>() {
        return Err(Error::TooLong(Parameter::Salt));
    }
    Ok(*PrivateKey::new(Identity { realm, name }, Password(password), Salt(salt)).expose())
}

/// `v = g^x`.
#[must_use]
pub fn verifier(x: [u8; 32]) -> ElementBytes {
    Verifier::new(&PrivateKey::from_be_bytes(x)).to_be_bytes()
}

/// `A = g^a`.
///
/// # Errors
///
/// As for [`start_user_sign_in`].
pub fn client_public(a: &[u8]) -> Result<ElementBytes, Error> {
    Ok(ClientPublic::new(&ephemeral(a)?).to_be_bytes())
}

/// `B = k·v + g^b`.
///
/// # Errors
///
/// As for [`start_user_sign_in`], and [`Error::PublicValueIsZero`].
pub fn server_public(v: &ElementBytes, b: &[u8]) -> Result<ElementBytes, Error> {
    let b = ephemeral(b)?;
    let public = ServerPublic::new(&Verifier::from_be_bytes(v), &b);
    public.map(|public| public.to_be_bytes()).ok_or(Error::PublicValueIsZero(Parameter::SrpB))
}

/// `u`, the scrambler.
///
/// # Errors
///
/// [`Error::PublicValueIsZero`], [`Error::PublicValueOutOfRange`], [`Error::ScramblerIsZero`].
pub fn scrambler(client_public: &ElementBytes, server_public: &ElementBytes) -> Result<[u8; 32], Error> {
    let client_public = ClientPublic::from_be_bytes_vartime(client_public)?;
    let server_public = ServerPublic::from_be_bytes_vartime(server_public)?;
    Ok(*Scrambler::new(&client_public, &server_public)?.as_bytes())
}

/// `S` of the client: `(B - k·g^x)^(a + u·x)`.
///
/// # Errors
///
/// As for [`start_user_sign_in`] and [`scrambler`].
pub fn client_premaster(
    a: &[u8],
    server_public: &ElementBytes,
    x: [u8; 32],
    u: [u8; 32],
) -> Result<ElementBytes, Error> {
    let server_public = ServerPublic::from_be_bytes_vartime(server_public)?;
    let u = Scrambler::from_be_bytes(u)?;
    let premaster = Premaster::of_client(&ephemeral(a)?, &server_public, &PrivateKey::from_be_bytes(x), &u);
    Ok(premaster.to_be_bytes())
}

/// `S` of the server: `(A·v^u)^b`.
///
/// # Errors
///
/// As for [`start_user_sign_in`] and [`scrambler`].
pub fn server_premaster(
    client_public: &ElementBytes,
    v: &ElementBytes,
    u: [u8; 32],
    b: &[u8],
) -> Result<ElementBytes, Error> {
    let client_public = ClientPublic::from_be_bytes_vartime(client_public)?;
    let u = Scrambler::from_be_bytes(u)?;
    let premaster = Premaster::of_server(&client_public, &Verifier::from_be_bytes(v), &u, &ephemeral(b)?);
    Ok(premaster.to_be_bytes())
}

/// `K` from `u` and `S`.
///
/// # Errors
///
/// [`Error::ScramblerIsZero`].
pub fn session_key(u: [u8; 32], premaster: &ElementBytes) -> Result<[u8; 16], Error> {
    Ok(*SessionKey::new(&Scrambler::from_be_bytes(u)?, &Premaster::from_be_bytes(premaster)).expose())
}

/// The key derivation under [`session_key`], on any salt and input.
#[must_use]
pub fn derive_key(salt: &[u8], input: &[u8]) -> [u8; 16] {
    *SessionKey::derive(salt, input).expose()
}

/// The claim, before its Base64: `HMAC-SHA256(K, realm ‖ name ‖ secret block ‖ timestamp)`. The timestamp is signed as it is.
#[must_use]
pub fn claim(key: [u8; 16], realm: &str, name: &str, secret_block: &[u8], timestamp: &str) -> [u8; 32] {
    let key = SessionKey::from_bytes(key);
    *Signature::new(&key, Identity { realm, name }, SecretBlock(secret_block), Timestamp(timestamp)).expose()
}

/// `SECRET_HASH`, before its Base64, for a client id and a secret of any form.
#[must_use]
pub fn secret_hash(client_secret: &[u8], username: &str, client_id: &str) -> [u8; 32] {
    protocol::secret_hash(client_secret, username, client_id)
}

/// Starts a sign-in with a chosen `a` of at most 3072 bits. Its number of bytes shows in the time it takes.
///
/// # Errors
///
/// [`Error::Empty`] for no bytes, [`Error::TooLong`] for more than 384, [`Error::Malformed`] for zero.
pub fn start_user_sign_in(app: &AppClient, username: &str, a: &[u8]) -> Result<(UserSignIn, SrpAuthParameters), Error> {
    Ok(UserSignIn::from_exchange(app, username, ClientExchange::with_ephemeral(ephemeral(a)?)))
}

/// Reads a chosen exponent from hex text, as the shortest big-endian bytes; zero is one zero byte. The time depends on the
/// digits.
///
/// # Errors
///
/// [`Error::Empty`], [`Error::NotHex`], [`Error::TooLong`] for more than 384 bytes of magnitude.
pub fn parse_ephemeral(text: &str) -> Result<Vec<u8>, Error> {
    let bytes: ElementBytes = hex_integer_vartime(text).map_err(|error| error.in_parameter(Parameter::Ephemeral))?;
    let first = bytes.iter().position(|&byte| byte != 0).unwrap_or(bytes.len() - 1);
    Ok(bytes[first..].to_vec())
}

/// Reads a chosen exponent.
fn ephemeral(bytes: &[u8]) -> Result<Ephemeral, Error> {
    if bytes.is_empty() {
        return Err(Error::Empty(Parameter::Ephemeral));
    }
    // All bytes are read; that they are zero is the only thing that is told.
    let any = bytes.iter().fold(0, |any, byte| any | byte);
    if bytes.len() <= Exponent::MAX_BYTES && any == 0 {
        return Err(Error::Malformed(Parameter::Ephemeral));
    }
    Ephemeral::from_be_slice(bytes)
}

/// Reads an exponent of at most 384 bytes.
fn read_exponent(bytes: &[u8]) -> Result<Exponent, Error> {
    Exponent::from_be_slice(bytes).ok_or(Error::TooLong(Parameter::Ephemeral))
}

/// The machine that multiplies. What it computes is the same on all of them; only the time differs.
#[derive(Clone, Copy, Debug)]
pub struct Backend(group::Backend);

impl Backend {
    /// All backends that this machine can run, the slowest first.
    #[must_use]
    pub fn all() -> Vec<Self> {
        group::Backend::all().map(Self).collect()
    }

    /// The backend that the crate uses here.
    #[must_use]
    pub fn in_use() -> Self {
        Self(group::Backend::best())
    }

    /// The name: `portable`, `bmi2`, `avxifma` or `ifma`.
    #[must_use]
    pub fn name(self) -> &'static str {
        self.0.name()
    }

    /// Makes the whole process use this backend, for measurements. The choice is kept until the next call.
    pub fn use_everywhere(self) {
        self.0.use_everywhere();
    }

    /// Returns `base^exponent`, for an exponent of at most 384 bytes, whose number shows in the time.
    ///
    /// # Errors
    ///
    /// [`Error::TooLong`] for the exponent.
    pub fn pow(self, base: &ElementBytes, exponent: &[u8]) -> Result<ElementBytes, Error> {
        Ok(group::to_be_bytes(&self.0.pow(&group::reduce(base), &read_exponent(exponent)?)))
    }

    /// Returns `base^exponent` for an exponent below `2^bits`, whose bound shows in the time and not the number of its bytes:
    /// the client's `a + u·x` is below `2^513` and takes 65 bytes.
    ///
    /// # Errors
    ///
    /// [`Error::TooLong`] for an exponent of more than 384 bytes, or one that is not below `2^bits`.
    pub fn pow_below(self, base: &ElementBytes, exponent: &[u8], bits: usize) -> Result<ElementBytes, Error> {
        let exponent = read_exponent(exponent)?.below(bits).ok_or(Error::TooLong(Parameter::Ephemeral))?;
        Ok(group::to_be_bytes(&self.0.pow(&group::reduce(base), &exponent)))
    }

    /// Returns `g^exponent`, for an exponent of at most 384 bytes, whose number shows in the time.
    ///
    /// # Errors
    ///
    /// [`Error::TooLong`] for the exponent.
    pub fn pow_g(self, exponent: &[u8]) -> Result<ElementBytes, Error> {
        Ok(group::to_be_bytes(&self.0.pow_g(&read_exponent(exponent)?)))
    }

    /// Returns `a·b^times` by that many multiplications in the backend's own form, into which it is brought before and out
    /// of which it is brought after.
    #[must_use]
    pub fn mul_repeatedly(self, a: &ElementBytes, b: &ElementBytes, times: usize) -> ElementBytes {
        group::to_be_bytes(&self.0.mul_repeatedly(&group::reduce(a), &group::reduce(b), times))
    }

    /// Returns `a^(2^times)` by that many squarings in the backend's own form.
    #[must_use]
    pub fn square_repeatedly(self, a: &ElementBytes, times: usize) -> ElementBytes {
        group::to_be_bytes(&self.0.square_repeatedly(&group::reduce(a), times))
    }
}

/// Returns `a + b mod N`.
#[must_use]
pub fn add(a: &ElementBytes, b: &ElementBytes) -> ElementBytes {
    group::Element::reduce(a).add(&group::Element::reduce(b)).to_be_bytes()
}

/// Returns `a - b mod N`.
#[must_use]
pub fn sub(a: &ElementBytes, b: &ElementBytes) -> ElementBytes {
    group::Element::reduce(a).sub(&group::Element::reduce(b)).to_be_bytes()
}
