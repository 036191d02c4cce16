//! An allocator that looks into each block that is given back.

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;
use std::sync::OnceLock;

/// What is looked for: a name, and bytes as they are kept in memory.
pub type Secrets = Vec<(&'static str, Vec<Vec<u8>>)>;

static SECRETS: OnceLock<Secrets> = OnceLock::new();

thread_local! {
    /// Whether this thread is watched, and the first secret that was found. Neither needs memory of its own.
    static WATCHED: Cell<bool> = const { Cell::new(false) };
    static FOUND: Cell<Option<&'static str>> = const { Cell::new(None) };
    /// The bytes that this thread has in use, and the most that it had.
    static USED: Cell<usize> = const { Cell::new(0) };
    static PEAK: Cell<usize> = const { Cell::new(0) };
}

pub struct Watching;

// SAFETY: every block comes from `System` and goes back to it with the layout that it came with. `realloc` is the trait's own, which
// allocates, copies and deallocates, so that what it leaves behind is looked at, too.
unsafe impl GlobalAlloc for Watching {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        // With zeros in it, so that no byte of a block was never written. A value that is moved in may leave its padding undefined
        // all the same; this allocator is called and not inlined, so that the compiler knows nothing of that when it reads.
        USED.set(USED.get().saturating_add(layout.size()));
        PEAK.set(PEAK.get().max(USED.get()));
        // SAFETY: the caller's promises are those of this function.
        unsafe { System.alloc_zeroed(layout) }
    }

    unsafe fn dealloc(&self, block: *mut u8, layout: Layout) {
        USED.set(USED.get().saturating_sub(layout.size()));
        if WATCHED.get() && FOUND.get().is_none() {
            // SAFETY: the caller gives the block and its size, and nobody else has it any more. Its bytes were written, see `alloc`.
            FOUND.set(secret_in(unsafe { std::slice::from_raw_parts(block, layout.size()) }));
        }
        // SAFETY: the caller's promises are those of this function.
        unsafe { System.dealloc(block, layout) };
    }
}

fn secret_in(block: &[u8]) -> Option<&'static str> {
    let holds = |form: &Vec<u8>| block.windows(form.len()).any(|window| window == form);
    SECRETS.get()?.iter().find(|(_, forms)| forms.iter().any(holds)).map(|(name, _)| *name)
}

/// Says what to look for, once.
pub fn look_for(secrets: Secrets) {
    assert!(SECRETS.set(secrets).is_ok(), "the secrets are known already");
}

/// Runs something and returns the first secret that it has left in memory.
pub fn left_behind(run: impl FnOnce()) -> Option<&'static str> {
    FOUND.set(None);
    WATCHED.set(true);
    run();
    WATCHED.set(false);
    FOUND.take()
}

/// Runs something and returns the most bytes that it had in use at a time.
pub fn peak_of(run: impl FnOnce()) -> usize {
    let before = USED.get();
    PEAK.set(before);
    run();
    PEAK.get() - before
}
