//! `GET /healthz` and `GET /readyz`, for whatever watches over the process.
//!
//! Both edges serve them. *Healthy* means that it answers; *ready* means that it
//! can put an event on disk, which is tried with a real write, and takes events in. The answer is
//! kept for a second, so that asking often costs nothing.

use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use actix_web::{HttpResponse, web};

use crate::observe::Observer;
use crate::store::Store;

const FRESH: Duration = Duration::from_secs(1);

#[derive(Clone)]
pub struct Health {
    store: Store,
    observer: Observer,
    last: Arc<Mutex<Option<(Instant, bool)>>>,
}

impl Health {
    pub fn new(store: Store) -> Self {
        Self { store, observer: Observer::default(), last: Arc::default() }
    }

    /// Not ready either while `observer` knows that nothing is taken in.
    pub fn observed_by(self, observer: Observer) -> Self {
        Self { observer, ..self }
    }

    pub fn routes(&self, app: &mut web::ServiceConfig) {
        app.app_data(web::Data::new(self.clone()))
            .route("/healthz", web::get().to(healthz))
            .route("/readyz", web::get().to(readyz));
    }

    async fn is_ready(&self) -> bool {
        let known = self.last.lock().ok().and_then(|last| *last);
        if let Some((at, ready)) = known
            && at.elapsed() < FRESH
        {
            return ready;
        }
        let ready = self.store.ping().await.is_ok();
        if let Ok(mut last) = self.last.lock() {
            *last = Some((Instant::now(), ready));
        }
        ready
    }
}

async fn healthz() -> HttpResponse {
    HttpResponse::Ok().content_type("text/plain").body("ok\n")
}

async fn readyz(health: web::Data<Health>) -> HttpResponse {
    if let Some((closed, _)) = health.observer.intake_closed() {
        let why = format!("nothing is taken in: {}\n", closed.as_str());
        return HttpResponse::ServiceUnavailable().content_type("text/plain").body(why);
    }
    match health.is_ready().await {
        true => HttpResponse::Ok().content_type("text/plain").body("ready\n"),
        false => {
            HttpResponse::ServiceUnavailable().content_type("text/plain").body("the store cannot write\n")
        }
    }
}
