//! The stack that a computation with secrets leaves behind.

use core::hint::black_box;

/// The bytes that are overwritten: more than any computation uses in an optimised build. The residues of the backends with vectors are the
/// largest.
const BYTES: usize = if cfg!(target_arch = "x86_64") { 40 << 10 } else { 24 << 10 };

/// Runs a computation, then overwrites the stack that it has used.
///
/// A type wipes itself where it is dropped. Copies remain on the stack where a value has been moved from, in the working memory of hashes and
/// products, and in what the compiler spills. They are below the caller's frame, and so is the memory that is overwritten here. The result
/// is on the caller's stack: it holds a secret only behind a pointer, or one that is sent, such as a claim.
///
/// Rust does not promise that a store to memory that nobody reads is made. `tests/wiping` reads the memory of a process to see that it is.
/// The time is less than 1 % of `answer`, where `answer` takes 0.3 ms: `tests/wiping/cost` measures it.
pub(crate) fn with_wiped_stack<T>(work: impl FnOnce() -> T) -> T {
    let result = below(work);
    overwrite();
    result
}

/// Runs the computation in a frame of its own, at the depth of [`overwrite`]'s.
#[inline(never)]
fn below<T>(work: impl FnOnce() -> T) -> T {
    work()
}

#[inline(never)]
#[allow(clippy::large_stack_arrays, reason = "it is there to be large")]
fn overwrite() {
    black_box(&mut [0_u8; BYTES]);
}
