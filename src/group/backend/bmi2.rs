//! The portable backend compiled for x86-64 CPUs with BMI2, whose `mulx` leaves the flags and the choice
//! of registers free.

use super::Backend;
use super::portable::{self, Portable};
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

impl Backend for Bmi2 {
    type Residue = Limbs;

    const RADIX_BITS: i32 = Portable::RADIX_BITS;

    fn load(self, x: &Limbs) -> Limbs {
        Portable.load(x)
    }

    fn leave(self, t: &Limbs) -> Limbs {
        Portable.leave(t)
    }

    #[allow(unsafe_code, reason = "a function that needs a CPU feature is called where the feature is known")]
    fn mul(self, a: &Limbs, b: &Limbs) -> Limbs {
        // SAFETY: `self` exists, so `detect` found BMI2, the only feature that `multiply` requires.
        unsafe { multiply(a, b) }
    }

    #[allow(unsafe_code, reason = "a function that needs a CPU feature is called where the feature is known")]
    fn square(self, a: &Limbs) -> Limbs {
        // SAFETY: `self` exists, so `detect` found BMI2, the only feature that `square` requires.
        unsafe { square(a) }
    }

    fn select(self, table: &[Limbs], index: u64) -> Limbs {
        Portable.select(table, index)
    }

    fn select_plain(self, table: &[Limbs], index: u64) -> Limbs {
        Portable.select_plain(table, index)
    }

    fn wipe(self, t: &mut Limbs) {
        Portable.wipe(t);
    }
}

/// Returns `a·b/R mod N`.
#[target_feature(enable = "bmi2")]
fn multiply(a: &Limbs, b: &Limbs) -> Limbs {
    portable::multiply(a, b)
}

/// Returns `a²/R mod N`.
#[target_feature(enable = "bmi2")]
fn square(a: &Limbs) -> Limbs {
    portable::square(a)
}
