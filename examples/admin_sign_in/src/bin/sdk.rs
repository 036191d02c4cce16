//! `AdminInitiateAuth` through the AWS SDK for Rust: the SDK carries and signs, `SignIn` knows what to say.
//!
//! ```console
//! $ COGNITO_PASSWORD=… cargo run -p admin_sign_in --bin sdk -- \
//!       --pool-id us-east-1_AbCdEfGhI --client-id 1example23456789 --username alice
//! ```

use std::process::ExitCode;

use admin_sign_in::{Options, Result, answer, exit, report};
use aws_config::{BehaviorVersion, Region};
use aws_sdk_cognitoidentityprovider::Client;
use cognito_srp6a::idp::{RefreshToken, SignIn};

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
    let sdk = Client::new(&config.load().await);

    let credentials = options.credentials()?;
    let started = SignIn::builder(&options.app, options.api, options.flow, credentials).start()?;
    let signed_in = cognito_srp6a_aws_sdk::sign_in(&sdk, started, async |challenge| answer(challenge)).await?;
    report(&signed_in);

    // New tokens for the refresh token, as an application asks for them when the old ones end.
    let token = RefreshToken::new(signed_in.result().refresh_token().ok_or("no refresh token")?)?;
    let started = SignIn::refresh(&options.app, options.api, &token, signed_in.username()).start()?;
    cognito_srp6a_aws_sdk::sign_in(&sdk, started, async |challenge| answer(challenge)).await?;
    println!("    The tokens have been refreshed.");
    Ok(())
}
