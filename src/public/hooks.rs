//! `POST /hooks/{source}` and, for senders that sign nothing,
//! `POST /hooks/{source}/{secret}`; other methods where a sender's handshake
//! uses them.

use actix_web::http::header::{CONTENT_LENGTH, X_CONTENT_TYPE_OPTIONS};
use actix_web::http::{StatusCode, header};
use actix_web::{HttpRequest, HttpResponse, web};
use serde_json::{Value, json};
use tracing::Instrument;

use super::memory::Memory;
use super::problems::Problem;
use super::{Public, body, request as called};
use crate::event::{Headers, RawWebhook, SourceName};
use crate::ingest::{Accepted, Received};
use crate::observe::span;
use crate::provider::{AcknowledgeBody, Reply};

pub fn routes(app: &mut web::ServiceConfig) {
    for path in ["/hooks/{source}", "/hooks/{source}/{secret}"] {
        // Which methods a source is asked by is known when it is.
        app.service(web::resource(path).default_service(web::to(receive)));
    }
}

async fn receive(
    request: HttpRequest,
    payload: web::Payload,
    public: web::Data<Public>,
    memory: web::Data<Memory>,
) -> HttpResponse {
    let now = (public.clock)();
    let name = called::name_of(&request, now);
    let source = request.match_info().get("source").unwrap_or_default();
    let span = span::webhook(source, &name);
    let mut response = match take_in(&request, &name, payload, &public, &memory).instrument(span).await {
        Ok(Received::Accepted(accepted)) => acknowledge(&accepted),
        Ok(Received::Handshake(reply)) => answer(reply),
        Err(problem) => {
            public.observer.refused(now, source, problem.code(), Some(&name));
            // Anybody can cause one, so it is not said above this level.
            tracing::debug!(request = name, code = problem.code(), "answered with a problem");
            problem.response()
        }
    };
    if let Some(name) = called::header_of(&name) {
        response.headers_mut().insert(called::REQUEST_ID, name);
    }
    response
}

async fn take_in(
    request: &HttpRequest,
    name: &str,
    payload: web::Payload,
    public: &Public,
    memory: &Memory,
) -> Result<Received, Problem> {
    let segment = |name: &str| request.match_info().get(name);
    let source: SourceName = segment("source").and_then(|name| name.parse().ok()).ok_or(Problem::NotFound)?;
    let headers = headers_of(request);
    let path_secret = segment("secret").map(str::to_owned);
    let method = request.method().as_str();
    let admitted = public.ingest.admit(source.as_str(), method, path_secret.is_some(), &headers)?;
    let declared =
        request.headers().get(CONTENT_LENGTH).and_then(|v| v.to_str().ok()).and_then(|v| v.parse().ok());
    let limits = public.limits;
    let bytes = body::read(payload, memory, declared, limits.body_bytes, limits.body_time)
        .await
        .map_err(|fault| Problem::Body(fault, limits.body_bytes))?;
    let now = (public.clock)();
    let raw = RawWebhook {
        source,
        method: method.to_owned(),
        path: request.uri().path().to_owned(),
        query: request.query_string().to_owned(),
        headers,
        body: bytes,
        path_secret,
        received_at: now,
    };
    Ok(public.ingest.receive(admitted.called(name), raw, now).await?)
}

/// As text; bytes that are none become `�`, and so match no signature.
fn headers_of(request: &HttpRequest) -> Headers {
    let text = |value: &header::HeaderValue| String::from_utf8_lossy(value.as_bytes()).into_owned();
    request.headers().iter().map(|(name, value)| (name.as_str(), text(value))).collect()
}

fn acknowledge(accepted: &Accepted) -> HttpResponse {
    let status = StatusCode::from_u16(accepted.acknowledge.status).unwrap_or(StatusCode::ACCEPTED);
    let mut response = HttpResponse::build(status);
    match &accepted.acknowledge.body {
        AcknowledgeBody::Empty => response.finish(),
        AcknowledgeBody::Text(text) => response.content_type("text/plain; charset=utf-8").body(text.clone()),
        AcknowledgeBody::EventId => response.content_type("application/json").body(ids(accepted).to_string()),
    }
}

/// `{"event": …}`, or `{"events": […]}` of a batch.
fn ids(accepted: &Accepted) -> Value {
    let ids: Vec<String> = accepted.events.iter().map(ToString::to_string).collect();
    match (ids.as_slice(), accepted.batch) {
        ([id], false) => json!({ "event": id }),
        _ => json!({ "events": ids }),
    }
}

fn answer(reply: Reply) -> HttpResponse {
    let status = StatusCode::from_u16(reply.status).unwrap_or(StatusCode::OK);
    let mut response = HttpResponse::build(status);
    for (name, value) in &reply.headers {
        response.append_header((name.as_str(), value.as_str()));
    }
    match reply.content_type {
        // What a caller sent is in it, and no browser may take it for a page.
        Some(kind) => {
            response.content_type(kind).insert_header((X_CONTENT_TYPE_OPTIONS, "nosniff")).body(reply.body)
        }
        None => response.finish(),
    }
}
