//! The peers, one file each.

pub mod arithmetic;
pub mod aws_cognito_srp;
pub mod cognito_srp;
pub mod crypto_bigint;
pub mod gmp;
pub mod num_bigint;
pub mod openssl;
pub mod runner;
pub mod srp;

use crate::Result;
use crate::candidate::Candidate;
use crate::inputs::Inputs;
use crate::name::Name;

/// Somebody who does some of what is measured.
pub trait Peer {
    fn who(&self) -> &'static str;

    fn version(&self) -> String;

    /// Returns the peer's way to do what the name stands for, its result checked, or `None` when it has none.
    fn candidate<'a>(&'a self, name: Name, inputs: &'a Inputs) -> Result<Option<Candidate<'a>>>;
}
