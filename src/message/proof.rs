//! The part that the challenges of users and devices share.

use alloc::string::{String, ToString};
use alloc::vec::Vec;

use super::block::SecretBlock;
use super::number::{Salt, SrpB};
use super::parameters::{ParameterSource, required};
use crate::error::{Error, Parameter};
use crate::protocol;

/// `SALT`, `SRP_B` and `SECRET_BLOCK`.
#[derive(Debug)]
pub(crate) struct Challenge {
    pub(crate) salt: Salt,
    pub(crate) srp_b: SrpB,
    pub(crate) secret_block: SecretBlock,
}

impl Challenge {
    /// Reads the three parameters.
    pub(super) fn from_parameters<P: ParameterSource + ?Sized>(parameters: &P) -> Result<Self, Error> {
        Ok(Self {
            salt: required(parameters, Parameter::Salt)?.parse()?,
            srp_b: required(parameters, Parameter::SrpB)?.parse()?,
            secret_block: required(parameters, Parameter::SecretBlock)?.parse()?,
        })
    }

    /// The challenge as the equations take it.
    pub(crate) fn for_proof(&self) -> protocol::Challenge<'_> {
        protocol::Challenge {
            salt: self.salt.for_proof(),
            B: &self.srp_b.0,
            secret_block: self.secret_block.for_proof(),
        }
    }

    /// Appends the three parameters.
    pub(super) fn push_pairs(self, pairs: &mut Vec<(&'static str, String)>) {
        pairs.push(("SALT", self.salt.to_string()));
        pairs.push(("SRP_B", self.srp_b.to_string()));
        pairs.push(("SECRET_BLOCK", self.secret_block.into_text()));
    }
}
