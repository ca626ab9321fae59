//! `as: phone`: the digits Talqui shows, such as `5527999998888`, from whatever
//! a form, an ERP or a checkout calls a phone.
//!
//! Lives here: reading what is written (`written`), Brazil's numbering
//! (`brazil`) and why a number is refused (`flaw`). Never here: whether a number
//! has WhatsApp, or a phone written out in an error.
//!
//! The order of the steps matters and is the one of
//! `providers-brazil.md`, part 2. A number is never guessed at: a wrong guess
//! tells a stranger about somebody's order.
//!
//! A Brazilian result is stable: converting it again changes nothing. A foreign
//! one is not, since its digits have lost the plus that made it foreign:
//! `34912345678` is Madrid with the plus, and Uberlândia without.

mod brazil;
mod flaw;
mod parts;
mod written;

#[cfg(test)]
mod tests;

use serde_json::Value;

use super::ConvertError;
use super::scalar::number_text;
use flaw::Flaw;
use written::Written;

pub use brazil::is_ddd;
pub use parts::phone_from_parts;

/// Reads one field. `default_ddd` completes a number that has none; it must be
/// one that `is_ddd`.
pub fn phone(value: &Value, default_ddd: Option<&str>) -> Result<String, ConvertError> {
    let text = field_text(value)?;
    let numbers = written::numbers_in(&text)?;
    // In `27/99999-8888` the DDD is there, only oddly written. The default may
    // speak only where no part of the field can be a DDD.
    let local = numbers.iter().all(|number| brazil::is_local(&number.digits));
    first_valid(&text, numbers, default_ddd.filter(|_| local))
}

/// The text of a field; a phone may be a JSON number too, even with a `.0`.
fn field_text(value: &Value) -> Result<String, ConvertError> {
    match value {
        Value::String(text) if !text.trim().is_empty() => Ok(text.clone()),
        Value::Number(number) => {
            let text = number_text(number);
            let whole = text.bytes().all(|b| b.is_ascii_digit());
            // The number itself is not shown: it may be most of somebody's phone.
            whole.then_some(text).ok_or_else(|| {
                ConvertError::new(say!("expected a phone and found a number that is not whole and positive"))
            })
        }
        other => Err(ConvertError::expected(say!("a phone"), other)),
    }
}

/// The first number of a field that is one. Where none is, the longest says why.
fn first_valid(
    text: &str,
    numbers: impl IntoIterator<Item = Written>,
    default_ddd: Option<&str>,
) -> Result<String, ConvertError> {
    let mut worst: Option<(Flaw, String)> = None;
    for number in numbers {
        match complete(&number, default_ddd) {
            Ok(digits) => return Ok(digits),
            Err(flaw) if worst.as_ref().is_none_or(|(_, longest)| number.digits.len() > longest.len()) => {
                worst = Some((flaw, number.digits));
            }
            Err(_) => {}
        }
    }
    Err(match worst {
        Some((flaw, digits)) => flaw.explain(&digits),
        None => flaw::no_number(text),
    })
}

fn complete(number: &Written, default_ddd: Option<&str>) -> Result<String, Flaw> {
    if let Some(flaw) = &number.flaw {
        return Err(flaw.clone());
    }
    match (number.international, number.digits.strip_prefix(brazil::COUNTRY)) {
        (false, _) => brazil::complete(&number.digits, default_ddd),
        // Without a DDD, `+55 99999-8888` may be of the default DDD or of DDD 55.
        (true, Some(national)) => brazil::complete(national, None),
        (true, None) => foreign(&number.digits),
    }
}

/// A number of another country is checked for E.164's length and nothing else.
fn foreign(digits: &str) -> Result<String, Flaw> {
    if digits.starts_with('0') {
        return Err(Flaw::NoCountry);
    }
    match digits.len() {
        0..8 => Err(Flaw::TooShort),
        8..=15 => Ok(digits.to_owned()),
        _ => Err(Flaw::TooLong),
    }
}
