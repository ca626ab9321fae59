//! The parser speaks in grammar rules; people need the place and a likely cause.

use jsonpath_rust::parser::errors::JsonPathError;

use super::PathError;

pub fn explain(text: &str, error: &JsonPathError) -> PathError {
    let JsonPathError::PestError(error) = error else {
        // It does not say where.
        return PathError::new(
            0..text.len(),
            "this is not a path",
            "a path looks like $.order.items[0].name",
        );
    };
    let offset = match error.location {
        pest::error::InputLocation::Pos(at) => at,
        pest::error::InputLocation::Span((start, _)) => start,
    };
    let offset = (0..=offset.min(text.len())).rev().find(|at| text.is_char_boundary(*at)).unwrap_or(0);
    let rest = &text[offset..];
    let next = rest.chars().next();
    let at = offset..offset + next.map_or(0, char::len_utf8);
    let (message, help) = cause(&text[..offset], rest);
    let last = text.len() - text.chars().next_back().map_or(0, char::len_utf8);
    PathError::new(if at.is_empty() { last..text.len() } else { at }, message, help)
}

/// The likely cause, from what stands before the place and what stands there.
fn cause(before: &str, rest: &str) -> (&'static str, &'static str) {
    let after_bracket = before.trim_end().ends_with('[');
    match rest.chars().next() {
        None if before.ends_with('.') => {
            ("this path ends with a dot", "remove the dot, or name the key after it")
        }
        None => ("this path stops in the middle", "close the bracket, or write what belongs in it"),
        Some('\'' | '"') => ("this quote is not closed, or holds what it cannot", "close it: ['a key']"),
        Some('-' | ' ') => ("a key with this character needs quotes", "write it as $['a-key']"),
        Some('=') => ("a comparison is written with two signs", "write == instead of ="),
        Some('$') => ("`$` stands only at the beginning", "write one path, beginning with `$.`"),
        Some('0'..='9') if before.ends_with('.') => {
            ("a key that begins with a digit needs quotes", "write it as $['1a']; an index is $[1]")
        }
        Some('0'..='9') => {
            ("this number is too large for a path", "take the value and compare it as text in `when:`")
        }
        Some(c) if after_bracket && c.is_alphabetic() => {
            ("a key in brackets stands in quotes", "write it as ['key']; an index is [0]")
        }
        Some(']') => {
            ("this bracket closes too early", "close the parenthesis, or write what belongs before it")
        }
        _ => ("this is not a path from here on", "a path looks like $.order.items[0].name"),
    }
}
