//! wolfSSL, as `wolfssl-sys` builds it, with its assembly for numbers of 3072 bits (`--enable-sp=yes,4096 --enable-sp-asm
//! --enable-intelasm`).
//!
//! `sp_ModExp_3072` is what its RSA and its Diffie-Hellman call, and `sp_DhExp_3072` what makes a public key of Diffie-Hellman. The
//! second has a way of its own for base 2 if wolfSSL is built with `HAVE_FFDHE_3072`. Single products are `sp_mulmod` and `sp_sqrmod`:
//! its Montgomery form is private.

#![allow(unsafe_code, reason = "wolfSSL is a C library")]

use std::ffi::{c_int, c_uint};

use cognito_srp6a::hazmat::{self, ElementBytes};

use super::arithmetic::{Arithmetic, Library};

// Functions of sp_int.h, and the first two of sp.h, which is not installed but whose code is in the library. They write to results and
// only read all other numbers. A result may be an operand. Each returns 0, or a code if memory runs out or an operand is out of range.
unsafe extern "C" {
    fn sp_ModExp_3072(
        base: *const Integer,
        exponent: *const Integer,
        modulus: *const Integer,
        r: *mut Integer,
    ) -> c_int;
    fn sp_DhExp_3072(
        base: *const Integer,
        exponent: *const u8,
        exponent_length: c_uint,
        modulus: *const Integer,
        out: *mut u8,
        out_length: *mut c_uint,
    ) -> c_int;

    fn sp_init_size(a: *mut Integer, words: c_uint) -> c_int;
    fn sp_read_unsigned_bin(a: *mut Integer, bytes: *const u8, length: c_uint) -> c_int;
    fn sp_to_unsigned_bin_len(a: *const Integer, out: *mut u8, length: c_int) -> c_int;
    fn sp_addmod(a: *const Integer, b: *const Integer, modulus: *const Integer, r: *mut Integer) -> c_int;
    fn sp_submod(a: *const Integer, b: *const Integer, modulus: *const Integer, r: *mut Integer) -> c_int;
    fn sp_mulmod(a: *const Integer, b: *const Integer, modulus: *const Integer, r: *mut Integer) -> c_int;
    fn sp_sqrmod(a: *const Integer, modulus: *const Integer, r: *mut Integer) -> c_int;
}

/// The room of a number: the product of two, and one word more, which `sp_mulmod` wants.
const WORDS: c_uint = 2 * 3072 / 64 + 1;

/// A place for `sp_int`: a head of a few words, and then the number's own. Only wolfSSL looks inside.
#[repr(C, align(16))]
pub struct Integer([u64; 2 * WORDS as usize]);

/// A number. It has no memory of its own to free.
pub struct Number(Box<Integer>);

/// An exponent as each of the two functions takes it.
pub struct Exponent {
    number: Number,
    bytes: Vec<u8>,
}

pub struct Wolfssl {
    n: Number,
}

pub fn peer() -> Library<Wolfssl> {
    Library(Wolfssl { n: Number::from_be_bytes(&hazmat::modulus()) })
}

impl Number {
    fn new() -> Self {
        let mut number = Box::new(Integer([0; 2 * WORDS as usize]));
        // SAFETY: The place is ours and has twice as many words as the number, so the head fits as well.
        succeeded(unsafe { sp_init_size(&raw mut *number, WORDS) });
        Self(number)
    }

    fn from_be_bytes(bytes: &[u8]) -> Self {
        let mut number = Self::new();
        // SAFETY: The number is initialised, and `bytes` has so many readable bytes.
        succeeded(unsafe { sp_read_unsigned_bin(number.as_mut_ptr(), bytes.as_ptr(), length(bytes)) });
        number
    }

    fn as_ptr(&self) -> *const Integer {
        &raw const *self.0
    }

    fn as_mut_ptr(&mut self) -> *mut Integer {
        &raw mut *self.0
    }
}

impl Arithmetic for Wolfssl {
    const WHO: &'static str = "wolfssl";
    const CONSTANT_TIME: bool = true;

    type Number = Number;
    type Exponent = Exponent;

    fn version(&self) -> String {
        format!("wolfSSL {}, wolfssl-sys 5.3.0", wolfssl_sys::get_wolfssl_version_string())
    }

    fn number(&self, bytes: &[u8]) -> Number {
        Number::from_be_bytes(bytes)
    }

    fn bytes(&self, number: &Number) -> ElementBytes {
        let mut out = [0; size_of::<ElementBytes>()];
        let length = c_int::try_from(out.len()).expect("elements are short");
        // SAFETY: The number is initialised, and `out` has `length` writable bytes.
        succeeded(unsafe { sp_to_unsigned_bin_len(number.as_ptr(), out.as_mut_ptr(), length) });
        out
    }

    fn exponent(&self, bytes: &[u8]) -> Exponent {
        Exponent { number: Number::from_be_bytes(bytes), bytes: bytes.into() }
    }

    fn pow(&self, base: &Number, exponent: &Exponent) -> Number {
        let mut out = Number::new();
        // SAFETY: All numbers are initialised.
        succeeded(unsafe {
            sp_ModExp_3072(base.as_ptr(), exponent.number.as_ptr(), self.n.as_ptr(), out.as_mut_ptr())
        });
        out
    }

    fn pow_g(&self, g: &Number, exponent: &Exponent) -> Number {
        let mut out = [0; size_of::<ElementBytes>()];
        let mut out_length = length(&out);
        let bytes = &exponent.bytes;
        // SAFETY: The numbers are initialised, `bytes` has so many readable bytes, and `out` is as long as `N`.
        succeeded(unsafe {
            sp_DhExp_3072(
                g.as_ptr(),
                bytes.as_ptr(),
                length(bytes),
                self.n.as_ptr(),
                out.as_mut_ptr(),
                &raw mut out_length,
            )
        });
        Number::from_be_bytes(&out[..out_length as usize])
    }

    fn mul_repeatedly(&self, a: &Number, b: &Number, times: u64) -> Number {
        let mut product = self.add(a, &Number::new());
        for _ in 0..times {
            let number = product.as_mut_ptr();
            // SAFETY: All numbers are initialised, and a result may be an operand.
            succeeded(unsafe { sp_mulmod(number, b.as_ptr(), self.n.as_ptr(), number) });
        }
        product
    }

    fn square_repeatedly(&self, a: &Number, times: u64) -> Number {
        let mut square = self.add(a, &Number::new());
        for _ in 0..times {
            let number = square.as_mut_ptr();
            // SAFETY: All numbers are initialised, and a result may be an operand.
            succeeded(unsafe { sp_sqrmod(number, self.n.as_ptr(), number) });
        }
        square
    }

    fn add(&self, a: &Number, b: &Number) -> Number {
        let mut out = Number::new();
        // SAFETY: All numbers are initialised.
        succeeded(unsafe { sp_addmod(a.as_ptr(), b.as_ptr(), self.n.as_ptr(), out.as_mut_ptr()) });
        out
    }

    fn sub(&self, a: &Number, b: &Number) -> Number {
        let mut out = Number::new();
        // SAFETY: All numbers are initialised.
        succeeded(unsafe { sp_submod(a.as_ptr(), b.as_ptr(), self.n.as_ptr(), out.as_mut_ptr()) });
        out
    }
}

fn length(bytes: &[u8]) -> c_uint {
    bytes.len().try_into().expect("numbers are short")
}

fn succeeded(code: c_int) {
    assert_eq!(code, 0, "wolfSSL has memory, and the operands are in range");
}
