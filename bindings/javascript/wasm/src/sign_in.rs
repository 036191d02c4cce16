//! Started sign-ins, of users and of devices.

use alloc::borrow::ToOwned;
use alloc::string::String;
use alloc::vec::Vec;

use cognito_srp6a::{
    AppClient, ClientSecret, Device, DeviceChallenge, DeviceCredentials, DeviceSignIn, Error, Parameter, Password,
    PasswordChallenge, Timestamp, UserSignIn,
};
use zeroize::Zeroize;

use crate::fields::{Input, Output};

/// A sign-in that waits for its challenge.
pub(crate) enum Started {
    User(UserSignIn),
    Device(DeviceSignIn),
}

impl Started {
    /// Starts the sign-in of a user.
    pub(crate) fn user(input: &mut Input) -> Result<(Self, Pairs), Error> {
        let mut random = input.random()?;
        let app = app_client(input)?;
        let username = input.required(Parameter::Username)?.parse()?;
        let device_key = input.text(Parameter::DeviceKey)?.map(str::parse).transpose()?;
        let builder = UserSignIn::builder(&app, &username).with_device_key(&device_key);
        let (sign_in, parameters) = builder.start_with_rng(&mut random)?;
        Ok((Self::User(sign_in), Pairs::new(parameters.into_pairs())))
    }

    /// Starts the sign-in of a device.
    pub(crate) fn device(input: &mut Input) -> Result<(Self, Pairs), Error> {
        let mut random = input.random()?;
        let app = app_client(input)?;
        let username = input.required(Parameter::Username)?.parse()?;
        let device_key = input.required(Parameter::DeviceKey)?.parse()?;
        let device = Device::new(device_key, input.required(Parameter::DeviceGroupKey)?)?;
        let password = Password::new(input.required(Parameter::Password)?)?;
        let credentials = DeviceCredentials::from_parts(device, password);
        let (sign_in, responses) = DeviceSignIn::start_with_rng(&app, &username, &credentials, &mut random)?;
        Ok((Self::Device(sign_in), Pairs::new(responses.into_pairs())))
    }

    /// Answers the challenge.
    pub(crate) fn answer(self, input: &mut Input, now: Timestamp) -> Result<Pairs, Error> {
        let password = input.text(Parameter::Password)?.map(Password::new).transpose()?;
        let challenge = challenge(input)?;
        let claim = match self {
            Self::User(sign_in) => {
                let password = password.ok_or(Error::Missing(Parameter::Password))?;
                sign_in.answer(PasswordChallenge::from_parameters(&challenge)?, &password, now)?
            }
            Self::Device(sign_in) => sign_in.answer(DeviceChallenge::from_parameters(&challenge)?, now)?,
        };
        Ok(Pairs::new(claim.into_pairs()))
    }
}

fn app_client(input: &mut Input) -> Result<AppClient, Error> {
    let pool_id = input.required(Parameter::UserPoolId)?.parse()?;
    let app = AppClient::new(pool_id, input.required(Parameter::ClientId)?)?;
    let secret = input.text(Parameter::ClientSecret)?.map(ClientSecret::new).transpose()?;
    Ok(match secret {
        Some(secret) => app.with_secret(secret),
        None => app,
    })
}

/// Reads the parameters of a challenge that are there.
fn challenge(input: &mut Input) -> Result<Vec<(&'static str, String)>, Error> {
    let parameters = [
        Parameter::Username,
        Parameter::UserIdForSrp,
        Parameter::DeviceKey,
        Parameter::Salt,
        Parameter::SrpB,
        Parameter::SecretBlock,
    ];
    let mut pairs = Vec::with_capacity(parameters.len());
    for parameter in parameters {
        pairs.extend(input.text(parameter)?.map(|text| (parameter.name(), text.to_owned())));
    }
    Ok(pairs)
}

/// Parameters for the host, which has a copy of its own. They are wiped on drop: one may be a credential.
pub(crate) struct Pairs(Vec<(&'static str, String)>);

impl Pairs {
    pub(crate) const fn new(pairs: Vec<(&'static str, String)>) -> Self {
        Self(pairs)
    }

    /// Writes names and values in turn.
    pub(crate) fn write(&self, mut output: Output) {
        for (name, value) in &self.0 {
            output.put(name);
            output.put(value);
        }
    }
}

impl Drop for Pairs {
    fn drop(&mut self) {
        for (_, value) in &mut self.0 {
            value.zeroize();
        }
    }
}
