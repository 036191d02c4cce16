//! Bodies of requests, responses and errors: what is read holds what the body holds, and is written such that it is read
//! again, as the same.
#![no_main]

use cognito_srp6a::idp::{
    AssociateSoftwareTokenResponse, AuthResponse, ConfirmDeviceResponse, Operation, Request, ServiceError,
    SignOutResponse, VerifySoftwareTokenResponse,
};
use libfuzzer_sys::fuzz_target;
use serde_json::{Map, Value};

const OPERATIONS: [Operation; 10] = [
    Operation::InitiateAuth,
    Operation::AdminInitiateAuth,
    Operation::RespondToAuthChallenge,
    Operation::AdminRespondToAuthChallenge,
    Operation::ConfirmDevice,
    Operation::GetTokensFromRefreshToken,
    Operation::RevokeToken,
    Operation::GlobalSignOut,
    Operation::AssociateSoftwareToken,
    Operation::VerifySoftwareToken,
];

/// Members that must be found with the same values before and after, without our types.
fn members_of(operation: Operation) -> &'static [&'static str] {
    match operation {
        Operation::InitiateAuth | Operation::AdminInitiateAuth => {
            &["UserPoolId", "ClientId", "AuthFlow", "AuthParameters", "ClientMetadata", "Session"]
        }
        Operation::RespondToAuthChallenge | Operation::AdminRespondToAuthChallenge => {
            &["UserPoolId", "ClientId", "ChallengeName", "ChallengeResponses", "ClientMetadata", "Session"]
        }
        Operation::ConfirmDevice => &["AccessToken", "DeviceKey", "DeviceName"],
        Operation::GetTokensFromRefreshToken => {
            &["RefreshToken", "ClientId", "ClientSecret", "DeviceKey", "ClientMetadata"]
        }
        Operation::RevokeToken => &["Token", "ClientId", "ClientSecret", "RevokeAssociatedSessions"],
        Operation::GlobalSignOut => &["AccessToken"],
        Operation::AssociateSoftwareToken => &["AccessToken", "Session"],
        Operation::VerifySoftwareToken => &["AccessToken", "Session", "UserCode", "FriendlyDeviceName"],
        _ => unreachable!("an operation that this target does not know"),
    }
}

const OF_RESPONSE: [&str; 4] = ["ChallengeName", "ChallengeParameters", "Session", "AvailableChallenges"];

fuzz_target!(|body: &[u8]| {
    for operation in OPERATIONS {
        let Ok(request) = Request::from_json(operation, body) else { continue };
        let written = request.to_json();
        let again = Request::from_json(operation, &written).expect("what is written is read");
        assert_eq!(again.to_json(), written);
        compare(&written, body, members_of(operation));
        request.to_http("https://cognito-idp.us-east-1.amazonaws.com/").expect("a request that was read can be sent");
    }
    if let Ok(response) = AuthResponse::from_json(body) {
        let written = response.to_json();
        assert_eq!(AuthResponse::from_json(&written).expect("what is written is read").to_json(), written);
        compare(&written, body, &OF_RESPONSE);
    }
    if let Ok(error) = ServiceError::from_json(body) {
        assert_eq!(ServiceError::from_json(&error.to_json()), Ok(error));
    }
    let _ = SignOutResponse::from_http(200, body);
    if let Ok(response) = AssociateSoftwareTokenResponse::from_http(200, body) {
        let written = response.to_json();
        let again = AssociateSoftwareTokenResponse::from_http(200, &written).expect("what is written is read");
        assert_eq!(again.to_json(), written);
        compare(&written, body, &["SecretCode", "Session"]);
        response.secret_code().otpauth_uri("issuer", "account").expect("any code goes into a URI");
    }
    if let Ok(response) = VerifySoftwareTokenResponse::from_http(200, body) {
        let written = response.to_json();
        let again = VerifySoftwareTokenResponse::from_http(200, &written).expect("what is written is read");
        assert_eq!(again.to_json(), written);
        compare(&written, body, &["Status", "Session"]);
    }
    if let Ok(response) = ConfirmDeviceResponse::from_http(200, body) {
        assert_eq!(ConfirmDeviceResponse::from_http(200, &response.to_json()), Ok(response));
    }
});

fn compare(written: &[u8], body: &[u8], names: &[&str]) {
    // The other reader looks at members that are not ours, too, and may find fault with them.
    let Ok(Value::Object(body)) = serde_json::from_slice(body) else { return };
    let written = serde_json::from_slice(written).expect("what is written is JSON");
    assert_eq!(members(written, names), members(body, names));
}

/// Some members, without what counts as absent: `null`, and what is empty.
fn members(mut object: Map<String, Value>, names: &[&str]) -> Map<String, Value> {
    object.retain(|name, value| {
        if let Value::Object(map) = value {
            map.retain(|_, value| !value.is_null());
        }
        let absent = match value {
            Value::Null => true,
            Value::Object(map) => map.is_empty(),
            Value::Array(list) => list.is_empty(),
            Value::String(text) => text.is_empty() && name == "Session",
            _ => false,
        };
        names.contains(&name.as_str()) && !absent
    });
    object
}
