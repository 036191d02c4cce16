//! The names of the measured operations.

use std::fmt;
use std::str::FromStr;

/// One group of rows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Name {
    Mul,
    Square,
    /// An exponentiation with a random base and an exponent of this many bits.
    Modexp(usize),
    SrpA,
    PasswordVerifier,
    PendingSignIn,
    ServerVerify,
    DeviceRegistration,
    SignIn,
}

impl Name {
    pub const ALL: [Self; 13] = [
        Self::Mul,
        Self::Square,
        Self::Modexp(256),
        Self::Modexp(320),
        Self::Modexp(512),
        Self::Modexp(513),
        Self::Modexp(1024),
        Self::SrpA,
        Self::PasswordVerifier,
        Self::PendingSignIn,
        Self::ServerVerify,
        Self::DeviceRegistration,
        Self::SignIn,
    ];

    /// Describes the operation in one line.
    pub const fn meaning(self) -> &'static str {
        match self {
            Self::Mul => "a·b mod N",
            Self::Square => "a² mod N",
            Self::Modexp(_) => "random base and exponent",
            Self::SrpA => "the client's first message: g^a",
            Self::PasswordVerifier => "the client's answer: g^x and S",
            Self::PendingSignIn => "the server's challenge: k·v + g^b",
            Self::ServerVerify => "the server's check: (A·v^u)^b",
            Self::DeviceRegistration => "a device's verifier: g^x",
            Self::SignIn => "srp_a and password_verifier",
        }
    }
}

impl fmt::Display for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Mul => f.pad("mul"),
            Self::Square => f.pad("square"),
            Self::Modexp(bits) => f.pad(&format!("modexp-{bits}")),
            Self::SrpA => f.pad("srp_a"),
            Self::PasswordVerifier => f.pad("password_verifier"),
            Self::PendingSignIn => f.pad("server_challenge"),
            Self::ServerVerify => f.pad("server_verify"),
            Self::DeviceRegistration => f.pad("device_registration"),
            Self::SignIn => f.pad("sign_in"),
        }
    }
}

impl FromStr for Name {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        Self::ALL.into_iter().find(|name| name.to_string() == text).ok_or_else(|| {
            let valid: Vec<_> = Self::ALL.iter().map(ToString::to_string).collect();
            format!("there is no `{text}`; the names are {}", valid.join(", "))
        })
    }
}
