//! `GET /metrics`, as Prometheus reads it.

use std::sync::Arc;

use actix_web::{HttpResponse, web};

use crate::delivery::{DeliveryState, EventState};
use crate::event::Timestamp;
use crate::observe::{CONTENT_TYPE, Gauges, Observer};
use crate::store::{Paused, Store, StoreError};

/// Where it finds what it tells.
#[derive(Clone)]
pub struct Metrics {
    pub observer: Observer,
    pub store: Store,
    pub clock: Arc<dyn Fn() -> Timestamp + Send + Sync>,
}

pub async fn metrics(metrics: web::Data<Metrics>) -> HttpResponse {
    match gauges(&metrics).await {
        Ok(gauges) => HttpResponse::Ok().content_type(CONTENT_TYPE).body(metrics.observer.metrics(&gauges)),
        Err(why) => HttpResponse::ServiceUnavailable().content_type("text/plain").body(format!("{why}\n")),
    }
}

async fn gauges(metrics: &Metrics) -> Result<Gauges, StoreError> {
    let (figures, paused) = (metrics.store.standing().await?, metrics.store.paused().await?);
    let now = (metrics.clock)();
    let first = figures.oldest_received.iter().map(|(_, at)| *at).min();
    let mut gauges = Gauges {
        oldest_received: first.map(|at| at.until(now)),
        oldest_pending: figures.oldest_pending.map(|at| at.until(now)),
        store_bytes: figures.file_bytes,
        store_free_bytes: figures.free_bytes,
        ..Gauges::default()
    };
    for (source, state, count) in figures.events {
        match state {
            EventState::Received => gauges.received.insert(source.to_string(), count),
            EventState::Unmapped => gauges.parked.insert(source.to_string(), count),
            _ => None,
        };
    }
    for (connection, state, count) in figures.unfinished {
        match state {
            DeliveryState::Pending => gauges.pending.insert(connection, count),
            DeliveryState::Held => gauges.held.insert(connection, count),
            _ => None,
        };
    }
    for pause in paused {
        match pause.what {
            Paused::Everything => gauges.everything_paused = true,
            Paused::Connection(name) => drop(gauges.paused_connections.insert(name)),
            Paused::Source(name) => drop(gauges.paused_sources.insert(name)),
        }
    }
    Ok(gauges)
}
