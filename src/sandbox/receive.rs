//! A request that is meant for Talqui: read, judged, recorded, then met.

use std::time::Duration;

use actix_web::http::{Method, header};
use actix_web::{HttpRequest, HttpResponse, web};
use bytes::Bytes;
use serde_json::Value;
use sha2::{Digest, Sha256};

use super::fault::Effect;
use super::record::{Answered, Recorded};
use super::rules::{self, Problem};
use super::server::State;
use super::{respond, socket};

const MOST_BODY_BYTES: usize = 1024 * 1024;
/// actix itself waits for a body without end.
const BODY_TIMEOUT: Duration = Duration::from_secs(30);

/// Schemes whose word is no secret. Another first word may be a token that was
/// sent without one.
const KNOWN_SCHEMES: [&str; 4] = ["PluginConnection", "Plugin", "Bearer", "Basic"];

/// For every path but `/_sandbox`.
pub(super) async fn receive(
    request: HttpRequest,
    payload: web::Payload,
    state: web::Data<State>,
) -> HttpResponse {
    let received_at = state.now();
    let judged = judge(&request, payload).await;
    let (effect, delay) = match judged.refused {
        Some(status) => (Effect::Answer { status, retry_after: None, delivers: false }, Duration::ZERO),
        None => state.faults.next(),
    };
    let recorded = state.ledger.record(judged.body_bytes, |number| {
        let message = judged.tenant_id.as_deref().zip(judged.body.as_object());
        let delivered = message
            .filter(|_| effect.delivers())
            .map(|(tenant, fields)| respond::deliver(tenant, fields, number, received_at));
        Recorded {
            number,
            received_at,
            method: request.method().to_string(),
            path: request.uri().path().to_owned(),
            tenant_id: judged.tenant_id,
            authorization: masked_authorization(&request),
            body: judged.body,
            problems: judged.problems,
            answered: match &effect {
                Effect::Accept => Answered::Status(state.success_status),
                Effect::Answer { status, .. } => Answered::Status(*status),
                Effect::Reset => Answered::Reset,
            },
            delivered,
        }
    });
    // Even a sleep of nothing waits for the timer's next millisecond.
    if !delay.is_zero() {
        tokio::time::sleep(delay).await;
    }
    meet(effect, &request, &recorded, &state)
}

fn meet(effect: Effect, request: &HttpRequest, recorded: &Recorded, state: &State) -> HttpResponse {
    match effect {
        Effect::Accept => respond::success(state.success_status, state.success_body, recorded),
        Effect::Reset => socket::reset(request),
        Effect::Answer { status, retry_after, .. } => {
            let mut response = if recorded.problems.is_empty() {
                respond::injected(status)
            } else {
                respond::refusal(status, &recorded.problems)
            };
            if let Some(value) = retry_after {
                response.headers_mut().insert(header::RETRY_AFTER, value);
            }
            response
        }
    }
}

/// A request that was read, and all that is wrong with it.
#[derive(Default)]
struct Judged {
    tenant_id: Option<String>,
    body: Value,
    body_bytes: usize,
    problems: Vec<Problem>,
    /// The status of the first of them.
    refused: Option<u16>,
}

impl Judged {
    fn add(&mut self, status: u16, problems: Vec<Problem>) {
        if !problems.is_empty() {
            self.refused.get_or_insert(status);
            self.problems.extend(problems);
        }
    }
}

async fn judge(request: &HttpRequest, payload: web::Payload) -> Judged {
    let mut judged = Judged { tenant_id: request.match_info().load().ok(), ..Judged::default() };
    if judged.tenant_id.is_none() {
        let wrong = "only /tenants/{tenantID}/sessions is known";
        judged.add(404, vec![Problem::new("path", wrong)]);
    }
    if request.method() != Method::POST {
        judged.add(405, vec![Problem::new("method", "must be POST")]);
    }
    judged.add(401, rules::check_authorization(request.headers()));
    match read(payload).await {
        Ok(bytes) => {
            judged.add(400, rules::check_content_type(request.headers()));
            judged.body_bytes = bytes.len();
            judge_body(&mut judged, &bytes);
        }
        Err((status, problem)) => judged.add(status, vec![problem]),
    }
    judged
}

fn judge_body(judged: &mut Judged, bytes: &Bytes) {
    match serde_json::from_slice(bytes) {
        Ok(Value::Object(fields)) => {
            judged.add(400, rules::check_fields(&fields));
            judged.body = Value::Object(fields);
        }
        Ok(other) => {
            judged.body = other;
            judged.add(400, vec![Problem::new("body", "must be a JSON object")]);
        }
        Err(error) => {
            judged.body = String::from_utf8_lossy(bytes).into();
            judged.add(400, vec![Problem::new("body", format!("is not JSON: {error}"))]);
        }
    }
}

/// The body, or the status and the reason to refuse it with.
async fn read(payload: web::Payload) -> Result<Bytes, (u16, Problem)> {
    let wrong = |status, message: String| Err((status, Problem::new("body", message)));
    match tokio::time::timeout(BODY_TIMEOUT, payload.to_bytes_limited(MOST_BODY_BYTES)).await {
        Ok(Ok(Ok(bytes))) => Ok(bytes),
        Ok(Ok(Err(error))) => wrong(400, format!("breaks off: {error}")),
        Ok(Err(_)) => wrong(413, format!("is larger than {MOST_BODY_BYTES} bytes")),
        Err(_) => wrong(408, format!("did not come within {BODY_TIMEOUT:?}")),
    }
}

fn masked_authorization(request: &HttpRequest) -> Option<String> {
    let value = request.headers().get(header::AUTHORIZATION)?.as_bytes();
    let (scheme, secret) = KNOWN_SCHEMES
        .iter()
        .find_map(|scheme| Some((*scheme, value.strip_prefix(scheme.as_bytes())?.strip_prefix(b" ")?)))
        .unwrap_or(("[unknown scheme]", value));
    let hash = Sha256::digest(secret);
    Some(format!("{scheme} [sha256 {:02x}{:02x}{:02x}{:02x}…]", hash[0], hash[1], hash[2], hash[3]))
}
