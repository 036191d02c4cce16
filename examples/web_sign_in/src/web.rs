//! The site: its routes, its cookies, and how a sign-in goes on from request to request.

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::extract::{DefaultBodyLimit, Form, State};
use axum::http::header::{self, HeaderMap, HeaderName};
use axum::http::{HeaderValue, StatusCode};
use axum::middleware::map_response;
use axum::response::{Html, IntoResponse, Response};
use axum::routing::{get, post};
use cognito_srp6a::idp::{Challenge, ChallengeName, Credentials, Request, SignIn, SignedIn};
use cognito_srp6a::{Error, Parameter, Password, Username};

use crate::page;
use crate::seal::{Keys, Purpose, now, random_id};
use crate::service::{Failure, Outcome, Service, blocking};
use crate::waiting::Waiting;

/// The longest form, in bytes. Attributes of a new password have up to 2048 characters each.
const MAX_FORM: usize = 64 << 10;

/// How long a user stays signed in at this site.
const SESSION: Duration = Duration::from_secs(3600);

/// The headers of every response: nothing is cached, and no script runs and no other site frames the page.
const HEADERS: [(HeaderName, &str); 4] = [
    (header::CACHE_CONTROL, "no-store"),
    (
        header::CONTENT_SECURITY_POLICY,
        "default-src 'none'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'",
    ),
    (header::REFERRER_POLICY, "same-origin"),
    (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
];

const FOREIGN: &str = "This form is not from this site, or the browser keeps no cookies.";
const EXPIRED: &str = "The sign-in has expired.";
const BUSY: &str = "The service is busy. Try again in a moment.";
const BROKEN: &str = "The sign-in does not work at the moment.";

/// Everything that a request needs.
pub struct Site {
    pub keys: Arc<Keys>,
    pub service: Arc<Service>,
    pub waiting: Waiting,
    /// Whether cookies travel over TLS only.
    pub secure: bool,
}

type Fields = Vec<(String, String)>;

/// Returns the site.
pub fn router(site: Site) -> Router {
    Router::new()
        .route("/", get(home))
        .route("/sign-in", post(sign_in))
        .route("/challenge", get(show_challenge).post(answer))
        .route("/sign-out", post(sign_out))
        .layer(DefaultBodyLimit::max(MAX_FORM))
        .layer(map_response(protected))
        .with_state(Arc::new(site))
}

/// Shows who is signed in, or the form for name and password.
async fn home(State(site): State<Arc<Site>>, headers: HeaderMap) -> Reply {
    let Some(browser) = site.cookie(&headers, Cookie::Browser) else {
        let Some(browser) = random_id() else { return site.broken() };
        let form = page::sign_in(&site.keys.form_token(&browser), "", None);
        return Reply::page(StatusCode::OK, form).with(site.set(Cookie::Browser, &browser, None));
    };
    let token = site.keys.form_token(browser);
    let session = site.cookie(&headers, Cookie::Session);
    let session = session.and_then(|session| site.keys.open(Purpose::Session, browser, now(), session));
    Reply::page(
        StatusCode::OK,
        match session {
            Some((_, username)) => page::signed_in(&token, &username),
            None => page::sign_in(&token, "", None),
        },
    )
}

/// Proves the password.
async fn sign_in(State(site): State<Arc<Site>>, headers: HeaderMap, Form(fields): Form<Fields>) -> Reply {
    let Some(browser) = site.sender(&headers, &fields) else { return foreign() };
    let typed = field(&fields, "username");
    let again = |status, message: &str| {
        Reply::page(status, page::sign_in(&site.keys.form_token(browser), typed, Some(message)))
    };
    let credentials = Username::new(typed)
        .and_then(|username| Ok(Credentials::new(username).with_password(Password::new(field(&fields, "password"))?)));
    let credentials = match credentials {
        Ok(credentials) => credentials,
        Err(error) => return again(StatusCode::BAD_REQUEST, &format!("That cannot be sent: {error}.")),
    };
    match site.service.begin(credentials).await {
        Ok(outcome) => site.next(browser, outcome, None).await,
        Err(Failure::Denied) => again(StatusCode::FORBIDDEN, "Incorrect user name or password."),
        Err(Failure::Elsewhere(advice)) => again(StatusCode::FORBIDDEN, advice),
        Err(Failure::Busy) => again(StatusCode::SERVICE_UNAVAILABLE, BUSY),
        Err(Failure::Broken) => again(StatusCode::BAD_GATEWAY, BROKEN),
    }
}

/// Shows the form for the challenge that waits in this browser.
async fn show_challenge(State(site): State<Arc<Site>>, headers: HeaderMap) -> Reply {
    match site.take_up(&headers).await {
        Some((browser, challenge, _)) => site.ask(StatusCode::OK, &browser, &challenge, None),
        None => site.end(StatusCode::FORBIDDEN, EXPIRED),
    }
}

/// Takes the challenge up, in this process or another one than put it down, and answers it.
async fn answer(State(site): State<Arc<Site>>, headers: HeaderMap, Form(fields): Form<Fields>) -> Reply {
    if site.sender(&headers, &fields).is_none() {
        return foreign();
    }
    let Some((browser, challenge, until)) = site.take_up(&headers).await else {
        return site.end(StatusCode::FORBIDDEN, EXPIRED);
    };
    let outcome = match answered(challenge, &fields) {
        Ok((sign_in, request)) => site.service.go_on(sign_in, request).await,
        Err(error) => {
            let message = format!("That cannot be sent: {error}.");
            return site.ask_again(StatusCode::BAD_REQUEST, &headers, &message).await;
        }
    };
    match outcome {
        Ok(outcome) => site.next(&browser, outcome, Some(until)).await,
        // The cookie still has the challenge.
        Err(Failure::Busy) => site.ask_again(StatusCode::SERVICE_UNAVAILABLE, &headers, BUSY).await,
        Err(Failure::Denied) => site.end(StatusCode::FORBIDDEN, "The service has ended the sign-in."),
        Err(Failure::Elsewhere(advice)) => site.end(StatusCode::FORBIDDEN, advice),
        Err(Failure::Broken) => site.end(StatusCode::BAD_GATEWAY, BROKEN),
    }
}

/// Ends the session of this browser.
async fn sign_out(State(site): State<Arc<Site>>, headers: HeaderMap, Form(fields): Form<Fields>) -> Reply {
    match site.sender(&headers, &fields) {
        Some(_) => Reply::redirect("/").with(site.delete(Cookie::Session)).with(site.delete(Cookie::Browser)),
        None => foreign(),
    }
}

/// Answers a challenge with what the form has.
fn answered(challenge: Challenge, fields: &Fields) -> Result<(SignIn, Request), Error> {
    match challenge {
        Challenge::SmsMfa(challenge)
        | Challenge::EmailMfa(challenge)
        | Challenge::SoftwareTokenMfa(challenge)
        | Challenge::SmsOtp(challenge)
        | Challenge::EmailOtp(challenge) => Ok(challenge.answer(field(fields, "code").trim())?),
        Challenge::NewPasswordRequired(challenge) => {
            let password = Password::new(field(fields, "new_password"))?;
            let given = |name: &String| field(fields, &format!("attribute.{name}"));
            let required = challenge.required_attributes();
            let attributes: Vec<_> = required.iter().map(|name| (name.as_str(), given(name))).collect();
            Ok(challenge.answer(&password, &attributes)?)
        }
        Challenge::SelectMfaType(challenge) => {
            Ok(challenge.answer(&ChallengeName::from(field(fields, "choice").to_owned()))?)
        }
        // No page asked for it.
        _ => Err(Error::Malformed(Parameter::ChallengeName)),
    }
}

/// Returns a field of a form. A missing one is empty.
fn field<'a>(fields: &'a Fields, name: &str) -> &'a str {
    fields.iter().find(|(given, _)| given == name).map_or("", |(_, value)| value)
}

impl Site {
    /// Returns the browser that sent a form, if the form is from one of our pages in it.
    fn sender<'a>(&self, headers: &'a HeaderMap, fields: &Fields) -> Option<&'a str> {
        let browser = self.cookie(headers, Cookie::Browser)?;
        self.keys.is_form_token(browser, field(fields, "token")).then_some(browser)
    }

    /// Takes up the challenge that waits in a browser. Returns it with the browser and with the end of its time.
    async fn take_up(self: &Arc<Self>, headers: &HeaderMap) -> Option<(String, Challenge, u64)> {
        let browser = self.cookie(headers, Cookie::Browser)?.to_owned();
        let cookie = self.cookie(headers, Cookie::Challenge)?.to_owned();
        let site = Arc::clone(self);
        blocking(move || {
            let (challenge, until) = site.waiting.take_up(&cookie, &browser)?;
            Some((browser, challenge, until))
        })
        .await
    }

    /// Goes on: to the form of a challenge, or to the page of the signed-in user. `until` is the end of the challenge that
    /// was answered.
    async fn next(self: &Arc<Self>, browser: &str, outcome: Outcome, until: Option<u64>) -> Reply {
        let challenge = match outcome {
            Outcome::Asks(challenge) => challenge,
            Outcome::SignedIn(signed_in) => return self.signed_in(&signed_in),
        };
        if page::challenge("", &challenge, None).is_none() {
            let message = format!("The pool asks for {} next. This example stops here.", challenge.name());
            return self.end(StatusCode::NOT_IMPLEMENTED, &message);
        }
        // After a refused answer the session at the service is the old one, and ends when it would have ended.
        let until = until
            .filter(|_| challenge.refusal().is_some())
            .unwrap_or_else(|| now().saturating_add(self.waiting.lifetime.as_secs()));
        let (site, browser) = (Arc::clone(self), browser.to_owned());
        match blocking(move || site.waiting.put_down(challenge, &browser, until)).await {
            Some(value) => {
                let left = Duration::from_secs(until.saturating_sub(now()));
                Reply::redirect("/challenge").with(self.set(Cookie::Challenge, &value, Some(left)))
            }
            None => self.broken(),
        }
    }

    /// Gives the browser a session, under a new id that nobody knew before the sign-in.
    ///
    /// The tokens are dropped here. An application that calls AWS or its own services with them keeps them on its server.
    fn signed_in(&self, signed_in: &SignedIn) -> Reply {
        let Some(browser) = random_id() else { return self.broken() };
        let until = now().saturating_add(SESSION.as_secs());
        let Some(session) = self.keys.seal(Purpose::Session, &browser, until, signed_in.username().as_str()) else {
            return self.broken();
        };
        Reply::redirect("/")
            .with(self.set(Cookie::Browser, &browser, None))
            .with(self.set(Cookie::Session, &session, Some(SESSION)))
            .with(self.delete(Cookie::Challenge))
    }

    /// The form for the answer to a challenge.
    fn ask(&self, status: StatusCode, browser: &str, challenge: &Challenge, message: Option<&str>) -> Reply {
        match page::challenge(&self.keys.form_token(browser), challenge, message) {
            Some(page) => Reply::page(status, page),
            None => self.end(StatusCode::FORBIDDEN, EXPIRED),
        }
    }

    /// The same after an answer that was not sent or not processed.
    async fn ask_again(self: &Arc<Self>, status: StatusCode, headers: &HeaderMap, message: &str) -> Reply {
        match self.take_up(headers).await {
            Some((browser, challenge, _)) => self.ask(status, &browser, &challenge, Some(message)),
            None => self.end(StatusCode::FORBIDDEN, EXPIRED),
        }
    }

    /// The page that ends a sign-in. The challenge is forgotten.
    fn end(&self, status: StatusCode, message: &str) -> Reply {
        Reply::page(status, page::ended(message)).with(self.delete(Cookie::Challenge))
    }

    fn broken(&self) -> Reply {
        self.end(StatusCode::INTERNAL_SERVER_ERROR, BROKEN)
    }

    /// Returns the name of a cookie. With the prefix, no subdomain can set it.
    const fn name(&self, cookie: Cookie) -> &'static str {
        match (cookie, self.secure) {
            (Cookie::Browser, false) => "browser",
            (Cookie::Browser, true) => "__Host-browser",
            (Cookie::Challenge, false) => "challenge",
            (Cookie::Challenge, true) => "__Host-challenge",
            (Cookie::Session, false) => "session",
            (Cookie::Session, true) => "__Host-session",
        }
    }

    /// Reads a cookie that is not empty.
    fn cookie<'a>(&self, headers: &'a HeaderMap, cookie: Cookie) -> Option<&'a str> {
        let all = headers.get_all(header::COOKIE).into_iter().filter_map(|header| header.to_str().ok());
        let mut pairs = all.flat_map(|header| header.split(';')).filter_map(|pair| pair.trim().split_once('='));
        pairs.find(|(name, value)| *name == self.name(cookie) && !value.is_empty()).map(|(_, value)| value)
    }

    /// Returns a `Set-Cookie`. Values have the letters of Base64url, and without an age end with the browser.
    fn set(&self, cookie: Cookie, value: &str, age: Option<Duration>) -> String {
        let age = age.map_or_else(String::new, |age| format!("; Max-Age={}", age.as_secs()));
        let secure = if self.secure { "; Secure" } else { "" };
        format!("{}={value}; Path=/; HttpOnly; SameSite=Strict{age}{secure}", self.name(cookie))
    }

    fn delete(&self, cookie: Cookie) -> String {
        self.set(cookie, "", Some(Duration::ZERO))
    }
}

#[derive(Clone, Copy)]
enum Cookie {
    /// A random id. The other cookies, and the tokens of forms, are good with it alone.
    Browser,
    /// The challenge that waits.
    Challenge,
    /// The name of the signed-in user.
    Session,
}

/// The answer to a form that another site may have sent. It says nothing else.
fn foreign() -> Reply {
    Reply::page(StatusCode::FORBIDDEN, page::ended(FOREIGN))
}

/// A response with its cookies.
struct Reply(Response);

impl Reply {
    fn page(status: StatusCode, page: String) -> Self {
        Self((status, Html(page)).into_response())
    }

    fn redirect(path: &'static str) -> Self {
        Self((StatusCode::SEE_OTHER, [(header::LOCATION, path)]).into_response())
    }

    /// Adds a `Set-Cookie`.
    fn with(mut self, cookie: String) -> Self {
        if let Ok(cookie) = HeaderValue::try_from(cookie) {
            self.0.headers_mut().append(header::SET_COOKIE, cookie);
        }
        self
    }
}

impl IntoResponse for Reply {
    fn into_response(self) -> Response {
        self.0
    }
}

/// Adds the headers of every response, also of those that axum makes.
async fn protected(mut response: Response) -> Response {
    for (name, value) in HEADERS {
        response.headers_mut().insert(name, HeaderValue::from_static(value));
    }
    response
}
