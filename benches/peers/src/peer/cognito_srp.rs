//! The crate `cognito_srp`. Its `a` has 1024 bits.

use cognito_srp::SrpClient;

use super::Peer;
use crate::Result;
use crate::candidate::Candidate;
use crate::inputs::{self, Inputs, Parameters};
use crate::name::Name;

pub struct CognitoSrp;

const WHO: &str = "cognito_srp";

impl Peer for CognitoSrp {
    fn who(&self) -> &'static str {
        WHO
    }

    fn version(&self) -> String {
        "0.1.2".into()
    }

    fn candidate<'a>(&'a self, name: Name, inputs: &'a Inputs) -> Result<Option<Candidate<'a>>> {
        if !matches!(name, Name::SrpA | Name::PasswordVerifier | Name::SignIn) {
            return Ok(None);
        }
        inputs.check_sign_in(start, |client, challenge| Ok(client.process_challenge(challenge.clone())?))?;

        // Both calls borrow the client, so calls that are timed alone share one.
        let shared = client();
        let answer =
            |client: &SrpClient<'_>| client.process_challenge(inputs.challenge.clone()).expect("checked above");
        Ok(Some(match name {
            Name::SrpA => Candidate::repeated(WHO, move || shared.get_auth_params().expect("checked above")),
            Name::PasswordVerifier => Candidate::repeated(WHO, move || answer(&shared)),
            _ => Candidate::repeated(WHO, move || answer(&start().expect("checked above").0)),
        }))
    }
}

fn client() -> SrpClient<'static> {
    SrpClient::new(inputs::USERNAME, inputs::PASSWORD, inputs::POOL_ID, inputs::CLIENT_ID, None)
}

fn start() -> Result<(SrpClient<'static>, String)> {
    let client = client();
    let mut parameters: Parameters = client.get_auth_params()?;
    Ok((client, parameters.remove("SRP_A").ok_or("no SRP_A")?))
}
