//! Where a value is: `$.a.b` in the body, `header:NAME`, `query:NAME`,
//! `form:NAME`.

use std::borrow::Cow;
use std::fmt;
use std::ops::Range;

use serde_json::Value;

use super::path::{Path, PathError};
use crate::diagnostic::{Diagnostic, Place, Problems, Sentence, nearest};
use crate::event::Headers;
use crate::yaml::Node;

/// One place to look. Header names compare without case; the others exactly.
#[derive(Debug, Clone)]
pub enum Locator {
    Body(Path),
    Header(String),
    Query(String),
    /// A field of a form body, by its whole name.
    Form(String),
}

pub type LocatorError = PathError;

fn places() -> Sentence {
    say!("write $.path, header:NAME, query:NAME or form:NAME")
}

/// For a text that has no sign of a place at all.
fn place_meant(text: &str) -> Sentence {
    if text.contains("{{") {
        return say!("a path stands here, without {{ }}: $.customer.name");
    }
    if text.contains('-') && text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-') {
        return say!("did you mean `{}:{}`?", "header", text);
    }
    match Path::compile(&format!("$.{text}")) {
        Ok(path) if path.is_singular() => say!("did you mean `{}`? a header is written header:NAME", path),
        _ => places(),
    }
}

/// A request whose body was read: everything a locator may look into.
#[derive(Debug, Clone, Copy)]
pub struct Request<'a> {
    pub headers: &'a Headers,
    pub query: &'a [(String, String)],
    pub body: &'a Value,
}

impl Locator {
    pub fn parse(text: &str) -> Result<Self, LocatorError> {
        if text.starts_with('$') {
            return Path::compile(text).map(Self::Body);
        }
        // `json:$.a` is how signature schemes are usually written down.
        if let Some(path) = text.strip_prefix("json:") {
            return Path::compile(path)
                .map(Self::Body)
                .map_err(|error| PathError { at: error.at.start + 5..error.at.end + 5, ..error });
        }
        let wrong = |at: Range<usize>, message: Sentence| PathError { at, message, help: Some(places()) };
        let Some((kind, name)) = text.split_once(':').filter(|_| !text.contains("{{")) else {
            let wrong = wrong(0..text.len(), say!("this does not say where the value is"));
            return Err(PathError { help: Some(place_meant(text)), ..wrong });
        };
        if name.trim().is_empty() || name.trim() != name {
            let wrong = wrong(kind.len()..text.len(), say!("a name follows the colon, without spaces"));
            let help = match name.trim() {
                "" => places(),
                name => say!("write it as {}:{}", kind, name),
            };
            return Err(PathError { help: Some(help), ..wrong });
        }
        match kind {
            "header" => Ok(Self::Header(name.to_ascii_lowercase())),
            "query" => Ok(Self::Query(name.to_owned())),
            "form" => Ok(Self::Form(name.to_owned())),
            _ => {
                let wrong = wrong(0..kind.len(), say!("this is not a place where values are"));
                let near = nearest(kind, ["header", "query", "form"]);
                Err(PathError {
                    help: near.map(|near| say!("did you mean `{}:{}`?", near, name)).or(wrong.help),
                    ..wrong
                })
            }
        }
    }

    /// Everything found there; a header, a query parameter and a form field are text.
    pub fn nodes<'a>(&self, request: &Request<'a>) -> Vec<Cow<'a, Value>> {
        let text = |text: &str| Cow::Owned(Value::String(text.to_owned()));
        match self {
            Self::Body(path) => path.nodes(request.body).into_iter().map(Cow::Borrowed).collect(),
            Self::Header(name) => request.headers.get(name).map(text).into_iter().collect(),
            Self::Query(name) => {
                request.query.iter().filter(|(have, _)| have == name).map(|(_, value)| text(value)).collect()
            }
            Self::Form(name) => request.body.get(name).map(Cow::Borrowed).into_iter().collect(),
        }
    }

    /// For a sentence: "the header `x-signature`".
    pub fn described(&self) -> String {
        match self {
            Self::Body(path) => format!("the body at `{path}`"),
            Self::Header(name) => format!("the header `{name}`"),
            Self::Query(name) => format!("the query parameter `{name}`"),
            Self::Form(name) => format!("the form field `{name}`"),
        }
    }

    /// Whether the body must be read to look there.
    pub fn needs_body(&self) -> bool {
        matches!(self, Self::Body(_) | Self::Form(_))
    }
}

/// A place as written in a file; every mistake is reported at its characters.
pub fn read_locator(node: &Node, problems: &mut Problems) -> Option<Locator> {
    let Some(text) = node.as_text() else {
        problems.push(
            Diagnostic::error("wrong-type", &node.place, say!("a place is text; here is {}", node.kind()))
                .help(places()),
        );
        return None;
    };
    match Locator::parse(text) {
        Ok(locator) => Some(locator),
        Err(error) => {
            let place = node.inner_place(error.at.clone());
            problems.push(misplaced(text, &place, error));
            None
        }
    }
}

/// A place that is the key of a map, which is at `place`.
pub fn read_locator_key(text: &str, place: &Place, problems: &mut Problems) -> Option<Locator> {
    Locator::parse(text).map_err(|error| problems.push(misplaced(text, place, error))).ok()
}

/// A path that is wrong, which is at `place`.
pub fn path_problem(place: &Place, error: PathError) -> Diagnostic {
    Diagnostic { help: error.help, ..Diagnostic::error("bad-path", place, error.message) }
}

fn misplaced(text: &str, place: &Place, error: LocatorError) -> Diagnostic {
    let problem = path_problem(place, error);
    if text.starts_with('$') { problem } else { Diagnostic { code: "bad-place", ..problem } }
}

/// A text, number or truth value as text; a list, an object or nothing is none.
/// A number is written as JSON writes it, which may not be how it came.
pub fn scalar_text(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        Value::Bool(truth) => Some(truth.to_string()),
        Value::Null | Value::Array(_) | Value::Object(_) => None,
    }
}

impl fmt::Display for Locator {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Body(path) => path.fmt(f),
            Self::Header(name) => write!(f, "header:{name}"),
            Self::Query(name) => write!(f, "query:{name}"),
            Self::Form(name) => write!(f, "form:{name}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn looks_where_it_says() {
        let headers: Headers = [("X-Topic", "paid")].into_iter().collect();
        let query = [("t".to_owned(), "1".to_owned())];
        let body = json!({"a": {"b": 2}, "f": "v"});
        let request = Request { headers: &headers, query: &query, body: &body };
        for (locator, found) in [
            ("$.a.b", json!([2])),
            ("json:$.a.b", json!([2])),
            ("header:x-TOPIC", json!(["paid"])),
            ("query:t", json!(["1"])),
            ("form:f", json!(["v"])),
            ("header:absent", json!([])),
        ] {
            let nodes: Value =
                Locator::parse(locator).unwrap().nodes(&request).into_iter().map(Cow::into_owned).collect();
            assert_eq!(nodes, found, "{locator}");
        }
    }

    #[test]
    fn says_what_is_wrong_and_where() {
        for (text, at) in [("topic", 0..5), ("cookie:x", 0..6), ("header:", 6..7), ("json:$.a[", 8..9)] {
            assert_eq!(Locator::parse(text).unwrap_err().at, at, "{text}");
        }
    }
}
