//! The edge for the operator, on the admin listener: loopback unless the
//! configuration says otherwise.
//!
//! Lives here: the admin API under `/v1`, the document that describes it,
//! metrics and health. One table (`table.rs`) says which operations there are, what each is
//! asked with and what it answers; the router, the check of what was asked and
//! `/openapi.json` are all made from it, so that they cannot differ. Never here:
//! what an operation means for a delivery, which is the store's and the worker's.

mod access;
mod answers;
mod call;
mod deliveries;
mod events;
mod fields;
mod given;
#[cfg(test)]
mod given_tests;
mod metrics;
mod openapi;
mod pauses;
mod problems;
pub mod replays;
pub mod shown;
pub mod status;
mod table;
mod tail;
pub mod upkeep;

pub use pauses::Pauses;

use std::net::TcpListener;
use std::sync::Arc;

use actix_web::dev::Server;
use actix_web::{App, HttpServer, web};

use crate::event::{Secret, Timestamp};
use crate::health::Health;
use crate::observe::Observer;
use crate::source::OpenSources;
use crate::store::{Ages, Store};
use crate::worker::Worker;

/// Everything an operation needs.
#[derive(Clone)]
pub struct Console {
    pub store: Store,
    pub worker: Worker,
    pub sources: OpenSources,
    /// The names of those configured, in order.
    pub connections: Arc<[String]>,
    pub health: Health,
    pub observer: Observer,
    /// None: it is not set, and the API is closed.
    pub token: Option<Secret>,
    /// How the configuration names it.
    pub token_from: String,
    /// How long things are kept.
    pub ages: Ages,
    pub started_at: Timestamp,
    pub clock: Arc<dyn Fn() -> Timestamp + Send + Sync>,
}

impl Console {
    /// Serves on `listener` until the returned server is stopped.
    pub fn serve(self, listener: TcpListener) -> std::io::Result<Server> {
        let server = HttpServer::new(move || {
            App::new()
                .app_data(web::Data::new(self.clone()))
                .configure(|app| self.health.routes(app))
                .configure(call::routes)
                .default_service(web::to(problems::not_found))
        });
        // Two, so that who asks for its health does not wait for a replay's look.
        Ok(server.disable_signals().workers(2).shutdown_timeout(1).listen(listener)?.run())
    }
}
