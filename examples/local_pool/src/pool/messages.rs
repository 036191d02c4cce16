//! Letters on their way: custom message, the outbox, and the custom senders.

use serde_json::json;

use super::Pool;
use super::answers::CustomMessage;
use super::outbox::{Letter, Medium};
use super::refusal::{self, Result};
use super::triggers::{Metadata, Subject, Trigger};

/// What stands for the code in a message.
const CODE: &str = "{####}";

/// The service's limits of a message and of a subject, in characters.
const MAX_EMAIL_CHARS: usize = 20_000;
const MAX_SMS_CHARS: usize = 140;
const MAX_SUBJECT_CHARS: usize = 140;

/// The reason for a letter.
#[derive(Clone, Copy)]
pub(super) enum Occasion {
    SignUp,
    Resend,
    SignIn,
}

impl Occasion {
    const fn message(self) -> Trigger {
        match self {
            Self::SignUp => Trigger::MESSAGE_OF_SIGN_UP,
            Self::Resend => Trigger::MESSAGE_OF_RESEND,
            Self::SignIn => Trigger::MESSAGE_OF_SIGN_IN,
        }
    }

    const fn sender(self, medium: Medium) -> Trigger {
        match (self, medium) {
            (Self::SignUp, Medium::Email) => Trigger::EMAIL_OF_SIGN_UP,
            (Self::Resend, Medium::Email) => Trigger::EMAIL_OF_RESEND,
            (Self::SignIn, Medium::Email) => Trigger::EMAIL_OF_SIGN_IN,
            (Self::SignUp, Medium::Sms) => Trigger::SMS_OF_SIGN_UP,
            (Self::Resend, Medium::Sms) => Trigger::SMS_OF_RESEND,
            (Self::SignIn, Medium::Sms) => Trigger::SMS_OF_SIGN_IN,
        }
    }
}

impl Pool {
    /// Sends a letter of a call by a client. Triggers see none that nobody gets.
    pub(super) fn send(&self, occasion: Occasion, letter: Letter, client: usize, metadata: &Metadata) -> Result<()> {
        if letter.is_decoy || self.triggers.is_none() {
            self.outbox.post(letter);
            return Ok(());
        }
        let username = letter.username.clone();
        let subject = Subject { username: &username, client: Some(client), metadata };
        let request = json!({"codeParameter": CODE, "linkParameter": "{##Click Here##}", "usernameParameter": null});
        let response = json!({"smsMessage": null, "emailMessage": null, "emailSubject": null});
        let answer: CustomMessage = self.trigger(occasion.message(), &subject, request, &response)?;
        let letter = customised(letter, answer)?;

        let kind = match letter.medium {
            Medium::Email => "customEmailSenderRequestV1",
            Medium::Sms => "customSMSSenderRequestV1",
        };
        // The service encrypts the code for a key of the pool's owner. Here it is as plain as in the outbox.
        let request = json!({"type": kind, "code": letter.code});
        let sender = occasion.sender(letter.medium);
        self.outbox.post(letter);
        self.notify(sender, &subject, request);
        Ok(())
    }
}

/// Gives a letter the text of a trigger. A message without the code's place is none.
fn customised(letter: Letter, answer: CustomMessage) -> Result<Letter> {
    let (message, most, line) = match letter.medium {
        Medium::Email => (answer.email_message, MAX_EMAIL_CHARS, answer.email_subject),
        Medium::Sms => (answer.sms_message, MAX_SMS_CHARS, None),
    };
    let is_bad = |text: &String| !text.contains(CODE) || text.chars().count() > most;
    if message.as_ref().is_some_and(is_bad)
        || line.as_ref().is_some_and(|line| line.chars().count() > MAX_SUBJECT_CHARS)
    {
        return Err(refusal::unrecognizable());
    }
    let message = message.map(|text| text.replace(CODE, &letter.code));
    Ok(Letter { message, subject: line, ..letter })
}
