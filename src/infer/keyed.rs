//! Lists that are maps in disguise: answers of a form, custom fields, meta data.
//! Each item has a label and a value, and their order means nothing: it changes
//! when somebody adds a question. Their values are found by label.

use std::collections::BTreeSet;

use serde_json::Value;

use super::words;

/// Where the label of each item is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Labels {
    pub path: Vec<String>,
}

/// Fields that name an item, the telling ones first.
const LABELS: [&str; 14] = [
    "label",
    "question",
    "pergunta",
    "title",
    "titulo",
    "name",
    "nome",
    "field name",
    "key",
    "chave",
    "field",
    "campo",
    "ref",
    "slug",
];
/// Last: often a number that says nothing.
const IDS: [&str; 4] = ["id", "field id", "custom field id", "code"];
/// Fields that hold what was answered.
const VALUES: [&str; 16] = [
    "value",
    "valor",
    "answer",
    "answers",
    "resposta",
    "response",
    "text",
    "texto",
    "content",
    "values",
    "field value",
    "phone number",
    "email",
    "choice",
    "date",
    "boolean",
];
/// An object inside the item that says which question it answers.
const QUESTIONS: [&str; 4] = ["field", "question", "custom field", "campo"];
/// What things that are sold, or paid, have.
const GOODS: [&str; 11] = [
    "quantity",
    "quantidade",
    "qty",
    "qtd",
    "price",
    "preco",
    "sku",
    "amount",
    "currency",
    "unit price",
    "total",
];
/// Fields that say of which kind an item is, never what was answered.
const DESCRIBING: [&str; 6] = ["type", "tipo", "position", "posicao", "id", "ref"];

impl Labels {
    pub fn of<'v>(&self, item: &'v Value) -> Option<&'v str> {
        let found = self.path.iter().try_fold(item, |node, key| node.get(key))?.as_str()?;
        (!found.trim().is_empty()).then_some(found)
    }

    /// Whether the field of that name is the label or a description, no value.
    pub fn describes(&self, key: &str) -> bool {
        self.path.first().is_some_and(|label| label == key) || words::is_any(&DESCRIBING, &words::plain(key))
    }
}

/// The labels of a list in which every item has one of its own and a value.
pub fn labels_of(items: &[Value]) -> Option<Labels> {
    let first = items.first()?.as_object()?;
    let keys: Vec<(&String, String)> = first.keys().map(|key| (key, words::plain(key))).collect();
    let has = |list: &[&str]| keys.iter().any(|(_, plain)| words::is_any(list, plain));
    // What was answered is no object of its own, but what was asked may be.
    let field = |list: &[&str], object: bool| {
        let mut found = keys.iter().filter(|(_, plain)| words::is_any(list, plain));
        found.any(|(key, _)| first.get(*key).is_some_and(Value::is_object) == object)
    };
    if !(field(&VALUES, false) || field(&QUESTIONS, true)) || has(&GOODS) {
        return None;
    }
    let flat = LABELS.iter().chain(&IDS).filter_map(|label| {
        let (key, _) = keys.iter().find(|(_, plain)| words::is(plain, label))?;
        Some(vec![(*key).clone()])
    });
    let nested = keys.iter().filter(|(_, plain)| words::is_any(&QUESTIONS, plain)).flat_map(|(key, _)| {
        let fields = first.get(*key).and_then(Value::as_object);
        let inner = LABELS.iter().chain(&IDS).filter_map(move |label| {
            let inner = fields?.keys().find(|inner| words::is(&words::plain(inner), label))?;
            Some(vec![(*key).clone(), inner.clone()])
        });
        inner.collect::<Vec<_>>()
    });
    let mut possible = nested.chain(flat).map(|path| Labels { path });
    possible.find(|labels| tell_apart(labels, items))
}

fn tell_apart(labels: &Labels, items: &[Value]) -> bool {
    let mut seen = BTreeSet::new();
    items.iter().all(|item| labels.of(item).is_some_and(|label| seen.insert(label)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn labels_are_found_in_the_shapes_of_forms() {
        for (items, path) in [
            (json!([{"key": "a", "value": 1}, {"key": "b", "value": 2}]), Some(vec!["key"])),
            (json!([{"id": 7, "key": "a", "value": 1}]), Some(vec!["key"])),
            (json!([{"id": "x1", "value": 1}]), Some(vec!["id"])),
            (json!([{"question": "WhatsApp", "answer": "x", "position": 0}]), Some(vec!["question"])),
            (
                json!([{"type": "text", "text": "x", "field": {"id": "1", "ref": "nome"}}]),
                Some(vec!["field", "ref"]),
            ),
            (json!([{"custom_field": {"label": "Zap"}, "value": "x"}]), Some(vec!["custom_field", "label"])),
            // Two with one label, things that are sold, a label that is no text.
            (json!([{"key": "a", "value": 1}, {"key": "a", "value": 2}]), None),
            (json!([{"name": "Camiseta", "value": 10, "quantity": 2}]), None),
            (json!([{"id": 7, "value": 1}]), None),
            (json!([1, 2]), None),
            (json!([]), None),
        ] {
            let found = labels_of(items.as_array().unwrap());
            let path = path.map(|path| path.into_iter().map(str::to_owned).collect());
            assert_eq!(found.map(|labels| labels.path), path, "{items}");
        }
    }
}
