//! Whether anything is taken in: not when the disk is nearly full, and not past
//! the backlog that the operator allows. What is in keeps flowing either way.
//!
//! [`Intake::look`] is one look, which `app` makes once a second; in between, what
//! was seen last holds.

use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering};

use super::Rejected;
use crate::config::Limits;
use crate::event::Timestamp;
use crate::observe::{Closed, Observer};
use crate::store::Store;

/// Clones share what was seen.
#[derive(Clone)]
pub struct Intake {
    min_free_disk_bytes: u64,
    backlog_events: Option<u64>,
    observer: Observer,
    seen: Arc<AtomicU8>,
}

const OPEN: u8 = 0;
const STORE_FULL: u8 = 1;
const BACKLOG_FULL: u8 = 2;

impl Intake {
    /// Open, until somebody looks.
    pub fn new(limits: &Limits, observer: Observer) -> Self {
        let Limits { min_free_disk_bytes, backlog_events, .. } = *limits;
        Self { min_free_disk_bytes, backlog_events, observer, seen: Arc::new(AtomicU8::new(OPEN)) }
    }

    /// A look at the disk and the backlog.
    pub async fn look(&self, store: &Store, now: Timestamp) {
        let free = store.free_disk_bytes();
        let waiting = match self.backlog_events {
            Some(most) => store.waiting(most.saturating_add(1)).await.ok(),
            None => None,
        };
        self.saw(free, waiting, now);
    }

    /// None: it could not be told, which closes nothing by itself; a store that
    /// cannot write says so for each webhook.
    pub fn saw(&self, free_disk_bytes: Option<u64>, waiting: Option<u64>, now: Timestamp) {
        let full =
            self.min_free_disk_bytes > 0 && free_disk_bytes.is_some_and(|f| f < self.min_free_disk_bytes);
        let backlog = self.backlog_events.zip(waiting).is_some_and(|(most, waiting)| waiting > most);
        let (sees, closed) = match (full, backlog) {
            (true, _) => (STORE_FULL, Some(Closed::StoreFull)),
            (false, true) => (BACKLOG_FULL, Some(Closed::BacklogFull)),
            (false, false) => (OPEN, None),
        };
        if self.seen.swap(sees, Ordering::Relaxed) == sees {
            return;
        }
        self.observer.intake(now, closed);
        match closed {
            Some(Closed::StoreFull) => tracing::error!(
                free_bytes = free_disk_bytes,
                wanted_bytes = self.min_free_disk_bytes,
                "the disk is nearly full: webhooks are refused until there is room; what is in is sent"
            ),
            Some(Closed::BacklogFull) => tracing::error!(
                waiting,
                most = self.backlog_events,
                "more waits than is allowed: webhooks are refused until there is less"
            ),
            None => tracing::info!("webhooks are taken in again"),
        }
    }

    pub(super) fn admit(&self) -> Result<(), Rejected> {
        match self.seen.load(Ordering::Relaxed) {
            STORE_FULL => Err(Rejected::StoreFull),
            BACKLOG_FULL => Err(Rejected::BacklogFull),
            _ => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Config;

    fn intake(min_free_disk_bytes: u64, backlog_events: Option<u64>) -> (Intake, Observer) {
        let mut limits = Config::defaults(std::path::Path::new("")).limits;
        (limits.min_free_disk_bytes, limits.backlog_events) = (min_free_disk_bytes, backlog_events);
        let observer = Observer::default();
        (Intake::new(&limits, observer.clone()), observer)
    }

    const NOW: Timestamp = Timestamp::from_secs(1_772_452_800);

    #[test]
    fn it_closes_at_its_limits_and_opens_by_itself() {
        let (intake, observer) = intake(1_000, Some(10));
        for (free, waiting, closed) in [
            (1_000, 10, None),
            (999, 10, Some(Closed::StoreFull)),
            (999, 11, Some(Closed::StoreFull)),
            (1_000, 11, Some(Closed::BacklogFull)),
            (1_000, 10, None),
        ] {
            intake.saw(Some(free), Some(waiting), NOW);
            assert_eq!(observer.intake_closed().map(|(closed, _)| closed), closed, "{free} {waiting}");
            assert_eq!(intake.admit().is_ok(), closed.is_none());
        }
    }

    #[test]
    fn what_is_off_or_cannot_be_told_closes_nothing() {
        let (intake, _) = intake(0, None);
        intake.saw(Some(0), Some(u64::MAX), NOW);
        assert!(intake.admit().is_ok());
        let (intake, _) = self::intake(1_000, Some(1));
        intake.saw(None, None, NOW);
        assert!(intake.admit().is_ok());
    }
}
