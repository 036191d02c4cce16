//! Codes and second factors: what a user may choose, the letter with a code, and the answers.

use std::sync::Arc;

use cognito_srp6a::Timestamp;
use cognito_srp6a::idp::{AuthResponse, ChallengeName, RespondToAuthChallenge};
use subtle::{Choice, ConstantTimeEq as _};

use super::attributes::Attributes;
use super::factors::{Factor, Mfa};
use super::messages::Occasion;
use super::outbox::{Letter, Medium};
use super::progress::{Answering, Paused, Progress, Stage};
use super::refusal::{self, Result};
use super::state::User;
use super::tries::Account;
use super::{Pool, required};
use crate::config::NewUser;

/// What a sign-in still needs after its first factor.
pub(super) enum Need {
    Nothing,
    SetUp,
    OneOf(Vec<Factor>),
}

impl Pool {
    /// Asks for a code that goes to the user: a first factor of `USER_AUTH`.
    ///
    /// A user who does not exist or may not begin so is asked as well, after the same work. Nobody gets that code.
    pub(super) fn ask_first_code(&self, medium: Medium, progress: Progress, now: Timestamp) -> Result<AuthResponse> {
        let address = self.first_address(medium, &progress.username);
        let is_decoy = address.is_none();
        let address = self.keys.address_or_fake(medium, &progress.username, address);
        let (name, stage) = match medium {
            Medium::Email => (ChallengeName::EmailOtp, Stage::FirstEmail),
            Medium::Sms => (ChallengeName::SmsOtp, Stage::FirstSms),
        };
        let purpose = if medium == Medium::Email { "EMAIL_OTP" } else { "SMS_OTP" };
        let letter = Letter { is_decoy, ..Letter::new(medium, address, purpose, progress.username.clone()) };
        let named = ("USERNAME", progress.username.clone());
        self.ask_for_letter(Progress { stage, ..progress }, (name, named), letter, now)
    }

    /// Asks for the second factor of a user who needs one, and ends the sign-in of another.
    pub(super) fn ask_second_factor(&self, progress: Progress, now: Timestamp) -> Result<AuthResponse> {
        let (need, preferred) = {
            let state = self.state();
            let user = state.user(&progress.username, progress.proved)?;
            (self.need(user, progress.first), user.preferred)
        };
        match need {
            Need::Nothing => self.sign_in(&progress, None, now),
            Need::SetUp => self.ask_setup(progress, now),
            Need::OneOf(factors) => match (preferred.filter(|factor| factors.contains(factor)), &factors[..]) {
                (None, []) => Err(refusal::no_second_factor()),
                (Some(factor), _) | (None, &[factor]) => self.ask_second(factor, progress, now),
                (None, _) => self.ask_choice(progress, &factors, now),
            },
        }
    }

    /// `SELECT_MFA_TYPE`. The session stays, so the user may choose again.
    pub(super) fn take_mfa_type(
        &self,
        request: &RespondToAuthChallenge,
        answering: &Answering,
        now: Timestamp,
    ) -> Result<AuthResponse> {
        let paused = self.answered(request, answering, Stage::SelectMfa, now)?;
        let need = {
            let state = self.state();
            self.need(state.user(&answering.username, paused.progress.proved)?, paused.progress.first)
        };
        let chosen = required(request.challenge_responses(), "ANSWER")?;
        let Need::OneOf(factors) = need else { return Err(refusal::invalid_session()) };
        match factors.into_iter().find(|factor| factor.name().as_str() == chosen) {
            Some(factor) => self.ask_second(factor, paused.progress, now),
            None => Err(refusal::invalid_parameter(format!("{chosen:?} is not available to this user."))),
        }
    }

    /// A code as first or second factor.
    pub(super) fn take_code(
        &self,
        request: &RespondToAuthChallenge,
        answering: &Answering,
        now: Timestamp,
    ) -> Result<AuthResponse> {
        let session = request.session().ok_or_else(|| refusal::missing("Session"))?;
        let (stages, parameter): (&[_], _) = match request.challenge_name() {
            ChallengeName::SmsOtp => (&[Stage::FirstSms], "SMS_OTP_CODE"),
            ChallengeName::SmsMfa => (&[Stage::SecondSms], "SMS_MFA_CODE"),
            ChallengeName::SoftwareTokenMfa => (&[Stage::SecondApp], "SOFTWARE_TOKEN_MFA_CODE"),
            _ => (&[Stage::FirstEmail, Stage::SecondEmail, Stage::SetupEmail], "EMAIL_OTP_CODE"),
        };
        let given = required(request.challenge_responses(), parameter)?;
        let paused = self.paused_at(session.expose(), answering, stages, now)?;
        let medium = match paused.progress.stage {
            Stage::FirstEmail => Some(Medium::Email),
            Stage::FirstSms => Some(Medium::Sms),
            _ => None,
        };
        match medium {
            Some(medium) => self.take_first_code(paused, medium, given, now),
            None => self.take_second_code(paused, given, now),
        }
    }

    fn take_first_code(&self, paused: Paused, medium: Medium, given: &str, now: Timestamp) -> Result<AuthResponse> {
        let username = paused.progress.username.clone();
        let tried = self.count_try(Account::First, &username, paused.session(), now)?;
        let may = Choice::from(u8::from(self.first_address(medium, &username).is_some()));
        if !bool::from(self.is_code(paused.session(), given) & may) {
            return Err(refusal::wrong_code());
        }
        self.check_device(&username, paused.progress.device_key.as_ref(), now)?;
        let proved = Some(paused.epoch.credentials);
        let progress = self.end(paused, now)?;
        self.forget_tries(Account::First, &username, &tried, now);
        self.after_factors(Progress { proved, first: Some(medium), ..progress }, now)
    }

    fn take_second_code(&self, paused: Paused, given: &str, now: Timestamp) -> Result<AuthResponse> {
        let username = paused.progress.username.clone();
        let tried = self.count_try(Account::Second, &username, paused.session(), now)?;
        if paused.progress.stage == Stage::SecondApp {
            let mut state = self.state();
            let user = state.user_mut(&username, paused.progress.proved)?;
            user.app.as_mut().ok_or_else(refusal::no_second_factor)?.accept(given, now)?;
        } else if !bool::from(self.is_code(paused.session(), given)) {
            return Err(refusal::wrong_code());
        }
        let progress = self.end(paused, now)?;
        self.forget_tries(Account::Second, &username, &tried, now);
        if progress.stage == Stage::SetupEmail {
            self.set_up_email(&progress)?;
        }
        self.sign_in(&progress, None, now)
    }

    /// Returns what a user needs after the first factor. A code by the same medium again would be no second one.
    pub(super) fn need(&self, user: &User, first: Option<Medium>) -> Need {
        match self.mfa {
            Mfa::Off => Need::Nothing,
            Mfa::Optional if user.factors.is_empty() => Need::Nothing,
            Mfa::On if user.factors.is_empty() => Need::SetUp,
            Mfa::Optional | Mfa::On => {
                let usable = |factor: &Factor| (first.is_none() || factor.medium() != first) && has(user, *factor);
                Need::OneOf(user.factors.iter().copied().filter(usable).collect())
            }
        }
    }

    /// Returns whether a user needs a second factor, set up or not.
    #[cfg(feature = "passkeys")]
    pub(super) fn needs_second_factor(&self, user: &User) -> bool {
        !matches!(self.need(user, None), Need::Nothing)
    }

    /// Returns the address to which a user gets a code as first factor, if there is one.
    fn first_address(&self, medium: Medium, username: &str) -> Option<String> {
        let (attributes, may) = match self.state().users.get(username) {
            Some(user) => {
                let may = match self.need(user, Some(medium)) {
                    Need::Nothing => true,
                    // A code by mail is no reason to set up what protects from those who read the mail.
                    Need::SetUp => false,
                    Need::OneOf(factors) => !factors.is_empty(),
                };
                (Arc::clone(&user.attributes), may)
            }
            // The same work as for a user with addresses.
            None => (Arc::clone(&self.nobody), false),
        };
        address(&attributes, medium).cloned().filter(|_| may)
    }

    /// Asks for a second factor.
    fn ask_second(&self, factor: Factor, progress: Progress, now: Timestamp) -> Result<AuthResponse> {
        let username = progress.username.clone();
        let named = ("USER_ID_FOR_SRP", username.clone());
        let Some(medium) = factor.medium() else {
            let challenge = AuthResponse::challenge(factor.name(), [named]);
            return self.pause(Progress { stage: Stage::SecondApp, ..progress }, challenge, now);
        };
        let attributes = Arc::clone(&self.state().user(&username, progress.proved)?.attributes);
        let to = address(&attributes, medium).ok_or_else(refusal::no_second_factor)?.clone();
        let (stage, purpose) = match medium {
            Medium::Email => (Stage::SecondEmail, "EMAIL_OTP"),
            Medium::Sms => (Stage::SecondSms, "SMS_MFA"),
        };
        let letter = Letter::new(medium, to, purpose, username);
        self.ask_for_letter(Progress { stage, ..progress }, (factor.name(), named), letter, now)
    }

    /// Sends a challenge, and the letter with its code.
    pub(super) fn ask_for_letter(
        &self,
        progress: Progress,
        (name, named): (ChallengeName, (&str, String)),
        letter: Letter,
        now: Timestamp,
    ) -> Result<AuthResponse> {
        let medium = letter.medium;
        let parameters = [
            ("CODE_DELIVERY_DELIVERY_MEDIUM", medium.name().to_owned()),
            ("CODE_DELIVERY_DESTINATION", medium.mask(&letter.to)),
            named,
        ];
        let (client, metadata) = (progress.client, progress.metadata.clone());
        let challenge = self.pause(progress, AuthResponse::challenge(name, parameters), now)?;
        let code = challenge.session().map(|session| self.keys.code(session.expose()));
        self.send(Occasion::SignIn, Letter { code: code.unwrap_or_default(), ..letter }, client, &metadata)?;
        Ok(challenge)
    }

    /// Asks which factor to use.
    fn ask_choice(&self, progress: Progress, factors: &[Factor], now: Timestamp) -> Result<AuthResponse> {
        let names: Vec<_> = factors.iter().map(|factor| factor.name().to_string()).collect();
        let names = serde_json::to_string(&names).expect("texts");
        let parameters = [("MFAS_CAN_CHOOSE", names), ("USER_ID_FOR_SRP", progress.username.clone())];
        let challenge = AuthResponse::challenge(ChallengeName::SelectMfaType, parameters);
        self.pause(Progress { stage: Stage::SelectMfa, ..progress }, challenge, now)
    }

    pub(super) fn is_code(&self, session: &str, given: &str) -> Choice {
        self.keys.code(session).as_bytes().ct_eq(given.as_bytes())
    }
}

/// Returns whether a user has the app or the verified address that a factor needs.
pub(super) fn has(user: &User, factor: Factor) -> bool {
    match factor.medium() {
        Some(medium) => address(&user.attributes, medium).is_some(),
        None => user.app.is_some(),
    }
}

/// Returns the media by which the users of the options can get a code.
pub(super) fn media_of(users: &[NewUser]) -> Vec<Medium> {
    let has = |medium: &Medium| users.iter().any(|user| address(&user.attributes, *medium).is_some());
    [Medium::Email, Medium::Sms].into_iter().filter(has).collect()
}

/// Returns attributes with an address for each medium.
pub(super) fn attributes_of_nobody() -> Attributes {
    let addresses = [("email", "nobody@example.com"), ("phone_number", "+15550100")];
    let verified = ["email_verified", "phone_number_verified"].map(|name| (name, "true"));
    addresses.into_iter().chain(verified).map(|(name, value)| (name.to_owned(), value.to_owned())).collect()
}

/// Returns the domains of their e-mail addresses, or that of examples if there are none.
pub(super) fn domains_of(users: &[NewUser]) -> Vec<String> {
    let addresses = users.iter().filter_map(|user| address(&user.attributes, Medium::Email));
    let domains = addresses.filter_map(|address| Some(address.split_once('@')?.1.to_owned()));
    let domains: Vec<_> = domains.collect();
    if domains.is_empty() { vec!["example.com".to_owned()] } else { domains }
}

/// Returns a user's verified address.
fn address(attributes: &Attributes, medium: Medium) -> Option<&String> {
    let name = medium.attribute();
    let is_verified = attributes.get(&format!("{name}_verified")).is_some_and(|text| text.eq_ignore_ascii_case("true"));
    attributes.get(name).filter(|_| is_verified)
}
