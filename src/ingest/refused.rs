//! A bounded sample of the requests that were not believed, so that an operator
//! can see why.

use crate::event::{Headers, RawWebhook, Timestamp};
use crate::store::RefusedRequest;
use crate::verify::{Refusal, Verifier};

/// More of a body is not kept.
const MOST_BODY_BYTES: usize = 64 * 1024;
/// Never kept, whatever the scheme says: they may prove other requests.
const CREDENTIALS: [&str; 3] = ["authorization", "cookie", "proxy-authorization"];

pub fn sample(
    verifier: &Verifier,
    raw: RawWebhook,
    refusal: &Refusal,
    explanation: Option<serde_json::Value>,
    now: Timestamp,
) -> RefusedRequest {
    let raw = verifier.withhold(raw);
    let most = raw.body.len().min(MOST_BODY_BYTES);
    RefusedRequest {
        source: raw.source,
        at: now,
        code: refusal.code().to_owned(),
        reason: refusal.to_string(),
        method: raw.method,
        query: raw.query,
        headers: without_credentials(&raw.headers),
        explanation,
        body: Some(raw.body.slice(..most)),
    }
}

fn without_credentials(headers: &Headers) -> Headers {
    headers
        .iter()
        .map(|(name, value)| (name, if CREDENTIALS.contains(&name) { "[secret]" } else { value }))
        .collect()
}
