//! What triggers answer: the `response` of the event that comes back.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::value::RawValue;

/// The longest message of a function that has failed, in characters.
const MAX_MESSAGE_CHARS: usize = 1024;

/// A function's body that is no answer.
#[derive(Debug, PartialEq, Eq)]
pub enum Fault {
    /// The function has failed with this message.
    Failed(String),
    /// It is not of the event's shape.
    Unrecognizable,
}

/// Reads the `response` of an answer. `is_error` says that the function has failed.
///
/// # Errors
///
/// [`Fault`] if there is no such response.
pub fn read<T: DeserializeOwned>(is_error: bool, body: &[u8]) -> Result<T, Fault> {
    // The parts are read in place: trees of a hostile body would need many times its memory.
    #[derive(Deserialize)]
    struct Event<'a> {
        #[serde(borrow)]
        response: Option<&'a RawValue>,
        #[serde(borrow, rename = "errorMessage")]
        error_message: Option<&'a RawValue>,
    }
    let event = std::str::from_utf8(body).ok().and_then(|text| serde_json::from_str::<Event<'_>>(text).ok());
    let message = event.as_ref().and_then(|event| event.error_message);
    if is_error || message.is_some() {
        let message = message.and_then(|message| serde_json::from_str::<String>(message.get()).ok());
        let message = message.unwrap_or_else(|| "Unhandled".to_owned());
        return Err(Fault::Failed(message.chars().take(MAX_MESSAGE_CHARS).collect()));
    }
    let response = event.and_then(|event| event.response).ok_or(Fault::Unrecognizable)?.get();
    // A derived reader takes a list as well.
    if !response.starts_with('{') {
        return Err(Fault::Unrecognizable);
    }
    serde_json::from_str(response).map_err(|_| Fault::Unrecognizable)
}

/// The answer of a trigger that has nothing to say.
#[derive(Default, Deserialize)]
pub struct Nothing {}

/// Of pre sign-up.
#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct PreSignUp {
    pub auto_confirm_user: Option<bool>,
    pub auto_verify_email: Option<bool>,
    pub auto_verify_phone: Option<bool>,
}

/// Of user migration. The pool sends no letter to a migrated user and has no aliases to take over.
#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct UserMigration {
    pub user_attributes: Option<BTreeMap<String, String>>,
    pub final_user_status: Option<String>,
}

/// Of define auth challenge.
#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct DefineAuthChallenge {
    challenge_name: Option<String>,
    issue_tokens: Option<bool>,
    fail_authentication: Option<bool>,
}

/// What a sign-in does next.
#[derive(Debug, PartialEq, Eq)]
pub enum Decision {
    IssueTokens,
    Fail,
    Ask(String),
}

impl DefineAuthChallenge {
    /// Returns the one thing that the answer says.
    ///
    /// # Errors
    ///
    /// [`Fault::Unrecognizable`] if it says nothing, or several things at once.
    pub fn decision(self) -> Result<Decision, Fault> {
        let name = self.challenge_name.filter(|name| !name.is_empty());
        match (self.issue_tokens == Some(true), self.fail_authentication == Some(true), name) {
            (true, false, None) => Ok(Decision::IssueTokens),
            (false, true, _) => Ok(Decision::Fail),
            (false, false, Some(name)) => Ok(Decision::Ask(name)),
            _ => Err(Fault::Unrecognizable),
        }
    }
}

/// Of create auth challenge.
#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct CreateAuthChallenge {
    pub public_challenge_parameters: Option<BTreeMap<String, String>>,
    pub private_challenge_parameters: Option<BTreeMap<String, String>>,
    pub challenge_metadata: Option<String>,
}

/// Of verify auth challenge response.
#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct VerifyAuthChallengeResponse {
    pub answer_correct: bool,
}

/// Of custom message.
#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct CustomMessage {
    pub sms_message: Option<String>,
    pub email_message: Option<String>,
    pub email_subject: Option<String>,
}

/// Of pre token generation, version 1.
#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct PreTokenGeneration {
    pub claims_override_details: Option<ClaimsOverrideDetails>,
}

/// Changes of the claims in tokens.
#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct ClaimsOverrideDetails {
    pub claims_to_add_or_override: Option<BTreeMap<String, String>>,
    pub claims_to_suppress: Option<Vec<String>>,
    pub group_override_details: Option<GroupOverrideDetails>,
}

/// The user's groups and roles in tokens.
#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct GroupOverrideDetails {
    pub groups_to_override: Option<Vec<String>>,
    pub iam_roles_to_override: Option<Vec<String>>,
    pub preferred_role: Option<String>,
}
