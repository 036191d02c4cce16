//! The machines that multiply: one trait for all of them.
//!
//! A backend keeps residues in a Montgomery form of its own (`T·R mod N`, the radix `R` is its private
//! matter) and promises that no instruction, branch or address depends on their values. What crosses
//! its border is always canonical: 48 limbs of 64 bits, below `N`.

use super::limbs::Limbs;
use super::params::power_of_two;

/// Arithmetic mod `N` on one kind of machine.
///
/// Results are written where an operand stood: a residue that is copied on its way to the next product makes that
/// product wait.
///
/// A backend that needs CPU features is a value that only its detection can make, so having one is the
/// proof that its instructions exist, and every method here is safe to call.
pub(crate) trait Arithmetic: Copy {
    /// A residue in this backend's own form. All values of one form take the same time everywhere.
    type Residue: Copy;

    /// The binary logarithm of the Montgomery radix `R`.
    const RADIX_BITS: i32;

    /// Returns the residue whose bits are those of `x < N`: the Montgomery form of `x·R⁻¹`.
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

    /// Makes `a` the Montgomery product `a·b·R⁻¹`.
    fn mul(self, a: &mut Self::Residue, b: &Self::Residue);

    /// Makes `a` the Montgomery square `a²·R⁻¹`.
    fn square(self, a: &mut Self::Residue);

    /// Makes `out` `table[index]`, having read every entry. `index` is secret, the table's length is not.
    fn select(self, out: &mut Self::Residue, table: &[Self::Residue], index: u64);

    /// Makes `out` `load(&table[index])`, having read every entry. `index` is secret, the table's length is not.
    fn select_plain(self, out: &mut Self::Residue, table: &[Limbs], index: u64);

    /// Overwrites a residue that depended on a secret.
    fn wipe(self, t: &mut Self::Residue);
}
