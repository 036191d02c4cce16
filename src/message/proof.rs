//! What a user's challenge and a device's have in common.

use alloc::string::{String, ToString};
use alloc::vec::Vec;

use super::block::SecretBlock;
use super::number::{Salt, SrpB};
use super::parameters::{Parameters, required};
use super::timestamp::Timestamp;
use crate::error::{Error, Parameter};
use crate::protocol::{ClientExchange, Identity, Signature};

/// `SALT`, `SRP_B` and `SECRET_BLOCK`.
#[derive(Debug)]
pub(crate) struct Challenge {
    pub(crate) salt: Salt,
    pub(crate) srp_b: SrpB,
    pub(crate) secret_block: SecretBlock,
}

impl Challenge {
    /// Reads the three parameters.
    pub(super) fn from_parameters<P: Parameters + ?Sized>(parameters: &P) -> Result<Self, Error> {
        Ok(Self {
            salt: required(parameters, Parameter::Salt)?.parse()?,
            srp_b: required(parameters, Parameter::SrpB)?.parse()?,
            secret_block: required(parameters, Parameter::SecretBlock)?.parse()?,
        })
    }

    /// Makes the claim on this challenge: the one path of users and devices.
    pub(crate) fn claim(
        &self,
        exchange: ClientExchange,
        identity: Identity<'_>,
        password: &str,
        now: Timestamp,
    ) -> Result<Signature, Error> {
        exchange.claim(
            identity,
            password.as_bytes(),
            self.salt.magnitude(),
            &self.srp_b.0,
            self.secret_block.as_bytes(),
            now.to_string().as_bytes(),
        )
    }

    /// Appends the three parameters.
    pub(super) fn push_pairs(self, pairs: &mut Vec<(&'static str, String)>) {
        pairs.push(("SALT", self.salt.to_string()));
        pairs.push(("SRP_B", self.srp_b.to_string()));
        pairs.push(("SECRET_BLOCK", self.secret_block.into_text()));
    }
}
