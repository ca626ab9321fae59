//! `/v1/events`: what came in and what became of it.

use super::call::{Answer, Call, json};
use super::fields::PAGE;
use super::given::Given;
use super::problems::Problem;
use super::shown::{Detail, Event, EventPage, Webhook};
use crate::event::EventId;
use crate::store::EventFilter;

pub async fn list(call: Call) -> Answer {
    let limit = call.query.parsed("limit").unwrap_or(PAGE);
    let before = call.query.parsed("cursor");
    let page = call.console.store.events(filter(&call.query), before, limit).await?;
    let events = page.items.into_iter().map(|view| Event::of(view, Detail::Line)).collect();
    json(&EventPage { events, next: page.next.map(|next| next.to_string()) })
}

pub async fn one(call: Call) -> Answer {
    let id: EventId = call.id()?;
    let store = &call.console.store;
    let view = store.event(id).await?.ok_or_else(|| Problem::NoEvent(id.to_string()))?;
    let webhook = store.webhook(id).await?.and_then(Webhook::of);
    json(&Event { webhook, ..Event::of(view, Detail::Whole) })
}

/// Of a query, or of the map in a body that says which are replayed.
pub fn filter(given: &Given) -> EventFilter {
    EventFilter {
        source: given.text("source"),
        state: given.parsed("state"),
        kind: given.text("kind"),
        key: given.text("key"),
        since: given.parsed("since"),
        until: given.parsed("until"),
        search: given.texts("search"),
    }
}
