//! Where an event's own id and type are. The id is what removes a sender's
//! repeats; without one nothing is deduplicated, since two real events can be
//! alike in every byte.

use serde_json::Value;

use crate::diagnostic::{Diagnostic, Problems};
use crate::payload::{Locator, Path, Request, read_locator};
use crate::yaml::{Fields, Node};

#[derive(Debug, Clone, Default)]
pub struct EventRule {
    /// One request holds several events: these. `$` is then the item.
    each: Option<Each>,
    id: Option<Parts>,
    kind: Option<Parts>,
}

/// The items of a list: `$[*]`, `$.entry[*].changes[*]`.
#[derive(Debug, Clone)]
pub struct Each {
    items: Path,
    /// The outermost list on the way to them.
    list: Path,
}

impl Each {
    pub fn read(node: &Node, problems: &mut Problems) -> Option<Self> {
        let mut help = say!("such as each: \"$.items[*]\"");
        if node.as_text().is_some_and(|text| text.starts_with('$'))
            && let Locator::Body(items) = read_locator(node, problems)?
        {
            if let Some((list, _)) = items.as_str().split_once("[*]")
                && let Ok(list) = Path::compile(list)
            {
                return Some(Self { items, list });
            }
            help = say!("if a list is there, write {}[*]", items);
        }
        let message = say!("`each` is a path to the items of a list in the body");
        problems.push(Diagnostic::error("bad-place", &node.place, message).help(help));
        None
    }

    /// The items; none of a list that is there and empty. None: the list is not
    /// there, or holds something else.
    pub fn items<'d>(&self, document: &'d Value) -> Option<Vec<&'d Value>> {
        // A star also selects the values of an object, which is no list.
        match self.list.nodes(document).first()?.as_array()? {
            list if list.is_empty() => Some(Vec::new()),
            _ => Some(self.items.nodes(document)).filter(|items| !items.is_empty()),
        }
    }

    pub fn path(&self) -> &Path {
        &self.items
    }
}

/// What a request holds.
#[derive(Debug, Clone, PartialEq)]
pub enum Batch<'d> {
    /// One event: itself. Also a document that is not of the shape that `each`
    /// expects.
    Whole,
    Items(Vec<&'d Value>),
}

#[derive(Debug, Clone)]
enum Parts {
    /// The first that is there.
    FirstOf(Vec<Locator>),
    /// All of them, as one text; for senders whose events have no id, but
    /// several fields that together are one. With one of them absent there is
    /// no id: two events that both lack it would else pass for one.
    Join(Vec<Locator>),
}

impl EventRule {
    /// The sender's id of the event. None: it has none, or it is not there.
    pub fn id(&self, request: &Request<'_>) -> Option<String> {
        self.id.as_ref()?.text(request)
    }

    pub fn kind(&self, request: &Request<'_>) -> Option<String> {
        self.kind.as_ref()?.text(request)
    }

    /// Whether the body must be read to find them.
    pub fn needs_body(&self) -> bool {
        self.each.is_some() || self.locators().any(Locator::needs_body)
    }

    /// The headers that the id and the type are in.
    pub fn headers(&self) -> Vec<&str> {
        self.locators()
            .filter_map(|locator| match locator {
                Locator::Header(name) => Some(name.as_str()),
                _ => None,
            })
            .collect()
    }

    pub fn looks_into_query(&self) -> bool {
        self.locators().any(|locator| matches!(locator, Locator::Query(_)))
    }

    fn locators(&self) -> impl Iterator<Item = &Locator> {
        [&self.id, &self.kind].into_iter().flatten().flat_map(|parts| match parts {
            Parts::FirstOf(locators) | Parts::Join(locators) => locators,
        })
    }

    /// Which of `id` and `type` no event ever has.
    pub fn lacks(&self) -> Vec<&'static str> {
        let parts = [("id", &self.id), ("type", &self.kind)];
        parts.into_iter().filter(|(_, rule)| rule.is_none()).map(|(name, _)| name).collect()
    }

    /// Where the id is, for people. None: the sender has none.
    pub fn described_id(&self) -> Option<String> {
        self.id.as_ref().map(Parts::described)
    }

    pub fn described_kind(&self) -> Option<String> {
        self.kind.as_ref().map(Parts::described)
    }

    /// Where the events of a request are, for people. None: it is one event.
    pub fn described_each(&self) -> Option<String> {
        self.each.as_ref().map(|each| each.items.to_string())
    }

    pub fn is_batch(&self) -> bool {
        self.each.is_some()
    }

    /// The events in a document. A list that is there and empty holds none; a
    /// document without it is something else, and whole.
    pub fn split<'d>(&self, document: &'d Value) -> Batch<'d> {
        match self.each.as_ref().and_then(|each| each.items(document)) {
            None => Batch::Whole,
            Some(items) => Batch::Items(items),
        }
    }

    /// The same, whose requests hold the items of `each`.
    pub fn with_each(self, each: Each) -> Self {
        Self { each: Some(each), ..self }
    }

    /// This rule where it says something, else `other`.
    pub fn or(self, other: &Self) -> Self {
        Self {
            each: self.each.or_else(|| other.each.clone()),
            id: self.id.or_else(|| other.id.clone()),
            kind: self.kind.or_else(|| other.kind.clone()),
        }
    }
}

impl Parts {
    fn described(&self) -> String {
        let (locators, between) = match self {
            Self::FirstOf(locators) => (locators, " or "),
            Self::Join(locators) => (locators, " with "),
        };
        locators.iter().map(Locator::described).collect::<Vec<_>>().join(between)
    }

    fn text(&self, request: &Request<'_>) -> Option<String> {
        let text_at = |locator: &Locator| locator.nodes(request).first().and_then(|node| as_text(node));
        match self {
            Self::FirstOf(locators) => locators.iter().find_map(text_at),
            Self::Join(locators) => {
                let parts: Option<Vec<String>> = locators.iter().map(text_at).collect();
                parts.map(|parts| parts.join("|"))
            }
        }
    }
}

fn as_text(value: &Value) -> Option<String> {
    match value {
        Value::String(text) if !text.is_empty() => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    }
}

/// Reads an `event:` section: `{ id: …, type: … }`, each a place, a list of
/// places (the first that is there), or `{ join: [places] }`.
pub fn read_event_rule(node: &Node, problems: &mut Problems) -> EventRule {
    let Some(fields) = Fields::open(node, "`event`", &["each", "id", "type"], problems) else {
        return EventRule::default();
    };
    EventRule {
        each: fields.get("each").and_then(|node| Each::read(node, problems)),
        id: fields.get("id").and_then(|node| read_parts(node, problems)),
        kind: fields.get("type").and_then(|node| read_parts(node, problems)),
    }
}

fn read_parts(node: &Node, problems: &mut Problems) -> Option<Parts> {
    if node.as_map().is_some() {
        let fields = Fields::open(node, "an id that is joined", &["join"], problems)?;
        let Some(list) = fields.get("join") else {
            problems.push(Diagnostic::error(
                "missing-key",
                &node.place,
                say!("an id that is joined needs `join`"),
            ));
            return None;
        };
        return read_locators(list, problems).map(Parts::Join);
    }
    read_locators(node, problems).map(Parts::FirstOf)
}

fn read_locators(node: &Node, problems: &mut Problems) -> Option<Vec<Locator>> {
    let items = node.as_list().unwrap_or(std::slice::from_ref(node));
    if items.is_empty() {
        problems.push(Diagnostic::error("wrong-type", &node.place, say!("this list of places is empty")));
    }
    let locators: Vec<Locator> = items.iter().filter_map(|item| read_locator(item, problems)).collect();
    (locators.len() == items.len() && !locators.is_empty()).then_some(locators)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diagnostic::SourceText;
    use crate::event::Headers;
    use serde_json::json;

    fn rule(text: &str) -> (EventRule, Problems) {
        let mut problems = Problems::default();
        let node = crate::yaml::parse(&SourceText::new("e.yaml", text), &mut problems).unwrap();
        (read_event_rule(&node, &mut problems), problems)
    }

    #[test]
    fn ids_are_found_joined_or_absent() {
        let headers: Headers = [("X-Topic", "order.updated")].into_iter().collect();
        for (text, body, id) in [
            ("id: $.id", json!({"id": "e1"}), Some("e1")),
            ("id: $.id", json!({"id": 12}), Some("12")),
            ("id: $.id", json!({"id": null}), None),
            ("id: [$.event_id, $.id]", json!({"id": "b"}), Some("b")),
            (
                "id: { join: [\"header:X-Topic\", $.id, $.at] }",
                json!({"id": 7, "at": "x"}),
                Some("order.updated|7|x"),
            ),
            ("id: { join: [\"header:X-Topic\", $.id, $.at] }", json!({"id": 7}), None),
            ("id: { join: [$.a, $.b] }", json!({}), None),
            ("type: $.t", json!({"id": 1}), None),
        ] {
            let request = Request { headers: &headers, query: &[], body: &body };
            assert_eq!(rule(text).0.id(&request).as_deref(), id, "{text} {body}");
        }
    }

    #[test]
    fn a_header_id_needs_no_body() {
        assert!(!rule("id: header:X-Id\ntype: header:X-Topic").0.needs_body());
        assert!(rule("id: header:X-Id\ntype: $.t").0.needs_body());
    }

    #[test]
    fn a_batch_is_split_where_its_list_is() {
        let each = |path: &str| rule(&format!("each: \"{path}\"\nid: $.id")).0;
        for (path, document, items) in [
            ("$[*]", json!([{"id": 1}, {"id": 2}]), Some(2)),
            ("$[*]", json!([]), Some(0)),
            ("$[*]", json!({"id": 1}), None),
            ("$.entry[*].changes[*]", json!({"entry": [{"changes": [1, 2]}, {"changes": [3]}]}), Some(3)),
            ("$.entry[*].changes[*]", json!({"entry": []}), Some(0)),
            ("$.entry[*].changes[*]", json!({"entry": [{"x": 1}]}), None),
            ("$.n[*].Item", json!({"n": [{"Item": {}}]}), Some(1)),
            ("$.n[*].Item", json!(null), None),
        ] {
            let found = match each(path).split(&document) {
                Batch::Items(items) => Some(items.len()),
                Batch::Whole => None,
            };
            assert_eq!(found, items, "{path} {document}");
        }
        assert_eq!(rule("each: $.items").1.errors(), 1);
        assert_eq!(rule("id: $.id").0.split(&json!([1])), Batch::Whole);
    }

    #[test]
    fn mistakes_are_placed() {
        let (_, problems) = rule("id: { join: [$.a, cookie:x] }\ntyp: $.t\n");
        let found: Vec<String> = problems.sorted().iter().map(|d| d.place.to_string()).collect();
        assert_eq!(found, ["e.yaml:1:19", "e.yaml:2:1"]);
    }
}
