//! Why a value could not be converted, for the person who keeps the mapping.
//! The sentences belong to each type; here are their shape and the short quotes
//! of the value that they hold. Never here: a whole value, or a phone unmasked.

use serde_json::Value;

use crate::diagnostic::Sentence;

/// One plain sentence that says what was found, and what may help.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConvertError {
    pub message: Sentence,
    pub help: Option<Sentence>,
}

impl ConvertError {
    pub(in crate::mapping) fn new(message: Sentence) -> Self {
        Self { message, help: None }
    }

    pub(in crate::mapping) fn with_help(self, help: Sentence) -> Self {
        Self { help: Some(help), ..self }
    }

    /// The value is of a JSON type, or has a shape, that `what` never has.
    pub(super) fn expected(what: Sentence, found: &Value) -> Self {
        let message = say!("expected {} and found {}", what, describe(found));
        match found {
            Value::Array(_) => {
                Self::new(message).with_help(say!("end the path with `[0]` to take the first"))
            }
            Value::Object(_) => {
                Self::new(message).with_help(say!("go on with the path, to one of its fields"))
            }
            _ => Self::new(message),
        }
    }
}

const QUOTED_CHARS: usize = 40;

/// The beginning of a text, on one line, between backticks.
pub(in crate::mapping) fn quote(text: &str) -> String {
    let mut chars = text.chars().map(|c| if c.is_control() { ' ' } else { c });
    let start: String = chars.by_ref().take(QUOTED_CHARS).collect();
    let more = if chars.next().is_some() { "…" } else { "" };
    format!("`{start}{more}`")
}

fn describe(value: &Value) -> Sentence {
    match value {
        Value::Null => say!("null"),
        Value::Bool(truth) => Sentence::verbatim(truth.to_string()),
        Value::Number(number) => say!("the number {}", number),
        Value::String(text) if text.trim().is_empty() => say!("an empty text"),
        Value::String(text) => say!("the text {}", quote(text)),
        Value::Array(items) if items.is_empty() => say!("an empty list"),
        Value::Array(items) => say!("a list of {}", items.len()),
        Value::Object(_) => say!("an object"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_value_is_described_in_a_few_words() {
        for (value, words) in [
            (json!(null), "null"),
            (json!(true), "true"),
            (json!(1.5), "the number 1.5"),
            (json!(" \n"), "an empty text"),
            (json!("a\nb"), "the text `a b`"),
            (json!("é".repeat(41)), &format!("the text `{}…`", "é".repeat(40))),
            (json!([]), "an empty list"),
            (json!([1, 2]), "a list of 2"),
            (json!({"a": 1}), "an object"),
        ] {
            assert_eq!(describe(&value).english(), words);
        }
    }
}
