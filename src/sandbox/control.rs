//! The sandbox's own addresses, under `/_sandbox`.

use actix_web::{HttpResponse, web};
use serde::Deserialize;
use serde_json::json;

use super::WHAT_IT_CANNOT_PROVE;
use super::fault::InjectedFault;
use super::server::State;

const DEFAULT_LIMIT: usize = 1000;

pub(super) fn routes(config: &mut web::ServiceConfig) {
    config.service(
        web::scope("/_sandbox")
            .route("", web::get().to(about))
            .service(web::resource("/requests").get(list).delete(forget))
            .service(web::resource("/faults").post(set_faults))
            .default_service(web::to(unknown)),
    );
}

async fn about() -> HttpResponse {
    HttpResponse::Ok().content_type("text/plain; charset=utf-8").body(WHAT_IT_CANNOT_PROVE)
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Stretch {
    #[serde(default)]
    after: u64,
    limit: Option<usize>,
}

async fn list(stretch: web::Query<Stretch>, state: web::Data<State>) -> HttpResponse {
    HttpResponse::Ok().json(state.ledger.page(stretch.after, stretch.limit.unwrap_or(DEFAULT_LIMIT)))
}

async fn forget(state: web::Data<State>) -> HttpResponse {
    state.ledger.clear();
    HttpResponse::NoContent().finish()
}

async fn set_faults(body: web::Bytes, state: web::Data<State>) -> HttpResponse {
    // Not an untagged enum: its one error for both forms says nothing.
    let faults = if body.trim_ascii_start().starts_with(b"[") {
        serde_json::from_slice(&body)
    } else {
        serde_json::from_slice::<InjectedFault>(&body).map(|fault| vec![fault])
    };
    match faults {
        Ok(faults) => {
            state.faults.set(faults);
            HttpResponse::NoContent().finish()
        }
        Err(error) => HttpResponse::BadRequest().json(json!({ "message": error.to_string() })),
    }
}

async fn unknown() -> HttpResponse {
    HttpResponse::NotFound()
        .json(json!({ "message": "the sandbox has /_sandbox/requests and /_sandbox/faults" }))
}
