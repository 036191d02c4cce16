//! `AdminInitiateAuth` without the SDK: the crate makes the HTTP request, `aws-sigv4` signs it, any client sends it.
//!
//! ```console
//! $ AWS_ACCESS_KEY_ID=… AWS_SECRET_ACCESS_KEY=… COGNITO_PASSWORD=… \
//!   cargo run -p admin_sign_in --bin sigv4 -- \
//!       --pool-id us-east-1_AbCdEfGhI --client-id 1example23456789 --username alice
//! ```

use std::process::ExitCode;
use std::time::Duration;

use admin_sign_in::{Options, Result, answer, exit, report, sign_request};
use cognito_srp6a::Timestamp;
use cognito_srp6a::idp::{Api, AuthResponse, SignIn, Step};

fn main() -> ExitCode {
    exit(sign_in())
}

fn sign_in() -> Result<()> {
    let title = "Signs a user in with AdminInitiateAuth, with requests that are signed by hand.";
    let Some(options) = Options::from_arguments(title)? else { return Ok(()) };
    if options.api == Api::Public {
        return Err("The unsigned calls are for `sdk`: this program is about signing.".into());
    }
    let pool_id = options.app.pool_id();
    let endpoint = options.endpoint.clone().unwrap_or_else(|| pool_id.endpoint());
    let identity = options.aws_credentials().ok_or("AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY are not set.")?;
    let agent = ureq::Agent::config_builder()
        .http_status_as_error(false)
        .timeout_global(Some(Duration::from_secs(30)))
        .build()
        .new_agent();

    let credentials = options.credentials()?;
    let (mut sign_in, mut request) = SignIn::builder(&options.app, Api::Admin, options.flow, credentials).start()?;
    let signed_in = loop {
        let signed = sign_request(request.to_http(&endpoint)?, pool_id.region(), &identity)?;
        let mut reply = agent.run(signed)?;
        let body = reply.body_mut().with_config().limit(1 << 20).read_to_vec()?;
        let response = AuthResponse::from_http(reply.status().as_u16(), &body);
        (sign_in, request) = match sign_in.advance(response, Timestamp::now()?)? {
            Step::Send(sign_in, request) => (sign_in, request),
            Step::Challenge(challenge) => answer(challenge)?,
            Step::Retry(retry) => {
                println!("{} Another try.", retry.error());
                std::thread::sleep(retry.delay());
                retry.send_again()
            }
            Step::Done(signed_in) => break signed_in,
        };
    };
    report(&signed_in);
    Ok(())
}
