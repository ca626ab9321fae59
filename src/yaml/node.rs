//! The tree, and where inside a scalar a character of its value stands.

use std::ops::Range;

use serde_json::{Map, Number, Value};

use crate::diagnostic::{Place, Sentence};

/// One value of a YAML file.
#[derive(Debug, Clone, PartialEq)]
pub struct Node {
    pub data: Data,
    pub place: Place,
}

#[derive(Debug, Clone, PartialEq)]
pub enum Data {
    Null,
    Bool(bool),
    Int(i64),
    Float(f64),
    Text(String),
    List(Vec<Node>),
    Map(Vec<(Key, Node)>),
}

#[derive(Debug, Clone, PartialEq)]
pub struct Key {
    pub name: String,
    pub place: Place,
}

impl Node {
    /// What it is, for a sentence: "a list".
    pub fn kind(&self) -> Sentence {
        match self.data {
            Data::Null => say!("nothing"),
            Data::Bool(_) => say!("true or false"),
            Data::Int(_) | Data::Float(_) => say!("a number"),
            Data::Text(_) => say!("text"),
            Data::List(_) => say!("a list"),
            Data::Map(_) => say!("a map of keys"),
        }
    }

    pub fn as_text(&self) -> Option<&str> {
        match &self.data {
            Data::Text(text) => Some(text),
            _ => None,
        }
    }

    pub fn as_map(&self) -> Option<&[(Key, Node)]> {
        match &self.data {
            Data::Map(entries) => Some(entries),
            _ => None,
        }
    }

    pub fn as_list(&self) -> Option<&[Node]> {
        match &self.data {
            Data::List(items) => Some(items),
            _ => None,
        }
    }

    pub fn to_json(&self) -> Value {
        match &self.data {
            Data::Null => Value::Null,
            Data::Bool(value) => Value::Bool(*value),
            Data::Int(value) => Value::from(*value),
            Data::Float(value) => Number::from_f64(*value).map_or(Value::Null, Value::Number),
            Data::Text(text) => Value::String(text.clone()),
            Data::List(items) => items.iter().map(Node::to_json).collect(),
            Data::Map(entries) => Value::Object(
                entries.iter().map(|(key, node)| (key.name.clone(), node.to_json())).collect::<Map<_, _>>(),
            ),
        }
    }

    /// The place of `inner`, a range of bytes of this text. Where the file
    /// writes the text otherwise (escapes, folding), the place of the whole.
    pub fn inner_place(&self, inner: Range<usize>) -> Place {
        let Some(text) = self.as_text() else { return self.place.clone() };
        let raw = &self.place.file.text[self.place.span.clone()];
        let start = self.place.span.start;
        let shifted =
            |by: usize| Place::new(&self.place.file, start + by + inner.start..start + by + inner.end);
        if raw == text {
            return shifted(0);
        }
        let unquoted = raw.get(1..raw.len().saturating_sub(1));
        if raw.starts_with(['"', '\'']) && unquoted == Some(text) {
            return shifted(1);
        }
        self.block_place(text, raw, &inner).unwrap_or_else(|| self.place.clone())
    }

    /// In a literal block (`|`) each line of the value is a line of the file
    /// behind the same indentation.
    fn block_place(&self, text: &str, raw: &str, inner: &Range<usize>) -> Option<Place> {
        let start = self.place.span.start;
        let line_start = self.place.file.text[..start].rfind('\n').map_or(0, |at| at + 1);
        let indent = start - line_start;
        let find = |offset: usize| -> Option<usize> {
            let before = text.get(..offset)?;
            let line = before.matches('\n').count();
            let column = offset - before.rfind('\n').map_or(0, |at| at + 1);
            let wanted = text.lines().nth(line).unwrap_or_default();
            let mut at = 0;
            for _ in 0..line {
                at += raw.get(at..)?.find('\n')? + 1;
            }
            at += if line == 0 { 0 } else { indent };
            raw.get(at..)?.starts_with(wanted).then_some(start + at + column)
        };
        let from = find(inner.start)?;
        let to = find(inner.end.saturating_sub(1).max(inner.start))? + 1;
        Some(Place::new(&self.place.file, from..to.max(from)))
    }
}
