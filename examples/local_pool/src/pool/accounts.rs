//! Users, and the calls that the pool reads without the crate's types.

use std::sync::Arc;

use cognito_srp6a::Timestamp;
use cognito_srp6a::idp::ServiceError;
use serde_json::{Value, json};

use super::attributes::{self, Attributes, Writer};
use super::members::{Members, member, members, to_map};
use super::outbox::Medium;
use super::refusal::{self, Result};
use super::spent::Spent;
use super::state::{Epoch, User};
use super::status::Status;
use super::tokens::Grant;
use super::triggers::{Subject, Trigger};
use super::{Pool, name, random};
use crate::config::NewUser;

/// The shortest password that a call may set, as the service's default policy. The rules on characters are left out.
const MIN_PASSWORD_CHARS: usize = 8;

impl Pool {
    /// Answers a call that the pool reads without the crate's types.
    pub(super) fn other_call(&self, name: &str, body: &[u8], now: Timestamp) -> Result<Value> {
        let members = || members::<Members>(body);
        match name {
            "SignUp" => self.sign_up(members()?, now),
            "ConfirmSignUp" => self.confirm_sign_up(&members()?, now),
            "ResendConfirmationCode" => self.resend_confirmation_code(&members()?, now),
            "AdminConfirmSignUp" => self.admin_confirm_sign_up(&members()?, now),
            "GetUser" => self.current_user(&members()?, now),
            "GlobalSignOut" => self.global_sign_out(&members()?, now),
            "GetTokensFromRefreshToken" => self.tokens_from_refresh_token(&members()?, now),
            "RevokeToken" => self.revoke_token(body, now),
            "SetUserMFAPreference" => self.set_mfa_preference(body, now),
            "AdminSetUserMFAPreference" => self.admin_set_mfa_preference(body),
            "GetUserAttributeVerificationCode" => self.ask_verification(body, now),
            "VerifyUserAttribute" => self.verify_attribute(body, now),
            "UpdateDeviceStatus" => {
                let members = members()?;
                self.update_device_status(members.access_token()?, members.device_key()?, now)
            }
            "ForgetDevice" => {
                let members = members()?;
                self.forget_device(members.access_token()?, members.device_key()?, now)
            }
            "ListDevices" => {
                let members = members()?;
                let after = members.pagination_token.as_deref();
                self.list_devices(members.access_token()?, members.limit, after, now)
            }
            "AdminCreateUser" => self.create_user(members()?, now),
            "AdminSetUserPassword" => self.admin_set_password(&members()?, now),
            "AdminGetUser" => self.admin_get_user(&members()?),
            "StartWebAuthnRegistration"
            | "CompleteWebAuthnRegistration"
            | "ListWebAuthnCredentials"
            | "DeleteWebAuthnCredential" => {
                #[cfg(feature = "passkeys")]
                return self.passkey_call(name, body, now);
                #[cfg(not(feature = "passkeys"))]
                Err(refusal::no_passkeys())
            }
            _ => Err(refusal::unknown_operation()),
        }
    }

    /// Adds a user of the options.
    pub(super) fn add_first_user(&self, user: &NewUser, now: Timestamp) -> Result<String> {
        attributes::check(&user.attributes, Writer::Administrator)?;
        let sub =
            self.add_user(&user.name, &user.password, Status::of(user.temporary), user.attributes.clone(), now)?;
        let mut state = self.state();
        if let Some(added) = state.users.get_mut(&user.name) {
            (added.factors, added.app) = (user.factors.clone(), user.app.clone());
        }
        Ok(sub)
    }

    /// Marks addresses that a user changes as not verified. Otherwise codes would go to an address that is only claimed.
    pub(super) fn doubt_addresses(&self, username: &str, new: &mut Attributes) {
        let state = self.state();
        let Some(user) = state.users.get(username) else { return };
        for name in [Medium::Email, Medium::Sms].map(Medium::attribute) {
            let verified = format!("{name}_verified");
            let is_changed = new.get(name).is_some_and(|address| user.attributes.get(name) != Some(address));
            if is_changed && user.attributes.contains_key(&verified) {
                new.insert(verified, "false".to_owned());
            }
        }
    }

    /// Adds a user under its canonical name, and returns its random `sub`.
    pub(super) fn add_user(
        &self,
        name: &str,
        password: &str,
        status: Status,
        attributes: Attributes,
        now: Timestamp,
    ) -> Result<String> {
        attributes::check_count(&attributes)?;
        let exists = || ServiceError::new("UsernameExistsException", "User already exists");
        if self.state().is_taken(name) {
            return Err(exists());
        }
        let user = User {
            epoch: Epoch::default(),
            record: Arc::new(self.draw_record(name, password)?),
            sub: random::uuid()?,
            device_group_key: format!("-{}", random::hex::<4>()?),
            status,
            attributes: Arc::new(attributes),
            factors: Vec::new(),
            preferred: None,
            app: None,
            new_app: None,
            verification: None,
            changed: now,
            spent: Spent::default(),
            tries: Default::default(),
        };
        let sub = user.sub.clone();
        let mut state = self.state();
        // Check again: the lock was free while the record was computed.
        if state.users.contains_key(name) {
            return Err(exists());
        }
        state.add_user(name, user)?;
        Ok(sub)
    }

    /// Replaces a user's password, adds attributes, and revokes everything issued before. Returns the new epoch.
    ///
    /// If users set their own password, `proved` is the epoch in which they proved the old one. It must be the current
    /// epoch.
    pub(super) fn set_password(
        &self,
        username: &str,
        password: &str,
        must_change_password: bool,
        attributes: Attributes,
        proved: Option<u64>,
        now: Timestamp,
    ) -> Result<Option<u64>> {
        check_length(password)?;
        let record = Arc::new(self.draw_record(username, password)?);
        let mut state = self.state();
        if proved.is_some() {
            state.user(username, proved)?;
        }
        let user = state.change_attributes(username, attributes)?;
        user.record = record;
        user.status = Status::of(must_change_password);
        user.changed = now;
        Ok(state.enter_next_epoch(username))
    }

    fn create_user(&self, members: Members, now: Timestamp) -> Result<Value> {
        self.check_pool(members.user_pool_id()?)?;
        let name = members.username()?.to_owned();
        // Without a password the service sends one by mail. The pool sends no mail.
        let password = member(members.temporary_password.as_deref(), "TemporaryPassword")?.to_owned();
        check_length(&password)?;
        let (metadata, validation) = (members.metadata(), members.validation_data.as_deref().map(to_map));
        let mut attributes = members.into_attributes();
        attributes::check(&attributes, Writer::Administrator)?;
        let subject = Subject { username: &name, client: None, metadata: &metadata };
        self.before_sign_up(Trigger::PRE_SIGN_UP_BY_ADMIN, &subject, &mut attributes, validation.as_ref())?;
        self.add_user(&name, &password, Status::ForceChangePassword, attributes, now)?;
        // `AdminGetUser` has another name for the same list.
        Ok(json!({"User": self.describe(&name, "Attributes")?}))
    }

    fn admin_set_password(&self, members: &Members, now: Timestamp) -> Result<Value> {
        self.check_pool(members.user_pool_id()?)?;
        let username = self.canonical(members.username()?);
        let password = member(members.password.as_deref(), "Password")?;
        let must_change = members.permanent != Some(true);
        self.set_password(&username, password, must_change, Attributes::new(), None, now)?;
        Ok(json!({}))
    }

    fn admin_get_user(&self, members: &Members) -> Result<Value> {
        self.check_pool(members.user_pool_id()?)?;
        self.describe(&self.canonical(members.username()?), "UserAttributes")
    }

    fn current_user(&self, members: &Members, now: Timestamp) -> Result<Value> {
        let bearer = self.bearer(members.access_token()?, now)?;
        let mut user = self.describe(&bearer.username, "UserAttributes")?;
        // `AdminGetUser` says more.
        let said = ["Username", "UserAttributes", "PreferredMfaSetting", "UserMFASettingList"];
        if let Some(members) = user.as_object_mut() {
            members.retain(|name, _| said.contains(&name.as_str()));
        }
        Ok(user)
    }

    /// Returns the sign-in that issued an access token.
    pub(super) fn bearer(&self, access_token: &str, now: Timestamp) -> Result<Grant> {
        let bearer = self.tokens.bearer(access_token, now)?;
        let state = self.state();
        let is_of = |grant: &Grant| {
            grant.username == bearer.username && self.clients[grant.client].app.client_id() == bearer.client_id
        };
        let grant = state.grant(&bearer.origin_jti, now).filter(|(grant, _)| is_of(grant));
        grant.map(|(grant, _)| grant.clone()).ok_or_else(|| refusal::denied("Access Token has been revoked"))
    }

    /// Describes a user, with the attributes under the name `list`.
    fn describe(&self, username: &str, list: &str) -> Result<Value> {
        let (user, changed, status, factors, preferred) = {
            let state = self.state();
            let user = state.users.get(username).ok_or_else(refusal::unknown_user)?;
            let changed = user.changed.unix_seconds();
            (user.holder(), changed, user.status.name(), user.factors.clone(), user.preferred)
        };
        let sub = [("sub", user.sub.as_str())];
        let named = user.attributes.iter().map(|(name, value)| (name.as_str(), value.as_str()));
        let attributes = sub.into_iter().chain(named).map(|(name, value)| json!({"Name": name, "Value": value}));
        let mut described = json!({
            "Username": username,
            list: attributes.collect::<Vec<_>>(),
            "UserCreateDate": changed,
            "UserLastModifiedDate": changed,
            "Enabled": true,
            "UserStatus": status,
        });
        if !factors.is_empty() {
            let names = factors.iter().map(|factor| factor.name().to_string());
            described["UserMFASettingList"] = names.collect::<Vec<_>>().into();
        }
        if let Some(preferred) = preferred {
            described["PreferredMfaSetting"] = preferred.name().to_string().into();
        }
        Ok(described)
    }

    fn global_sign_out(&self, members: &Members, now: Timestamp) -> Result<Value> {
        let bearer = self.bearer(members.access_token()?, now)?;
        self.state().enter_next_epoch(&bearer.username);
        Ok(json!({}))
    }

    /// `GetTokensFromRefreshToken`: a refresh in which the client sends its secret itself.
    fn tokens_from_refresh_token(&self, members: &Members, now: Timestamp) -> Result<Value> {
        let client = self.client(members.client_id()?)?;
        let token = member(members.refresh_token.as_deref(), "RefreshToken")?;
        let given = (token, members.device_key.as_deref());
        let response = self.refresh(client, given, &members.metadata(), now, |_| {
            self.check_secret(client, members.client_secret.as_deref())
        })?;
        Ok(serde_json::from_slice(&response.to_json()).expect("written as JSON"))
    }

    /// Checks `ClientSecret` through a `SECRET_HASH`, over any name.
    pub(super) fn check_secret(&self, client: usize, secret: Option<&str>) -> Result<()> {
        const NAME: &str = "any";
        let app = match secret {
            None => None,
            Some(secret) => {
                let secret = cognito_srp6a::ClientSecret::new(secret)?;
                Some(self.clients[client].app.clone().with_secret(secret))
            }
        };
        let hash = app.and_then(|app| app.secret_hash(&name(NAME).ok()?));
        self.check_secret_hash(client, hash.as_deref().map(String::as_str), NAME)
    }
}

impl super::State {
    fn is_taken(&self, name: &str) -> bool {
        self.users.contains_key(name) || self.aliases.contains_key(name)
    }
}

pub(super) fn check_length(password: &str) -> Result<()> {
    if password.chars().count() < MIN_PASSWORD_CHARS {
        let message = "Password did not conform with policy: Password not long enough";
        return Err(ServiceError::new("InvalidPasswordException", message));
    }
    Ok(())
}
