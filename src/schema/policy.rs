//! The keys that say how a message is sent, of a message and of a connection.

use std::ops::RangeInclusive;

use serde_json::json;

use super::build::Schema;
use crate::delivery::{OnUnknown, Pace, Policy};

/// `defaults`: of a message they are its connection's, which are not known here.
fn whole(
    range: RangeInclusive<i64>,
    says: &str,
    defaults: Option<&Policy>,
    default: fn(&Policy) -> u64,
) -> Schema {
    let schema = Schema::whole(range).says(says);
    match defaults {
        Some(policy) => schema.unless_said(default(policy)),
        None => schema,
    }
}

/// What `keys` refers to.
pub fn backoff(defaults: Option<&Policy>) -> (&'static str, Schema) {
    let first = "The wait before the second attempt; each later one doubles.";
    let first = whole(1..=3_600, first, defaults, |policy| policy.first_delay.as_secs());
    let longest = whole(1..=86_400, "No wait is longer.", defaults, |policy| policy.max_delay.as_secs());
    let jitter = "How much of a wait is chance, so that not all come at once.";
    let jitter = whole(0..=100, jitter, defaults, |policy| policy.jitter_percent.into());
    let keys = [("first_secs", first), ("max_secs", longest), ("jitter_percent", jitter)];
    ("backoff", Schema::map("backoff", keys).says("How long it waits between attempts."))
}

pub fn keys(defaults: Option<&Policy>) -> Vec<(&'static str, Schema)> {
    let attempts = "So many attempts that reached Talqui, or may have; then it is given up, or held where it \
                    may have arrived. One that did not get through to Talqui does not count.";
    let attempts = whole(1..=1_000, attempts, defaults, |policy| policy.attempts.into());
    let timeout =
        "Seconds for one attempt. One that ends by this has an unknown outcome, so it is not too short.";
    let timeout = whole(1..=300, timeout, defaults, |policy| policy.timeout.as_secs());
    let unknown = OnUnknown::ALL.iter().map(|word| (word.as_str(), on_unknown(*word)));
    let unknown =
        Schema::words(unknown).says("What becomes of a message of which nobody knows whether it went out");
    let expires = Schema::text()
        .says("After so long from when its event came it is not sent any more, and shown as expired.")
        .shaped(r"^\s*\d+\s*(s|min|h|d)\s*$", "a number and its unit: 90s, 30min, 2h or 3d")
        .such_as("2h");
    let lane = Schema::flag().says(
        "Whether later messages to the same person wait while one is held for you to decide. Otherwise they go on.",
    );
    vec![
        ("attempts", attempts),
        ("backoff", Schema::refer("backoff")),
        ("timeout_secs", timeout),
        (
            "on_unknown",
            match defaults {
                Some(policy) => unknown.unless_said(policy.on_unknown.as_str()),
                None => unknown,
            },
        ),
        ("expires_after", expires),
        (
            "lane_waits_for_held",
            match defaults {
                Some(policy) => lane.unless_said(policy.lane_waits_for_held),
                None => lane,
            },
        ),
    ]
}

/// Those of a connection alone.
pub fn of_a_connection() -> Vec<(&'static str, Schema)> {
    let pace = Pace::default();
    let places = Schema::whole(1..=256).says("So many requests at a time.").unless_said(pace.max_in_flight);
    let rate = Schema::map(
        "rate_limit",
        [
            ("per_second", Schema::whole(1..=10_000).says("At most so many messages in any second.")),
            ("per_minute", Schema::whole(1..=100_000).says("At most so many messages in any minute.")),
        ],
    )
    .says("Messages wait their turn; nothing is refused.")
    .such_as(json!({ "per_second": 10 }));
    let probe = |says: &str, default: std::time::Duration, most| {
        Schema::whole(1..=most).says(says).unless_said(default.as_secs())
    };
    let breaker = Schema::map(
        "breaker",
        [
            (
                "failures",
                Schema::whole(1..=1_000)
                    .says("So many failures in a row stop the connection for a while.")
                    .unless_said(pace.breaker_failures),
            ),
            ("first_probe_secs", probe("Then one message is tried after so long.", pace.first_probe, 3_600)),
            (
                "max_probe_secs",
                probe("The wait doubles after each that fails, up to this.", pace.max_probe, 86_400),
            ),
        ],
    )
    .says("What is done while Talqui is not reached or fails.");
    vec![("max_in_flight", places), ("rate_limit", rate), ("breaker", breaker)]
}

fn on_unknown(word: OnUnknown) -> &'static str {
    match word {
        OnUnknown::Hold => "It is kept for you to decide.",
        OnUnknown::Resend => "It is sent again, and someone may be told twice.",
    }
}
