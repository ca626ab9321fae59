//! From the parser's syntax tree to a plan. What the RFC forbids and the parser
//! takes is refused here, and so is what `budget` finds too costly.

use std::mem;
use std::ops::Range;

use jsonpath_rust::parser::model as tree;

use super::PathError;
use super::budget::{self, Budget};
use super::pattern::{Pattern, PatternError};
use super::plan::{
    Comparison, Constant, Filter, Known, Operand, Origin, Query, Relation, Segment, Selector, Slice, Step,
};
use super::scan::Marks;

/// What a path does that selects more than one node.
#[derive(Debug, Clone)]
pub struct General {
    pub segments: Vec<Segment>,
    /// Each knows those before it.
    pub constants: Vec<Constant>,
}

/// `marks` are those of the same path, which has `length` bytes.
pub fn compile(query: &tree::JpQuery, marks: Marks, length: usize) -> Result<General, PathError> {
    let mut compiler = Compiler { marks, here: 0..length, constants: Vec::new(), budget: Budget::new() };
    let segments = compiler.segments(&query.segments)?;
    Ok(General { segments, constants: compiler.constants })
}

/// The steps of a query that selects at most one node, whatever the document.
pub fn singular(segments: &[tree::Segment]) -> Option<Vec<Step>> {
    segments
        .iter()
        .map(|segment| match segment {
            tree::Segment::Selector(tree::Selector::Name(name)) => Some(Step::Name(name.clone())),
            tree::Segment::Selector(tree::Selector::Index(index)) => Some(Step::Index(*index)),
            _ => None,
        })
        .collect()
}

pub struct Compiler {
    /// Those that were not met yet.
    pub marks: Marks,
    /// Where the filter begins whose part is compiled, else the whole path.
    pub here: Range<usize>,
    constants: Vec<Constant>,
    pub budget: Budget,
}

impl Compiler {
    pub fn segments(&mut self, segments: &[tree::Segment]) -> Result<Vec<Segment>, PathError> {
        segments.iter().map(|segment| self.segment(segment)).collect()
    }

    fn segment(&mut self, segment: &tree::Segment) -> Result<Segment, PathError> {
        match segment {
            tree::Segment::Descendant(inner) => {
                let at = self.marks.descents.pop_front().unwrap_or(self.here.clone());
                self.budget.descend(at)?;
                Ok(Segment { descends: true, ..self.segment(inner)? })
            }
            tree::Segment::Selector(selector) => {
                self.budget.spend(budget::selector(selector), self.here.clone())?;
                Ok(Segment { descends: false, selectors: vec![self.selector(selector)?] })
            }
            tree::Segment::Selectors(selectors) => {
                let at = self.marks.lists.pop_front().unwrap_or(self.here.clone());
                self.budget.spend(selectors.iter().map(budget::selector).sum(), at.clone())?;
                let selectors: Vec<_> =
                    selectors.iter().map(|selector| self.selector(selector)).collect::<Result<_, _>>()?;
                self.budget.select(&selectors, at)?;
                Ok(Segment { descends: false, selectors })
            }
        }
    }

    fn selector(&mut self, selector: &tree::Selector) -> Result<Selector, PathError> {
        Ok(match selector {
            tree::Selector::Name(name) => Selector::Step(Step::Name(name.clone())),
            tree::Selector::Index(index) => Selector::Step(Step::Index(*index)),
            tree::Selector::Wildcard => Selector::All,
            tree::Selector::Slice(start, end, step) => {
                Selector::Slice(Slice { start: *start, end: *end, step: step.unwrap_or(1) })
            }
            tree::Selector::Filter(filter) => {
                let at = self.marks.filters.pop_front().unwrap_or(self.here.clone());
                let outer = mem::replace(&mut self.here, at);
                let filter = self.filter(filter)?;
                self.here = outer;
                Selector::Filter(filter)
            }
        })
    }

    fn filter(&mut self, filter: &tree::Filter) -> Result<Filter, PathError> {
        let negated = |is_not: bool, filter| if is_not { Filter::Not(Box::new(filter)) } else { filter };
        match filter {
            tree::Filter::Or(parts) => {
                Ok(Filter::Any(parts.iter().map(|part| self.filter(part)).collect::<Result<_, _>>()?))
            }
            tree::Filter::And(parts) => {
                Ok(Filter::All(parts.iter().map(|part| self.filter(part)).collect::<Result<_, _>>()?))
            }
            tree::Filter::Atom(tree::FilterAtom::Filter { expr, not }) => {
                Ok(negated(*not, self.filter(expr)?))
            }
            tree::Filter::Atom(tree::FilterAtom::Test { expr, not }) => Ok(negated(*not, self.test(expr)?)),
            tree::Filter::Atom(tree::FilterAtom::Comparison(comparison)) => self.comparison(comparison),
        }
    }

    fn test(&mut self, test: &tree::Test) -> Result<Filter, PathError> {
        self.budget.spend(budget::TEST, self.here.clone())?;
        let function = match test {
            tree::Test::RelQuery(segments) => return self.exists(Origin::Current, segments),
            tree::Test::AbsQuery(query) => return self.exists(Origin::Root, &query.segments),
            tree::Test::Function(function) => function,
        };
        match &**function {
            tree::TestFunction::Match(text, pattern) => self.matches(text, pattern, true),
            tree::TestFunction::Search(text, pattern) => self.matches(text, pattern, false),
            _ => Err(PathError::new(
                self.call().name,
                say!("the result of this function must be compared"),
                say!("write it as length(@.a) > 0"),
            )),
        }
    }

    fn exists(&mut self, origin: Origin, segments: &[tree::Segment]) -> Result<Filter, PathError> {
        let exists = match singular(segments) {
            Some(steps) => {
                self.budget.spend(steps.len(), self.here.clone())?;
                Filter::Is(Operand::Node(origin, steps))
            }
            None => Filter::Exists(Query { origin, segments: self.segments(segments)? }),
        };
        Ok(if origin == Origin::Root { self.truth(exists) } else { exists })
    }

    fn matches(
        &mut self,
        text: &tree::FnArg,
        pattern: &tree::FnArg,
        whole: bool,
    ) -> Result<Filter, PathError> {
        let call = self.call();
        self.budget.spend(budget::MATCH, call.name.clone())?;
        let text = self.argument(text, &call)?;
        let at = call.arguments.get(1).unwrap_or(&call.name).clone();
        let tree::FnArg::Literal(tree::Literal::String(pattern)) = pattern else {
            return Err(PathError::new(
                at,
                say!("a pattern is written in the path itself"),
                say!("write it in quotes: match(@.a, 'CAM.*')"),
            ));
        };
        let pattern = Pattern::compile(pattern, whole).map_err(|error| match error {
            PatternError::Costly => PathError::new(
                at,
                say!("this pattern is too costly"),
                say!("use fewer and smaller repetitions"),
            ),
            PatternError::Unreadable => PathError::new(
                at,
                say!("this pattern is not a regular expression of JSONPath (I-Regexp)"),
                say!("check its brackets and backslashes; a digit is [0-9], a letter is \\\\p{L}"),
            ),
        })?;
        let is_constant = text.is_constant();
        let matches = Filter::Matches(text, pattern);
        Ok(if is_constant { self.truth(matches) } else { matches })
    }

    fn comparison(&mut self, comparison: &tree::Comparison) -> Result<Filter, PathError> {
        let how = match comparison {
            tree::Comparison::Eq(..) => Relation::Equal,
            tree::Comparison::Ne(..) => Relation::Unequal,
            tree::Comparison::Lt(..) => Relation::Less,
            tree::Comparison::Lte(..) => Relation::LessOrEqual,
            tree::Comparison::Gt(..) => Relation::Greater,
            tree::Comparison::Gte(..) => Relation::GreaterOrEqual,
        };
        let (left, right) = comparison.vals();
        let (left, right) = (self.comparable(left)?, self.comparable(right)?);
        self.budget.compare(&left, &right, self.here.clone())?;
        if left.is_constant() && right.is_constant() {
            return Ok(self.truth(Filter::Compare(Comparison { left, how, right })));
        }
        let (left, right) = (self.side(left), self.side(right));
        Ok(Filter::Compare(Comparison { left, how, right }))
    }

    fn truth(&mut self, filter: Filter) -> Filter {
        Filter::Known(self.known(Constant::Truth(filter)))
    }

    fn side(&mut self, operand: Operand) -> Operand {
        match operand {
            Operand::Literal(_) => operand,
            _ if operand.is_constant() => Operand::Known(self.known(Constant::Operand(operand))),
            _ => operand,
        }
    }

    fn known(&mut self, constant: Constant) -> Known {
        self.constants.push(constant);
        Known(self.constants.len() - 1)
    }
}
