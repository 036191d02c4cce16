//! The texts of names and errors.

mod common;

use cognito_srp6a::idp::{
    AnswerError, Api, AuthFlow, Challenge, ChallengeName, ResponseError, ServiceErrorName, SignInError, SignInFlow,
};
use cognito_srp6a::{Error, Parameter, PasswordChallenge, Salt, SecretBlock};
use common::service::*;

/// How a kind of error is made, and what it says of its parameter.
type Kind = (fn(Parameter) -> Error, &'static str);

/// Each parameter with its name, and with the rule that its form is, where it has one.
const PARAMETERS: [(Parameter, &str, &str); 39] = [
    (Parameter::UserPoolId, "UserPoolId", "REGION_NAME"),
    (Parameter::Region, "Region", "us-east-1"),
    (Parameter::ClientId, "ClientId", "letters, digits"),
    (Parameter::ClientSecret, "ClientSecret", "24 to 64"),
    (Parameter::Username, "USERNAME", ""),
    (Parameter::Password, "PASSWORD", ""),
    (Parameter::SrpA, "SRP_A", ""),
    (Parameter::SrpB, "SRP_B", ""),
    (Parameter::Salt, "SALT", "sign byte"),
    (Parameter::SecretBlock, "SECRET_BLOCK", ""),
    (Parameter::UserIdForSrp, "USER_ID_FOR_SRP", ""),
    (Parameter::PasswordClaimSignature, "PASSWORD_CLAIM_SIGNATURE", "32 bytes"),
    (Parameter::SecretHash, "SECRET_HASH", ""),
    (Parameter::DeviceKey, "DEVICE_KEY", "REGION_ID"),
    (Parameter::DeviceGroupKey, "DeviceGroupKey", ""),
    (Parameter::Timestamp, "TIMESTAMP", "1970 to 9999"),
    (Parameter::AuthFlow, "AuthFlow", ""),
    (Parameter::ChallengeName, "ChallengeName", ""),
    (Parameter::Session, "Session", "20 characters"),
    (Parameter::RefreshToken, "REFRESH_TOKEN", "letters, digits"),
    (Parameter::AccessToken, "AccessToken", "letters, digits"),
    (Parameter::DeviceName, "DeviceName", ""),
    (Parameter::TargetAcrValues, "TARGET_ACR_VALUES", "no URI"),
    (Parameter::AuthParameters, "AuthParameters", ""),
    (Parameter::ChallengeResponses, "ChallengeResponses", ""),
    (Parameter::ExtraParameter, "extra parameter", "crate itself"),
    (Parameter::SecretCode, "SecretCode", "16 or more"),
    (Parameter::UserCode, "UserCode", "exactly 6"),
    (Parameter::FriendlyDeviceName, "FriendlyDeviceName", ""),
    (Parameter::OtpauthLabel, "label", "colon"),
    (Parameter::Code, "code", "6 to 8"),
    (Parameter::Credential, "CREDENTIAL", "JSON object"),
    (Parameter::Answer, "ANSWER", "choices"),
    (Parameter::UserAttributes, "userAttributes", ""),
    (Parameter::ClientMetadata, "ClientMetadata", ""),
    (Parameter::AnalyticsMetadata, "AnalyticsMetadata", ""),
    (Parameter::UserContextData, "UserContextData", ""),
    (Parameter::ContextData, "ContextData", ""),
    (Parameter::PasswordVerifier, "PasswordVerifier", "sign byte"),
];

#[test]
fn an_error_names_its_parameter_and_the_rule() {
    let errors: [Kind; 8] = [
        (Error::Missing, "is missing"),
        (Error::Empty, "is empty"),
        (Error::TooLong, "is too long"),
        (Error::NotHex, "is not hex"),
        (Error::NotBase64, "is not standard Base64"),
        (Error::PublicValueIsZero, "is 0 mod N"),
        (Error::PublicValueOutOfRange, "is not below N"),
        (Error::NotInThisCall, "does not belong to this call"),
    ];
    for (parameter, name, rule) in PARAMETERS {
        assert_eq!((parameter.name(), parameter.to_string()), (name, name.to_owned()));
        for (error, text) in errors {
            assert_eq!(error(parameter).to_string(), format!("{name} {text}"));
            assert_eq!(error(parameter).parameter(), Some(parameter));
        }
        let malformed = Error::Malformed(parameter);
        let rule = if rule.is_empty() { "does not have the service's form" } else { rule };
        assert!(malformed.to_string().contains(rule), "{malformed}");
        assert_eq!(malformed.parameter(), Some(parameter));
    }
}

#[test]
fn an_error_of_no_parameter_says_what_is_wrong() {
    for (error, text, parameter) in [
        (Error::VerifierIsTrivial, "the verifier is 0, 1 or N - 1", Some(Parameter::PasswordVerifier)),
        (Error::VerifierOutOfRange, "the verifier is not below N", Some(Parameter::PasswordVerifier)),
        (Error::NoSuchEndpoint, "the Region has no known endpoint for FIPS or dual stack", None),
        (Error::ScramblerIsZero, "the scrambler u is 0", None),
        (Error::RandomSource, "the random source failed", None),
        (Error::WrongSecretHash, "SECRET_HASH is not that of the app client and the user name", None),
        (Error::NotAuthorized, "not authorized", None),
    ] {
        assert_eq!((error.to_string(), error.parameter()), (text.to_owned(), parameter));
    }
}

#[test]
fn an_error_of_a_sign_in_says_what_is_wrong() {
    assert_eq!(ResponseError::NoResponse.to_string(), "there is no response");
    for (error, text) in [
        (SignInError::NoResponse, "there is no response"),
        (SignInError::UsernameChanged, "the service changed the user name during the sign-in"),
        (SignInError::UnknownDevice, "the service does not know the device"),
        (SignInError::EmptyResponse, "the response has neither tokens nor a challenge"),
        (SignInError::UnexpectedChallenge(ChallengeName::SmsMfa), "unexpected challenge SMS_MFA"),
    ] {
        assert_eq!((error.to_string(), error.is_transient()), (text.to_owned(), error == SignInError::NoResponse));
    }
}

#[test]
fn a_refused_answer_becomes_the_error_of_the_sign_in() {
    let (sign_in, _) = start(Api::Public, SignInFlow::Custom);
    let Challenge::SmsMfa(code) = asked(go(sign_in, challenge(ChallengeName::SmsMfa, &[]))) else { panic!() };
    let refused: AnswerError<_> = code.answer("").unwrap_err();
    let (error, text) = (refused.error(), refused.to_string());
    assert_eq!(SignInError::from(refused), SignInError::Input(error));
    assert_eq!(text, error.to_string());
}

#[test]
fn a_name_of_the_service_is_the_same_however_it_is_made() {
    for name in ["SMS_MFA", "A_NEW_ONE"] {
        let made = ChallengeName::from(name.to_owned());
        assert_eq!((&made, made.as_ref()), (&ChallengeName::from(name), name));
        assert_eq!(made == ChallengeName::Other(name.to_owned()), name == "A_NEW_ONE");
    }
    assert_eq!(AuthFlow::from("USER_SRP_AUTH".to_owned()).as_ref(), "USER_SRP_AUTH");
    assert_eq!(ServiceErrorName::from("NotAuthorizedException".to_owned()), ServiceErrorName::NotAuthorized);
}

#[test]
fn a_challenge_lends_its_names_and_its_block() {
    let pairs =
        [("USER_ID_FOR_SRP", "id"), ("USERNAME", "alice"), ("SALT", "1"), ("SRP_B", "2"), ("SECRET_BLOCK", "AAEC")];
    let read = PasswordChallenge::from_parameters(&pairs).unwrap();
    assert_eq!((read.user_id_for_srp().as_str(), read.username().as_str()), ("id", "alice"));
    assert_eq!("AAEC".parse::<SecretBlock>().unwrap().to_string(), "AAEC");
}

#[test]
fn two_salts_differ() {
    assert_ne!(Salt::generate().unwrap().to_string(), Salt::generate().unwrap().to_string());
}
