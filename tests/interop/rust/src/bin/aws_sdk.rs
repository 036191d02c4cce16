//! The official AWS SDK for Rust with our client on top of it, through the calls of an app and through those of an
//! administrator.
//!
//! ```console
//! $ aws_sdk app|admin CONFIG
//! ```

use aws_sdk_cognitoidentityprovider as cognito;
use cognito::config::{BehaviorVersion, Region};
use cognito::error::{ProvideErrorMetadata, SdkError};
use cognito::types::{
    AuthFlowType, AuthenticationResultType, ChallengeNameType, DeviceRememberedStatusType,
    DeviceSecretVerifierConfigType,
};
use cognito_srp6a::{
    AppClient, ClientSecret, Device, DeviceChallenge, DeviceCredentials, DeviceSignIn, Parameter, PasswordChallenge,
    Timestamp, UserSignIn, Username,
};
use interop::{Client, Config, Map, Pool, Refused, Result, expect};

fn main() -> Result<()> {
    let config = Config::from_arguments()?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let calls = match std::env::args().nth(1).as_deref() {
        Some("app") => Calls::App,
        Some("admin") => Calls::Admin,
        _ => return Err("whose calls?".into()),
    };
    let ours = Ours { calls, runtime: &runtime };
    if config.server == "moto" {
        // Its SECRET_BLOCK is a UUID, dashes and all.
        interop::stops(&ours, &config, &cognito_srp6a::Error::NotBase64(Parameter::SecretBlock).to_string());
    } else {
        interop::run(&ours, &config);
    }
    Ok(())
}

/// Which pair of operations carries the messages.
#[derive(Clone, Copy, PartialEq)]
enum Calls {
    App,
    Admin,
}

struct Ours<'a> {
    calls: Calls,
    runtime: &'a tokio::runtime::Runtime,
}

impl Client for Ours<'_> {
    fn name(&self) -> String {
        match self.calls {
            Calls::App => "ours, AWS SDK for Rust".into(),
            Calls::Admin => "ours, AWS SDK, Admin calls".into(),
        }
    }

    fn lacks(&self, flow: &str) -> Option<&'static str> {
        if flow == "wrong_key" {
            return (self.calls == Calls::App).then_some(interop::UNSIGNED);
        }
        let has = interop::PROOFS.contains(&flow) || matches!(flow, "new_password" | "device");
        (!has).then_some("the messages of the proofs alone; `SignIn` below has the other flows")
    }

    fn sign_in(&self, pool: &Pool, username: &str, password: &str) -> Result<String> {
        self.runtime.block_on(async {
            let session = Session::new(self.calls, pool)?;
            tokens(session.prove_password(username, password, None).await?.1)
        })
    }

    fn sign_in_with_new_password(&self, pool: &Pool, username: &str, password: &str, new: &str) -> Result<String> {
        self.runtime.block_on(async {
            let session = Session::new(self.calls, pool)?;
            let (name, answer) = session.prove_password(username, password, None).await?;
            expect(answer.challenge == Some(ChallengeNameType::NewPasswordRequired), || {
                format!("{:?} in place of NEW_PASSWORD_REQUIRED", answer.challenge)
            })?;
            let mut responses = Map::from([("USERNAME".into(), name.to_string()), ("NEW_PASSWORD".into(), new.into())]);
            responses.extend(session.app.secret_hash(&name).map(|hash| ("SECRET_HASH".into(), hash.to_string())));
            tokens(session.respond(ChallengeNameType::NewPasswordRequired, responses, answer.session).await?)
        })
    }

    fn sign_in_with_new_device(&self, pool: &Pool, username: &str, password: &str) -> Result<String> {
        self.runtime.block_on(async {
            let session = Session::new(self.calls, pool)?;
            let (_, first) = session.prove_password(username, password, None).await?;
            let credentials = session.confirm_device(first).await?;
            session.sign_in_with_device(username, password, &credentials).await
        })
    }
}

/// What both kinds of answer have in common.
struct Answer {
    challenge: Option<ChallengeNameType>,
    parameters: Map,
    session: Option<String>,
    result: Option<AuthenticationResultType>,
}

/// Takes an SDK output apart; the four output types have the same fields and nothing else in common.
macro_rules! answer {
    ($call:expr) => {{
        let output = $call.send().await.map_err(refusal)?;
        Ok(Answer {
            challenge: output.challenge_name,
            parameters: output.challenge_parameters.unwrap_or_default(),
            session: output.session,
            result: output.authentication_result,
        })
    }};
}

/// An app client and the SDK that speaks for it.
struct Session {
    calls: Calls,
    sdk: cognito::Client,
    app: AppClient,
}

impl Session {
    fn new(calls: Calls, pool: &Pool) -> Result<Self> {
        let mut app = AppClient::new(pool.place.pool_id.parse()?, pool.place.client_id.as_str())?;
        if let Some(secret) = &pool.place.client_secret {
            app = app.with_secret(ClientSecret::new(secret.as_str())?);
        }
        let config = cognito::Config::builder()
            .behavior_version(BehaviorVersion::latest())
            .region(Region::new(pool.place.region.clone()))
            .endpoint_url(pool.place.endpoint.as_str())
            .credentials_provider(pool.place.credentials())
            .http_client(aws_smithy_http_client::Builder::new().build_http())
            .build();
        Ok(Self { calls, sdk: cognito::Client::from_conf(config), app })
    }

    /// `USER_SRP_AUTH` and `PASSWORD_VERIFIER`. Returns the name that later answers go under, and what came back.
    async fn prove_password(
        &self,
        username: &str,
        password: &str,
        device: Option<&DeviceCredentials>,
    ) -> Result<(Username, Answer)> {
        let username = username.parse()?;
        let key = device.map(|device| device.device().key());
        let (sign_in, start) = UserSignIn::builder(&self.app, &username).with_device_key(key).start()?;
        let started = self.initiate(start.into()).await?;
        expect(started.challenge == Some(ChallengeNameType::PasswordVerifier), || {
            format!("{:?} in place of PASSWORD_VERIFIER", started.challenge)
        })?;
        let challenge = PasswordChallenge::from_parameters(&started.parameters)?;
        let name = challenge.username().clone();
        let claim = sign_in.answer(challenge, &password.parse()?, Timestamp::now()?)?;
        let answer = self.respond(ChallengeNameType::PasswordVerifier, claim.into(), started.session).await?;
        Ok((name, answer))
    }

    /// Has the device that a sign-in announces confirmed and remembered.
    async fn confirm_device(&self, signed_in: Answer) -> Result<DeviceCredentials> {
        let result = signed_in.result.ok_or("no tokens")?;
        let announced = result.new_device_metadata.ok_or("a sign-in without a device got no NewDeviceMetadata")?;
        let key = announced.device_key.ok_or("no DeviceKey")?;
        let device = Device::new(key.parse()?, announced.device_group_key.ok_or("no DeviceGroupKey")?)?;
        let (credentials, verifier) = DeviceCredentials::register(device)?;
        let verifier = DeviceSecretVerifierConfigType::builder()
            .password_verifier(verifier.password_verifier().as_str())
            .salt(verifier.salt())
            .build();
        let access_token = result.access_token.ok_or("no AccessToken")?;
        self.sdk
            .confirm_device()
            .access_token(&access_token)
            .device_key(&key)
            .device_name("interop")
            .device_secret_verifier_config(verifier)
            .send()
            .await
            .map_err(refusal)?;
        self.sdk
            .update_device_status()
            .access_token(&access_token)
            .device_key(&key)
            .device_remembered_status(DeviceRememberedStatusType::Remembered)
            .send()
            .await
            .map_err(refusal)?;
        Ok(credentials)
    }

    /// A whole sign-in with a remembered device: the password first, then the device.
    async fn sign_in_with_device(&self, username: &str, password: &str, device: &DeviceCredentials) -> Result<String> {
        let (name, answer) = self.prove_password(username, password, Some(device)).await?;
        expect(answer.challenge == Some(ChallengeNameType::DeviceSrpAuth), || {
            format!("{:?} in place of DEVICE_SRP_AUTH", answer.challenge)
        })?;
        let (sign_in, start) = DeviceSignIn::start(&self.app, &name, device)?;
        let started = self.respond(ChallengeNameType::DeviceSrpAuth, start.into(), answer.session).await?;
        let challenge = DeviceChallenge::from_parameters(&started.parameters)?;
        let claim = sign_in.answer(challenge, Timestamp::now()?)?;
        let last = self.respond(ChallengeNameType::DevicePasswordVerifier, claim.into(), started.session).await?;
        let announced = last.result.as_ref().is_some_and(|result| result.new_device_metadata.is_some());
        expect(!announced, || "a known device was announced as new".into())?;
        tokens(last)
    }

    async fn initiate(&self, parameters: Map) -> Result<Answer> {
        match self.calls {
            Calls::App => answer!(
                self.sdk
                    .initiate_auth()
                    .client_id(self.app.client_id())
                    .auth_flow(AuthFlowType::UserSrpAuth)
                    .set_auth_parameters(Some(parameters))
            ),
            Calls::Admin => answer!(
                self.sdk
                    .admin_initiate_auth()
                    .user_pool_id(self.app.pool_id().as_str())
                    .client_id(self.app.client_id())
                    .auth_flow(AuthFlowType::UserSrpAuth)
                    .set_auth_parameters(Some(parameters))
            ),
        }
    }

    async fn respond(&self, challenge: ChallengeNameType, responses: Map, session: Option<String>) -> Result<Answer> {
        match self.calls {
            Calls::App => answer!(
                self.sdk
                    .respond_to_auth_challenge()
                    .client_id(self.app.client_id())
                    .challenge_name(challenge)
                    .set_challenge_responses(Some(responses))
                    .set_session(session)
            ),
            Calls::Admin => answer!(
                self.sdk
                    .admin_respond_to_auth_challenge()
                    .user_pool_id(self.app.pool_id().as_str())
                    .client_id(self.app.client_id())
                    .challenge_name(challenge)
                    .set_challenge_responses(Some(responses))
                    .set_session(session)
            ),
        }
    }
}

/// The access token of a finished sign-in.
fn tokens(answer: Answer) -> Result<String> {
    let result = answer.result.ok_or_else(|| format!("no tokens, but {:?}", answer.challenge))?;
    result.access_token.ok_or_else(|| "no AccessToken".into())
}

/// What the service refuses becomes the suite's error, under the name that the SDK has parsed; the rest stays as it is.
fn refusal<E, R>(error: SdkError<E, R>) -> Box<dyn std::error::Error + Send + Sync>
where
    E: ProvideErrorMetadata + std::error::Error + Send + Sync + 'static,
    R: std::fmt::Debug + Send + Sync + 'static,
{
    match error.as_service_error().and_then(ProvideErrorMetadata::code) {
        Some(code) => Refused(code.into()).into(),
        None => Box::new(error),
    }
}
