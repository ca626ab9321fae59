//! The signature doctor: what was looked for, what was found, what was signed,
//! and which step failed; and, where it failed, which usual mistake would
//! explain it.
//!
//! Lives here: the account of one check, and the trying of mistakes. It says
//! lengths and shapes, never a secret, and never a signature that would have
//! been right: whoever reads it could use one.

mod guesses;
mod steps;

use serde_json::{Value, json};

use super::check::Verifier;
use super::keys::DatedSecret;
use super::scheme::Scheme;
use crate::event::{RawWebhook, Timestamp};

pub use guesses::Others;

/// What became of one request, step by step.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Explanation {
    pub verified: bool,
    /// The refusal's code, or `verified`.
    pub code: String,
    pub steps: Vec<Step>,
    /// The mistake that would explain a refusal, and what to do.
    pub hint: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Step {
    pub ok: bool,
    pub text: String,
}

impl Explanation {
    pub fn to_json(&self) -> Value {
        let steps: Vec<Value> =
            self.steps.iter().map(|step| json!({ "ok": step.ok, "text": step.text })).collect();
        json!({ "verified": self.verified, "code": self.code, "steps": steps, "hint": self.hint })
    }
}

impl Verifier {
    /// Goes through the check of `raw` again, aloud. `others`: schemes and
    /// secrets that it may have been meant for.
    pub fn explain(&self, raw: &RawWebhook, now: Timestamp, others: &Others<'_>) -> Explanation {
        let outcome = self.check(raw, now);
        let mut steps = steps::of(self, raw, now);
        match &outcome {
            Ok(_) => steps.push(Step { ok: true, text: "the request is believed".to_owned() }),
            Err(refusal) => {
                let text = refusal.to_string();
                if steps.last().is_none_or(|last| last.text != text) {
                    steps.push(Step { ok: false, text });
                }
            }
        }
        Explanation {
            verified: outcome.is_ok(),
            code: outcome.as_ref().map_or_else(|refusal| refusal.code(), |_| "verified").to_owned(),
            steps,
            hint: outcome.err().and_then(|refusal| guesses::explain(self, raw, now, &refusal, others)),
        }
    }

    /// The same scheme, secrets and setting, some of them changed: for asking
    /// what would have been.
    fn changed(&self, scheme: Scheme, secrets: Vec<DatedSecret>) -> Option<Self> {
        Self::new(scheme, secrets, self.setting().clone()).ok()
    }
}

#[cfg(test)]
#[path = "tests.rs"]
mod tests;
