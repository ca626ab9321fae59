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

impl Rejected {
    fn of_store(error: RecordError) -> Self {
        match error {
            RecordError::Busy => Self::Busy,
            RecordError::Failed(error) => {
                tracing::error!("a webhook was put off: {error}");
                Self::StoreFailed
            }
        }
    }
}

impl Ingest {
    /// `unverified_per_minute`: how many requests of one source may be refused
    /// in a minute before they are turned away without a look.
    pub fn new(store: Store, sources: OpenSources, keyring: Keyring, unverified_per_minute: u32) -> Self {
        Self { store, sources, keyring, allowance: Arc::new(Allowance::new(unverified_per_minute)) }
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
        Ok(Admitted { source })
    }

    /// Verifies and records. It is on disk when this returns.
    pub async fn receive(
        &self,
        admitted: Admitted,
        raw: RawWebhook,
        now: Timestamp,
    ) -> Result<Received, Rejected> {
        let Admitted { source } = admitted;
        let asked = Asking::of(&source, &raw);
        let verified = match keys::verify(&self.keyring, &source, raw, now).await {
            Ok(verified) => verified,
            Err(unverified) => return self.receive_unverified(&source, asked, *unverified, now).await,
        };
        if let Some(asked) = asked
            && let Some(answered) = self.answer(asked, true, now).await
        {
            return answered.map(Received::Handshake);
        }
        if verified.webhook().method != "POST" {
            return Err(Rejected::Method(vec!["POST".to_owned()]));
        }
        let events = self.record(&source, verified, now).await?;
        let (batch, acknowledge) = (source.mapping.event.is_batch(), source.mapping.acknowledge.clone());
        Ok(Received::Accepted(Accepted { events, batch, acknowledge }))
    }

    async fn record(
        &self,
        source: &Source,
        verified: VerifiedEvent,
        now: Timestamp,
    ) -> Result<Vec<EventId>, Rejected> {
        let nonce = verified.nonce().map(|nonce| nonce_use(nonce, verified.webhook()));
        let mut events = batch::events_of(&source.mapping, verified.into_webhook(), now);
        let name = &source.mapping.source;
        let ids: Vec<EventId> = events.iter().map(|event| event.id).collect();
        let recorded = match (events.len(), nonce) {
            (0, _) => {
                tracing::info!(source = %name, "webhook accepted: an empty batch");
                return Ok(ids);
            }
            // The usual case needs no savepoint.
            (1, None) => self.store.record(events.remove(0)).await.map(|recorded| Some(vec![recorded])),
            (_, nonce) => self.store.record_all(events, nonce).await,
        };
        let Some(recorded) = recorded.map_err(Rejected::of_store)? else {
            tracing::warn!(source = %name, code = "nonce-reused", "webhook refused: a replay");
            return Err(Rejected::NonceReused);
        };
        for (event, recorded) in ids.iter().zip(recorded) {
            match recorded {
                Recorded::New => tracing::info!(source = %name, %event, "webhook accepted"),
                Recorded::Twin { of } => {
                    tracing::info!(source = %name, %event, %of, "webhook accepted: a repeat")
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
        source: &Source,
        asked: Option<Asking<'_>>,
        unverified: Unverified,
        now: Timestamp,
    ) -> Result<Received, Rejected> {
        let Unverified { refusal, raw } = unverified;
        let name = &source.mapping.source;
        if let Refusal::KeysNotHere { .. } = refusal {
            // The sender may be genuine: it should come again.
            tracing::warn!(source = %name, "webhook put off: {refusal}");
            return Err(Rejected::KeysUnavailable);
        }
        self.spend(name, now)?;
        if let Some(asked) = asked
            && let Some(answered) = self.answer(asked, false, now).await
        {
            return answered.map(Received::Handshake);
        }
        if raw.method != "POST" {
            return Err(Rejected::Method(vec!["POST".to_owned()]));
        }
        tracing::warn!(source = %name, code = refusal.code(), "webhook refused: {refusal}");
        let explanation = source.verifier.explain(&raw, now, &Others::default());
        let sample = refused::sample(&source.verifier, raw, &refusal, &explanation, now);
        // The refusal stands whether or not it is kept.
        if let Err(why) = self.store.keep_refused(sample).await {
            tracing::debug!(source = %name, "a refused request was not kept: {why}");
        }
        Err(Rejected::Unverified(refusal))
    }

    fn spend(&self, source: &SourceName, now: Timestamp) -> Result<(), Rejected> {
        match self.allowance.spend(source, now) {
            Spent::Yes { turned_away: 0 } => Ok(()),
            Spent::Yes { turned_away } => {
                tracing::warn!(%source, turned_away, "unverified requests are looked at again");
                Ok(())
            }
            Spent::No { retry_after_secs, first } => {
                if first {
                    tracing::warn!(%source, "too many unverified requests: they are turned away for now");
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
