//! Random sources: one that is different in each run, and one that plays a script.

use std::fmt;

use rand::rand_core::utils::next_word_via_fill;
use rand::rngs::{StdRng, SysRng};
use rand::{SeedableRng as _, TryCryptoRng, TryRng};

/// A random source that is different in each run. A failing test prints its seed, and the same seed in the
/// environment variable `COGNITO_SRP6A_SEED` repeats the run.
pub fn fresh_rng() -> StdRng {
    let seed = match std::env::var("COGNITO_SRP6A_SEED") {
        Ok(seed) => seed.parse().expect("the seed is a decimal number"),
        Err(_) => SysRng.try_next_u64().expect("the system has randomness"),
    };
    println!("repeat with COGNITO_SRP6A_SEED={seed}");
    StdRng::seed_from_u64(seed)
}

/// A random source that plays the given bytes and fails when they are used up.
pub struct ScriptedRng {
    script: Vec<u8>,
    played: usize,
}

impl ScriptedRng {
    pub fn new(script: impl AsRef<[u8]>) -> Self {
        Self { script: script.as_ref().to_vec(), played: 0 }
    }

    /// How many bytes have not been played.
    pub fn left(&self) -> usize {
        self.script.len() - self.played
    }
}

/// The script of a [`ScriptedRng`] is over.
#[derive(Debug)]
pub struct EndOfScript;

impl fmt::Display for EndOfScript {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the script is over")
    }
}

impl std::error::Error for EndOfScript {}

impl TryRng for ScriptedRng {
    type Error = EndOfScript;

    fn try_next_u32(&mut self) -> Result<u32, EndOfScript> {
        next_word_via_fill(self)
    }

    fn try_next_u64(&mut self) -> Result<u64, EndOfScript> {
        next_word_via_fill(self)
    }

    fn try_fill_bytes(&mut self, out: &mut [u8]) -> Result<(), EndOfScript> {
        let end = self.played + out.len();
        out.copy_from_slice(self.script.get(self.played..end).ok_or(EndOfScript)?);
        self.played = end;
        Ok(())
    }
}

impl TryCryptoRng for ScriptedRng {}
