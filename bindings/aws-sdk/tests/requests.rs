//! The SDK sends the body that the feature `http` of the crate makes, for each request in `vectors/api`.

mod common;

use std::fs;
use std::path::Path;

use cognito_srp6a::idp::{
    AssociateSoftwareTokenResponse, AuthResponse, ConfirmDeviceResponse, Operation, Request, ResponseError,
    ServiceErrorName, SignOutResponse, VerifySoftwareTokenResponse,
};
use cognito_srp6a_aws_sdk::{CallError, send};
use common::{client, server};
use serde_json::Value;

/// Returns the request of each file, with the file's name, the operation and the body.
fn requests() -> Vec<(String, String, Value)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../vectors/api");
    let mut requests = Vec::new();
    for file in fs::read_dir(folder).unwrap() {
        let path = file.unwrap().path();
        let golden: Value = serde_json::from_slice(&fs::read(&path).unwrap()).unwrap();
        let name = path.file_name().unwrap().to_str().unwrap().to_owned();
        requests.push((name, golden["operation"].as_str().unwrap().to_owned(), golden["body"].clone()));
    }
    requests.sort_by(|one, other| one.0.cmp(&other.0));
    requests
}

/// Sends a request, whatever it brings.
async fn send_any(address: std::net::SocketAddr, request: &Request) -> Result<(), CallError> {
    let client = client(address);
    match request.operation() {
        Operation::ConfirmDevice => send::<ConfirmDeviceResponse>(&client, request).await.map(drop),
        Operation::RevokeToken | Operation::GlobalSignOut => send::<SignOutResponse>(&client, request).await.map(drop),
        Operation::AssociateSoftwareToken => send::<AssociateSoftwareTokenResponse>(&client, request).await.map(drop),
        Operation::VerifySoftwareToken => send::<VerifySoftwareTokenResponse>(&client, request).await.map(drop),
        _ => send::<AuthResponse>(&client, request).await.map(drop),
    }
}

#[tokio::test]
async fn the_sdk_sends_the_body_that_http_makes() {
    let (address, caught) = server("200 OK", r#"{"SecretCode":"JBSWY3DPEHPK3PXP"}"#);
    let requests = requests();
    assert!(requests.len() > 80, "{} files", requests.len());
    let mut unknown = Vec::new();
    for (file, name, body) in requests {
        let operation = Operation::from_name(&name).unwrap();
        let request = Request::from_json(operation, body.to_string().as_bytes()).unwrap();
        let http: Value = serde_json::from_slice(&request.to_json()).unwrap();
        match send_any(address, &request).await {
            Err(CallError::UnknownMember(member)) => {
                assert!(http.get(member).is_some(), "{file}");
                unknown.push(file);
                continue;
            }
            sent => sent.unwrap(),
        }
        let caught = caught.recv().unwrap();
        assert_eq!(caught.operation, name, "{file}");
        assert_eq!(serde_json::from_slice::<Value>(&caught.body).unwrap(), http, "{file}");
    }
    // A newer SDK may know them.
    assert_eq!(unknown, ["RevokeToken.token.json"]);
}

/// Returns what a call brings when the server answers so.
async fn answered(status: &'static str, body: &'static str) -> Result<AuthResponse, ResponseError> {
    let (address, _caught) = server(status, body);
    let (_, _, call) = requests().into_iter().find(|(file, ..)| file == "InitiateAuth.USER_SRP_AUTH.json").unwrap();
    let request = Request::from_json(Operation::InitiateAuth, call.to_string().as_bytes()).unwrap();
    send(&client(address), &request).await.unwrap()
}

#[tokio::test]
async fn an_error_of_the_service_keeps_its_status_and_reason() {
    let body = r#"{"__type":"InvalidParameterException","message":"no","reasonCode":"some_reason"}"#;
    let Err(ResponseError::Service(error)) = answered("400 Bad Request", body).await else { panic!("no error") };
    assert_eq!(*error.name(), ServiceErrorName::InvalidParameter);
    assert_eq!((error.message(), error.reason_code(), error.status()), ("no", Some("some_reason"), Some(400)));
}

#[tokio::test]
async fn a_page_of_a_firewall_is_told_from_an_error_of_the_service() {
    let refused = answered("403 Forbidden", "<html><body>Request blocked</body></html>").await;
    assert!(matches!(refused, Err(ResponseError::Body { status: 403, .. })), "{refused:?}");
}

#[tokio::test]
async fn everything_of_a_response_comes_back() {
    let body = r#"{"AuthenticationResult":{"AccessToken":"a","IdToken":"i","RefreshToken":"r","TokenType":"Bearer","ExpiresIn":60,
        "NewDeviceMetadata":{"DeviceKey":"us-east-1_0a","DeviceGroupKey":"-g"}}}"#;
    let response = answered("200 OK", body).await.unwrap();
    assert_eq!(response.to_json(), AuthResponse::from_http(200, body.as_bytes()).unwrap().to_json());

    let body = r#"{"ChallengeName":"SELECT_CHALLENGE","Session":"a session of twenty characters",
        "AvailableChallenges":["EMAIL_OTP","SOMETHING_NEW"],"ChallengeParameters":{"USERNAME":"alice"}}"#;
    let response = answered("200 OK", body).await.unwrap();
    assert_eq!(response.to_json(), AuthResponse::from_http(200, body.as_bytes()).unwrap().to_json());
}

#[tokio::test]
async fn no_error_prints_what_came() {
    let (address, _caught) =
        server("200 OK", r#"{"AuthenticationResult":{"AccessToken":"a-secret-token","ExpiresIn":"soon"}}"#);
    let (_, _, call) = requests().into_iter().find(|(file, ..)| file == "InitiateAuth.USER_SRP_AUTH.json").unwrap();
    let request = Request::from_json(Operation::InitiateAuth, call.to_string().as_bytes()).unwrap();
    let broken = send::<AuthResponse>(&client(address), &request).await;
    let printed = format!("{broken:?}");
    assert!(!printed.contains("a-secret-token"), "{printed}");
}

#[tokio::test]
async fn a_response_of_another_call_is_refused() {
    let (address, caught) = server("200 OK", "{}");
    let (_, _, call) = requests().into_iter().find(|(file, ..)| file == "GlobalSignOut.token.json").unwrap();
    let request = Request::from_json(Operation::GlobalSignOut, call.to_string().as_bytes()).unwrap();
    let refused = send::<ConfirmDeviceResponse>(&client(address), &request).await;
    assert!(matches!(refused, Err(CallError::OtherResponse)), "{refused:?}");
    assert!(caught.try_recv().is_err(), "nothing is sent");
}
