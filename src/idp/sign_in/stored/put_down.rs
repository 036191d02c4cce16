//! Challenges are put down.

use super::error::PutDownError;
use super::text::StoredChallenge;
use crate::idp::sign_in::challenge::{
    Challenge, ChoiceChallenge, CodeChallenge, CustomChallenge, MfaSetup, NewPasswordRequired, OtherChallenge,
    WebAuthnChallenge,
};

macro_rules! put_down {
    ($($name:ident),*) => {$(
        impl $name {
            /// Turns the challenge into one text, to be taken up later or elsewhere. [`StoredChallenge`] has an example.
            ///
            /// # Errors
            ///
            /// [`PutDownError`] if the challenge is too long. It returns the challenge.
            pub fn put_down(self) -> Result<StoredChallenge, PutDownError<Self>> {
                StoredChallenge::of(self.paused()).ok_or(PutDownError { challenge: self })
            }
        }
    )*};
}

put_down!(
    Challenge,
    ChoiceChallenge,
    CodeChallenge,
    CustomChallenge,
    MfaSetup,
    NewPasswordRequired,
    OtherChallenge,
    WebAuthnChallenge
);
