//! `GET /metrics`, as Prometheus reads it.

use actix_web::{HttpResponse, web};

use crate::delivery::{DeliveryState, EventState};
use crate::observe::{CONTENT_TYPE, Gauges, Observer};
use crate::store::{Paused, Store, StoreError};

/// Where it finds what it tells.
#[derive(Clone)]
pub struct Metrics {
    pub observer: Observer,
    pub store: Store,
}

pub async fn metrics(metrics: web::Data<Metrics>) -> HttpResponse {
    match gauges(&metrics.store).await {
        Ok(gauges) => HttpResponse::Ok().content_type(CONTENT_TYPE).body(metrics.observer.metrics(&gauges)),
        Err(why) => HttpResponse::ServiceUnavailable().content_type("text/plain").body(format!("{why}\n")),
    }
}

async fn gauges(store: &Store) -> Result<Gauges, StoreError> {
    let counts = store.counts().await?;
    let mut gauges = Gauges::default();
    gauges.received.insert(String::new(), counts.events(EventState::Received));
    gauges.parked.insert(String::new(), counts.events(EventState::Unmapped));
    gauges.pending.insert(String::new(), counts.deliveries(DeliveryState::Pending));
    gauges.held.insert(String::new(), counts.deliveries(DeliveryState::Held));
    for pause in store.paused().await? {
        match pause.what {
            Paused::Everything => gauges.everything_paused = true,
            Paused::Connection(name) => drop(gauges.paused_connections.insert(name)),
            Paused::Source(name) => drop(gauges.paused_sources.insert(name)),
        }
    }
    Ok(gauges)
}
