//! One claimed delivery: sent once, decided, settled.

use std::time::Duration;

use super::Worker;
use crate::delivery::{Answer, Next, Outcome, Verdict, decide};
use crate::store::{Claimed, Settled, Settlement, StoreError};

/// Between two tries to write down what came of a send.
const SETTLE_AGAIN: Duration = Duration::from_millis(250);

impl Worker {
    /// Sends `claimed` and settles it. Its attempt is on disk already, so if
    /// this never returns the outcome is unknown, and known to be.
    pub(super) async fn send(self, claimed: Claimed) {
        let (outcome, settlement) = match self.connections.get(&claimed.connection) {
            Some(connection) => {
                let tenant = &connection.destination.tenant_id;
                let now = (self.clock)();
                let answer = self.talqui.send(tenant, &connection.token, &claimed.body, now).await;
                let number = claimed.attempt_number;
                let outcome = decide(&answer, number, &connection.policy, (self.clock)(), fastrand::f64());
                (outcome.clone(), Settlement::new(outcome, &answer))
            }
            None => not_configured(),
        };
        tell(&claimed, &outcome);
        self.settle(&claimed, settlement).await;
    }

    /// What came of a send must be written down; while the store cannot, it is
    /// kept here and tried again. A crash meanwhile leaves it unknown.
    async fn settle(&self, claimed: &Claimed, settlement: Settlement) {
        loop {
            match self.store.settle(claimed.attempt, settlement.clone(), (self.clock)()).await {
                Ok(Settled::Moved { paused: true }) => {
                    tracing::error!(
                        connection = %claimed.connection, reason = %settlement.outcome.reason,
                        "connection paused: nothing is lost and nothing is sent until it is mended; then restart"
                    );
                    return;
                }
                Ok(Settled::Moved { paused: false }) => return,
                Ok(Settled::LeaseLost) => {
                    tracing::warn!(delivery = %claimed.delivery, "this attempt was settled by another");
                    return;
                }
                Err(StoreError::Closed) => return,
                Err(error) => {
                    tracing::error!(delivery = %claimed.delivery, "what came of a send cannot be stored yet: {error}");
                    tokio::time::sleep(SETTLE_AGAIN).await;
                }
            }
        }
    }
}

/// A delivery that was planned for a connection that is gone.
fn not_configured() -> (Outcome, Settlement) {
    let outcome = Outcome {
        verdict: Verdict::NotSent,
        next: Next::Pause,
        reason: "this connection is not in the configuration any more".to_owned(),
    };
    let answer: Answer =
        Err(crate::delivery::Fault { sent: crate::delivery::Sent::No, message: outcome.reason.clone() });
    (outcome.clone(), Settlement::new(outcome, &answer))
}

fn tell(claimed: &Claimed, outcome: &Outcome) {
    let (event, delivery) = (claimed.event, claimed.delivery);
    let (connection, attempt) = (&claimed.connection, claimed.attempt_number);
    let reason = &outcome.reason;
    match outcome.next {
        Next::Delivered => tracing::info!(%event, %delivery, %connection, attempt, "delivered"),
        Next::Retry { at } => {
            tracing::warn!(%event, %delivery, %connection, attempt, %at, "not sent, will try again: {reason}");
        }
        Next::Hold => tracing::warn!(%event, %delivery, %connection, attempt, "held: {reason}"),
        Next::Bury => tracing::warn!(%event, %delivery, %connection, attempt, "dead: {reason}"),
        Next::Pause => tracing::warn!(%event, %delivery, %connection, attempt, "put back: {reason}"),
    }
}
