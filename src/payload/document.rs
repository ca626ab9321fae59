//! How the body of a request becomes the document that `$` means: what its
//! headers say of it, and what its sender is known for.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::Value;

use super::body::{BodyProblem, ContentType, read_body};
use super::compression::Compression;
use crate::diagnostic::{Diagnostic, Problems};
use crate::event::Headers;
use crate::yaml::{Fields, Node};

/// What a sender does to its document before it is a body.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum DocumentRule {
    #[default]
    AsIs,
    /// A form carries it as JSON in this field. A body that is no form is the
    /// document itself.
    FormField(String),
    /// The body is a signed token; its claims are the document.
    JwtClaims,
}

impl DocumentRule {
    /// Whether a body with these headers can be read at all. Err: the
    /// content-type or the content-encoding that cannot.
    pub fn admits(&self, headers: &Headers) -> Result<(), Unreadable> {
        let header = headers.get("content-encoding");
        if Compression::of(header).is_none() {
            return Err(Unreadable::Encoding(header.unwrap_or_default().to_owned()));
        }
        let header = headers.get("content-type");
        if *self != Self::JwtClaims && ContentType::of(header).is_none() {
            return Err(Unreadable::Type(header.unwrap_or_default().to_owned()));
        }
        Ok(())
    }
}

/// The header of a body that cannot be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Unreadable {
    Type(String),
    Encoding(String),
}

/// Reads a body as it came. What is compressed may become 8 MiB long.
pub fn read_document(rule: &DocumentRule, headers: &Headers, body: &[u8]) -> Result<Value, BodyProblem> {
    let encoding = headers.get("content-encoding");
    let compression = Compression::of(encoding)
        .ok_or_else(|| BodyProblem::Compressed("in a way that cannot be read".to_owned()))?;
    let body = compression.plain(body).map_err(BodyProblem::Compressed)?;
    if *rule == DocumentRule::JwtClaims {
        return claims(&body);
    }
    let kind = ContentType::of(headers.get("content-type")).ok_or(BodyProblem::UnknownType)?;
    let document = read_body(&kind, &body)?;
    match rule {
        DocumentRule::FormField(name) if kind.is_form() => json_in(&document, name),
        _ => Ok(document),
    }
}

fn json_in(form: &Value, name: &str) -> Result<Value, BodyProblem> {
    let text = form.get(name).and_then(Value::as_str).ok_or_else(|| BodyProblem::NoField(name.to_owned()))?;
    serde_json::from_str(text)
        .map_err(|why| BodyProblem::FieldNotJson { field: name.to_owned(), why: why.to_string() })
}

fn claims(body: &[u8]) -> Result<Value, BodyProblem> {
    let text = std::str::from_utf8(body).map_err(|_| BodyProblem::NotToken)?.trim();
    let mut parts = text.split('.');
    let (Some(_), Some(claims), Some(_), None) = (parts.next(), parts.next(), parts.next(), parts.next())
    else {
        return Err(BodyProblem::NotToken);
    };
    let json = URL_SAFE_NO_PAD.decode(claims).map_err(|_| BodyProblem::NotToken)?;
    serde_json::from_slice(&json).map_err(|_| BodyProblem::NotToken)
}

/// Reads a `body:` section: `{ json_in: payload }` or `{ jwt_claims: true }`.
pub fn read_document_rule(node: &Node, problems: &mut Problems) -> Option<DocumentRule> {
    let fields = Fields::open(node, "`body`", &["json_in", "jwt_claims"], problems)?;
    let claims = fields.bool("jwt_claims", problems).unwrap_or(false);
    let field = fields.text("json_in", problems);
    match (field, claims) {
        (Some(_), true) => {
            problems.push(
                Diagnostic::error(
                    "misplaced-key",
                    &node.place,
                    say!("a body is a form or a token, not both"),
                )
                .help(say!("keep `json_in` or `jwt_claims`")),
            );
            None
        }
        (Some(field), false) => Some(DocumentRule::FormField(field.to_owned())),
        (None, true) => Some(DocumentRule::JwtClaims),
        (None, false) => Some(DocumentRule::AsIs),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diagnostic::SourceText;
    use proptest::prelude::*;
    use serde_json::json;

    const FORM: &str = "application/x-www-form-urlencoded";

    fn read(rule: &DocumentRule, kind: &str, body: &[u8]) -> Result<Value, BodyProblem> {
        read_document(rule, &[("content-type", kind)].into_iter().collect(), body)
    }

    #[test]
    fn the_document_is_where_the_rule_says() {
        let payload = DocumentRule::FormField("payload".into());
        assert_eq!(read(&payload, FORM, b"payload=%7B%22a%22%3A1%7D&x=2"), Ok(json!({"a": 1})));
        assert_eq!(read(&payload, "application/json", b"{\"a\":1}"), Ok(json!({"a": 1})));
        assert_eq!(read(&payload, FORM, b"x=2"), Err(BodyProblem::NoField("payload".into())));
        assert!(read(&payload, FORM, b"payload=oi").unwrap_err().to_string().contains("is not JSON"));
        assert_eq!(
            read(&DocumentRule::JwtClaims, "text/html", b"e30.eyJhIjoxfQ.c2ln\n"),
            Ok(json!({"a": 1}))
        );
        assert_eq!(read(&DocumentRule::JwtClaims, "", b"e30.eyJhIjoxfQ"), Err(BodyProblem::NotToken));
        assert_eq!(read(&DocumentRule::AsIs, "image/png", b"x"), Err(BodyProblem::UnknownType));
    }

    #[test]
    fn what_cannot_be_read_is_known_from_its_headers() {
        let admits = |kind: &str, encoding: &str| {
            let headers = [("content-type", kind), ("content-encoding", encoding)].into_iter().collect();
            DocumentRule::AsIs.admits(&headers)
        };
        assert_eq!(admits("text/xml", "gzip"), Ok(()));
        assert_eq!(admits("image/png", ""), Err(Unreadable::Type("image/png".into())));
        assert_eq!(admits("text/xml", "br"), Err(Unreadable::Encoding("br".into())));
    }

    #[test]
    fn a_body_section_says_one_thing() {
        let read = |text: &str| {
            let mut problems = Problems::default();
            let node = crate::yaml::parse(&SourceText::new("b.yaml", text), &mut problems).unwrap();
            (read_document_rule(&node, &mut problems), problems.errors())
        };
        assert_eq!(read("json_in: payload"), (Some(DocumentRule::FormField("payload".into())), 0));
        assert_eq!(read("jwt_claims: true"), (Some(DocumentRule::JwtClaims), 0));
        assert_eq!(read("{ json_in: a, jwt_claims: true }"), (None, 1));
        assert_eq!(read("json: a").1, 1);
    }

    proptest! {
        #[test]
        fn never_panics(
            kind in prop::sample::select(vec!["", FORM, "text/xml", "multipart/form-data; boundary=x"]),
            encoding in prop::sample::select(vec!["", "gzip", "deflate"]),
            body in proptest::collection::vec(any::<u8>(), 0..200),
        ) {
            let headers = [("content-type", kind), ("content-encoding", encoding)].into_iter().collect();
            for rule in [DocumentRule::AsIs, DocumentRule::FormField("a".into()), DocumentRule::JwtClaims] {
                let _ = read_document(&rule, &headers, &body);
            }
        }
    }
}
