//! The checks of flows and factors beside the proof.

use std::cell::{Cell, RefCell};
use std::collections::BTreeSet;
use std::time::{SystemTime, UNIX_EPOCH};

use ring::hmac;
use serde::Deserialize;
use serde_json::json;

use crate::authenticator::Authenticator;
use crate::{Asked, Client, Pool, Result, Start, Tally, User, call, expect, in_a_row, signed_in};

/// RFC 6238 §4.1: the time step, in seconds.
const STEP_SECONDS: u64 = 30;

pub fn user_auth(client: &dyn Client, pool: &Pool, _: u32) -> Result<Tally> {
    // The factor is chosen from a list. The password comes with the choice.
    let User { username, password, .. } = &pool.user;
    let start = Start { username, password: None, flow: "USER_AUTH" };
    let token = client.sign_in_by(pool, &start, Some(password), &mut |asked| {
        expect(asked.choices.iter().any(|choice| choice == "PASSWORD_SRP"), || format!("{:?}", asked.choices))?;
        answer(asked, "SELECT_CHALLENGE", || Ok("PASSWORD_SRP".into()))
    })?;
    signed_in(&token, &pool.user)?;
    Ok(Tally { sign_ins: 1, ..Tally::default() })
}

pub fn refresh(client: &dyn Client, pool: &Pool, _: u32) -> Result<Tally> {
    signed_in(&client.refresh(pool, &pool.user.username, &pool.user.password)?, &pool.user)?;
    Ok(Tally { sign_ins: 1, ..Tally::default() })
}

pub fn password(client: &dyn Client, pool: &Pool, count: u32) -> Result<Tally> {
    in_a_row(count, || sign_in(client, pool, &pool.user, "PASSWORD", &mut no_challenge))
}

pub fn totp(client: &dyn Client, pool: &Pool, count: u32) -> Result<Tally> {
    // A code is good once, so each sign-in has a user of its own.
    let mut apps = pool.apps.iter();
    in_a_row(count, || {
        let user = apps.next().ok_or("too few users")?;
        second_factor(client, pool, user, "SOFTWARE_TOKEN_MFA", || totp_code(&user.totp_secret, 0))
    })
}

pub fn wrong_code(client: &dyn Client, pool: &Pool, count: u32) -> Result<Tally> {
    let user = pool.apps.get(count as usize).ok_or("too few users")?;
    let right = totp_code(&user.totp_secret, 0)?;
    let wrong = format!("{:06}", (right.parse::<u32>()? + 1) % 1_000_000);
    let refusal = RefCell::new(None);
    // The challenge comes again, and its answer is then right.
    sign_in(client, pool, user, "USER_SRP_AUTH", &mut |asked| {
        if asked.refusal.is_none() {
            return answer(asked, "SOFTWARE_TOKEN_MFA", || Ok(wrong.clone()));
        }
        refusal.replace(asked.refusal.clone());
        Ok(right.clone())
    })?;
    let note = refusal.take().ok_or("a wrong code has signed in")?;
    expect(note == "CodeMismatchException", || format!("refused with {note}"))?;
    Ok(Tally { sign_ins: 1, refused: 1, note, ..Tally::default() })
}

pub fn sms(client: &dyn Client, pool: &Pool, count: u32) -> Result<Tally> {
    let user = pool.sms.as_ref().ok_or("no user")?;
    in_a_row(count, || second_factor(client, pool, user, "SMS_MFA", || letter_to(pool, user)))
}

pub fn email(client: &dyn Client, pool: &Pool, count: u32) -> Result<Tally> {
    let user = pool.email.as_ref().ok_or("no user")?;
    in_a_row(count, || second_factor(client, pool, user, "EMAIL_OTP", || letter_to(pool, user)))
}

pub fn choice(client: &dyn Client, pool: &Pool, count: u32) -> Result<Tally> {
    // SELECT_MFA_TYPE of a user who has all three.
    let user = pool.choice.as_ref().ok_or("no user")?;
    in_a_row(count, || {
        let chosen = Cell::new(false);
        sign_in(client, pool, user, "USER_SRP_AUTH", &mut |asked| {
            if !chosen.replace(true) {
                expect(asked.choices.len() == 3, || format!("{:?}", asked.choices))?;
                return answer(asked, "SELECT_MFA_TYPE", || Ok("SMS_MFA".into()));
            }
            answer(asked, "SMS_MFA", || letter_to(pool, user))
        })
    })
}

pub fn setup(client: &dyn Client, pool: &Pool, count: u32) -> Result<Tally> {
    // `MFA_SETUP` by an app, and a sign-in with it. `new` has a user for each.
    let mut users = pool.new.iter();
    in_a_row((count / 10).max(1), || {
        let user = users.next().ok_or("too few users")?;
        let secret = RefCell::new(String::new());
        sign_in(client, pool, user, "USER_SRP_AUTH", &mut |asked| {
            secret.replace(asked.secret_code.clone().ok_or("no SecretCode")?);
            answer(asked, "MFA_SETUP", || totp_code(&secret.borrow(), 0))
        })?;
        // The code of the next step, which is accepted early, because the first is spent.
        second_factor(client, pool, user, "SOFTWARE_TOKEN_MFA", || totp_code(&secret.borrow(), 1))
    })
}

pub fn otp(client: &dyn Client, pool: &Pool, count: u32) -> Result<Tally> {
    // A code is the first factor here, and the only one.
    let mut flows = [("USER_AUTH EMAIL_OTP", "EMAIL_OTP"), ("USER_AUTH SMS_OTP", "SMS_OTP")].into_iter().cycle();
    in_a_row(count, || {
        let (flow, challenge) = flows.next().unwrap_or_default();
        let start = Start { username: &pool.user.username, password: None, flow };
        let token = client
            .sign_in_by(pool, &start, None, &mut |asked| answer(asked, challenge, || letter_to(pool, &pool.user)))?;
        signed_in(&token, &pool.user)
    })
}

pub fn custom_auth(client: &dyn Client, pool: &Pool, count: u32) -> Result<Tally> {
    // The password is proved first, and the custom challenge comes after it.
    in_a_row(count, || sign_in(client, pool, &pool.user, "CUSTOM_AUTH SRP_A", &mut |asked| custom_answer(pool, asked)))
}

pub fn custom(client: &dyn Client, pool: &Pool, count: u32) -> Result<Tally> {
    // The custom challenge alone.
    let start = Start { username: &pool.user.username, password: None, flow: "CUSTOM_AUTH" };
    in_a_row(count, || {
        let token = client.sign_in_by(pool, &start, None, &mut |asked| custom_answer(pool, asked))?;
        signed_in(&token, &pool.user)
    })
}

pub fn rotation(client: &dyn Client, pool: &Pool, count: u32) -> Result<Tally> {
    // Each refresh with the token that the last one brought.
    let tokens = client.rotate(pool, &pool.user.username, &pool.user.password, count)?;
    let mut seen = BTreeSet::new();
    for (access_token, refresh_token) in tokens {
        signed_in(&access_token, &pool.user)?;
        expect(seen.insert(refresh_token), || "the refresh token was not replaced".into())?;
    }
    expect(seen.len() == count as usize, || format!("{} refreshes", seen.len()))?;
    Ok(Tally { sign_ins: count, ..Tally::default() })
}

pub fn passkey(client: &dyn Client, pool: &Pool, count: u32) -> Result<Tally> {
    // Registered once, with an access token, and then the only factor.
    let User { username, password, .. } = &pool.user;
    let start = Start { username, password: Some(password), flow: "PASSWORD" };
    let token = client.sign_in_by(pool, &start, None, &mut no_challenge)?;
    let passkey = Authenticator::es256();
    let started = call(&pool.place, "StartWebAuthnRegistration", &json!({"AccessToken": token}))?;
    let credential = passkey.create(&started["CredentialCreationOptions"]);
    let body = json!({"AccessToken": token, "Credential": credential});
    call(&pool.place, "CompleteWebAuthnRegistration", &body)?;
    let start = Start { username, password: None, flow: "USER_AUTH WEB_AUTHN" };
    in_a_row(count, || {
        let token = client.sign_in_by(pool, &start, None, &mut |asked| {
            let options = serde_json::from_str(&asked.parameters["CREDENTIAL_REQUEST_OPTIONS"])?;
            answer(asked, "WEB_AUTHN", || Ok(passkey.get(&options).to_string()))
        })?;
        signed_in(&token, &pool.user)
    })
}

/// Signs in by the password and the code of a challenge, which the client must have asked for.
fn second_factor(
    client: &dyn Client,
    pool: &Pool,
    user: &User,
    challenge: &str,
    code: impl Fn() -> Result<String>,
) -> Result<()> {
    let asked_for = Cell::new(false);
    sign_in(client, pool, user, "USER_SRP_AUTH", &mut |asked| {
        asked_for.set(true);
        answer(asked, challenge, &code)
    })?;
    expect(asked_for.get(), || "signed in without a code".into())
}

/// Signs in by a flow that takes the password at its start.
fn sign_in(
    client: &dyn Client,
    pool: &Pool,
    user: &User,
    flow: &str,
    answer: &mut dyn FnMut(&Asked) -> Result<String>,
) -> Result<()> {
    let start = Start { username: &user.username, password: Some(&user.password), flow };
    signed_in(&client.sign_in_by(pool, &start, None, answer)?, user)
}

fn no_challenge(asked: &Asked) -> Result<String> {
    Err(format!("no tokens, but {}", asked.name).into())
}

/// Answers a challenge, which must be the one that is expected, and not a refusal.
fn answer(asked: &Asked, challenge: &str, answer: impl Fn() -> Result<String>) -> Result<String> {
    expect(asked.name == challenge, || format!("{} in place of {challenge}", asked.name))?;
    expect(asked.refusal.is_none(), || format!("{challenge}: {:?}", asked.refusal))?;
    answer()
}

fn custom_answer(pool: &Pool, asked: &Asked) -> Result<String> {
    answer(asked, "CUSTOM_CHALLENGE", || Ok(pool.custom_answer.clone().ok_or("no answer")?))
}

/// Returns the newest code that the pool would have sent to a user.
fn letter_to(pool: &Pool, user: &User) -> Result<String> {
    #[derive(Deserialize)]
    struct Letter {
        username: String,
        code: String,
    }

    let text = ureq::get(format!("{}/outbox", pool.place.endpoint)).call()?.body_mut().read_to_string()?;
    let letters: Vec<Letter> = serde_json::from_str(&text)?;
    let newest = letters.into_iter().rfind(|letter| letter.username == user.username);
    Ok(newest.ok_or("no letter")?.code)
}

/// RFC 6238, from the Base32 that a user types into an app: the code of this step, or of a later one.
fn totp_code(secret: &str, steps: u64) -> Result<String> {
    let (mut key, mut bits, mut held) = (Vec::new(), 0u32, 0);
    for letter in secret.bytes() {
        let digit = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567".iter().position(|known| *known == letter);
        (bits, held) = ((bits << 5) | digit.ok_or("not Base32")? as u32, held + 5);
        if held >= 8 {
            held -= 8;
            key.push((bits >> held) as u8);
        }
    }
    let step = SystemTime::now().duration_since(UNIX_EPOCH)?.as_secs() / STEP_SECONDS + steps;
    let tag = hmac::sign(&hmac::Key::new(hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY, &key), &step.to_be_bytes());
    let offset = usize::from(tag.as_ref()[19] & 15);
    let code = u32::from_be_bytes(tag.as_ref()[offset..offset + 4].try_into()?) & 0x7fff_ffff;
    Ok(format!("{:06}", code % 1_000_000))
}
