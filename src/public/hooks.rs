//! `POST /hooks/{source}` and, for senders that sign nothing,
//! `POST /hooks/{source}/{secret}`.

use actix_web::http::header::CONTENT_LENGTH;
use actix_web::http::{StatusCode, header};
use actix_web::{HttpRequest, HttpResponse, web};
use serde_json::json;

use super::problems::{Problem, method_not_allowed};
use super::{Public, body};
use crate::event::{Headers, RawWebhook, SourceName};
use crate::ingest::Accepted;
use crate::provider::AcknowledgeBody;

pub fn routes(app: &mut web::ServiceConfig) {
    for path in ["/hooks/{source}", "/hooks/{source}/{secret}"] {
        let hook =
            web::resource(path).route(web::post().to(receive)).default_service(web::to(method_not_allowed));
        app.service(hook);
    }
}

async fn receive(request: HttpRequest, payload: web::Payload, public: web::Data<Public>) -> HttpResponse {
    match take_in(&request, payload, &public).await {
        Ok(accepted) => acknowledge(&accepted),
        Err(problem) => problem.response(),
    }
}

async fn take_in(request: &HttpRequest, payload: web::Payload, public: &Public) -> Result<Accepted, Problem> {
    let segment = |name: &str| request.match_info().get(name);
    let source: SourceName = segment("source").and_then(|name| name.parse().ok()).ok_or(Problem::NotFound)?;
    let headers = headers_of(request);
    let path_secret = segment("secret").map(str::to_owned);
    let admitted = public.ingest.admit(source.as_str(), path_secret.is_some(), &headers)?;
    let declared =
        request.headers().get(CONTENT_LENGTH).and_then(|v| v.to_str().ok()).and_then(|v| v.parse().ok());
    let limits = public.limits;
    let bytes = body::read(payload, declared, limits.body_bytes, limits.body_time)
        .await
        .map_err(|fault| Problem::Body(fault, limits.body_bytes))?;
    let now = (public.clock)();
    let raw = RawWebhook {
        source,
        method: request.method().as_str().to_owned(),
        path: request.uri().path().to_owned(),
        query: request.query_string().to_owned(),
        headers,
        body: bytes,
        path_secret,
        received_at: now,
    };
    Ok(public.ingest.receive(admitted, raw, now).await?)
}

/// As text; bytes that are none become `�`, and so match no signature.
fn headers_of(request: &HttpRequest) -> Headers {
    let text = |value: &header::HeaderValue| String::from_utf8_lossy(value.as_bytes()).into_owned();
    request.headers().iter().map(|(name, value)| (name.as_str(), text(value))).collect()
}

fn acknowledge(accepted: &Accepted) -> HttpResponse {
    let status = StatusCode::from_u16(accepted.acknowledge.status).unwrap_or(StatusCode::ACCEPTED);
    let mut response = HttpResponse::build(status);
    match accepted.acknowledge.body {
        AcknowledgeBody::Empty => response.finish(),
        AcknowledgeBody::EventId => response
            .content_type("application/json")
            .body(json!({ "event": accepted.event.to_string() }).to_string()),
    }
}
