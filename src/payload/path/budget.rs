//! Nothing can be cancelled once it runs, so what a path can cost is bounded when
//! its file is loaded.
//!
//! With one `..`, and each node selected once, every selector and every step of a
//! condition meets each value of a body at most once: no two nodes at one depth
//! have a child in common. (A second `..` would meet a value once for each that is
//! above it.) So the work is the size of the body, times the number of selectors
//! and steps, times how often a node may be selected; both factors are bounded here.

use std::ops::Range;

use jsonpath_rust::parser::model as tree;

use super::PathError;
use super::plan::{Operand, Selector, Step};

const MAX_SELECTORS: usize = 8;
/// How often the brackets of a path may select one node, taken together.
const MAX_OVERLAP: usize = 4;
/// In steps for each value of a body, each of a few nanoseconds: about a tenth of a
/// second for a body of 1 MiB that holds nothing but the smallest values, as measured
/// (`docs/performance.md`). So are the costs below.
const MAX_WORK: usize = 40;

const DESCENT: usize = 8;
const FAN_OUT: usize = 4;
/// The test of what is there.
pub const TEST: usize = 2;
const COMPARE: usize = 2;
/// With `@` itself, since a body has room for several times as many values as members.
const COMPARE_EACH: usize = 5;
/// Two values of a body may be lists.
const COMPARE_DEEP: usize = 5;
/// Each byte of a text costs a few nanoseconds.
pub const MATCH: usize = 5;

/// What one selector costs.
pub fn selector(selector: &tree::Selector) -> usize {
    match selector {
        tree::Selector::Name(_) | tree::Selector::Index(_) => 1,
        tree::Selector::Wildcard | tree::Selector::Slice(..) | tree::Selector::Filter(_) => FAN_OUT,
    }
}

#[derive(Debug)]
pub struct Budget {
    descents: usize,
    overlap: usize,
    work: usize,
}

impl Budget {
    pub fn new() -> Self {
        Self { descents: 0, overlap: 1, work: 0 }
    }

    pub fn descend(&mut self, at: Range<usize>) -> Result<(), PathError> {
        self.descents += 1;
        match self.descents {
            0 | 1 => self.spend(DESCENT, at),
            _ => Err(PathError::new(
                at,
                say!("`..` may stand once in a path"),
                say!("name the keys on the way instead of the second `..`"),
            )),
        }
    }

    pub fn spend(&mut self, work: usize, at: Range<usize>) -> Result<(), PathError> {
        self.work += work * self.overlap;
        match self.work {
            0..=MAX_WORK => Ok(()),
            _ => Err(PathError::new(
                at,
                say!("this path has too many conditions and steps"),
                say!("use match(@.a, 'x|y|z') for one of many texts, or decide the rest in `when:`"),
            )),
        }
    }

    /// Below `..` one value may lie in another, and each would be compared with all
    /// that is in it.
    pub fn compare(&mut self, left: &Operand, right: &Operand, at: Range<usize>) -> Result<(), PathError> {
        let is_deep = |side: &Operand| matches!(side, Operand::Node(..) | Operand::Only(_));
        match is_deep(left) && is_deep(right) {
            true if self.descents > 0 => Err(PathError::new(
                at,
                say!("after `..`, a filter does not compare two places of the body"),
                say!("name the keys on the way instead of `..`, or compare in `when:`"),
            )),
            true => self.spend(COMPARE_DEEP, at),
            false if [left, right].into_iter().any(Operand::is_current) => self.spend(COMPARE_EACH, at),
            false => self.spend(COMPARE, at),
        }
    }

    /// A bracket that holds several selectors.
    pub fn select(&mut self, selectors: &[Selector], at: Range<usize>) -> Result<(), PathError> {
        if selectors.len() > MAX_SELECTORS {
            return Err(PathError::new(
                at,
                say!("a bracket holds at most 8 selectors"),
                say!("use [*] or several values"),
            ));
        }
        self.overlap *= overlap(selectors);
        match self.overlap {
            0..=MAX_OVERLAP => Ok(()),
            _ => Err(PathError::new(
                at,
                say!("this path may select one value more than 4 times"),
                say!("select it once; several conditions are joined in one filter with ||"),
            )),
        }
    }
}

/// How many of the selectors may select one node.
fn overlap(selectors: &[Selector]) -> usize {
    let (mut always, mut slices) = (0, 0);
    let mut names: Vec<&str> = Vec::new();
    let (mut from_start, mut from_end) = (Vec::new(), Vec::new());
    for selector in selectors {
        match selector {
            Selector::All | Selector::Filter(_) => always += 1,
            Selector::Slice(_) => slices += 1,
            Selector::Step(Step::Name(name)) => names.push(name),
            Selector::Step(Step::Index(index)) if *index < 0 => from_end.push(*index),
            Selector::Step(Step::Index(index)) => from_start.push(*index),
        }
    }
    // An object has no indexes, and a list has no names.
    always + repeats(&names).max(slices + repeats(&from_start) + repeats(&from_end))
}

/// How often the most frequent one is there.
fn repeats<T: PartialEq>(all: &[T]) -> usize {
    all.iter().map(|one| all.iter().filter(|other| *other == one).count()).max().unwrap_or(0)
}
