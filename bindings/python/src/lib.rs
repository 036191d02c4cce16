//! The crate `cognito-srp6a` for Python: the module `cognito_srp6a._native`.
//!
//! Each class holds the type of the same name. Texts and dictionaries of Python come in through [`input`], where secrets are copied
//! into memory that is wiped; dictionaries go out. Arithmetic runs without the interpreter's lock.
#![forbid(unsafe_code)]
#![allow(
    missing_debug_implementations,
    reason = "no Rust code has these types but this module's, and some hold credentials"
)]

mod client;
mod device;
mod error;
#[cfg(feature = "hazmat")]
mod hazmat;
mod input;
mod output;
mod server;

/// The module. Python code beside it gives its names to the user (`python/cognito_srp6a`).
#[pyo3::pymodule(gil_used = false)]
mod _native {
    #[pymodule_export]
    use crate::client::{UserSignIn, secret_hash};
    #[pymodule_export]
    use crate::device::{DeviceCredentials, DeviceSignIn};
    #[cfg(feature = "hazmat")]
    #[pymodule_export]
    use crate::hazmat::{_register_device, _start_device_sign_in, _start_user_sign_in};
    #[pymodule_export]
    use crate::server::{DeviceRecord, ServerKey, UserRecord, verify_secret_hash};
}
