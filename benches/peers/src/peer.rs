//! The peers, one file for each.

pub mod arithmetic;
pub mod aws_cognito_srp;
#[cfg(feature = "aws-lc")]
pub mod aws_lc;
pub mod cognito_srp;
pub mod crypto_bigint;
pub mod gmp;
pub mod num_bigint;
pub mod openssl;
pub mod runner;
pub mod srp;
#[cfg(feature = "wolfssl")]
pub mod wolfssl;

use crate::Result;
use crate::candidate::Candidate;
use crate::inputs::Inputs;
use crate::name::Name;

/// An implementation of some of the measured operations.
pub trait Peer {
    fn who(&self) -> &'static str;

    fn version(&self) -> String;

    /// Whether the authors mean its time to be independent of secrets.
    fn constant_time(&self) -> bool {
        false
    }

    /// Returns the peer's operation under this name, with its result checked, or `None` if it has no such operation.
    fn candidate<'a>(&'a self, name: Name, inputs: &'a Inputs) -> Result<Option<Candidate<'a>>>;
}
