//! Our crate as a peer.

use std::hint::black_box;

use cognito_srp6a::hazmat::Backend;
use cognito_srp6a::server::PendingSignIn;
use cognito_srp6a::{AppClient, Device, DeviceCredentials, PasswordChallenge, PasswordClaim, Timestamp, UserSignIn};

use crate::Result;
use crate::candidate::Candidate;
use crate::inputs::{self, Inputs, MAX_AGE, Parameters, Registration};
use crate::name::Name;
use crate::peer::Peer;

/// The crate, called as an application calls it: text in, text out, with the system's randomness and clock.
pub struct Ours;

const WHO: &str = "ours";

impl Peer for Ours {
    fn who(&self) -> &'static str {
        WHO
    }

    fn version(&self) -> String {
        format!("backend {}", Backend::in_use().name())
    }

    fn constant_time(&self) -> bool {
        true
    }

    fn candidate<'a>(&'a self, name: Name, inputs: &'a Inputs) -> Result<Option<Candidate<'a>>> {
        let backend = Backend::in_use();
        let [base, factor] = &inputs.factors;
        Ok(Some(match name {
            Name::Mul => Candidate::counted(WHO, move |times| backend.mul_repeatedly(base, factor, times as usize)),
            Name::Square => Candidate::counted(WHO, move |times| backend.square_repeatedly(base, times as usize)),
            Name::Modexp(bits) => {
                let exponent = inputs.exponent(bits);
                Candidate::repeated(WHO, move || backend.pow_below(black_box(base), exponent, bits))
            }
            Name::SrpA | Name::PasswordVerifier | Name::SignIn => {
                let app = AppClient::new(inputs::POOL_ID.parse()?, inputs::CLIENT_ID)?;
                inputs.check_sign_in(|| start(&app), answer)?;
                client(name, app, &inputs.challenge)
            }
            Name::PendingSignIn => server_challenge(inputs)?,
            Name::ServerVerify => server_verify(inputs)?,
            Name::DeviceRegistration => device_registration()?,
        }))
    }
}

/// The client's rows.
fn client(name: Name, app: AppClient, challenge: &Parameters) -> Candidate<'_> {
    let start = move || start(&app).expect("checked before").0;
    let answer = |sign_in| answer(sign_in, challenge).expect("checked before");
    match name {
        Name::SrpA => Candidate::repeated(WHO, start),
        Name::PasswordVerifier => Candidate::prepared(WHO, start, answer),
        _ => Candidate::repeated(WHO, move || answer(start())),
    }
}

fn start(app: &AppClient) -> Result<(UserSignIn, String)> {
    let (sign_in, parameters) = UserSignIn::start(app, &inputs::USERNAME.parse()?)?;
    let mut parameters = Parameters::from(parameters);
    Ok((sign_in, parameters.remove("SRP_A").ok_or("no SRP_A")?))
}

fn answer(sign_in: UserSignIn, challenge: &Parameters) -> Result<Parameters> {
    let challenge = PasswordChallenge::from_parameters(challenge)?;
    Ok(sign_in.answer(challenge, &inputs::PASSWORD.parse()?, Timestamp::now()?)?.into())
}

fn server_challenge(inputs: &Inputs) -> Result<Candidate<'_>> {
    let record = inputs.record()?;
    let srp_a = inputs::hex(&inputs.client_public);
    Ok(Candidate::repeated(WHO, move || {
        let srp_a = srp_a.parse().expect("A is between 0 and N");
        let now = Timestamp::now().expect("the clock is right");
        let (state, challenge) = PendingSignIn::new(&record, srp_a, now).expect("the system has randomness");
        (state, Parameters::from(challenge))
    }))
}

fn server_verify(inputs: &Inputs) -> Result<Candidate<'_>> {
    let app = AppClient::new(inputs::POOL_ID.parse()?, inputs::CLIENT_ID)?;
    let record = inputs.record()?;
    let (sign_in, srp_a) = start(&app)?;
    let (state, challenge) = inputs.challenge_for(&srp_a)?;
    let claim = answer(sign_in, &challenge)?;
    let verify = move || {
        let claim = PasswordClaim::from_parameters(&claim)?;
        state.verify(&record, &claim, Timestamp::now()?, MAX_AGE)
    };
    verify()?;
    Ok(Candidate::repeated(WHO, verify))
}

fn device_registration() -> Result<Candidate<'static>> {
    let device = Device::new(inputs::DEVICE_KEY.parse()?, inputs::DEVICE_GROUP_KEY)?;
    let (credentials, made) = DeviceCredentials::register(device.clone())?;
    inputs::check_device(&Registration {
        password: credentials.expose_password().into(),
        salt: made.salt(),
        verifier: made.password_verifier().to_string(),
    })?;
    Ok(Candidate::repeated(WHO, move || DeviceCredentials::register(device.clone())))
}
