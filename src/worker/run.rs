//! Going round until told to stop. Slow sends do not hold up the others: their
//! tasks are counted, and the free places are filled.

use std::time::Duration;

use tokio::sync::watch;
use tokio::task::JoinSet;

use super::planning::BATCH;
use super::{LEASE_SECS, Worker};
use crate::event::Timestamp;
use crate::store::StoreError;

/// Without news, look again after this long: a bound on any missed wake-up.
const LOOK_AGAIN: Duration = Duration::from_secs(5);
/// After the store could not be read.
const STORE_AGAIN: Duration = Duration::from_secs(1);
/// A clock that is corrected by less is not worth a write.
const SET_BACK: Duration = Duration::from_secs(1);

impl Worker {
    /// Runs until `stop` turns true, then waits up to `grace` for what is in
    /// flight. What is still open after that is unknown, and recovered as such.
    pub async fn run(self, mut stop: watch::Receiver<bool>, grace: Duration) {
        let mut sends = JoinSet::new();
        let mut recover_at = (self.clock)();
        // The same words each second would hide what else there is to read.
        let mut waits = false;
        while !*stop.borrow() {
            let pause = match self.round(&mut sends, &mut recover_at).await {
                Ok(pause) => {
                    if std::mem::replace(&mut waits, false) {
                        tracing::info!("the worker goes on");
                    }
                    pause
                }
                Err(StoreError::Closed) => break,
                Err(error) => {
                    if !std::mem::replace(&mut waits, true) {
                        tracing::error!("the worker waits for the store: {error}");
                    }
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
        if self.mind_the_clock().await? {
            *recover_at = (self.clock)();
        }
        let planned = self.plan_received().await;
        while sends.try_join_next().is_some() {}
        let now = (self.clock)();
        if now >= *recover_at {
            // A send ends without its settlement only by a defect; it is looked for
            // now and then.
            let lost = self.store.recover_lost(now, self.policies(), self.gates.alive()).await?;
            self.tell_lost(&lost, now, "the task that was sending it is gone, by a defect");
            self.drop_refused_bodies(now).await?;
            *recover_at = now.plus(Duration::from_secs(u64::from(LEASE_SECS)));
        }
        let expired = self.expire(now).await?;
        let due = self.store.next_due().await?;
        // Looked at before, since a claim is a write, whether it takes something or not.
        let claimed = match self.gates.let_pass(&due, now) {
            true => self.claim(now).await?,
            false => Vec::new(),
        };
        let more = expired > 0 || !claimed.is_empty();
        for delivery in claimed {
            sends.spawn(self.clone().send(delivery));
        }
        // There may be more of what there was; sending was given its turn. What cannot
        // be planned keeps nothing from being sent that was.
        if planned? == BATCH as usize || more {
            return Ok(Duration::ZERO);
        }
        // What is due and was not claimed waits for a place or for its lane, and
        // both wake us.
        let due = self.gates.wait(&due, now);
        let stale = self.store.next_expiry().await?.map(|at| now.until(at));
        Ok([due, stale].into_iter().flatten().fold(LOOK_AGAIN, Duration::min))
    }

    /// A clock that was set back must not make everything wait for the time that
    /// it took away. True: it was.
    pub(super) async fn mind_the_clock(&self) -> Result<bool, StoreError> {
        let now = (self.clock)();
        let last = self.gates.look_at_the_clock(now);
        let back = now.until(last);
        if back <= SET_BACK {
            return Ok(false);
        }
        tracing::warn!(secs = back.as_secs(), "the clock was set back");
        self.store.clock_set_back(last, now).await?;
        self.gates.clock_set_back(back);
        Ok(true)
    }
}
