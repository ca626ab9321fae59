//! How a connection sends, as data, and what a message says differently.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::state::words;

words! {
    /// What is done about an unknown outcome.
    OnUnknown {
        /// Keep it for a person to release or settle.
        Hold = "hold",
        /// Send again: the operator accepts that someone may be told twice.
        Resend = "resend",
    }
}

/// How one delivery is treated.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Policy {
    /// After so many attempts that reached Talqui, or may have, it is given up.
    /// One that did not get through to Talqui does not count.
    pub attempts: u32,
    /// The longest wait before the second attempt; each later one doubles.
    pub first_delay: Duration,
    pub max_delay: Duration,
    /// How much of a wait is chance, 0 to 100.
    pub jitter_percent: u8,
    /// The whole attempt, from the name lookup to the end of the reply.
    pub timeout: Duration,
    pub on_unknown: OnUnknown,
    /// Counted from when its event was received. None: it never goes stale.
    pub expires_after: Option<Duration>,
    /// Whether those behind it in its lane wait while it is held.
    pub lane_waits_for_held: bool,
}

impl Default for Policy {
    fn default() -> Self {
        Self {
            attempts: 20,
            first_delay: Duration::from_secs(2),
            max_delay: Duration::from_secs(300),
            jitter_percent: 50,
            timeout: Duration::from_secs(30),
            on_unknown: OnUnknown::Hold,
            expires_after: None,
            lane_waits_for_held: false,
        }
    }
}

/// What one message, or one connection, says itself; the rest stays as it was.
/// Kept with each delivery as JSON, so that a later change of a file does not
/// reach what was planned before.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct PolicyChange {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub attempts: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub first_delay_secs: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max_delay_secs: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub jitter_percent: Option<u8>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub timeout_secs: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub resends_unknown: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub expires_after_secs: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub lane_waits_for_held: Option<bool>,
}

impl PolicyChange {
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// `to`, with what is said here.
    pub fn over(&self, to: &Policy) -> Policy {
        let secs =
            |said: Option<u32>, else_: Duration| said.map_or(else_, |secs| Duration::from_secs(secs.into()));
        Policy {
            attempts: self.attempts.unwrap_or(to.attempts),
            first_delay: secs(self.first_delay_secs, to.first_delay),
            max_delay: secs(self.max_delay_secs, to.max_delay),
            jitter_percent: self.jitter_percent.unwrap_or(to.jitter_percent),
            timeout: secs(self.timeout_secs, to.timeout),
            on_unknown: match self.resends_unknown {
                Some(true) => OnUnknown::Resend,
                Some(false) => OnUnknown::Hold,
                None => to.on_unknown,
            },
            expires_after: self
                .expires_after_secs
                .map(|secs| Duration::from_secs(secs.into()))
                .or(to.expires_after),
            lane_waits_for_held: self.lane_waits_for_held.unwrap_or(to.lane_waits_for_held),
        }
    }
}
