//! What stands on a side of a comparison or in a function, from the parser's syntax
//! tree. The parser knows no types: what takes one value, and what takes a path, is
//! seen to here.

use std::ops::Range;

use jsonpath_rust::parser::model as tree;
use serde_json::{Number, Value};

use super::PathError;
use super::compile::{Compiler, singular};
use super::plan::{Operand, Origin, Query, Step};
use super::scan::{Call, takes_a_path};

impl Compiler {
    pub fn comparable(&mut self, side: &tree::Comparable) -> Result<Operand, PathError> {
        match side {
            tree::Comparable::Literal(literal) => self.literal(literal),
            tree::Comparable::Function(function) => self.function(function),
            tree::Comparable::SingularQuery(query) => {
                let (origin, segments) = match query {
                    tree::SingularQuery::Current(segments) => (Origin::Current, segments),
                    tree::SingularQuery::Root(segments) => (Origin::Root, segments),
                };
                self.budget.spend(segments.len(), self.here.clone())?;
                let step = |segment: &tree::SingularQuerySegment| match segment {
                    tree::SingularQuerySegment::Name(name) => Step::Name(name.clone()),
                    tree::SingularQuerySegment::Index(index) => Step::Index(*index),
                };
                Ok(Operand::Node(origin, segments.iter().map(step).collect()))
            }
        }
    }

    fn literal(&self, literal: &tree::Literal) -> Result<Operand, PathError> {
        Ok(Operand::Literal(match literal {
            tree::Literal::Int(number) => (*number).into(),
            tree::Literal::Float(number) => {
                Number::from_f64(*number).map(Value::Number).ok_or_else(|| {
                    PathError::new(
                        self.here.clone(),
                        say!("a number of this path is too large for JSON"),
                        say!("write one below 1e308"),
                    )
                })?
            }
            tree::Literal::String(text) => text.as_str().into(),
            tree::Literal::Bool(truth) => (*truth).into(),
            tree::Literal::Null => Value::Null,
        }))
    }

    /// A function that gives a value.
    fn function(&mut self, function: &tree::TestFunction) -> Result<Operand, PathError> {
        let call = self.call();
        self.budget.spend(1, call.name.clone())?;
        match function {
            tree::TestFunction::Length(inner) => Ok(Operand::Length(Box::new(self.argument(inner, &call)?))),
            tree::TestFunction::Count(inner) => Ok(Operand::Count(self.query(inner, &call)?)),
            tree::TestFunction::Value(inner) => Ok(Operand::Only(self.query(inner, &call)?)),
            _ => Err(PathError::new(
                call.name,
                say!("this function gives no value"),
                say!("use it as a condition by itself"),
            )),
        }
    }

    /// The first argument of `call`, where one value is taken.
    pub fn argument(&mut self, argument: &tree::FnArg, call: &Call) -> Result<Operand, PathError> {
        let at = call.arguments.first().unwrap_or(&call.name).clone();
        let test = match argument {
            tree::FnArg::Literal(literal) => return self.literal(literal),
            tree::FnArg::Test(test) => test,
            tree::FnArg::Filter(_) => return Err(no_value(at)),
        };
        let (origin, segments) = match &**test {
            tree::Test::Function(function) => return self.function(function),
            tree::Test::RelQuery(segments) => (Origin::Current, segments),
            tree::Test::AbsQuery(query) => (Origin::Root, &query.segments),
        };
        let steps = singular(segments).ok_or_else(|| no_value(at.clone()))?;
        self.budget.spend(steps.len(), at)?;
        Ok(Operand::Node(origin, steps))
    }

    /// The argument of `call`, where any number of nodes is taken.
    fn query(&mut self, argument: &tree::FnArg, call: &Call) -> Result<Query, PathError> {
        let (origin, segments) = match argument {
            tree::FnArg::Test(test) => match &**test {
                tree::Test::RelQuery(segments) => (Origin::Current, segments),
                tree::Test::AbsQuery(query) => (Origin::Root, &query.segments),
                tree::Test::Function(_) => return Err(takes_a_path(call)),
            },
            tree::FnArg::Literal(_) | tree::FnArg::Filter(_) => return Err(takes_a_path(call)),
        };
        Ok(Query { origin, segments: self.segments(segments)? })
    }

    pub fn call(&mut self) -> Call {
        let unknown = || Call { name: self.here.clone(), arguments: Vec::new() };
        self.marks.calls.pop_front().unwrap_or_else(unknown)
    }
}

fn no_value(at: Range<usize>) -> PathError {
    PathError::new(
        at,
        say!("this function takes one value, or a path to one value"),
        say!("use count() to count several values"),
    )
}
