//! A body becomes one JSON document: JSON as it is, a form as an object.

use serde_json::Value;

use super::form;

/// The bodies that can be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ContentType {
    Json,
    Form,
}

/// Why a body is not a document. Shown to the operator; says nothing of the
/// content but a place.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BodyProblem {
    #[error("the body is empty")]
    Empty,
    #[error("the body is not JSON: {0}")]
    NotJson(String),
    #[error("the body is not a form: {0}")]
    NotForm(String),
}

impl ContentType {
    /// By the header `Content-Type`. A missing one and `text/plain` are taken
    /// for JSON: several senders label JSON so (AWS SNS, for one).
    /// None: a kind of body that cannot be read.
    pub fn of(header: Option<&str>) -> Option<Self> {
        let essence =
            header.unwrap_or_default().split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
        match essence.as_str() {
            "" | "application/json" | "text/json" | "text/plain" => Some(Self::Json),
            "application/x-www-form-urlencoded" => Some(Self::Form),
            other if other.ends_with("+json") => Some(Self::Json),
            _ => None,
        }
    }
}

/// Reads a body. Nesting is bounded (128 for JSON, 8 for a form), and so is the
/// number of form fields; the size was bounded when it came in.
pub fn read_body(content_type: ContentType, body: &[u8]) -> Result<Value, BodyProblem> {
    if body.iter().all(u8::is_ascii_whitespace) {
        return Err(BodyProblem::Empty);
    }
    match content_type {
        ContentType::Json => {
            // Some senders put a byte order mark in front.
            let body = body.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(body);
            serde_json::from_slice(body).map_err(|error| BodyProblem::NotJson(error.to_string()))
        }
        ContentType::Form => form::read(body).map_err(BodyProblem::NotForm),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn the_header_tells_the_kind() {
        for (header, kind) in [
            (None, Some(ContentType::Json)),
            (Some("application/json; charset=utf-8"), Some(ContentType::Json)),
            (Some("application/cloudevents+json"), Some(ContentType::Json)),
            (Some("Text/Plain"), Some(ContentType::Json)),
            (Some("application/x-www-form-urlencoded"), Some(ContentType::Form)),
            (Some("application/xml"), None),
            (Some("multipart/form-data; boundary=x"), None),
        ] {
            assert_eq!(ContentType::of(header), kind, "{header:?}");
        }
    }

    #[test]
    fn json_may_carry_a_byte_order_mark() {
        assert_eq!(read_body(ContentType::Json, b"\xEF\xBB\xBF{\"a\":1}"), Ok(json!({"a": 1})));
    }

    #[test]
    fn what_is_no_document_is_said_with_a_place() {
        assert_eq!(read_body(ContentType::Json, b" \n"), Err(BodyProblem::Empty));
        let error = read_body(ContentType::Json, b"{\"a\":").unwrap_err().to_string();
        assert!(error.contains("line 1 column 5"), "{error}");
        let deep = "[".repeat(100_000);
        let error = read_body(ContentType::Json, deep.as_bytes()).unwrap_err().to_string();
        assert!(error.contains("recursion limit"), "{error}");
    }
}
