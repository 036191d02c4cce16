//! The two sides of an exchange. Users and devices share them.

#![allow(non_snake_case, reason = "SRP distinguishes A from a and B from b by case")]

use alloc::boxed::Box;

use rand::TryCryptoRng;

use super::claim::Signature;
use super::inputs::{Identity, Password, Salt, SecretBlock, Timestamp};
use super::session_key::SessionKey;
#[cfg(feature = "server")]
use super::srp6a::Verifier;
use super::srp6a::{ClientPublic, Ephemeral, Premaster, PrivateKey, Scrambler, ServerPublic};
use crate::error::Error;
use crate::stack::with_wiped_stack;

/// The part of the server's challenge that goes into the claim.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Challenge<'a> {
    pub(crate) salt: Salt<'a>,
    pub(crate) B: &'a ServerPublic,
    pub(crate) secret_block: SecretBlock<'a>,
}

/// The client's side after it has sent `A`. The claim consumes it, so `a` cannot be used twice.
#[derive(Debug)]
pub(crate) struct ClientExchange {
    /// On the heap, so that a move leaves no copy behind.
    a: Box<Ephemeral>,
    A: ClientPublic,
}

impl ClientExchange {
    /// Draws `a`, 40 bytes, and computes `A`.
    pub(crate) fn begin<R: TryCryptoRng + ?Sized>(rng: &mut R) -> Result<Self, Error> {
        // A = g^a is never 0 mod N, and it is 1 only for a = 0, which `generate` refuses.
        with_wiped_stack(|| Ephemeral::generate(rng).map(Self::with_ephemeral))
    }

    /// Computes `A` for a given `a`.
    pub(crate) fn with_ephemeral(a: Ephemeral) -> Self {
        let A = ClientPublic::new(&a);
        Self { a: Box::new(a), A }
    }

    /// Returns `A`, which is sent.
    pub(crate) const fn public(&self) -> &ClientPublic {
        &self.A
    }

    /// Returns the claim on a challenge.
    pub(crate) fn claim(
        self,
        identity: Identity<'_>,
        password: Password<'_>,
        challenge: Challenge<'_>,
        timestamp: Timestamp<'_>,
    ) -> Result<Signature, Error> {
        let Challenge { salt, B, secret_block } = challenge;
        let u = Scrambler::new(&self.A, B)?;
        with_wiped_stack(|| {
            let x = PrivateKey::new(identity, password, salt);
            let S = Premaster::of_client(&self.a, B, &x, &u);
            let K = SessionKey::new(&u, &S);
            Ok(Signature::new(&K, identity, secret_block, timestamp))
        })
    }
}

/// The server's side after it has received `A`.
#[cfg(feature = "server")]
#[derive(Debug)]
pub(crate) struct ServerExchange {
    /// On the heap, so that a move leaves no copy behind.
    b: Box<Ephemeral>,
    A: ClientPublic,
    B: ServerPublic,
}

#[cfg(feature = "server")]
impl ServerExchange {
    /// Draws `b`, 40 bytes, and computes `B`. A random source that works gives a `B` of 0 mod N once in 2^3072 draws, so
    /// this counts as its failure.
    pub(crate) fn begin<R: TryCryptoRng + ?Sized>(v: &Verifier, A: ClientPublic, rng: &mut R) -> Result<Self, Error> {
        with_wiped_stack(|| {
            let b = Box::new(Ephemeral::generate(rng)?);
            let B = ServerPublic::new(v, &b).ok_or(Error::RandomSource)?;
            Ok(Self { b, A, B })
        })
    }

    /// Restores an exchange from its parts.
    pub(crate) const fn resume(b: Box<Ephemeral>, A: ClientPublic, B: ServerPublic) -> Self {
        Self { b, A, B }
    }

    /// Returns `B`, which is sent.
    pub(crate) const fn public(&self) -> &ServerPublic {
        &self.B
    }

    /// Returns the claim that a client makes if it has the right password.
    pub(crate) fn expected_claim(
        &self,
        v: &Verifier,
        identity: Identity<'_>,
        secret_block: SecretBlock<'_>,
        timestamp: Timestamp<'_>,
    ) -> Result<Signature, Error> {
        let u = Scrambler::new(&self.A, &self.B)?;
        with_wiped_stack(|| {
            let S = Premaster::of_server(&self.A, v, &u, &self.b);
            let K = SessionKey::new(&u, &S);
            Ok(Signature::new(&K, identity, secret_block, timestamp))
        })
    }
}
