//! One value: where it comes from, its type, and what if it is absent.
//!
//! Absent means: not there, null, or a text with nothing in it. Only `default:`
//! says that absence is fine.

mod read;
mod section;
mod spot;

use std::collections::{BTreeMap, BTreeSet};

use minijinja::value::Serde;
use serde_json::Value;

use super::Problem;
use super::convert::{
    ConvertError, DateRule, Unit, boolean, list, money, number, phone, phone_from_parts, text,
};
use super::moment::Moment;
use crate::diagnostic::{Place, Sentence};
use crate::payload::Request;
use crate::yaml::Node;

pub use read::{Around, KEYS, KINDS, OF_ONE_KIND, Tables, read_tables};
pub use section::{Values, read_values, warn_unused};
pub use spot::Spot;

#[derive(Debug, Clone)]
pub struct ValueRule {
    pub place: Place,
    from: From,
    kind: Kind,
    many: bool,
    /// Converted as what is found would be.
    default: Option<Typed>,
    table: Option<Table>,
}

#[derive(Debug, Clone)]
enum From {
    /// The first that is present and converts.
    FirstOf(Vec<Spot>),
    /// A phone whose parts are in fields of their own.
    Parts(Box<Parts>),
}

#[derive(Debug, Clone)]
struct Parts {
    country: Option<Spot>,
    area: Option<Spot>,
    number: Spot,
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
    /// It has a mistake, which was reported.
    Broken,
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

/// Where values are looked for.
#[derive(Debug, Clone, Copy)]
pub struct FoundIn<'a> {
    pub request: &'a Request<'a>,
    /// What `@` is: the item of `each`, or the whole body.
    pub item: &'a Value,
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

/// What is known of a value before any event: what templates may do with it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shape {
    /// As the payload has it.
    Any,
    Text,
    Number,
    Money,
    Date,
    List,
    Flag,
    /// Its rule has a mistake: what is done with it cannot be judged.
    Broken,
}

impl ValueRule {
    /// Stands in for a value that could not be read, so that its uses are known.
    pub fn broken(node: &Node) -> Self {
        Self {
            place: node.place.clone(),
            from: From::FirstOf(Vec::new()),
            kind: Kind::Broken,
            many: false,
            default: None,
            table: None,
        }
    }

    pub fn shape(&self) -> Shape {
        match self.kind {
            _ if self.many => Shape::List,
            _ if self.table.is_some() => Shape::Any,
            Kind::Json => Shape::Any,
            Kind::Text | Kind::Phone => Shape::Text,
            Kind::Number => Shape::Number,
            Kind::Bool => Shape::Flag,
            Kind::List => Shape::List,
            Kind::Money(_) => Shape::Money,
            Kind::Date(_) => Shape::Date,
            Kind::Broken => Shape::Broken,
        }
    }

    /// Whether it is empty text where the payload has nothing, and not of its type.
    pub fn may_be_blank(&self) -> bool {
        matches!(&self.default, Some(Typed::Json(Value::String(text))) if text.is_empty())
    }

    /// The texts it can be, if a table says them all.
    pub fn choices(&self) -> Option<BTreeSet<String>> {
        let table = self.table.as_ref().filter(|table| !self.many && !table.rows.is_empty())?;
        let all = table.rows.values().cloned().chain(self.default.iter().map(Typed::to_json));
        Some(all.filter_map(|value| value.as_str().map(str::to_owned)).collect())
    }

    /// Finds and converts the value. Also says where it was.
    pub fn evaluate(&self, name: &str, found_in: &FoundIn<'_>) -> Traced {
        let (origin, outcome) = match &self.from {
            From::FirstOf(spots) if self.many => self.collect(spots, found_in),
            From::FirstOf(spots) => self.first(spots, found_in),
            From::Parts(parts) => self.joined(parts, found_in),
        };
        Traced { name: name.to_owned(), origin, outcome }
    }

    /// The first place whose value is present and converts. A value that does
    /// not convert is a reason to look further, and is reported if none does:
    /// a default stands in for what is absent, not for what is wrong.
    fn first(&self, spots: &[Spot], found_in: &FoundIn<'_>) -> (String, Result<Typed, Problem>) {
        let mut failure = None;
        for spot in spots {
            let nodes = spot.nodes(found_in.request, found_in.item);
            let mut present = nodes.iter().filter(|node| is_present(node));
            let Some(node) = present.next() else { continue };
            let outcome = match present.count() {
                0 => self.typed(node),
                more => Err(self
                    .problem("value-ambiguous", say!("{} finds {} values here", spot, more + 1))
                    .help(say!("end the path with an index such as [0], or add `many: true` for a list"))),
            };
            match outcome {
                Ok(value) => return (spot.to_string(), Ok(value)),
                Err(problem) => failure = failure.or(Some(problem)),
            }
        }
        let problem = failure.unwrap_or_else(|| self.missing(spots));
        match &self.default {
            Some(default) if [MISSING, NOT_IN_TABLE].contains(&problem.code.as_str()) => {
                ("default".to_owned(), Ok(default.clone()))
            }
            _ => (self.places(spots), Err(problem)),
        }
    }

    fn collect(&self, spots: &[Spot], found_in: &FoundIn<'_>) -> (String, Result<Typed, Problem>) {
        for spot in spots {
            let nodes = spot.nodes(found_in.request, found_in.item);
            let items: Result<Vec<Value>, Problem> = nodes
                .iter()
                .filter(|node| is_present(node))
                .map(|node| Ok(self.typed(node)?.to_json()))
                .collect();
            match items {
                Ok(items) if items.is_empty() => continue,
                Ok(items) => return (spot.to_string(), Ok(Typed::Json(Value::Array(items)))),
                Err(problem) => return (spot.to_string(), Err(problem)),
            }
        }
        match &self.default {
            Some(default) => ("default".to_owned(), Ok(default.clone())),
            None => (self.places(spots), Err(self.missing(spots))),
        }
    }

    fn joined(&self, parts: &Parts, found_in: &FoundIn<'_>) -> (String, Result<Typed, Problem>) {
        let find = |spot: &Spot| {
            spot.nodes(found_in.request, found_in.item)
                .into_iter()
                .find(|node| is_present(node))
                .map(|node| node.into_owned())
        };
        let Parts { country, area, number } = parts;
        let (country, area) = (country.as_ref().and_then(find), area.as_ref().and_then(find));
        let outcome = match (find(number), &self.default) {
            (Some(found), _) => phone_from_parts(country.as_ref(), area.as_ref(), &found)
                .map(|digits| Typed::Json(Value::String(digits)))
                .map_err(|error| self.unconvertible(error)),
            (None, Some(default)) => return ("default".to_owned(), Ok(default.clone())),
            (None, None) => Err(self.missing(std::slice::from_ref(number))),
        };
        (number.to_string(), outcome)
    }

    fn typed(&self, node: &Value) -> Result<Typed, Problem> {
        let typed = match &self.kind {
            Kind::Json | Kind::Broken => Ok(Typed::Json(node.clone())),
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
            self.problem(NOT_IN_TABLE, say!("the table `{}` has no row for `{}`", table.name, key))
                .help(say!("add the row, or give the value a `default:`"))
        })
    }

    fn missing(&self, spots: &[Spot]) -> Problem {
        self.problem(MISSING, say!("nothing is there at {}", self.places(spots)))
            .help(say!("if that can happen, say what to use instead with `default:`"))
    }

    fn unconvertible(&self, error: ConvertError) -> Problem {
        let problem = self.problem("value-unfit", error.message);
        Problem { help: error.help, ..problem }
    }

    fn problem(&self, code: &str, message: Sentence) -> Problem {
        Problem::new(code, &self.place, message)
    }

    fn places(&self, spots: &[Spot]) -> String {
        spots.iter().map(Spot::to_string).collect::<Vec<_>>().join(", ")
    }
}

fn is_present(node: &Value) -> bool {
    match node {
        Value::Null => false,
        Value::String(text) => !text.trim().is_empty(),
        _ => true,
    }
}
