//! The filters, tests and functions of templates: a closed list in one place,
//! so that `names` can tell an unknown one, or one that is used wrongly, when a
//! file is loaded. What they do to text is in `mapping::text`; here they are tied
//! to the engine.
//!
//! The engine's own text filters take anything and write `None` and `True`. Ours
//! take text and numbers.

use std::ops::RangeInclusive;

use minijinja::value::ValueKind;
use minijinja::{Environment, Error, ErrorKind, Value, filters, functions, tests};

use super::convert::time_zone;
use super::moment::Moment;
use super::text;
use crate::diagnostic::Sentence;

/// A filter, how many arguments it takes in parentheses, and how it is written.
pub struct Filter {
    pub name: &'static str,
    pub takes: RangeInclusive<usize>,
    pub usage: &'static str,
}

const fn filter(name: &'static str, takes: RangeInclusive<usize>, usage: &'static str) -> Filter {
    Filter { name, takes, usage }
}

pub const FILTERS: [Filter; 21] = [
    filter("brl", 0..=0, "{{ total | brl }}"),
    filter("capitalize", 0..=0, "{{ nome | capitalize }}"),
    filter("date", 1..=2, "{{ vencimento | date('dd/MM/yyyy') }}"),
    filter("default", 1..=1, "{{ nome | default('cliente') }}"),
    filter("digits", 0..=0, "{{ codigo | digits }}"),
    filter("first", 0..=0, "{{ itens | first }}"),
    filter("first_name", 0..=0, "{{ nome | first_name }}"),
    filter("join", 0..=1, "{{ itens | join(', ') }}"),
    filter("last", 0..=0, "{{ itens | last }}"),
    filter("length", 0..=0, "{{ itens | length }}"),
    filter("lower", 0..=0, "{{ nome | lower }}"),
    filter("one_line", 0..=0, "{{ texto | one_line }}"),
    filter("phone_mask", 0..=0, "{{ telefone | phone_mask }}"),
    filter("plural", 2..=2, "{{ quantidade | plural('item', 'itens') }}"),
    filter("replace", 2..=2, "{{ texto | replace('a', 'b') }}"),
    filter("title", 0..=0, "{{ nome | title }}"),
    filter("trim", 0..=0, "{{ nome | trim }}"),
    filter("truncate", 1..=1, "{{ texto | truncate(40) }}"),
    filter("upper", 0..=0, "{{ nome | upper }}"),
    filter("urlencode", 0..=0, "{{ texto | urlencode }}"),
    filter("weekday", 0..=0, "{{ entrega | weekday }}"),
];
pub const TESTS: [&str; 9] =
    ["defined", "endingwith", "even", "in", "none", "number", "odd", "startingwith", "string"];
pub const FUNCTIONS: [&str; 1] = ["range"];

/// A text that a filter makes longer than this is not for a person.
const MOST_CHARS: usize = 64 * 1024;

pub fn known(name: &str) -> Option<&'static Filter> {
    FILTERS.iter().find(|filter| filter.name == name)
}

/// Ties every name of the lists above to what it does.
pub fn install(env: &mut Environment<'static>) {
    env.add_filter("brl", brl);
    env.add_filter("date", date);
    env.add_filter("default", default);
    env.add_filter("first", filters::first);
    env.add_filter("join", join);
    env.add_filter("last", filters::last);
    env.add_filter("length", length);
    env.add_filter("plural", plural);
    env.add_filter("replace", replace);
    env.add_filter("truncate", |value: &Value, most: usize| {
        Ok::<_, Error>(text::truncate(&words(value)?, most))
    });
    env.add_filter("weekday", |value: &Value| Ok::<_, Error>(text::weekday(&moment(value)?.0)));
    let mut on_text = |name: &'static str, work: fn(&str) -> String| {
        env.add_filter(name, move |value: &Value| Ok::<_, Error>(work(&words(value)?)));
    };
    on_text("capitalize", capitalize);
    on_text("digits", text::digits);
    on_text("first_name", text::first_name);
    on_text("lower", str::to_lowercase);
    on_text("one_line", text::one_line);
    on_text("phone_mask", text::phone_mask);
    on_text("title", text::title);
    on_text("trim", |text| text.trim().to_owned());
    on_text("upper", str::to_uppercase);
    on_text("urlencode", text::urlencode);

    env.add_test("defined", tests::is_defined);
    env.add_test("endingwith", tests::is_endingwith);
    env.add_test("even", tests::is_even);
    env.add_test("in", tests::is_in);
    env.add_test("none", tests::is_none);
    env.add_test("number", tests::is_number);
    env.add_test("odd", tests::is_odd);
    env.add_test("startingwith", tests::is_startingwith);
    env.add_test("string", tests::is_string);

    env.add_function("range", functions::range);
}

/// What the engine's error carries, so that it can be said in another language.
#[derive(Debug, thiserror::Error)]
#[error("{}", self.0.english())]
pub struct Unfit(pub Sentence);

pub fn unfit(message: Sentence) -> Error {
    Error::new(ErrorKind::InvalidOperation, message.english()).with_source(Unfit(message))
}

/// What `value` is, for a sentence.
pub fn kind_of(value: &Value) -> Sentence {
    if value.downcast_object_ref::<Moment>().is_some() {
        return say!("a date");
    }
    match value.kind() {
        ValueKind::None => say!("an empty value (null)"),
        ValueKind::Bool => say!("`true` or `false`"),
        ValueKind::Number => say!("a number"),
        ValueKind::String => say!("text"),
        ValueKind::Seq | ValueKind::Iterable => say!("a list"),
        _ => say!("a whole object"),
    }
}

/// A text or a number as a person writes it: `2`, and not `2.0`.
pub fn written(value: &Value) -> String {
    let text = value.to_string();
    match text.strip_suffix(".0") {
        Some(whole) if value.is_number() => whole.to_owned(),
        _ => text,
    }
}

/// A text, or a number as it is written.
fn words(value: &Value) -> Result<String, Error> {
    match value.kind() {
        ValueKind::String | ValueKind::Number => Ok(written(value)),
        ValueKind::Undefined => Err(Error::from(ErrorKind::UndefinedError)),
        _ => Err(unfit(say!("this filter takes text, and here is {}", kind_of(value)))),
    }
}

fn capitalize(text: &str) -> String {
    let mut chars = text.chars();
    let first = chars.next().map(char::to_uppercase).into_iter().flatten();
    first.chain(chars.flat_map(char::to_lowercase)).collect()
}

/// Absent is what it is for values: not there, null, or a text with nothing in it.
fn default(value: &Value, other: Value) -> Value {
    let blank = value.as_str().is_some_and(|text| text.trim().is_empty());
    if value.is_undefined() || value.is_none() || blank { other } else { value.clone() }
}

fn join(value: &Value, between: Option<&str>) -> Result<String, Error> {
    if value.is_undefined() {
        return Err(Error::from(ErrorKind::UndefinedError));
    }
    if !matches!(value.kind(), ValueKind::Seq | ValueKind::Iterable) {
        return Err(unfit(say!("`join` takes a list, and here is {}", kind_of(value))));
    }
    let mut joined = String::new();
    for (n, item) in value.try_iter()?.enumerate() {
        if n > 0 {
            joined.push_str(between.unwrap_or_default());
        }
        joined.push_str(&words(&item)?);
        bounded(joined.len())?;
    }
    Ok(joined)
}

fn replace(value: &Value, from: &str, to: &str) -> Result<String, Error> {
    let text = words(value)?;
    bounded(text.matches(from).count().saturating_mul(to.len()))?;
    Ok(text.replace(from, to))
}

fn bounded(length: usize) -> Result<(), Error> {
    match length > MOST_CHARS {
        true => Err(unfit(say!("this text becomes longer than {} characters", MOST_CHARS))),
        false => Ok(()),
    }
}

/// An amount in reais; the float nearest to an amount rounds to its cents.
fn brl(value: &Value) -> Result<String, Error> {
    if value.is_undefined() {
        return Err(Error::from(ErrorKind::UndefinedError));
    }
    let amount = || f64::try_from(value.clone()).ok().filter(|_| value.is_number());
    let units = amount().ok_or_else(|| {
        unfit(say!("`brl` takes an amount, and here is {}: take it with `as: money`", kind_of(value)))
    })?;
    let cents = (units * 100.0).round();
    if !cents.is_finite() || cents.abs() > 9.0e15 {
        return Err(unfit(say!("`brl` takes an amount, and this number is too large to be one")));
    }
    Ok(text::brl(cents as i64))
}

/// `zone` shows the moment on the clock of another place.
fn date(value: &Value, pattern: &str, zone: Option<&str>) -> Result<String, Error> {
    let moment = &moment(value)?.0;
    let there = zone.map(time_zone).transpose().map_err(|error| unfit(error.message))?;
    let shown = there.map_or_else(|| moment.clone(), |zone| moment.with_time_zone(zone));
    text::format_date(&shown, pattern).map_err(|error| unfit(error.message))
}

fn moment(value: &Value) -> Result<&Moment, Error> {
    if value.is_undefined() {
        return Err(Error::from(ErrorKind::UndefinedError));
    }
    value.downcast_object_ref::<Moment>().ok_or_else(|| {
        unfit(say!("this takes a date, and here is {}: take it with `as: date`", kind_of(value)))
    })
}

/// The engine's own says 0 of a value that is not there.
fn length(value: &Value) -> Result<usize, Error> {
    if value.is_undefined() {
        return Err(Error::from(ErrorKind::UndefinedError));
    }
    filters::length(value)
}

/// `3 | plural('item', 'itens')`; a list counts its items.
fn plural(value: &Value, one: &str, many: &str) -> Result<String, Error> {
    let count = match value.len() {
        Some(items) if value.as_str().is_none() => items as i64,
        _ => i64::try_from(value.clone()).map_err(|_| {
            unfit(say!("`plural` takes a whole number or a list, and here is {}", kind_of(value)))
        })?,
    };
    Ok(text::plural(count, one, many).to_owned())
}

#[cfg(test)]
#[path = "filters_tests.rs"]
mod tests_of_the_lists;
