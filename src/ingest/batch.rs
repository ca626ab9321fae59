//! From one verified request to the events in it.
//!
//! Most requests are one event. A sender's batch is split here, after verifying,
//! so that each item has its own id, its own repeats and its own outcome.

use bytes::Bytes;
use serde_json::Value;

use crate::event::{EventId, Headers, RawWebhook, Timestamp};
use crate::mapping::Mapping;
use crate::payload::{Request, read_document};
use crate::provider::{Batch, EventRule};
use crate::store::InboxEvent;

/// A larger batch is kept whole, for a person to look at.
const MOST_ITEMS: usize = 1_000;

/// The events of a request, in order; none for an empty batch.
pub fn events_of(mapping: &Mapping, raw: RawWebhook, now: Timestamp) -> Vec<InboxEvent> {
    let rule = &mapping.event;
    let query = raw.query_pairs();
    // A body that cannot be read has no id; it is kept all the same, and parked
    // when it is planned.
    let document = match rule.needs_body() {
        true => read_document(&mapping.document, &raw.headers, &raw.body).unwrap_or_default(),
        false => Value::Null,
    };
    match rule.split(&document) {
        Batch::Items(items) if items.len() <= MOST_ITEMS => {
            let headers = headers_of_item(&raw.headers);
            let numbered = (1..).zip(items);
            numbered.map(|(n, item)| event_of_item(rule, &raw, &headers, &query, (n, item), now)).collect()
        }
        Batch::Items(_) => vec![event_of(rule, raw, &query, None, now)],
        Batch::Whole => vec![event_of(rule, raw, &query, Some(&document), now)],
    }
}

/// `document`: where its id is. None: it is no single event and has none.
fn event_of(
    rule: &EventRule,
    raw: RawWebhook,
    query: &[(String, String)],
    document: Option<&Value>,
    now: Timestamp,
) -> InboxEvent {
    let request = document.map(|body| Request { headers: &raw.headers, query, body });
    let (key, kind) = (request.and_then(|r| rule.id(&r)), request.and_then(|r| rule.kind(&r)));
    InboxEvent {
        id: EventId::generate(now),
        source: raw.source,
        key,
        kind,
        received_at: raw.received_at,
        item: None,
        request: None,
        method: raw.method,
        query: raw.query,
        headers: raw.headers,
        body: raw.body,
    }
}

fn event_of_item(
    rule: &EventRule,
    raw: &RawWebhook,
    headers: &Headers,
    query: &[(String, String)],
    (n, item): (u32, &Value),
    now: Timestamp,
) -> InboxEvent {
    let request = Request { headers, query, body: item };
    InboxEvent {
        id: EventId::generate(now),
        source: raw.source.clone(),
        key: rule.id(&request),
        kind: rule.kind(&request),
        received_at: raw.received_at,
        item: Some(n),
        request: None,
        method: raw.method.clone(),
        query: raw.query.clone(),
        headers: headers.clone(),
        body: Bytes::from(item.to_string()),
    }
}

/// An item is JSON, whatever it came in.
fn headers_of_item(headers: &Headers) -> Headers {
    let kept = headers.iter().filter(|(name, _)| !matches!(*name, "content-type" | "content-encoding"));
    kept.chain([("content-type", "application/json")]).collect()
}
