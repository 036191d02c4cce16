//! Texts of the service in a log.

use core::fmt::{self, Write as _};

/// Displays a text that the service chose. Characters that could forge a line of a log or hide a part of it are escaped, and the
/// text is cut after [`MAX_CHARS`](Self::MAX_CHARS).
pub(super) struct Escaped<'a>(pub(super) &'a str);

impl Escaped<'_> {
    /// How many characters of the text are displayed.
    const MAX_CHARS: usize = 1024;
}

impl fmt::Display for Escaped<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut characters = self.0.chars();
        for character in characters.by_ref().take(Self::MAX_CHARS) {
            if forges(character) {
                write!(f, "{}", character.escape_default())?;
            } else {
                f.write_char(character)?;
            }
        }
        if characters.next().is_some() { f.write_char('…') } else { Ok(()) }
    }
}

/// Whether a character ends a line, moves a terminal's cursor, or turns the direction of the text after it.
fn forges(character: char) -> bool {
    character.is_control()
        || matches!(character, '\u{2028}' | '\u{2029}')
        || matches!(character, '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}
