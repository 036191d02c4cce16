//! The backends for x86-64.
//!
//! They need a build that has vector registers. A kernel's has none (`x86_64-unknown-none`): there the
//! compiler ends on code that uses them, whether or not it is ever called.

pub(super) mod avxifma;
pub(super) mod bmi2;
mod digits51;
pub(super) mod ifma;
