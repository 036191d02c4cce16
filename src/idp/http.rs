//! HTTP requests (feature `http`).

use alloc::format;
use alloc::vec::Vec;

use http::header::CONTENT_TYPE;
use http::{Method, Uri};

use super::names::Operation;
use super::request::Request;
use super::wire;

impl Request {
    /// Returns the HTTP request: `POST` with `Content-Type`, `X-Amz-Target` and the body of [`to_json`](Self::to_json).
    ///
    /// `endpoint` is a URI such as [`PoolId::endpoint`](crate::PoolId::endpoint) returns. The body may hold secrets and
    /// is not wiped.
    ///
    /// ```
    /// use cognito_srp6a::idp::{Api, Credentials, SignIn, SignInFlow};
    /// use cognito_srp6a::{AppClient, Password};
    ///
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let app = AppClient::new("us-east-1_AbCdEfGhI".parse()?, "1example23456789")?;
    /// # let credentials = Credentials::new("alice".parse()?).with_password(Password::new("Passw0rd!")?);
    /// let (sign_in, request) = SignIn::builder(&app, Api::Public, SignInFlow::UserSrp, credentials).start()?;
    /// # drop(sign_in);
    /// let http_request = request.to_http(&app.pool_id().endpoint())?;
    /// assert_eq!(http_request.uri(), "https://cognito-idp.us-east-1.amazonaws.com/");
    /// assert_eq!(http_request.headers()["X-Amz-Target"], "AWSCognitoIdentityProviderService.InitiateAuth");
    /// # Ok(()) }
    /// ```
    ///
    /// # A whole `send`
    ///
    /// A client sends the request, and [`AuthResponse::from_http`](super::AuthResponse::from_http) reads the status and the body. The
    /// service's errors have the status 400 and a body that [`SignIn`](super::SignIn) needs, so the client must not make an error of
    /// its own of that status. After a broken connection, `Ok(Err(ResponseError::NoResponse))` lets the sign-in send the request again.
    /// Here with [ureq](https://docs.rs/ureq):
    ///
    /// ```
    /// use std::error::Error;
    ///
    /// use cognito_srp6a::idp::{AuthResponse, Request, ResponseError};
    ///
    /// /// Sends a request. The outer error is one of the transport; the inner one is an answer of the service.
    /// fn send(
    ///     agent: &ureq::Agent,
    ///     endpoint: &str,
    ///     request: &Request,
    /// ) -> Result<Result<AuthResponse, ResponseError>, Box<dyn Error>> {
    ///     let mut response = agent.run(request.to_http(endpoint)?)?;
    ///     let body = response.body_mut().read_to_vec()?;
    ///     Ok(AuthResponse::from_http(response.status().as_u16(), &body))
    /// }
    ///
    /// let agent = ureq::Agent::config_builder()
    ///     .http_status_as_error(false) // a status of 400 is a response
    /// #   .proxy(None)
    ///     .build()
    ///     .new_agent();
    /// # use std::io::{Read as _, Write as _};
    /// # use cognito_srp6a::AppClient;
    /// # use cognito_srp6a::idp::{Api, Credentials, SignIn, SignInFlow};
    /// # let listener = std::net::TcpListener::bind("127.0.0.1:0")?;
    /// # let endpoint = format!("http://{}/", listener.local_addr()?);
    /// # let service = std::thread::spawn(move || -> std::io::Result<()> {
    /// #     let body = r#"{"__type": "UserNotFoundException", "message": "User does not exist."}"#;
    /// #     let (mut stream, _) = listener.accept()?;
    /// #     let mut received = Vec::new();
    /// #     while received.last() != Some(&b'}') {
    /// #         let mut part = [0; 1024];
    /// #         let length = stream.read(&mut part)?;
    /// #         received.extend_from_slice(&part[..length]);
    /// #     }
    /// #     write!(stream, "HTTP/1.1 400 Bad Request\r\nContent-Length: {}\r\n\r\n{body}", body.len())
    /// # });
    /// # let app = AppClient::new("us-east-1_AbCdEfGhI".parse()?, "1example23456789")?;
    /// # let credentials = Credentials::new("alice".parse()?);
    /// # let (_, request) = SignIn::builder(&app, Api::Public, SignInFlow::Custom, credentials).start()?;
    /// # let answer = send(&agent, &endpoint, &request)?;
    /// # service.join().expect("the service runs")?;
    /// # assert_eq!(answer.unwrap_err().to_string(), "UserNotFoundException: User does not exist.");
    /// # assert!(send(&agent, &endpoint, &request).is_err(), "nobody listens any more");
    /// # Ok::<(), Box<dyn Error>>(())
    /// ```
    ///
    /// # Admin operations
    ///
    /// The caller signs an admin operation ([`Operation::is_signed`]) with `SigV4` for the service `cognito-idp`:
    ///
    /// ```text
    /// // with the crate aws-sigv4; compiled and run in tests/interop/rust
    /// let signable = SignableRequest::new(method, uri, headers, SignableBody::Bytes(request.body()))?;
    /// let (instructions, _signature) = sign(signable, &params.into())?.into_parts();
    /// instructions.apply_to_request_http1x(&mut request);
    /// ```
    ///
    /// # Errors
    ///
    /// [`http::Error`] if the endpoint is not a URI.
    pub fn to_http(&self, endpoint: &str) -> Result<http::Request<Vec<u8>>, http::Error> {
        http::Request::builder()
            .method(Method::POST)
            .uri(endpoint.parse::<Uri>()?)
            .header(CONTENT_TYPE, wire::CONTENT_TYPE)
            .header("X-Amz-Target", format!("{}.{}", Operation::TARGET_PREFIX, self.operation().name()))
            .body(core::mem::take(&mut *self.to_json()))
    }
}
