//! Remembered devices.

use std::sync::Arc;

use cognito_srp6a::idp::{ConfirmDevice, ConfirmDeviceResponse, ServiceError};
use cognito_srp6a::server::DeviceRecord;
use cognito_srp6a::{Device, DeviceKey, Timestamp};
use serde_json::{Value, json};

use super::refusal::{self, Result};
use super::state::{RememberedDevice, State};
use super::{MAX_ENTRIES, Pool};

/// `DeviceNameType` of the service's model.
const MAX_NAME_CHARS: usize = 1024;

impl Pool {
    /// `ConfirmDevice`. The access token says whose the device is, and that it was offered.
    pub(super) fn confirm_device(&self, request: &ConfirmDevice, now: Timestamp) -> Result<ConfirmDeviceResponse> {
        let bearer = self.tokens.bearer(request.access_token(), now)?;
        if bearer.device_key.as_deref() != Some(request.device_key()) {
            return Err(refusal::unknown_device());
        }
        match request.device_name().map(|name| name.chars().count()) {
            Some(0) => return Err(refusal::invalid_parameter("DeviceName is empty.")),
            Some(1..=MAX_NAME_CHARS) | None => {}
            Some(_) => return Err(refusal::too_long("deviceName", MAX_NAME_CHARS)),
        }
        let key: DeviceKey = request.device_key().parse().map_err(refusal::of)?;
        let group_key = {
            let state = self.state();
            let user = state.users.get(&bearer.username).ok_or_else(refusal::unknown_user)?;
            user.device_group_key.clone()
        };
        let device = Device::new(key, group_key).map_err(refusal::of)?;
        let record = DeviceRecord::from_confirm_device(device, request.password_verifier(), request.salt());
        let remembered = RememberedDevice {
            owner: bearer.username,
            record: Arc::new(record.map_err(refusal::of)?),
            name: request.device_name().map(Into::into),
            confirmed: now,
        };
        let devices = &mut self.state().devices;
        if devices.contains_key(request.device_key()) {
            return Err(ServiceError::new("DeviceKeyExistsException", "Device already exists."));
        }
        if devices.len() >= MAX_ENTRIES {
            return Err(refusal::full());
        }
        devices.insert(request.device_key().to_owned(), remembered);
        Ok(ConfirmDeviceResponse { user_confirmation_necessary: false })
    }

    /// Refuses a device that is given and that the user does not have.
    pub(super) fn check_device(&self, username: &str, key: Option<&DeviceKey>) -> Result<()> {
        key.map_or(Ok(()), |key| self.device_record(username, key).map(drop))
    }

    pub(super) fn device_record(&self, username: &str, key: &DeviceKey) -> Result<Arc<DeviceRecord>> {
        let state = self.state();
        state.device_of(username, key.as_str()).map(|device| Arc::clone(&device.record))
    }

    /// `UpdateDeviceStatus`. Every confirmed device is remembered here, whatever its status.
    pub(super) fn update_device_status(&self, access_token: &str, key: &str, now: Timestamp) -> Result<Value> {
        let bearer = self.tokens.bearer(access_token, now)?;
        self.state().device_of(&bearer.username, key).map(|_| json!({}))
    }

    /// `ForgetDevice`.
    pub(super) fn forget_device(&self, access_token: &str, key: &str, now: Timestamp) -> Result<Value> {
        let bearer = self.tokens.bearer(access_token, now)?;
        let mut state = self.state();
        state.device_of(&bearer.username, key)?;
        state.devices.remove(key);
        Ok(json!({}))
    }

    /// `ListDevices`, all in one page.
    pub(super) fn list_devices(&self, access_token: &str, now: Timestamp) -> Result<Value> {
        let bearer = self.tokens.bearer(access_token, now)?;
        let state = self.state();
        let own = state.devices.values().filter(|device| device.owner == bearer.username);
        let devices: Vec<_> = own.map(describe).collect();
        Ok(json!({"Devices": devices}))
    }
}

impl State {
    fn device_of(&self, username: &str, key: &str) -> Result<&RememberedDevice> {
        self.devices.get(key).filter(|device| device.owner == username).ok_or_else(refusal::unknown_device)
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
