//! A request that holds several events: a list and hardly anything beside it.
//! `event.each` then makes every item an event of its own, and `$` is the item.

use serde_json::{Map, Value};

use super::keyed::labels_of;
use super::route::{Step, written};
use super::words;

#[derive(Debug)]
pub enum Batch<'a> {
    /// The document is one event.
    One,
    /// `each`, its first item, and how many there are in its outermost list.
    Each { each: String, item: &'a Value, count: usize },
    /// A list that is most of the document, beside something that its items
    /// would lose.
    Beside { each: String, count: usize, lost: String },
}

const MAX_DEPTH: usize = 4;
const MAX_BESIDE: usize = 6;
/// Fields that an item would miss: `$` is then the item alone.
#[rustfmt::skip]
const TELLING: [&str; 22] = [
    "event", "evento", "event type", "type", "tipo", "topic", "action", "status", "situacao", "order id",
    "pedido", "name", "nome", "phone", "telefone", "email", "number", "numero", "order number", "event name",
    "state", "webhook event type",
];
/// What was bought is a part of one event.
#[rustfmt::skip]
const GOODS: [&str; 12] = [
    "quantity", "quantidade", "qty", "qtd", "sku", "unit price", "items", "itens", "line items", "products",
    "produtos", "answers",
];

pub fn of(document: &Value) -> Batch<'_> {
    let mut steps = Vec::new();
    let (mut node, mut count, mut depth) = (document, 0, 0);
    let (mut item, mut each) = (document, String::new());
    let mut lost = None;
    while depth < MAX_DEPTH {
        depth += 1;
        match node {
            Value::Array(items) if is_alike(items) => {
                steps.push(Step::Each);
                count = count.max(if each.is_empty() { items.len() } else { 0 });
                node = &items[0];
                (item, each) = (node, written(&steps, true));
            }
            Value::Object(fields) => {
                let Some((key, list)) = only_list(fields) else { break };
                lost = lost.or_else(|| telling(fields));
                steps.push(Step::Key(key.clone()));
                node = list;
            }
            _ => break,
        }
    }
    match lost {
        _ if each.is_empty() => Batch::One,
        None => Batch::Each { each, item, count },
        Some(lost) => Batch::Beside { each, count, lost },
    }
}

fn is_alike(items: &[Value]) -> bool {
    let goods = |item: &Value| {
        item.as_object()
            .is_some_and(|item| item.keys().any(|key| words::is_any(&GOODS[..6], &words::plain(key))))
    };
    !items.is_empty()
        && items.iter().all(Value::is_object)
        && labels_of(items).is_none()
        && !items.iter().all(goods)
}

/// The one list of objects of an object that has nothing else but a few single
/// values.
fn only_list(fields: &Map<String, Value>) -> Option<(&String, &Value)> {
    let mut lists = fields.iter().filter(|(_, value)| value.is_array());
    let (key, list) = lists.next()?;
    let alone = lists.next().is_none() && !fields.values().any(Value::is_object);
    let listed = list.as_array().is_some_and(|items| is_alike(items));
    let goods = words::is_any(&GOODS, &words::plain(key));
    (alone && listed && !goods && fields.len() <= MAX_BESIDE).then_some((key, list))
}

fn telling(fields: &Map<String, Value>) -> Option<String> {
    let found =
        fields.iter().find(|(key, value)| !value.is_array() && words::is_any(&TELLING, &words::plain(key)));
    found.map(|(key, _)| key.clone())
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn batches_are_lists_with_little_beside_them() {
        for (document, expected) in [
            (json!([{"id": 1}, {"id": 2}]), "each $[*] 2"),
            (json!({"pix": [{"txid": "a"}]}), "each $.pix[*] 1"),
            (
                json!({"object": "x", "entry": [{"id": 1, "changes": [{"value": {}}]}]}),
                "each $.entry[*].changes[*] 1",
            ),
            (json!({"event": "paid", "data": [{"id": 1}, {"id": 2}]}), "beside $.data[*] event"),
            (json!({"id": 1, "line_items": [{"name": "a"}]}), "one"),
            (json!({"x": [{"name": "a", "quantity": 1}]}), "one"),
            (json!({"customer": {"name": "x"}, "list": [{"id": 1}]}), "one"),
            (json!({"fields": [{"key": "a", "value": 1}]}), "one"),
            (json!([1, 2]), "one"),
            (json!([]), "one"),
            (json!(null), "one"),
        ] {
            let found = match of(&document) {
                Batch::One => "one".to_owned(),
                Batch::Each { each, count, .. } => format!("each {each} {count}"),
                Batch::Beside { each, lost, .. } => format!("beside {each} {lost}"),
            };
            assert_eq!(found, expected, "{document}");
        }
    }
}
