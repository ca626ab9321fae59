//! Where things probably are in a payload that nobody knows: a proposal of the
//! `event:` and `values:` of a mapping, for a person to read and correct.
//!
//! Lives here: the walk over a document, the words of keys in three languages,
//! the shapes of values, and the points that both give. Never here: deciding
//! what is sent. A proposal is a text for a mapping file; only a person puts it
//! there.
//!
//! ```text
//! document --batch--> item --walk--> leaves --person, order, money …--> findings --propose--> proposal --yaml--> text
//! ```
//!
//! Points are small whole numbers, so that the order is the same everywhere; of
//! equals, what comes first in the document wins.

mod batch;
mod event;
mod items;
mod keyed;
mod kind;
mod leaf;
mod looks;
mod money;
mod order;
mod person;
mod phone;
mod propose;
mod route;
mod things;
mod walk;
mod words;
mod yaml;

#[cfg(test)]
mod tests;

use serde_json::{Map, Value};

use batch::Batch;
use kind::{SHOWN, Verdict};
use leaf::Leaf;
use walk::Walk;

use crate::event::Headers;

pub use kind::{As, Found, Kind, Source};
pub use propose::{Proposal, Proposed};
pub use yaml::{clean, cut, yaml};

/// What rules need to know of the whole document.
pub struct Context<'a> {
    root: &'a Value,
    /// The words of the event's type, as far as it is in the body.
    topic: String,
    /// Whether the type was found under a key that says so.
    has_type: bool,
    /// Some amount is written with decimals.
    decimals: bool,
}

/// Fields of an order, or of something like one.
#[rustfmt::skip]
const ENTITY: [&str; 26] = [
    "total", "total price", "total amount", "status", "currency", "currency id", "line items", "items",
    "itens", "products", "produtos", "customer", "cliente", "client", "billing", "buyer", "payment status",
    "financial status", "number", "numero", "order number", "value", "amount", "valor", "situacao",
    "shipping address",
];

impl Context<'_> {
    /// Whether the id of the whole document is the event's: the thing that it is
    /// about stands in an object of its own, or has an id of its own.
    fn is_event_id(&self, leaf: &Leaf<'_>) -> bool {
        let id = words::is_any(&["id", "uuid", "guid"], leaf.own()) && leaf.depth() == 1;
        let apart = |(key, value): (&String, &Value)| {
            let plain = words::plain(key);
            value.is_object()
                || words::any(&["order id", "orderid", "pedido id", "id pedido", "resource"], &plain)
        };
        id && self.has_type
            && !self.may_be_entity(leaf)
            && self.root.as_object().is_some_and(|fields| fields.iter().any(apart))
    }

    /// Whether what a value stands beside is an order, or something like one.
    fn is_entity(&self, leaf: &Leaf<'_>) -> bool {
        leaf.beside.is_some_and(|fields| known(fields) >= 2)
    }

    /// Whether it can be: an id there comes again with every change of it, and
    /// as the event's id would have each of them dropped as a repeat.
    fn may_be_entity(&self, leaf: &Leaf<'_>) -> bool {
        let people = ["contact", "contato", "lead", "subscriber", "charges", "payments"];
        let person = |key: &String| words::is_any(&people, &words::plain(key));
        leaf.beside.is_some_and(|fields| known(fields) >= 1 || fields.keys().any(person))
    }
}

/// How many fields of an order there are.
fn known(fields: &Map<String, Value>) -> usize {
    fields.keys().filter(|key| words::is_any(&ENTITY, &words::plain(key))).count()
}

/// The proposal for a body. Headers are asked for the type and the id only.
pub fn infer(document: &Value, headers: &Headers) -> Proposal {
    let (root, each, note) = match batch::of(document) {
        Batch::One => (document, None, None),
        Batch::Each { each, item, count } => (item, Some((each, count)), None),
        Batch::Beside { each, count, lost } => {
            let list = each.trim_end_matches("[*]");
            let note = format!(
                "{list} is a list of {count}; only its first is read here. With `each: \"{each}\"` every item \
                 is an event, and `{lost}`, which stands beside the list, is lost."
            );
            (document, None, Some(note))
        }
    };
    let walk = Walk::of(root);
    let mut context = Context { root, topic: " ".to_owned(), has_type: false, decimals: false };
    context.decimals = walk.leaves.iter().any(money::shows_decimals);
    let mut found = event::in_headers(headers);
    let kinds = walk.leaves.iter().filter_map(event::kind);
    if let Some(best) = kinds.reduce(|best, next| if next.points > best.points { next } else { best }) {
        context.has_type = best.points >= 36;
        context.topic = words::plain(&best.value);
    }
    if let Some(header) = found.iter().find(|found| found.kind == Kind::EventType) {
        context.topic = words::plain(&header.value);
    }
    for leaf in &walk.leaves {
        for verdict in verdicts(leaf, &context).into_iter().filter(|verdict| verdict.points >= SHOWN) {
            found.extend(propose::locate(leaf, verdict, root));
        }
    }
    found.extend(walk.lists.iter().filter_map(|list| items::names(list, root)));
    let changed = propose::latest_change(&walk, root);
    propose::propose(found, each, changed, note, &context, &walk)
}

fn verdicts(leaf: &Leaf<'_>, context: &Context<'_>) -> Vec<Verdict> {
    let found = [
        event::kind(leaf),
        event::id(leaf, context),
        order::number(leaf, context),
        person::name(leaf),
        phone::phone(leaf),
        person::email(leaf),
        money::total(leaf, context),
        order::status(leaf),
        things::product(leaf),
        things::date(leaf),
        things::link(leaf),
        things::tracking(leaf),
        things::pay_code(leaf),
    ];
    found.into_iter().flatten().collect()
}
