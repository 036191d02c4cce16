//! What a server answers when a request is refused.

use cognito_srp6a::idp::{ServiceError, ServiceErrorName};
use cognito_srp6a::{Error, Parameter};

#[test]
fn each_error_has_the_services_name_and_where_it_is_known_the_services_message() {
    const REFUSED: &str = "Incorrect username or password.";
    const INTERNAL: &str = "InternalErrorException";
    const INVALID: &str = "InvalidParameterException";
    const DENIED: &str = "NotAuthorizedException";
    for (error, name, message) in [
        (Error::NotAuthorized, DENIED, REFUSED),
        (Error::ScramblerIsZero, DENIED, REFUSED),
        (Error::WrongSecretHash, DENIED, "Unable to verify secret hash for client"),
        (
            Error::Missing(Parameter::SecretHash),
            DENIED,
            "Client is configured with secret but SECRET_HASH was not received",
        ),
        (Error::Missing(Parameter::Username), INVALID, "Missing required parameter USERNAME"),
        (Error::Missing(Parameter::SrpA), INVALID, "Missing required parameter SRP_A"),
        (
            Error::Malformed(Parameter::Timestamp),
            INVALID,
            "TIMESTAMP format should be EEE MMM d HH:mm:ss z yyyy in english.",
        ),
        (Error::Missing(Parameter::Timestamp), INVALID, "Missing required parameter TIMESTAMP"),
        (Error::Empty(Parameter::Username), INVALID, "USERNAME is empty."),
        (Error::TooLong(Parameter::Password), INVALID, "PASSWORD is too long."),
        (Error::NotHex(Parameter::SrpA), INVALID, "SRP_A is not hex."),
        (Error::NotBase64(Parameter::SecretBlock), INVALID, "SECRET_BLOCK is not standard Base64."),
        (Error::PublicValueIsZero(Parameter::SrpA), INVALID, "SRP_A is 0 mod N."),
        (Error::PublicValueOutOfRange(Parameter::SrpA), INVALID, "SRP_A is not below N."),
        // `ConfirmDevice` brings verifiers.
        (Error::VerifierIsTrivial, INVALID, "the verifier is 0, 1 or N - 1."),
        (Error::VerifierOutOfRange, INVALID, "the verifier is not below N."),
        (Error::NotInThisCall(Parameter::AuthFlow), INVALID, "AuthFlow does not belong to this call."),
        (Error::RandomSource, INTERNAL, "the random source failed."),
        (Error::Malformed(Parameter::ServerKey), INTERNAL, "the server's key is all zeros."),
        (Error::TooLong(Parameter::Ephemeral), INTERNAL, "a is too long."),
        (Error::Empty(Parameter::Region), INTERNAL, "Region is empty."),
        (Error::NoSuchEndpoint, INTERNAL, "the Region has no known endpoint for FIPS or dual stack."),
    ] {
        let answer = ServiceError::from(error);
        assert_eq!((answer.name().as_str(), answer.message()), (name, message), "{error:?}");
        // No name that clients would not know.
        assert!(!matches!(answer.name(), ServiceErrorName::Other(_)), "{error:?}");
    }
}
