//! A whole sign-in.

use aws_sdk_cognitoidentityprovider::Client;
use cognito_srp6a::Timestamp;
use cognito_srp6a::idp::{AuthResponse, Challenge, Request, ResponseError, Retry, SignIn, SignedIn, Step};

use crate::error::{CallError, DriverError};

/// Goes on with a sign-in until there are tokens. `answer` answers each challenge that needs the user or the application; it gets a
/// challenge again whose answer the service refused ([`Challenge::refusal`]).
///
/// A request that the service has not processed is sent again, after the delay that [`Retry`] asks for, with the SDK's own sleep. The SDK
/// itself sends it more than once before that, as its retry configuration says.
///
/// # Errors
///
/// [`DriverError`]: the sign-in ended, a call brought no response, or `answer` returned an error.
pub async fn sign_in<E>(
    client: &Client,
    (mut sign_in, mut request): (SignIn, Request),
    mut answer: impl AsyncFnMut(Challenge) -> Result<(SignIn, Request), E>,
) -> Result<SignedIn, DriverError<E>> {
    loop {
        let (response, failure) = match crate::send::<AuthResponse>(client, &request).await {
            Ok(response) => (response, None),
            Err(error @ CallError::Transport(_)) => (Err(ResponseError::NoResponse), Some(error)),
            Err(error) => return Err(DriverError::Call(error)),
        };
        let now = Timestamp::now().map_err(|error| DriverError::SignIn(error.into()))?;
        (sign_in, request) = match (sign_in.advance(response, now), failure) {
            (Ok(Step::Send(sign_in, request)), _) => (sign_in, request),
            (Ok(Step::Challenge(challenge)), _) => answer(challenge).await.map_err(DriverError::Answer)?,
            (Ok(Step::Retry(retry)), _) => {
                sleep(client, &retry).await;
                retry.send_again()
            }
            (Ok(Step::Done(signed_in)), _) => return Ok(signed_in),
            // The sign-in knows only that there is no response; the SDK knows why.
            (Err(_), Some(failure)) => return Err(DriverError::Call(failure)),
            (Err(error), None) => return Err(error.into()),
        };
    }
}

/// Waits as long as the request should rest. A client without a sleep of its own goes on at once.
async fn sleep(client: &Client, retry: &Retry) {
    if let Some(sleep) = client.config().sleep_impl() {
        aws_sdk_cognitoidentityprovider::config::AsyncSleep::sleep(&sleep, retry.delay()).await;
    }
}
