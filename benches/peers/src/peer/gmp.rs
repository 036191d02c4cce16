//! GMP: `mpz_powm_sec` and, as a peer of its own, `mpz_powm`, which is not constant time. Single products are `mpz_mul` and `mpz_mod`,
//! because its integers have no Montgomery form.
//!
//! The library is the system's, or with the feature `gmp-6-3` the one that `gmp-mpfr-sys` builds.

#![allow(unsafe_code, reason = "GMP is a C library")]

use std::ffi::{CStr, c_char, c_int, c_ulong, c_void};
use std::mem::MaybeUninit;

use cognito_srp6a::hazmat::{self, ElementBytes};

// Links the library.
#[cfg(feature = "gmp-6-3")]
use gmp_mpfr_sys as _;

use super::arithmetic::{Arithmetic, Library};

/// `__mpz_struct` of gmp.h, an integer. GMP allocates and frees the memory behind its pointer.
#[repr(C)]
pub struct Number {
    allocated: c_int,
    size: c_int,
    limbs: *mut c_ulong,
}

// Functions of gmp.h, under the names that its macros give them. They write to results and only read all other numbers. A
// result may be an operand. GMP ends the process if memory runs out, so no call fails.
#[cfg_attr(not(feature = "gmp-6-3"), link(name = "gmp"))]
unsafe extern "C" {
    #[link_name = "__gmp_version"]
    static VERSION: *const c_char;

    fn __gmpz_init(x: *mut Number);
    fn __gmpz_clear(x: *mut Number);
    fn __gmpz_import(
        x: *mut Number,
        count: usize,
        order: c_int,
        size: usize,
        endian: c_int,
        nails: usize,
        bytes: *const c_void,
    );
    fn __gmpz_export(
        bytes: *mut c_void,
        count: *mut usize,
        order: c_int,
        size: usize,
        endian: c_int,
        nails: usize,
        x: *const Number,
    ) -> *mut c_void;
    fn __gmpz_sizeinbase(x: *const Number, base: c_int) -> usize;
    fn __gmpz_add(r: *mut Number, a: *const Number, b: *const Number);
    fn __gmpz_sub(r: *mut Number, a: *const Number, b: *const Number);
    fn __gmpz_mul(r: *mut Number, a: *const Number, b: *const Number);
    fn __gmpz_mod(r: *mut Number, a: *const Number, n: *const Number);
    fn __gmpz_powm(r: *mut Number, base: *const Number, exponent: *const Number, n: *const Number);
    fn __gmpz_powm_sec(r: *mut Number, base: *const Number, exponent: *const Number, n: *const Number);
}

/// The most significant byte first, for `mpz_import` and `mpz_export`.
const BIG_ENDIAN: c_int = 1;

/// GMP with its exponentiation for secrets, or with the other.
pub struct Gmp<const CONSTANT_TIME: bool> {
    n: Number,
}

pub fn peer<const CONSTANT_TIME: bool>() -> Library<Gmp<CONSTANT_TIME>> {
    Library(Gmp { n: Number::from_be_bytes(&hazmat::modulus()) })
}

impl Number {
    fn new() -> Self {
        let mut number = MaybeUninit::uninit();
        // SAFETY: `mpz_init` writes all fields of the number and reads none.
        unsafe {
            __gmpz_init(number.as_mut_ptr());
            number.assume_init()
        }
    }

    fn from_be_bytes(bytes: &[u8]) -> Self {
        let mut number = Self::new();
        // SAFETY: `number` is initialised, and `bytes` has this many readable words of one byte.
        unsafe { __gmpz_import(&raw mut number, bytes.len(), BIG_ENDIAN, 1, 0, 0, bytes.as_ptr().cast()) };
        number
    }
}

impl Drop for Number {
    fn drop(&mut self) {
        // SAFETY: The number is initialised and not used after this.
        unsafe { __gmpz_clear(self) };
    }
}

impl<const CONSTANT_TIME: bool> Gmp<CONSTANT_TIME> {
    fn reduce(&self, x: &mut Number) {
        // SAFETY: Both numbers are initialised, the modulus is not 0, and a result may be an operand.
        unsafe { __gmpz_mod(x, x, &raw const self.n) };
    }
}

impl<const CONSTANT_TIME: bool> Arithmetic for Gmp<CONSTANT_TIME> {
    const WHO: &'static str = if CONSTANT_TIME { "gmp" } else { "gmp-powm" };
    const CONSTANT_TIME: bool = CONSTANT_TIME;
    // Products are the same in both.
    const PRODUCTS: bool = CONSTANT_TIME;

    type Number = Number;
    type Exponent = Number;

    fn version(&self) -> String {
        // SAFETY: The constant is a text that ends with a zero and lives as long as the program.
        let text = unsafe { CStr::from_ptr(VERSION) };
        let built = if cfg!(feature = "gmp-6-3") { "gmp-mpfr-sys 1.7.1" } else { "the system's" };
        format!("GMP {}, {built}", text.to_string_lossy())
    }

    fn number(&self, bytes: &[u8]) -> Number {
        Number::from_be_bytes(bytes)
    }

    fn bytes(&self, number: &Number) -> ElementBytes {
        let mut out = [0; size_of::<ElementBytes>()];
        // SAFETY: The number is initialised.
        let length = unsafe { __gmpz_sizeinbase(number, 2) }.div_ceil(8);
        let start = out.len().checked_sub(length).expect("the number is below N");
        let mut count = 0;
        // SAFETY: The number is initialised, and from `start` on there are as many writable bytes as it has.
        unsafe { __gmpz_export(out[start..].as_mut_ptr().cast(), &raw mut count, BIG_ENDIAN, 1, 0, 0, number) };
        out
    }

    fn exponent(&self, bytes: &[u8]) -> Number {
        Number::from_be_bytes(bytes)
    }

    fn pow(&self, base: &Number, exponent: &Number) -> Number {
        let mut out = Number::new();
        let power = if CONSTANT_TIME { __gmpz_powm_sec } else { __gmpz_powm };
        // SAFETY: All numbers are initialised, the exponent is above 0 and the modulus is odd, as `mpz_powm_sec` requires.
        unsafe { power(&raw mut out, base, exponent, &raw const self.n) };
        out
    }

    fn mul_repeatedly(&self, a: &Number, b: &Number, times: u64) -> Number {
        let mut product = self.add(a, &Number::new());
        for _ in 0..times {
            // SAFETY: All numbers are initialised, and a result may be an operand.
            unsafe { __gmpz_mul(&raw mut product, &raw const product, b) };
            self.reduce(&mut product);
        }
        product
    }

    fn square_repeatedly(&self, a: &Number, times: u64) -> Number {
        let mut square = self.add(a, &Number::new());
        for _ in 0..times {
            // SAFETY: The number is initialised, and a result may be an operand; `mpz_mul` squares when both are the same.
            unsafe { __gmpz_mul(&raw mut square, &raw const square, &raw const square) };
            self.reduce(&mut square);
        }
        square
    }

    fn add(&self, a: &Number, b: &Number) -> Number {
        let mut out = Number::new();
        // SAFETY: All numbers are initialised.
        unsafe { __gmpz_add(&raw mut out, a, b) };
        self.reduce(&mut out);
        out
    }

    fn sub(&self, a: &Number, b: &Number) -> Number {
        let mut out = Number::new();
        // SAFETY: All numbers are initialised.
        unsafe { __gmpz_sub(&raw mut out, a, b) };
        // `mpz_mod` returns a remainder from 0 to N - 1, even for a difference below 0.
        self.reduce(&mut out);
        out
    }
}
