//! What a stored challenge holds, in which order, and which rules it keeps.
//!
//! A password, a device's password, an exponent, a client secret and a `SECRET_HASH` are never written.

use super::error::TakeUpError;
use super::layout::{Reader, Sink};
use crate::device::DeviceCredentials;
use crate::error::{Error, Parameter};
use crate::idp::context::{AnalyticsMetadata, Context, ContextData, UserContextData};
use crate::idp::credentials::Session;
use crate::idp::escaped::Escaped;
use crate::idp::extra_parameters::ExtraParameters;
use crate::idp::names::{Api, ChallengeName};
use crate::idp::service_error::{ServiceError, ServiceErrorName};
use crate::idp::sign_in::challenge::{Paused, lists};
use crate::idp::sign_in::state::{Asked, Proof, SignIn};
use crate::idp::sign_in::user_names::Names;
use crate::message::{AppClient, DeviceKey, Password, Username, check_maximum};

/// What the caller brings along: everything that must agree with the stored challenge or is not in it.
pub(super) struct Brought<'a> {
    pub(super) app: &'a AppClient,
    pub(super) device: Option<DeviceCredentials>,
    pub(super) password: Option<Password>,
}

/// Writes a challenge. Returns `None` if it does not fit.
pub(super) fn write(paused: &Paused, sink: &mut impl Sink) -> Option<()> {
    let Paused { sign_in, asked, refusal } = paused;
    // Whoever adds a field decides here whether it is stored.
    let SignIn {
        app,
        api,
        context,
        extra: _, // for an answer in the same program
        names,
        password: _,
        device,
        has_device: _, // as `device`: only a refresh differs, and it takes no challenge
        session,
        answered: _, // nothing while a challenge waits
        sent: _,     // likewise
        proof: _,
        proved,
        prefers_proof,
        sends_password,
        budget,
    } = sign_in;
    sink.text(app.pool_id().as_str())?;
    sink.text(app.client_id())?;
    sink.byte(match api {
        Api::Public => 0,
        Api::Admin => 1,
    })?;
    sink.text(names.username.as_str())?;
    sink.flag(names.learned)?;
    sink.optional_text(names.user_id.as_ref().map(Username::as_str))?;
    sink.optional_text(device.as_ref().map(|device| device.device().key().as_str()))?;
    sink.optional_text(session.as_ref().map(Session::expose))?;
    sink.text(asked.name.as_str())?;
    sink.map(&asked.parameters)?;
    sink.list(asked.available.iter(), |sink, name| sink.text(name.as_str()))?;
    sink.optional(refusal.as_ref(), write_refusal)?;
    sink.flag(*proved)?;
    sink.flag(*prefers_proof)?;
    sink.flag(*sends_password)?;
    sink.byte((*budget)?)?;
    write_context(context, sink)
}

/// Reads a challenge that [`write()`] has written. Every value passes the checks that it passed when it first came.
pub(super) fn read(
    reader: &mut Reader<'_>,
    brought: Brought<'_>,
) -> Result<(SignIn, Asked, Option<ServiceError>), TakeUpError> {
    let Brought { app, device, password } = brought;
    if reader.text()? != app.pool_id().as_str() || reader.text()? != app.client_id() {
        return Err(TakeUpError::Foreign);
    }
    let api = match reader.byte()? {
        0 => Api::Public,
        1 => Api::Admin,
        _ => return Err(TakeUpError::Damaged),
    };
    let names = read_names(reader)?;
    let device_key = reader.optional(|reader| valid(reader.text()?.parse::<DeviceKey>()))?;
    if device_key.as_ref() != device.as_ref().map(|device| device.device().key()) {
        return Err(TakeUpError::Device);
    }
    let session = reader.optional(|reader| valid(Session::new(reader.text()?)))?;
    let asked = read_asked(reader)?;
    check_names(&names, &asked)?;
    let refusal = reader.optional(read_refusal)?;
    let (proved, prefers_proof, sends_password) = (reader.flag()?, reader.flag()?, reader.flag()?);
    let budget = reader.byte()?;
    // The start of a proof ends the sending of the password.
    if proved && sends_password || budget > SignIn::BUDGET {
        return Err(TakeUpError::Damaged);
    }
    let context = read_context(reader)?;
    valid(context.check(api))?;
    let sign_in = SignIn {
        app: app.clone(),
        api,
        context,
        extra: ExtraParameters::default(),
        names,
        password,
        has_device: device.is_some(),
        device,
        session,
        answered: None,
        sent: None,
        proof: Proof::None,
        proved,
        prefers_proof,
        sends_password,
        budget: Some(budget),
    };
    Ok((sign_in, asked, refusal))
}

fn valid<T>(checked: Result<T, Error>) -> Result<T, TakeUpError> {
    checked.map_err(|_| TakeUpError::Damaged)
}

fn read_names(reader: &mut Reader<'_>) -> Result<Names, TakeUpError> {
    let username = valid(Username::new(reader.text()?))?;
    let learned = reader.flag()?;
    let user_id = reader.optional(|reader| valid(Username::of_parameter(reader.text()?, Parameter::UserIdForSrp)))?;
    // A challenge that brings the user id also brings the name.
    if user_id.is_some() && !learned {
        return Err(TakeUpError::Damaged);
    }
    Ok(Names { username, learned, user_id })
}

fn read_asked(reader: &mut Reader<'_>) -> Result<Asked, TakeUpError> {
    let name = read_challenge_name(reader)?;
    // The sign-in answers these itself, or ends.
    if let ChallengeName::PasswordVerifier | ChallengeName::DeviceSrpAuth | ChallengeName::DevicePasswordVerifier = name
    {
        return Err(TakeUpError::Damaged);
    }
    let (parameters, available) = (reader.map()?, reader.list(read_challenge_name)?);
    let asked = Asked { name, parameters, available };
    valid(lists::check(&asked))?;
    Ok(asked)
}

fn read_challenge_name(reader: &mut Reader<'_>) -> Result<ChallengeName, TakeUpError> {
    let name = reader.text()?;
    valid(check_maximum(name, ChallengeName::MAX_CHARS, Parameter::ChallengeName))?;
    Ok(name.into())
}

/// Refuses a challenge that the sign-in would not have taken, or from which it would have learned another name.
fn check_names(names: &Names, asked: &Asked) -> Result<(), TakeUpError> {
    let mut learned = names.clone();
    match learned.learn(&asked.parameters) {
        Ok(()) if learned == *names => Ok(()),
        _ => Err(TakeUpError::Damaged),
    }
}

/// Writes as much of the error as is ever displayed.
fn write_refusal<S: Sink>(sink: &mut S, refusal: &ServiceError) -> Option<()> {
    let (name, message) = (refusal.name().as_str(), refusal.message());
    check_maximum(name, ServiceErrorName::MAX_CHARS, Parameter::Answer).ok()?;
    let end = message.char_indices().nth(Escaped::MAX_CHARS).map_or(message.len(), |(end, _)| end);
    sink.pair(name, &message[..end])
}

fn read_refusal(reader: &mut Reader<'_>) -> Result<ServiceError, TakeUpError> {
    let (name, message) = (reader.text()?, reader.text()?);
    valid(check_maximum(name, ServiceErrorName::MAX_CHARS, Parameter::Answer))?;
    valid(check_maximum(message, Escaped::MAX_CHARS, Parameter::Answer))?;
    let refusal = ServiceError::new(name, message);
    // The name of an error is what remains of it without namespace and URI.
    if refusal.name().as_str() == name { Ok(refusal) } else { Err(TakeUpError::Damaged) }
}

fn write_context<S: Sink>(context: &Context, sink: &mut S) -> Option<()> {
    let Context { client_metadata, analytics_metadata, user_context_data, context_data } = context;
    sink.map(client_metadata)?;
    sink.optional(analytics_metadata.as_ref(), |sink, AnalyticsMetadata { analytics_endpoint_id }| {
        sink.optional_text(analytics_endpoint_id.as_deref())
    })?;
    sink.optional(user_context_data.as_ref(), |sink, UserContextData { ip_address, encoded_data }| {
        sink.optional_text(ip_address.as_deref())?;
        sink.optional_text(encoded_data.as_deref())
    })?;
    sink.optional(context_data.as_ref(), |sink, data| {
        let ContextData { ip_address, server_name, server_path, http_headers, encoded_data } = data;
        sink.text(ip_address)?;
        sink.text(server_name)?;
        sink.text(server_path)?;
        sink.list(http_headers.iter(), |sink, (name, value)| sink.pair(name, value))?;
        sink.optional_text(encoded_data.as_deref())
    })
}

fn read_context(reader: &mut Reader<'_>) -> Result<Context, TakeUpError> {
    Ok(Context {
        client_metadata: reader.map()?,
        analytics_metadata: reader
            .optional(|reader| Ok(AnalyticsMetadata { analytics_endpoint_id: reader.optional_text()? }))?,
        user_context_data: reader.optional(|reader| {
            Ok(UserContextData { ip_address: reader.optional_text()?, encoded_data: reader.optional_text()? })
        })?,
        context_data: reader.optional(|reader| {
            Ok(ContextData {
                ip_address: reader.text()?.into(),
                server_name: reader.text()?.into(),
                server_path: reader.text()?.into(),
                http_headers: reader.list(Reader::pair)?,
                encoded_data: reader.optional_text()?,
            })
        })?,
    })
}
