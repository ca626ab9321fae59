//! A place in a document, as the steps to it and as the JSONPath (RFC 9535) that
//! a mapping writes. Every path that is handed out was compiled and evaluated
//! first: it finds exactly the value it was made for.

use std::fmt::Write;

use serde_json::Value;

use crate::payload::Path;

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Step {
    Key(String),
    Index(usize),
    /// The item of a list whose label says so; `index` is where it is here.
    Where {
        label: Vec<String>,
        equals: String,
        index: usize,
    },
    /// Every item.
    Each,
}

/// The path, if it finds `value` and nothing else. An item that its label does
/// not tell from others is taken by its place in the list.
pub fn path_to(steps: &[Step], document: &Value, value: &Value) -> Option<String> {
    let written = written(steps, true);
    if finds(&written, document, value) {
        return Some(written);
    }
    let plainer = self::written(steps, false);
    finds(&plainer, document, value).then_some(plainer)
}

fn finds(path: &str, document: &Value, value: &Value) -> bool {
    let nodes = Path::compile(path).map(|path| path.nodes(document)).unwrap_or_default();
    matches!(nodes[..], [found] if std::ptr::eq(found, value))
}

/// Of the values below every item of a list, as many as there are.
pub fn path_to_all(steps: &[Step], document: &Value) -> Option<(String, usize)> {
    let written = written(steps, true);
    let found = Path::compile(&written).ok()?.nodes(document).len();
    (found > 0).then_some((written, found))
}

pub fn written(steps: &[Step], by_label: bool) -> String {
    let mut path = String::from("$");
    for step in steps {
        match step {
            Step::Key(key) => write_key(&mut path, key),
            Step::Where { label, equals, .. } if by_label => {
                path.push_str("[?@");
                label.iter().for_each(|key| write_key(&mut path, key));
                path.push_str("==");
                write_quoted(&mut path, equals);
                path.push(']');
            }
            // Writing into a text never fails.
            Step::Index(index) | Step::Where { index, .. } => {
                let _ = write!(path, "[{index}]");
            }
            Step::Each => path.push_str("[*]"),
        }
    }
    path
}

/// `.name`, or `['a name']` where the short form would be read otherwise.
fn write_key(path: &mut String, key: &str) {
    let mut bytes = key.bytes();
    let first = bytes.next().is_some_and(|b| b.is_ascii_alphabetic() || b == b'_');
    if first && bytes.all(|b| b.is_ascii_alphanumeric() || b == b'_') {
        path.push('.');
        path.push_str(key);
    } else {
        path.push('[');
        write_quoted(path, key);
        path.push(']');
    }
}

fn write_quoted(path: &mut String, text: &str) {
    path.push('\'');
    for c in text.chars() {
        match c {
            '\'' | '\\' => path.extend(['\\', c]),
            '\n' => path.push_str("\\n"),
            '\r' => path.push_str("\\r"),
            '\t' => path.push_str("\\t"),
            c if (c as u32) < 0x20 => {
                let _ = write!(path, "\\u{:04x}", c as u32);
            }
            c => path.push(c),
        }
    }
    path.push('\'');
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn key(name: &str) -> Step {
        Step::Key(name.to_owned())
    }

    #[test]
    fn keys_are_quoted_where_they_must_be() {
        let document = json!({"values": {"WhatsApp (com DDD)": ["x"]}, "_a1": 1, "1a": 2, "d'água\n": 3});
        for (steps, value, path) in [
            (vec![key("_a1")], &document["_a1"], "$._a1"),
            (vec![key("1a")], &document["1a"], "$['1a']"),
            (vec![key("d'água\n")], &document["d'água\n"], "$['d\\'água\\n']"),
            (
                vec![key("values"), key("WhatsApp (com DDD)"), Step::Index(0)],
                &document["values"]["WhatsApp (com DDD)"][0],
                "$.values['WhatsApp (com DDD)'][0]",
            ),
        ] {
            assert_eq!(path_to(&steps, &document, value).as_deref(), Some(path));
        }
    }

    #[test]
    fn a_label_that_two_items_have_gives_way_to_the_place() {
        let item = |index| Step::Where { label: vec!["key".to_owned()], equals: "fone".to_owned(), index };
        let one = json!([{"key": "x", "value": 1}, {"key": "fone", "value": 2}]);
        let steps = [item(1), key("value")];
        assert_eq!(path_to(&steps, &one, &one[1]["value"]).unwrap(), "$[?@.key=='fone'].value");
        let two = json!([{"key": "fone", "value": 1}, {"key": "fone", "value": 2}]);
        assert_eq!(path_to(&steps, &two, &two[1]["value"]).unwrap(), "$[1].value");
        assert_eq!(path_to(&[key("none")], &two, &two[1]), None);
    }
}
