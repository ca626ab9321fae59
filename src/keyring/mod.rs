//! Fetched keys: the key sets that sources are pinned to, and the certificates
//! that requests name.
//!
//! Lives here: when something is fetched, and how often at most. What came is put
//! into `verify::FetchedKeys`, where checks see it. Never here: whether an
//! address may be fetched at all, and what a key proves; both are `verify`'s.
//!
//! Whoever can post to a source can make it want a key, so every way to a fetch
//! is bounded: one at a time for each key set and for each source's certificates,
//! and few in a minute. A fetch that fails changes nothing of what is there.

mod document;

use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::Mutex as AsyncMutex;

use crate::event::{SourceName, Timestamp};
use crate::verify::{Fetched, FetchedKeys, FetchedKind, Wanted};
use document::{Client, Fault};

pub use document::ClientError;

/// A set that came is not asked for again sooner, whatever keys are wanted.
const SET_EVERY: Duration = Duration::from_secs(60);
/// One that did not come is tried again after this.
const RETRY_EVERY: Duration = Duration::from_secs(10);
/// How many certificates are fetched for one source in a minute.
const CERTIFICATES_A_MINUTE: usize = 3;
/// How many certificates are remembered for one source; the oldest goes. None
/// goes by its age: a sender that changes its certificate names another address.
const CERTIFICATES_KEPT: usize = 32;
const MINUTE: Duration = Duration::from_secs(60);

/// Clones share everything.
#[derive(Clone)]
pub struct Keyring(Arc<Shared>);

struct Shared {
    client: Client,
    keys: FetchedKeys,
    sets: Mutex<HashMap<String, Arc<AsyncMutex<SetState>>>>,
    certificates: Mutex<HashMap<SourceName, Arc<AsyncMutex<CertificateState>>>>,
}

/// It is not here, or not newer than it was. Why is in the log.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NotFetched;

/// Of one address; whoever holds it fetches.
#[derive(Default)]
struct SetState {
    tried_at: Option<Timestamp>,
    came: bool,
    /// Then it is fetched again, wanted or not. None: it never came.
    due_at: Option<Timestamp>,
}

/// Of one source.
#[derive(Default)]
struct CertificateState {
    /// The fetches of the last minute.
    recent: Vec<Timestamp>,
    /// Addresses, the oldest first.
    kept: VecDeque<String>,
}

impl Keyring {
    /// Puts what it fetches into `keys`.
    pub fn new(keys: FetchedKeys) -> Result<Self, ClientError> {
        let (sets, certificates) = (Mutex::default(), Mutex::default());
        Ok(Self(Arc::new(Shared { client: Client::new()?, keys, sets, certificates })))
    }

    /// Fetches what a check of `source` lacks, unless that was just done. Ok: what
    /// the sender publishes now is here, or was a minute ago.
    pub async fn fetch(
        &self,
        source: &SourceName,
        wanted: &Wanted,
        now: Timestamp,
    ) -> Result<(), NotFetched> {
        match wanted.kind {
            FetchedKind::KeySet => self.key_set(&wanted.address, now).await,
            FetchedKind::Certificate => self.certificate(source, &wanted.address, now).await,
        }
    }

    /// Fetches each key set at `addresses` whose time is over. A key that its
    /// sender withdrew stops counting so; one that fails to come stays as it is.
    pub async fn freshen<'a>(&self, addresses: impl Iterator<Item = &'a str>, now: Timestamp) {
        for address in addresses {
            let state = self.set_state(address);
            // Who finds it being fetched goes on with what is there.
            let Ok(mut state) = state.try_lock() else { continue };
            if state.due_at.is_some_and(|due| due <= now) {
                let _ = self.fetch_set(address, &mut state, now).await;
            }
        }
    }

    async fn key_set(&self, address: &str, now: Timestamp) -> Result<(), NotFetched> {
        let state = self.set_state(address);
        let mut state = state.lock().await;
        let pause = if state.came { SET_EVERY } else { RETRY_EVERY };
        if state.tried_at.is_some_and(|at| is_within(at, pause, now)) {
            return if state.came { Ok(()) } else { Err(NotFetched) };
        }
        self.fetch_set(address, &mut state, now).await
    }

    async fn fetch_set(&self, address: &str, state: &mut SetState, now: Timestamp) -> Result<(), NotFetched> {
        // Said before the fetch, since a sender that hangs up ends it.
        (state.tried_at, state.came) = (Some(now), false);
        let wait = match self.document(FetchedKind::KeySet, address).await {
            Ok(fresh) => {
                state.came = true;
                fresh
            }
            Err(_) => RETRY_EVERY,
        };
        if state.came || state.due_at.is_some() {
            state.due_at = Some(now.plus(wait));
        }
        if state.came { Ok(()) } else { Err(NotFetched) }
    }

    async fn certificate(
        &self,
        source: &SourceName,
        address: &str,
        now: Timestamp,
    ) -> Result<(), NotFetched> {
        let state = entry(&self.0.certificates, source);
        let mut state = state.lock().await;
        if self.0.keys.get(address).is_some() {
            return Ok(());
        }
        state.recent.retain(|at| is_within(*at, MINUTE, now));
        if state.recent.len() >= CERTIFICATES_A_MINUTE {
            tracing::warn!(%source, "certificate not fetched: too many new addresses in a minute");
            return Err(NotFetched);
        }
        state.recent.push(now);
        self.document(FetchedKind::Certificate, address).await.map_err(|_| NotFetched)?;
        state.kept.retain(|have| have != address);
        state.kept.push_back(address.to_owned());
        if state.kept.len() > CERTIFICATES_KEPT
            && let Some(oldest) = state.kept.pop_front()
        {
            self.0.keys.remove(&oldest);
        }
        Ok(())
    }

    /// Ok: it is in its place now, and counts as new for so long.
    async fn document(&self, kind: FetchedKind, address: &str) -> Result<Duration, Fault> {
        let came = self.0.client.get(address).await;
        let read = came.and_then(|(bytes, fresh)| Ok((Fetched::read(kind, &bytes)?, fresh)));
        match read {
            Ok((fetched, fresh)) => {
                self.0.keys.put(address, fetched);
                tracing::info!(address, "keys fetched");
                Ok(fresh)
            }
            Err(why) => {
                tracing::warn!(address, "keys not fetched: {why}");
                Err(why)
            }
        }
    }

    fn set_state(&self, address: &str) -> Arc<AsyncMutex<SetState>> {
        entry(&self.0.sets, &address.to_owned())
    }
}

fn entry<K: Clone + Eq + std::hash::Hash, V: Default>(map: &Mutex<HashMap<K, Arc<V>>>, key: &K) -> Arc<V> {
    let mut map: MutexGuard<'_, _> = map.lock().unwrap_or_else(PoisonError::into_inner);
    map.entry(key.clone()).or_default().clone()
}

/// Whether `at` is less than `span` from now, on either side: requests do not
/// come in the order of their clocks, and clocks are set.
fn is_within(at: Timestamp, span: Duration, now: Timestamp) -> bool {
    let apart = now.as_millis().saturating_sub(at.as_millis());
    u128::from(apart.unsigned_abs()) < span.as_millis()
}

impl std::fmt::Debug for Keyring {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Keyring({:?})", self.0.keys)
    }
}
