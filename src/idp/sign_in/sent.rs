//! The last request of a sign-in.

use alloc::string::String;
use core::time::Duration;

use crate::error::Parameter;
use crate::idp::request::{InitiateAuth, Request, RespondToAuthChallenge};
use crate::message::Timestamp;

/// The last request of a sign-in, kept until its response.
#[derive(Debug)]
pub(super) struct Sent {
    call: Call,
    attempts: u8,
    /// When the proof in it was made, if there is one.
    proved_at: Option<Timestamp>,
}

#[derive(Debug)]
enum Call {
    InitiateAuth(InitiateAuth),
    RespondToAuthChallenge(RespondToAuthChallenge),
}

impl Sent {
    pub(super) const MAX_ATTEMPTS: u8 = 8;

    pub(super) const MAX_PROOF_SECONDS: u64 = 30;

    pub(super) fn start(request: &InitiateAuth) -> Self {
        Self { call: Call::InitiateAuth(request.duplicate()), attempts: 1, proved_at: None }
    }

    pub(super) fn answer(request: &RespondToAuthChallenge, proved_at: Option<Timestamp>) -> Self {
        Self { call: Call::RespondToAuthChallenge(request.duplicate()), attempts: 1, proved_at }
    }

    /// How long to wait before the request is sent again.
    pub(super) const fn delay(&self) -> Duration {
        Duration::from_millis(200 << (self.attempts - 1))
    }

    /// Returns whether the request may be sent once more after the delay.
    pub(super) fn may_be_sent_again(&self, now: Timestamp) -> bool {
        let is_fresh = |then: Timestamp| {
            Duration::from_secs(then.seconds_from(now)) + self.delay() <= Duration::from_secs(Self::MAX_PROOF_SECONDS)
        };
        self.attempts < Self::MAX_ATTEMPTS && self.proved_at.is_none_or(is_fresh)
    }

    /// How often the request has been sent.
    pub(super) const fn attempts(&self) -> u8 {
        self.attempts
    }

    /// Counts another attempt and returns the request for it.
    pub(super) fn again(&mut self) -> Request {
        self.attempts += 1;
        self.request()
    }

    /// Returns the request.
    fn request(&self) -> Request {
        match &self.call {
            Call::InitiateAuth(request) => Request::InitiateAuth(request.duplicate()),
            Call::RespondToAuthChallenge(request) => Request::RespondToAuthChallenge(request.duplicate()),
        }
    }

    /// Replaces `SECRET_HASH`.
    pub(super) fn set_secret_hash(&mut self, hash: impl Into<String>) {
        let parameters = match &mut self.call {
            Call::InitiateAuth(request) => &mut request.auth_parameters,
            Call::RespondToAuthChallenge(request) => &mut request.challenge_responses,
        };
        parameters.insert(Parameter::SecretHash.name(), hash);
    }
}
