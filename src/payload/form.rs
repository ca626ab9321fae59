//! `application/x-www-form-urlencoded`, flat (`a=1`) and bracketed
//! (`contact[phone]=…`, `items[0][id]=…`, `tags[]=…`), as one JSON object.
//!
//! The rule: every value is text; a name that comes twice is a list; brackets
//! are keys; a group whose keys are 0, 1, 2… (or empty) is a list.

use serde_json::{Map, Value};

const MAX_FIELDS: usize = 1_000;
const MAX_DEPTH: usize = 8;

pub fn read(body: &[u8]) -> Result<Value, String> {
    let pairs: Vec<(String, String)> =
        serde_urlencoded::from_bytes(body).map_err(|error| error.to_string())?;
    from_pairs(pairs)
}

/// Fields that were read, in order, as one object.
pub fn from_pairs(pairs: Vec<(String, String)>) -> Result<Value, String> {
    if pairs.len() > MAX_FIELDS {
        return Err(format!("it has {} fields; the most is {MAX_FIELDS}", pairs.len()));
    }
    let mut root = Group::default();
    for (name, value) in pairs {
        root.put(&keys_of(&name)?, value);
    }
    Ok(root.into_json())
}

/// `a[b][0]` is `a`, `b`, `0`; brackets that do not pair are part of the name.
fn keys_of(name: &str) -> Result<Vec<String>, String> {
    let Some((first, rest)) = name.split_once('[') else { return Ok(vec![name.to_owned()]) };
    let Some(inner) = rest.strip_suffix(']') else { return Ok(vec![name.to_owned()]) };
    let mut keys = vec![first.to_owned()];
    keys.extend(inner.split("][").map(str::to_owned));
    if keys.len() > MAX_DEPTH {
        return Err(format!("a field name is nested {} deep; the most is {MAX_DEPTH}", keys.len()));
    }
    Ok(keys)
}

enum Slot {
    Text(String),
    Group(Group),
}

/// Entries in the order received; a key may come more than once.
#[derive(Default)]
struct Group(Vec<(String, Slot)>);

impl Group {
    fn put(&mut self, keys: &[String], value: String) {
        let [key, rest @ ..] = keys else { return };
        if rest.is_empty() {
            self.0.push((key.clone(), Slot::Text(value)));
            return;
        }
        let open = self.0.iter_mut().find_map(|(have, slot)| match slot {
            Slot::Group(group) if have == key && !key.is_empty() => Some(group),
            _ => None,
        });
        if let Some(group) = open {
            return group.put(rest, value);
        }
        let mut group = Group::default();
        group.put(rest, value);
        self.0.push((key.clone(), Slot::Group(group)));
    }

    fn into_json(self) -> Value {
        let is_list = !self.0.is_empty()
            && self.0.iter().enumerate().all(|(n, (key, _))| key.is_empty() || *key == n.to_string());
        if is_list {
            return self.0.into_iter().map(|(_, slot)| slot.into_json()).collect();
        }
        let mut object = Map::new();
        for (key, slot) in self.0 {
            let value = slot.into_json();
            match object.get_mut(&key) {
                None => {
                    object.insert(key, value);
                }
                Some(Value::Array(list)) => list.push(value),
                Some(one) => *one = Value::Array(vec![one.take(), value]),
            }
        }
        Value::Object(object)
    }
}

impl Slot {
    fn into_json(self) -> Value {
        match self {
            Self::Text(text) => Value::String(text),
            Self::Group(group) => group.into_json(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::read;
    use proptest::prelude::*;
    use serde_json::json;

    #[test]
    fn forms_become_objects_by_the_stated_rule() {
        for (body, expected) in [
            ("seller_id=391250&act=update", json!({"seller_id": "391250", "act": "update"})),
            ("a=1&a=2&a=3", json!({"a": ["1", "2", "3"]})),
            ("contact[phone]=27&contact[name]=Z%C3%A9", json!({"contact": {"phone": "27", "name": "Zé"}})),
            ("i[0][id]=a&i[0][q]=1&i[1][id]=b", json!({"i": [{"id": "a", "q": "1"}, {"id": "b"}]})),
            ("t[]=x&t[]=y", json!({"t": ["x", "y"]})),
            ("a[=1&b]=2", json!({"a[": "1", "b]": "2"})),
            ("a+b=c+d", json!({"a b": "c d"})),
        ] {
            assert_eq!(read(body.as_bytes()), Ok(expected), "{body}");
        }
    }

    #[test]
    fn hostile_forms_are_refused() {
        let deep = format!("a{}=1", "[b]".repeat(20));
        assert!(read(deep.as_bytes()).unwrap_err().contains("deep"));
        assert!(read("a=1&".repeat(2_000).as_bytes()).unwrap_err().contains("fields"));
    }

    proptest! {
        #[test]
        fn never_panics(body in proptest::collection::vec(any::<u8>(), 0..200), text in "[ab\\[\\]0-2=&]{0,60}") {
            let _ = read(&body);
            let _ = read(text.as_bytes());
        }
    }
}
