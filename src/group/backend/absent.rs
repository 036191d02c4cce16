//! A placeholder for the backends that this build lacks.

use crate::group::arithmetic::Arithmetic;
use crate::group::limbs::Limbs;

/// A backend that has no values, so the compiler removes all code that would run on it.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Absent {}

pub(crate) type Digits28 = Absent;
pub(crate) type Bmi2 = Absent;
pub(crate) type Fma = Absent;
pub(crate) type AvxIfma = Absent;
pub(crate) type Ifma = Absent;

impl Absent {
    pub(crate) const fn detect() -> Option<Self> {
        None
    }
}

impl Arithmetic for Absent {
    type Residue = Self;

    const RADIX_BITS: i32 = 0;

    fn load(self, _: &Limbs) -> Self {
        self
    }

    fn leave(self, _: &Self) -> Limbs {
        match self {}
    }

    fn mul(self, _: &mut Self, _: &Self) {}

    fn square(self, _: &mut Self) {}

    fn select(self, _: &mut Self, _: &[Self], _: u64) {}

    fn select_plain(self, _: &mut Self, _: &[Limbs], _: u64) {}

    fn wipe(self, _: &mut Self) {}
}
