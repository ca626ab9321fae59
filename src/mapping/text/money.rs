//! Amounts as a person reads them. Never here: how an amount is read from a
//! payload (see `convert::money`).

/// Reais, as in `R$ 1.234,56` and `-R$ 1,00`.
///
/// The space is U+0020 and not the no-break one of CLDR: in a chat both look the
/// same, and only this one is found again by a person who searches for the
/// amount, or who types what a mapping's test expects.
pub fn brl(cents: i64) -> String {
    let sign = if cents < 0 { "-" } else { "" };
    let amount = cents.unsigned_abs();
    let (reais, rest) = (amount / 100, amount % 100);
    format!("{sign}R$ {},{rest:02}", grouped(&reais.to_string()))
}

fn grouped(digits: &str) -> String {
    let mut text = String::new();
    for (at, digit) in digits.char_indices() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            text.push('.');
        }
        text.push(digit);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::mapping::convert::{Money, Unit, money};
    use proptest::prelude::*;
    use serde_json::json;

    #[test]
    fn amounts() {
        for (cents, expected) in [
            (0, "R$ 0,00"),
            (5, "R$ 0,05"),
            (14990, "R$ 149,90"),
            (123456, "R$ 1.234,56"),
            (100_000_000, "R$ 1.000.000,00"),
            (-100, "-R$ 1,00"),
            (i64::MIN, "-R$ 92.233.720.368.547.758,08"),
        ] {
            assert_eq!(brl(cents), expected);
        }
    }

    proptest! {
        /// `as: money` reads back what `brl` writes.
        #[test]
        fn what_is_written_is_read_back(cents: i64) {
            prop_assert_eq!(money(&json!(brl(cents)), Unit::Units), Ok(Money::from_cents(cents)));
        }
    }
}
