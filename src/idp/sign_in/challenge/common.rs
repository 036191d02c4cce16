//! What every challenge shows and takes.

/// Gives a type of challenge its `Paused`, which is its only field, and [`common_methods`].
macro_rules! challenge_type {
    ($name:ident) => {
        impl $name {
            pub(crate) const fn paused(&self) -> &$crate::idp::sign_in::challenge::paused::Paused {
                &self.0
            }

            fn paused_mut(&mut self) -> &mut $crate::idp::sign_in::challenge::paused::Paused {
                &mut self.0
            }
        }

        $crate::idp::sign_in::challenge::common::common_methods!($name);
    };
}

/// Implements the methods that `Challenge` and each type of challenge have in common, over its `Paused`.
macro_rules! common_methods {
    ($name:ident) => {
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
            /// `InvalidPasswordException` or `PasswordHistoryPolicyViolationException` for a new password,
            /// `EnableSoftwareTokenMFAException` for the code of a new app. In `MFA_SETUP` it may also be an error that
            /// is transient ([`ServiceError::is_transient`](crate::idp::ServiceError::is_transient)). Other errors end
            /// the sign-in.
            #[must_use]
            pub const fn refusal(&self) -> Option<&$crate::idp::service_error::ServiceError> {
                self.paused().refusal.as_ref()
            }

            /// Replaces the additional data of the requests that follow, the answer included.
            /// `ClientMetadata` reaches the Lambda triggers that the answer runs
            /// ([`Context::with_client_metadata`](crate::idp::Context::with_client_metadata)).
            ///
            /// # Errors
            ///
            /// [`Error::NotInThisCall`](crate::Error::NotInThisCall) if the calls of the API do not take the data, and
            /// [`Error::TooLong`](crate::Error::TooLong) for a text of it.
            pub fn with_context(
                mut self,
                context: $crate::idp::context::Context,
            ) -> Result<Self, $crate::idp::sign_in::answer_error::AnswerError<Self>> {
                match context.check(self.paused().sign_in.api) {
                    Ok(()) => {
                        self.paused_mut().sign_in.context = context;
                        Ok(self)
                    }
                    Err(error) => Err($crate::idp::sign_in::answer_error::AnswerError { error, challenge: self }),
                }
            }

            /// Adds parameters that the crate does not know to the answer, and to that one alone. A stored challenge
            /// does not keep them.
            #[must_use]
            pub fn with_extra_parameters(mut self, extra: $crate::idp::extra_parameters::ExtraParameters) -> Self {
                self.paused_mut().sign_in.extra = extra;
                self
            }
        }
    };
}

pub(super) use {challenge_type, common_methods};
