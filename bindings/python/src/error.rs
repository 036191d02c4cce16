//! Errors as Python has them: the classes of `python/cognito_srp6a/_error.py`, which carry no text of the input.

use cognito_srp6a::{Error, Parameter};
use pyo3::exceptions::PyTypeError;
use pyo3::prelude::*;

/// Makes the exception of an error of the crate.
#[allow(clippy::needless_pass_by_value, reason = "it goes into `map_err`")]
pub fn raise(error: Error) -> PyErr {
    let parameter = error.parameter();
    let class = match error {
        Error::NotAuthorized | Error::WrongSecretHash => "NotAuthorizedError",
        _ if parameter.is_some() => "ParameterError",
        _ => "Error",
    };
    // The variant's name without its parameter.
    let debug = format!("{error:?}");
    let kind = debug.split('(').next().unwrap_or_default();
    make(class, &error.to_string(), kind, parameter)
}

/// A text that is not Unicode: a `str` with a lone surrogate, or `bytes` that are not UTF-8.
pub fn not_unicode(parameter: Parameter) -> PyErr {
    make("ParameterError", &format!("{parameter} is not Unicode text"), "NotUnicode", Some(parameter))
}

/// A `datetime` without a time zone.
pub fn naive_datetime() -> PyErr {
    let message = "TIMESTAMP: `now` has no time zone";
    make("ParameterError", message, "Naive", Some(Parameter::Timestamp))
}

/// A second answer of a sign-in.
pub fn already_answered() -> PyErr {
    make("AlreadyAnsweredError", "the sign-in has been answered: start a new one", "AlreadyAnswered", None)
}

/// A value of a type that cannot be read.
pub fn wrong_type(parameter: impl AsRef<str>, wanted: &str) -> PyErr {
    PyTypeError::new_err(format!("{} is not {wanted}", parameter.as_ref()))
}

fn make(class: &str, message: &str, kind: &str, parameter: Option<Parameter>) -> PyErr {
    Python::attach(|py| {
        let made = || {
            let class = py.import("cognito_srp6a._error")?.getattr(class)?;
            class.call1((message, kind, parameter.map(Parameter::name)))
        };
        made().map_or_else(|error| error, PyErr::from_value)
    })
}
