//! The integers of OpenSSL and of AWS-LC, which has the same functions under names of its own. Both files include this one, each
//! beside its module `api`.
//!
//! Exponentiations are `BN_mod_exp_mont_consttime` with the constant-time flag on every exponent. The Montgomery context of `N` is made
//! once.

use std::ffi::c_int;
use std::ptr::NonNull;

use cognito_srp6a::hazmat::{self, ElementBytes};

use super::super::arithmetic::{Arithmetic, Library};
use super::api::{self, BIGNUM, BN_CTX, BN_MONT_CTX};

/// An owned number.
pub struct Number(NonNull<BIGNUM>);

/// `N` and its contexts. The pointers make it `!Sync`, so no two threads use a context at the same time.
pub struct Bignum {
    n: Number,
    ctx: NonNull<BN_CTX>,
    mont: NonNull<BN_MONT_CTX>,
}

pub fn peer() -> Library<Bignum> {
    Library(Bignum::new())
}

impl Number {
    fn new() -> Self {
        // SAFETY: The call has no arguments, and we own its result unless it is null.
        let pointer = unsafe { api::BN_new() };
        Self(NonNull::new(pointer).expect("there is memory for a number"))
    }

    fn from_be_bytes(bytes: &[u8]) -> Self {
        let number = Self::new();
        // SAFETY: `number` is live and ours.
        let result = unsafe { api::read(bytes, number.as_ptr()) };
        assert!(!result.is_null(), "there is memory for a number");
        number
    }

    /// Returns the pointer for C. C has no borrows, so the calls below must keep the aliasing rules.
    const fn as_ptr(&self) -> *mut BIGNUM {
        self.0.as_ptr()
    }
}

impl Drop for Number {
    fn drop(&mut self) {
        // SAFETY: The number is ours and not used after this.
        unsafe { api::BN_clear_free(self.as_ptr()) };
    }
}

impl Bignum {
    fn new() -> Self {
        let n = Number::from_be_bytes(&hazmat::modulus());
        // SAFETY: The calls have no arguments, and we own their results unless they are null.
        let (ctx, mont) = unsafe { (api::BN_CTX_new(), api::BN_MONT_CTX_new()) };
        let ctx = NonNull::new(ctx).expect("there is memory for a context");
        let mont = NonNull::new(mont).expect("there is memory for a context");
        // SAFETY: The contexts and `n` are live and ours, and `n` is odd.
        let result = unsafe { api::BN_MONT_CTX_set(mont.as_ptr(), n.as_ptr(), ctx.as_ptr()) };
        succeeded(result);
        Self { n, ctx, mont }
    }

    /// Multiplies two Montgomery forms into a third number, which may be one of the two.
    fn mul_into(&self, result: &mut Number, a: *const BIGNUM, b: *const BIGNUM) {
        // SAFETY: All numbers and contexts are live, and the library allows `result` to be `a` or `b`.
        let code = unsafe { api::BN_mod_mul_montgomery(result.as_ptr(), a, b, self.mont.as_ptr(), self.ctx.as_ptr()) };
        succeeded(code);
    }

    fn enter(&self, a: &Number) -> Number {
        let out = Number::new();
        // SAFETY: All numbers and contexts are live, and `a` is below `N`.
        let code = unsafe { api::BN_to_montgomery(out.as_ptr(), a.as_ptr(), self.mont.as_ptr(), self.ctx.as_ptr()) };
        succeeded(code);
        out
    }

    fn leave(&self, a: &Number) -> Number {
        let out = Number::new();
        // SAFETY: All numbers and contexts are live.
        let code = unsafe { api::BN_from_montgomery(out.as_ptr(), a.as_ptr(), self.mont.as_ptr(), self.ctx.as_ptr()) };
        succeeded(code);
        out
    }
}

impl Drop for Bignum {
    fn drop(&mut self) {
        // SAFETY: The contexts are ours and not used after this.
        unsafe {
            api::BN_MONT_CTX_free(self.mont.as_ptr());
            api::BN_CTX_free(self.ctx.as_ptr());
        }
    }
}

impl Arithmetic for Bignum {
    const WHO: &'static str = api::WHO;
    const CONSTANT_TIME: bool = true;

    type Number = Number;
    type Exponent = Number;

    fn version(&self) -> String {
        api::version()
    }

    fn number(&self, bytes: &[u8]) -> Number {
        Number::from_be_bytes(bytes)
    }

    fn bytes(&self, number: &Number) -> ElementBytes {
        let mut out = [0; size_of::<ElementBytes>()];
        let length = c_int::try_from(out.len()).expect("elements are short");
        // SAFETY: `number` is live, and `out` has `length` writable bytes.
        let written = unsafe { api::BN_bn2binpad(number.as_ptr(), out.as_mut_ptr(), length) };
        assert_eq!(written, length, "the number fits");
        out
    }

    fn exponent(&self, bytes: &[u8]) -> Number {
        let exponent = Number::from_be_bytes(bytes);
        // SAFETY: `exponent` is live and ours.
        unsafe { api::BN_set_flags(exponent.as_ptr(), api::BN_FLG_CONSTTIME) };
        exponent
    }

    fn pow(&self, base: &Number, exponent: &Number) -> Number {
        let out = Number::new();
        // SAFETY: All numbers and contexts are live, `out` is none of the others, and the Montgomery context belongs to the
        // modulus.
        let code = unsafe {
            api::BN_mod_exp_mont_consttime(
                out.as_ptr(),
                base.as_ptr(),
                exponent.as_ptr(),
                self.n.as_ptr(),
                self.ctx.as_ptr(),
                self.mont.as_ptr(),
            )
        };
        succeeded(code);
        out
    }

    fn mul_repeatedly(&self, a: &Number, b: &Number, times: u64) -> Number {
        let (mut product, factor) = (self.enter(a), self.enter(b));
        for _ in 0..times {
            let a = product.as_ptr();
            self.mul_into(&mut product, a, factor.as_ptr());
        }
        self.leave(&product)
    }

    fn square_repeatedly(&self, a: &Number, times: u64) -> Number {
        let mut square = self.enter(a);
        for _ in 0..times {
            let a = square.as_ptr();
            self.mul_into(&mut square, a, a);
        }
        self.leave(&square)
    }

    fn add(&self, a: &Number, b: &Number) -> Number {
        let out = Number::new();
        // SAFETY: All numbers and the context are live, and `out` is none of the others.
        let code = unsafe { api::BN_mod_add(out.as_ptr(), a.as_ptr(), b.as_ptr(), self.n.as_ptr(), self.ctx.as_ptr()) };
        succeeded(code);
        out
    }

    fn sub(&self, a: &Number, b: &Number) -> Number {
        let out = Number::new();
        // SAFETY: All numbers and the context are live, and `out` is none of the others.
        let code = unsafe { api::BN_mod_sub(out.as_ptr(), a.as_ptr(), b.as_ptr(), self.n.as_ptr(), self.ctx.as_ptr()) };
        succeeded(code);
        out
    }
}

fn succeeded(code: c_int) {
    assert_eq!(code, 1, "the library has memory");
}
