//! The edge for the operator, on the admin listener: loopback unless the
//! configuration says otherwise. Today it serves health, readiness and
//! metrics, and no data; the admin API will be here.

mod metrics;

use std::net::TcpListener;

use actix_web::dev::Server;
use actix_web::{App, HttpServer, web};

use crate::health::Health;
pub use metrics::Metrics;

/// Serves on `listener` until the returned server is stopped.
pub fn serve(health: Health, metrics: Metrics, listener: TcpListener) -> std::io::Result<Server> {
    let server = HttpServer::new(move || {
        App::new()
            .app_data(web::Data::new(metrics.clone()))
            .configure(|app| health.routes(app))
            .route("/metrics", web::get().to(metrics::metrics))
    });
    Ok(server.disable_signals().workers(1).shutdown_timeout(1).listen(listener)?.run())
}
