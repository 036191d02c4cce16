//! The flows, the challenges and the laws of `SignIn` once more. Here every challenge that waits for its user is put down
//! and taken up before it is answered (`common::service::waited`).

#![allow(clippy::duplicate_mod, reason = "each of these files brings the common part along")]

#[path = "sign_in_challenges.rs"]
mod challenges;
#[path = "sign_in_flows.rs"]
mod flows;
#[path = "sign_in_laws.rs"]
mod laws;
