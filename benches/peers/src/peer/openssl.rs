//! The system's OpenSSL.

#![allow(unsafe_code, reason = "OpenSSL is a C library")]

#[path = "bignum.rs"]
mod bignum;

pub use bignum::peer;

/// What `bignum.rs` calls.
mod api {
    use std::ffi::{CStr, c_int};

    pub use openssl_sys::{
        BIGNUM, BN_CTX, BN_CTX_free, BN_CTX_new, BN_FLG_CONSTTIME, BN_MONT_CTX, BN_bn2binpad, BN_clear_free,
        BN_mod_add, BN_mod_sub, BN_new, BN_set_flags,
    };

    pub const WHO: &str = "openssl";

    // Functions that openssl-sys does not declare (BN_mod_mul_montgomery(3), BN_mod_exp_mont(3)). They write to contexts and
    // results and only read all other numbers. Each returns 1, or 0 if memory runs out.
    unsafe extern "C" {
        pub fn BN_MONT_CTX_new() -> *mut BN_MONT_CTX;
        pub fn BN_MONT_CTX_free(mont: *mut BN_MONT_CTX);
        pub fn BN_MONT_CTX_set(mont: *mut BN_MONT_CTX, modulus: *const BIGNUM, ctx: *mut BN_CTX) -> c_int;
        pub fn BN_to_montgomery(r: *mut BIGNUM, a: *const BIGNUM, mont: *mut BN_MONT_CTX, ctx: *mut BN_CTX) -> c_int;
        pub fn BN_from_montgomery(r: *mut BIGNUM, a: *const BIGNUM, mont: *mut BN_MONT_CTX, ctx: *mut BN_CTX) -> c_int;
        pub fn BN_mod_mul_montgomery(
            r: *mut BIGNUM,
            a: *const BIGNUM,
            b: *const BIGNUM,
            mont: *mut BN_MONT_CTX,
            ctx: *mut BN_CTX,
        ) -> c_int;
        pub fn BN_mod_exp_mont_consttime(
            r: *mut BIGNUM,
            base: *const BIGNUM,
            exponent: *const BIGNUM,
            modulus: *const BIGNUM,
            ctx: *mut BN_CTX,
            mont: *mut BN_MONT_CTX,
        ) -> c_int;
    }

    pub fn version() -> String {
        // SAFETY: The call returns a text that ends with a zero and lives as long as the program.
        let text = unsafe { CStr::from_ptr(openssl_sys::OpenSSL_version(openssl_sys::OPENSSL_VERSION)) };
        text.to_string_lossy().into_owned()
    }

    /// Sets a number to a big-endian integer. Returns null if memory runs out.
    ///
    /// # Safety
    ///
    /// The number is live, and nobody else uses it.
    pub unsafe fn read(bytes: &[u8], number: *mut BIGNUM) -> *mut BIGNUM {
        let length = c_int::try_from(bytes.len()).expect("numbers are short");
        // SAFETY: `bytes` has `length` readable bytes. The rest is the caller's promise.
        unsafe { openssl_sys::BN_bin2bn(bytes.as_ptr(), length, number) }
    }
}
