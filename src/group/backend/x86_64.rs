//! The backends for x86-64.
//!
//! They need a target with vector registers. A kernel's target (`x86_64-unknown-none`) has none, and the compiler
//! aborts on code that uses them even if nothing calls it.

mod avx2;
pub(super) mod avxifma;
pub(super) mod bmi2;
mod digits51;
pub(super) mod fma;
pub(super) mod ifma;
