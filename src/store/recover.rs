//! Deliveries whose sender was lost: their outcome is unknown.
//!
//! Lives here: closing what a crash left open. Never here: the choice between
//! holding and sending again; the caller says which connections resend.

use rusqlite::Connection;

use super::writer::{Steps, Wakes};
use super::{Recovered, Settlement, Store, StoreError, attempt, settle};
use crate::delivery::{DeliveryState, Next, Outcome, Verdict};
use crate::event::Timestamp;

const ORPHANED: &str = "the gateway stopped while this was being sent; the person may have the message";
const EXPIRED: &str = "sending this did not end within its lease; the person may have the message";

/// Later than every lease.
const ALL: Timestamp = Timestamp::from_millis(i64::MAX);

impl Store {
    /// Everything in flight, whatever its lease. To be called once, after
    /// opening and before the first claim: since only one gateway has the store
    /// open, all of it belongs to one that is gone.
    ///
    /// Each is held, or is pending again if its connection is in `resend`.
    pub async fn recover_orphans(
        &self,
        now: Timestamp,
        resend: &[String],
    ) -> Result<Vec<Recovered>, StoreError> {
        self.recover(ALL, ORPHANED, now, resend).await
    }

    /// The same for what is in flight with a lease that has ended.
    pub async fn recover_expired(
        &self,
        now: Timestamp,
        resend: &[String],
    ) -> Result<Vec<Recovered>, StoreError> {
        self.recover(now, EXPIRED, now, resend).await
    }

    async fn recover(
        &self,
        leased_until: Timestamp,
        reason: &'static str,
        now: Timestamp,
        resend: &[String],
    ) -> Result<Vec<Recovered>, StoreError> {
        let resend = resend.to_vec();
        let recover = move |conn: &Connection| {
            let mut recovered = Vec::new();
            for delivery in attempt::find_leased(conn, leased_until)? {
                let (next, state) = if resend.contains(&delivery.connection) {
                    (Next::Retry { at: now }, DeliveryState::Pending)
                } else {
                    (Next::Hold, DeliveryState::Held)
                };
                let outcome = Outcome { verdict: Verdict::Unknown, next, reason: reason.into() };
                settle::apply(conn, &delivery, &Settlement::without_reply(outcome), now)?;
                recovered.push(Recovered {
                    delivery: delivery.delivery,
                    attempt: delivery.attempt,
                    connection: delivery.connection,
                    state,
                });
            }
            Ok(recovered)
        };
        self.writer.write(Steps::Several, Wakes::Worker, recover).await
    }
}
