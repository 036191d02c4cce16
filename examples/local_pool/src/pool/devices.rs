//! Remembered devices.

use std::sync::Arc;

use cognito_srp6a::idp::{ConfirmDevice, ConfirmDeviceResponse, ServiceError};
use cognito_srp6a::server::DeviceRecord;
use cognito_srp6a::{Device, DeviceKey, DeviceVerifier, Timestamp};
use serde_json::{Value, json};

use super::Pool;
use super::refusal::{self, Result};
use super::state::{RememberedDevice, State};

/// `DeviceNameType` of the service's model.
const MAX_NAME_CHARS: usize = 1024;

/// The longest page of `ListDevices`: `QueryLimitType` of the service's model.
const PAGE: usize = 60;

impl Pool {
    /// `ConfirmDevice`. The access token names the device's user and shows that the pool offered this device key.
    pub(super) fn confirm_device(&self, request: &ConfirmDevice, now: Timestamp) -> Result<ConfirmDeviceResponse> {
        let bearer = self.bearer(request.access_token(), now)?;
        if bearer.device_key.as_deref() != Some(request.device_key()) {
            return Err(refusal::unknown_device());
        }
        match request.device_name().map(|name| name.chars().count()) {
            Some(0) => return Err(refusal::invalid_parameter("DeviceName is empty.")),
            Some(1..=MAX_NAME_CHARS) | None => {}
            Some(_) => return Err(refusal::too_long("deviceName", MAX_NAME_CHARS)),
        }
        let key: DeviceKey = request.device_key().parse()?;
        let group_key = {
            let state = self.state();
            let user = state.users.get(&bearer.username).ok_or_else(refusal::unknown_user)?;
            user.device_group_key.clone()
        };
        let device = Device::new(key, group_key)?;
        let verifier = DeviceVerifier::from_base64(request.password_verifier(), request.salt())?;
        let remembered = RememberedDevice {
            owner: bearer.username.clone(),
            record: Arc::new(DeviceRecord::new(device, verifier)),
            name: request.device_name().map(Into::into),
            confirmed: now,
        };
        let mut state = self.state();
        if state.devices.get(request.device_key(), now).is_some() {
            return Err(ServiceError::new("DeviceKeyExistsException", "Device already exists."));
        }
        // A token that is bound to a device cannot confirm it again after it was forgotten.
        state.user(&bearer.username, bearer.proved)?;
        let offered = state.grants.get_mut(&bearer.origin_jti, now).filter(|grant| !grant.bound);
        offered.ok_or_else(refusal::unknown_device)?.bound = true;
        let (owner, bytes) = (remembered.owner.clone(), remembered.bytes());
        state.devices.insert(&owner, request.device_key(), remembered, bytes, now);
        Ok(ConfirmDeviceResponse::new(false))
    }

    /// Refuses a device that the user does not have. A sign-in without a device passes.
    pub(super) fn check_device(&self, username: &str, key: Option<&DeviceKey>, now: Timestamp) -> Result<()> {
        key.map_or(Ok(()), |key| self.device_record(username, key, now).map(drop))
    }

    pub(super) fn device_record(&self, username: &str, key: &DeviceKey, now: Timestamp) -> Result<Arc<DeviceRecord>> {
        let state = self.state();
        state.device_of(username, key.as_str(), now).map(|device| Arc::clone(&device.record))
    }

    /// `UpdateDeviceStatus`. The pool remembers every confirmed device, whatever its status.
    pub(super) fn update_device_status(&self, access_token: &str, key: &str, now: Timestamp) -> Result<Value> {
        let bearer = self.bearer(access_token, now)?;
        self.state().device_of(&bearer.username, key, now).map(|_| json!({}))
    }

    /// `ForgetDevice`.
    pub(super) fn forget_device(&self, access_token: &str, key: &str, now: Timestamp) -> Result<Value> {
        let bearer = self.bearer(access_token, now)?;
        let mut state = self.state();
        state.device_of(&bearer.username, key, now)?;
        state.devices.remove(key, now);
        Ok(json!({}))
    }

    /// `ListDevices`: the oldest first, from the end of the page before.
    pub(super) fn list_devices(
        &self,
        access_token: &str,
        limit: Option<usize>,
        after: Option<&str>,
        now: Timestamp,
    ) -> Result<Value> {
        let bearer = self.bearer(access_token, now)?;
        let state = self.state();
        let own: Vec<_> = state.devices.all_of(&bearer.username).collect();
        let is_last = |device: &&RememberedDevice| Some(device.record.device().key().as_str()) == after;
        let rest = match after {
            Some(_) => own.iter().position(is_last).map_or(&[][..], |last| &own[last + 1..]),
            None => &own,
        };
        let size = limit.filter(|limit| *limit > 0).map_or(PAGE, |limit| limit.min(PAGE));
        let page = &rest[..size.min(rest.len())];
        let mut answer = json!({"Devices": page.iter().map(|device| describe(device)).collect::<Vec<_>>()});
        if let Some(last) = page.last().filter(|_| page.len() < rest.len()) {
            answer["PaginationToken"] = last.record.device().key().as_str().into();
        }
        Ok(answer)
    }
}

impl State {
    fn device_of(&self, username: &str, key: &str, now: Timestamp) -> Result<&RememberedDevice> {
        self.devices.get(key, now).filter(|device| device.owner == username).ok_or_else(refusal::unknown_device)
    }
}

fn describe(device: &RememberedDevice) -> Value {
    let confirmed = device.confirmed.unix_seconds();
    let mut attributes = vec![json!({"Name": "device_status", "Value": "valid"})];
    attributes.extend(device.name.as_ref().map(|name| json!({"Name": "device_name", "Value": name})));
    json!({
        "DeviceKey": device.record.device().key().as_str(),
        "DeviceAttributes": attributes,
        "DeviceCreateDate": confirmed,
        "DeviceLastModifiedDate": confirmed,
        "DeviceLastAuthenticatedDate": confirmed,
    })
}
