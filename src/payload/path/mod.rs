//! JSONPath, exactly RFC 9535: compiled when a file is loaded, evaluated per event.
//!
//! `jsonpath-rust` is the parser. The plan and its evaluator are ours, since its own
//! differs from the RFC in places, allocates a text for every node it visits, and
//! bounds nothing. Most paths of real mappings are singular (`$.customer.phone`);
//! those are a plain walk.

mod budget;
mod cause;
mod compare;
mod compile;
mod eval;
mod explain;
mod operands;
mod pattern;
mod plan;
mod regexp;
mod scan;
mod slice;

use std::fmt;
use std::ops::ControlFlow::Continue;
use std::ops::Range;

use jsonpath_rust::parser::parse_json_path;
use serde_json::Value;

use compile::General;
use eval::Context;
use plan::Step;

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
    General(General),
}

/// What is wrong with a path, and at which of its bytes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PathError {
    pub at: Range<usize>,
    pub message: Sentence,
    pub help: Option<Sentence>,
}

impl PathError {
    fn new(at: Range<usize>, message: Sentence, help: Sentence) -> Self {
        Self { at, message, help: Some(help) }
    }
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
        let marks = scan::scan(text)?;
        let query = parse_json_path(text).map_err(|error| explain::explain(text, &error))?;
        let plan = match compile::singular(&query.segments) {
            Some(steps) => Plan::Singular(steps),
            None => Plan::General(compile::compile(&query, marks, text.len())?),
        };
        Ok(Self { text: text.to_owned(), plan })
    }

    /// The nodes it selects, in document order.
    pub fn nodes<'a>(&self, document: &'a Value) -> Vec<&'a Value> {
        match &self.plan {
            Plan::Singular(steps) => {
                steps.iter().try_fold(document, |node, step| step.of(node)).into_iter().collect()
            }
            Plan::General(general) => {
                let mut nodes = Vec::new();
                let context = Context::new(document, &general.constants);
                // It is never told to stop.
                let _ = context.each(&general.segments, document, &mut |node| {
                    nodes.push(node);
                    Continue(())
                });
                nodes
            }
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

#[cfg(test)]
mod tests;
