//! A bounded sample of the requests that were not believed, so that an operator
//! can see why.

use bytes::Bytes;

use crate::event::{Headers, RawWebhook, Timestamp};
use crate::store::RefusedRequest;
use crate::verify::{Explanation, Refusal, Verifier, WITHHELD, replaced};

/// More of a body is not kept.
const MOST_BODY_BYTES: usize = 64 * 1024;
/// Never kept, whatever the scheme says: they may prove other requests.
const CREDENTIALS: [&str; 3] = ["authorization", "cookie", "proxy-authorization"];

pub fn sample(
    verifier: &Verifier,
    raw: RawWebhook,
    refusal: &Refusal,
    explanation: &Explanation,
    now: Timestamp,
) -> RefusedRequest {
    let tokens = verifier.tokens_in_body(&raw);
    let raw = verifier.withhold(raw);
    let most = raw.body.len().min(MOST_BODY_BYTES);
    let body = body_without(verifier, &tokens, &raw.body[..most]);
    let query = without_secrets_in_query(verifier, &raw);
    RefusedRequest {
        source: raw.source,
        at: now,
        code: refusal.code().to_owned(),
        reason: refusal.to_string(),
        method: raw.method,
        query,
        headers: without_credentials(verifier, &raw.headers),
        explanation: Some(explanation.to_json()),
        body,
    }
}

fn without_credentials(verifier: &Verifier, headers: &Headers) -> Headers {
    let kept = headers.iter().map(|(name, value)| match CREDENTIALS.contains(&name) {
        true => (name, WITHHELD.to_owned()),
        false => (name, masked(verifier, value)),
    });
    kept.collect()
}

/// None: a token is in it, written so that it is not found.
fn body_without(verifier: &Verifier, tokens: &[String], body: &[u8]) -> Option<Bytes> {
    let mut kept = body.to_vec();
    for token in tokens {
        let masked = replaced(&kept, token.as_bytes());
        if masked == kept {
            return None;
        }
        kept = masked;
    }
    Some(verifier.without_secrets(&kept).unwrap_or(kept).into())
}

fn without_secrets_in_query(verifier: &Verifier, raw: &RawWebhook) -> String {
    let pairs = raw.query_pairs();
    let kept: Vec<(String, String)> =
        pairs.iter().map(|(name, value)| (masked(verifier, name), masked(verifier, value))).collect();
    match kept == pairs {
        true => raw.query.clone(),
        false => serde_urlencoded::to_string(&kept).unwrap_or_default(),
    }
}

fn masked(verifier: &Verifier, text: &str) -> String {
    match verifier.without_secrets(text.as_bytes()) {
        Some(bytes) => String::from_utf8_lossy(&bytes).into_owned(),
        None => text.to_owned(),
    }
}
