//! The line that says what is being measured.

use std::cell::Cell;
use std::io::{IsTerminal as _, stderr};

use crate::name::Name;

/// A line on standard error. In a terminal it is written over and over; elsewhere each name has one.
pub struct Progress {
    terminal: bool,
    last: Cell<Option<Name>>,
}

impl Progress {
    pub fn new() -> Self {
        Self { terminal: stderr().is_terminal(), last: Cell::new(None) }
    }

    pub fn show(&self, name: Name, who: &str) {
        if self.terminal {
            eprint!("\r\x1b[K{name}, {who}");
        } else if self.last.replace(Some(name)) != Some(name) {
            eprintln!("{name}, {who} and its peers");
        }
    }

    /// Takes the line away.
    pub fn clear(&self) {
        if self.terminal {
            eprint!("\r\x1b[K");
        }
    }
}
