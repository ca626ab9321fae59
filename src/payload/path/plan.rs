//! What a path is once it was compiled: every choice that can be made when a
//! file is loaded is made here, so that an event costs nothing but the walk.

use serde_json::Value;

use super::pattern::Pattern;

/// A step to at most one child.
#[derive(Debug, Clone)]
pub enum Step {
    Name(String),
    /// A negative one counts from the end.
    Index(i64),
}

#[derive(Debug, Clone)]
pub struct Segment {
    /// `..`: it selects among the children of the node and of all below it.
    pub descends: bool,
    pub selectors: Vec<Selector>,
}

#[derive(Debug, Clone)]
pub enum Selector {
    Step(Step),
    All,
    Slice(Slice),
    Filter(Filter),
}

#[derive(Debug, Clone)]
pub struct Slice {
    pub start: Option<i64>,
    pub end: Option<i64>,
    pub step: i64,
}

/// Where a query inside a filter begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Origin {
    /// `$`
    Root,
    /// `@`
    Current,
}

#[derive(Debug, Clone)]
pub struct Query {
    pub origin: Origin,
    pub segments: Vec<Segment>,
}

/// A condition.
#[derive(Debug, Clone)]
pub enum Filter {
    Any(Vec<Filter>),
    All(Vec<Filter>),
    Not(Box<Filter>),
    /// It is something.
    Is(Operand),
    /// The query selects something.
    Exists(Query),
    Compare(Comparison),
    Matches(Operand, Pattern),
    Known(Known),
}

#[derive(Debug, Clone)]
pub struct Comparison {
    pub left: Operand,
    pub how: Relation,
    pub right: Operand,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Relation {
    Equal,
    Unequal,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
}

/// What stands on a side of a comparison, or in a function: one value or nothing.
#[derive(Debug, Clone)]
pub enum Operand {
    Literal(Value),
    Node(Origin, Vec<Step>),
    /// `length()`
    Length(Box<Operand>),
    /// `count()`
    Count(Query),
    /// `value()`
    Only(Query),
    Known(Known),
}

/// The number of a [`Constant`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Known(pub usize);

/// What says nothing of `@`, and so is the same for every node: it is worked out
/// once for a document. `[?count($..*) > 0]` would else count the whole document
/// for each of its elements.
#[derive(Debug, Clone)]
pub enum Constant {
    Truth(Filter),
    Operand(Operand),
}

impl Operand {
    /// Whether it is `@`, or the length of it.
    pub fn is_current(&self) -> bool {
        match self {
            Self::Node(Origin::Current, steps) => steps.is_empty(),
            Self::Length(inner) => inner.is_current(),
            _ => false,
        }
    }

    /// Whether it is the same for every node.
    pub fn is_constant(&self) -> bool {
        match self {
            Self::Literal(_) | Self::Known(_) => true,
            Self::Node(origin, _) => *origin == Origin::Root,
            Self::Length(inner) => inner.is_constant(),
            Self::Count(query) | Self::Only(query) => query.origin == Origin::Root,
        }
    }
}
