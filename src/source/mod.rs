//! The sources that are open: each a mapping and a verifier with its keys. The
//! whole set is swapped when files change, so a request sees one or the other.
//!
//! Never here: reading files or resolving secrets; `app` does that and hands
//! the result over.

use std::collections::BTreeMap;
use std::sync::Arc;

use arc_swap::ArcSwap;

use crate::event::SourceName;
use crate::mapping::Mapping;
use crate::verify::Verifier;

/// One source, ready for its webhooks.
#[derive(Debug)]
pub struct Source {
    pub mapping: Mapping,
    pub verifier: Verifier,
}

/// All sources by name.
pub type Sources = BTreeMap<SourceName, Arc<Source>>;

/// The sources as they are now, read without a lock.
#[derive(Debug, Clone, Default)]
pub struct OpenSources(Arc<ArcSwap<Sources>>);

impl OpenSources {
    pub fn new(sources: Sources) -> Self {
        Self(Arc::new(ArcSwap::from_pointee(sources)))
    }

    pub fn get(&self, name: &str) -> Option<Arc<Source>> {
        self.0.load().get(name).cloned()
    }

    pub fn swap(&self, sources: Sources) {
        self.0.store(Arc::new(sources));
    }

    pub fn all(&self) -> Arc<Sources> {
        self.0.load_full()
    }
}
