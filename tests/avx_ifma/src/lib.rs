//! Gives a program a CPU that has AVX-IFMA and no AVX-512, so that the backend for such CPUs is tested where there is none.
//!
//! Linux lets a process have `cpuid` fault. The handler answers as the real CPU does, but for the bits of these features.
//! The two instructions of AVX-IFMA are illegal on a CPU without them. The other handler has the AVX-512 forms of the same
//! instructions run in their place, so the machine underneath must have AVX-512 IFMA. Everything else of the program
//! runs as it is, and nothing in it knows about this.
//!
//! For tests only, and for programs with one thread that runs such instructions.

mod cpuid;
mod instruction;
mod registers;

use std::sync::atomic::{AtomicU64, Ordering};

use libc::{SA_NODEFER, SA_ONSTACK, SA_SIGINFO, SIG_DFL, SIGILL, SIGSEGV, c_int, c_void, siginfo_t};

use registers::Registers;

/// How many instructions have been replaced.
static REPLACED: AtomicU64 = AtomicU64::new(0);

/// A signal's handler.
type Handler = extern "C" fn(c_int, *mut siginfo_t, *mut c_void);

// The loader calls these before `main` and after it.
#[used]
#[unsafe(link_section = ".init_array")]
static BEGIN: extern "C" fn() = begin;
#[used]
#[unsafe(link_section = ".fini_array")]
static END: extern "C" fn() = end;

extern "C" fn begin() {
    let has_avx_512 =
        std::arch::is_x86_feature_detected!("avx512ifma") && std::arch::is_x86_feature_detected!("avx512vl");
    // Before a thread exists, and before Rust's runtime looks whether SIGSEGV has a handler, which it then leaves alone.
    handle(SIGSEGV, on_fault);
    handle(SIGILL, on_illegal_instruction);
    if !has_avx_512 || !cpuid::fault() {
        eprintln!("this needs AVX-512 IFMA, and a kernel and a machine that can make cpuid fault");
        std::process::exit(77);
    }
}

extern "C" fn end() {
    if std::env::var_os("AVX_IFMA_REPORT").is_some() {
        eprintln!("{} instructions of AVX-IFMA replaced", REPLACED.load(Ordering::Relaxed));
    }
}

fn handle(signal: c_int, handler: Handler) {
    // SAFETY: the action is all zeros but for what is set, which is a valid action, and the handler has the type that
    // SA_SIGINFO asks for.
    unsafe {
        let mut action: libc::sigaction = std::mem::zeroed();
        action.sa_sigaction = handler as usize;
        action.sa_flags = SA_SIGINFO | SA_ONSTACK | SA_NODEFER;
        libc::sigaction(signal, &raw const action, std::ptr::null_mut());
    }
}

/// Lets the signal do what it does without a handler, when the instruction is run again.
fn give_up(signal: c_int) {
    // SAFETY: SIG_DFL is valid for every signal.
    unsafe { libc::signal(signal, SIG_DFL) };
}

extern "C" fn on_fault(signal: c_int, _: *mut siginfo_t, context: *mut c_void) {
    // SAFETY: the kernel gives a handler with SA_SIGINFO the context of the thread that it has interrupted.
    let mut registers = unsafe { Registers::new(context) };
    if !cpuid::answer(&mut registers) {
        give_up(signal);
    }
}

extern "C" fn on_illegal_instruction(signal: c_int, _: *mut siginfo_t, context: *mut c_void) {
    // SAFETY: as above.
    let mut registers = unsafe { Registers::new(context) };
    if instruction::replace(&mut registers) {
        REPLACED.fetch_add(1, Ordering::Relaxed);
    } else {
        give_up(signal);
    }
}
