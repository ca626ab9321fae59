//! Deliveries whose sender was lost: their outcome is unknown.
//!
//! Lives here: closing what was left open. Never here: the choice between holding
//! and sending again, which is a policy's (`delivery::lost`).

use std::collections::{BTreeMap, BTreeSet};

use rusqlite::Connection;

use super::job::{Steps, Wakes};
use super::{Recovered, Settlement, Store, StoreError, attempt, settle};
use crate::delivery::{Policy, lost};
use crate::event::{AttemptId, Timestamp};

const ORPHANED: &str = "the gateway stopped while this was being sent";
const LOST: &str = "the task that was sending this is gone, by a defect";

impl Store {
    /// Everything in flight. To be called once, after opening and before the
    /// first claim: since only one gateway has the store open, all of it belongs
    /// to one that is gone.
    ///
    /// Each is held, or is pending again where its policy resends. A connection
    /// that has no policy holds.
    pub async fn recover_orphans(
        &self,
        now: Timestamp,
        policies: BTreeMap<String, Policy>,
    ) -> Result<Vec<Recovered>, StoreError> {
        self.recover(ORPHANED, now, policies, BTreeSet::new()).await
    }

    /// The same for what is in flight and is not among `alive`, the attempts that
    /// somebody is making.
    pub async fn recover_lost(
        &self,
        now: Timestamp,
        policies: BTreeMap<String, Policy>,
        alive: BTreeSet<AttemptId>,
    ) -> Result<Vec<Recovered>, StoreError> {
        self.recover(LOST, now, policies, alive).await
    }

    async fn recover(
        &self,
        reason: &'static str,
        now: Timestamp,
        policies: BTreeMap<String, Policy>,
        alive: BTreeSet<AttemptId>,
    ) -> Result<Vec<Recovered>, StoreError> {
        let holds = Policy::default();
        let recover = move |conn: &Connection| {
            let mut recovered = Vec::new();
            for delivery in attempt::find_all(conn)? {
                if alive.contains(&delivery.attempt) {
                    continue;
                }
                let connection = delivery.standing.connection.clone();
                let policy = delivery.policy.over(policies.get(&connection).unwrap_or(&holds));
                let outcome = lost(reason, delivery.attempts, &policy, now);
                let next = outcome.next;
                settle::apply(conn, &delivery, &Settlement::without_reply(outcome), now)?;
                let (delivery, attempt) = (delivery.delivery, delivery.attempt);
                recovered.push(Recovered { delivery, attempt, connection, next });
            }
            Ok(recovered)
        };
        self.writer.write(Steps::Several, Wakes::Worker, recover).await
    }
}
