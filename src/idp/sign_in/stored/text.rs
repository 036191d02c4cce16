//! The text of a stored challenge: `v1.` and the Base64url of the contents and their SHA-256.

use alloc::string::String;
use alloc::vec;
use alloc::vec::Vec;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use sha2::{Digest as _, Sha256};
use zeroize::Zeroizing;

use super::contents;
use super::error::TakeUpError;
use super::layout::{Filled, Length};
use crate::idp::sign_in::challenge::Paused;
use crate::secret::secret_text;

secret_text! {
    /// A challenge that waits for its user, as one text. Wiped on drop; `Debug` hides it.
    ///
    /// A web application cannot keep a [`Challenge`](crate::idp::Challenge) in memory from the page that asks for a code to
    /// the request that brings it. It [puts the challenge down](crate::idp::Challenge::put_down), stores the text, and
    /// [takes it up](Self::take_up) in the next request, in the same process or another one.
    ///
    /// The text holds the user name, `Session`, the challenge with its parameters, the service's last
    /// [refusal](crate::idp::Challenge::refusal), the device's key, and the [`Context`](crate::idp::Context). It never holds a
    /// password, an exponent, the app client's secret or a `SECRET_HASH`. A proof of the password that has started but
    /// not ended is lost: if `PASSWORD_VERIFIER` then comes, the sign-in ends with
    /// [`SignInError::UnexpectedChallenge`](crate::idp::SignInError::UnexpectedChallenge). No flow of the service asks its
    /// user in the middle of a proof.
    ///
    /// # Seal it
    ///
    /// The text is a secret, and it trusts whoever stores it. The digest in it detects damage, not forgery: everybody
    /// can compute it. So let nobody read or write the text but your servers. In particular, encrypt it before it goes
    /// to a browser, with an AEAD or the private jar of a cookie library:
    ///
    /// - Who can read it has `Session`, the user's personal data and half of a sign-in.
    /// - Who can write it chooses the user name for which your app client makes a `SECRET_HASH`, and the challenge that
    ///   your user is shown.
    /// - Who can give one user's text to another user's browser signs that browser in as somebody else. Bind the
    ///   text to the browser's session in your application, as associated data.
    ///
    /// A sealed text can be sent again. The service ends a `Session` after three minutes by default, so let the text end
    /// with it.
    ///
    /// ```
    /// use cognito_srp6a::idp::{Challenge, StoredChallenge};
    /// use ring::aead::{Aad, CHACHA20_POLY1305, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
    /// use ring::error::Unspecified;
    /// use ring::rand::{SecureRandom, SystemRandom};
    /// use zeroize::Zeroizing;
    /// # use cognito_srp6a::idp::{Api, AuthResponse, ChallengeName, Credentials, Session, SignIn, SignInFlow, Step};
    /// # use cognito_srp6a::{AppClient, Timestamp};
    ///
    /// /// Returns a random nonce and the ciphertext. One key is good for 2^32 random nonces.
    /// fn seal(key: &LessSafeKey, browser: &str, stored: &StoredChallenge) -> Result<Vec<u8>, Unspecified> {
    ///     let mut nonce = [0; NONCE_LEN];
    ///     SystemRandom::new().fill(&mut nonce)?;
    ///     let mut sealed = [&nonce, stored.expose().as_bytes()].concat();
    ///     let nonce = Nonce::assume_unique_for_key(nonce);
    ///     let tag = key.seal_in_place_separate_tag(nonce, Aad::from(browser), &mut sealed[NONCE_LEN..])?;
    ///     sealed.extend_from_slice(tag.as_ref());
    ///     Ok(sealed)
    /// }
    ///
    /// fn open(key: &LessSafeKey, browser: &str, sealed: Vec<u8>) -> Result<StoredChallenge, Box<dyn std::error::Error>> {
    ///     let mut sealed = Zeroizing::new(sealed); // the text takes the place of the ciphertext
    ///     let (nonce, text) = sealed.split_at_mut_checked(NONCE_LEN).ok_or("too short")?;
    ///     let nonce = Nonce::try_assume_unique_for_key(nonce).map_err(|_| "no nonce")?;
    ///     let text = key.open_in_place(nonce, Aad::from(browser), text).map_err(|_| "altered, or of another browser")?;
    ///     Ok(StoredChallenge::new(std::str::from_utf8(text)?)?)
    /// }
    ///
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let app = AppClient::new("us-east-1_AbCdEfGhI".parse()?, "1example23456789")?;
    /// # let credentials = Credentials::new("alice".parse()?);
    /// # let (sign_in, _) = SignIn::builder(&app, Api::Admin, SignInFlow::Custom, credentials).start()?;
    /// # let response = AuthResponse::challenge(ChallengeName::SmsMfa, [("CODE_DELIVERY_DESTINATION", "+*******0100")])
    /// #     .with_session(Session::new("AYABeIKrFwI0example0session")?);
    /// # let Step::Challenge(challenge) = sign_in.advance(Ok(response), Timestamp::now()?)? else { unreachable!() };
    /// let key = LessSafeKey::new(UnboundKey::new(&CHACHA20_POLY1305, &[7; 32]).map_err(|_| "no key")?); // your secret
    /// let browser = "the id of the browser's session";
    ///
    /// // The first request ends with a page that asks for the code.
    /// let cookie = seal(&key, browser, &challenge.put_down()?).map_err(|_| "not sealed")?;
    ///
    /// // The second request brings the code.
    /// # assert!(open(&key, "the id of another session", cookie.clone()).is_err());
    /// let challenge = match open(&key, browser, cookie)?.take_up(&app).build()? {
    ///     Challenge::SmsMfa(challenge) => challenge,
    ///     other => return Err(format!("no page for {}", other.name()).into()),
    /// };
    /// println!("{}, enter the code sent to {}", challenge.username(), challenge.destination().unwrap_or("you"));
    /// let (sign_in, request) = challenge.answer("123456")?;
    /// # drop((sign_in, request));
    /// # Ok(()) }
    /// ```
    ///
    /// # Size
    ///
    /// The text is ASCII, with the letters of Base64url and one `.`. It has at most [`MAX_BYTES`](Self::MAX_BYTES). With
    /// an ordinary challenge it is about 300 bytes longer than 4/3 of the `Session` in it. Sealed and encoded again, it may
    /// exceed the 4096 bytes that a browser keeps in a cookie; then store it on your server, under the id of the
    /// browser's session.
    ///
    /// There is no `serde` implementation, because a deserializer may leave copies that nobody wipes.
    StoredChallenge
}

impl StoredChallenge {
    /// The longest text, in bytes.
    pub const MAX_BYTES: usize = 64 * 1024;

    const PREFIX: &str = "v1.";

    /// What is hashed before the contents. It names the format, so that no other one has the same digest.
    const LABEL: &[u8] = b"cognito-srp6a stored challenge v1\0";

    const DIGEST_BYTES: usize = 32;

    /// The most bytes of contents and digest: three for four characters.
    const MAX_PAYLOAD: usize = ((Self::MAX_BYTES - Self::PREFIX.len()) >> 2) * 3;

    /// Takes a text that was stored. [`take_up`](Self::take_up) checks the rest.
    ///
    /// # Errors
    ///
    /// - [`TakeUpError::TooLong`]: the text exceeds [`MAX_BYTES`](Self::MAX_BYTES).
    /// - [`TakeUpError::Newer`]: the text begins like one of a later version.
    /// - [`TakeUpError::Damaged`]: the text does not begin like a stored challenge.
    pub fn new(text: impl Into<String>) -> Result<Self, TakeUpError> {
        // Made first, so that the text is wiped also when it is refused.
        let stored = Self(text.into());
        if stored.0.len() > Self::MAX_BYTES {
            return Err(TakeUpError::TooLong);
        }
        stored.encoded()?;
        Ok(stored)
    }

    /// Writes a challenge, or returns `None` if it is too long.
    pub(super) fn of(paused: &Paused) -> Option<Self> {
        let mut length = Length(Self::DIGEST_BYTES);
        contents::write(paused, &mut length)?;
        if length.0 > Self::MAX_PAYLOAD {
            return None;
        }
        let mut payload = Filled(Zeroizing::new(Vec::with_capacity(length.0)));
        contents::write(paused, &mut payload)?;
        let Filled(mut payload) = payload;
        let digest = Self::digest(&payload);
        payload.extend_from_slice(&digest);
        let mut text = String::with_capacity(Self::PREFIX.len() + 4 * payload.len().div_ceil(3));
        text.push_str(Self::PREFIX);
        URL_SAFE_NO_PAD.encode_string(&*payload, &mut text);
        Some(Self(text))
    }

    /// Returns the contents, whose digest is right.
    pub(super) fn contents(&self) -> Result<Zeroizing<Vec<u8>>, TakeUpError> {
        let encoded = self.encoded()?;
        let mut payload = Zeroizing::new(vec![0; base64::decoded_len_estimate(encoded.len())]);
        let length = URL_SAFE_NO_PAD.decode_slice(encoded, &mut payload).map_err(|_| TakeUpError::Damaged)?;
        let end = length.checked_sub(Self::DIGEST_BYTES).ok_or(TakeUpError::Damaged)?;
        if payload[end..length] != Self::digest(&payload[..end]) {
            return Err(TakeUpError::Damaged);
        }
        payload.truncate(end);
        Ok(payload)
    }

    /// Returns what follows the version.
    fn encoded(&self) -> Result<&str, TakeUpError> {
        if let Some(encoded) = self.0.strip_prefix(Self::PREFIX) {
            return Ok(encoded);
        }
        let version = self.0.split_once('.').and_then(|(version, _)| version.strip_prefix('v'));
        let is_number = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit()) && !text.starts_with('0');
        match version {
            Some(number) if !number.is_empty() && is_number(number) => Err(TakeUpError::Newer),
            _ => Err(TakeUpError::Damaged),
        }
    }

    fn digest(contents: &[u8]) -> [u8; Self::DIGEST_BYTES] {
        Sha256::new().chain_update(Self::LABEL).chain_update(contents).finalize().into()
    }
}
