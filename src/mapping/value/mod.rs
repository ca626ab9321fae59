//! One value: where it comes from, its type, and what if it is absent.
//!
//! Absent means: not there, null, or a text with nothing in it. Only `default:`
//! says that absence is fine.

mod read;

use std::collections::BTreeMap;

use minijinja::value::Serde;
use serde_json::Value;

use super::Problem;
use super::convert::{
    ConvertError, DateRule, Unit, boolean, list, money, number, phone, phone_from_parts, text,
};
use super::moment::Moment;
use crate::diagnostic::Place;
use crate::payload::{Locator, Request};
use crate::yaml::Node;

pub use read::{KEYS, KINDS, OF_ONE_KIND, Tables, read_tables};

#[derive(Debug, Clone)]
pub struct ValueRule {
    pub place: Place,
    from: From,
    kind: Kind,
    many: bool,
    default: Option<Value>,
    table: Option<Table>,
}

#[derive(Debug, Clone)]
enum From {
    /// The first that is present and converts.
    FirstOf(Vec<Locator>),
    /// A phone whose parts are in fields of their own.
    Parts { country: Option<Locator>, area: Option<Locator>, number: Locator },
}

#[derive(Debug, Clone)]
enum Kind {
    /// As JSON has it.
    Json,
    Text,
    Number,
    Bool,
    List,
    Phone,
    Money(Unit),
    Date(Box<DateRule>),
}

#[derive(Debug, Clone)]
struct Table {
    name: String,
    rows: BTreeMap<String, Value>,
}

/// A value that was found and converted.
#[derive(Debug, Clone)]
pub enum Typed {
    Json(Value),
    /// In reais.
    Money(f64),
    Date(Moment),
}

/// A value of an event, with where it came from.
#[derive(Debug, Clone)]
pub struct Traced {
    pub name: String,
    /// `$.customer.phone`, or `default`.
    pub origin: String,
    pub outcome: Result<Typed, Problem>,
}

impl Typed {
    pub fn to_json(&self) -> Value {
        match self {
            Self::Json(value) => value.clone(),
            Self::Money(units) => Value::from(*units),
            Self::Date(date) => Value::String(date.iso()),
        }
    }

    pub fn to_jinja(&self) -> minijinja::Value {
        match self {
            Self::Json(value) => minijinja::Value::from(Serde(value)),
            Self::Money(units) => minijinja::Value::from(*units),
            Self::Date(date) => minijinja::Value::from_object(date.clone()),
        }
    }
}

/// The two failures that are an absence: of the value, and of its row.
const MISSING: &str = "value-missing";
const NOT_IN_TABLE: &str = "not-in-table";

/// What a bare `{{ name }}` of that type would print: not for a person.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NeedsFilter {
    Money,
    Date,
    List,
    Bool,
}

impl ValueRule {
    /// Stands in for a value that could not be read, so that its uses are known.
    pub fn broken(node: &Node) -> Self {
        Self {
            place: node.place.clone(),
            from: From::FirstOf(Vec::new()),
            kind: Kind::Json,
            many: false,
            default: None,
            table: None,
        }
    }

    /// Whether a list, a flag, an amount or a date: nothing to print as it is.
    pub fn needs_filter(&self) -> Option<NeedsFilter> {
        match self.kind {
            _ if self.many => Some(NeedsFilter::List),
            _ if self.table.is_some() => None,
            Kind::Money(_) => Some(NeedsFilter::Money),
            Kind::Date(_) => Some(NeedsFilter::Date),
            Kind::List => Some(NeedsFilter::List),
            Kind::Bool => Some(NeedsFilter::Bool),
            _ => None,
        }
    }

    /// Finds and converts the value. Also says where it was.
    pub fn evaluate(&self, name: &str, request: &Request<'_>) -> Traced {
        let (origin, outcome) = match &self.from {
            From::FirstOf(locators) if self.many => self.collect(locators, request),
            From::FirstOf(locators) => self.first(locators, request),
            From::Parts { country, area, number } => self.joined(country, area, number, request),
        };
        Traced { name: name.to_owned(), origin, outcome }
    }

    /// The first place whose value is present and converts. A value that does
    /// not convert is a reason to look further, and is reported if none does:
    /// a default stands in for what is absent, not for what is wrong.
    fn first(&self, locators: &[Locator], request: &Request<'_>) -> (String, Result<Typed, Problem>) {
        let mut failure = None;
        for locator in locators {
            let nodes = locator.nodes(request);
            let mut present = nodes.iter().filter(|node| is_present(node));
            let Some(node) = present.next() else { continue };
            let outcome = match present.count() {
                0 => self.typed(node),
                more => Err(self
                    .problem("value-ambiguous", format!("{locator} finds {} values here", more + 1))
                    .help("end the path with an index such as [0], or add `many: true` for a list")),
            };
            match outcome {
                Ok(value) => return (locator.to_string(), Ok(value)),
                Err(problem) => failure = failure.or(Some(problem)),
            }
        }
        let problem = failure.unwrap_or_else(|| self.missing(locators));
        match &self.default {
            Some(default) if [MISSING, NOT_IN_TABLE].contains(&problem.code.as_str()) => {
                ("default".to_owned(), Ok(Typed::Json(default.clone())))
            }
            _ => (self.places(locators), Err(problem)),
        }
    }

    fn collect(&self, locators: &[Locator], request: &Request<'_>) -> (String, Result<Typed, Problem>) {
        for locator in locators {
            let nodes = locator.nodes(request);
            let items: Result<Vec<Value>, Problem> = nodes
                .iter()
                .filter(|node| is_present(node))
                .map(|node| Ok(self.typed(node)?.to_json()))
                .collect();
            match items {
                Ok(items) if items.is_empty() => continue,
                Ok(items) => return (locator.to_string(), Ok(Typed::Json(Value::Array(items)))),
                Err(problem) => return (locator.to_string(), Err(problem)),
            }
        }
        match &self.default {
            Some(default) => ("default".to_owned(), Ok(Typed::Json(default.clone()))),
            None => (self.places(locators), Err(self.missing(locators))),
        }
    }

    fn joined(
        &self,
        country: &Option<Locator>,
        area: &Option<Locator>,
        number: &Locator,
        request: &Request<'_>,
    ) -> (String, Result<Typed, Problem>) {
        let find = |locator: &Locator| {
            locator.nodes(request).into_iter().find(|node| is_present(node)).map(|node| node.into_owned())
        };
        let (country, area) = (country.as_ref().and_then(find), area.as_ref().and_then(find));
        let outcome = match (find(number), &self.default) {
            (Some(found), _) => phone_from_parts(country.as_ref(), area.as_ref(), &found)
                .map(|digits| Typed::Json(Value::String(digits)))
                .map_err(|error| self.unconvertible(error)),
            (None, Some(default)) => return ("default".to_owned(), Ok(Typed::Json(default.clone()))),
            (None, None) => Err(self.missing(std::slice::from_ref(number))),
        };
        (number.to_string(), outcome)
    }

    fn typed(&self, node: &Value) -> Result<Typed, Problem> {
        let typed = match &self.kind {
            Kind::Json => Ok(Typed::Json(node.clone())),
            Kind::Text => text(node).map(|text| Typed::Json(Value::String(text))),
            Kind::Number => number(node).map(|number| Typed::Json(Value::Number(number))),
            Kind::Bool => boolean(node).map(|flag| Typed::Json(Value::Bool(flag))),
            Kind::List => list(node).map(|items| Typed::Json(Value::Array(items.to_vec()))),
            Kind::Phone => phone(node, None).map(|digits| Typed::Json(Value::String(digits))),
            Kind::Money(unit) => money(node, *unit).map(|amount| Typed::Money(amount.as_units_f64())),
            Kind::Date(rule) => rule.date(node).map(|date| Typed::Date(Moment(date))),
        };
        let typed = typed.map_err(|error| self.unconvertible(error))?;
        let Some(table) = &self.table else { return Ok(typed) };
        let key = match typed.to_json() {
            Value::String(key) => key,
            other => other.to_string(),
        };
        table.rows.get(&key).cloned().map(Typed::Json).ok_or_else(|| {
            self.problem(NOT_IN_TABLE, format!("the table `{}` has no row for `{key}`", table.name))
                .help("add the row, or give the value a `default:`")
        })
    }

    fn missing(&self, locators: &[Locator]) -> Problem {
        self.problem(MISSING, format!("nothing is there at {}", self.places(locators)))
            .help("if that can happen, say what to use instead with `default:`")
    }

    fn unconvertible(&self, error: ConvertError) -> Problem {
        let problem = self.problem("value-unfit", error.message);
        Problem { help: error.help, ..problem }
    }

    fn problem(&self, code: &str, message: String) -> Problem {
        Problem::new(code, &self.place, message)
    }

    fn places(&self, locators: &[Locator]) -> String {
        locators.iter().map(Locator::to_string).collect::<Vec<_>>().join(", ")
    }
}

fn is_present(node: &Value) -> bool {
    match node {
        Value::Null => false,
        Value::String(text) => !text.trim().is_empty(),
        _ => true,
    }
}
