//! From an answer to an outcome: the one place where it is decided whether a
//! message may be sent again.

use std::time::Duration;

use super::state::words;
use super::{Answer, Reply, Sent};
use crate::event::Timestamp;

words! {
    /// What is known of the person after an attempt.
    Verdict {
        /// A success was read: the message is with Talqui.
        Delivered = "delivered",
        /// The message did not leave, or was refused: the person has nothing.
        NotSent = "not_sent",
        /// The person may have it.
        Unknown = "unknown",
    }
}

words! {
    /// What a connection does with an unknown outcome.
    OnUnknown {
        /// Keep it for a person to release or settle.
        Hold = "hold",
        /// Send again: the operator accepts that someone may be told twice.
        Resend = "resend",
    }
}

/// How a connection retries.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Policy {
    /// The longest wait before the second attempt; each later one doubles.
    pub first_delay: Duration,
    pub max_delay: Duration,
    pub on_unknown: OnUnknown,
}

impl Default for Policy {
    fn default() -> Self {
        Self {
            first_delay: Duration::from_secs(2),
            max_delay: Duration::from_secs(300),
            on_unknown: OnUnknown::Hold,
        }
    }
}

/// What becomes of the delivery.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Next {
    Delivered,
    /// Pending again, due at that time.
    Retry {
        at: Timestamp,
    },
    Hold,
    /// Never to be sent: this message is wrong.
    Bury,
    /// Pending again, and its connection stops: every message would fail alike.
    Pause,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outcome {
    pub verdict: Verdict,
    pub next: Next,
    /// One sentence for the operator.
    pub reason: String,
}

/// Decides. `attempt` counts from 1; `chance` is in 0.0..1.0 and spreads
/// retries ("full jitter"). `Retry-After` can only postpone.
pub fn decide(answer: &Answer, attempt: u32, policy: &Policy, now: Timestamp, chance: f64) -> Outcome {
    let again = || Next::Retry { at: now.plus(backoff(attempt, policy, chance)) };
    match answer {
        Ok(reply) => decide_reply(reply, policy, now, again),
        Err(fault) if fault.sent == Sent::No => {
            Outcome { verdict: Verdict::NotSent, next: again(), reason: fault.message.clone() }
        }
        Err(fault) => unknown(&fault.message, policy, again),
    }
}

fn decide_reply(reply: &Reply, policy: &Policy, now: Timestamp, again: impl Fn() -> Next) -> Outcome {
    let status = reply.status;
    let outcome =
        |verdict, next, reason: &str| Outcome { verdict, next, reason: format!("{status}: {reason}") };
    match status {
        200..=299 => outcome(Verdict::Delivered, Next::Delivered, "accepted by Talqui"),
        429 => {
            let at = match again() {
                Next::Retry { at } => at,
                _ => now,
            };
            let at = reply.retry_after.map_or(at, |wait| at.max(now.plus(wait)));
            outcome(Verdict::NotSent, Next::Retry { at }, "Talqui asked to slow down")
        }
        401 | 403 => {
            outcome(Verdict::NotSent, Next::Pause, "Talqui refused the credential of this connection")
        }
        300..=399 | 404 | 405 => outcome(
            Verdict::NotSent,
            Next::Pause,
            "Talqui does not know this address: check talqui.base_url and the connection's tenant_id",
        ),
        408 | 500..=599 => {
            unknown(&format!("{status}: Talqui failed after it had the request"), policy, again)
        }
        400..=499 => outcome(Verdict::NotSent, Next::Bury, "Talqui refused this message"),
        _ => unknown(&format!("{status}: not a status that says anything"), policy, again),
    }
}

fn unknown(what: &str, policy: &Policy, again: impl Fn() -> Next) -> Outcome {
    let next = match policy.on_unknown {
        OnUnknown::Hold => Next::Hold,
        OnUnknown::Resend => again(),
    };
    Outcome { verdict: Verdict::Unknown, next, reason: format!("{what}; the person may have the message") }
}

/// Full jitter between half and the whole of a doubling delay.
fn backoff(attempt: u32, policy: &Policy, chance: f64) -> Duration {
    let doubled =
        policy.first_delay.saturating_mul(1u32.checked_shl(attempt.saturating_sub(1)).unwrap_or(u32::MAX));
    let most = doubled.min(policy.max_delay);
    most.mul_f64(0.5 + 0.5 * chance.clamp(0.0, 1.0))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::delivery::Fault;
    use proptest::prelude::*;

    const NOW: Timestamp = Timestamp::from_secs(1_772_452_800);

    fn reply(status: u16) -> Answer {
        Ok(Reply { status, retry_after: None, session_id: None, excerpt: String::new() })
    }

    fn fault(sent: Sent) -> Answer {
        Err(Fault { sent, message: "reset".into() })
    }

    fn after(answer: &Answer) -> (Verdict, Next) {
        let outcome = decide(answer, 1, &Policy::default(), NOW, 1.0);
        (outcome.verdict, outcome.next)
    }

    const SOON: Next = Next::Retry { at: Timestamp::from_secs(1_772_452_802) };

    #[test]
    fn statuses_mean_what_they_say() {
        use Next::*;
        use Verdict::{Delivered as Yes, NotSent, Unknown};
        for (status, verdict, next) in [
            (200, Yes, Delivered),
            (201, Yes, Delivered),
            (202, Yes, Delivered),
            (302, NotSent, Pause),
            (400, NotSent, Bury),
            (401, NotSent, Pause),
            (403, NotSent, Pause),
            (404, NotSent, Pause),
            (408, Unknown, Hold),
            (422, NotSent, Bury),
            (429, NotSent, SOON),
            (500, Unknown, Hold),
            (503, Unknown, Hold),
            (600, Unknown, Hold),
        ] {
            assert_eq!(after(&reply(status)), (verdict, next), "{status}");
        }
    }

    #[test]
    fn a_fault_is_retried_only_if_nothing_left() {
        assert_eq!(after(&fault(Sent::No)), (Verdict::NotSent, SOON));
        assert_eq!(after(&fault(Sent::Maybe)), (Verdict::Unknown, Next::Hold));
    }

    #[test]
    fn unknown_is_sent_again_only_where_the_connection_says_so() {
        let policy = Policy { on_unknown: OnUnknown::Resend, ..Policy::default() };
        let outcome = decide(&fault(Sent::Maybe), 1, &policy, NOW, 1.0);
        assert_eq!((outcome.verdict, outcome.next), (Verdict::Unknown, SOON));
    }

    proptest! {
        /// No unknown outcome is repeated under `hold`, whatever came back.
        #[test]
        fn unknown_is_never_resent_under_hold(status in 0u16..1000, faulted: bool, attempt in 1u32..1000, chance in 0.0..1.0f64) {
            let answer = if faulted { fault(Sent::Maybe) } else { reply(status) };
            let outcome = decide(&answer, attempt, &Policy::default(), NOW, chance);
            if outcome.verdict == Verdict::Unknown {
                prop_assert_eq!(outcome.next, Next::Hold);
            }
            prop_assert_eq!(outcome.verdict == Verdict::Delivered, !faulted && (200..300).contains(&status));
        }

        /// `Retry-After` is obeyed in full and can only postpone.
        #[test]
        fn retry_after_only_postpones(secs in 0u64..100_000, attempt in 1u32..64, chance in 0.0..1.0f64) {
            let asked = Ok(Reply { retry_after: Some(Duration::from_secs(secs)), ..reply(429).unwrap() });
            let policy = Policy::default();
            let at = |answer: &Answer| match decide(answer, attempt, &policy, NOW, chance).next {
                Next::Retry { at } => at,
                other => panic!("{other:?}"),
            };
            prop_assert!(at(&asked) >= NOW.plus(Duration::from_secs(secs)));
            prop_assert!(at(&asked) >= at(&reply(429)));
        }

        /// A retry is never at once and never later than the longest delay.
        #[test]
        fn backoff_is_bounded(attempt in 1u32..10_000, chance in 0.0..1.0f64) {
            let policy = Policy::default();
            let wait = backoff(attempt, &policy, chance);
            prop_assert!(wait >= policy.first_delay / 2 && wait <= policy.max_delay);
        }
    }
}
