//! Hazardous materials: single equations, group elements and chosen ephemerals (feature `hazmat`).
//!
//! **Applications do not need this module.** It gives auditors, vectors and benches access to every step of the
//! proof. It lacks the safeguards of the rest of the crate: secrets are plain byte arrays that nobody wipes, a short
//! `a` makes the proof worthless, a repeated `a` can reveal the password to an eavesdropper, and nothing checks that
//! values belong together.
//!
//! Integers are big-endian. Elements have 384 bytes and are below `N`; larger values are reduced.

use alloc::vec::Vec;

use crate::client::UserSignIn;
use crate::device::{DeviceCredentials, DeviceSignIn};
use crate::encoding::{Enc, hex_integer_vartime};
use crate::error::{Error, Parameter};
use crate::group::{self, Exponent};
use crate::message::{AppClient, DeviceSrpResponses, SrpAuthParameters, Username};
use crate::protocol::{
    self, ClientExchange, ClientPublic, Ephemeral, Password, Premaster, PrivateKey, Salt, Scrambler, SecretBlock,
    ServerPublic, SessionKey, Signature, Timestamp, Verifier,
};

pub use crate::protocol::Identity;

/// An element of the group, or an integer that is reduced to one.
pub type ElementBytes = [u8; 384];

/// Returns the prime `N`.
#[must_use]
pub fn modulus() -> ElementBytes {
    group::to_be_bytes(&group::N)
}

/// Returns `k`, the multiplier.
#[must_use]
pub fn multiplier() -> ElementBytes {
    protocol::multiplier().to_be_bytes()
}

/// Returns `enc(i)`, the shortest big-endian two's complement of an integer of at most 384 bytes.
///
/// # Errors
///
/// [`Error::TooLong`] for more than 384 bytes.
pub fn enc(magnitude: &[u8]) -> Result<Vec<u8>, Error> {
    if magnitude.len() > size_of::<ElementBytes>() {
        return Err(Error::TooLong(Parameter::Ephemeral));
    }
    Ok(Enc::new(magnitude).as_bytes().to_vec())
}

/// Returns `SHA-256(realm ‖ name ‖ ":" ‖ password)`.
#[must_use]
pub fn identity_hash(identity: Identity<'_>, password: &[u8]) -> [u8; 32] {
    *protocol::identity_hash(identity, Password(password)).expose()
}

/// Returns `x`, for a salt of at most 384 bytes.
///
/// # Errors
///
/// [`Error::TooLong`] for the salt.
pub fn private_key(identity: Identity<'_>, password: &[u8], salt: &[u8]) -> Result<[u8; 32], Error> {
    if salt.len() > size_of::<ElementBytes>() {
        return Err(Error::TooLong(Parameter::Salt));
    }
    Ok(*PrivateKey::new(identity, Password(password), Salt(salt)).expose())
}

/// Returns `v = g^x`.
#[must_use]
pub fn verifier(x: [u8; 32]) -> ElementBytes {
    Verifier::new(&PrivateKey::from_be_bytes(x)).to_be_bytes()
}

/// Returns `A = g^a`.
///
/// # Errors
///
/// As for [`start_user_sign_in`].
pub fn client_public(a: &[u8]) -> Result<ElementBytes, Error> {
    Ok(ClientPublic::new(&ephemeral(a)?).to_be_bytes())
}

/// Returns `B = k·v + g^b`.
///
/// # Errors
///
/// As for [`start_user_sign_in`]; [`Error::PublicValueIsZero`] if `B` is 0 mod N.
pub fn server_public(v: &ElementBytes, b: &[u8]) -> Result<ElementBytes, Error> {
    let b = ephemeral(b)?;
    let public = ServerPublic::new(&Verifier::from_be_bytes(v), &b);
    public.map(|public| public.to_be_bytes()).ok_or(Error::PublicValueIsZero(Parameter::SrpB))
}

/// Returns `u`, the scrambler.
///
/// # Errors
///
/// [`Error::PublicValueIsZero`], [`Error::PublicValueOutOfRange`], [`Error::ScramblerIsZero`].
pub fn scrambler(client_public: &ElementBytes, server_public: &ElementBytes) -> Result<[u8; 32], Error> {
    let client_public = ClientPublic::from_be_bytes_vartime(client_public)?;
    let server_public = ServerPublic::from_be_bytes_vartime(server_public)?;
    Ok(*Scrambler::new(&client_public, &server_public)?.as_bytes())
}

/// Returns `S` as the client computes it: `(B - k·g^x)^(a + u·x)`.
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

/// Returns `S` as the server computes it: `(A·v^u)^b`.
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

/// Returns `K`, derived from `u` and `S`.
///
/// # Errors
///
/// [`Error::ScramblerIsZero`].
pub fn session_key(u: [u8; 32], premaster: &ElementBytes) -> Result<[u8; 16], Error> {
    Ok(*SessionKey::new(&Scrambler::from_be_bytes(u)?, &Premaster::from_be_bytes(premaster)).expose())
}

/// Derives a key from any salt and input, as [`session_key`] does from `enc(u)` and `enc(S)`.
#[must_use]
pub fn derive_key(salt: &[u8], input: &[u8]) -> [u8; 16] {
    *SessionKey::derive(salt, input).expose()
}

/// Returns the claim, before Base64: `HMAC-SHA256(K, realm ‖ name ‖ secret block ‖ timestamp)`. The timestamp's text
/// is signed unchanged.
#[must_use]
pub fn claim(key: [u8; 16], identity: Identity<'_>, secret_block: &[u8], timestamp: &str) -> [u8; 32] {
    let key = SessionKey::from_bytes(key);
    *Signature::new(&key, identity, SecretBlock(secret_block), Timestamp(timestamp)).expose()
}

/// Returns `SECRET_HASH`, before Base64, for any client id and secret.
#[must_use]
pub fn secret_hash(client_secret: &[u8], username: &str, client_id: &str) -> [u8; 32] {
    *protocol::secret_hash(client_secret, username, client_id).expose()
}

/// Starts a sign-in with a chosen `a` of at most 3072 bits. Its number of bytes leaks.
///
/// # Errors
///
/// [`Error::Empty`] for no bytes, [`Error::TooLong`] for more than 384 bytes, [`Error::Malformed`] for zero.
pub fn start_user_sign_in(
    app: &AppClient,
    username: &Username,
    a: &[u8],
) -> Result<(UserSignIn, SrpAuthParameters), Error> {
    Ok(UserSignIn::builder(app, username).start_with_exchange(ClientExchange::with_ephemeral(ephemeral(a)?)))
}

/// Starts a device's sign-in with a chosen `a`, as [`start_user_sign_in`] does a user's.
///
/// # Errors
///
/// As for [`start_user_sign_in`].
pub fn start_device_sign_in(
    app: &AppClient,
    username: &Username,
    credentials: &DeviceCredentials,
    a: &[u8],
) -> Result<(DeviceSignIn, DeviceSrpResponses), Error> {
    let exchange = ClientExchange::with_ephemeral(ephemeral(a)?);
    Ok(DeviceSignIn::start_with_exchange(app, username, credentials, exchange))
}

/// Reads a chosen exponent from hex text and returns the shortest big-endian bytes. Zero is one zero byte. The time
/// depends on the digits.
///
/// # Errors
///
/// [`Error::Empty`], [`Error::NotHex`], [`Error::TooLong`] for an integer of more than 384 bytes.
pub fn parse_ephemeral(text: &str) -> Result<Vec<u8>, Error> {
    let bytes: ElementBytes = hex_integer_vartime(text, Parameter::Ephemeral)?;
    let first = bytes.iter().position(|&byte| byte != 0).unwrap_or(bytes.len() - 1);
    Ok(bytes[first..].to_vec())
}

/// Reads a chosen exponent.
fn ephemeral(bytes: &[u8]) -> Result<Ephemeral, Error> {
    if bytes.is_empty() {
        return Err(Error::Empty(Parameter::Ephemeral));
    }
    // Every byte is read. Only whether all are zero leaks.
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

/// A backend of the arithmetic. All backends return the same results; only the time differs.
#[derive(Clone, Copy, Debug)]
pub struct Backend(group::Backend);

impl Backend {
    /// Returns all backends that this machine can run, the slowest first.
    #[must_use]
    pub fn all() -> Vec<Self> {
        group::Backend::all().map(Self).collect()
    }

    /// Returns the backend that the crate uses.
    #[must_use]
    pub fn in_use() -> Self {
        Self(group::Backend::best())
    }

    /// Returns the name: `digits28`, `portable`, `bmi2`, `fma`, `avxifma` or `ifma`.
    #[must_use]
    pub fn name(self) -> &'static str {
        self.0.name()
    }

    /// Makes the whole process use this backend until the next call, for measurements.
    pub fn use_everywhere(self) {
        self.0.use_everywhere();
    }

    /// Returns `base^exponent`, for an exponent of at most 384 bytes. Their number leaks.
    ///
    /// # Errors
    ///
    /// [`Error::TooLong`] for the exponent.
    pub fn pow(self, base: &ElementBytes, exponent: &[u8]) -> Result<ElementBytes, Error> {
        Ok(group::to_be_bytes(&self.0.pow(&group::reduce(base), &read_exponent(exponent)?)))
    }

    /// Returns `base^exponent` for an exponent below `2^bits`. The time depends on `bits` and not on the number of
    /// bytes: the client's `a + u·x` is below `2^513` and has 65 bytes.
    ///
    /// # Errors
    ///
    /// [`Error::TooLong`] for an exponent of more than 384 bytes or not below `2^bits`.
    pub fn pow_below(self, base: &ElementBytes, exponent: &[u8], bits: usize) -> Result<ElementBytes, Error> {
        let exponent = read_exponent(exponent)?.below(bits).ok_or(Error::TooLong(Parameter::Ephemeral))?;
        Ok(group::to_be_bytes(&self.0.pow(&group::reduce(base), &exponent)))
    }

    /// Returns `g^exponent`, for an exponent of at most 384 bytes. Their number leaks.
    ///
    /// # Errors
    ///
    /// [`Error::TooLong`] for the exponent.
    pub fn pow_g(self, exponent: &[u8]) -> Result<ElementBytes, Error> {
        Ok(group::to_be_bytes(&self.0.pow_g(&read_exponent(exponent)?)))
    }

    /// Returns `a·b^times`, computed by `times` multiplications in the backend's form, with one conversion into it
    /// and one out of it.
    #[must_use]
    pub fn mul_repeatedly(self, a: &ElementBytes, b: &ElementBytes, times: usize) -> ElementBytes {
        group::to_be_bytes(&self.0.mul_repeatedly(&group::reduce(a), &group::reduce(b), times))
    }

    /// Returns `a^(2^times)`, computed by `times` squarings in the backend's form.
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
