//! The event itself: its type, and its own id, by which a sender's repeat is
//! recognised. An id of the order is not one: it comes again with every change
//! of the order, and each change is news.

use serde_json::Value;

use super::Context;
use super::kind::{As, Found, Kind, Source, Verdict, says};
use super::leaf::{Leaf, is_neutral};
use super::looks;
use super::words::{self, Table};
use crate::event::Headers;

#[rustfmt::skip]
const TYPES: &Table = &[
    ("webhook event type", 56), ("event type", 54), ("tipo evento", 54), ("tipo do evento", 54),
    ("event name", 50), ("nome evento", 50), ("trigger event", 48), ("webhook type", 46), ("full code", 46),
    ("webhook event", 48), ("event code", 48), ("notification type", 46), ("scope name", 34), ("event identifier", 22),
    ("status", 18),
];
#[rustfmt::skip]
const WHOLE_TYPES: &Table = &[
    ("event", 50), ("evento", 50), ("topic", 44), ("topico", 44), ("type", 40), ("tipo", 40), ("action", 42),
    ("acao", 42), ("trigger", 36), ("act", 28), ("state", 30), ("field", 24), ("code", 24), ("status", 22),
    ("situacao", 22), ("kind", 22),
];
/// Objects that describe the event and not what it is about.
const ENVELOPES: [&str; 10] = [
    "event",
    "evento",
    "event data",
    "webhook",
    "notification",
    "notificacao",
    "meta",
    "header",
    "headers",
    "trigger",
];

pub fn kind(leaf: &Leaf<'_>) -> Option<Verdict> {
    if leaf.depth() > 2 || leaf.is_in_list() {
        return None;
    }
    let text = leaf.text()?;
    let number = leaf.value.is_number() && text.len() <= 6 && text.bytes().all(|b| b.is_ascii_digit());
    let word = leaf.value.is_string() && text.chars().count() <= 60 && text.split(' ').count() <= 4;
    if !(number || word) || looks::uuid(&text) || looks::url(&text) || looks::email(&text) {
        return None;
    }
    let own = leaf.own();
    let (word, points) = words::exact(WHOLE_TYPES, own).or_else(|| words::best(TYPES, own))?;
    let inside = match leaf.keys.get(1) {
        None => 0,
        Some(parent) if words::is_any(&ENVELOPES, parent) => 6,
        Some(_) => -24,
    };
    let parted = if text.contains(['.', '_', '/', ':']) { 6 } else { 0 };
    Some(Verdict::new(Kind::EventType, points + inside + parted, leaf, says(word)))
}

#[rustfmt::skip]
const IDS: &Table = &[
    ("event id", 60), ("evento id", 60), ("id evento", 60), ("id do evento", 60), ("notification id", 56),
    ("message id", 50), ("delivery id", 52), ("end to end id", 52), ("webhook event id", 60),
    ("request id", 36), ("idempotency key", 50),
];
const PLAIN: [&str; 4] = ["id", "uuid", "guid", "event uuid"];
/// How some senders begin the ids of their events.
const BEGINNINGS: [&str; 6] = ["evt", "hook_", "ev_", "msg_", "wamid.", "wh_"];

pub fn id(leaf: &Leaf<'_>, context: &Context<'_>) -> Option<Verdict> {
    let text = leaf.text().filter(|text| text.len() <= 128 && !text.contains(' ') && !looks::url(text))?;
    let verdict = |points, reason: &str| Some(Verdict::new(Kind::EventId, points, leaf, reason));
    let own = leaf.own();
    if leaf.depth() <= 2
        && let Some((word, points)) = words::best(IDS, own)
    {
        return verdict(points, &says(word));
    }
    if !words::is_any(&PLAIN, own) {
        return None;
    }
    let begins = BEGINNINGS.iter().any(|start| text.starts_with(start));
    let parent = leaf.keys.get(1).map_or("", String::as_str);
    match () {
        () if begins => verdict(62, "it begins as an event's id"),
        () if leaf.depth() == 1 && context.is_event_id(leaf) => verdict(50, "it stands beside the event"),
        () if leaf.depth() == 1 && !context.may_be_entity(leaf) => {
            let caution = "make sure that every event has an id of its own here: a repeated id is dropped";
            let verdict = Verdict::new(Kind::EventId, 34, leaf, "it is the id of the whole");
            Some(Verdict { caution: Some(caution.to_owned()), ..verdict })
        }
        () if leaf.depth() == 2 && words::is_any(&ENVELOPES, parent) => verdict(46, "it is the event's"),
        () if words::is_any(&["messages", "mensagens", "message"], parent) => verdict(36, "a message's id"),
        () => None,
    }
}

#[rustfmt::skip]
const HEADER_TYPES: &Table = &[("topic", 60), ("event", 58), ("event type", 60), ("event name", 60)];
#[rustfmt::skip]
const HEADER_IDS: &Table = &[
    ("webhook id", 56), ("event id", 64), ("delivery id", 60), ("delivery", 58), ("notification id", 60),
    ("request id", 40), ("message id", 50),
];

/// What the headers of the request say of the event.
pub fn in_headers(headers: &Headers) -> Vec<Found> {
    let mut found = Vec::new();
    for (order, (name, value)) in headers.iter().enumerate() {
        let plain = words::plain(name);
        let id = words::best(HEADER_IDS, &plain).map(|hit| (Kind::EventId, hit));
        let kind = words::best(HEADER_TYPES, &plain).map(|hit| (Kind::EventType, hit));
        if let Some((kind, (word, points))) = id.or(kind)
            && !value.trim().is_empty()
        {
            found.push(Found {
                kind,
                source: Source::Path(format!("header:{name}")),
                read: As::Text,
                points,
                value: value.trim().to_owned(),
                reason: says(word),
                caution: None,
                order,
            });
        }
    }
    found
}

#[rustfmt::skip]
const CHANGES: &Table = &[
    ("updated at", 50), ("update time", 50), ("date modified", 46), ("date modified gmt", 48),
    ("last change", 46), ("atualizado em", 50), ("modified at", 46), ("updated", 40), ("event timestamp", 40),
    ("timestamp", 30), ("time", 24), ("sent at", 30), ("data atualizacao", 50),
];

/// When it last changed: with an id of the order and a type, the three are one
/// id of the event.
pub fn changed(leaf: &Leaf<'_>) -> Option<i32> {
    let (_, points) = words::best(CHANGES, leaf.own())?;
    // Of the whole, not of the customer in it.
    let whole = leaf.keys.iter().skip(1).all(|key| is_neutral(key));
    let near = leaf.depth() <= 2 && whole && !leaf.is_in_list();
    let dated =
        matches!(leaf.value, Value::String(_) | Value::Number(_)) && looks::date(leaf.value).is_some();
    (near && dated).then(|| points + if leaf.depth() == 2 { 2 } else { 0 })
}
