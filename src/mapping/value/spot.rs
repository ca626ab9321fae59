//! A place as a mapping writes it: what a locator can say, and `@.x`, a path
//! into the item of `each`.

use std::borrow::Cow;
use std::fmt;

use serde_json::Value;

use crate::diagnostic::{Diagnostic, Problems};
use crate::payload::{Locator, Path, Request, path_problem, read_locator};
use crate::yaml::Node;

#[derive(Debug, Clone)]
pub enum Spot {
    Request(Locator),
    Item(Path),
}

impl Spot {
    /// Whether a text is a path into an item, right or wrong.
    pub fn is_of_item(text: &str) -> bool {
        text == "@" || text.starts_with("@.") || text.starts_with("@[")
    }

    /// `has_item`: whether there is an item where this stands.
    pub fn read(node: &Node, has_item: bool, problems: &mut Problems) -> Option<Self> {
        let Some(text) = node.as_text().filter(|text| Self::is_of_item(text)) else {
            return read_locator(node, problems).map(Self::Request);
        };
        if !has_item {
            problems.push(
                Diagnostic::error(
                    "no-item",
                    &node.place,
                    say!("`@` is the item of `each`, and there is no `each` here"),
                )
                .help(say!("begin the path with `$`, or add `each:` with the path of a list")),
            );
            return None;
        }
        match Path::compile(&text.replacen('@', "$", 1)) {
            Ok(path) => Some(Self::Item(path)),
            Err(error) => {
                problems.push(path_problem(&node.inner_place(error.at.clone()), error));
                None
            }
        }
    }

    pub fn nodes<'a>(&self, request: &Request<'a>, item: &'a Value) -> Vec<Cow<'a, Value>> {
        match self {
            Self::Request(locator) => locator.nodes(request),
            Self::Item(path) => path.nodes(item).into_iter().map(Cow::Borrowed).collect(),
        }
    }
}

impl fmt::Display for Spot {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Request(locator) => locator.fmt(f),
            Self::Item(path) => f.write_str(&path.as_str().replacen('$', "@", 1)),
        }
    }
}
