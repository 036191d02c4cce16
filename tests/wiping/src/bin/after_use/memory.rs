//! The search in another process's memory.

use std::collections::{BTreeMap, HashMap};
use std::fs::{self, File};
use std::io;
use std::os::unix::fs::FileExt;

/// How many bytes of a secret in a row count as the secret.
const WINDOW: usize = 16;

const CHUNK: usize = 1 << 20;

/// Secrets to look for, each with its name.
#[derive(Default)]
pub struct Secrets {
    /// By its first eight bytes: each window, and the secret's name.
    windows: HashMap<[u8; 8], Vec<([u8; WINDOW], &'static str)>>,
}

impl Secrets {
    /// Adds a secret of 16 bytes or more, as it is sent and with its bytes reversed, as limbs keep a number.
    pub fn add(&mut self, name: &'static str, secret: &[u8]) {
        assert!(secret.len() >= WINDOW, "{name} is too short");
        let reversed: Vec<u8> = secret.iter().rev().copied().collect();
        for bytes in [secret, &reversed] {
            for window in bytes.windows(WINDOW) {
                let window: [u8; WINDOW] = window.try_into().unwrap();
                // Zeros are everywhere. Random bytes are not alike.
                assert!(window.iter().any(|byte| *byte != window[0]), "{name} is not random");
                self.windows.entry(window[..8].try_into().unwrap()).or_default().push((window, name));
            }
        }
    }

    /// Looks into every readable part of a process. Returns the windows that are found: by secret and part, how many.
    pub fn find_in(&self, process: u32) -> io::Result<BTreeMap<(&'static str, String), usize>> {
        let memory = File::open(format!("/proc/{process}/mem"))?;
        let mut found = BTreeMap::new();
        for part in parts(process)? {
            let mut start = part.start;
            while start < part.end {
                let end = part.end.min(start + CHUNK as u64);
                // The windows that begin in this chunk end in the next one.
                let length = part.end.min(end + WINDOW as u64 - 1) - start;
                let mut bytes = vec![0; usize::try_from(length).unwrap()];
                memory.read_exact_at(&mut bytes, start)?;
                for name in self.names_in(&bytes) {
                    *found.entry((name, part.name.clone())).or_default() += 1;
                }
                start = end;
            }
        }
        Ok(found)
    }

    fn names_in<'a>(&'a self, bytes: &'a [u8]) -> impl Iterator<Item = &'static str> + 'a {
        bytes.windows(WINDOW).filter_map(|window| {
            let candidates = self.windows.get(&window[..8])?;
            candidates.iter().find(|(secret, _)| secret == window).map(|(_, name)| *name)
        })
    }
}

/// A part of a process's memory.
struct Part {
    start: u64,
    end: u64,
    name: String,
}

/// Lists the parts that can be read: all but those of the kernel.
fn parts(process: u32) -> io::Result<Vec<Part>> {
    let mut parts = Vec::new();
    for line in fs::read_to_string(format!("/proc/{process}/maps"))?.lines() {
        let fields: Vec<_> = line.split_whitespace().collect();
        let (start, end) = fields[0].split_once('-').unwrap();
        let name = fields.get(5).copied().unwrap_or("memory without a name");
        if fields[1].starts_with('r') && !name.starts_with("[v") {
            let address = |text: &str| u64::from_str_radix(text, 16).unwrap();
            let name = name.rsplit('/').next().unwrap().to_owned();
            parts.push(Part { start: address(start), end: address(end), name });
        }
    }
    Ok(parts)
}
