//! A phone whose parts are in fields of their own: `{ ddi, ddd, number }`. Never
//! here: a default DDD, since a mapping that names the parts has the sender's.

use serde_json::Value;

use super::flaw::Flaw;
use super::written::{Written, numbers_in};
use super::{brazil, field_text, first_valid};
use crate::mapping::convert::ConvertError;

/// Joins the parts, then reads them as one number. A part that is null or empty
/// is as if it were not there, and parts repeated inside the number are fine.
pub fn phone_from_parts(
    country: Option<&Value>,
    area: Option<&Value>,
    number: &Value,
) -> Result<String, ConvertError> {
    let country = code(country)?;
    let area = code(area)?;
    let text = field_text(number)?;
    let joined = numbers_in(&text)?.into_iter().map(|number| join(country.as_ref(), area.as_ref(), number));
    first_valid(&text, joined, None)
}

/// A country or area code; `+55`, `055`, `(27)` and 27 are all written so.
fn code(part: Option<&Value>) -> Result<Option<Written>, ConvertError> {
    let text = match part {
        None | Some(Value::Null) => return Ok(None),
        Some(Value::String(text)) if text.trim().is_empty() => return Ok(None),
        Some(part) => field_text(part)?,
    };
    let Some(first) = numbers_in(&text)?.into_iter().next() else {
        return Err(ConvertError::new(say!("the country or area code of the phone has no digits")));
    };
    if let Some(flaw) = first.flaw {
        return Err(flaw.explain(&first.digits));
    }
    let digits = first.digits.trim_start_matches('0').to_owned();
    Ok((!digits.is_empty()).then_some(Written { digits, ..first }))
}

fn join(country: Option<&Written>, area: Option<&Written>, number: Written) -> Written {
    if number.flaw.is_some() || number.international {
        return number;
    }
    match (country, area) {
        (Some(country), _) if country.digits != brazil::COUNTRY => join_foreign(country, area, number),
        (_, Some(area)) => join_ddd(&area.digits, number),
        (Some(_), None) => Written { digits: with_country(&number.digits), international: true, ..number },
        (None, None) => number,
    }
}

/// The country is known to be Brazil, and may be in the number once more.
fn with_country(digits: &str) -> String {
    match digits.strip_prefix(brazil::COUNTRY) {
        Some(rest) if rest.len() >= 10 => digits.to_owned(),
        _ => format!("{}{digits}", brazil::COUNTRY),
    }
}

/// Some senders put the country's 55 where others put the DDD. Before a number
/// of ten or more digits it is the country, and before eight or nine the DDD of
/// Santa Maria; `brazil` tells them apart by the joined length.
fn join_ddd(area: &str, number: Written) -> Written {
    let complete = number.digits.len() >= 10;
    let national = number.digits.strip_prefix(brazil::COUNTRY).unwrap_or(&number.digits);
    if complete && (number.digits.starts_with(area) || national.starts_with(area)) {
        return number;
    }
    if complete && area != brazil::COUNTRY {
        return Written { flaw: Some(Flaw::OtherDdd), ..number };
    }
    Written { digits: format!("{area}{}", number.digits), ..number }
}

/// 51 and nine digits are Peru or Porto Alegre. Without a DDD of its own, or a
/// plus, a country that is also a DDD is not believed.
fn join_foreign(country: &Written, area: Option<&Written>, number: Written) -> Written {
    let area_digits = area.map_or("", |area| &area.digits);
    let digits = format!("{}{area_digits}{}", country.digits, number.digits);
    let doubtful = area.is_none() && !country.international && brazil::is_ddd(&country.digits);
    if doubtful && brazil::complete(&digits, None).is_ok() {
        return Written { flaw: Some(Flaw::CountryOrDdd(country.digits.clone())), ..number };
    }
    Written { digits, international: true, ..number }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn check(country: Value, area: Value, number: Value, expected: Option<&str>) {
        let joined = phone_from_parts(Some(&country), Some(&area), &number);
        assert_eq!(joined.as_deref().ok(), expected, "{country} {area} {number}: {joined:?}");
    }

    #[test]
    fn parts_are_joined() {
        let none = json!(null);
        let person = Some("5527999998888");
        for (country, area, number, expected) in [
            (none.clone(), json!("27"), json!("99999-8888"), person),
            (json!("55"), json!("27"), json!("999998888"), person),
            (json!(55), json!(27), json!(999998888), person),
            (json!("+55"), json!("(027)"), json!("9999-8888"), person),
            (json!("0055"), json!(" "), json!("27999998888"), person),
            (json!("55"), json!("27"), json!("3333-4444 / 99999-8888"), Some("552733334444")),
            // Guru: one code field that holds the country or the DDD.
            (none.clone(), json!("55"), json!("27999998888"), person),
            (none.clone(), json!("27"), json!("999998888"), person),
            (json!("55"), none.clone(), json!("27999998888"), person),
            // DDD 55.
            (none.clone(), json!("55"), json!("999998888"), Some("5555999998888")),
            (json!("55"), json!("55"), json!("999998888"), Some("5555999998888")),
            (json!("55"), none.clone(), json!("55999998888"), Some("5555999998888")),
            // Parts that the number repeats.
            (json!("55"), json!("27"), json!("27999998888"), person),
            (json!("55"), json!("27"), json!("5527999998888"), person),
            (json!("55"), none.clone(), json!("5527999998888"), person),
            (json!("55"), json!("27"), json!("+5527999998888"), person),
            (none.clone(), json!("55"), json!("5527999998888"), person),
            // Abroad.
            (json!("351"), none.clone(), json!("912345678"), Some("351912345678")),
            (json!("1"), json!("415"), json!("555-1234"), Some("14155551234")),
            (json!("+51"), none.clone(), json!("912345678"), Some("51912345678")),
            (json!("51"), none.clone(), json!("912345678"), None),
            // Refused.
            (json!("55"), none.clone(), json!("999998888"), None),
            (none.clone(), none.clone(), json!("999998888"), None),
            (none.clone(), json!("27"), json!("11999998888"), None),
            (none.clone(), json!("20"), json!("999998888"), None),
            (none.clone(), json!("**"), json!("999998888"), None),
            (json!("BR"), json!("27"), json!("999998888"), None),
            (none.clone(), json!(["27"]), json!("999998888"), None),
            (none.clone(), json!("27"), json!("****8888"), None),
            (none.clone(), json!("27"), json!(null), None),
        ] {
            check(country, area, number, expected);
        }
    }

    #[test]
    fn a_part_may_be_absent() {
        assert_eq!(phone_from_parts(None, None, &json!("27 99999-8888")).as_deref(), Ok("5527999998888"));
    }
}
