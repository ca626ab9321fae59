//! What happens when a webhook arrives: its source is looked up, its sender
//! verified, and the event put on disk. Only then is it acknowledged.
//!
//! Never here: HTTP (that is `public`) and mapping: whether the event can become
//! a message is ours to worry about, and later. A sender that is told of it
//! would switch the address off.

mod keys;

use std::sync::Arc;

use serde_json::Value;

use crate::event::{EventId, Headers, RawWebhook, Timestamp};
use crate::keyring::Keyring;
use crate::payload::{ContentType, Request, read_body};
use crate::provider::{Acknowledge, EventRule};
use crate::source::{OpenSources, Source};
use crate::store::{InboxEvent, RecordError, Recorded, Store};
use crate::verify::{Refusal, VerifiedEvent};

#[derive(Clone)]
pub struct Ingest {
    store: Store,
    sources: OpenSources,
    keyring: Keyring,
}

/// On disk.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Accepted {
    pub event: EventId,
    pub acknowledge: Acknowledge,
}

/// A request that is worth reading: its source as it is now, whatever a reload
/// does meanwhile.
pub struct Admitted {
    source: Arc<Source>,
    content_type: ContentType,
}

/// Why a webhook is not taken in.
#[derive(Debug)]
pub enum Rejected {
    UnknownSource,
    /// A body of this content-type cannot be read. The text is the header's.
    UnsupportedType(String),
    /// The body is compressed.
    UnsupportedEncoding(String),
    Unverified(Refusal),
    /// The keys to check it with could not be fetched; the sender may be genuine
    /// and should come again.
    KeysUnavailable,
    /// The store has more to write than it can; the sender should come again.
    Busy,
    /// The store cannot write.
    StoreFailed,
}

impl Ingest {
    pub fn new(store: Store, sources: OpenSources, keyring: Keyring) -> Self {
        Self { store, sources, keyring }
    }

    /// What can be said before the body is read: a request that will be refused
    /// for its address or its headers should not cost a body.
    pub fn admit(&self, name: &str, has_path_secret: bool, headers: &Headers) -> Result<Admitted, Rejected> {
        let source = self.sources.get(name).ok_or(Rejected::UnknownSource)?;
        if has_path_secret != source.verifier.scheme().secret_in_path() {
            return Err(Rejected::UnknownSource);
        }
        Ok(Admitted { source, content_type: supported_type(headers)? })
    }

    /// Verifies and records. It is on disk when this returns.
    pub async fn receive(
        &self,
        admitted: Admitted,
        raw: RawWebhook,
        now: Timestamp,
    ) -> Result<Accepted, Rejected> {
        let Admitted { source, content_type } = admitted;
        let name = raw.source.clone();
        let verified = keys::verify(&self.keyring, &source, raw, now).await.map_err(|unverified| {
            let refusal = unverified.refusal;
            tracing::warn!(source = %name, code = refusal.code(), "webhook refused: {refusal}");
            match refusal {
                Refusal::KeysNotHere { .. } => Rejected::KeysUnavailable,
                refusal => Rejected::Unverified(refusal),
            }
        })?;
        let event = EventId::generate(now);
        let (key, kind) = identify(&source.mapping.event, content_type, &verified);
        let recorded = self.store.record(to_record(event, key, kind, verified)).await;
        match recorded {
            Ok(Recorded::New) => tracing::info!(source = %name, %event, "webhook accepted"),
            Ok(Recorded::Twin { of }) => {
                tracing::info!(source = %name, %event, %of, "webhook accepted: a repeat")
            }
            Err(RecordError::Busy) => {
                tracing::warn!(source = %name, "webhook put off: the store is behind");
                return Err(Rejected::Busy);
            }
            Err(RecordError::Failed(error)) => {
                tracing::error!(source = %name, "webhook put off: {error}");
                return Err(Rejected::StoreFailed);
            }
        }
        Ok(Accepted { event, acknowledge: source.mapping.acknowledge })
    }
}

fn supported_type(headers: &Headers) -> Result<ContentType, Rejected> {
    let encoding = headers.get("content-encoding").unwrap_or("identity").trim();
    if !encoding.eq_ignore_ascii_case("identity") {
        return Err(Rejected::UnsupportedEncoding(encoding.to_owned()));
    }
    let header = headers.get("content-type");
    ContentType::of(header).ok_or_else(|| Rejected::UnsupportedType(header.unwrap_or_default().to_owned()))
}

/// The event's own id and type. A body that cannot be read has none; the event
/// is kept all the same, and parked when it is planned.
fn identify(
    rule: &EventRule,
    content_type: ContentType,
    verified: &VerifiedEvent,
) -> (Option<String>, Option<String>) {
    let raw = verified.webhook();
    let body = match rule.needs_body() {
        true => read_body(content_type, &raw.body).unwrap_or_default(),
        false => Value::Null,
    };
    let query = raw.query_pairs();
    let request = Request { headers: &raw.headers, query: &query, body: &body };
    (rule.id(&request), rule.kind(&request))
}

fn to_record(id: EventId, key: Option<String>, kind: Option<String>, verified: VerifiedEvent) -> InboxEvent {
    let raw = verified.into_webhook();
    InboxEvent {
        id,
        source: raw.source,
        key,
        kind,
        received_at: raw.received_at,
        method: raw.method,
        query: raw.query,
        headers: raw.headers,
        body: raw.body,
    }
}
