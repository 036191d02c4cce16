//! Gives a program another floating-point environment: the value of MXCSR that `ROUNDING_MXCSR` has in hexadecimal.
//!
//! Threads inherit it. Rust assumes the default environment, so nothing can be said about floating-point code in
//! general. It is for tests of code whose results are exact in every environment.
#![cfg(target_arch = "x86_64")]

use std::arch::asm;

// The loader calls these before `main` and after it.
#[used]
#[unsafe(link_section = ".init_array")]
static BEGIN: extern "C" fn() = begin;
#[used]
#[unsafe(link_section = ".fini_array")]
static END: extern "C" fn() = end;

/// The bits that say which exceptions have occurred.
const OCCURRED: u32 = 0x3f;

fn wanted() -> Option<u32> {
    u32::from_str_radix(&std::env::var("ROUNDING_MXCSR").ok()?, 16).ok()
}

extern "C" fn begin() {
    if let Some(mxcsr) = wanted() {
        // SAFETY: the instruction reads four bytes from a valid address. The reserved bits of MXCSR are zero in every
        // value that `run` passes.
        unsafe { asm!("ldmxcsr [{}]", in(reg) &raw const mxcsr, options(nostack, readonly)) };
    }
}

/// Ends the process with an error if the environment has changed since.
extern "C" fn end() {
    let mut mxcsr = 0_u32;
    // SAFETY: the instruction writes four bytes to a valid address.
    unsafe { asm!("stmxcsr [{}]", in(reg) &raw mut mxcsr, options(nostack)) };
    if wanted().is_some_and(|wanted| wanted != mxcsr & !OCCURRED) {
        eprintln!("MXCSR is {mxcsr:x} at the end");
        std::process::abort();
    }
}
