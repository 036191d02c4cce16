//! The reader of one claim in the payload of a token.
//!
//! The feature `idp` has no JSON library without `serde`. This reader accepts what RFC 8259 accepts, and finds one text
//! in it.

use alloc::string::String;

use zeroize::Zeroizing;

use super::json_string::{unescape, utf16_unit};

/// The deepest nesting of objects and lists that is read. The payloads of the service have one or two levels.
const MAX_DEPTH: usize = 16;

/// Returns a text of the JSON object in `json`. `None` if `json` is no object or the object does not have exactly one
/// member of the name, which is a text.
pub(super) fn text(json: &str, name: &str) -> Option<Zeroizing<String>> {
    let mut reader = Reader(json);
    reader.skip_blanks();
    let mut found = None;
    let mut times = 0;
    reader.object(MAX_DEPTH, &mut |key, value| {
        if unescape(key)?.as_str() == name {
            times += 1;
            found = Some(value);
        }
        Some(())
    })?;
    reader.skip_blanks();
    let quoted = found.filter(|_| times == 1 && reader.0.is_empty())?;
    unescape(quoted.strip_prefix('"')?.strip_suffix('"')?)
}

/// The rest of a text that is being read.
struct Reader<'a>(&'a str);

impl<'a> Reader<'a> {
    fn skip_blanks(&mut self) {
        self.0 = self.0.trim_start_matches([' ', '\t', '\n', '\r']);
    }

    /// Moves past a text that must be next.
    fn expect(&mut self, text: &str) -> Option<()> {
        self.0 = self.0.strip_prefix(text)?;
        Some(())
    }

    /// Moves past a text if it is next.
    fn accept(&mut self, text: &str) -> bool {
        self.expect(text).is_some()
    }

    /// Reads an object. `member` gets the content of each key, still escaped, and its value as it is written.
    fn object(&mut self, depth: usize, member: &mut dyn FnMut(&'a str, &'a str) -> Option<()>) -> Option<()> {
        self.sequence("{", "}", |reader| {
            let key = reader.string()?;
            reader.skip_blanks();
            reader.expect(":")?;
            reader.skip_blanks();
            let start = reader.0;
            reader.value(depth)?;
            member(key, &start[..start.len() - reader.0.len()])
        })
    }

    /// Reads entries between two brackets, with commas between them.
    fn sequence(&mut self, open: &str, close: &str, mut entry: impl FnMut(&mut Self) -> Option<()>) -> Option<()> {
        self.expect(open)?;
        self.skip_blanks();
        if self.accept(close) {
            return Some(());
        }
        loop {
            self.skip_blanks();
            entry(self)?;
            self.skip_blanks();
            if !self.accept(",") {
                return self.expect(close);
            }
        }
    }

    /// Reads any value. `depth` is how many levels may be open around it.
    fn value(&mut self, depth: usize) -> Option<()> {
        let inner = depth.checked_sub(1);
        match self.0.bytes().next()? {
            b'{' => self.object(inner?, &mut |_, _| Some(())),
            b'[' => {
                let inner = inner?;
                self.sequence("[", "]", |reader| reader.value(inner))
            }
            b'"' => self.string().map(drop),
            b't' => self.expect("true"),
            b'f' => self.expect("false"),
            b'n' => self.expect("null"),
            _ => self.number(),
        }
    }

    /// Reads a string and returns its content, still escaped.
    fn string(&mut self) -> Option<&'a str> {
        self.expect("\"")?;
        let content = self.0;
        loop {
            let end = self.0.find(|character| matches!(character, '"' | '\\' | '\0'..='\x1f'))?;
            let (found, rest) = (self.0.as_bytes()[end], &self.0[end + 1..]);
            self.0 = rest;
            match found {
                b'"' => return Some(&content[..content.len() - rest.len() - 1]),
                b'\\' if self.accept("u") => self.0 = utf16_unit(self.0)?.1,
                b'\\' => self.0 = self.0.strip_prefix(['"', '\\', '/', 'b', 'f', 'n', 'r', 't'])?,
                _ => return None,
            }
        }
    }

    /// Reads a number: `-? (0 | [1-9] [0-9]*) (. [0-9]+)? ([eE] [+-]? [0-9]+)?`.
    fn number(&mut self) -> Option<()> {
        self.accept("-");
        if !self.accept("0") {
            self.digits()?;
        }
        if self.accept(".") {
            self.digits()?;
        }
        if self.accept("e") || self.accept("E") {
            let _ = self.accept("+") || self.accept("-");
            self.digits()?;
        }
        Some(())
    }

    /// Reads digits, at least one.
    fn digits(&mut self) -> Option<()> {
        let rest = self.0.trim_start_matches(|character: char| character.is_ascii_digit());
        let none = rest.len() == self.0.len();
        self.0 = rest;
        if none { None } else { Some(()) }
    }
}
