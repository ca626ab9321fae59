//! A body becomes one JSON document: JSON as it is, a form as an object, XML by
//! the rule of `xml.rs`.

use serde_json::Value;

use super::{form, multipart, xml};

/// The bodies that can be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ContentType {
    Json,
    Form,
    Multipart { boundary: String },
    Xml,
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
    #[error("the body is not XML: {0}")]
    NotXml(String),
    #[error("the body is compressed: {0}")]
    Compressed(String),
    #[error("a body of this content-type cannot be read")]
    UnknownType,
    #[error("the form has no field `{0}`, in which its content is")]
    NoField(String),
    #[error("the form field `{field}` is not JSON: {why}")]
    FieldNotJson { field: String, why: String },
    #[error("the body is not a signed token (JWT)")]
    NotToken,
}

impl ContentType {
    /// By the header `Content-Type`. A missing one and `text/plain` are taken
    /// for JSON: several senders label JSON so (AWS SNS, for one).
    /// None: a kind of body that cannot be read.
    pub fn of(header: Option<&str>) -> Option<Self> {
        let header = header.unwrap_or_default();
        let essence = header.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
        match essence.as_str() {
            "" | "application/json" | "text/json" | "text/plain" => Some(Self::Json),
            "application/x-www-form-urlencoded" => Some(Self::Form),
            "multipart/form-data" => multipart::boundary(header).map(|boundary| Self::Multipart { boundary }),
            "application/xml" | "text/xml" => Some(Self::Xml),
            other if other.ends_with("+json") => Some(Self::Json),
            other if other.ends_with("+xml") => Some(Self::Xml),
            _ => None,
        }
    }

    pub fn is_form(&self) -> bool {
        matches!(self, Self::Form | Self::Multipart { .. })
    }
}

/// Reads a body that is not compressed. Nesting is bounded (128 for JSON, 64 for
/// XML, 8 for a form), and so is the number of fields (1,000) and of elements
/// (50,000); the size was bounded when it came in.
pub fn read_body(content_type: &ContentType, body: &[u8]) -> Result<Value, BodyProblem> {
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
        ContentType::Multipart { boundary } => {
            multipart::read(boundary, body).and_then(form::from_pairs).map_err(BodyProblem::NotForm)
        }
        ContentType::Xml => xml::read(body).map_err(BodyProblem::NotXml),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn the_header_tells_the_kind() {
        let multipart = ContentType::Multipart { boundary: "x".into() };
        for (header, kind) in [
            (None, Some(ContentType::Json)),
            (Some("application/json; charset=utf-8"), Some(ContentType::Json)),
            (Some("application/cloudevents+json"), Some(ContentType::Json)),
            (Some("Text/Plain"), Some(ContentType::Json)),
            (Some("application/x-www-form-urlencoded"), Some(ContentType::Form)),
            (Some("application/soap+xml"), Some(ContentType::Xml)),
            (Some("text/xml; charset=utf-8"), Some(ContentType::Xml)),
            (Some("multipart/form-data; boundary=x"), Some(multipart)),
            (Some("multipart/form-data"), None),
            (Some("image/png"), None),
        ] {
            assert_eq!(ContentType::of(header), kind, "{header:?}");
        }
    }

    #[test]
    fn a_multipart_form_is_read_like_any_form() {
        let body = "--x\r\nContent-Disposition: form-data; name=\"contato[fone]\"\r\n\r\n27\r\n--x--\r\n";
        let kind = ContentType::Multipart { boundary: "x".into() };
        assert_eq!(read_body(&kind, body.as_bytes()), Ok(json!({"contato": {"fone": "27"}})));
    }

    #[test]
    fn json_may_carry_a_byte_order_mark() {
        assert_eq!(read_body(&ContentType::Json, b"\xEF\xBB\xBF{\"a\":1}"), Ok(json!({"a": 1})));
    }

    #[test]
    fn what_is_no_document_is_said_with_a_place() {
        assert_eq!(read_body(&ContentType::Json, b" \n"), Err(BodyProblem::Empty));
        let error = read_body(&ContentType::Json, b"{\"a\":").unwrap_err().to_string();
        assert!(error.contains("line 1 column 5"), "{error}");
        let deep = "[".repeat(100_000);
        let error = read_body(&ContentType::Json, deep.as_bytes()).unwrap_err().to_string();
        assert!(error.contains("recursion limit"), "{error}");
    }
}
