//! Client requests: what a program says to the Valgrind it runs under. Without Valgrind they do nothing.
//!
//! Secret means undefined to Memcheck: it follows such bits through all arithmetic and reports a jump or an address that
//! depends on one. Nothing in memory changes; the marks are in Valgrind's shadow of it.

#![allow(unsafe_code, reason = "a request is an instruction sequence that Valgrind recognises")]

use std::arch::asm;
use std::slice;

/// `VALGRIND_MAKE_MEM_UNDEFINED` and its neighbours in `memcheck.h`, and `RUNNING_ON_VALGRIND` in `valgrind.h`.
const RUNNING_ON_VALGRIND: usize = 0x1001;
const MAKE_MEM_UNDEFINED: usize = 0x4d43_0001;
const MAKE_MEM_DEFINED: usize = 0x4d43_0002;
const GET_VBITS: usize = 0x4d43_0008;

/// The answer of `GET_VBITS` when it has done its work.
const COPIED: usize = 1;

/// Sends a request and returns the answer, which is 0 where there is no Valgrind.
fn request(code: usize, first: usize, second: usize, third: usize) -> usize {
    let arguments = [code, first, second, third, 0, 0];
    let mut answer = 0;
    // SAFETY: the four rotations make 128 bits, so `rdi` is as it was, and exchanging `rbx` with itself does nothing; what
    // the asm declares as changed is what Valgrind changes: the answer's register, flags and the memory that a request names.
    unsafe {
        asm!(
            "rol rdi, 3", "rol rdi, 13", "rol rdi, 61", "rol rdi, 51", "xchg rbx, rbx",
            in("rax") arguments.as_ptr(), inout("rdx") answer, inout("rdi") 0_usize => _,
        );
    }
    answer
}

/// Whether this process runs under Valgrind.
pub fn is_running() -> bool {
    request(RUNNING_ON_VALGRIND, 0, 0, 0) != 0
}

/// Marks bytes as secret.
pub fn secret(bytes: &mut [u8]) {
    request(MAKE_MEM_UNDEFINED, bytes.as_mut_ptr() as usize, bytes.len(), 0);
}

/// Marks text as secret, where it stands.
pub fn secret_text(text: &mut str) {
    request(MAKE_MEM_UNDEFINED, text.as_mut_ptr() as usize, text.len(), 0);
}

/// Marks a value as public, without what it points to.
pub fn public<T: ?Sized>(value: &mut T) {
    request(MAKE_MEM_DEFINED, (&raw mut *value).cast::<u8>() as usize, size_of_val(value), 0);
}

/// Marks text as public, where it stands.
pub fn public_text(text: &str) {
    request(MAKE_MEM_DEFINED, text.as_ptr() as usize, text.len(), 0);
}

/// Returns the marks of a value, a byte for each of its bytes: 0 is public, each bit that is set is secret.
pub fn marks<T: ?Sized>(value: &T) -> Vec<u8> {
    let mut marks = vec![0; size_of_val(value)];
    let answer =
        request(GET_VBITS, (&raw const *value).cast::<u8>() as usize, marks.as_mut_ptr() as usize, marks.len());
    assert_eq!(answer, COPIED, "the marks of addressable memory can be read");
    marks
}

/// The length of `A` and of `B`.
const ELEMENT: usize = 384;

/// Marks the one public key in a state as public and leaves all other marks, those of the ephemeral exponent among them.
///
/// The fields are private, but their marks tell them apart: a public key is the only run of 384 secret bytes. The exponent is on the
/// heap, behind a pointer of the state.
pub fn public_key_in<T>(state: &mut T) {
    let marks = marks(state);
    let mut keys = Vec::new();
    let mut start = 0;
    for run in marks.chunk_by(|a, b| (*a == 0xff) == (*b == 0xff)) {
        if run[0] == 0xff && run.len() >= ELEMENT {
            keys.push(start);
        }
        start += run.len();
    }
    let [key] = keys[..] else { panic!("a state has one secret public key, this one has {}", keys.len()) };
    // SAFETY: the range lies in `state`, which is borrowed; the slice is never read, so what stands there does not matter.
    let key = unsafe { slice::from_raw_parts_mut((&raw mut *state).cast::<u8>().add(key), ELEMENT) };
    public(key);
    assert_eq!(pointers_to_secrets(state, EPHEMERAL), 1, "the exponent stays secret, and nothing else is");
}

/// Counts the public words of a value that are addresses of at least `length` secret bytes. Valgrind refuses what is no address.
fn pointers_to_secrets<T>(value: &T, length: usize) -> usize {
    const WORD: usize = size_of::<usize>();
    let points_to_secrets = |(i, word): &(usize, &[u8])| {
        let mut target = vec![0_u8; length];
        word.iter().all(|mark| *mark == 0) && {
            // SAFETY: the word lies in `value`, which is borrowed, and its marks say that it is initialised.
            let address = unsafe { (&raw const *value).cast::<u8>().add(i * WORD).cast::<usize>().read_unaligned() };
            request(GET_VBITS, address, target.as_mut_ptr() as usize, length) == COPIED
                && target.iter().all(|mark| *mark != 0)
        }
    };
    marks(value).chunks_exact(WORD).enumerate().filter(points_to_secrets).count()
}

/// The length of `a` and of `b`.
pub const EPHEMERAL: usize = 40;

/// Whether a value has a run of at least `length` bytes with secret bits. Digits of text have bits that are always the same.
pub fn has_secret<T: ?Sized>(value: &T, length: usize) -> bool {
    marks(value).chunk_by(|a, b| (*a == 0) == (*b == 0)).any(|run| run[0] != 0 && run.len() >= length)
}
