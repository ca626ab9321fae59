//! The filters, tests and functions of templates: a closed list in one place,
//! so that `names` can tell an unknown one when a file is loaded. What they do
//! to text is in `mapping::text`; here they are tied to the engine.

use minijinja::{Environment, Error, ErrorKind, Value, filters, functions, tests};

use super::moment::Moment;
use super::text;
use crate::diagnostic::Sentence;

pub const FILTERS: [&str; 21] = [
    "brl",
    "capitalize",
    "date",
    "default",
    "digits",
    "first",
    "first_name",
    "join",
    "last",
    "length",
    "lower",
    "one_line",
    "phone_mask",
    "plural",
    "replace",
    "title",
    "trim",
    "truncate",
    "upper",
    "urlencode",
    "weekday",
];
pub const TESTS: [&str; 9] =
    ["defined", "endingwith", "even", "in", "none", "number", "odd", "startingwith", "string"];
pub const FUNCTIONS: [&str; 1] = ["range"];

/// Ties every name of the lists above to what it does.
pub fn install(env: &mut Environment<'static>) {
    env.add_filter("brl", brl);
    env.add_filter("capitalize", filters::capitalize);
    env.add_filter("date", date);
    env.add_filter("default", filters::default);
    env.add_filter("digits", |value: String| text::digits(&value));
    env.add_filter("first", filters::first);
    env.add_filter("first_name", |value: String| text::first_name(&value));
    env.add_filter("join", filters::join);
    env.add_filter("last", filters::last);
    env.add_filter("length", length);
    env.add_filter("lower", filters::lower);
    env.add_filter("one_line", |value: String| text::one_line(&value));
    env.add_filter("phone_mask", |value: String| text::phone_mask(&value));
    env.add_filter("plural", plural);
    env.add_filter("replace", filters::replace);
    env.add_filter("title", |value: String| text::title(&value));
    env.add_filter("trim", filters::trim);
    env.add_filter("truncate", |value: String, most: usize| text::truncate(&value, most));
    env.add_filter("upper", filters::upper);
    env.add_filter("urlencode", |value: String| text::urlencode(&value));
    env.add_filter("weekday", |value: &Value| Ok::<_, Error>(text::weekday(&moment(value)?.0)));

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

/// An amount in reais; the float nearest to an amount rounds to its cents.
fn brl(value: &Value) -> Result<String, Error> {
    let units = f64::try_from(value.clone()).map_err(|_| {
        unfit(say!("`brl` takes an amount, and this is {}: take it with `as: money`", value.kind()))
    })?;
    let cents = (units * 100.0).round();
    if !cents.is_finite() || cents.abs() > 9.0e15 {
        return Err(unfit(say!("`brl` takes an amount, and this number is too large to be one")));
    }
    Ok(text::brl(cents as i64))
}

fn date(value: &Value, pattern: &str) -> Result<String, Error> {
    text::format_date(&moment(value)?.0, pattern).map_err(|error| unfit(error.message))
}

fn moment(value: &Value) -> Result<&Moment, Error> {
    value.downcast_object_ref::<Moment>().ok_or_else(|| {
        unfit(say!("this takes a date, and here is {}: take it with `as: date`", value.kind()))
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
        _ => i64::try_from(value.clone())
            .map_err(|_| unfit(say!("`plural` takes a whole number or a list")))?,
    };
    Ok(text::plural(count, one, many).to_owned())
}

#[cfg(test)]
mod tests_of_the_lists {
    use super::*;

    #[test]
    fn every_name_of_the_lists_is_installed() {
        let mut env = Environment::empty();
        install(&mut env);
        for name in FILTERS {
            let error = env.compile_expression_owned(format!("1|{name}")).unwrap().eval(()).err();
            assert_ne!(error.map(|e| e.kind()), Some(ErrorKind::UnknownFilter), "{name}");
        }
        for name in TESTS {
            let error = env.compile_expression_owned(format!("1 is {name}")).unwrap().eval(()).err();
            assert_ne!(error.map(|e| e.kind()), Some(ErrorKind::UnknownTest), "{name}");
        }
    }

    #[test]
    fn they_write_for_brazilians() {
        let mut env = Environment::empty();
        install(&mut env);
        let moment = Value::from_object(Moment::of(crate::event::Timestamp::from_secs(1_772_452_800)));
        for (expression, expected) in [
            ("394.6 | brl", "R$ 394,60"),
            ("1234.565 | brl", "R$ 1.234,57"),
            ("'MARIA DA SILVA' | first_name", "Maria"),
            ("when | date('dd/MM/yyyy HH:mm')", "02/03/2026 09:00"),
            ("when | weekday", "segunda-feira"),
            ("1 | plural('item', 'itens')", "item"),
            ("[1, 2] | plural('item', 'itens')", "itens"),
            ("'5527999998888' | phone_mask", "+55 27 9****-8888"),
        ] {
            let context = minijinja::context! { when => moment.clone() };
            let value = env.compile_expression(expression).unwrap().eval(context).unwrap();
            assert_eq!(value.as_str(), Some(expected), "{expression}");
        }
    }
}
