//! What every challenge shows.

/// Implements the functions that `Challenge` and each type of challenge have in common, over its `Paused`.
macro_rules! common_accessors {
    ($name:ident, $challenge:ident => $paused:expr) => {
        impl $name {
            /// `ChallengeName`.
            #[must_use]
            pub const fn name(&self) -> &$crate::idp::names::ChallengeName {
                &self.paused().asked.name
            }

            /// `ChallengeParameters`, such as `CODE_DELIVERY_DESTINATION`, `FRIENDLY_DEVICE_NAME` or `userAttributes`.
            #[must_use]
            pub const fn parameters(
                &self,
            ) -> &alloc::collections::BTreeMap<alloc::string::String, alloc::string::String> {
                &self.paused().asked.parameters
            }

            /// The user name that the answer sends: the canonical one if a challenge has named it, or else the one
            /// that the sign-in started with. Only TLS vouches for the name.
            #[must_use]
            pub const fn username(&self) -> &$crate::message::Username {
                &self.paused().sign_in.names.username
            }

            /// The session that the answer sends, for calls that are not in this crate.
            #[must_use]
            pub const fn session(&self) -> Option<&$crate::idp::credentials::Session> {
                self.paused().sign_in.session.as_ref()
            }

            /// The service's error, if it refused the last answer: `CodeMismatchException` for a code,
            /// `InvalidPasswordException` or `PasswordHistoryPolicyViolationException` for a new password. Other
            /// errors end the sign-in.
            #[must_use]
            pub const fn refusal(&self) -> Option<&$crate::idp::service_error::ServiceError> {
                self.paused().refusal.as_ref()
            }

            pub(crate) const fn paused(&self) -> &$crate::idp::sign_in::challenge::paused::Paused {
                let $challenge = self;
                $paused
            }
        }
    };
}

pub(super) use common_accessors;
