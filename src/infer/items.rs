//! What was bought, where it is a list: the names of its items.

use serde_json::Value;

use super::kind::{As, Found, Kind, SHOWN, Source, says};
use super::route::{Step, path_to_all};
use super::walk::List;
use super::words::{self, Table};

#[rustfmt::skip]
const LISTS: &Table = &[
    ("line items", 60), ("order items", 60), ("items", 56), ("itens", 60), ("itens pedido", 60),
    ("itens do pedido", 60), ("products", 54), ("produtos", 56), ("order lines", 54), ("lines", 30),
    ("cart", 40), ("carrinho", 40), ("articulos", 54), ("productos", 54), ("trans items", 50),
    ("servicos", 40), ("services", 36), ("courses", 40), ("cursos", 40),
];
#[rustfmt::skip]
const OTHER_LISTS: &Table = &[
    ("tax", -80), ("shipping", -80), ("fee", -80), ("coupon", -80), ("refund", -80), ("refunds", -80),
    ("discount", -80), ("packages", -20), ("fulfillments", -30), ("payments", -60), ("pagamentos", -60),
];
/// What things that are sold have.
const GOODS: [&str; 7] = ["quantity", "quantidade", "qty", "qtd", "sku", "unit price", "preco unitario"];
const NAMES: [&str; 11] = [
    "title",
    "titulo",
    "name",
    "nome",
    "product name",
    "nome produto",
    "item name",
    "descricao",
    "description",
    "product",
    "produto",
];
/// Where the thing itself is in an object of its own.
const THINGS: [&str; 5] = ["product", "produto", "item", "variant", "offer"];
const SHOWN_NAMES: usize = 3;

pub fn names(list: &List<'_>, document: &Value) -> Option<Found> {
    let item = list.items.first()?.as_object()?;
    let own = list.keys.first().map_or("", String::as_str);
    let goods = item.keys().any(|key| words::is_any(&GOODS, &words::plain(key)));
    let (reason, points) = match words::best(LISTS, own) {
        Some((word, points)) => (says(word), points),
        None if goods => ("its items have a quantity".to_owned(), 34),
        None => return None,
    };
    let against = words::worst(OTHER_LISTS, own).map_or(0, |(_, points)| points.min(0));
    let inside = if list.steps.iter().any(|step| matches!(step, Step::Index(_))) { 12 } else { 0 };
    let points = points + against - inside;
    let name = name_in(list.items.first()?)?;
    let steps = list.steps.iter().cloned().chain([Step::Each]).chain(name.iter().cloned().map(Step::Key));
    let (path, _) = path_to_all(&steps.collect::<Vec<_>>(), document)?;
    let value = shown(list.items, &name);
    (points >= SHOWN).then_some(Found {
        kind: Kind::Items,
        source: Source::Path(path),
        read: As::Many,
        points,
        value,
        reason,
        caution: None,
        order: list.order,
    })
}

/// The keys to an item's name, below the item.
fn name_in(item: &Value) -> Option<Vec<String>> {
    let fields = item.as_object()?;
    let named = |fields: &serde_json::Map<String, Value>| {
        NAMES.iter().find_map(|name| {
            let found =
                fields.iter().find(|(key, value)| value.is_string() && words::is(&words::plain(key), name));
            found.map(|(key, _)| key.clone())
        })
    };
    if let Some(key) = named(fields) {
        return Some(vec![key]);
    }
    fields
        .iter()
        .filter(|(key, _)| words::is_any(&THINGS, &words::plain(key)))
        .find_map(|(key, inner)| Some(vec![key.clone(), named(inner.as_object()?)?]))
}

fn shown(items: &[Value], name: &[String]) -> String {
    let text = |item| name.iter().try_fold(item, |node: &Value, key| node.get(key)).and_then(Value::as_str);
    let names: Vec<&str> = items.iter().take(SHOWN_NAMES).filter_map(text).collect();
    let more = if items.len() > SHOWN_NAMES { ", …" } else { "" };
    format!("{}{more}", names.join(", "))
}
