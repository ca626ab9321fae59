//! Walks a document by a plan. Each node that is found is handed on at once, so
//! that nothing is gathered on the way and a condition stops at its first node; the
//! order is that of RFC 9535 all the same, since what a segment selects is put
//! together node by node.
//!
//! It calls itself once for each segment and each parenthesis, which `scan` and
//! `budget` bound, and never for the depth of a document.

use std::ops::ControlFlow::{self, Break, Continue};

use serde_json::Value;

use super::compare::{self, Item};
use super::plan::{Constant, Filter, Known, Operand, Origin, Query, Segment, Selector, Step};

/// Whether to go on.
type Flow = ControlFlow<()>;

/// What a condition may need besides its own node.
#[derive(Debug)]
pub struct Context<'p, 'd> {
    root: &'d Value,
    known: Vec<Outcome<'p>>,
}

/// Of a constant.
#[derive(Debug, Clone, Copy)]
enum Outcome<'p> {
    Truth(bool),
    Item(Item<'p>),
}

impl Step {
    /// The child it leads to.
    pub fn of<'d>(&self, node: &'d Value) -> Option<&'d Value> {
        match self {
            Self::Name(name) => node.as_object()?.get(name),
            Self::Index(index) => {
                let list = node.as_array()?;
                let at = if *index < 0 { index.checked_add_unsigned(list.len() as u64)? } else { *index };
                list.get(usize::try_from(at).ok()?)
            }
        }
    }
}

impl<'p, 'd: 'p> Context<'p, 'd> {
    pub fn new(root: &'d Value, constants: &'p [Constant]) -> Self {
        let mut context = Self { root, known: Vec::with_capacity(constants.len()) };
        for constant in constants {
            let outcome = match constant {
                Constant::Truth(filter) => Outcome::Truth(context.holds(filter, root)),
                Constant::Operand(operand) => Outcome::Item(context.item(operand, root)),
            };
            context.known.push(outcome);
        }
        context
    }

    /// Hands on every node that the segments select, beginning at `node`.
    pub fn each(
        &self,
        mut segments: &'p [Segment],
        mut node: &'d Value,
        found: &mut dyn FnMut(&'d Value) -> Flow,
    ) -> Flow {
        while let Some((segment, rest)) = segments.split_first() {
            let ([Selector::Step(step)], false) = (&*segment.selectors, segment.descends) else {
                return match segment.descends {
                    true => self.below(segment, rest, node, found),
                    false => self.select(segment, rest, node, found),
                };
            };
            let Some(child) = step.of(node) else { return Continue(()) };
            (segments, node) = (rest, child);
        }
        found(node)
    }

    /// The node and everything below it, each before what it contains. What waits
    /// is kept in a list, so that no document is too deep.
    fn below(
        &self,
        segment: &'p Segment,
        rest: &'p [Segment],
        node: &'d Value,
        found: &mut dyn FnMut(&'d Value) -> Flow,
    ) -> Flow {
        let mut waiting = vec![node];
        while let Some(node) = waiting.pop() {
            self.select(segment, rest, node, found)?;
            let is_nested = |child: &&Value| child.is_array() || child.is_object();
            match node {
                Value::Array(list) => waiting.extend(list.iter().rev().filter(is_nested)),
                Value::Object(map) => waiting.extend(map.values().rev().filter(is_nested)),
                _ => {}
            }
        }
        Continue(())
    }

    fn select(
        &self,
        segment: &'p Segment,
        rest: &'p [Segment],
        node: &'d Value,
        found: &mut dyn FnMut(&'d Value) -> Flow,
    ) -> Flow {
        segment.selectors.iter().try_for_each(|selector| match selector {
            Selector::Step(step) => match step.of(node) {
                Some(child) => self.each(rest, child, found),
                None => Continue(()),
            },
            Selector::All => each_child(node, |child| self.each(rest, child, found)),
            Selector::Slice(slice) => {
                let Some(list) = node.as_array() else { return Continue(()) };
                slice.of(list).try_for_each(|child| self.each(rest, child, found))
            }
            Selector::Filter(filter) => each_child(node, |child| match self.holds(filter, child) {
                true => self.each(rest, child, found),
                false => Continue(()),
            }),
        })
    }

    fn holds(&self, filter: &'p Filter, node: &'d Value) -> bool {
        match filter {
            Filter::Any(parts) => parts.iter().any(|part| self.holds(part, node)),
            Filter::All(parts) => parts.iter().all(|part| self.holds(part, node)),
            Filter::Not(inner) => !self.holds(inner, node),
            Filter::Is(operand) => !matches!(self.item(operand, node), Item::Nothing),
            Filter::Exists(query) => self.exists(query, node),
            Filter::Compare(comparison) => {
                let (left, right) = (self.item(&comparison.left, node), self.item(&comparison.right, node));
                compare::holds(left, comparison.how, right)
            }
            Filter::Matches(text, pattern) => match self.item(text, node) {
                Item::Value(Value::String(text)) => pattern.is_match(text),
                _ => false,
            },
            Filter::Known(Known(number)) => matches!(self.known[*number], Outcome::Truth(true)),
        }
    }

    /// Inlined without what is rare, since it is most of what a condition costs.
    #[inline]
    fn item(&self, operand: &'p Operand, node: &'d Value) -> Item<'p> {
        match operand {
            Operand::Literal(value) => Item::Value(value),
            Operand::Node(origin, steps) => {
                let mut node = self.origin(*origin, node);
                for step in steps {
                    let Some(child) = step.of(node) else { return Item::Nothing };
                    node = child;
                }
                Item::Value(node)
            }
            Operand::Known(Known(number)) => match self.known[*number] {
                Outcome::Item(item) => item,
                Outcome::Truth(_) => Item::Nothing,
            },
            Operand::Length(inner) => self.length(inner, node),
            Operand::Count(query) => self.count(query, node),
            Operand::Only(query) => self.only(query, node),
        }
    }

    #[inline(never)]
    fn length(&self, operand: &'p Operand, node: &'d Value) -> Item<'p> {
        match self.item(operand, node) {
            Item::Value(Value::String(text)) => Item::Size(text.chars().count() as u64),
            Item::Value(Value::Array(list)) => Item::Size(list.len() as u64),
            Item::Value(Value::Object(map)) => Item::Size(map.len() as u64),
            _ => Item::Nothing,
        }
    }

    #[inline(never)]
    fn count(&self, query: &'p Query, node: &'d Value) -> Item<'p> {
        let mut count = 0;
        // It is never told to stop.
        let _ = self.query(query, node, &mut |_| {
            count += 1;
            Continue(())
        });
        Item::Size(count)
    }

    /// Nothing, if there are several.
    #[inline(never)]
    fn only(&self, query: &'p Query, node: &'d Value) -> Item<'p> {
        let mut only = None;
        let several = self.query(query, node, &mut |found| match only.replace(found) {
            Some(_) => Break(()),
            None => Continue(()),
        });
        only.filter(|_| several.is_continue()).map_or(Item::Nothing, Item::Value)
    }

    #[inline(never)]
    fn exists(&self, query: &'p Query, node: &'d Value) -> bool {
        self.query(query, node, &mut |_| Break(())).is_break()
    }

    fn query(&self, query: &'p Query, node: &'d Value, found: &mut dyn FnMut(&'d Value) -> Flow) -> Flow {
        self.each(&query.segments, self.origin(query.origin, node), found)
    }

    fn origin(&self, origin: Origin, node: &'d Value) -> &'d Value {
        match origin {
            Origin::Root => self.root,
            Origin::Current => node,
        }
    }
}

fn each_child<'d>(node: &'d Value, mut act: impl FnMut(&'d Value) -> Flow) -> Flow {
    match node {
        Value::Array(list) => list.iter().try_for_each(&mut act),
        Value::Object(map) => map.values().try_for_each(&mut act),
        _ => Continue(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn what_is_deep_needs_no_stack() {
        let deep = (0..100_000).fold(json!(1), |inner, _| Value::Array(vec![inner]));
        let all = Segment { descends: true, selectors: vec![Selector::All] };
        let mut count = 0;
        let segments = [all];
        let context = Context::new(&deep, &[]);
        let _ = context.each(&segments, &deep, &mut |_| {
            count += 1;
            Continue(())
        });
        assert_eq!(count, 100_000);
        // Freeing it would call itself for each level.
        std::mem::forget(deep);
    }
}
