//! Whole sign-ins at the local pool.

mod common;

use std::net::{SocketAddr, TcpListener};
use std::thread;

use aws_sdk_cognitoidentityprovider::Client;
use cognito_srp6a::idp::{
    Api, Challenge, ConfirmDevice, ConfirmDeviceResponse, Credentials, RefreshToken, Request, ServiceErrorName, SignIn,
    SignInError, SignInFlow, SignedIn,
};
use cognito_srp6a::{AppClient, DeviceCredentials, Password};
use cognito_srp6a_aws_sdk::{CallError, DriverError, send};
use local_pool::{Options, Pool, Server};

type Answer = Result<(SignIn, Request), Box<dyn std::error::Error>>;

/// Starts a pool with devices and a user whose password is temporary.
fn pool() -> (AppClient, SocketAddr) {
    let flags = ["--listen", "127.0.0.1:0", "--devices", "--client-secret", "an0example0secret0of0thirty0chars"];
    let users = ["--user", "alice:Passw0rd!", "--user", "frank:Temp0rary!", "--force-new-password", "frank"];
    let options = Options::from_arguments(flags.into_iter().chain(users)).unwrap().unwrap();
    let server =
        Server::bind(options.listen, Pool::new(&options).unwrap(), options.patience, options.connections).unwrap();
    let address = server.address().unwrap();
    thread::spawn(move || server.run().unwrap());
    (options.clients[0].app.clone(), address)
}

fn credentials(name: &str, password: &str) -> Credentials {
    Credentials::new(name.parse().unwrap()).with_password(Password::new(password).unwrap())
}

async fn answer(challenge: Challenge) -> Answer {
    match challenge {
        Challenge::NewPasswordRequired(challenge) => Ok(challenge.answer(&Password::new("Corr3ct:horse!")?, &[])?),
        other => Err(format!("cannot answer {}", other.name()).into()),
    }
}

async fn sign_in(
    client: &Client,
    app: &AppClient,
    api: Api,
    flow: SignInFlow,
    credentials: Credentials,
) -> Result<SignedIn, DriverError<Box<dyn std::error::Error>>> {
    let started = SignIn::builder(app, api, flow, credentials).start().unwrap();
    cognito_srp6a_aws_sdk::sign_in(client, started, answer).await
}

#[tokio::test]
async fn both_families_of_calls_sign_in_and_refresh() {
    let (app, address) = pool();
    let client = common::client(address);
    for api in [Api::Public, Api::Admin] {
        let signed_in =
            sign_in(&client, &app, api, SignInFlow::UserSrp, credentials("alice", "Passw0rd!")).await.unwrap();
        assert_eq!(signed_in.username().as_str(), "alice");
        let token = RefreshToken::new(signed_in.result().refresh_token().unwrap()).unwrap();
        let started = SignIn::refresh(&app, api, &token, signed_in.username()).start().unwrap();
        let refreshed = cognito_srp6a_aws_sdk::sign_in(&client, started, answer).await.unwrap();
        assert!(refreshed.result().access_token().is_some());
    }
}

#[tokio::test]
async fn a_sign_in_may_run_in_a_task_of_its_own() {
    let (app, address) = pool();
    let started = SignIn::builder(&app, Api::Public, SignInFlow::UserSrp, credentials("alice", "Passw0rd!")).start();
    let task = tokio::spawn(async move {
        let client = common::client(address);
        let answer = async |_: Challenge| Err::<(SignIn, Request), _>("no challenge is expected");
        cognito_srp6a_aws_sdk::sign_in(&client, started.unwrap(), answer).await.map(drop)
    });
    task.await.unwrap().unwrap();
}

#[tokio::test]
async fn a_challenge_goes_to_the_caller() {
    let (app, address) = pool();
    let client = common::client(address);
    let flow = || SignInFlow::UserSrp;
    sign_in(&client, &app, Api::Admin, flow(), credentials("frank", "Temp0rary!")).await.unwrap();
    sign_in(&client, &app, Api::Admin, flow(), credentials("frank", "Corr3ct:horse!")).await.unwrap();
}

#[tokio::test]
async fn a_device_is_registered_and_signs_in() {
    let (app, address) = pool();
    let client = common::client(address);
    let alice = || credentials("alice", "Passw0rd!");
    let signed_in = sign_in(&client, &app, Api::Public, SignInFlow::UserSrp, alice()).await.unwrap();
    let (credentials, verifier) = DeviceCredentials::register(signed_in.new_device().unwrap().unwrap()).unwrap();
    let access_token = signed_in.result().access_token().unwrap();
    let request = ConfirmDevice::new(access_token, credentials.device().key(), &verifier, Some("laptop")).unwrap();
    let _: ConfirmDeviceResponse = send(&client, &Request::ConfirmDevice(request)).await.unwrap().unwrap();

    let with_device = alice().with_device(credentials);
    let again = sign_in(&client, &app, Api::Public, SignInFlow::UserSrp, with_device).await.unwrap();
    assert!(again.new_device().unwrap().is_none());
}

#[tokio::test]
async fn a_wrong_password_is_the_services_error() {
    let (app, address) = pool();
    let client = common::client(address);
    let refused = sign_in(&client, &app, Api::Public, SignInFlow::UserSrp, credentials("alice", "wrong")).await;
    let Err(DriverError::SignIn(SignInError::Service(error))) = refused else { panic!("{refused:?}") };
    assert_eq!(*error.name(), ServiceErrorName::NotAuthorized);
}

#[tokio::test]
async fn without_a_server_the_error_is_the_sdks_own() {
    let free = TcpListener::bind(("127.0.0.1", 0)).unwrap().local_addr().unwrap();
    let app = AppClient::new("us-east-1_AbCdEfGhI".parse().unwrap(), "client").unwrap();
    let client = common::client(free);
    let refused = sign_in(&client, &app, Api::Public, SignInFlow::UserSrp, credentials("alice", "Passw0rd!")).await;
    let Err(DriverError::Call(CallError::Transport(error))) = refused else { panic!("{refused:?}") };
    assert!(error.as_service_error().is_none());
}
