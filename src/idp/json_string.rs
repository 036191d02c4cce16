//! Strings of JSON (RFC 8259 §7), unescaped into memory that is wiped on drop.

use alloc::string::String;

use zeroize::Zeroizing;

/// Returns the content of a JSON string, given without its quotes. `None` if an escape is malformed.
pub(super) fn unescape(mut text: &str) -> Option<Zeroizing<String>> {
    // No escape is shorter than its character, so the buffer never grows.
    let mut out = Zeroizing::new(String::with_capacity(text.len()));
    while let Some((plain, escape)) = text.split_once('\\') {
        out.push_str(plain);
        let (character, rest) = character(escape)?;
        out.push(character);
        text = rest;
    }
    out.push_str(text);
    Some(out)
}

/// Splits a text after the backslash of an escape into the escaped character and the rest.
fn character(escape: &str) -> Option<(char, &str)> {
    let mut rest = escape.chars();
    let character = match rest.next()? {
        'b' => '\u{8}',
        'f' => '\u{c}',
        'n' => '\n',
        'r' => '\r',
        't' => '\t',
        'u' => return utf16(rest.as_str()),
        itself @ ('"' | '\\' | '/') => itself,
        _ => return None,
    };
    Some((character, rest.as_str()))
}

/// Reads the character of one UTF-16 unit, or of two if the first is a high surrogate, and returns it with the rest.
fn utf16(text: &str) -> Option<(char, &str)> {
    let (first, rest) = utf16_unit(text)?;
    if let Some(Ok(character)) = char::decode_utf16([first]).next() {
        return Some((character, rest));
    }
    let (second, rest) = utf16_unit(rest.strip_prefix("\\u")?)?;
    let character = char::decode_utf16([first, second]).next()?.ok()?;
    Some((character, rest))
}

/// Splits off the four hex digits of a UTF-16 unit.
pub(super) fn utf16_unit(text: &str) -> Option<(u16, &str)> {
    let (digits, rest) = text.split_at_checked(4)?;
    // `from_str_radix` alone would accept a sign.
    let unit = if digits.bytes().all(|digit| digit.is_ascii_hexdigit()) { digits } else { return None };
    Some((u16::from_str_radix(unit, 16).ok()?, rest))
}
