//! `CUSTOM_AUTH` by triggers: define, create and verify auth challenge, round after round.

use std::collections::BTreeMap;

use cognito_srp6a::idp::{AuthResponse, ChallengeName, ParameterMap, RespondToAuthChallenge};
use cognito_srp6a::{ParameterSource as _, Timestamp};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::answers::{CreateAuthChallenge, Decision, DefineAuthChallenge, VerifyAuthChallengeResponse};
use super::progress::{Answering, Paused, Progress, Stage};
use super::refusal::{self, Result};
use super::state::Epoch;
use super::tries::Account;
use super::triggers::{Subject, Trigger};
use super::{Pool, required, spent, srp_a};

/// The most custom challenges of a sign-in. The service names no number; without one a trigger that never decides keeps a
/// client in the loop.
const MOST: usize = 10;

/// The most bytes of what a sign-in carries from round to round. A session has 4,096 characters and holds it.
const MAX_BYTES: usize = 1024;

/// What a sign-in carries from round to round. It holds right answers, so no client reads it.
#[derive(Default, Deserialize, Serialize)]
struct Rounds {
    history: Vec<Round>,
    private: BTreeMap<String, String>,
    metadata: Option<String>,
}

/// A challenge that was answered.
#[derive(Deserialize, Serialize)]
struct Round(Kind, bool, Option<String>);

#[derive(Clone, Copy, PartialEq, Eq, Deserialize, Serialize)]
enum Kind {
    #[serde(rename = "a")]
    SrpA,
    #[serde(rename = "p")]
    PasswordVerifier,
    #[serde(rename = "c")]
    Custom,
}

impl Rounds {
    fn passed(kinds: &[Kind]) -> Self {
        Self { history: kinds.iter().map(|kind| Round(*kind, true, None)).collect(), ..Self::default() }
    }

    /// Returns the rounds as triggers see them.
    fn session(&self) -> Value {
        let round = |Round(kind, result, metadata): &Round| {
            let name = match kind {
                Kind::SrpA => "SRP_A",
                Kind::PasswordVerifier => "PASSWORD_VERIFIER",
                Kind::Custom => "CUSTOM_CHALLENGE",
            };
            json!({"challengeName": name, "challengeResult": result, "challengeMetadata": metadata})
        };
        self.history.iter().map(round).collect()
    }

    /// Returns the bytes that a session holds, if there are not too many.
    fn to_bytes(&self) -> Option<Vec<u8>> {
        Some(serde_json::to_vec(self).expect("texts")).filter(|bytes| bytes.len() <= MAX_BYTES)
    }

    fn of(progress: &Progress) -> Option<Self> {
        serde_json::from_slice(progress.rounds.as_deref()?).ok()
    }
}

impl Pool {
    /// Begins a `CUSTOM_AUTH`.
    pub(super) fn begin_custom(
        &self,
        progress: Progress,
        parameters: &ParameterMap,
        now: Timestamp,
    ) -> Result<AuthResponse> {
        let epoch = self.epoch(&progress.username);
        if parameters.parameter("CHALLENGE_NAME") != Some("SRP_A") {
            let rounds = Rounds::default();
            let decision = self.define(&progress, &rounds)?;
            return self.follow(decision, progress, rounds, epoch, now);
        }
        srp_a(parameters)?;
        let rounds = Rounds::passed(&[Kind::SrpA]);
        match self.define(&progress, &rounds)? {
            Decision::Ask(name) if name == "PASSWORD_VERIFIER" => self.begin_proof(progress, parameters, now),
            decision => self.follow(decision, progress, rounds, epoch, now),
        }
    }

    /// Goes on with a `CUSTOM_AUTH` whose user has proved the password.
    pub(super) fn go_on_with_custom(&self, progress: Progress, now: Timestamp) -> Result<AuthResponse> {
        let epoch = self.epoch(&progress.username);
        let rounds = Rounds::passed(&[Kind::SrpA, Kind::PasswordVerifier]);
        let decision = self.define(&progress, &rounds)?;
        self.follow(decision, progress, rounds, epoch, now)
    }

    /// `CUSTOM_CHALLENGE`. Each session takes one answer, right or wrong: how many there are is the trigger's decision.
    pub(super) fn verify_custom(
        &self,
        request: &RespondToAuthChallenge,
        answering: &Answering,
        now: Timestamp,
    ) -> Result<AuthResponse> {
        let answer = required(request.challenge_responses(), "ANSWER")?;
        let paused = self.answered(request, answering, Stage::CustomAnswer, now)?;
        let (epoch, sealed) = (paused.epoch, paused.sealed);
        let (progress, tried) = self.take_turn(paused, now)?;
        let mut rounds = Rounds::of(&progress).ok_or_else(refusal::invalid_session)?;

        let asked = json!({
            "privateChallengeParameters": rounds.private,
            "challengeAnswer": answer,
            "userNotFound": self.is_unknown(&progress.username),
        });
        let subject = progress.subject();
        let response = json!({"answerCorrect": null});
        let is_right = self
            .trigger::<VerifyAuthChallengeResponse>(Trigger::VERIFY_AUTH_CHALLENGE, &subject, asked, &response)?
            .answer_correct;
        if let Some(tried) = tried.filter(|_| is_right) {
            self.spend_session(&progress.username, epoch, sealed, now)?;
            self.forget_tries(Account::Custom, &progress.username, &tried, now);
        }
        if is_right {
            self.check_device(&answering.username, progress.device_key.as_ref(), now)?;
        }
        let metadata = rounds.metadata.take();
        rounds.history.push(Round(Kind::Custom, is_right, metadata));
        let decision = self.define(&progress, &rounds)?;
        if decision == Decision::IssueTokens && !is_right {
            self.spend_session(&progress.username, epoch, sealed, now)?;
        }
        self.follow(decision, progress, rounds, epoch, now)
    }

    /// Takes a session out of use, before the answer is looked at.
    ///
    /// Strangers can begin a `CUSTOM_AUTH` under any name, so the pool keeps nothing of it but a counted try.
    fn take_turn(&self, paused: Paused, now: Timestamp) -> Result<(Progress, Option<spent::Name>)> {
        let Some(sealed) = paused.sealed else { return Ok((self.end(paused, now)?, None)) };
        let username = &paused.progress.username;
        let is_spent = self.state().users.get(username).is_some_and(|user| user.spent.contains_any(&[sealed]));
        if is_spent {
            return Err(refusal::invalid_session());
        }
        let tried = self.count_try(Account::Custom, username, paused.session(), now)?;
        Ok((paused.progress, Some(tried)))
    }

    /// Marks a session as spent. A user who does not exist has no marks and never signs in.
    fn spend_session(&self, username: &str, epoch: Epoch, sealed: Option<spent::Name>, now: Timestamp) -> Result<()> {
        let Some(name) = sealed else { return Ok(()) };
        let mut state = self.state();
        if !state.users.contains_key(username) || state.spend(username, epoch, &[name], now) {
            Ok(())
        } else {
            Err(refusal::invalid_session())
        }
    }

    /// Asks what comes next.
    fn define(&self, progress: &Progress, rounds: &Rounds) -> Result<Decision> {
        let request = json!({"session": rounds.session(), "userNotFound": self.is_unknown(&progress.username)});
        let response = json!({"challengeName": null, "issueTokens": null, "failAuthentication": null});
        let answer: DefineAuthChallenge =
            self.trigger(Trigger::DEFINE_AUTH_CHALLENGE, &progress.subject(), request, &response)?;
        answer.decision().map_err(|_| refusal::unrecognizable())
    }

    /// Does what a trigger has decided. `epoch` is from before the triggers ran.
    fn follow(
        &self,
        decision: Decision,
        progress: Progress,
        rounds: Rounds,
        epoch: Epoch,
        now: Timestamp,
    ) -> Result<AuthResponse> {
        match decision {
            // Whatever triggers say of a user who does not exist.
            Decision::IssueTokens if self.is_unknown(&progress.username) => Err(refusal::not_authorized()),
            Decision::IssueTokens => {
                self.check_device(&progress.username, progress.device_key.as_ref(), now)?;
                let proved = progress.proved.or(Some(epoch.credentials));
                self.after_factors(Progress { proved, rounds: None, ..progress }, now)
            }
            Decision::Ask(name) if name == "CUSTOM_CHALLENGE" => self.create(progress, rounds, now),
            Decision::Ask(_) => Err(refusal::unrecognizable()),
            Decision::Fail => Err(refusal::not_authorized()),
        }
    }

    /// Asks the user what a trigger wants to ask.
    fn create(&self, progress: Progress, rounds: Rounds, now: Timestamp) -> Result<AuthResponse> {
        if rounds.history.iter().filter(|Round(kind, ..)| *kind == Kind::Custom).count() >= MOST {
            return Err(refusal::not_authorized());
        }
        let request = json!({
            "challengeName": "CUSTOM_CHALLENGE",
            "session": rounds.session(),
            "userNotFound": self.is_unknown(&progress.username),
        });
        let response =
            json!({"publicChallengeParameters": null, "privateChallengeParameters": null, "challengeMetadata": null});
        let answer: CreateAuthChallenge =
            self.trigger(Trigger::CREATE_AUTH_CHALLENGE, &progress.subject(), request, &response)?;
        let rounds = Rounds {
            private: answer.private_challenge_parameters.unwrap_or_default(),
            metadata: answer.challenge_metadata,
            ..rounds
        };
        let rounds = rounds.to_bytes().ok_or_else(refusal::unrecognizable)?;
        let mut parameters = answer.public_challenge_parameters.unwrap_or_default();
        parameters.insert("USERNAME".to_owned(), progress.username.clone());
        let challenge = AuthResponse::challenge(ChallengeName::CustomChallenge, parameters);
        let progress = Progress { stage: Stage::CustomAnswer, rounds: Some(rounds.into()), ..progress };
        self.pause(progress, challenge, now)
    }

    fn is_unknown(&self, username: &str) -> bool {
        !self.state().users.contains_key(username)
    }
}

impl Progress {
    /// Returns whom events of this sign-in are about.
    pub fn subject(&self) -> Subject<'_> {
        Subject { username: &self.username, client: Some(self.client), metadata: &self.metadata }
    }
}
