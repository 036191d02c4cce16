//! The user's name in an access token: the payload in any form, with `serde_json` as the other reader, and any text as a
//! token.
#![no_main]

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use cognito_srp6a::idp::{AuthenticationResult, RefreshToken};
use libfuzzer_sys::fuzz_target;
use serde::Deserialize;

/// The deepest nesting that the crate reads. The other reader has no limit for members that it skips.
const MAX_DEPTH: usize = 16;

fuzz_target!(|input: &[u8]| {
    if let Ok(token) = std::str::from_utf8(input) {
        let _ = name_in(token);
    }
    let token = format!("a.{}.b", URL_SAFE_NO_PAD.encode(input));
    let read = name_in(&token);
    let too_deep = input.iter().filter(|byte| b"[{".contains(byte)).count() > MAX_DEPTH;
    if !too_deep && token.len() <= RefreshToken::MAX_CHARS {
        assert_eq!(read, name_by_serde(input));
    }
});

fn name_in(token: &str) -> Option<String> {
    let result = AuthenticationResult::default().with_access_token(token);
    result.username().map(|name| name.as_str().to_owned())
}

/// The claims of the other reader, which refuses a name that is given twice.
#[derive(Deserialize)]
struct Claims {
    username: Option<String>,
}

fn name_by_serde(payload: &[u8]) -> Option<String> {
    let payload = std::str::from_utf8(payload).ok()?;
    // `serde_json` reads a list as a structure, too.
    let is_object = payload.trim_start_matches([' ', '\t', '\n', '\r']).starts_with('{');
    let name = serde_json::from_str::<Claims>(payload).ok().filter(|_| is_object)?.username?;
    (1..=128).contains(&name.chars().count()).then_some(name)
}
