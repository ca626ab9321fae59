//! The edge that senders see: `POST /hooks/{source}`.
//!
//! Lives here: reading a request within its limits, and saying what came of it
//! as HTTP. What it means is `ingest`'s. Bodies are capped and timed here
//! because actix has no limit on how slowly one may arrive, and read as they
//! came, since a signature is over the bytes that were sent.

mod body;
mod hooks;
mod problems;
mod request;
mod unread;

use std::net::TcpListener;
use std::sync::Arc;
use std::time::Duration;

use actix_web::dev::Server;
use actix_web::middleware::from_fn;
use actix_web::{App, HttpServer, web};

use crate::config::Limits;
use crate::event::Timestamp;
use crate::health::Health;
use crate::ingest::Ingest;
use crate::observe::Observer;

/// Everything a request needs.
#[derive(Clone)]
pub struct Public {
    pub ingest: Ingest,
    pub health: Health,
    pub observer: Observer,
    pub limits: Limits,
    pub clock: Arc<dyn Fn() -> Timestamp + Send + Sync>,
}

/// Requests that are being read or written when a stop begins have this long.
pub const STOP_SECS: u64 = 15;

impl Public {
    /// Serves on `listener` until the returned server is stopped.
    pub fn serve(self, listener: TcpListener) -> std::io::Result<Server> {
        let server = HttpServer::new(move || {
            App::new()
                .wrap(from_fn(unread::close_if_unread))
                .app_data(web::Data::new(self.clone()))
                .configure(|app| self.health.routes(app))
                .configure(hooks::routes)
                .default_service(web::to(problems::not_found))
        });
        Ok(server
            .disable_signals()
            .keep_alive(Duration::from_secs(75))
            .client_request_timeout(Duration::from_secs(5))
            .shutdown_timeout(STOP_SECS)
            .listen(listener)?
            .run())
    }
}
