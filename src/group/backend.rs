//! The choice between the backends, made when the program runs.

mod portable;
#[cfg(all(target_arch = "x86_64", target_feature = "sse2"))]
mod x86_64;

use portable::Portable;
#[cfg(all(target_arch = "x86_64", target_feature = "sse2"))]
use x86_64::{avxifma::AvxIfma, bmi2::Bmi2, ifma::Avx512Ifma};

use super::arithmetic::Backend as _;
use super::exponent::Exponent;
use super::limbs::Limbs;
use super::pow;

/// The machine that an exponentiation runs on.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Machine {
    /// 64-bit limbs, no CPU features.
    Portable(Portable),
    /// The same code with BMI2.
    #[cfg(all(target_arch = "x86_64", target_feature = "sse2"))]
    Bmi2(Bmi2),
    /// Digits of 51 bits in vectors of four, with AVX-IFMA.
    #[cfg(all(target_arch = "x86_64", target_feature = "sse2"))]
    AvxIfma(AvxIfma),
    /// Digits of 51 bits in vectors of eight, with AVX-512 IFMA.
    #[cfg(all(target_arch = "x86_64", target_feature = "sse2"))]
    Avx512Ifma(Avx512Ifma),
}

/// Runs an expression on the backend inside a [`Machine`].
macro_rules! on {
    ($machine:expr, $backend:ident => $run:expr) => {
        match $machine {
            Machine::Portable($backend) => $run,
            #[cfg(all(target_arch = "x86_64", target_feature = "sse2"))]
            Machine::Bmi2($backend) => $run,
            #[cfg(all(target_arch = "x86_64", target_feature = "sse2"))]
            Machine::AvxIfma($backend) => $run,
            #[cfg(all(target_arch = "x86_64", target_feature = "sse2"))]
            Machine::Avx512Ifma($backend) => $run,
        }
    };
}

impl Machine {
    /// Returns every backend that this machine can run, the slowest first.
    pub(crate) fn all() -> impl Iterator<Item = Self> {
        [
            Some(Self::Portable(Portable)),
            #[cfg(all(target_arch = "x86_64", target_feature = "sse2"))]
            Bmi2::detect().map(Self::Bmi2),
            #[cfg(all(target_arch = "x86_64", target_feature = "sse2"))]
            AvxIfma::detect().map(Self::AvxIfma),
            #[cfg(all(target_arch = "x86_64", target_feature = "sse2"))]
            Avx512Ifma::detect().map(Self::Avx512Ifma),
        ]
        .into_iter()
        .flatten()
    }

    /// Returns the fastest backend of this machine, or the one that the build asks for where the machine has it
    /// (`--cfg cognito_srp6a_backend="…"`).
    pub(crate) fn best() -> Self {
        #[cfg(feature = "hazmat")]
        if let Some(machine) = choice::get() {
            return machine;
        }
        if let Some(machine) = Self::all().find(|machine| machine.is_forced()) {
            return machine;
        }
        Self::all().last().unwrap_or(Self::Portable(Portable))
    }

    /// Whether the build asks for this backend.
    const fn is_forced(self) -> bool {
        match self {
            Self::Portable(_) => cfg!(cognito_srp6a_backend = "portable"),
            #[cfg(all(target_arch = "x86_64", target_feature = "sse2"))]
            Self::Bmi2(_) => cfg!(cognito_srp6a_backend = "bmi2"),
            #[cfg(all(target_arch = "x86_64", target_feature = "sse2"))]
            Self::AvxIfma(_) => cfg!(cognito_srp6a_backend = "avxifma"),
            #[cfg(all(target_arch = "x86_64", target_feature = "sse2"))]
            Self::Avx512Ifma(_) => cfg!(cognito_srp6a_backend = "ifma"),
        }
    }

    /// Returns `base^exponent mod N` for `base < N`.
    pub(crate) fn pow(self, base: &Limbs, exponent: &Exponent) -> Limbs {
        on!(self, backend => pow::pow(backend, base, exponent))
    }

    /// Returns `g^exponent mod N`.
    pub(crate) fn pow_g(self, exponent: &Exponent) -> Limbs {
        on!(self, backend => pow::pow_g(backend, exponent))
    }

    /// Returns `a·b mod N` for `a, b < N`.
    pub(crate) fn mul(self, a: &Limbs, b: &Limbs) -> Limbs {
        self.mul_repeatedly(a, b, 1)
    }

    /// Returns `a·b^times mod N` for `a, b < N`. The count is public.
    pub(crate) fn mul_repeatedly(self, a: &Limbs, b: &Limbs, times: usize) -> Limbs {
        on!(self, backend => {
            let mut product = backend.enter(a);
            let mut factor = backend.enter(b);
            for _ in 0..times {
                backend.mul(&mut product, &factor);
            }
            let out = backend.leave(&product);
            backend.wipe(&mut product);
            backend.wipe(&mut factor);
            out
        })
    }
}

#[cfg(feature = "hazmat")]
impl Machine {
    /// The name of the backend.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Portable(_) => "portable",
            #[cfg(all(target_arch = "x86_64", target_feature = "sse2"))]
            Self::Bmi2(_) => "bmi2",
            #[cfg(all(target_arch = "x86_64", target_feature = "sse2"))]
            Self::AvxIfma(_) => "avxifma",
            #[cfg(all(target_arch = "x86_64", target_feature = "sse2"))]
            Self::Avx512Ifma(_) => "ifma",
        }
    }

    /// Makes [`best`](Self::best) return this backend from now on, in the whole process.
    pub(crate) fn use_everywhere(self) {
        choice::set(self);
    }

    /// Returns `a^(2^times) mod N` for `a < N`. The count is public.
    pub(crate) fn square_repeatedly(self, a: &Limbs, times: usize) -> Limbs {
        on!(self, backend => {
            let mut square = backend.enter(a);
            for _ in 0..times {
                backend.square(&mut square);
            }
            backend.leave(&square)
        })
    }
}

/// The backend that a measurement has chosen for the whole process.
#[cfg(feature = "hazmat")]
mod choice {
    use core::sync::atomic::{AtomicUsize, Ordering};

    use super::Machine;

    /// One more than the position in [`Machine::all`]; 0 for no choice. Machines are made by detection only, so what is
    /// kept is a position and not a machine.
    static CHOICE: AtomicUsize = AtomicUsize::new(0);

    pub(super) fn get() -> Option<Machine> {
        let position = CHOICE.load(Ordering::Relaxed).checked_sub(1)?;
        Machine::all().nth(position)
    }

    pub(super) fn set(machine: Machine) {
        let position = Machine::all().position(|other| other.name() == machine.name());
        CHOICE.store(position.map_or(0, |position| position + 1), Ordering::Relaxed);
    }
}
