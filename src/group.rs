//! The group: integers mod the 3072-bit prime `N` of RFC 3526 §4, written multiplicatively with `g = 2`.
//!
//! - An [`Element`] is always canonical; an [`Exponent`] is a secret of public length.
//! - Montgomery forms exist only inside the backends and never leave an exponentiation.
//! - Every function runs in constant time, unless its name ends in `_vartime`.
//! - Nothing allocates. An exponentiation keeps a table of 32 residues, 12 to 20 KiB, on the stack.

mod arithmetic;
mod backend;
mod element;
mod exponent;
mod limbs;
mod params;
mod pow;
mod table;

pub(crate) use element::{Element, Reading};
pub(crate) use exponent::Exponent;
#[cfg(feature = "hazmat")]
pub(crate) use {backend::Backend, element::reduce, limbs::to_be_bytes, params::N};
