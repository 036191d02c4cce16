//! What a browser keeps: sealed for one purpose, one browser and a time. And the tokens that show that a form is ours.

use std::time::{SystemTime, UNIX_EPOCH};

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ring::aead::{Aad, CHACHA20_POLY1305, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use ring::hmac;
use ring::rand::{SecureRandom as _, SystemRandom};
use zeroize::Zeroizing;

/// The bytes of the key that all processes of the site share.
pub const KEY_BYTES: usize = 32;

/// What a sealed text is for. A text for one purpose does not open for another.
#[derive(Clone, Copy)]
pub enum Purpose {
    Challenge,
    ChallengeInFolder,
    Session,
}

impl Purpose {
    const fn label(self) -> &'static str {
        match self {
            Self::Challenge => "challenge",
            Self::ChallengeInFolder => "challenge in folder",
            Self::Session => "session",
        }
    }
}

/// The keys of the site. Each process with the same sealing key opens what another one has sealed.
pub struct Keys {
    seal: LessSafeKey,
    forms: hmac::Key,
}

impl Keys {
    /// Derives a key for each use.
    pub fn new(key: &[u8; KEY_BYTES]) -> Self {
        let derive = |label: &str| hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, key), label.as_bytes());
        let seal = UnboundKey::new(&CHACHA20_POLY1305, derive("web_sign_in seal v1").as_ref());
        Self {
            seal: LessSafeKey::new(seal.expect("HMAC-SHA256 has the 32 bytes of a key")),
            forms: hmac::Key::new(hmac::HMAC_SHA256, derive("web_sign_in forms v1").as_ref()),
        }
    }

    /// Seals a text until a time in seconds since 1970. Returns `None` if the system has no randomness.
    pub fn seal(&self, purpose: Purpose, browser: &str, until: u64, text: &str) -> Option<String> {
        let mut nonce = [0; NONCE_LEN];
        SystemRandom::new().fill(&mut nonce).ok()?;
        // Of its final length at once: a vector that grows leaves copies behind.
        let length = NONCE_LEN + size_of::<u64>() + text.len() + CHACHA20_POLY1305.tag_len();
        let mut sealed = Zeroizing::new(Vec::with_capacity(length));
        sealed.extend_from_slice(&nonce);
        sealed.extend_from_slice(&until.to_be_bytes());
        sealed.extend_from_slice(text.as_bytes());
        let nonce = Nonce::assume_unique_for_key(nonce);
        let aad = Aad::from(associated(purpose, browser));
        let tag = self.seal.seal_in_place_separate_tag(nonce, aad, &mut sealed[NONCE_LEN..]).ok()?;
        sealed.extend_from_slice(tag.as_ref());
        Some(URL_SAFE_NO_PAD.encode(&*sealed))
    }

    /// Returns the text and the time until which it is good. Returns `None` if it is altered, of another browser, for
    /// another purpose, or too old.
    pub fn open(&self, purpose: Purpose, browser: &str, now: u64, sealed: &str) -> Option<(u64, Zeroizing<String>)> {
        let mut sealed = Zeroizing::new(URL_SAFE_NO_PAD.decode(sealed).ok()?);
        let (nonce, text) = sealed.split_at_mut_checked(NONCE_LEN)?;
        let nonce = Nonce::try_assume_unique_for_key(nonce).ok()?;
        let text = self.seal.open_in_place(nonce, Aad::from(associated(purpose, browser)), text).ok()?;
        let (until, text) = text.split_first_chunk()?;
        let until = u64::from_be_bytes(*until);
        let text = Zeroizing::new(str::from_utf8(text).ok()?.to_owned());
        (now < until).then_some((until, text))
    }

    /// Returns the token that the forms of a browser carry.
    pub fn form_token(&self, browser: &str) -> String {
        URL_SAFE_NO_PAD.encode(hmac::sign(&self.forms, browser.as_bytes()))
    }

    /// Returns whether a form came from a page that this browser had from us.
    pub fn is_form_token(&self, browser: &str, token: &str) -> bool {
        let token = URL_SAFE_NO_PAD.decode(token).unwrap_or_default();
        hmac::verify(&self.forms, browser.as_bytes(), &token).is_ok()
    }
}

/// Returns the associated data. A label has no NUL, so no two pairs have the same.
fn associated(purpose: Purpose, browser: &str) -> String {
    format!("web_sign_in {} v1\0{browser}", purpose.label())
}

/// Returns a text with 256 random bits. Returns `None` if the system has no randomness.
pub fn random_id() -> Option<String> {
    let mut bytes = [0; 32];
    SystemRandom::new().fill(&mut bytes).ok()?;
    Some(URL_SAFE_NO_PAD.encode(bytes))
}

/// The time in seconds since 1970. A clock before that counts as 1970.
pub fn now() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs())
}

#[cfg(test)]
mod tests {
    use super::{Keys, Purpose};

    #[test]
    fn a_sealed_text_opens_for_its_key_its_purpose_its_browser_and_its_time() {
        let keys = Keys::new(&[7; 32]);
        let sealed = keys.seal(Purpose::Challenge, "a browser", 1000, "a text").unwrap();
        let open = |keys: &Keys, purpose, browser, now| {
            keys.open(purpose, browser, now, &sealed).map(|(until, text)| (until, text.to_string()))
        };
        let opened = Some((1000, "a text".to_owned()));
        assert_eq!(open(&keys, Purpose::Challenge, "a browser", 999), opened);
        assert_eq!(open(&Keys::new(&[7; 32]), Purpose::Challenge, "a browser", 999), opened);
        assert_eq!(open(&Keys::new(&[8; 32]), Purpose::Challenge, "a browser", 999), None);
        assert_eq!(open(&keys, Purpose::Session, "a browser", 999), None);
        assert_eq!(open(&keys, Purpose::Challenge, "another", 999), None);
        assert_eq!(open(&keys, Purpose::Challenge, "a browser", 1000), None);
        assert_ne!(keys.seal(Purpose::Challenge, "a browser", 1000, "a text").unwrap(), sealed, "a nonce came twice");
    }

    #[test]
    fn a_sealed_text_with_one_other_character_does_not_open() {
        let keys = Keys::new(&[7; 32]);
        let sealed = keys.seal(Purpose::Challenge, "a browser", 1000, "a text").unwrap();
        for at in 0..sealed.len() {
            let other = if &sealed[at..=at] == "A" { "B" } else { "A" };
            let altered = [&sealed[..at], other, &sealed[at + 1..]].concat();
            assert!(keys.open(Purpose::Challenge, "a browser", 0, &altered).is_none(), "{at}");
            assert!(keys.open(Purpose::Challenge, "a browser", 0, &sealed[..at]).is_none(), "cut at {at}");
        }
    }

    #[test]
    fn a_form_token_is_good_for_one_browser() {
        let keys = Keys::new(&[7; 32]);
        let token = keys.form_token("a browser");
        assert!(keys.is_form_token("a browser", &token));
        assert!(!keys.is_form_token("another", &token));
        assert!(!keys.is_form_token("a browser", ""));
    }
}
