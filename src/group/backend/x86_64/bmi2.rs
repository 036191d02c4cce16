//! The portable backend compiled for CPUs with BMI2. Its `mulx` leaves the flags alone and writes to any registers.

use crate::group::arithmetic::Arithmetic;
use crate::group::backend::portable::{self, Portable};
use crate::group::limbs::Limbs;

cpufeatures::new!(cpuid_bmi2, "bmi2");

/// The proof that this CPU has BMI2.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Bmi2(());

impl Bmi2 {
    /// Returns the backend on a CPU that has BMI2.
    pub(crate) fn detect() -> Option<Self> {
        cpuid_bmi2::get().then_some(Self(()))
    }
}

impl Arithmetic for Bmi2 {
    type Residue = Limbs;

    const RADIX_BITS: i32 = Portable::RADIX_BITS;

    fn load(self, x: &Limbs) -> Limbs {
        Portable.load(x)
    }

    fn leave(self, t: &Limbs) -> Limbs {
        Portable.leave(t)
    }

    #[allow(unsafe_code, reason = "a function that needs a CPU feature is called where the feature is known")]
    fn mul(self, a: &mut Limbs, b: &Limbs) {
        // SAFETY: `self` exists, so `detect` found BMI2, the only feature that `multiply` requires.
        unsafe { multiply(a, b) };
    }

    #[allow(unsafe_code, reason = "a function that needs a CPU feature is called where the feature is known")]
    fn square(self, a: &mut Limbs) {
        // SAFETY: `self` exists, so `detect` found BMI2, the only feature that `square` requires.
        unsafe { square(a) };
    }

    fn select(self, out: &mut Limbs, table: &[Limbs], index: u64) {
        Portable.select(out, table, index);
    }

    fn select_plain(self, out: &mut Limbs, table: &[Limbs], index: u64) {
        Portable.select_plain(out, table, index);
    }

    fn wipe(self, t: &mut Limbs) {
        Portable.wipe(t);
    }
}

/// Replaces `a` by `a·b/R mod N`.
#[target_feature(enable = "bmi2")]
fn multiply(a: &mut Limbs, b: &Limbs) {
    *a = portable::multiply(a, b);
}

/// Replaces `a` by `a²/R mod N`.
#[target_feature(enable = "bmi2")]
fn square(a: &mut Limbs) {
    *a = portable::square(a);
}
