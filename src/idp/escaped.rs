//! Display of texts that the service chose.

use core::fmt::{self, Write as _};

/// Displays a text of the service so that it can go into a log.
///
/// Characters that could forge or hide a part of a log are escaped. A text of more than [`MAX_CHARS`](Self::MAX_CHARS)
/// characters is cut.
pub(super) struct Escaped<'a>(pub(super) &'a str);

impl Escaped<'_> {
    /// The most characters that are displayed, before escaping.
    pub(super) const MAX_CHARS: usize = 1024;
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

/// Returns whether a character ends a line, moves the cursor of a terminal or changes the direction of the text.
fn forges(character: char) -> bool {
    character.is_control()
        || matches!(character, '\u{2028}' | '\u{2029}')
        || matches!(character, '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}
