//! The backends, and the choice among them at run time.
//!
//! A backend has the same name in its type, its file, [`Backend::name`] and `--cfg cognito_srp6a_backend="…"`. A new
//! backend is a file and a line in the list below; it is also named in `absent.rs` if some targets lack it, in
//! `Cargo.toml` (`check-cfg`), in `tests/backends.rs`, and in `tests/constant_time/branches.py`.
//!
//! `digits28` is the fastest backend where words are narrow: on wasm, and with pointers of less than 64 bits on all but x86-64 and
//! `AArch64`. On other targets it is the slowest, and stays out of the binary unless `hazmat` or the build asks for it.

#[allow(dead_code, reason = "not every target lacks all of these")]
mod absent;
#[cfg(any(
    target_family = "wasm",
    not(any(target_pointer_width = "64", target_arch = "x86_64", target_arch = "aarch64")),
    feature = "hazmat",
    cognito_srp6a_backend = "digits28"
))]
mod digits28;
mod portable;
#[cfg(all(target_arch = "x86_64", target_feature = "sse2"))]
mod x86_64;

#[cfg(not(any(
    target_family = "wasm",
    not(any(target_pointer_width = "64", target_arch = "x86_64", target_arch = "aarch64")),
    feature = "hazmat",
    cognito_srp6a_backend = "digits28"
)))]
use absent::Digits28;
#[cfg(not(all(target_arch = "x86_64", target_feature = "sse2")))]
use absent::{AvxIfma, Bmi2, Fma, Ifma};
#[cfg(any(
    target_family = "wasm",
    not(any(target_pointer_width = "64", target_arch = "x86_64", target_arch = "aarch64")),
    feature = "hazmat",
    cognito_srp6a_backend = "digits28"
))]
use digits28::Digits28;
use portable::Portable;
#[cfg(all(target_arch = "x86_64", target_feature = "sse2"))]
use x86_64::{avxifma::AvxIfma, bmi2::Bmi2, fma::Fma, ifma::Ifma};

use super::arithmetic::Arithmetic;
use super::exponent::Exponent;
use super::limbs::Limbs;
use super::pow;

/// Declares [`Backend`] from a list of types and names, the slowest backend first. A backend whose place depends on the
/// target stands in both places, each with its condition.
macro_rules! backends {
    ($($(#[doc = $doc:literal])+ $(#[cfg($target:meta)])? $Type:ident = $name:literal,)+) => {
        /// A backend that this machine can run.
        #[derive(Clone, Copy, Debug)]
        pub(crate) enum Backend {
            $($(#[doc = $doc])+ $(#[cfg($target)])? $Type($Type),)+
        }

        impl Backend {
            /// Returns every backend that this machine can run, the slowest first.
            pub(crate) fn all() -> impl Iterator<Item = Self> + Clone {
                [$($(#[cfg($target)])? $Type::detect().map(Self::$Type),)+].into_iter().flatten()
            }

            /// Returns the name of the backend.
            #[cfg(feature = "hazmat")]
            pub(crate) const fn name(self) -> &'static str {
                match self { $($(#[cfg($target)])? Self::$Type(_) => $name,)+ }
            }

            /// Returns whether the build prefers this backend (`--cfg cognito_srp6a_backend="…"`).
            const fn is_preferred(self) -> bool {
                match self { $($(#[cfg($target)])? Self::$Type(_) => cfg!(cognito_srp6a_backend = $name),)+ }
            }

            /// Returns `base^exponent mod N` for `base < N`.
            pub(crate) fn pow(self, base: &Limbs, exponent: &Exponent) -> Limbs {
                match self { $($(#[cfg($target)])? Self::$Type(backend) => pow::pow(backend, base, exponent),)+ }
            }

            /// Returns `g^exponent mod N`.
            pub(crate) fn pow_g(self, exponent: &Exponent) -> Limbs {
                match self { $($(#[cfg($target)])? Self::$Type(backend) => pow::pow_g(backend, exponent),)+ }
            }

            /// Returns `a·b^times mod N` for `a, b < N`. The count is public.
            pub(crate) fn mul_repeatedly(self, a: &Limbs, b: &Limbs, times: usize) -> Limbs {
                match self { $($(#[cfg($target)])? Self::$Type(backend) => mul_repeatedly(backend, a, b, times),)+ }
            }

            /// Returns `a^(2^times) mod N` for `a < N`. The count is public.
            #[cfg(feature = "hazmat")]
            pub(crate) fn square_repeatedly(self, a: &Limbs, times: usize) -> Limbs {
                match self { $($(#[cfg($target)])? Self::$Type(backend) => square_repeatedly(backend, a, times),)+ }
            }
        }
    };
}

backends! {
    /// 28-bit digits, where words are wide.
    #[cfg(not(any(target_family = "wasm", not(any(target_pointer_width = "64", target_arch = "x86_64", target_arch = "aarch64")))))]
    Digits28 = "digits28",
    /// 64-bit limbs, no CPU features.
    Portable = "portable",
    /// 28-bit digits, where words are narrow.
    #[cfg(any(target_family = "wasm", not(any(target_pointer_width = "64", target_arch = "x86_64", target_arch = "aarch64"))))]
    Digits28 = "digits28",
    /// The same code compiled for BMI2.
    Bmi2 = "bmi2",
    /// 51-bit digits in vectors of four, as doubles, with AVX2 and FMA.
    Fma = "fma",
    /// 51-bit digits in vectors of four, with AVX-IFMA.
    AvxIfma = "avxifma",
    /// 51-bit digits in vectors of eight, with AVX-512 IFMA.
    Ifma = "ifma",
}

impl Backend {
    /// Returns the fastest backend of this machine, or the one that the build prefers if the machine has it.
    pub(crate) fn best() -> Self {
        #[cfg(feature = "hazmat")]
        if let Some(backend) = choice::get() {
            return backend;
        }
        Self::best_of(Self::all())
    }

    /// Returns the fastest of some backends, the slowest of which is first, as the build asks for.
    fn best_of(backends: impl Iterator<Item = Self> + Clone) -> Self {
        let preferred = backends.clone().find(|backend| backend.is_preferred());
        let fastest = backends.filter(|backend| !backend.is_left_out()).last();
        preferred.or(fastest).unwrap_or(Self::Portable(Portable))
    }

    /// Returns whether the build leaves this backend out (`--cfg cognito_srp6a_backend="no-fma"`). `SECURITY.md` says
    /// why a build may.
    const fn is_left_out(self) -> bool {
        cfg!(cognito_srp6a_backend = "no-fma") && matches!(self, Self::Fma(_))
    }

    /// Makes [`best`](Self::best) return this backend from now on, in the whole process.
    #[cfg(feature = "hazmat")]
    pub(crate) fn use_everywhere(self) {
        choice::set(self);
    }

    /// Returns `a·b mod N` for `a, b < N`.
    pub(crate) fn mul(self, a: &Limbs, b: &Limbs) -> Limbs {
        self.mul_repeatedly(a, b, 1)
    }
}

/// Returns `a·b^times mod N`.
fn mul_repeatedly(backend: impl Arithmetic, a: &Limbs, b: &Limbs, times: usize) -> Limbs {
    let mut product = backend.enter(a);
    let mut factor = backend.enter(b);
    for _ in 0..times {
        backend.mul(&mut product, &factor);
    }
    let out = backend.leave(&product);
    backend.wipe(&mut product);
    backend.wipe(&mut factor);
    out
}

/// Returns `a^(2^times) mod N`.
#[cfg(feature = "hazmat")]
fn square_repeatedly(backend: impl Arithmetic, a: &Limbs, times: usize) -> Limbs {
    let mut square = backend.enter(a);
    for _ in 0..times {
        backend.square(&mut square);
    }
    backend.leave(&square)
}

/// The backend that a measurement chose for the whole process.
#[cfg(feature = "hazmat")]
mod choice {
    use core::sync::atomic::{AtomicUsize, Ordering};

    use super::Backend;

    /// One more than the position in [`Backend::all`]; 0 for no choice. A position and not a backend, because only
    /// detection makes backends.
    static CHOICE: AtomicUsize = AtomicUsize::new(0);

    pub(super) fn get() -> Option<Backend> {
        let position = CHOICE.load(Ordering::Relaxed).checked_sub(1)?;
        Backend::all().nth(position)
    }

    pub(super) fn set(backend: Backend) {
        let position = Backend::all().position(|other| other.name() == backend.name());
        CHOICE.store(position.map_or(0, |position| position + 1), Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_build_can_do_without_fma() {
        // Also on a machine that has a faster backend.
        let up_to_fma = Backend::all().filter(|backend| !matches!(backend, Backend::AvxIfma(_) | Backend::Ifma(_)));
        let best = Backend::best_of(up_to_fma.clone());
        let asks_for_another = cfg!(any(
            cognito_srp6a_backend = "digits28",
            cognito_srp6a_backend = "portable",
            cognito_srp6a_backend = "bmi2",
            cognito_srp6a_backend = "no-fma"
        ));
        let has_fma = up_to_fma.clone().any(|backend| matches!(backend, Backend::Fma(_)));
        assert_eq!(matches!(best, Backend::Fma(_)), has_fma && !asks_for_another);
        assert!(up_to_fma.filter(|backend| !matches!(backend, Backend::Fma(_))).last().is_some());
    }
}
