//! The other two Rust clients on crates.io, against a server over HTTP.
//!
//! ```console
//! $ other_clients aws-cognito-srp|cognito_srp CONFIG
//! ```

use aws_cognito_srp::{
    PasswordVerifierParameters, SrpClient, TrackedDevice, UntrackedDevice, User, VerificationParameters,
};
use interop::{Client, Config, Map, Pool, Result, call, expect};
use serde_json::{Value, json};

fn main() -> Result<()> {
    let config = Config::from_arguments()?;
    match std::env::args().nth(1).as_deref() {
        Some("aws-cognito-srp") => interop::run(&AwsCognitoSrp, &config),
        Some("cognito_srp") => interop::run(&CognitoSrp, &config),
        _ => return Err("which client?".into()),
    }
    Ok(())
}

const ALIAS_IN_SECRET_HASH: &str =
    "the crate hashes the alias into the SECRET_HASH of its answer, under the canonical name";

/// What a crate that only computes has nothing for: its caller sends every other message, with no help from it.
fn only_computes(flow: &str) -> Option<&'static str> {
    (!interop::PROOFS.contains(&flow)).then_some("computes the proof of a password, and sends nothing")
}

/// aws-cognito-srp 0.2.6.
struct AwsCognitoSrp;

impl Client for AwsCognitoSrp {
    fn name(&self) -> String {
        "aws-cognito-srp (crate)".into()
    }

    fn lacks(&self, flow: &str) -> Option<&'static str> {
        if flow == "device" { None } else { only_computes(flow) }
    }

    fn sign_in(&self, pool: &Pool, username: &str, password: &str) -> Result<String> {
        tokens(&Self::prove_password(pool, username, password, None)?)
    }

    fn sign_in_with_new_device(&self, pool: &Pool, username: &str, password: &str) -> Result<String> {
        let first = Self::prove_password(pool, username, password, None)?;
        let announced = &first["AuthenticationResult"]["NewDeviceMetadata"];
        let key = announced["DeviceKey"].as_str().ok_or("a sign-in without a device got no NewDeviceMetadata")?;
        let group_key = announced["DeviceGroupKey"].as_str().ok_or("no DeviceGroupKey")?;
        let untracked =
            SrpClient::new(UntrackedDevice::new(&pool.place.pool_id, group_key, key), &pool.place.client_id, None);
        let PasswordVerifierParameters { verifier, salt, password: device_password } =
            untracked.get_password_verifier();
        let access_token = tokens(&first)?;
        call(
            &pool.place,
            "ConfirmDevice",
            &json!({
                "AccessToken": access_token, "DeviceKey": key, "DeviceName": "interop",
                "DeviceSecretVerifierConfig": {"PasswordVerifier": verifier, "Salt": salt},
            }),
        )?;
        call(
            &pool.place,
            "UpdateDeviceStatus",
            &json!({
                "AccessToken": access_token, "DeviceKey": key, "DeviceRememberedStatus": "remembered",
            }),
        )?;

        let challenged = Self::prove_password(pool, username, password, Some(key))?;
        expect(challenged["ChallengeName"] == "DEVICE_SRP_AUTH", || {
            format!("{} in place of DEVICE_SRP_AUTH", challenged["ChallengeName"])
        })?;
        let device = TrackedDevice::new(&pool.place.pool_id, group_key, key, &device_password);
        let device = SrpClient::new(device, &pool.place.client_id, None);
        let start = device.get_auth_parameters();
        let started = respond(
            pool,
            "DEVICE_SRP_AUTH",
            &challenged,
            json!({
                "USERNAME": username, "DEVICE_KEY": start.device_key, "SRP_A": start.a,
            }),
        )?;
        let challenge = parameters(&started)?;
        let claim = device.verify(&challenge["SECRET_BLOCK"], &challenge["SALT"], &challenge["SRP_B"])?;
        let mut responses = claim_responses(&challenge["USERNAME"], claim);
        responses["DEVICE_KEY"] = key.into();
        tokens(&respond(pool, "DEVICE_PASSWORD_VERIFIER", &started, responses)?)
    }

    fn alias_with_secret_is_refused(&self) -> Option<&'static str> {
        Some(ALIAS_IN_SECRET_HASH)
    }
}

impl AwsCognitoSrp {
    fn prove_password(pool: &Pool, username: &str, password: &str, device_key: Option<&str>) -> Result<Value> {
        let user = User::new(&pool.place.pool_id, username, password);
        let client = SrpClient::new(user, &pool.place.client_id, pool.place.client_secret.as_deref());
        let start = client.get_auth_parameters();
        let mut first = json!({"USERNAME": start.username, "SRP_A": start.a});
        add(&mut first, "SECRET_HASH", client.get_secret_hash());
        add(&mut first, "DEVICE_KEY", device_key.map(Into::into));
        let started = initiate(pool, first)?;
        let challenge = parameters(&started)?;
        let id = &challenge["USER_ID_FOR_SRP"];
        let claim = client.verify(&challenge["SECRET_BLOCK"], id, &challenge["SALT"], &challenge["SRP_B"])?;
        let mut responses = claim_responses(id, claim);
        add(&mut responses, "SECRET_HASH", client.get_secret_hash());
        add(&mut responses, "DEVICE_KEY", device_key.map(Into::into));
        respond(pool, "PASSWORD_VERIFIER", &started, responses)
    }
}

/// `cognito_srp` 0.1.2.
struct CognitoSrp;

impl Client for CognitoSrp {
    fn name(&self) -> String {
        "cognito_srp (crate)".into()
    }

    fn lacks(&self, flow: &str) -> Option<&'static str> {
        only_computes(flow)
    }

    fn sign_in(&self, pool: &Pool, username: &str, password: &str) -> Result<String> {
        let secret = pool.place.client_secret.as_deref();
        let client =
            cognito_srp::SrpClient::new(username, password, &pool.place.pool_id, &pool.place.client_id, secret);
        let started = initiate(pool, json!(client.get_auth_params()?))?;
        let responses = client.process_challenge(parameters(&started)?)?;
        tokens(&respond(pool, "PASSWORD_VERIFIER", &started, json!(responses))?)
    }

    fn alias_with_secret_is_refused(&self) -> Option<&'static str> {
        Some(ALIAS_IN_SECRET_HASH)
    }
}

fn claim_responses(username: &str, claim: VerificationParameters) -> Value {
    json!({
        "USERNAME": username,
        "PASSWORD_CLAIM_SECRET_BLOCK": claim.password_claim_secret_block,
        "PASSWORD_CLAIM_SIGNATURE": claim.password_claim_signature,
        "TIMESTAMP": claim.timestamp,
    })
}

fn add(message: &mut Value, name: &str, value: Option<String>) {
    if let Some(value) = value {
        message[name] = value.into();
    }
}

fn initiate(pool: &Pool, parameters: Value) -> Result<Value> {
    call(
        &pool.place,
        "InitiateAuth",
        &json!({
            "ClientId": pool.place.client_id, "AuthFlow": "USER_SRP_AUTH", "AuthParameters": parameters,
        }),
    )
}

fn respond(pool: &Pool, challenge: &str, after: &Value, responses: Value) -> Result<Value> {
    let mut request = json!({
        "ClientId": pool.place.client_id, "ChallengeName": challenge, "ChallengeResponses": responses,
    });
    add(&mut request, "Session", after["Session"].as_str().map(Into::into));
    call(&pool.place, "RespondToAuthChallenge", &request)
}

fn parameters(started: &Value) -> Result<Map> {
    Ok(serde_json::from_value(started["ChallengeParameters"].clone())?)
}

fn tokens(answer: &Value) -> Result<String> {
    let token = answer["AuthenticationResult"]["AccessToken"].as_str();
    token.map(Into::into).ok_or_else(|| format!("no tokens, but {}", answer["ChallengeName"]).into())
}
