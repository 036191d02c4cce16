//! One step of a sign-in.

use std::io::Read as _;

use cognito_srp6a::idp::{
    AuthenticationResult, Challenge, ChallengeName, ConfirmDevice, Credentials, FirstFactor, GetTokensFromRefreshToken,
    MfaSetup, RefreshOutcome, RefreshToken, Request, SignIn, SignInError, SignInFlow, Step, StoredChallenge,
};
use cognito_srp6a::{AppClient, ClientSecret, Device, DeviceCredentials, Password, Timestamp};
use interop::{Asked, Place, Refused, Result};
use serde::{Deserialize, Serialize};

use crate::carrier::{Calls, Carrier, Transport};

/// What a process is to do.
#[derive(Serialize, Deserialize)]
pub struct Task {
    pub transport: Transport,
    pub calls: Calls,
    pub pool: Place,
    pub job: Job,
}

#[derive(Serialize, Deserialize)]
pub enum Job {
    Start {
        username: String,
        password: Option<String>,
        flow: String,
        device: Option<Known>,
    },
    /// The password is for a challenge that begins a proof.
    Answer {
        stored: String,
        answer: String,
        password: Option<String>,
    },
    Associate {
        stored: String,
    },
    Verify {
        stored: String,
        code: String,
    },
    Register {
        access_token: String,
        device: Announced,
    },
    Refresh {
        username: String,
        refresh_token: String,
    },
    Rotate {
        refresh_token: String,
    },
}

/// What has come of it.
#[derive(Serialize, Deserialize)]
pub enum Outcome {
    Asked { asked: Asked, stored: String },
    SignedIn(SignedIn),
    Registered(Known),
    Refused(String),
}

#[derive(Serialize, Deserialize)]
pub struct SignedIn {
    pub username: String,
    pub access_token: String,
    pub refresh_token: Option<String>,
    /// The device that the pool offers to remember.
    pub device: Option<Announced>,
    pub by_device: bool,
}

/// A device that the pool has announced.
#[derive(Serialize, Deserialize)]
pub struct Announced {
    key: String,
    group_key: String,
}

/// A device that is registered.
#[derive(Serialize, Deserialize)]
pub struct Known {
    device: Announced,
    password: String,
}

/// Reads a task, does it, and writes what has come of it.
pub fn run() -> Result<()> {
    let mut text = String::new();
    std::io::stdin().read_to_string(&mut text)?;
    let task: Task = serde_json::from_str(&text)?;
    let outcome = match work(task) {
        Ok(outcome) => outcome,
        Err(error) => Outcome::Refused(error.downcast::<Refused>()?.0),
    };
    println!("{}", serde_json::to_string(&outcome)?);
    Ok(())
}

fn work(task: Task) -> Result<Outcome> {
    let Task { transport, calls, pool, job } = task;
    let app = AppClient::new(pool.pool_id.parse()?, pool.client_id.as_str())?;
    let app = match &pool.client_secret {
        Some(secret) => app.with_secret(ClientSecret::new(secret.as_str())?),
        None => app,
    };
    let carrier = Carrier::new(transport, pool)?;
    match job {
        Job::Start { username, password, flow, device } => {
            let mut credentials = Credentials::new(username.parse()?);
            if let Some(password) = password {
                credentials = credentials.with_password(Password::new(password)?);
            }
            if let Some(known) = device {
                credentials = credentials.with_device(known.credentials()?);
            }
            go_on(&carrier, SignIn::builder(&app, calls.api(), flow_of(&flow, calls)?, credentials).start()?)
        }
        Job::Answer { stored, answer, password } => {
            let stored = StoredChallenge::new(stored)?;
            let password = password.map(Password::new).transpose()?;
            go_on(&carrier, answered(stored.take_up(&app).with_password(password).build()?, &answer)?)
        }
        Job::Associate { stored } => {
            let mut setup = setup(&stored, &app)?;
            let secret = setup.associated(carrier.associate(&setup.associate()?)?);
            ask(Challenge::MfaSetup(setup), Some(secret.expose().to_owned()))
        }
        Job::Verify { stored, code } => {
            let setup = setup(&stored, &app)?;
            let response = carrier.verify(&setup.verify(&code, Some("interop"))?)?;
            match setup.verified(response).map_err(refused)? {
                Step::Send(sign_in, request) => go_on(&carrier, (sign_in, request)),
                Step::Challenge(challenge) => ask(challenge, None),
                _ => Err("no answer to MFA_SETUP".into()),
            }
        }
        Job::Register { access_token, device } => {
            let (credentials, verifier) = DeviceCredentials::register(device.device()?)?;
            let key = credentials.device().key();
            carrier.confirm(&Request::ConfirmDevice(ConfirmDevice::new(
                access_token,
                key,
                &verifier,
                Some("interop"),
            )?))?;
            Ok(Outcome::Registered(Known { password: credentials.expose_password().into(), device }))
        }
        Job::Refresh { username, refresh_token } => {
            let token = RefreshToken::new(refresh_token)?;
            go_on(&carrier, SignIn::refresh(&app, calls.api(), &token, &username.parse()?).start()?)
        }
        Job::Rotate { refresh_token } => {
            let request = GetTokensFromRefreshToken::new(&app, &RefreshToken::new(refresh_token)?);
            let response = carrier.send(&Request::GetTokensFromRefreshToken(request))?;
            match RefreshOutcome::new(response).map_err(refused)? {
                RefreshOutcome::Refreshed(tokens) => Ok(Outcome::SignedIn(SignedIn::new(&tokens, false)?)),
                RefreshOutcome::Reused => Err(Refused("RefreshTokenReuseException".into()).into()),
            }
        }
    }
}

/// Goes on until the user is asked for something, or has tokens.
fn go_on(carrier: &Carrier, (mut sign_in, mut request): (SignIn, Request)) -> Result<Outcome> {
    let mut by_device = false;
    loop {
        by_device |= matches!(&request, Request::RespondToAuthChallenge(request)
            if *request.challenge_name() == ChallengeName::DevicePasswordVerifier);
        let response = carrier.send(&request)?;
        (sign_in, request) = match sign_in.advance(response, Timestamp::now()?).map_err(refused)? {
            Step::Send(sign_in, request) => (sign_in, request),
            Step::Challenge(challenge) => return ask(challenge, None),
            Step::Done(signed_in) => return Ok(Outcome::SignedIn(SignedIn::new(signed_in.result(), by_device)?)),
            Step::Retry(retry) => return Err(retry.error().to_string().into()),
        };
    }
}

/// Puts a challenge down.
fn ask(challenge: Challenge, secret_code: Option<String>) -> Result<Outcome> {
    let choices = match &challenge {
        Challenge::SelectChallenge(choice) | Challenge::SelectMfaType(choice) => choice.choices(),
        _ => Vec::new(),
    };
    let asked = Asked {
        name: challenge.name().to_string(),
        parameters: challenge.parameters().clone().into_iter().collect(),
        choices: choices.iter().map(ToString::to_string).collect(),
        refusal: challenge.refusal().map(|refusal| refusal.name().to_string()),
        secret_code,
    };
    Ok(Outcome::Asked { asked, stored: challenge.put_down()?.expose().to_owned() })
}

/// Takes `MFA_SETUP` up.
fn setup(stored: &str, app: &AppClient) -> Result<MfaSetup> {
    match StoredChallenge::new(stored)?.take_up(app).build()? {
        Challenge::MfaSetup(setup) => Ok(setup),
        other => Err(format!("{} in place of MFA_SETUP", other.name()).into()),
    }
}

fn answered(challenge: Challenge, answer: &str) -> Result<(SignIn, Request)> {
    Ok(match challenge {
        Challenge::NewPasswordRequired(challenge) => challenge.answer(&Password::new(answer)?, &[])?,
        Challenge::SmsMfa(challenge)
        | Challenge::EmailMfa(challenge)
        | Challenge::SoftwareTokenMfa(challenge)
        | Challenge::SmsOtp(challenge)
        | Challenge::EmailOtp(challenge) => challenge.answer(answer)?,
        Challenge::SelectChallenge(challenge) if answer == "PASSWORD_SRP" => challenge.prove_password()?,
        Challenge::SelectChallenge(challenge) | Challenge::SelectMfaType(challenge) => {
            challenge.answer(&ChallengeName::from(answer))?
        }
        Challenge::Custom(challenge) => challenge.answer(answer)?,
        Challenge::WebAuthn(challenge) => challenge.answer(answer)?,
        other => return Err(format!("no answer to {}", other.name()).into()),
    })
}

fn flow_of(name: &str, calls: Calls) -> Result<SignInFlow> {
    Ok(match (name, calls) {
        ("USER_SRP_AUTH", _) => SignInFlow::UserSrp,
        ("USER_AUTH", _) => SignInFlow::User(None),
        ("USER_AUTH EMAIL_OTP", _) => SignInFlow::User(Some(FirstFactor::EmailOtp)),
        ("USER_AUTH SMS_OTP", _) => SignInFlow::User(Some(FirstFactor::SmsOtp)),
        ("USER_AUTH WEB_AUTHN", _) => SignInFlow::User(Some(FirstFactor::WebAuthn)),
        ("CUSTOM_AUTH", _) => SignInFlow::Custom,
        ("CUSTOM_AUTH SRP_A", _) => SignInFlow::CustomSrp,
        ("PASSWORD", Calls::App) => SignInFlow::UserPassword,
        ("PASSWORD", Calls::Admin) => SignInFlow::AdminUserPassword,
        (other, _) => return Err(format!("no flow {other}").into()),
    })
}

/// The service's error becomes the suite's; another stays what it is.
fn refused(error: SignInError) -> Box<dyn std::error::Error + Send + Sync> {
    match error {
        SignInError::Service(error) => Refused(error.name().to_string()).into(),
        other => other.into(),
    }
}

impl SignedIn {
    fn new(tokens: &AuthenticationResult, by_device: bool) -> Result<Self> {
        Ok(Self {
            username: tokens.username().ok_or("the access token names nobody")?.to_string(),
            access_token: tokens.access_token().ok_or("no AccessToken")?.into(),
            refresh_token: tokens.refresh_token().map(Into::into),
            device: tokens
                .new_device()?
                .map(|device| Announced { key: device.key().as_str().into(), group_key: device.group_key().into() }),
            by_device,
        })
    }
}

impl Announced {
    fn device(&self) -> Result<Device> {
        Ok(Device::new(self.key.parse()?, self.group_key.as_str())?)
    }
}

impl Known {
    fn credentials(&self) -> Result<DeviceCredentials> {
        Ok(DeviceCredentials::from_parts(self.device.device()?, Password::new(self.password.as_str())?))
    }
}
