//! The types that need no rule sheet: `text`, `number`, `bool` and `list`.
//! Never here: a type with an option, or a guess at what a value was meant to be.

use serde_json::{Number, Value};

use super::ConvertError;
use super::error::quote;

/// Text as it is; a number by its digits. An order number arrives as either,
/// sometimes from one and the same sender.
pub fn text(value: &Value) -> Result<String, ConvertError> {
    match value {
        Value::String(text) => Ok(text.clone()),
        Value::Number(number) => Ok(number_text(number)),
        other => Err(ConvertError::expected(say!("a text"), other)),
    }
}

/// A JSON number, or one written as text, which is all a form can send.
pub fn number(value: &Value) -> Result<Number, ConvertError> {
    match value {
        Value::Number(number) => Ok(number.clone()),
        Value::String(text) => number_in(text.trim()),
        other => Err(ConvertError::expected(say!("a number"), other)),
    }
}

/// A truth value, or one of the words and digits that stand for it.
pub fn boolean(value: &Value) -> Result<bool, ConvertError> {
    let word = match value {
        Value::Bool(truth) => return Ok(*truth),
        Value::String(text) => text.trim().to_lowercase(),
        Value::Number(number) => number_text(number),
        other => return Err(ConvertError::expected(say!("true or false"), other)),
    };
    match word.as_str() {
        "true" | "1" | "sim" | "yes" => Ok(true),
        "false" | "0" | "não" | "nao" | "no" => Ok(false),
        _ => Err(ConvertError::expected(say!("true or false"), value)
            .with_help(say!("true, 1, sim and yes are true; false, 0, não and no are false"))),
    }
}

/// A JSON array. One value alone is not a list of one: the sender may mean
/// something else by it.
pub fn list(value: &Value) -> Result<&[Value], ConvertError> {
    match value {
        Value::Array(items) => Ok(items),
        other => Err(ConvertError { help: None, ..ConvertError::expected(say!("a list"), other) }),
    }
}

/// The decimal text of a number. `12.0` is `12`: some senders keep every number,
/// ids and phones too, as floating point.
pub(super) fn number_text(number: &Number) -> String {
    let text = number.to_string();
    match text.strip_suffix(".0") {
        Some(whole) => whole.to_owned(),
        None => text,
    }
}

fn number_in(text: &str) -> Result<Number, ConvertError> {
    let digits = text.strip_prefix('-').unwrap_or(text);
    let (whole, fraction) = match digits.split_once('.') {
        Some((whole, fraction)) => (whole, Some(fraction)),
        None => (digits, None),
    };
    let all_digits = |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit());
    if !all_digits(whole) || fraction.is_some_and(|part| !all_digits(part)) {
        let refused = ConvertError::expected(say!("a number"), &Value::from(text));
        return Err(match text.contains(',') {
            true => {
                refused.with_help(say!("a number is written `1234.56`; `as: money` also reads `1.234,56`"))
            }
            false => refused,
        });
    }
    let exact = match fraction {
        Some(_) => text.parse().ok().and_then(Number::from_f64),
        // An integer that a float would round, such as the 44 digits of an
        // invoice key, is a code and not a quantity.
        None => text.parse::<i64>().map(Number::from).or_else(|_| text.parse::<u64>().map(Number::from)).ok(),
    };
    exact.ok_or_else(|| {
        ConvertError::new(say!("the number {} has too many digits to be kept exactly", quote(text)))
            .with_help(say!("if it is a code and not a quantity, use `as: text`"))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use serde_json::json;

    #[test]
    fn text_is_text_or_the_digits_of_a_number() {
        for (value, expected) in [
            (json!("  a b "), Some("  a b ")),
            (json!(""), Some("")),
            (json!(1001), Some("1001")),
            (json!(-3), Some("-3")),
            (json!(149.90), Some("149.9")),
            (json!(12345.0), Some("12345")),
            (json!(u64::MAX), Some("18446744073709551615")),
            (json!(true), None),
            (json!(null), None),
            (json!(["a"]), None),
            (json!({}), None),
        ] {
            assert_eq!(text(&value).ok().as_deref(), expected, "{value}");
        }
    }

    #[test]
    fn numbers_are_json_or_decimal_text() {
        for (value, expected) in [
            (json!(12), Some(json!(12))),
            (json!(1.5), Some(json!(1.5))),
            (json!("12"), Some(json!(12))),
            (json!(" -12.50 "), Some(json!(-12.5))),
            (json!("007"), Some(json!(7))),
            (json!("18446744073709551615"), Some(json!(u64::MAX))),
            (json!("35260312345678000190550010000012341000012345"), None),
            (json!("1,5"), None),
            (json!("1.234,56"), None),
            (json!("1."), None),
            (json!(".5"), None),
            (json!("-"), None),
            (json!("1e3"), None),
            (json!("NaN"), None),
            (json!("0x10"), None),
            (json!(""), None),
            (json!(true), None),
            (json!(null), None),
        ] {
            assert_eq!(number(&value).ok().map(Value::Number), expected, "{value}");
        }
    }

    #[test]
    fn truth_has_a_few_names() {
        for (truth, names) in [
            (true, [json!(true), json!("true"), json!("1"), json!(1), json!("Sim"), json!(" YES ")]),
            (false, [json!(false), json!("False"), json!("0"), json!(0.0), json!("NÃO"), json!("nao")]),
        ] {
            for name in names {
                assert_eq!(boolean(&name), Ok(truth), "{name}");
            }
        }
        for other in [json!("talvez"), json!(2), json!(""), json!(null), json!([true])] {
            assert!(boolean(&other).is_err(), "{other}");
        }
    }

    #[test]
    fn only_an_array_is_a_list() {
        assert_eq!(list(&json!([1, "a"])), Ok([json!(1), json!("a")].as_slice()));
        assert_eq!(list(&json!([])), Ok([].as_slice()));
        for other in [json!("a,b"), json!({"0": 1}), json!(null)] {
            assert!(list(&other).is_err(), "{other}");
        }
    }

    #[test]
    fn refusals_say_what_was_found() {
        for (refused, message, help) in [
            (text(&json!(true)).err(), "expected a text and found true", None),
            (number(&json!("abc")).err(), "expected a number and found the text `abc`", None),
            (
                number(&json!("1,5")).err(),
                "expected a number and found the text `1,5`",
                Some("a number is written `1234.56`; `as: money` also reads `1.234,56`"),
            ),
            (
                boolean(&json!(2)).err(),
                "expected true or false and found the number 2",
                Some("true, 1, sim and yes are true; false, 0, não and no are false"),
            ),
            (list(&json!({})).err(), "expected a list and found an object", None),
        ] {
            let refused = refused.unwrap();
            assert_eq!(refused.message.english(), message);
            assert_eq!(refused.help.map(|said| said.english()).as_deref(), help);
        }
    }

    proptest! {
        /// Taking a number as text and that text as a number loses nothing.
        #[test]
        fn integers_survive_text(n: i64) {
            let written = text(&json!(n)).unwrap();
            prop_assert_eq!(number(&json!(written)), Ok(Number::from(n)));
        }
    }
}
