//! What it is about: the number of the order, and how it stands. A key such as
//! `id` or `code` says nothing by itself, so what it is the id of must be known.

use serde_json::Value;

use super::Context;
use super::kind::{Kind, Verdict, says};
use super::leaf::{Leaf, is_neutral};
use super::looks;
use super::words::{self, Table};

/// Keys that say it all.
#[rustfmt::skip]
const NUMBERS: &Table = &[
    ("order number", 62), ("numero pedido", 62), ("numero do pedido", 62), ("pedido numero", 62),
    ("order no", 58), ("order ref", 58), ("order code", 58), ("codigo pedido", 58), ("numero loja", 60),
    ("order sn", 58), ("ordersn", 58), ("display id", 56), ("order name", 56), ("external reference", 52),
    ("reference id", 50), ("merchant reference", 50), ("reference code", 50), ("ref id", 44), ("external id", 40),
    ("external code", 40), ("order id", 50), ("id pedido", 50), ("pedido id", 50), ("orderid", 50),
    ("purchase id", 46), ("sale id", 46), ("venda id", 46), ("id venda", 46), ("invoice number", 44),
    ("numero fatura", 44), ("transaction id", 36), ("txid", 46), ("tx id", 46), ("trans key", 46),
    ("ticket number", 40), ("booking id", 44), ("reservation id", 44), ("numero reserva", 44),
    ("confirmation number", 34), ("protocol number", 36),
];
/// Keys that say it when they are the whole key.
#[rustfmt::skip]
const WHOLE: &Table = &[
    ("pedido", 56), ("order", 44), ("transaction", 46), ("transacao", 46), ("reference", 46),
    ("referencia", 46), ("protocol", 34), ("protocolo", 38), ("sequence", 30), ("n pedido", 56),
    ("booking", 36), ("reserva", 36), ("venda", 40),
];
/// Keys that need to know what they are the number of.
#[rustfmt::skip]
const GENERIC: &Table = &[
    ("number", 40), ("numero", 40), ("ref", 36), ("name", 0), ("code", 28), ("codigo", 28), ("hash", 26),
    ("key", 16), ("id", 20),
];
#[rustfmt::skip]
const PARENTS: &Table = &[
    ("order", 18), ("pedido", 18), ("sale", 16), ("venda", 16), ("purchase", 14), ("compra", 14),
    ("checkout", 8), ("cart", 4), ("invoice", 12), ("fatura", 12), ("bill", 10), ("booking", 14),
    ("reservation", 14), ("reserva", 14), ("agendamento", 12), ("transaction", 6), ("transacao", 6),
    ("charge", 2), ("cobranca", 4), ("payment", 4), ("pagamento", 4), ("subscription", -4),
    ("assinatura", -4), ("shipment", 0), ("envio", 0),
];
/// Whose number it is instead.
#[rustfmt::skip]
const OTHERS: &Table = &[
    ("customer", -60), ("cliente", -60), ("product", -60), ("produto", -60), ("item", -60), ("items", -60),
    ("itens", -60), ("lines", -60), ("store", -60), ("shop", -60), ("seller", -60), ("user", -60),
    ("tracking", -60), ("payment method", -60), ("status", -60), ("card", -60), ("installments", -60),
    ("parent", -60), ("shipping lines", -60), ("date", -60), ("url", -60), ("token", -60), ("links", -60),
    ("fulfillments", -30), ("charges", -20), ("tax", -60), ("total", -60), ("amount", -60),
    ("plan", -60), ("coupon", -60), ("discount", -60), ("type", -60), ("count", -60),
];

/// Words of an event's type that say that its document is an order.
#[rustfmt::skip]
const ORDERS: [&str; 14] = [
    "order", "orders", "pedido", "pedidos", "purchase", "compra", "sale", "venda", "invoice", "fatura",
    "checkout", "bill", "booking", "reserva",
];

pub fn number(leaf: &Leaf<'_>, context: &Context<'_>) -> Option<Verdict> {
    let text = leaf.text()?;
    if text.chars().count() > 64 || text.split(' ').count() > 2 || looks::url(&text) || looks::email(&text) {
        return None;
    }
    let own = leaf.own();
    let against = leaf.keys.iter().filter_map(|key| words::worst(OTHERS, key)).map(|(_, p)| p).min();
    let shape = if looks::order(&text) { 8 } else { 0 } - if looks::uuid(&text) { 6 } else { 0 };
    let certain = leaf.near(NUMBERS).filter(|hit| hit.level == 0).map(|hit| (hit.word, hit.points));
    let found = certain.or_else(|| words::exact(WHOLE, own)).or_else(|| generic(leaf, context, &text));
    let (reason, points) = match found {
        Some((word, points)) => (says(word), points),
        None if looks::order(&text) && !text.starts_with('#') => ("it is written as an order".into(), 18),
        None => return None,
    };
    // What lies nearer is more often about the whole.
    let points = points + shape + against.unwrap_or(0) - if leaf.is_in_list() { 6 } else { 0 };
    Some(Verdict::new(Kind::Order, points, leaf, reason))
}

/// `id`, `number`, `code` and such, by what they belong to.
fn generic(leaf: &Leaf<'_>, context: &Context<'_>, text: &str) -> Option<(&'static str, i32)> {
    let (word, points) = words::exact(GENERIC, leaf.own())?;
    if word == "name" {
        // One sender calls the number of an order its name.
        return (text.starts_with('#') && looks::order(text)).then_some(("name", 62));
    }
    match leaf.parent() {
        Some(parent) => words::best(PARENTS, parent).map(|(_, more)| (word, points + more)),
        None if context.is_event_id(leaf) => None,
        None if words::any(&ORDERS, &context.topic) || context.is_entity(leaf) => Some((word, points + 12)),
        None if words::any(&["payment", "pagamento", "charge"], &context.topic) => Some((word, points + 4)),
        None => None,
    }
}

#[rustfmt::skip]
const STATUSES: &Table = &[
    ("order status", 50), ("status pedido", 50), ("payment status", 44), ("financial status", 46),
    ("sale status", 44), ("status", 42), ("situacao", 44), ("estado pedido", 44), ("state", 30),
    ("etapa", 34), ("stage", 32), ("fase", 28), ("trans status", 44), ("status pagamento", 44),
    ("status enum key", 46),
];
#[rustfmt::skip]
const OTHER_STATES: &Table = &[
    ("address", -60), ("endereco", -60), ("customer", -35), ("client", -35), ("buyer", -35),
    ("consent", -60), ("legal", -60), ("product", -40), ("produto", -40), ("item", -40), ("items", -40),
    ("itens", -40), ("lines", -40), ("tax", -60), ("subscription", -14), ("assinatura", -14),
    ("shipping", -12), ("fulfillment", -12), ("billing", -40), ("url", -60), ("detail", -12), ("date", -60),
    ("province", -60), ("user", -40), ("affiliate", -40), ("charges", -12), ("contact", -30),
];
/// Of a state that is an object, the field that says it best.
#[rustfmt::skip]
const FACES: &Table = &[
    ("alias", 6), ("nome", 6), ("name", 6), ("descricao", 5), ("description", 4), ("label", 4), ("title", 4),
    ("code", 3), ("id", 2), ("valor", 0), ("value", 0), ("key", 2), ("status", 6), ("situacao", 6),
];

pub fn status(leaf: &Leaf<'_>) -> Option<Verdict> {
    let text = leaf.text()?;
    let hit = leaf.near(STATUSES)?;
    let face = words::exact(FACES, leaf.own());
    if hit.level > 0 && face.is_none() || text.chars().count() > 40 || looks::url(&text) {
        return None;
    }
    let code = matches!(leaf.value, Value::Number(_)) && text.len() > 4;
    if code || looks::uuid(&text) || leaf.value.is_string() && looks::date(leaf.value).is_some() {
        return None;
    }
    // Two letters in capitals are a state of a country.
    let region = words::is_any(&["state", "estado"], leaf.own()) && text.len() == 2;
    let depth = i32::try_from(leaf.keys.iter().filter(|key| !is_neutral(key)).count()).unwrap_or(9);
    // A state's own `id` is as near to the state as its `name`.
    let parent = leaf.parent().and_then(|parent| words::best(STATUSES, parent)).map(|(_, points)| points);
    let worth = if hit.level == 1 { parent.unwrap_or(hit.points) } else { hit.points };
    let points = worth + face.map_or(0, |(_, points)| points) + leaf.against(OTHER_STATES).min(0)
        - depth.min(6)
        - if region { 40 } else { 0 };
    Some(Verdict::new(Kind::Status, points, leaf, says(hit.word)))
}
