//! `as: money`: an exact count of cents. Amounts are read from their decimal
//! text, digit by digit; no float is ever added, multiplied or rounded. Never
//! here: currencies other than the real, or how an amount is written (see
//! `mapping::text::brl`).

use serde_json::Value;

use super::ConvertError;
use super::error::quote;
use super::scalar::number_text;

/// What one of the sender's amounts counts. Senders differ, and 14990 is right
/// in both, so the mapping says which.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Unit {
    /// Reais: `149.90`.
    #[default]
    Units,
    /// Cents: `14990`.
    Cents,
}

/// An amount in cents.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Money(i64);

impl Money {
    pub const fn from_cents(cents: i64) -> Self {
        Self(cents)
    }

    pub const fn cents(self) -> i64 {
        self.0
    }

    /// For comparing with amounts in a `when`, such as `total > 99.9`; the
    /// nearest float to the amount is also the one that its literal makes.
    pub fn as_units_f64(self) -> f64 {
        self.0 as f64 / 100.0
    }
}

/// Reads an amount: a JSON number, or text as Brazilians or computers write it.
pub fn money(value: &Value, unit: Unit) -> Result<Money, ConvertError> {
    let (read, written) = match value {
        Value::Number(number) => {
            let text = number_text(number);
            (in_number(&text, unit), text)
        }
        Value::String(text) if !text.trim().is_empty() => (in_text(text.trim(), unit), text.clone()),
        other => return Err(ConvertError::expected(say!("an amount of money"), other)),
    };
    read.map(Money).map_err(|flaw| flaw.explain(&quote(written.trim())))
}

/// Why a number or text is not an amount.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Flaw {
    NotMoney,
    TwoReadings,
    TooPrecise,
    TooLarge,
    NotWholeCents,
}

impl Flaw {
    fn explain(self, found: &str) -> ConvertError {
        let (message, help) = match self {
            Self::NotMoney => (
                say!("{} is not an amount of money", found),
                say!("amounts are written like `149.90`, `1.234,56` or `R$ 1.234,56`"),
            ),
            Self::TwoReadings => (
                say!("{} can be read in two ways: as thousands, or as a number with three decimals", found),
                say!("take the amount from a JSON number, or have it sent with its cents, as in `1.234,00`"),
            ),
            Self::TooPrecise => (
                say!("{} has more than two decimals, and a cent is the least there is", found),
                say!("take the amount from a field that the sender has rounded"),
            ),
            Self::TooLarge => (
                say!("{} is too large to be an amount of money", found),
                say!("check that the path finds the amount"),
            ),
            Self::NotWholeCents => (
                say!("{} is not a whole number of cents", found),
                say!("if the sender writes reais, use `unit: units`"),
            ),
        };
        ConvertError::new(message).with_help(help)
    }
}

/// A JSON number's text: the point is always the decimal one.
fn in_number(text: &str, unit: Unit) -> Result<i64, Flaw> {
    let (negative, digits) = sign(text);
    // The text has an exponent only from 1e16 on, or below a hundredth of a cent.
    if digits.contains('e') {
        return Err(if digits.contains("e-") { Flaw::TooPrecise } else { Flaw::TooLarge });
    }
    match (unit, digits.split_once('.')) {
        (Unit::Units, Some((whole, fraction))) => cents(negative, whole, fraction),
        (Unit::Units, None) => cents(negative, digits, ""),
        (Unit::Cents, _) => whole_cents(negative, digits),
    }
}

fn in_text(text: &str, unit: Unit) -> Result<i64, Flaw> {
    let (minus_first, rest) = sign(text);
    let rest = rest.strip_prefix("R$").or_else(|| rest.strip_prefix("r$")).unwrap_or(rest).trim_start();
    let (minus_second, digits) = sign(rest);
    if minus_first && minus_second {
        return Err(Flaw::NotMoney);
    }
    let negative = minus_first || minus_second;
    match unit {
        Unit::Cents => whole_cents(negative, digits),
        Unit::Units => {
            let (whole, fraction) = separate(digits)?;
            cents(negative, &whole, fraction)
        }
    }
}

fn sign(text: &str) -> (bool, &str) {
    match text.strip_prefix(['-', '\u{2212}']) {
        Some(rest) => (true, rest.trim_start()),
        None => (false, text),
    }
}

/// Tells the whole from the decimals, by what the points and commas can mean.
fn separate(text: &str) -> Result<(String, &str), Flaw> {
    let Some(last) = text.rfind(['.', ',']) else { return Ok((text.to_owned(), "")) };
    let (before, after) = (&text[..last], &text[last + 1..]);
    let (separator, other) = if text[last..].starts_with('.') { ('.', ',') } else { (',', '.') };
    let repeated = before.contains(separator);
    match (repeated, before.contains(other)) {
        (true, true) => Err(Flaw::NotMoney),
        (true, false) => Ok((ungroup(text, separator)?, "")),
        _ if after.is_empty() => Err(Flaw::NotMoney),
        (false, true) => Ok((ungroup(before, other)?, after)),
        // Nobody groups `0.125` or `1234.567`, so there the separator is the decimal one.
        (false, false) if after.len() == 3 && heads_a_group(before) => Err(Flaw::TwoReadings),
        (false, false) => Ok((before.to_owned(), after)),
    }
}

/// `1.234.567` without its points, which must stand at every third digit.
fn ungroup(text: &str, separator: char) -> Result<String, Flaw> {
    let mut groups = text.split(separator);
    let grouped = groups.next().is_some_and(heads_a_group) && groups.all(|group| group.len() == 3);
    if grouped { Ok(text.replace(separator, "")) } else { Err(Flaw::NotMoney) }
}

fn heads_a_group(digits: &str) -> bool {
    (1..=3).contains(&digits.len()) && !digits.starts_with('0')
}

fn cents(negative: bool, whole: &str, fraction: &str) -> Result<i64, Flaw> {
    if !fraction.bytes().all(|b| b.is_ascii_digit()) {
        return Err(Flaw::NotMoney);
    }
    let (kept, beyond) = fraction.split_at(fraction.len().min(2));
    if beyond.bytes().any(|b| b != b'0') {
        return Err(Flaw::TooPrecise);
    }
    integer(negative, whole, &format!("{kept:0<2}"))
}

fn whole_cents(negative: bool, digits: &str) -> Result<i64, Flaw> {
    match integer(negative, digits, "") {
        Err(Flaw::NotMoney) if digits.bytes().any(|b| b.is_ascii_digit()) => Err(Flaw::NotWholeCents),
        other => other,
    }
}

fn integer(negative: bool, whole: &str, decimals: &str) -> Result<i64, Flaw> {
    if whole.is_empty() || !whole.bytes().all(|b| b.is_ascii_digit()) {
        return Err(Flaw::NotMoney);
    }
    let sign = if negative { "-" } else { "" };
    format!("{sign}{whole}{decimals}").parse().map_err(|_| Flaw::TooLarge)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use serde_json::json;

    fn check(value: Value, unit: Unit, expected: Result<i64, Flaw>) {
        let expected = expected.map(Money).map_err(|flaw| {
            let shown = value.as_str().map_or_else(|| value.to_string(), |text| text.trim().to_owned());
            flaw.explain(&quote(&shown))
        });
        assert_eq!(money(&value, unit), expected, "{value} in {unit:?}");
    }

    #[test]
    fn reais() {
        use Flaw::*;
        for (value, expected) in [
            (json!(149.90), Ok(14990)),
            (json!(150), Ok(15000)),
            (json!(0.1), Ok(10)),
            (json!(-12.5), Ok(-1250)),
            (json!(1.234), Err(TooPrecise)),
            (json!(29.990000000000002), Err(TooPrecise)),
            (json!(1e17), Err(TooLarge)),
            (json!(1e-7), Err(TooPrecise)),
            (json!("149.90"), Ok(14990)),
            (json!("149,9"), Ok(14990)),
            (json!("1.234,56"), Ok(123456)),
            (json!("1,234.56"), Ok(123456)),
            (json!("1.234.567"), Ok(123456700)),
            (json!("1.234.567,8"), Ok(123456780)),
            (json!(" R$ 1.234,56 "), Ok(123456)),
            (json!("R$\u{a0}0,05"), Ok(5)),
            (json!("-R$ 1,00"), Ok(-100)),
            (json!("R$ -1,00"), Ok(-100)),
            (json!("\u{2212}1,00"), Ok(-100)),
            (json!("149.9000"), Ok(14990)),
            (json!("1234.000"), Ok(123400)),
            (json!("0.000"), Ok(0)),
            (json!("1.234"), Err(TwoReadings)),
            (json!("1,234"), Err(TwoReadings)),
            (json!("R$ 10.000"), Err(TwoReadings)),
            (json!("0.125"), Err(TooPrecise)),
            (json!("1234.567"), Err(TooPrecise)),
            (json!("1.234,567"), Err(TooPrecise)),
            (json!("92233720368547758.07"), Ok(i64::MAX)),
            (json!("92233720368547758.08"), Err(TooLarge)),
            (json!("1.23,45"), Err(NotMoney)),
            (json!("1.2.3"), Err(NotMoney)),
            (json!("1.234.56,7.8"), Err(NotMoney)),
            (json!("12,"), Err(NotMoney)),
            (json!(",50"), Err(NotMoney)),
            (json!("--1"), Err(NotMoney)),
            (json!("-R$ -1"), Err(NotMoney)),
            (json!("US$ 10"), Err(NotMoney)),
            (json!("R$"), Err(NotMoney)),
            (json!("1 234,56"), Err(NotMoney)),
            (json!("grátis"), Err(NotMoney)),
        ] {
            check(value, Unit::Units, expected);
        }
    }

    #[test]
    fn cents_are_whole() {
        use Flaw::*;
        for (value, expected) in [
            (json!(14990), Ok(14990)),
            (json!(14990.0), Ok(14990)),
            (json!(-1), Ok(-1)),
            (json!("14990"), Ok(14990)),
            (json!(149.9), Err(NotWholeCents)),
            (json!("149,90"), Err(NotWholeCents)),
            (json!("R$ 1.234,56"), Err(NotWholeCents)),
            (json!("grátis"), Err(NotMoney)),
            (json!("9223372036854775808"), Err(TooLarge)),
        ] {
            check(value, Unit::Cents, expected);
        }
    }

    #[test]
    fn what_is_neither_number_nor_text_is_refused() {
        for (value, message) in [
            (json!(null), "expected an amount of money and found null"),
            (json!(true), "expected an amount of money and found true"),
            (json!("  "), "expected an amount of money and found an empty text"),
            (json!([1]), "expected an amount of money and found a list of 1"),
        ] {
            assert_eq!(money(&value, Unit::Units).unwrap_err().message.english(), message);
        }
    }

    proptest! {
        /// An amount is the same in every way of writing it.
        #[test]
        fn every_way_of_writing_agrees(cents in -1_000_000_000_000i64..1_000_000_000_000) {
            let same = Ok(Money::from_cents(cents));
            let sign = if cents < 0 { "-" } else { "" };
            let (whole, rest) = (cents.abs() / 100, cents.abs() % 100);
            prop_assert_eq!(money(&json!(format!("{sign}{whole}.{rest:02}")), Unit::Units), same.clone());
            prop_assert_eq!(money(&json!(format!("{sign}{whole},{rest:02}")), Unit::Units), same.clone());
            prop_assert_eq!(money(&json!(cents as f64 / 100.0), Unit::Units), same.clone());
            prop_assert_eq!(money(&json!(cents), Unit::Cents), same);
        }

        #[test]
        fn any_text_is_read_or_refused(text: String, near in "[-R$ 0-9.,]{0,20}") {
            for unit in [Unit::Units, Unit::Cents] {
                let _ = money(&json!(text), unit);
                let _ = money(&json!(near), unit);
            }
        }
    }
}
