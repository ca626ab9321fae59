//! What is done beside the way of events: looking at the disk, forgetting what is
//! old, fetching keys ahead of their use.
//!
//! Each is a task that can be ended at any time.

use std::sync::Arc;
use std::time::{Duration, Instant};

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
const LEAP: Duration = Duration::from_secs(24 * 60 * 60);
const DOUBT: Duration = Duration::from_secs(60 * 60);

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
/// waits for them. By a clock that has leapt ahead nothing is dropped for a while:
/// what is gone would not come back when it is set right.
pub(super) async fn forget_what_is_old(store: Store, ages: Ages, clock: Clock) {
    let mut before = (Instant::now(), store.last_written().await.unwrap_or(clock()));
    loop {
        let now = clock();
        let leapt = has_leapt(before.1, now, before.0.elapsed());
        before = (Instant::now(), now);
        if leapt {
            tracing::warn!(%now, "the clock is far ahead of what was written last: nothing is dropped by it for an hour");
            tokio::time::sleep(DOUBT).await;
            // It may have been set right meanwhile.
            continue;
        }
        match store.prune(ages, now).await {
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

/// Whether much more time has passed by the clock than really. A store in which
/// nothing was written yet tells nothing.
fn has_leapt(before: Timestamp, now: Timestamp, really: Duration) -> bool {
    before > Timestamp::from_millis(0) && before.until(now) > really + LEAP
}

pub(super) async fn look_once_a_second(intake: Intake, store: Store, clock: Clock) {
    loop {
        tokio::time::sleep(LOOK_AGAIN).await;
        intake.look(&store, clock()).await;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_clock_that_outran_time_has_leapt() {
        let (start, day) = (Timestamp::from_secs(1_772_452_800), Duration::from_secs(86_400));
        let later = |days: u32| start.plus(day * days);
        assert!(!has_leapt(start, later(1), Duration::ZERO), "it was off for a day");
        assert!(has_leapt(start, later(2), Duration::ZERO));
        assert!(!has_leapt(start, later(400), day * 400), "it ran for long");
        assert!(!has_leapt(later(400), start, Duration::ZERO), "set back");
        assert!(!has_leapt(Timestamp::from_millis(0), start, Duration::ZERO), "a new store");
    }
}
