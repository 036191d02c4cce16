//! The numbers and the sign-in that all peers work on, and the checks of their results.

use std::collections::HashMap;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use cognito_srp6a::hazmat::{self, Backend, ElementBytes, Identity};
use cognito_srp6a::server::{PendingSignIn, UserRecord};
use cognito_srp6a::{PasswordClaim, PoolId, Salt, Timestamp};
use num_bigint::BigUint;
use rand::rngs::StdRng;
use rand::{Rng, RngExt as _, SeedableRng as _};

use crate::Result;
use crate::name::Name;

pub type Parameters = HashMap<String, String>;

pub const POOL_ID: &str = "us-east-1_Peers1234";
pub const POOL_NAME: &str = "Peers1234";
pub const CLIENT_ID: &str = "peers";
pub const USERNAME: &str = "0f1e2d3c-4b5a-4697-8877-a6b5c4d3e2f1";
pub const PASSWORD: &str = "correct horse battery staple";
pub const DEVICE_GROUP_KEY: &str = "-PeersGrp1";
pub const DEVICE_KEY: &str = "us-east-1_01234567-89ab-cdef-0123-456789abcdef";

/// The generator.
pub const G: u8 = 2;

/// The lifetime of a claim, longer than any run.
pub const MAX_AGE: Duration = Duration::from_secs(24 * 3600);

/// Random numbers from a fixed seed, the same in every run.
pub struct Inputs {
    pub n: ElementBytes,
    pub k: ElementBytes,
    /// Two factors. The first is also the base of exponentiations.
    pub factors: [ElementBytes; 2],
    exponents: [(usize, Vec<u8>); 5],

    pub salt: Salt,
    pub a: Vec<u8>,
    pub b: Vec<u8>,
    pub u: [u8; 32],
    pub x: [u8; 32],
    /// `a + u·x`
    pub client_exponent: Vec<u8>,
    pub v: ElementBytes,
    pub client_public: ElementBytes,
    pub server_public: ElementBytes,
    /// A challenge for a sign-in as [`USERNAME`], in the form of the service. Its `B` is not made for a particular `A`.
    pub challenge: Parameters,
}

impl Inputs {
    pub fn new() -> Result<Self> {
        let mut rng = StdRng::seed_from_u64(3073);
        let salt = Salt::generate_with_rng(&mut rng)?;
        let x = hazmat::private_key(
            Identity { realm: POOL_NAME, name: USERNAME },
            PASSWORD.as_bytes(),
            &salt.to_signed_bytes(),
        )?;
        let v = hazmat::verifier(x);
        let (a, b) = (exponent(&mut rng, 320), exponent(&mut rng, 320));
        let client_public = hazmat::client_public(&a)?;
        let server_public = hazmat::server_public(&v, &b)?;
        let u = hazmat::scrambler(&client_public, &server_public)?;
        let [big_a, big_u, big_x] = [&a[..], &u, &x].map(BigUint::from_bytes_be);
        let client_exponent = big_a + big_u * big_x;
        assert!(client_exponent.bit(0), "an even exponent would hide a wrong sign of its base: take another seed");
        let mut inputs = Self {
            n: hazmat::modulus(),
            k: hazmat::multiplier(),
            factors: [rng.random(), rng.random()],
            exponents: [256, 320, 512, 513, 1024].map(|bits| (bits, exponent(&mut rng, bits))),
            client_exponent: client_exponent.to_bytes_be(),
            challenge: Parameters::new(),
            salt,
            a,
            b,
            u,
            x,
            v,
            client_public,
            server_public,
        };
        inputs.challenge = inputs.challenge_for(&hex(&client_public))?.1;
        Ok(inputs)
    }

    /// Returns an exponent of this many bits, with its highest bit set.
    pub fn exponent(&self, bits: usize) -> &[u8] {
        let found = self.exponents.iter().find(|(width, _)| *width == bits);
        &found.expect("there is an exponent for every name").1
    }

    /// Returns the correct result of a single operation, or of the arithmetic of a step. For `mul` and `square` it is the
    /// result of three repetitions.
    pub fn expected(&self, name: Name) -> Result<ElementBytes> {
        let backend = Backend::in_use();
        Ok(match name {
            Name::Mul => backend.mul_repeatedly(&self.factors[0], &self.factors[1], 3),
            Name::Square => backend.square_repeatedly(&self.factors[0], 3),
            Name::Modexp(bits) => backend.pow(&self.factors[0], self.exponent(bits))?,
            Name::SrpA => self.client_public,
            Name::PasswordVerifier | Name::SignIn => {
                hazmat::client_premaster(&self.a, &self.server_public, self.x, self.u)?
            }
            Name::PendingSignIn => self.server_public,
            Name::ServerVerify => hazmat::server_premaster(&self.client_public, &self.v, self.u, &self.b)?,
            Name::DeviceRegistration => self.v,
        })
    }

    /// Returns the record of [`USERNAME`].
    pub fn record(&self) -> Result<UserRecord> {
        let pool_id: PoolId = POOL_ID.parse()?;
        Ok(UserRecord::from_parts(&pool_id, &USERNAME.parse()?, self.salt, &self.v)?)
    }

    /// Returns a challenge of our server for a client's `SRP_A`, with the server's state.
    pub fn challenge_for(&self, srp_a: &str) -> Result<(PendingSignIn, Parameters)> {
        let mut rng = StdRng::seed_from_u64(1);
        let (state, challenge) =
            PendingSignIn::new_with_rng(&self.record()?, srp_a.parse()?, Timestamp::now()?, &mut rng)?;
        Ok((state, challenge.into()))
    }

    /// Checks that a client can sign in at our server.
    ///
    /// Clients choose their `a` and keep it private, so their results cannot be compared one by one. The server accepts the
    /// claim only if both sides have the same `S`, which depends on `A`, `u`, `x` and `g^x`.
    pub fn check_sign_in<C>(
        &self,
        start: impl FnOnce() -> Result<(C, String)>,
        answer: impl FnOnce(C, &Parameters) -> Result<Parameters>,
    ) -> Result<()> {
        let (client, srp_a) = start()?;
        let (state, challenge) = self.challenge_for(&srp_a)?;
        let claim = PasswordClaim::from_parameters(&answer(client, &challenge)?)?;
        state
            .verify(&self.record()?, &claim, Timestamp::now()?, MAX_AGE)
            .map_err(|error| format!("our server refuses the claim: {error}").into())
    }
}

/// Compares a result with ours.
pub fn expect_equal(result: &[u8], ours: &[u8]) -> Result<()> {
    if result == ours { Ok(()) } else { Err("the result differs from ours".into()) }
}

/// Recomputes the verifier that a client made for a device with a random password.
pub fn check_device(registration: &Registration) -> Result<()> {
    let salt = STANDARD.decode(&registration.salt)?;
    let identity = Identity { realm: DEVICE_GROUP_KEY, name: DEVICE_KEY };
    let x = hazmat::private_key(identity, registration.password.as_bytes(), &salt)?;
    let verifier = hazmat::enc(&hazmat::verifier(x))?;
    expect_equal(&STANDARD.decode(&registration.verifier)?, &verifier)
}

/// The values that register a device, with salt and verifier in Base64.
pub struct Registration {
    pub password: String,
    pub salt: String,
    pub verifier: String,
}

/// Writes a big-endian integer as hex.
pub fn hex(bytes: &[u8]) -> String {
    BigUint::from_bytes_be(bytes).to_str_radix(16)
}

/// Draws an exponent with exactly this many bits.
fn exponent(rng: &mut StdRng, bits: usize) -> Vec<u8> {
    let mut bytes = vec![0; bits.div_ceil(8)];
    rng.fill_bytes(&mut bytes);
    let top = (bits - 1) % 8;
    bytes[0] &= (2 << top) as u8 - 1;
    bytes[0] |= 1 << top;
    bytes
}
