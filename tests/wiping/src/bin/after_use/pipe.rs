//! The pipe between parent and child: parts of bytes, each with its length before it. Nothing is buffered, so what is read is in one place.

use std::fs::File;
use std::io::{self, Read, Write};

use cognito_srp6a::Timestamp;
use rand::{TryCryptoRng, TryRng};

/// One end of the pipe.
pub struct Pipe {
    pub input: File,
    pub output: File,
}

impl Pipe {
    /// Sends a part.
    pub fn send(&mut self, part: &[u8]) {
        let length = u32::try_from(part.len()).unwrap();
        self.output.write_all(&length.to_le_bytes()).unwrap();
        self.output.write_all(part).unwrap();
    }

    /// Receives a part into memory of its own.
    pub fn receive(&mut self) -> Vec<u8> {
        let mut length = [0; 4];
        self.input.read_exact(&mut length).unwrap();
        let mut part = vec![0; u32::from_le_bytes(length) as usize];
        self.input.read_exact(&mut part).unwrap();
        part
    }

    /// Receives a text.
    pub fn receive_text(&mut self) -> String {
        String::from_utf8(self.receive()).unwrap()
    }

    /// Sends a message's parameters.
    pub fn send_map<N: AsRef<str>, V: AsRef<str>>(&mut self, pairs: &[(N, V)]) {
        let lines: Vec<_> = pairs.iter().map(|(name, value)| format!("{}={}", name.as_ref(), value.as_ref())).collect();
        self.send(lines.join("\n").as_bytes());
    }

    /// Receives a message's parameters.
    pub fn receive_map(&mut self) -> Vec<(String, String)> {
        let pair = |line: &str| line.split_once('=').map(|(name, value)| (name.to_owned(), value.to_owned())).unwrap();
        self.receive_text().lines().map(pair).collect()
    }
}

/// The child's random numbers are what the parent sends.
impl TryRng for Pipe {
    type Error = io::Error;

    fn try_next_u32(&mut self) -> io::Result<u32> {
        unreachable!("the crate draws bytes")
    }

    fn try_next_u64(&mut self) -> io::Result<u64> {
        unreachable!("the crate draws bytes")
    }

    fn try_fill_bytes(&mut self, out: &mut [u8]) -> io::Result<()> {
        let mut length = [0; 4];
        self.input.read_exact(&mut length)?;
        assert_eq!(u32::from_le_bytes(length) as usize, out.len(), "the parent sends as many bytes as are drawn");
        self.input.read_exact(out)
    }
}

impl TryCryptoRng for Pipe {}

/// The time of all messages.
pub fn now() -> Timestamp {
    Timestamp::from_unix_seconds(1_704_164_645).unwrap()
}
