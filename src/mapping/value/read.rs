//! Reading a value rule and the tables of a file, with every mistake placed.

use std::collections::BTreeMap;

use serde_json::Value;

use super::{From, Kind, Parts, Spot, Table, Typed, ValueRule};
use crate::diagnostic::{Diagnostic, Problems};
use crate::mapping::convert::{ConvertError, DEFAULT_ZONE, DateFormat, DateRule, Unit, time_zone};
use crate::yaml::{Data, Fields, Node};

pub const KEYS: [&str; 8] = ["from", "as", "many", "default", "table", "unit", "format", "timezone"];

/// Rows by key, by the name of the table.
pub type Tables = BTreeMap<String, BTreeMap<String, Value>>;

/// What a value is read among.
#[derive(Debug, Clone, Copy)]
pub struct Around<'a> {
    pub tables: &'a Tables,
    /// Whether `@` is something here: the item of `each`.
    pub has_item: bool,
}

impl ValueRule {
    /// `$.path`, a list of places, or a map with `from:`.
    pub fn read(node: &Node, around: Around<'_>, problems: &mut Problems) -> Option<Self> {
        if node.as_map().is_none() {
            return Some(Self {
                place: node.place.clone(),
                from: From::FirstOf(read_places(node, around, problems)?),
                kind: Kind::Json,
                many: false,
                default: None,
                table: None,
            });
        }
        let fields = Fields::open(node, "a value", &KEYS, problems)?;
        let Some(from) = fields.get("from") else {
            problems.push(
                Diagnostic::error(
                    "missing-key",
                    &node.place,
                    say!("a value needs `from`: where it comes from"),
                )
                .help(say!("such as { from: $.customer.phone, as: phone }")),
            );
            return None;
        };
        let kind = read_kind(&fields, problems);
        if let (Some(node), true) = (fields.get("many"), from.as_map().is_some()) {
            problems.push(
                Diagnostic::error(
                    "misplaced-key",
                    &node.place,
                    say!("`many` is of a value at one place, and this phone is in parts"),
                )
                .help(say!("remove `many`")),
            );
        }
        let rule = Self {
            place: from.place.clone(),
            from: read_from(from, kind.as_ref(), around, problems)?,
            kind: kind?,
            many: fields.bool("many", problems).unwrap_or(false),
            default: None,
            table: read_table(&fields, around.tables, problems)?,
        };
        match fields.get("default") {
            Some(node) => Some(Self { default: Some(rule.read_default(node, problems)?), ..rule }),
            None => Some(rule),
        }
    }
}

impl ValueRule {
    /// What stands in for the value is of its type, so that templates can do the
    /// same with it. Empty text stands for "nothing" whatever the type.
    fn read_default(&self, node: &Node, problems: &mut Problems) -> Option<Typed> {
        let default = node.to_json();
        if default == Value::String(String::new()) {
            let is_list = self.many || matches!(self.kind, Kind::List);
            return Some(Typed::Json(if is_list { Value::Array(Vec::new()) } else { default }));
        }
        let wrong = match (&self.table, self.many) {
            (_, true) if !default.is_array() => {
                Some(say!("this is a list of values, and its default is {}", node.kind()))
            }
            (Some(_), _) | (_, true) => return Some(Typed::Json(default)),
            (None, false) => match self.typed(&default) {
                Ok(typed) => return Some(typed),
                Err(problem) => Some(say!("this default is not what the value is: {}", problem.message)),
            },
        };
        let message = wrong?;
        let help = match self.many {
            true => say!("write default: [] for an empty list"),
            false => say!("write default: \"\" for nothing, and ask with {% if … %}"),
        };
        problems.push(Diagnostic::error("bad-default", &node.place, message).help(help));
        None
    }
}

fn read_places(node: &Node, around: Around<'_>, problems: &mut Problems) -> Option<Vec<Spot>> {
    let items = node.as_list().unwrap_or(std::slice::from_ref(node));
    let places: Vec<Spot> =
        items.iter().filter_map(|item| Spot::read(item, around.has_item, problems)).collect();
    if items.is_empty() {
        problems.push(Diagnostic::error("wrong-type", &node.place, say!("this list of places is empty")));
    }
    (places.len() == items.len() && !places.is_empty()).then_some(places)
}

fn read_from(node: &Node, kind: Option<&Kind>, around: Around<'_>, problems: &mut Problems) -> Option<From> {
    if node.as_map().is_none() {
        return read_places(node, around, problems).map(From::FirstOf);
    }
    if kind.is_some_and(|kind| !matches!(kind, Kind::Phone)) {
        problems.push(
            Diagnostic::error("wrong-type", &node.place, say!("only a phone is joined from parts"))
                .help(say!("add `as: phone`, or take each part as a value of its own")),
        );
        return None;
    }
    let fields = Fields::open(node, "a phone in parts", &["ddi", "ddd", "number"], problems)?;
    let Some(number) = fields.get("number") else {
        problems.push(
            Diagnostic::error("missing-key", &node.place, say!("a phone in parts needs `number`"))
                .help(say!("such as { ddd: $.phone.area_code, number: $.phone.number }")),
        );
        return None;
    };
    let mut part = |name: &str| match fields.get(name) {
        Some(node) => Spot::read(node, around.has_item, problems).map(Some),
        None => Some(None),
    };
    let (country, area) = (part("ddi")?, part("ddd")?);
    let number = Spot::read(number, around.has_item, problems)?;
    Some(From::Parts(Box::new(Parts { country, area, number })))
}

/// The words of `as:`.
pub const KINDS: [&str; 7] = ["text", "number", "bool", "list", "phone", "money", "date"];

/// The keys that belong to one of them only.
pub const OF_ONE_KIND: [(&str, &str); 3] = [("unit", "money"), ("format", "date"), ("timezone", "date")];

fn read_kind(fields: &Fields<'_>, problems: &mut Problems) -> Option<Kind> {
    let word = match fields.get("as") {
        Some(_) => Some(fields.word("as", &KINDS.map(|kind| (kind, kind)), problems)?),
        None => None,
    };
    for (key, kind) in OF_ONE_KIND {
        if let Some(place) = fields.key_place(key)
            && word != Some(kind)
        {
            problems.push(
                Diagnostic::error("unknown-key", place, say!("`{}` belongs to `as: {}`", key, kind))
                    .help(say!("add `as: {}`, or remove `{}`", kind, key)),
            );
        }
    }
    match word {
        Some("text") => Some(Kind::Text),
        Some("number") => Some(Kind::Number),
        Some("bool") => Some(Kind::Bool),
        Some("list") => Some(Kind::List),
        Some("phone") => Some(Kind::Phone),
        Some("money") => read_unit(fields, problems).map(Kind::Money),
        Some("date") => read_date(fields, problems).map(|rule| Kind::Date(Box::new(rule))),
        _ => Some(Kind::Json),
    }
}

fn read_unit(fields: &Fields<'_>, problems: &mut Problems) -> Option<Unit> {
    match fields.get("unit") {
        Some(_) => fields.word("unit", &[("units", Unit::Units), ("cents", Unit::Cents)], problems),
        None => Some(Unit::Units),
    }
}

fn read_date(fields: &Fields<'_>, problems: &mut Problems) -> Option<DateRule> {
    let format = fields.text("format", problems).map(DateFormat::parse).transpose();
    let zone = time_zone(fields.text("timezone", problems).unwrap_or(DEFAULT_ZONE));
    for (key, error) in [("format", format.as_ref().err()), ("timezone", zone.as_ref().err())] {
        if let (Some(node), Some(ConvertError { message, help })) = (fields.get(key), error) {
            let problem = Diagnostic::error("bad-date", &node.place, message.clone());
            problems.push(Diagnostic { help: help.clone(), ..problem });
        }
    }
    Some(DateRule::new(format.ok()?, zone.ok()?))
}

/// None: it was named and is not there. Some(None): no table.
fn read_table(fields: &Fields<'_>, tables: &Tables, problems: &mut Problems) -> Option<Option<Table>> {
    let Some(node) = fields.get("table") else { return Some(None) };
    let name = fields.text("table", problems)?;
    match tables.get(name) {
        Some(rows) => Some(Some(Table { name: name.to_owned(), rows: rows.clone() })),
        None => {
            problems.push(
                Diagnostic::error("unknown-table", &node.place, say!("there is no table `{}`", name))
                    .suggest(name, tables.keys().map(String::as_str)),
            );
            None
        }
    }
}

/// `tables:` of a file: names, each with rows of key and value.
pub fn read_tables(node: &Node, problems: &mut Problems) -> Tables {
    let mut tables = Tables::new();
    let Some(entries) = node.as_map() else {
        problems.push(Diagnostic::error("wrong-type", &node.place, say!("`tables` is a map of names")));
        return tables;
    };
    for (key, table) in entries {
        match &table.data {
            Data::Map(rows) => {
                let rows = rows.iter().map(|(row, value)| (row.name.clone(), value.to_json())).collect();
                tables.insert(key.name.clone(), rows);
            }
            _ => {
                let message = say!("the table `{}` is a map; here is {}", key.name, table.kind());
                problems.push(
                    Diagnostic::error("wrong-type", &table.place, message)
                        .help(say!("one row a line, without dashes: \"101\": Vitória")),
                );
                // Who names it has no mistake.
                tables.insert(key.name.clone(), BTreeMap::new());
            }
        }
    }
    tables
}
