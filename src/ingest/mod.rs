//! What happens when a webhook arrives: its source is looked up, its sender
//! verified, and the event put on disk. Only then is it acknowledged.
//!
//! Never here: HTTP (that is `public`) and mapping: whether the event can become
//! a message is ours to worry about, and later. A sender that is told of it
//! would switch the address off.

mod allowance;
mod batch;
mod handshake;
mod keys;
mod refused;

use std::sync::Arc;

use sha2::{Digest, Sha256};

use self::allowance::{Allowance, Spent};
use self::handshake::Asking;
use crate::event::{EventId, Headers, RawWebhook, SourceName, Timestamp};
use crate::keyring::Keyring;
use crate::observe::{Observer, Of};
use crate::payload::Unreadable;
use crate::provider::{Acknowledge, Reply};
use crate::source::{OpenSources, Source};
use crate::store::{NonceUse, RecordError, Recorded, Store};
use crate::verify::{Nonce, Others, Refusal, Unverified, VerifiedEvent};
pub use batch::events_of;

#[derive(Clone)]
pub struct Ingest {
    store: Store,
    sources: OpenSources,
    /// What unknown callers may cost.
    allowance: Arc<Allowance>,
    keyring: Keyring,
    observer: Observer,
}

/// What a request got.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Received {
    /// On disk: an event, or those of a batch, which may be empty.
    Accepted(Accepted),
    /// No event, but a question of the sender's.
    Handshake(Reply),
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Accepted {
    pub events: Vec<EventId>,
    /// Whether they came as a batch, of however many.
    pub batch: bool,
    pub acknowledge: Acknowledge,
}

/// A request that is worth reading: its source as it is now, whatever a reload
/// does meanwhile.
pub struct Admitted {
    source: Arc<Source>,
    request: Option<String>,
}

impl Admitted {
    /// Log lines and its events call the request so.
    pub fn called(self, request: &str) -> Self {
        Self { request: Some(request.to_owned()), ..self }
    }
}

/// What is known of a request whatever comes of it.
#[derive(Clone, Copy)]
struct Arrival<'a> {
    source: &'a Source,
    request: Option<&'a str>,
    now: Timestamp,
}

impl Arrival<'_> {
    fn name(&self) -> &SourceName {
        &self.source.mapping.source
    }

    fn put_off(&self, error: RecordError) -> Rejected {
        match error {
            RecordError::Busy => Rejected::Busy,
            RecordError::Failed(error) => {
                tracing::error!(request = self.request, source = %self.name(), "a webhook was put off: {error}");
                Rejected::StoreFailed
            }
        }
    }
}

/// Why a webhook is not taken in.
#[derive(Debug)]
pub enum Rejected {
    UnknownSource,
    /// This source is asked nothing by this method. The methods that it is.
    Method(Vec<String>),
    /// A body of this content-type, or compressed like this, cannot be read.
    Unreadable(Unreadable),
    Unverified(Refusal),
    /// It was verified, and holds what its sender uses once, used already.
    NonceReused,
    /// Too many requests of this source were not believed.
    TooManyUnverified {
        retry_after_secs: u32,
    },
    /// A handshake whose token is wrong, or that cannot be answered.
    WrongToken(String),
    BadHandshake(String),
    /// A secret was handed over, and there is another one already.
    SecretTaken,
    /// The keys to check it with could not be fetched; the sender may be genuine
    /// and should come again.
    KeysUnavailable,
    /// The store has more to write than it can; the sender should come again.
    Busy,
    /// The store cannot write.
    StoreFailed,
}

impl Ingest {
    /// `unverified_per_minute`: how many requests of one source may be refused
    /// in a minute before they are turned away without a look.
    pub fn new(store: Store, sources: OpenSources, keyring: Keyring, unverified_per_minute: u32) -> Self {
        let allowance = Arc::new(Allowance::new(unverified_per_minute));
        Self { store, sources, keyring, allowance, observer: Observer::default() }
    }

    /// Tells `observer` what comes in.
    pub fn observed_by(self, observer: Observer) -> Self {
        Self { observer, ..self }
    }

    /// What can be said before the body is read: a request that will be refused
    /// for its address or its headers should not cost a body.
    pub fn admit(
        &self,
        name: &str,
        method: &str,
        has_path_secret: bool,
        headers: &Headers,
    ) -> Result<Admitted, Rejected> {
        let source = self.sources.get(name).ok_or(Rejected::UnknownSource)?;
        if has_path_secret != source.verifier.scheme().secret_in_path() {
            return Err(Rejected::UnknownSource);
        }
        let asked = source.mapping.handshakes.iter().map(|handshake| handshake.method.as_str());
        if method != "POST" && !asked.clone().any(|known| known == method) {
            let mut methods: Vec<String> = asked.chain(["POST"]).map(str::to_owned).collect();
            methods.sort_unstable();
            methods.dedup();
            return Err(Rejected::Method(methods));
        }
        source.mapping.document.admits(headers).map_err(Rejected::Unreadable)?;
        Ok(Admitted { source, request: None })
    }

    /// Verifies and records. It is on disk when this returns.
    pub async fn receive(
        &self,
        admitted: Admitted,
        raw: RawWebhook,
        now: Timestamp,
    ) -> Result<Received, Rejected> {
        let Admitted { source, request } = admitted;
        let arrival = Arrival { source: &source, request: request.as_deref(), now };
        let asked = Asking::of(arrival, &raw);
        let verified = match keys::verify(&self.keyring, &source, raw, now).await {
            Ok(verified) => verified,
            Err(unverified) => return self.receive_unverified(arrival, asked, *unverified).await,
        };
        if let Some(asked) = asked
            && let Some(answered) = self.answer(asked, true).await
        {
            return answered.map(Received::Handshake);
        }
        if verified.webhook().method != "POST" {
            return Err(Rejected::Method(vec!["POST".to_owned()]));
        }
        let events = self.record(arrival, verified).await?;
        let (batch, acknowledge) = (source.mapping.event.is_batch(), source.mapping.acknowledge.clone());
        Ok(Received::Accepted(Accepted { events, batch, acknowledge }))
    }

    async fn record(&self, arrival: Arrival<'_>, verified: VerifiedEvent) -> Result<Vec<EventId>, Rejected> {
        let nonce = verified.nonce().map(|nonce| nonce_use(nonce, verified.webhook()));
        let mut events = batch::events_of(&arrival.source.mapping, verified.into_webhook(), arrival.now);
        events.iter_mut().for_each(|event| event.request = arrival.request.map(str::to_owned));
        let (name, request) = (arrival.name(), arrival.request);
        let ids: Vec<EventId> = events.iter().map(|event| event.id).collect();
        let recorded = match (events.len(), nonce) {
            (0, _) => {
                tracing::info!(request, source = %name, "webhook accepted: an empty batch");
                return Ok(ids);
            }
            // The usual case needs no savepoint.
            (1, None) => self.store.record(events.remove(0)).await.map(|recorded| Some(vec![recorded])),
            (_, nonce) => self.store.record_all(events, nonce).await,
        };
        let Some(recorded) = recorded.map_err(|error| arrival.put_off(error))? else {
            tracing::warn!(request, source = %name, code = "nonce-reused", "webhook refused: a replay");
            return Err(Rejected::NonceReused);
        };
        for (event, recorded) in ids.iter().zip(recorded) {
            let about = Of { at: arrival.now, source: name.as_str(), event: *event, request };
            self.observer.accepted(&about, matches!(recorded, Recorded::Twin { .. }));
            match recorded {
                Recorded::New => tracing::info!(request, source = %name, %event, "webhook accepted"),
                Recorded::Twin { of } => {
                    tracing::info!(request, source = %name, %event, %of, "webhook accepted: a repeat")
                }
            }
        }
        Ok(ids)
    }

    /// A request that is not believed is refused, unless it is a question that
    /// its sender asks before it can sign. What is done for it beyond the check of
    /// its signature is within the allowance.
    async fn receive_unverified(
        &self,
        arrival: Arrival<'_>,
        asked: Option<Asking<'_>>,
        unverified: Unverified,
    ) -> Result<Received, Rejected> {
        let Unverified { refusal, raw } = unverified;
        let Arrival { source, request, now } = arrival;
        let name = arrival.name();
        if let Refusal::KeysNotHere { .. } = refusal {
            // The sender may be genuine: it should come again.
            tracing::warn!(request, source = %name, "webhook put off: {refusal}");
            return Err(Rejected::KeysUnavailable);
        }
        self.spend(arrival)?;
        if let Some(asked) = asked
            && let Some(answered) = self.answer(asked, false).await
        {
            return answered.map(Received::Handshake);
        }
        if raw.method != "POST" {
            return Err(Rejected::Method(vec!["POST".to_owned()]));
        }
        tracing::warn!(request, source = %name, code = refusal.code(), "webhook refused: {refusal}");
        let explanation = source.verifier.explain(&raw, now, &Others::default());
        let sample = refused::sample(&source.verifier, raw, &refusal, &explanation, now);
        // The refusal stands whether or not it is kept.
        if let Err(why) = self.store.keep_refused(sample).await {
            tracing::debug!(request, source = %name, "a refused request was not kept: {why}");
        }
        Err(Rejected::Unverified(refusal))
    }

    fn spend(&self, arrival: Arrival<'_>) -> Result<(), Rejected> {
        let (source, request) = (arrival.name(), arrival.request);
        match self.allowance.spend(source, arrival.now) {
            Spent::Yes { turned_away: 0 } => Ok(()),
            Spent::Yes { turned_away } => {
                tracing::warn!(request, %source, turned_away, "unverified requests are looked at again");
                Ok(())
            }
            Spent::No { retry_after_secs, first } => {
                if first {
                    tracing::warn!(request, %source, "too many unverified requests: they are turned away for now");
                }
                Err(Rejected::TooManyUnverified { retry_after_secs })
            }
        }
    }
}

fn nonce_use(nonce: &Nonce, raw: &RawWebhook) -> NonceUse {
    NonceUse {
        source: raw.source.clone(),
        hash: nonce.hash,
        body_hash: Sha256::digest(&raw.body).into(),
        until: nonce.until,
    }
}
