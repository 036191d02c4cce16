//! The common part of the targets.

use std::collections::BTreeMap;
use std::str::FromStr;

use cognito_srp6a::idp::{Challenge, ChallengeName, Credentials, Request, Session, SignIn};
use cognito_srp6a::{AppClient, ClientSecret, Device, DeviceCredentials, Error, Password, Timestamp, Username};
use rand::SeedableRng as _;
use rand::rngs::StdRng;

/// The parameters of one message.
pub type Parameters = BTreeMap<String, String>;

/// Reads lines of `NAME=value`, as `run` writes them from the vectors. Bytes that are no UTF-8 are replaced.
#[must_use]
pub fn parameters(input: &[u8]) -> Parameters {
    let text = String::from_utf8_lossy(input);
    let pair = |line: &str| line.split_once('=').map(|(name, value)| (name.to_owned(), value.to_owned()));
    text.split('\n').filter_map(pair).collect()
}

/// Checks that a text which is taken is printed such that it is taken again, as the same.
#[must_use]
pub fn check_text<T: FromStr<Err: std::fmt::Debug> + ToString>(text: &str) -> Option<T> {
    let value = text.parse::<T>().ok()?;
    let printed = value.to_string();
    assert_eq!(printed.parse::<T>().expect("what is printed is read").to_string(), printed);
    Some(value)
}

/// The pool of the seeds.
#[must_use]
pub fn app() -> AppClient {
    let app = AppClient::new("us-east-1_354866F1C".parse().unwrap(), "fuzzclient").unwrap();
    app.with_secret(ClientSecret::new("0fuzz0client0secret0of0forty0letters0000").unwrap())
}

/// A user with a remembered device.
#[must_use]
pub fn alice() -> Credentials {
    Credentials::new(username()).with_password(password()).with_device(device())
}

/// The user of all targets.
#[must_use]
pub fn username() -> Username {
    "alice".parse().unwrap()
}

/// The password of all targets.
#[must_use]
pub fn password() -> Password {
    "Passw0rd!".parse().unwrap()
}

/// A remembered device.
#[must_use]
pub fn device() -> DeviceCredentials {
    let key = "us-east-1_1f6ba4b6-02d5-4d0a-9a4e-5a1b5bd7d1a8".parse().unwrap();
    DeviceCredentials::from_parts(Device::new(key, "-f0a1b2c3").unwrap(), "device password".parse().unwrap())
}

/// Some time.
#[must_use]
pub fn now() -> Timestamp {
    Timestamp::from_unix_seconds(1_757_113_259).unwrap()
}

/// Numbers that are the same in every run, so that an input which fails once always fails.
#[must_use]
pub fn fixed(seed: u64) -> StdRng {
    StdRng::seed_from_u64(seed)
}

/// Answers as a caller who believes everything.
///
/// # Errors
///
/// Those of the answers.
pub fn answer(challenge: Challenge) -> Result<(SignIn, Request), Error> {
    match challenge {
        Challenge::NewPasswordRequired(asked) => {
            let required = asked.required_attributes();
            let attributes: Vec<_> = required.iter().map(|name| (name.as_str(), "value")).collect();
            Ok(asked.answer(&Password::new("N3w:password")?, &attributes)?)
        }
        Challenge::SelectMfaType(asked) | Challenge::SelectChallenge(asked) => {
            let choice = asked.choices().into_iter().next().unwrap_or(ChallengeName::SoftwareTokenMfa);
            Ok(asked.answer(&choice)?)
        }
        Challenge::MfaSetup(asked) => {
            let _ = (asked.choices(), asked.associate(), asked.verify("123456", None));
            let session =
                asked.session().map_or("a session of twenty characters", |session| session.expose()).to_owned();
            Ok(asked.answer(Session::new(session)?))
        }
        Challenge::Other(asked) => Ok(asked.answer(&[("ANSWER", "answer"), ("USERNAME", "mallory")])?),
        Challenge::SmsMfa(asked)
        | Challenge::EmailMfa(asked)
        | Challenge::SoftwareTokenMfa(asked)
        | Challenge::SmsOtp(asked)
        | Challenge::EmailOtp(asked) => Ok(asked.answer("123456")?),
        Challenge::Custom(asked) => Ok(asked.answer("123456")?),
        Challenge::WebAuthn(asked) => Ok(asked.answer("{}")?),
        _ => unreachable!("a kind of challenge that this target does not know"),
    }
}
