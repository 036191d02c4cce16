//! User migration: a trigger knows users whom the pool does not have yet.

use cognito_srp6a::idp::ServiceErrorName;
use cognito_srp6a::{ParameterSource, Timestamp};
use serde_json::json;

use super::answers::UserMigration;
use super::attributes::{self, Writer};
use super::progress::Progress;
use super::refusal::{self, Result};
use super::status::Status;
use super::triggers::{Metadata, Subject, Trigger};
use super::{Pool, required};

impl Pool {
    /// Makes a user of whom a trigger says so. If it does not, the user stays unknown.
    pub(super) fn migrate<P: ParameterSource + ?Sized>(
        &self,
        progress: &Progress,
        parameters: &P,
        metadata: &Metadata,
        now: Timestamp,
    ) -> Result<()> {
        let username = &progress.username;
        if self.triggers.is_none() || self.state().users.contains_key(username) {
            return Ok(());
        }
        let password = required(parameters, "PASSWORD")?;
        let request = json!({"password": password, "validationData": metadata.as_deref()});
        let response = json!({
            "userAttributes": null, "finalUserStatus": null, "messageAction": null, "desiredDeliveryMediums": null,
            "forceAliasCreation": null, "enableSMSMFA": null,
        });
        let subject = Subject { username, client: Some(progress.client), metadata };
        let answer: UserMigration = match self.trigger(Trigger::USER_MIGRATION, &subject, request, &response) {
            // So such functions say that there is no such user, or another password. The pool says it as ever.
            Err(error) if error.name().as_str() == "UserLambdaValidationException" => return Ok(()),
            answer => answer?,
        };
        let Some(mut attributes) = answer.user_attributes else { return Ok(()) };
        let status = match answer.final_user_status.as_deref() {
            Some("CONFIRMED") => Status::Confirmed,
            None | Some("RESET_REQUIRED") => Status::ResetRequired,
            Some(_) => return Err(refusal::unrecognizable()),
        };
        // A function may repeat the name here.
        attributes.remove("username");
        let checked = attributes::check(&attributes, Writer::Administrator);
        checked.and_then(|()| attributes::check_count(&attributes)).map_err(|_| refusal::unrecognizable())?;
        match self.add_user(username, password, status, attributes, now) {
            // Another request was faster. The password is verified in any case.
            Err(error) if *error.name() == ServiceErrorName::UsernameExists => Ok(()),
            added => added.map(drop),
        }
    }
}
