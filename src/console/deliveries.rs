//! `/v1/deliveries`: the messages, and what a person decides about one.

use super::call::{Answer, Call, json};
use super::fields::PAGE;
use super::problems::Problem;
use super::shown::{self, Delivery, DeliveryPage, Detail};
use crate::event::DeliveryId;
use crate::store::{DeliveryFilter, Moved, SettledAs, StoreError};

pub async fn list(call: Call) -> Answer {
    let query = &call.query;
    let filter = DeliveryFilter {
        state: query.parsed("state"),
        connection: query.text("connection"),
        source: query.text("source"),
        contact: query.text("contact"),
        business_key: query.text("business_key"),
        event: query.parsed("event"),
        since: query.parsed("since"),
        until: query.parsed("until"),
        search: query.texts("search"),
    };
    let limit = query.parsed("limit").unwrap_or(PAGE);
    let page = call.console.store.deliveries(filter, query.parsed("cursor"), limit).await?;
    let deliveries = page.items.into_iter().map(|view| Delivery::of(view, Detail::Line)).collect();
    json(&DeliveryPage { deliveries, next: page.next.map(|next| next.to_string()) })
}

pub async fn one(call: Call) -> Answer {
    let id: DeliveryId = call.id()?;
    let view = call.console.store.delivery(id).await?.ok_or_else(|| Problem::NoDelivery(id.to_string()))?;
    json(&Delivery::of(view, Detail::Whole))
}

pub async fn release(call: Call) -> Answer {
    let id = call.id()?;
    let moved = call.console.store.release(id, call.now()).await;
    told("released", id, moved, "Only what is held can be released.")
}

pub async fn settle(call: Call) -> Answer {
    let id = call.id()?;
    let found_out = match call.body.text("as").as_deref() {
        Some("delivered") => SettledAs::Delivered,
        _ => SettledAs::NotSent,
    };
    let moved = call.console.store.settle_by_hand(id, found_out, call.now()).await;
    told("settled", id, moved, "Only what is held can be settled.")
}

pub async fn cancel(call: Call) -> Answer {
    let id = call.id()?;
    let moved = call.console.store.cancel(id, call.now()).await;
    told("cancelled", id, moved, "Only what is pending or held can be cancelled.")
}

fn told(what: &str, id: DeliveryId, moved: Result<Moved, StoreError>, wanted: &'static str) -> Answer {
    match moved? {
        Moved::Moved { from, to } => {
            tracing::info!(delivery = %id, %from, %to, "{what} by an operator");
            json(&shown::Moved { id: id.to_string(), from: from.to_string(), to: to.to_string() })
        }
        Moved::NotThere => Err(Problem::NoDelivery(id.to_string())),
        Moved::Not(state) => Err(Problem::WrongState(state.to_string(), wanted)),
    }
}
