//! One claimed delivery: sent once, decided, settled.

use std::time::{Duration, Instant};

use tracing::Instrument;

use super::Worker;
use crate::delivery::{Answer, Health, Next, Outcome, Turned, Verdict, decide};
use crate::event::Timestamp;
use crate::observe::{Of, span};
use crate::store::{Claimed, Expired, Settled, Settlement, StoreError};

/// Between two tries to write down what came of a send.
const SETTLE_AGAIN: Duration = Duration::from_millis(250);

impl Worker {
    /// Takes what is due as far as the gates let it pass. Each attempt is on disk,
    /// and known to be alive.
    pub(super) async fn claim(&self, now: Timestamp) -> Result<Vec<Claimed>, StoreError> {
        let room = self.gates.room(now);
        if room.total == 0 {
            return Ok(Vec::new());
        }
        let claimed = self.store.claim_due(now, room, super::LEASE_SECS).await?;
        for claimed in &claimed {
            self.gates.sent(claimed, now);
            self.observer.sent(&claimed.connection);
        }
        Ok(claimed)
    }

    /// Drops what has gone stale, a bounded number at a time. How many.
    pub(super) async fn expire(&self, now: Timestamp) -> Result<usize, StoreError> {
        if self.store.next_expiry().await?.is_none_or(|first| first > now) {
            return Ok(0);
        }
        let expired = self.store.expire(now).await?;
        for Expired { delivery, event, source, connection, request } in &expired {
            let request = request.as_deref();
            let about = Of { at: now, source: source.as_str(), event: *event, request };
            self.observer.expired(&about, *delivery, connection);
            tracing::warn!(request, %event, %delivery, %connection, "expired: too old to help, and not sent");
        }
        Ok(expired.len())
    }

    /// Sends `claimed` and settles it. Its attempt is on disk already, so if
    /// this never returns the outcome is unknown, and known to be.
    pub(super) async fn send(self, claimed: Claimed) {
        let request = claimed.request.as_deref();
        let span = span::attempt(claimed.event, claimed.delivery, &claimed.connection, request);
        self.attempt(claimed).instrument(span).await;
    }

    async fn attempt(self, claimed: Claimed) {
        let began = Instant::now();
        let (outcome, settlement) = match self.connections.get(&claimed.connection) {
            Some(connection) => {
                let policy = claimed.policy.over(&connection.policy);
                let now = (self.clock)();
                let answer = self.upstream.send(connection, &claimed.body, policy.timeout, now).await;
                let number = claimed.attempt_number;
                let outcome = decide(&answer, number, &policy, (self.clock)(), fastrand::f64());
                (outcome.clone(), Settlement::new(outcome, &answer))
            }
            None => not_configured(),
        };
        span::outcome(outcome.verdict);
        let at = (self.clock)();
        let (source, request) = (claimed.source.as_str(), claimed.request.as_deref());
        let about = Of { at, source, event: claimed.event, request };
        self.observer.attempted(&about, claimed.delivery, &claimed.connection, &outcome, began.elapsed());
        tell(&claimed, &outcome);
        self.pass_on(&claimed.connection, &outcome, settlement.status);
        self.settle(&claimed, settlement).await;
        self.gates.settled(claimed.attempt);
    }

    /// What the outcome says about the connection as a whole.
    fn pass_on(&self, connection: &str, outcome: &Outcome, status: Option<u16>) {
        if let Some(until) = outcome.slow_until {
            self.gates.slow(connection, until);
        }
        let now = (self.clock)();
        let turned = self.gates.ended(connection, Health::of(outcome.verdict, status), now);
        if let Some(turned) = turned {
            self.observer.turned(now, connection, turned);
        }
        match turned {
            Some(Turned::Opened { until }) => {
                tracing::warn!(%connection, %until, "Talqui does not answer well: nothing is sent until then, and then one message");
            }
            Some(Turned::Closed) => {
                tracing::info!(%connection, "Talqui answers again: sending goes on, slowly at first")
            }
            None => {}
        }
    }

    /// What came of a send must be written down; while the store cannot, it is
    /// kept here and tried again. A crash meanwhile leaves it unknown.
    async fn settle(&self, claimed: &Claimed, settlement: Settlement) {
        let mut said = false;
        loop {
            let (request, now) = (claimed.request.as_deref(), (self.clock)());
            match self.store.settle(claimed.attempt, settlement.clone(), now).await {
                Ok(Settled::Moved { paused: true }) => {
                    self.observer.paused(now, &claimed.connection, &settlement.outcome.reason);
                    tracing::error!(
                        request, connection = %claimed.connection, reason = %settlement.outcome.reason,
                        "connection paused: nothing is lost and nothing is sent until it is mended; then restart, if its \
                         token changed, or: gancho resume --connection {}", claimed.connection
                    );
                    return;
                }
                Ok(Settled::Moved { paused: false }) => return,
                Ok(Settled::LeaseLost) => {
                    tracing::warn!(request, delivery = %claimed.delivery, "this attempt was settled by another");
                    return;
                }
                Err(StoreError::Closed) => return,
                Err(error) => {
                    if !std::mem::replace(&mut said, true) {
                        tracing::error!(
                            request, delivery = %claimed.delivery,
                            "what came of a send cannot be stored yet, and is tried again: {error}"
                        );
                    }
                    tokio::time::sleep(SETTLE_AGAIN).await;
                }
            }
        }
    }
}

/// A delivery that was planned for a connection that is gone.
fn not_configured() -> (Outcome, Settlement) {
    let reason = "this connection is not in the configuration any more";
    let outcome = Outcome::new(Verdict::NotSent, Next::Pause, reason);
    let answer: Answer =
        Err(crate::delivery::Fault { sent: crate::delivery::Sent::No, message: outcome.reason.clone() });
    (outcome.clone(), Settlement::new(outcome, &answer))
}

fn tell(claimed: &Claimed, outcome: &Outcome) {
    let (event, delivery) = (claimed.event, claimed.delivery);
    let (connection, attempt) = (&claimed.connection, claimed.attempt_number);
    let request = claimed.request.as_deref();
    let reason = &outcome.reason;
    match outcome.next {
        Next::Delivered => tracing::info!(request, %event, %delivery, %connection, attempt, "delivered"),
        Next::Retry { at, .. } => {
            tracing::warn!(request, %event, %delivery, %connection, attempt, %at, "not sent, will try again: {reason}");
        }
        Next::Hold { .. } => {
            tracing::warn!(request, %event, %delivery, %connection, attempt, "held: {reason}")
        }
        Next::Bury => tracing::warn!(request, %event, %delivery, %connection, attempt, "dead: {reason}"),
        Next::Pause => tracing::warn!(request, %event, %delivery, %connection, attempt, "put back: {reason}"),
    }
}
