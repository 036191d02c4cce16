//! AWS-LC, as `aws-lc-sys` builds it.

#![allow(unsafe_code, reason = "AWS-LC is a C library")]

#[path = "bignum.rs"]
mod bignum;

pub use bignum::peer;

/// What `bignum.rs` calls.
mod api {
    use std::ffi::CStr;

    pub use aws_lc_sys::{
        BIGNUM, BN_CTX, BN_CTX_free, BN_CTX_new, BN_FLG_CONSTTIME, BN_MONT_CTX, BN_MONT_CTX_free, BN_MONT_CTX_new,
        BN_MONT_CTX_set, BN_bn2binpad, BN_clear_free, BN_from_montgomery, BN_mod_add, BN_mod_exp_mont_consttime,
        BN_mod_mul_montgomery, BN_mod_sub, BN_new, BN_set_flags, BN_to_montgomery,
    };

    pub const WHO: &str = "aws-lc";

    pub fn version() -> String {
        let text = CStr::from_bytes_with_nul(aws_lc_sys::AWSLC_VERSION_NUMBER_STRING);
        format!("AWS-LC {}, aws-lc-sys 0.47.0", text.unwrap_or_default().to_string_lossy())
    }

    /// Sets a number to a big-endian integer. Returns null if memory runs out.
    ///
    /// # Safety
    ///
    /// The number is live, and nobody else uses it.
    pub unsafe fn read(bytes: &[u8], number: *mut BIGNUM) -> *mut BIGNUM {
        // SAFETY: `bytes` has so many readable bytes. The rest is the caller's promise.
        unsafe { aws_lc_sys::BN_bin2bn(bytes.as_ptr(), bytes.len(), number) }
    }
}
