//! Making a request that a scheme believes: for the demo, for tests, and for
//! an admin who wants to try a source before its sender is set up.

use super::scheme::{HmacRule, Scheme, TimestampFrom, TimestampUnit};
use super::signature::Encoding;
use crate::event::{Headers, RawWebhook, Secret, Timestamp};
use crate::payload::Locator;

/// A request before it is signed. Signing adds headers, query or path.
pub type Draft = RawWebhook;

/// Why a valid request cannot be made.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct CannotSign(String);

impl Scheme {
    /// Signs `draft` as the sender would, at the time `now`.
    pub fn sign(&self, mut draft: Draft, secret: &Secret, now: Timestamp) -> Result<RawWebhook, CannotSign> {
        let text = || {
            std::str::from_utf8(secret.expose()).map_err(|_| CannotSign("the secret is not text".to_owned()))
        };
        match self {
            Self::Hmac(rule) => sign_hmac(rule, &mut draft, secret, now)?,
            Self::Static(rule) => {
                let value = format!("{}{}", rule.prefix, text()?);
                put(&rule.from, &mut draft, &value)?;
            }
            Self::Basic => draft
                .headers
                .push("authorization", format!("Basic {}", Encoding::Base64.encode(secret.expose()))),
            Self::None => draft.path_secret = Some(text()?.to_owned()),
        }
        Ok(draft)
    }
}

fn sign_hmac(rule: &HmacRule, draft: &mut Draft, secret: &Secret, now: Timestamp) -> Result<(), CannotSign> {
    let stamp = rule.timestamp.as_ref().map(|stamp| match stamp.unit {
        TimestampUnit::Secs => (now.as_millis() / 1000).to_string(),
        TimestampUnit::Millis => now.as_millis().to_string(),
        TimestampUnit::Rfc3339 => now.to_string(),
    });
    let mut list = Vec::new();
    if let (Some(rule), Some(stamp)) = (&rule.timestamp, &stamp) {
        match &rule.from {
            TimestampFrom::At(locator) => put(locator, draft, stamp)?,
            TimestampFrom::SignatureField(name) => list.push((name.clone(), stamp.clone())),
        }
    }
    fill_headers(rule.signed.headers(), &mut draft.headers, now);
    let mut mac =
        rule.key.mac(rule.hash, secret).map_err(|error| CannotSign(format!("the secret: {error}")))?;
    rule.signed
        .splice(draft, stamp.as_deref(), |bytes| mac.update(bytes))
        .map_err(|part| CannotSign(format!("the request has no {part}, which is signed")))?;
    let digits = format!("{}{}", rule.signature.prefix, rule.signature.encoding.encode(&mac.into_bytes()));
    let value = match &rule.signature.split {
        None => digits,
        Some(split) => {
            list.push((split.take.clone(), digits));
            let items: Vec<String> =
                list.iter().map(|(name, value)| format!("{name}{}{value}", split.pair)).collect();
            items.join(&split.item)
        }
    };
    put(&rule.signature.from, draft, &value)
}

/// A header that is signed and not given is an id of the message.
fn fill_headers<'a>(signed: impl Iterator<Item = &'a str>, headers: &mut Headers, now: Timestamp) {
    for name in signed {
        if headers.get(name).is_none() {
            headers.push(name, format!("msg_{}", now.as_millis()));
        }
    }
}

fn put(at: &Locator, draft: &mut Draft, value: &str) -> Result<(), CannotSign> {
    match at {
        Locator::Header(name) => draft.headers.push(name, value),
        Locator::Query(name) => {
            let mut pairs = draft.query_pairs();
            pairs.push((name.clone(), value.to_owned()));
            draft.query =
                serde_urlencoded::to_string(&pairs).map_err(|error| CannotSign(error.to_string()))?;
        }
        Locator::Body(_) | Locator::Form(_) => {
            return Err(CannotSign(
                "the proof is inside the body, so the body must already hold it".to_owned(),
            ));
        }
    }
    Ok(())
}
