//! XML, SOAP included, as one JSON document.
//!
//! The rule: an element is a key, without its namespace prefix. An element with
//! nothing but text is that text. Else it is an object: its attributes are keys
//! with `@` before them (`xmlns…` left out), its elements are keys, its own text
//! is `#text`. An element that comes more than once is a list. A document type
//! is refused, so that no entity is ever expanded but the five of XML.

use quick_xml::events::{BytesRef, BytesStart, Event};
use quick_xml::{Reader, XmlVersion};
use serde_json::{Map, Value};

const MAX_DEPTH: usize = 64;
const MAX_NODES: usize = 50_000;

/// Err: what is wrong, without the content.
pub fn read(body: &[u8]) -> Result<Value, String> {
    let text = decode(body)?;
    let mut reader = Reader::from_str(&text);
    let mut building = Building::default();
    loop {
        let place = reader.buffer_position();
        let broken = |why: &str| format!("at byte {place}: {why}");
        match reader.read_event().map_err(|error| broken(&error.to_string()))? {
            Event::Start(tag) => building.open(&tag).map_err(|why| broken(&why))?,
            Event::Empty(tag) => {
                building.open(&tag).map_err(|why| broken(&why))?;
                building.close();
            }
            Event::End(_) => building.close(),
            Event::Text(text) => building.text(&text.xml10_content()),
            Event::CData(text) => building.text(&text.into_inner()),
            Event::GeneralRef(name) => building.text(&entity(&name).map_err(|why| broken(&why))?),
            Event::DocType(_) => return Err(broken("a document type is not taken")),
            Event::Eof => break,
            Event::Comment(_) | Event::Decl(_) | Event::PI(_) => {}
        }
    }
    building.finish()
}

/// UTF-8, or ISO-8859-1 where the declaration says so, as older Brazilian
/// systems do.
fn decode(body: &[u8]) -> Result<String, String> {
    let body = body.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(body);
    if let Ok(text) = std::str::from_utf8(body) {
        return Ok(text.to_owned());
    }
    let head = String::from_utf8_lossy(&body[..body.len().min(120)]).to_ascii_lowercase();
    match head.contains("iso-8859-1") {
        true => Ok(body.iter().map(|byte| char::from(*byte)).collect()),
        false => Err("it is neither UTF-8 nor said to be ISO-8859-1".to_owned()),
    }
}

fn entity(name: &BytesRef<'_>) -> Result<String, String> {
    if let Some(character) = name.resolve_char_ref().map_err(|error| error.to_string())? {
        return Ok(character.to_string());
    }
    let plain = match name.xml10_content().as_ref() {
        "lt" => "<",
        "gt" => ">",
        "amp" => "&",
        "quot" => "\"",
        "apos" => "'",
        _ => return Err("an entity that XML does not have".to_owned()),
    };
    Ok(plain.to_owned())
}

/// The elements that are open, outermost first.
#[derive(Default)]
struct Building {
    open: Vec<Element>,
    root: Option<Value>,
    nodes: usize,
}

#[derive(Default)]
struct Element {
    name: String,
    keys: Map<String, Value>,
    text: String,
}

impl Building {
    fn open(&mut self, tag: &BytesStart<'_>) -> Result<(), String> {
        if self.open.len() == MAX_DEPTH {
            return Err(format!("elements are nested more than {MAX_DEPTH} deep"));
        }
        if self.open.is_empty() && self.root.is_some() {
            return Err("there is a second document".to_owned());
        }
        let mut element = Element { name: tag.local_name().as_ref().to_owned(), ..Element::default() };
        for attribute in tag.attributes() {
            let attribute = attribute.map_err(|error| error.to_string())?;
            let name = attribute.key.as_ref();
            if name == "xmlns" || name.starts_with("xmlns:") {
                continue;
            }
            self.count()?;
            let name = format!("@{}", attribute.key.local_name().as_ref());
            let value =
                attribute.normalized_value(XmlVersion::Implicit1_0).map_err(|error| error.to_string())?;
            element.keys.insert(name, Value::String(value.into_owned()));
        }
        self.count()?;
        self.open.push(element);
        Ok(())
    }

    fn count(&mut self) -> Result<(), String> {
        self.nodes += 1;
        match self.nodes > MAX_NODES {
            true => Err(format!("it has more than {MAX_NODES} elements and attributes")),
            false => Ok(()),
        }
    }

    fn text(&mut self, text: &str) {
        if let Some(element) = self.open.last_mut() {
            element.text.push_str(text);
        }
    }

    fn close(&mut self) {
        let Some(element) = self.open.pop() else { return };
        let name = element.name.clone();
        let value = element.into_json();
        match self.open.last_mut() {
            Some(parent) => insert(&mut parent.keys, name, value),
            None => self.root = Some(Value::Object([(name, value)].into_iter().collect())),
        }
    }

    fn finish(self) -> Result<Value, String> {
        match self.open.last() {
            Some(_) => Err("it ends before its last element does".to_owned()),
            None => self.root.ok_or_else(|| "there is no element".to_owned()),
        }
    }
}

impl Element {
    fn into_json(mut self) -> Value {
        let text = self.text.trim();
        if self.keys.is_empty() {
            return Value::String(text.to_owned());
        }
        if !text.is_empty() {
            self.keys.insert("#text".to_owned(), Value::String(text.to_owned()));
        }
        Value::Object(self.keys)
    }
}

fn insert(keys: &mut Map<String, Value>, name: String, value: Value) {
    match keys.get_mut(&name) {
        None => {
            keys.insert(name, value);
        }
        // No element is a list by itself, so a list holds its repeats.
        Some(Value::Array(list)) => list.push(value),
        Some(one) => *one = Value::Array(vec![one.take(), value]),
    }
}

#[cfg(test)]
mod tests {
    use super::read;
    use proptest::prelude::*;
    use serde_json::json;

    #[test]
    fn xml_becomes_json_by_the_stated_rule() {
        for (body, expected) in [
            ("<a>x</a>", json!({"a": "x"})),
            ("<?xml version='1.0'?><a/>", json!({"a": ""})),
            ("<a><b>1</b><b>2</b><c/></a>", json!({"a": {"b": ["1", "2"], "c": ""}})),
            (
                "<a id=\"7\" xmlns:n='u'><n:b n:t='x'>1 &amp; &#50;</n:b></a>",
                json!({"a": {"@id": "7", "b": {"@t": "x", "#text": "1 & 2"}}}),
            ),
            ("<a> <![CDATA[<b> & ]]> </a>", json!({"a": "<b> &"})),
            (
                "<s:E xmlns:s='u'><s:Body><n><Id>1</Id></n></s:Body></s:E>",
                json!({"E": {"Body": {"n": {"Id": "1"}}}}),
            ),
        ] {
            assert_eq!(read(body.as_bytes()), Ok(expected), "{body}");
        }
        let latin = b"<?xml version='1.0' encoding='ISO-8859-1'?><a>Jo\xE3o</a>";
        assert_eq!(read(latin), Ok(json!({"a": "João"})));
    }

    #[test]
    fn hostile_xml_is_refused() {
        let deep = "<a>".repeat(100_000);
        let wide = format!("<r>{}</r>", "<a/>".repeat(60_000));
        for (body, why) in [
            ("<!DOCTYPE a [<!ENTITY x 'y'>]><a>&x;</a>", "document type"),
            ("<a>&x;</a>", "entity"),
            (deep.as_str(), "deep"),
            (wide.as_str(), "50000"),
            ("<a><b></a>", "at byte"),
            ("<a>", "ends before"),
            ("<a/><b/>", "second"),
            ("texto", "no element"),
        ] {
            let error = read(body.as_bytes()).unwrap_err();
            assert!(error.contains(why), "{error}");
        }
        assert!(read(b"<a>\xFF</a>").is_err());
    }

    proptest! {
        #[test]
        fn never_panics(body in proptest::collection::vec(any::<u8>(), 0..200), text in "[<>/ab=\"'&;#x!\\[\\]-]{0,60}") {
            let _ = read(&body);
            let _ = read(text.as_bytes());
        }
    }
}
