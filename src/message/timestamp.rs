//! The timestamp of a claim.

use core::fmt;
use core::str::FromStr;

use alloc::string::ToString;

use chrono::{DateTime, NaiveDateTime, Utc};

use crate::error::{Error, Parameter};

/// `TIMESTAMP`: a second in UTC, which the claim signs.
///
/// Text form: `EEE MMM d HH:mm:ss UTC yyyy` in English, the day of the month without padding, 24 hours; for example
/// `Tue Jan 2 03:04:05 UTC 2024`. The service reads the text, prints it again in its own form and checks the claim over
/// that, so any other spelling fails.
///
/// ```
/// use cognito_srp6a::Timestamp;
///
/// let time = Timestamp::from_unix_seconds(1_704_164_645)?;
/// assert_eq!(time.to_string(), "Tue Jan 2 03:04:05 UTC 2024");
/// assert!("Tue Jan 02 03:04:05 UTC 2024".parse::<Timestamp>().is_err(), "the day is padded");
/// # Ok::<(), cognito_srp6a::Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Timestamp(DateTime<Utc>);

/// The text form. chrono's names of days and months are English in every locale.
const FORMAT: &str = "%a %b %-d %H:%M:%S UTC %Y";

/// The length of the longest text form.
const MAX_TEXT: usize = "Wed Sep 30 00:00:00 UTC 2026".len();

/// The last second whose year has four digits.
const LAST: i64 = 253_402_300_799;

impl Timestamp {
    /// Reads the system's clock. The service refuses a claim whose time is too far from its own; it has not published how far.
    ///
    /// # Errors
    ///
    /// [`Error::Malformed`] when the clock is before 1970 or after 9999.
    #[cfg(feature = "std")]
    pub fn now() -> Result<Self, Error> {
        Self::from_unix_seconds(Utc::now().timestamp())
    }

    /// Makes a timestamp of the seconds since 1970 in UTC, without leap seconds.
    ///
    /// # Errors
    ///
    /// [`Error::Malformed`] before 1970 and after 9999.
    pub fn from_unix_seconds(seconds: i64) -> Result<Self, Error> {
        DateTime::from_timestamp(seconds, 0)
            .filter(|_| (0..=LAST).contains(&seconds))
            .map(Self)
            .ok_or(Error::Malformed(Parameter::Timestamp))
    }

    /// The seconds since 1970 in UTC.
    #[must_use]
    pub const fn unix_seconds(self) -> i64 {
        self.0.timestamp()
    }

    /// Seconds between two timestamps, whichever is earlier.
    #[cfg(any(feature = "idp", feature = "server"))]
    pub(crate) const fn seconds_from(self, other: Self) -> u64 {
        self.unix_seconds().abs_diff(other.unix_seconds())
    }
}

impl FromStr for Timestamp {
    type Err = Error;

    /// Reads the text form. Only its one spelling is taken.
    ///
    /// # Errors
    ///
    /// [`Error::Malformed`] for any other text, such as a padded day, a wrong weekday or another time zone.
    fn from_str(text: &str) -> Result<Self, Error> {
        let malformed = Error::Malformed(Parameter::Timestamp);
        if text.len() > MAX_TEXT {
            return Err(malformed);
        }
        let parsed = NaiveDateTime::parse_from_str(text, FORMAT).map_err(|_| malformed)?;
        let timestamp = Self::from_unix_seconds(parsed.and_utc().timestamp())?;
        // The parser accepts other blanks, padding and case; the printed form has one of each.
        if timestamp.to_string() == text { Ok(timestamp) } else { Err(malformed) }
    }
}

impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.format(FORMAT).fmt(f)
    }
}
