//! The triggers that only watch a call, refuse it, or change a little of it.

use serde_json::{Value, json};

use super::Pool;
use super::answers::{ClaimsOverrideDetails, Nothing, PreSignUp, PreTokenGeneration};
use super::attributes::Attributes;
use super::outbox::Medium;
use super::progress::Progress;
use super::refusal::{self, Result};
use super::triggers::{Metadata, Subject, Trigger};

impl Pool {
    /// Pre sign-up. It may verify addresses. Returns whether it confirms the user.
    pub(super) fn before_sign_up(
        &self,
        trigger: Trigger,
        subject: &Subject<'_>,
        attributes: &mut Attributes,
        validation: Option<&Attributes>,
    ) -> Result<bool> {
        let request = json!({"userAttributes": attributes, "validationData": validation});
        let response = json!({"autoConfirmUser": false, "autoVerifyEmail": false, "autoVerifyPhone": false});
        let answer: PreSignUp = self.trigger(trigger, subject, request, &response)?;
        for (medium, verify) in [(Medium::Email, answer.auto_verify_email), (Medium::Sms, answer.auto_verify_phone)] {
            if verify != Some(true) {
                continue;
            }
            if !attributes.contains_key(medium.attribute()) {
                return Err(refusal::unrecognizable());
            }
            attributes.insert(format!("{}_verified", medium.attribute()), "true".to_owned());
        }
        Ok(answer.auto_confirm_user == Some(true))
    }

    /// Post confirmation. The user stays confirmed if it fails.
    pub(super) fn after_confirmation(&self, subject: &Subject<'_>) -> Result<()> {
        self.trigger::<Nothing>(Trigger::POST_CONFIRMATION, subject, json!({}), &json!({})).map(drop)
    }

    /// Pre authentication, which gets the metadata of the call as `validationData`.
    pub(super) fn before_authentication(&self, progress: &Progress, metadata: &Metadata) -> Result<()> {
        // Without triggers the work is the same whether there is such a user or not.
        if self.triggers.is_none() {
            return Ok(());
        }
        let attributes = self.attributes_for_event(&progress.username);
        let is_unknown = attributes.is_none();
        let request = json!({
            "userAttributes": attributes.unwrap_or_else(|| json!({})),
            "validationData": metadata.as_deref(),
            "userNotFound": is_unknown,
        });
        let subject = Subject { metadata: &None, ..progress.subject() };
        self.trigger::<Nothing>(Trigger::PRE_AUTHENTICATION, &subject, request, &json!({})).map(drop)
    }

    /// Post authentication.
    pub(super) fn after_authentication(&self, progress: &Progress, has_new_device: bool) -> Result<()> {
        let request = json!({"newDeviceUsed": has_new_device});
        self.trigger::<Nothing>(Trigger::POST_AUTHENTICATION, &progress.subject(), request, &json!({})).map(drop)
    }

    /// Pre token generation.
    pub(super) fn overrides(&self, trigger: Trigger, subject: &Subject<'_>) -> Result<Option<ClaimsOverrideDetails>> {
        let groups: Value = json!({"groupsToOverride": [], "iamRolesToOverride": [], "preferredRole": null});
        let response = json!({"claimsOverrideDetails": null});
        let request = json!({"groupConfiguration": groups});
        let answer: PreTokenGeneration = self.trigger(trigger, subject, request, &response)?;
        Ok(answer.claims_override_details)
    }
}
