//! The sources that are open: each a mapping and a verifier with its keys. The
//! whole set is swapped when files change, so a request sees one or the other.
//!
//! Never here: reading files or resolving secrets; `app` does that and hands
//! the result over.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use arc_swap::ArcSwap;

use crate::event::{Secret, SecretRef, SourceName};
use crate::mapping::Mapping;
use crate::verify::Verifier;

/// One source, ready for its webhooks.
#[derive(Debug)]
pub struct Source {
    pub mapping: Arc<Mapping>,
    pub verifier: Verifier,
}

impl Source {
    /// Whether its mapping says `captured`: its sender hands the secret over.
    pub fn takes_captured(&self) -> bool {
        self.mapping.secrets.iter().any(|entry| entry.reference == SecretRef::Captured)
    }
}

/// A source that takes none, and one whose scheme has no use for the secret, stay
/// as they are.
fn with_secret(source: Arc<Source>, secret: &Secret) -> Arc<Source> {
    match source.verifier.with_secret(secret.clone()) {
        Ok(verifier) if source.takes_captured() => {
            Arc::new(Source { mapping: source.mapping.clone(), verifier })
        }
        _ => source,
    }
}

/// All sources by name.
pub type Sources = BTreeMap<SourceName, Arc<Source>>;

/// The sources as they are now, read without a lock.
#[derive(Debug, Clone, Default)]
pub struct OpenSources {
    open: Arc<ArcSwap<Sources>>,
    /// Secrets that senders handed over, which no file knows.
    captured: Arc<Mutex<BTreeMap<SourceName, Secret>>>,
}

impl OpenSources {
    pub fn new(sources: Sources) -> Self {
        Self { open: Arc::new(ArcSwap::from_pointee(sources)), captured: Arc::default() }
    }

    pub fn get(&self, name: &str) -> Option<Arc<Source>> {
        self.open.load().get(name).cloned()
    }

    pub fn swap(&self, sources: Sources) {
        let captured = self.captured.lock().unwrap_or_else(PoisonError::into_inner);
        let sources = sources.into_iter().map(|(name, source)| {
            let source = match captured.get(&name) {
                Some(secret) => with_secret(source, secret),
                None => source,
            };
            (name, source)
        });
        self.open.store(Arc::new(sources.collect()));
    }

    /// From now on `name` also believes `secret`, which its sender handed over,
    /// if its mapping waits for one; so it does after every later swap.
    pub fn capture(&self, name: &SourceName, secret: Secret) {
        let mut captured = self.captured.lock().unwrap_or_else(PoisonError::into_inner);
        captured.insert(name.clone(), secret.clone());
        let mut sources = Sources::clone(&self.open.load());
        if let Some(source) = sources.get_mut(name) {
            *source = with_secret(source.clone(), &secret);
        }
        self.open.store(Arc::new(sources));
    }

    pub fn all(&self) -> Arc<Sources> {
        self.open.load_full()
    }
}
