//! The edge for the operator, on the admin listener: loopback unless the
//! configuration says otherwise. Today it serves health and readiness, and no
//! data; the admin API will be here.

use std::net::TcpListener;

use actix_web::dev::Server;
use actix_web::{App, HttpServer};

use crate::health::Health;

/// Serves on `listener` until the returned server is stopped.
pub fn serve(health: Health, listener: TcpListener) -> std::io::Result<Server> {
    let server = HttpServer::new(move || App::new().configure(|app| health.routes(app)));
    Ok(server.disable_signals().workers(1).shutdown_timeout(1).listen(listener)?.run())
}
