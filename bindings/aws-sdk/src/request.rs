//! From the requests of `idp` to the SDK's calls.

use std::collections::{BTreeMap, HashMap};

use aws_sdk_cognitoidentityprovider as cognito;
use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use aws_smithy_runtime_api::client::result::SdkError;
use cognito::Client;
use cognito::error::ProvideErrorMetadata;
use cognito::types::{
    AnalyticsMetadataType, AuthFlowType, ChallengeNameType, ContextDataType, DeviceSecretVerifierConfigType,
    HttpHeader, UserContextDataType,
};
use cognito_srp6a::idp::{
    Api, AuthResponse, Context, InitiateAuth, Request, RespondToAuthChallenge, ResponseError, ServiceError, Session,
};

use crate::error::CallError;
use crate::response::{self, AnyResponse, AuthOutput};

type Answer = Result<Result<AnyResponse, ResponseError>, CallError>;

/// Sends a request and reads its response.
pub async fn call(client: &Client, request: &Request) -> Answer {
    match request {
        Request::InitiateAuth(request) => initiate(client, request).await,
        Request::RespondToAuthChallenge(request) => respond(client, request).await,
        Request::ConfirmDevice(request) => {
            let config = DeviceSecretVerifierConfigType::builder()
                .password_verifier(request.password_verifier())
                .salt(request.salt())
                .build();
            let call = client
                .confirm_device()
                .access_token(request.access_token())
                .device_key(request.device_key())
                .device_secret_verifier_config(config)
                .set_device_name(request.device_name().map(Into::into));
            answer(call.send().await, |output| Ok(response::confirm_device(&output)))
        }
        Request::GetTokensFromRefreshToken(request) => {
            let call = client
                .get_tokens_from_refresh_token()
                .refresh_token(request.refresh_token())
                .client_id(request.client_id())
                .set_client_secret(request.client_secret().map(Into::into))
                .set_device_key(request.device_key().map(Into::into))
                .set_client_metadata(metadata(request.client_metadata()));
            answer(call.send().await, |output| {
                let result = output.authentication_result;
                let (challenge_name, challenge_parameters, session, available) = (None, None, None, None);
                AuthOutput { challenge_name, challenge_parameters, session, result, available }.into_response()
            })
        }
        Request::RevokeToken(request) => {
            if request.revoke_associated_sessions().is_some() {
                return Err(CallError::UnknownMember("RevokeAssociatedSessions"));
            }
            let call = client
                .revoke_token()
                .token(request.token())
                .client_id(request.client_id())
                .set_client_secret(request.client_secret().map(Into::into));
            answer(call.send().await, |_| Ok(response::signed_out()))
        }
        Request::GlobalSignOut(request) => {
            let call = client.global_sign_out().access_token(request.access_token());
            answer(call.send().await, |_| Ok(response::signed_out()))
        }
        Request::AssociateSoftwareToken(request) => {
            let call = client
                .associate_software_token()
                .set_access_token(request.access_token().map(Into::into))
                .set_session(text(request.session()));
            answer(call.send().await, response::associate)
        }
        Request::VerifySoftwareToken(request) => {
            let call = client
                .verify_software_token()
                .set_access_token(request.access_token().map(Into::into))
                .set_session(text(request.session()))
                .user_code(request.user_code())
                .set_friendly_device_name(request.friendly_device_name().map(Into::into));
            answer(call.send().await, response::verify)
        }
        _ => Err(CallError::UnknownCall),
    }
}

/// Returns the members of a sign-in's output. Both calls of a family have the same ones.
macro_rules! auth_output {
    () => {
        |output| {
            AuthOutput {
                challenge_name: output.challenge_name,
                challenge_parameters: output.challenge_parameters,
                session: output.session,
                result: output.authentication_result,
                available: output.available_challenges,
            }
            .into_response()
        }
    };
}

/// Sends the call of a sign-in: of an app, or with the pool of an administrator. The builders of the four calls have the same methods and no
/// trait in common.
macro_rules! send {
    ($request:expr, $app:expr, $admin:expr, |$call:ident| $set:expr) => {{
        let (request, context) = ($request, $request.context());
        macro_rules! common {
            ($builder:expr) => {{
                let $call = $builder;
                $set.client_id(request.client_id())
                    .set_session(text(request.session()))
                    .set_client_metadata(metadata(context.client_metadata()))
                    .set_analytics_metadata(analytics(context))
            }};
        }
        if request.api() == Api::Public {
            answer(common!($app).set_user_context_data(user_context(context)).send().await, auth_output!())
        } else {
            let call = common!($admin).set_user_pool_id(request.user_pool_id().map(Into::into));
            answer(call.set_context_data(context_data(context)?).send().await, auth_output!())
        }
    }};
}

async fn initiate(client: &Client, request: &InitiateAuth) -> Answer {
    let flow = AuthFlowType::from(request.auth_flow().as_str());
    let parameters = Some(request.auth_parameters().to_hash_map());
    send!(request, client.initiate_auth(), client.admin_initiate_auth(), |call| call
        .auth_flow(flow)
        .set_auth_parameters(parameters))
}

async fn respond(client: &Client, request: &RespondToAuthChallenge) -> Answer {
    let name = ChallengeNameType::from(request.challenge_name().as_str());
    let responses = Some(request.challenge_responses().to_hash_map());
    send!(request, client.respond_to_auth_challenge(), client.admin_respond_to_auth_challenge(), |call| call
        .challenge_name(name)
        .set_challenge_responses(responses))
}

/// Reads what a call has brought.
fn answer<O, E>(
    result: Result<O, SdkError<E, HttpResponse>>,
    read: impl FnOnce(O) -> Result<AnyResponse, cognito_srp6a::Error>,
) -> Answer
where
    E: ProvideErrorMetadata,
    cognito::Error: From<E>,
{
    match result {
        Ok(output) => Ok(Ok(read(output)?)),
        Err(SdkError::ServiceError(error)) => Ok(Err(service_error(error.err(), error.raw()))),
        Err(SdkError::ResponseError(error)) => match read_error(error.raw()) {
            Some(read) => Ok(Err(read)),
            None => Err(CallError::Transport(Box::new(SdkError::ResponseError(error)))),
        },
        Err(other) => Err(CallError::Transport(Box::new(other.map_service_error(Into::into)))),
    }
}

/// Reads an error of the service. Its body has more than the SDK's types.
fn service_error(error: &impl ProvideErrorMetadata, raw: &HttpResponse) -> ResponseError {
    match (read_error(raw), error.code()) {
        (Some(read @ ResponseError::Service(_)), _) | (Some(read), None) => read,
        (_, code) => {
            let (code, message) = (code.unwrap_or_default(), error.message().unwrap_or_default());
            ServiceError::new(code, message).with_status(raw.status().as_u16()).into()
        }
    }
}

/// Reads a body that is no response: an error with its reason, a page of a firewall.
fn read_error(raw: &HttpResponse) -> Option<ResponseError> {
    AuthResponse::from_http(raw.status().as_u16(), raw.body().bytes()?).err()
}

fn text(session: Option<&Session>) -> Option<String> {
    session.map(|session| session.expose().into())
}

fn metadata(map: &BTreeMap<String, String>) -> Option<HashMap<String, String>> {
    (!map.is_empty()).then(|| map.clone().into_iter().collect())
}

fn analytics(context: &Context) -> Option<AnalyticsMetadataType> {
    context.analytics_endpoint_id().map(|id| AnalyticsMetadataType::builder().analytics_endpoint_id(id).build())
}

fn user_context(context: &Context) -> Option<UserContextDataType> {
    context.user_context_data().map(|data| {
        UserContextDataType::builder()
            .set_ip_address(data.ip_address.clone())
            .set_encoded_data(data.encoded_data.clone())
            .build()
    })
}

fn context_data(context: &Context) -> Result<Option<ContextDataType>, CallError> {
    let Some(data) = context.context_data() else { return Ok(None) };
    let header = |(name, value): &(String, String)| HttpHeader::builder().header_name(name).header_value(value).build();
    ContextDataType::builder()
        .ip_address(&data.ip_address)
        .server_name(&data.server_name)
        .server_path(&data.server_path)
        .set_http_headers(Some(data.http_headers.iter().map(header).collect()))
        .set_encoded_data(data.encoded_data.clone())
        .build()
        .map(Some)
        .map_err(|error| CallError::Transport(Box::new(SdkError::construction_failure(error))))
}
