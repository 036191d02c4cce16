//! The crate `srp` of `RustCrypto`: plain SRP-6a, in a group of the same size with the generator 5. Its `a` and `b` have
//! 512 bits, as in its documentation.

use num_bigint_04::BigUint;
use rand::rngs::StdRng;
use rand::{Rng as _, SeedableRng as _};
use sha2_010::Sha256;
use srp::client::SrpClient;
use srp::groups::G_3072;
use srp::server::SrpServer;
use srp::types::SrpGroup;

use super::Peer;
use crate::Result;
use crate::candidate::Candidate;
use crate::inputs::{self, Inputs, PASSWORD, USERNAME};
use crate::name::Name;

const WHO: &str = "srp";

/// The values of one exchange.
pub struct Srp {
    client: SrpClient<'static, Sha256>,
    server: SrpServer<'static, Sha256>,
    salt: Vec<u8>,
    a: [u8; 64],
    b: [u8; 64],
    v: Vec<u8>,
    client_public: Vec<u8>,
    server_public: Vec<u8>,
}

impl Srp {
    pub fn new(inputs: &Inputs) -> Self {
        let mut rng = StdRng::seed_from_u64(64);
        let (mut a, mut b) = ([0; 64], [0; 64]);
        rng.fill_bytes(&mut a);
        rng.fill_bytes(&mut b);
        let client = SrpClient::new(&G_3072);
        let server = SrpServer::new(&G_3072);
        let salt = inputs.salt.to_signed_bytes();
        let v = client.compute_verifier(USERNAME.as_bytes(), PASSWORD.as_bytes(), &salt);
        let client_public = client.compute_public_ephemeral(&a);
        let server_public = server.compute_public_ephemeral(&b, &v);
        Self { client, server, salt, a, b, v, client_public, server_public }
    }

    /// The client's proof.
    fn answer(&self) -> Vec<u8> {
        let reply = self.client.process_reply(
            &self.a,
            USERNAME.as_bytes(),
            PASSWORD.as_bytes(),
            &self.salt,
            &self.server_public,
        );
        reply.expect("B is not 0 mod N").proof().to_vec()
    }

    /// The server's check of the client's proof.
    fn verify(&self, proof: &[u8]) -> Result<()> {
        let reply = self.server.process_reply(&self.b, &self.v, &self.client_public);
        let reply = reply.map_err(|error| error.to_string())?;
        reply.verify_client(proof).map_err(|error| error.to_string().into())
    }
}

impl Peer for Srp {
    fn who(&self) -> &'static str {
        WHO
    }

    fn version(&self) -> String {
        "0.6.0, g = 5".into()
    }

    fn candidate<'a>(&'a self, name: Name, inputs: &'a Inputs) -> Result<Option<Candidate<'a>>> {
        check_equations(inputs)?;
        let proof = self.answer();
        self.verify(&proof)?;
        Ok(Some(match name {
            Name::SrpA => Candidate::repeated(WHO, || self.client.compute_public_ephemeral(&self.a)),
            Name::PasswordVerifier => Candidate::repeated(WHO, || self.answer()),
            Name::PendingSignIn => Candidate::repeated(WHO, || self.server.compute_public_ephemeral(&self.b, &self.v)),
            Name::ServerVerify => Candidate::repeated(WHO, move || self.verify(&proof)),
            Name::SignIn => Candidate::repeated(WHO, || (self.client.compute_public_ephemeral(&self.a), self.answer())),
            Name::Mul | Name::Square | Name::Modexp(_) | Name::DeviceRegistration => return Ok(None),
        }))
    }
}

/// Compares the crate's equations with ours, in our group.
fn check_equations(inputs: &Inputs) -> Result<()> {
    let group = SrpGroup { n: BigUint::from_bytes_be(&inputs.n), g: BigUint::from(inputs::G) };
    let client = SrpClient::<Sha256>::new(&group);
    let server = SrpServer::<Sha256>::new(&group);
    let number = BigUint::from_bytes_be;
    let (a, b, u, x) = (number(&inputs.a), number(&inputs.b), number(&inputs.u), number(&inputs.x));
    let (k, v) = (number(&inputs.k), number(&inputs.v));
    let (client_public, server_public) = (number(&inputs.client_public), number(&inputs.server_public));

    for (result, name) in [
        (client.compute_a_pub(&a), Name::SrpA),
        (client.compute_premaster_secret(&server_public, &k, &x, &a, &u), Name::PasswordVerifier),
        (server.compute_b_pub(&b, &k, &v), Name::PendingSignIn),
        (server.compute_premaster_secret(&client_public, &v, &u, &b), Name::ServerVerify),
    ] {
        inputs::expect_equal(&result.to_bytes_be(), number(&inputs.expected(name)?).to_bytes_be().as_slice())?;
    }
    Ok(())
}
