//! Looks for secrets in the whole memory of a process that has used the crate and has dropped everything.
//!
//! The process with the secrets is a child. Its parent plays the other side, sends it every secret and every random byte through
//! a pipe, and then reads the child's memory: stacks, heap, data. So a secret is in the child only where the crate put it. A window of
//! 16 bytes counts, in the order of the wire and in that of limbs. Registers are not read.
//!
//! `cargo run --profile checked -p wiping --bin after_use`. Only Linux has the files that it reads.

mod child;
mod memory;
mod parent;
mod pipe;

use std::process::ExitCode;

fn main() -> ExitCode {
    match std::env::args().nth(1) {
        Some(task) => {
            child::run(&task);
            ExitCode::SUCCESS
        }
        None => parent::run(),
    }
}
