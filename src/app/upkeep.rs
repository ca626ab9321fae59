//! What is done beside the way of events: looking at the disk, forgetting what is
//! old, fetching keys ahead of their use.
//!
//! Each is a task that can be ended at any time.

use std::sync::Arc;
use std::time::Duration;

use crate::event::Timestamp;
use crate::ingest::Intake;
use crate::keyring::Keyring;
use crate::source::Sources;
use crate::store::{Ages, Store, StoreError};
use crate::verify::{FetchedKind, Wanted};
use crate::worker::Clock;

/// Between two looks at how full the disk is.
const LOOK_AGAIN: Duration = Duration::from_secs(1);
const BETWEEN_STEPS: Duration = Duration::from_millis(20);
const FORGET_AGAIN: Duration = Duration::from_secs(60);

/// Fetches every key set that a source is pinned to, so that the first webhook
/// does not wait for it.
pub(super) async fn fetch_keys(keyring: Keyring, sources: Arc<Sources>, now: Timestamp) {
    for (name, source) in sources.iter() {
        for address in source.verifier.scheme().key_sets() {
            let wanted = Wanted { address: address.to_owned(), kind: FetchedKind::KeySet };
            // What does not come is fetched again when it is needed.
            let _ = keyring.fetch(name, &wanted, now).await;
        }
    }
}

/// Drops what is kept no longer, in steps so small and so far apart that nobody
/// waits for them.
pub(super) async fn forget_what_is_old(store: Store, ages: Ages, clock: Clock) {
    loop {
        match store.prune(ages, clock()).await {
            Ok(step) if !step.is_nothing() => tokio::time::sleep(BETWEEN_STEPS).await,
            Ok(_) => tokio::time::sleep(FORGET_AGAIN).await,
            Err(StoreError::Closed) => return,
            Err(error) => {
                tracing::warn!("what is old could not be dropped, and is tried again: {error}");
                tokio::time::sleep(FORGET_AGAIN).await;
            }
        }
    }
}

pub(super) async fn look_once_a_second(intake: Intake, store: Store, clock: Clock) {
    loop {
        tokio::time::sleep(LOOK_AGAIN).await;
        intake.look(&store, clock()).await;
    }
}
