//! The parser speaks in grammar rules; people need the place and a likely cause.

use jsonpath_rust::parser::errors::JsonPathError;

use super::PathError;
use crate::diagnostic::Sentence;

pub fn explain(text: &str, error: &JsonPathError) -> PathError {
    let JsonPathError::PestError(error) = error else {
        // It does not say where.
        return PathError::new(
            0..text.len(),
            say!("this is not a path"),
            say!("a path looks like $.order.items[0].name"),
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
fn cause(before: &str, rest: &str) -> (Sentence, Sentence) {
    let after_bracket = before.trim_end().ends_with('[');
    match rest.chars().next() {
        None if before.ends_with('.') => {
            (say!("this path ends with a dot"), say!("remove the dot, or name the key after it"))
        }
        None => {
            (say!("this path stops in the middle"), say!("close the bracket, or write what belongs in it"))
        }
        Some('\'' | '"') => {
            (say!("this quote is not closed, or holds what it cannot"), say!("close it: ['a key']"))
        }
        Some('-' | ' ') => (say!("a key with this character needs quotes"), say!("write it as $['a-key']")),
        Some('=') => (say!("a comparison is written with two signs"), say!("write == instead of =")),
        Some('$') => (say!("`$` stands only at the beginning"), say!("write one path, beginning with `$.`")),
        Some('0'..='9') if before.ends_with('.') => (
            say!("a key that begins with a digit needs quotes"),
            say!("write it as $['1a']; an index is $[1]"),
        ),
        Some('0'..='9') => (
            say!("this number is too large for a path"),
            say!("take the value and compare it as text in `when:`"),
        ),
        Some(c) if after_bracket && c.is_alphabetic() => {
            (say!("a key in brackets stands in quotes"), say!("write it as ['key']; an index is [0]"))
        }
        Some(']') => (
            say!("this bracket closes too early"),
            say!("close the parenthesis, or write what belongs before it"),
        ),
        _ => (say!("this is not a path from here on"), say!("a path looks like $.order.items[0].name")),
    }
}
