//! The parser speaks in grammar rules; people need the place and a likely cause.

use jsonpath_rust::parser::errors::JsonPathError;

use super::PathError;
use super::cause::{cause, word};

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
    // A whole word, where one begins here.
    let at = offset..offset + word(rest).len().max(next.map_or(0, char::len_utf8));
    let (message, help) = cause(&text[..offset], rest);
    let last = text.len() - text.chars().next_back().map_or(0, char::len_utf8);
    PathError::new(if at.is_empty() { last..text.len() } else { at }, message, help)
}
