//! How many requests of unknown callers a source looks at.
//!
//! It is spent only by a request that was not believed, so that nobody can use
//! up what the true sender needs.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use crate::event::{SourceName, Timestamp};

/// One bucket for each source: the generic cell rate algorithm, which keeps one
/// moment, the one at which the bucket would be full again.
#[derive(Debug)]
pub struct Allowance {
    per_minute: u32,
    full_at: Mutex<BTreeMap<SourceName, Bucket>>,
}

#[derive(Debug, Clone, Copy)]
struct Bucket {
    /// Milliseconds since 1970, of which the fraction matters.
    full_at_ms: f64,
    /// Refused since the allowance was used up.
    turned_away: u64,
}

/// What became of one request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Spent {
    /// It was within the allowance. `turned_away`: how many were not, before it.
    Yes { turned_away: u64 },
    /// `first` is true for the first that was not.
    No { retry_after_secs: u32, first: bool },
}

impl Allowance {
    /// `per_minute`: at least 1; as many may come at once.
    pub fn new(per_minute: u32) -> Self {
        Self { per_minute: per_minute.max(1), full_at: Mutex::default() }
    }

    pub fn spend(&self, source: &SourceName, now: Timestamp) -> Spent {
        let each_ms = 60_000.0 / f64::from(self.per_minute);
        let now_ms = now.as_millis() as f64;
        // A poisoned lock is a thread that panicked between two assignments.
        let mut buckets = self.full_at.lock().unwrap_or_else(PoisonError::into_inner);
        let bucket = buckets.entry(source.clone()).or_insert(Bucket { full_at_ms: now_ms, turned_away: 0 });
        // A clock that was set back must not close the source for years.
        let full_at_ms = bucket.full_at_ms.clamp(now_ms, now_ms + 60_000.0);
        let next_ms = full_at_ms + each_ms;
        // A little more than a minute, since the sums are not exact.
        bucket.full_at_ms = full_at_ms;
        if next_ms > now_ms + 60_000.0 + 0.001 {
            bucket.turned_away += 1;
            let wait_secs = ((next_ms - now_ms - 60_000.0) / 1000.0).ceil().max(1.0);
            return Spent::No { retry_after_secs: wait_secs as u32, first: bucket.turned_away == 1 };
        }
        bucket.full_at_ms = next_ms;
        Spent::Yes { turned_away: std::mem::take(&mut bucket.turned_away) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn at(ms: i64) -> Timestamp {
        Timestamp::from_millis(1_772_452_800_000 + ms)
    }

    #[test]
    fn a_burst_and_then_as_fast_as_it_fills() {
        let allowance = Allowance::new(3);
        let loja: SourceName = "loja".parse().unwrap();
        for _ in 0..3 {
            assert_eq!(allowance.spend(&loja, at(0)), Spent::Yes { turned_away: 0 });
        }
        assert_eq!(allowance.spend(&loja, at(0)), Spent::No { retry_after_secs: 20, first: true });
        assert_eq!(allowance.spend(&loja, at(19_999)), Spent::No { retry_after_secs: 1, first: false });
        assert_eq!(allowance.spend(&loja, at(20_000)), Spent::Yes { turned_away: 2 });
        let other = "outra".parse().unwrap();
        assert_eq!(allowance.spend(&other, at(0)), Spent::Yes { turned_away: 0 });
    }

    #[test]
    fn a_clock_that_jumps_back_closes_nothing() {
        let allowance = Allowance::new(1);
        let loja: SourceName = "loja".parse().unwrap();
        assert_eq!(allowance.spend(&loja, at(0)), Spent::Yes { turned_away: 0 });
        assert_ne!(allowance.spend(&loja, at(-86_400_000)), Spent::Yes { turned_away: 0 });
        assert!(matches!(allowance.spend(&loja, at(-86_400_000 + 120_000)), Spent::Yes { .. }));
    }

    proptest! {
        /// Never more than the allowance in any minute, after the burst.
        #[test]
        fn at_most_twice_the_allowance_in_a_minute(
            per_minute in 1_u32..200,
            mut moments in proptest::collection::vec(0_i64..60_000, 0..600),
        ) {
            moments.sort_unstable();
            let allowance = Allowance::new(per_minute);
            let loja: SourceName = "loja".parse().unwrap();
            let taken = moments.iter().filter(|ms| matches!(allowance.spend(&loja, at(**ms)), Spent::Yes { .. }));
            prop_assert!(taken.count() <= 2 * per_minute as usize);
        }
    }
}
