//! JSONPath (RFC 9535): compiled when a file is loaded, evaluated per event.
//!
//! `jsonpath-rust` parses and evaluates; most paths of real mappings are
//! singular (`$.customer.phone`), and those take a walker of ours over its
//! syntax tree, which costs a tenth. `lint` refuses what would be wrong or slow.

use std::fmt;
use std::ops::Range;

use jsonpath_rust::parser::errors::JsonPathError;
use jsonpath_rust::parser::model::{JpQuery, Segment, Selector};
use jsonpath_rust::parser::parse_json_path;
use jsonpath_rust::query::js_path_process;
use serde_json::Value;

use super::cause::{cause, word};
use super::lint;
use crate::diagnostic::Sentence;

/// A path that was checked.
#[derive(Debug, Clone)]
pub struct Path {
    text: String,
    plan: Plan,
}

#[derive(Debug, Clone)]
enum Plan {
    /// Names and indexes only: at most one node.
    Singular(Vec<Step>),
    General(JpQuery),
}

#[derive(Debug, Clone)]
enum Step {
    Name(String),
    Index(i64),
}

/// What is wrong with a path, and at which of its bytes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PathError {
    pub at: Range<usize>,
    pub message: Sentence,
    pub help: Option<Sentence>,
}

impl Path {
    /// Longer paths are refused, in bytes.
    pub const MAX_BYTES: usize = 512;

    pub fn compile(text: &str) -> Result<Self, PathError> {
        if text.len() > Self::MAX_BYTES {
            return Err(PathError {
                at: 0..text.len(),
                message: say!("this path has {} bytes; the most is {}", text.len(), Self::MAX_BYTES),
                help: Some(say!("take a part of the path as a value, or a shorter one")),
            });
        }
        if text.ends_with(char::is_whitespace) {
            return Err(PathError {
                at: text.trim_end().len()..text.len(),
                message: say!("a path does not end with a space"),
                help: Some(say!("remove the space")),
            });
        }
        let query = parse_json_path(text).map_err(|error| explain(text, &error))?;
        lint::check(&query).map_err(|broken| PathError {
            at: 0..text.len(),
            message: broken.message,
            help: Some(broken.help),
        })?;
        let plan = singular(&query).map_or(Plan::General(query), Plan::Singular);
        Ok(Self { text: text.to_owned(), plan })
    }

    /// The nodes it selects, in document order.
    pub fn nodes<'a>(&self, document: &'a Value) -> Vec<&'a Value> {
        match &self.plan {
            Plan::Singular(steps) => walk(steps, document).into_iter().collect(),
            // The only error is a result that is no reference into the document,
            // which no query without a custom function has.
            Plan::General(query) => js_path_process(query, document)
                .map(|found| found.into_iter().map(|node| node.val()).collect())
                .unwrap_or_default(),
        }
    }

    /// The one place that a singular path names, to write to. Keys that are not
    /// there are made. None: the path is not singular, or the document has
    /// something else on the way.
    pub fn place<'a>(&self, document: &'a mut Value) -> Option<&'a mut Value> {
        let Plan::Singular(steps) = &self.plan else { return None };
        steps.iter().try_fold(document, |node, step| match step {
            Step::Name(name) => {
                if node.is_null() {
                    *node = Value::Object(serde_json::Map::new());
                }
                Some(node.as_object_mut()?.entry(name.clone()).or_insert(Value::Null))
            }
            Step::Index(index) => node.as_array_mut()?.get_mut(usize::try_from(*index).ok()?),
        })
    }

    /// Whether it can select at most one node, whatever the document.
    pub fn is_singular(&self) -> bool {
        matches!(self.plan, Plan::Singular(_))
    }

    pub fn as_str(&self) -> &str {
        &self.text
    }
}

impl fmt::Display for Path {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

fn singular(query: &JpQuery) -> Option<Vec<Step>> {
    query
        .segments
        .iter()
        .map(|segment| match segment {
            Segment::Selector(Selector::Name(name)) => Some(Step::Name(name.clone())),
            Segment::Selector(Selector::Index(index)) => Some(Step::Index(*index)),
            _ => None,
        })
        .collect()
}

fn walk<'a>(steps: &[Step], document: &'a Value) -> Option<&'a Value> {
    steps.iter().try_fold(document, |node, step| match step {
        Step::Name(name) => node.as_object()?.get(name),
        Step::Index(index) => {
            let list = node.as_array()?;
            let at = if *index < 0 { index.checked_add_unsigned(list.len() as u64)? } else { *index };
            list.get(usize::try_from(at).ok()?)
        }
    })
}

/// The parser speaks in grammar rules; people need the place and a likely cause.
fn explain(text: &str, error: &JsonPathError) -> PathError {
    let offset = match error {
        JsonPathError::PestError(error) => match error.location {
            pest::error::InputLocation::Pos(at) => at,
            pest::error::InputLocation::Span((start, _)) => start,
        },
        _ => 0,
    };
    let offset = (0..=offset.min(text.len())).rev().find(|at| text.is_char_boundary(*at)).unwrap_or(0);
    let rest = &text[offset..];
    let next = rest.chars().next();
    // A whole word, where one begins here.
    let length = word(rest).len().max(next.map_or(0, char::len_utf8));
    let at = offset..offset + length;
    let (message, help) = cause(&text[..offset], rest);
    let at = if at.is_empty() { text.len().saturating_sub(1)..text.len() } else { at };
    PathError { at, message, help: Some(help) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use serde_json::json;

    fn select(path: &str, document: &Value) -> Value {
        Path::compile(path).unwrap().nodes(document).into_iter().cloned().collect()
    }

    #[test]
    fn singular_paths_are_walked_and_mean_the_same() {
        let document = json!({"a": {"b c": [10, 20, 30]}, "": 1, "é": {"x": null}});
        for (path, found) in [
            ("$.a['b c'][0]", json!([10])),
            ("$['a'][\"b c\"][-1]", json!([30])),
            ("$.a['b c'][-4]", json!([])),
            ("$.a['b c'][3]", json!([])),
            ("$.é.x", json!([null])),
            ("$['']", json!([1])),
            ("$.a.b", json!([])),
            ("$", json!([document])),
        ] {
            let compiled = Path::compile(path).unwrap();
            assert!(compiled.is_singular(), "{path}");
            assert_eq!(select(path, &document), found, "{path}");
            let general = parse_json_path(path).unwrap();
            let theirs: Value =
                js_path_process(&general, &document).unwrap().into_iter().map(|n| n.val().clone()).collect();
            assert_eq!(theirs, found, "the library disagrees on {path}");
        }
    }

    #[test]
    fn other_paths_are_evaluated_by_the_library() {
        let document = json!({"i": [{"k": "x", "v": 1}, {"k": "y", "v": 2}]});
        for (path, found) in [
            ("$.i[*].v", json!([1, 2])),
            ("$.i[?@.k == 'y'].v", json!([2])),
            ("$..v", json!([1, 2])),
            ("$.i[0:1].k", json!(["x"])),
        ] {
            assert_eq!(select(path, &document), found, "{path}");
        }
    }

    #[test]
    fn a_broken_path_is_explained_at_its_character() {
        for (path, at, word) in [
            ("$.", 1..2, "dot"),
            ("$.a[", 3..4, "middle"),
            ("$.a['x", 4..5, "quote"),
            ("$.a-b", 3..4, "quotes"),
            ("$.a[x]", 4..5, "in quotes"),
            ("$.1a", 2..4, "digit"),
            ("$.a[?@.b = 1]", 9..10, "two signs"),
            ("$[?(@.a==1]", 10..11, "too early"),
            ("$.a[?@.b == 9007199254740993]", 12..28, "too large"),
            ("$.a $.b", 4..5, "beginning"),
            ("$.a ", 3..4, "space"),
            ("$a", 1..2, "dot"),
            ("$.a[]", 4..5, "empty"),
            ("$.a[0.b", 4..5, "not closed"),
            ("$.a[@.b == 1]", 4..5, "begins with"),
            ("$.a, $.b", 3..4, "only one"),
            ("$.a[?@.b == 1 and @.c]", 14..17, "signs"),
            ("$.a[?has(@.b)]", 5..8, "function"),
        ] {
            let error = Path::compile(path).unwrap_err();
            assert_eq!(
                (error.at.clone(), error.message.english().contains(word)),
                (at, true),
                "{path}: {error:?}"
            );
        }
        assert!(
            Path::compile(&format!("$.{}", "a".repeat(600))).unwrap_err().message.english().contains("bytes")
        );
    }

    proptest! {
        #[test]
        fn never_panics(text in "\\$[.\\[\\]a-c0-2'\"?@*=:,()-]{0,24}", tail in ".{0,12}") {
            let document = json!({"a": [{"b": 1}, [2]], "c": {"a": "x"}});
            for text in [text.clone(), text + &tail] {
                if let Ok(path) = Path::compile(&text) {
                    let _ = path.nodes(&document);
                }
            }
        }
    }
}
