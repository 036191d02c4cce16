//! `AdminInitiateAuth` through the AWS SDK for Rust: the SDK carries and signs, `SignIn` knows what to say.
//!
//! ```console
//! $ COGNITO_PASSWORD=… cargo run -p admin_sign_in --bin sdk -- \
//!       --pool-id us-east-1_AbCdEfGhI --client-id 1example23456789 --username alice
//! ```

use std::process::ExitCode;

use admin_sign_in::{Options, Result, answer, exit, report};
use aws_config::{BehaviorVersion, Region};
use aws_sdk_cognitoidentityprovider as cognito;
use cognito::error::{ProvideErrorMetadata, SdkError};
use cognito::types::{AuthFlowType, AuthenticationResultType, ChallengeNameType};
use cognito_srp6a::Timestamp;
use cognito_srp6a::idp::{
    Api, AuthResponse, AuthenticationResult, ChallengeName, NewDeviceMetadata, RefreshToken, Request, ResponseError,
    ServiceError, Session, SignIn, SignedIn, Step,
};

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    exit(sign_in().await)
}

async fn sign_in() -> Result<()> {
    let title = "Signs a user in with AdminInitiateAuth through the AWS SDK for Rust, and refreshes the tokens.";
    let Some(options) = Options::from_arguments(title)? else { return Ok(()) };
    let region = Region::new(options.app.pool_id().region().to_owned());
    let mut config = aws_config::defaults(BehaviorVersion::latest()).region(region);
    if let Some(endpoint) = &options.endpoint {
        config = config.endpoint_url(endpoint);
    }
    // Without this the SDK looks for credentials everywhere it knows, the metadata service of a cloud machine included.
    if let Some(credentials) = options.aws_credentials() {
        config = config.credentials_provider(credentials);
    }
    let sdk = cognito::Client::new(&config.load().await);

    let credentials = options.credentials()?;
    let signed_in = run(&sdk, SignIn::builder(&options.app, options.api, options.flow, credentials).start()?).await?;
    report(&signed_in);

    // New tokens for the refresh token, as an application asks for them when the old ones end.
    let token = RefreshToken::new(signed_in.result().refresh_token().ok_or("no refresh token")?)?;
    run(&sdk, SignIn::refresh(&options.app, options.api, &token, signed_in.username()).start()?).await?;
    println!("    The tokens have been refreshed.");
    Ok(())
}

/// Goes on with a sign-in until there are tokens.
async fn run(sdk: &cognito::Client, (mut sign_in, mut request): (SignIn, Request)) -> Result<SignedIn> {
    loop {
        let response = send(sdk, &request).await?;
        (sign_in, request) = match sign_in.advance(response, Timestamp::now()?)? {
            Step::Send(sign_in, request) => (sign_in, request),
            Step::Challenge(challenge) => answer(challenge)?,
            Step::Retry(retry) => {
                println!("{} Another try.", retry.error());
                tokio::time::sleep(retry.delay()).await;
                retry.send_again()
            }
            Step::Done(signed_in) => return Ok(signed_in),
        };
    }
}

/// Sends a request through the SDK. An error of the service is a response like any other; one on the way to the service is not.
async fn send(sdk: &cognito::Client, request: &Request) -> Result<std::result::Result<AuthResponse, ResponseError>> {
    // The outputs of the two calls have the same fields and no trait in common.
    macro_rules! response {
        ($call:expr) => {
            match $call.send().await {
                Ok(out) => {
                    let challenge = out.challenge_name.map(|name| ChallengeName::from(name.as_str()));
                    let mut response = match (challenge, out.authentication_result) {
                        (Some(name), _) => AuthResponse::challenge(name, out.challenge_parameters.unwrap_or_default()),
                        (None, Some(result)) => AuthResponse::tokens(tokens(result)),
                        (None, None) => AuthResponse::default(),
                    };
                    let available = out.available_challenges.unwrap_or_default();
                    response = response
                        .with_available_challenges(available.iter().map(|name| ChallengeName::from(name.as_str())));
                    if let Some(session) = out.session {
                        response = response.with_session(Session::new(session)?);
                    }
                    Ok(Ok(response))
                }
                Err(SdkError::ServiceError(error)) => {
                    let error = error.into_err();
                    let message = error.message().unwrap_or_default();
                    Ok(Err(ServiceError::new(error.code().unwrap_or_default(), message).into()))
                }
                Err(other) => Err(other.into()),
            }
        };
    }
    match request {
        Request::InitiateAuth(request) if request.api() == Api::Public => response!(
            sdk.initiate_auth()
                .client_id(request.client_id())
                .auth_flow(AuthFlowType::from(request.auth_flow().as_str()))
                .set_auth_parameters(Some(request.auth_parameters().to_hash_map()))
                .set_session(request.session().map(|session| session.expose().into()))
        ),
        Request::RespondToAuthChallenge(request) if request.api() == Api::Public => response!(
            sdk.respond_to_auth_challenge()
                .client_id(request.client_id())
                .challenge_name(ChallengeNameType::from(request.challenge_name().as_str()))
                .set_challenge_responses(Some(request.challenge_responses().to_hash_map()))
                .set_session(request.session().map(|session| session.expose().into()))
        ),
        Request::InitiateAuth(request) => response!(
            sdk.admin_initiate_auth()
                .set_user_pool_id(request.user_pool_id().map(Into::into))
                .client_id(request.client_id())
                .auth_flow(AuthFlowType::from(request.auth_flow().as_str()))
                .set_auth_parameters(Some(request.auth_parameters().to_hash_map()))
                .set_session(request.session().map(|session| session.expose().into()))
        ),
        Request::RespondToAuthChallenge(request) => response!(
            sdk.admin_respond_to_auth_challenge()
                .set_user_pool_id(request.user_pool_id().map(Into::into))
                .client_id(request.client_id())
                .challenge_name(ChallengeNameType::from(request.challenge_name().as_str()))
                .set_challenge_responses(Some(request.challenge_responses().to_hash_map()))
                .set_session(request.session().map(|session| session.expose().into()))
        ),
        other => Err(format!("{} is no part of a sign-in", other.operation().name()).into()),
    }
}

/// Takes over the tokens.
fn tokens(result: AuthenticationResultType) -> AuthenticationResult {
    let mut tokens = AuthenticationResult::default().with_expires_in(result.expires_in.into());
    if let Some(token) = result.access_token {
        tokens = tokens.with_access_token(token);
    }
    if let Some(token) = result.id_token {
        tokens = tokens.with_id_token(token);
    }
    if let Some(token) = result.refresh_token {
        tokens = tokens.with_refresh_token(token);
    }
    if let Some(device) = result.new_device_metadata {
        let mut metadata = NewDeviceMetadata::default();
        metadata.device_key = device.device_key;
        metadata.device_group_key = device.device_group_key;
        tokens = tokens.with_new_device_metadata(metadata);
    }
    tokens
}
