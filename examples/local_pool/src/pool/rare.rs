//! Numbers that a client meets once in 512 sign-ins, for `--rare`.
//!
//! `enc`, the form in which numbers are hashed, drops leading zeros. A client that hashes numbers in their full width is
//! right until one begins with nine zero bits. With `--rare` the pool redraws until a user's salt, and `B` or `u` of each
//! challenge, begin so. `A`, which the client draws, and `S` are left to chance.

use cognito_srp6a::server::UserRecord;
use cognito_srp6a::{Error, ParameterSource as _, PoolId, Salt, SrpA, SrpB, hazmat};

use super::refusal::Result;
use super::{Pool, name};

/// `ChallengeParameters`.
type Pairs = Vec<(&'static str, String)>;

impl Pool {
    /// Creates a user's record with a random salt.
    pub(super) fn draw_record(&self, username: &str, password: &str) -> Result<UserRecord> {
        let (username, password) = (name(username)?, password.parse()?);
        loop {
            let record = UserRecord::from_password(&self.id, &username, &password)?;
            if !self.rare || record.salt().to_signed_bytes().len() < Salt::GENERATED_BYTES {
                return Ok(record);
            }
        }
    }

    /// Creates a challenge for a client's `A`.
    pub(super) fn draw_challenge(
        &self,
        srp_a: &SrpA,
        draw: impl Fn() -> std::result::Result<Pairs, Error>,
    ) -> Result<Pairs> {
        loop {
            let challenge = draw()?;
            if !self.rare || is_rare(srp_a, &challenge)? {
                return Ok(challenge);
            }
        }
    }
}

/// Returns an unknown user's record with a salt that `--rare` could draw, because another salt would leak that the user does
/// not exist.
pub(super) fn with_rare_salt(pool_id: &PoolId, record: &UserRecord) -> std::result::Result<UserRecord, Error> {
    let mut salt = [0; Salt::GENERATED_BYTES];
    // Copy the last bytes of `enc`, which may have a leading zero byte or be short.
    for (to, from) in salt.iter_mut().rev().zip(record.salt().to_signed_bytes().iter().rev()) {
        *to = *from;
    }
    salt[0] = 0;
    salt[1] &= 0x7f;
    UserRecord::from_parts(pool_id, record.user_id(), Salt::from_be_bytes(&salt)?, &record.expose_verifier())
}

fn is_rare(srp_a: &SrpA, challenge: &Pairs) -> std::result::Result<bool, Error> {
    let srp_b = challenge.parameter("SRP_B").unwrap_or_default().parse::<SrpB>()?.to_be_bytes();
    let u = hazmat::scrambler(&srp_a.to_be_bytes(), &srp_b)?;
    Ok(is_short(&srp_b)? || is_short(&u)?)
}

/// Returns whether the encoding of a number is shorter than its width.
fn is_short(number: &[u8]) -> std::result::Result<bool, Error> {
    Ok(hazmat::enc(number)?.len() < number.len())
}
