//! Finding, when a file is loaded, every name a template uses that is not there,
//! and every filter and operator that cannot work on what it is given. The engine
//! itself notices only when it renders, which is when a person waits for the
//! message.

mod usage;
mod walk;

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use minijinja::machinery::Span;
use minijinja::machinery::ast::{Expr, Stmt};

use super::value::Shape;
use crate::diagnostic::{Sentence, Severity, nearest};
use walk::Walk;

/// The names that a template may use.
#[derive(Debug, Clone, Default)]
pub struct Names {
    /// The entries of `values:`, and what is known of each.
    pub values: BTreeMap<String, Shape>,
    /// Whether `item` is one: inside `each`.
    pub has_item: bool,
    /// Those that are empty text where the payload has nothing.
    pub may_be_blank: BTreeSet<String>,
    /// What this sender's events are known to lack: `id` or `type`.
    pub no_event: Vec<&'static str>,
    /// The types of events that this sender is known to have; it may have more.
    pub event_types: Vec<String>,
    /// Values that are one of some texts, or no text.
    pub choices: BTreeMap<String, BTreeSet<String>>,
}

impl Names {
    fn knows(&self, name: &str) -> bool {
        self.values.contains_key(name) || ROOTS.contains(&name) || (self.has_item && name == ITEM)
    }
}

/// What is always in scope beside the values.
pub const ROOTS: [&str; 4] = ["body", "headers", "query", "event"];
/// What is in scope inside `each`.
pub const ITEM: &str = "item";
/// A part of `event` that is made only where it is asked for.
pub const RECEIVED_AT: &str = "event.received_at";
/// What `event` has.
pub const EVENT_KEYS: [&str; 4] = ["id", "type", "source", "received_at"];

/// Something that a template cannot do, and at which of its bytes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NameProblem {
    pub severity: Severity,
    pub at: Range<usize>,
    pub code: &'static str,
    pub message: Sentence,
    pub help: Option<Sentence>,
}

/// What a template uses, and what is wrong with it.
#[derive(Debug, Default)]
pub struct Uses {
    /// Values and roots by name.
    pub names: BTreeSet<String>,
    pub problems: Vec<NameProblem>,
}

pub fn of_template(root: &Stmt<'_>, names: &Names) -> Uses {
    let mut walk = Walk::new(names);
    walk.stmt(root);
    walk.uses
}

pub fn of_expression(root: &Expr<'_>, names: &Names) -> Uses {
    let mut walk = Walk::new(names);
    walk.expr(root);
    walk.uses
}

fn suggestion<'a>(name: &str, known: impl IntoIterator<Item = &'a str>) -> Option<Sentence> {
    nearest(name, known).map(|near| say!("did you mean `{}`?", near))
}

pub fn range_of(span: Span) -> Range<usize> {
    span.start_offset as usize..span.end_offset as usize
}
