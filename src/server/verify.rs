//! The common part of stored and sealed challenges: the messages, and the check of a claim.

use core::time::Duration;

use alloc::string::ToString;

use super::record::{DeviceRecord, Record, UserRecord};
use crate::error::Error;
use crate::message::{
    Challenge, DeviceChallenge, PasswordChallenge, PasswordClaim, SecretBlock, SrpB, Timestamp, Username,
};
use crate::protocol::{self, ServerExchange, ServerPublic};

/// Makes the part of a challenge that users and devices share.
pub(super) fn challenge(record: &Record, srp_b: &ServerPublic, secret_block: SecretBlock) -> Challenge {
    Challenge { salt: record.salt, srp_b: SrpB(srp_b.clone()), secret_block }
}

/// Makes a user's challenge.
pub(super) fn user_message(record: &UserRecord, challenge: Challenge) -> PasswordChallenge {
    PasswordChallenge { user_id_for_srp: record.user_id().clone(), username: record.user_id().clone(), challenge }
}

/// Makes a device's challenge.
pub(super) fn device_message(record: &DeviceRecord, username: &Username, challenge: Challenge) -> DeviceChallenge {
    DeviceChallenge { username: username.clone(), device_key: Some(record.device.key().clone()), challenge }
}

/// Compares a claim with the one that the right password makes, then checks the times.
///
/// The expected claim is computed in any case, so a stale claim takes as long as a wrong one. The caller has found the record by
/// `USERNAME`, perhaps an alias; nothing here reads it, because the claim signs the record's own names.
pub(super) fn check(
    exchange: &ServerExchange,
    record: &Record,
    claim: &PasswordClaim,
    issued: Timestamp,
    now: Timestamp,
    max_age: Duration,
) -> Result<(), Error> {
    let expected = exchange
        .expected_claim(
            &record.verifier,
            record.identity(),
            claim.proof.secret_block.for_proof(),
            protocol::Timestamp(&claim.proof.timestamp.to_string()),
        )
        .map_err(|_| Error::NotAuthorized)?;
    let genuine = expected.matches(&claim.proof.signature);
    let fresh = [issued, claim.proof.timestamp].iter().all(|time| time.seconds_from(now) <= max_age.as_secs());
    if genuine && fresh { Ok(()) } else { Err(Error::NotAuthorized) }
}
