//! The common part of all challenges.

use core::fmt;

use super::lists;
use crate::idp::parameter_map::ParameterMap;
use crate::idp::request::Request;
use crate::idp::service_error::ServiceError;
use crate::idp::sign_in::state::{Asked, SignIn};

/// The common part of all challenges: the sign-in that waits for an answer, and the challenge of the service.
pub(crate) struct Paused {
    pub(crate) sign_in: SignIn,
    pub(crate) asked: Asked,
    /// The error of the last answer, if the service refused it.
    pub(crate) refusal: Option<ServiceError>,
}

impl fmt::Debug for Paused {
    /// Shows only the names of the parameters: their values may be personal data.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Paused")
            .field("name", &self.asked.name)
            .field("parameters", &self.asked.parameters.keys())
            .field("available", &self.asked.available)
            .field("refusal", &self.refusal)
            .finish_non_exhaustive()
    }
}

impl Paused {
    /// Returns the texts of the list in the parameters.
    pub(super) fn listed(&self) -> impl Iterator<Item = &str> {
        lists::texts(&self.asked)
    }

    /// Makes the answer. The common parameters replace answers of the same name.
    pub(super) fn answer(self, mut responses: ParameterMap) -> (SignIn, Request) {
        let Self { mut sign_in, asked, refusal: _ } = self;
        for (name, value) in sign_in.common_parameters().iter() {
            responses.insert(name, value);
        }
        let name = asked.name.clone();
        sign_in.remember(asked);
        let request = sign_in.respond(name, responses, None);
        (sign_in, request)
    }
}
