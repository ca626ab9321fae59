//! Going round until told to stop. Slow sends do not hold up the others: their
//! tasks are counted, and the free places are filled.

use std::time::Duration;

use tokio::sync::watch;
use tokio::task::JoinSet;

use super::planning::BATCH;
use super::{LEASE_SECS, MAX_IN_FLIGHT, Worker};
use crate::event::Timestamp;
use crate::store::StoreError;

/// Without news, look again after this long: a bound on any missed wake-up.
const LOOK_AGAIN: Duration = Duration::from_secs(5);
/// After the store could not be read.
const STORE_AGAIN: Duration = Duration::from_secs(1);

impl Worker {
    /// Runs until `stop` turns true, then waits up to `grace` for what is in
    /// flight. What is still open after that is unknown, and recovered as such.
    pub async fn run(self, mut stop: watch::Receiver<bool>, grace: Duration) {
        let mut sends = JoinSet::new();
        let mut recover_at = (self.clock)();
        while !*stop.borrow() {
            let pause = match self.round(&mut sends, &mut recover_at).await {
                Ok(pause) => pause,
                Err(StoreError::Closed) => break,
                Err(error) => {
                    tracing::error!("the worker waits for the store: {error}");
                    STORE_AGAIN
                }
            };
            tokio::select! {
                _ = stop.changed() => {}
                _ = self.store.wait_for_work() => {}
                Some(_) = sends.join_next() => {}
                () = tokio::time::sleep(pause) => {}
            }
        }
        let in_flight = sends.len();
        if tokio::time::timeout(grace, sends.join_all()).await.is_err() {
            tracing::warn!(in_flight, "stopped while sending; the outcome of those messages is unknown");
        }
    }

    /// Plans, fills the free places, and says how long nothing will be due.
    async fn round(
        &self,
        sends: &mut JoinSet<()>,
        recover_at: &mut Timestamp,
    ) -> Result<Duration, StoreError> {
        let planned = self.plan_received().await?;
        while sends.try_join_next().is_some() {}
        let free = MAX_IN_FLIGHT.saturating_sub(sends.len() as u32);
        let now = (self.clock)();
        if now >= *recover_at {
            // A lease ends without its task only by a defect; it is looked for
            // now and then.
            self.store.recover_expired(now, &self.resending()).await?;
            self.drop_refused_bodies(now).await?;
            *recover_at = now.plus(Duration::from_secs(u64::from(LEASE_SECS)));
        }
        if free == 0 {
            return Ok(LOOK_AGAIN);
        }
        for delivery in self.store.claim_due(now, free, LEASE_SECS).await? {
            sends.spawn(self.clone().send(delivery));
        }
        let next = self.store.next_due().await?;
        // What is due and was not claimed waits for a place or for its lane,
        // and both wake us.
        let until = next.map(|at| now.until(at)).filter(|wait| !wait.is_zero());
        match planned < BATCH as usize {
            true => Ok(until.unwrap_or(LOOK_AGAIN).min(LOOK_AGAIN)),
            // More was received than one batch; sending was given its turn.
            false => Ok(Duration::ZERO),
        }
    }
}

const _: () = assert!(LEASE_SECS > 300, "a lease outlives the longest request that can be configured");
