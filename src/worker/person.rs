//! A person, as far as a phone is one, and where that phone is written.
//!
//! A phone comes as `+55 (11) 98765-4321`, as `11987654321`, as a number, with and
//! without the ninth digit, in a form, in two fields. It is known by its digits:
//! whole groups of them that stand beside each other and make the number.
//!
//! Lives here: the forms of a number, and the look into a value. Never here: the
//! store, or what is done with what is found.

use serde_json::{Map, Value};

use crate::mapping::convert;

/// Fewer digits make no number with its area code.
const FEWEST_DIGITS: usize = 8;
/// The most digits that a number has, with everything before it.
const MOST_DIGITS: usize = 16;
/// Signs between two groups of one number: ` - `, `) `.
const MOST_BETWEEN: usize = 3;
/// Of a text that is read as a phone as a whole.
const LONGEST_PHONE: usize = 64;

/// It cannot be printed: a phone is what must not be in a log.
#[derive(Clone)]
pub struct Person {
    /// As a mapping's `as: phone` writes it.
    whole: String,
    /// With and without country and ninth digit.
    forms: Vec<String>,
    /// The area code, and what follows it.
    parts: Option<(String, Vec<String>)>,
}

impl Person {
    /// Err: why this is no whole phone.
    pub fn with_phone(text: &str) -> Result<Self, String> {
        let whole = convert::phone(&Value::from(text), None).map_err(|error| error.message.english())?;
        let national = whole.strip_prefix("55").filter(|rest| matches!(rest.len(), 10 | 11));
        let Some((ddd, local)) = national.map(|national| national.split_at(2)) else {
            return Ok(Self { forms: vec![whole.clone()], whole, parts: None });
        };
        let mut locals = vec![local.to_owned()];
        locals.extend(local.strip_prefix('9').filter(|rest| rest.len() == 8).map(str::to_owned));
        let forms = locals.iter().flat_map(|local| [format!("55{ddd}{local}"), format!("{ddd}{local}")]);
        Ok(Self { forms: forms.collect(), parts: Some((ddd.to_owned(), locals)), whole })
    }

    /// Anywhere in it: in a text, a number, the name of a field, or in two fields
    /// that stand beside each other.
    pub fn is_in(&self, value: &Value) -> bool {
        match value {
            Value::String(text) => self.is_in_text(text),
            Value::Number(number) => self.is_in_text(&number.to_string()),
            Value::Array(items) => items.iter().any(|item| self.is_in(item)),
            Value::Object(fields) => self.is_in_fields(fields),
            Value::Null | Value::Bool(_) => false,
        }
    }

    pub fn is_in_fields(&self, fields: &Map<String, Value>) -> bool {
        self.is_in_parts(fields)
            || fields.iter().any(|(name, value)| self.is_in_text(name) || self.is_in(value))
    }

    pub fn is_in_text(&self, text: &str) -> bool {
        if text.bytes().filter(u8::is_ascii_digit).take(FEWEST_DIGITS).count() < FEWEST_DIGITS {
            return false;
        }
        let is_whole = || convert::phone(&Value::from(text), None).is_ok_and(|phone| phone == self.whole);
        self.is_in_groups(text) || (text.len() <= LONGEST_PHONE && is_whole())
    }

    fn is_in_groups(&self, text: &str) -> bool {
        let groups = groups(text);
        (0..groups.len()).any(|first| {
            let mut digits = String::new();
            for group in &groups[first..] {
                if !digits.is_empty() && !group.follows {
                    return false;
                }
                if digits.len() + group.digits.len() > MOST_DIGITS {
                    return false;
                }
                digits.push_str(group.digits);
                // A trunk 0, or the 00 before a country.
                let number = digits.trim_start_matches('0');
                if self.forms.iter().any(|form| form == number) {
                    return true;
                }
            }
            false
        })
    }

    /// `{"ddd": "11", "number": "987654321"}`.
    fn is_in_parts(&self, fields: &Map<String, Value>) -> bool {
        let Some((ddd, locals)) = &self.parts else { return false };
        let digits = |value: &Value| match value {
            Value::String(text) if text.len() <= LONGEST_PHONE => Some(digits_of(text)),
            Value::Number(number) => Some(number.to_string()),
            _ => None,
        };
        let all: Vec<String> = fields.values().filter_map(digits).collect();
        all.iter().any(|part| part.trim_start_matches('0') == ddd)
            && all.iter().any(|part| locals.contains(part))
    }
}

fn digits_of(text: &str) -> String {
    text.chars().filter(char::is_ascii_digit).collect()
}

/// Digits that stand together, and whether they may belong to those before them.
struct Group<'t> {
    digits: &'t str,
    follows: bool,
}

fn groups(text: &str) -> Vec<Group<'_>> {
    let (mut found, mut at) = (Vec::new(), 0);
    let mut end_of_last = None;
    while let Some(start) = text[at..].find(|c: char| c.is_ascii_digit()).map(|start| at + start) {
        let end = text[start..].find(|c: char| !c.is_ascii_digit()).map_or(text.len(), |end| start + end);
        let follows = end_of_last.is_some_and(|last: usize| joins(&text[last..start]));
        found.push(Group { digits: &text[start..end], follows });
        (end_of_last, at) = (Some(end), end);
    }
    found
}

fn joins(between: &str) -> bool {
    between.chars().count() <= MOST_BETWEEN && !between.chars().any(char::is_alphanumeric)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn ana() -> Person {
        Person::with_phone("+55 (11) 98765-4321").unwrap()
    }

    #[test]
    fn a_phone_is_known_however_it_is_written() {
        for written in [
            json!("5511987654321"),
            json!("+55 (11) 98765-4321"),
            json!("11987654321"),
            json!(11_987_654_321_u64),
            json!(11987654321.0),
            json!("(11) 8765-4321"),
            json!("551187654321"),
            json!("0 11 98765 - 4321"),
            json!("0xx11 98765-4321"),
            json!("021 11 98765-4321"),
            json!("00 55 11 98765.4321"),
            json!("Ana, 11 98765-4321, pedido 77"),
            json!("11 91111-2222 / 11 98765-4321"),
            json!({ "a": [{ "fone": "5511987654321@s.whatsapp.net" }] }),
            json!({ "11987654321": "Ana" }),
            json!({ "ddd": "011", "number": "98765-4321" }),
            json!({ "area": 11, "number": 987_654_321 }),
            json!("{\"phone\":\"11987654321\"}"),
        ] {
            assert!(ana().is_in(&written), "{written}");
        }
    }

    #[test]
    fn another_number_is_another_person() {
        for written in [
            json!("5521987654321"),
            json!("5511987654322"),
            json!("987654321"),
            json!("119876543210"),
            json!("9911987654321"),
            json!("11 pedido 987654321"),
            json!("pedido 11987 x 654321"),
            json!({ "ddd": "21", "number": "987654321" }),
            json!({ "a": { "ddd": "11" }, "b": { "number": "987654321" } }),
            json!(["11", "987654321"]),
            json!(null),
        ] {
            assert!(!ana().is_in(&written), "{written}");
        }
    }

    #[test]
    fn a_number_from_abroad_has_one_form() {
        let person = Person::with_phone("+34 912 345 678").unwrap();
        assert!(person.is_in(&json!("tel. +34 912345678")));
        assert!(!person.is_in(&json!("912345678")));
    }

    #[test]
    fn half_a_number_is_nobody() {
        for text in ["98765-4321", "", "Ana", "0800 123 4567"] {
            assert!(Person::with_phone(text).is_err(), "{text}");
        }
    }
}
