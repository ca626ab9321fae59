//! `GET /metrics`, as Prometheus reads it.

use actix_web::HttpResponse;

use super::Console;
use super::call::{Answer, Call};
use crate::delivery::{DeliveryState, EventState};
use crate::observe::{CONTENT_TYPE, Gauges};
use crate::store::{Paused, StoreError};

pub async fn serve(call: Call) -> Answer {
    let gauges = gauges(&call.console).await?;
    Ok(HttpResponse::Ok().content_type(CONTENT_TYPE).body(call.console.observer.metrics(&gauges)))
}

async fn gauges(console: &Console) -> Result<Gauges, StoreError> {
    let (figures, paused) = (console.store.standing().await?, console.store.paused().await?);
    let now = (console.clock)();
    let first = figures.oldest_received.iter().map(|(_, at)| *at).min();
    let mut gauges = Gauges {
        oldest_received: first.map(|at| at.until(now)),
        oldest_pending: figures.oldest_pending.map(|at| at.until(now)),
        store_bytes: figures.file_bytes,
        store_free_bytes: figures.free_bytes,
        lanes: figures.lanes.into_iter().collect(),
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
