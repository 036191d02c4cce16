//! The crate `aws-cognito-srp`. Its `a` has 1024 bits.

use aws_cognito_srp::{SrpClient, UntrackedDevice, User};

use super::Peer;
use crate::Result;
use crate::candidate::Candidate;
use crate::inputs::{self, Inputs, Parameters, Registration};
use crate::name::Name;

pub struct AwsCognitoSrp;

const WHO: &str = "aws-cognito-srp";

impl Peer for AwsCognitoSrp {
    fn who(&self) -> &'static str {
        WHO
    }

    fn version(&self) -> String {
        "0.2.6".into()
    }

    fn candidate<'a>(&'a self, name: Name, inputs: &'a Inputs) -> Result<Option<Candidate<'a>>> {
        let challenge = &inputs.challenge;
        Ok(Some(match name {
            Name::SrpA | Name::PasswordVerifier | Name::SignIn => {
                inputs.check_sign_in(|| Ok(start()), |client, challenge| answer(&client, challenge))?;
                // Both calls borrow the client, so calls that are timed alone share one.
                let shared = client();
                match name {
                    Name::SrpA => Candidate::repeated(WHO, move || shared.get_auth_parameters()),
                    Name::PasswordVerifier => {
                        Candidate::repeated(WHO, move || answer(&shared, challenge).expect("checked above"))
                    }
                    _ => Candidate::repeated(WHO, move || answer(&start().0, challenge).expect("checked above")),
                }
            }
            Name::DeviceRegistration => {
                // As in an application, the client outlives one registration. Making it costs almost nothing.
                let device = UntrackedDevice::new(inputs::POOL_ID, inputs::DEVICE_GROUP_KEY, inputs::DEVICE_KEY);
                let client = SrpClient::new(device, inputs::CLIENT_ID, None);
                let made = client.get_password_verifier();
                let made = Registration { password: made.password, salt: made.salt, verifier: made.verifier };
                inputs::check_device(&made)?;
                Candidate::repeated(WHO, move || client.get_password_verifier())
            }
            _ => return Ok(None),
        }))
    }
}

fn client() -> SrpClient<User> {
    SrpClient::new(User::new(inputs::POOL_ID, inputs::USERNAME, inputs::PASSWORD), inputs::CLIENT_ID, None)
}

fn start() -> (SrpClient<User>, String) {
    let client = client();
    let srp_a = client.get_auth_parameters().a;
    (client, srp_a)
}

fn answer(client: &SrpClient<User>, challenge: &Parameters) -> Result<Parameters> {
    let [secret_block, user_id, salt, b] =
        ["SECRET_BLOCK", "USER_ID_FOR_SRP", "SALT", "SRP_B"].map(|key| &*challenge[key]);
    let claim = client.verify(secret_block, user_id, salt, b)?;
    let pairs = [
        ("USERNAME", user_id.into()),
        ("PASSWORD_CLAIM_SECRET_BLOCK", claim.password_claim_secret_block),
        ("PASSWORD_CLAIM_SIGNATURE", claim.password_claim_signature),
        ("TIMESTAMP", claim.timestamp),
    ];
    Ok(pairs.into_iter().map(|(key, value)| (key.into(), value)).collect())
}
