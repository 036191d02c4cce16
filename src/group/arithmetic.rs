//! The arithmetic that every backend provides.
//!
//! Each backend has its own Montgomery form `T·R mod N`, and its own radix `R`. No instruction, branch or address
//! depends on the value of a residue. Values that enter or leave a backend are canonical: 48 limbs of 64 bits, below
//! `N`.

use super::limbs::Limbs;
use super::params::power_of_two;

/// Arithmetic mod `N`, as one backend does it.
///
/// Results are written in place: copying a residue stalls the next multiplication.
///
/// Only detection makes a value of a backend that needs CPU features. The value is the proof that the CPU has them, so
/// every method here is safe to call.
pub(crate) trait Arithmetic: Copy {
    /// A residue in this backend's form.
    type Residue: Copy;

    /// The binary logarithm of the Montgomery radix `R`.
    const RADIX_BITS: i32;

    /// Returns `x < N` itself as a residue, unconverted: the Montgomery form of `x·R⁻¹`.
    fn load(self, x: &Limbs) -> Self::Residue;

    /// Returns the Montgomery form of `x < N`.
    fn enter(self, x: &Limbs) -> Self::Residue {
        // x · R² / R = x · R
        let mut out = self.load(x);
        self.mul(&mut out, &self.load(const { &power_of_two(2 * Self::RADIX_BITS) }));
        out
    }

    /// Returns the canonical value of a Montgomery form: `t·R⁻¹ mod N`, below `N`.
    fn leave(self, t: &Self::Residue) -> Limbs;

    /// Replaces `a` by the Montgomery product `a·b·R⁻¹`.
    fn mul(self, a: &mut Self::Residue, b: &Self::Residue);

    /// Replaces `a` by the Montgomery square `a²·R⁻¹`.
    fn square(self, a: &mut Self::Residue);

    /// Sets `out` to `table[index]` and reads every entry. `index` is secret, the table's length is public.
    fn select(self, out: &mut Self::Residue, table: &[Self::Residue], index: u64);

    /// Sets `out` to `load(&table[index])` and reads every entry. `index` is secret, the table's length is public.
    fn select_plain(self, out: &mut Self::Residue, table: &[Limbs], index: u64);

    /// Wipes a residue that depends on a secret.
    fn wipe(self, t: &mut Self::Residue);
}
