//! The keys that say how a message is sent, on a message or on a connection.

use crate::delivery::{OnUnknown, PolicyChange};
use crate::diagnostic::{Diagnostic, Problems};
use crate::yaml::{Data, Fields};

/// Of the keys of a message or of a connection, those that are read here.
pub const POLICY_KEYS: [&str; 6] =
    ["attempts", "backoff", "timeout_secs", "on_unknown", "expires_after", "lane_waits_for_held"];

/// More would outlive every retention.
const MOST_EXPIRY_SECS: u64 = 366 * 86_400;

/// None: one of them has a mistake.
pub fn read_policy(fields: &Fields<'_>, problems: &mut Problems) -> Option<PolicyChange> {
    let before = problems.errors();
    let mut policy = PolicyChange {
        attempts: fields.number("attempts", 1..=1_000, problems).map(|n| n as u32),
        timeout_secs: fields.number("timeout_secs", 1..=300, problems).map(|secs| secs as u32),
        resends_unknown: read_on_unknown(fields, problems),
        expires_after_secs: read_expiry(fields, problems),
        lane_waits_for_held: fields.bool("lane_waits_for_held", problems),
        ..PolicyChange::default()
    };
    if let Some(node) = fields.get("backoff")
        && let Some(inner) =
            Fields::open(node, "`backoff`", &["first_secs", "max_secs", "jitter_percent"], problems)
    {
        policy.first_delay_secs = inner.number("first_secs", 1..=3_600, problems).map(|secs| secs as u32);
        policy.max_delay_secs = inner.number("max_secs", 1..=86_400, problems).map(|secs| secs as u32);
        policy.jitter_percent = inner.number("jitter_percent", 0..=100, problems).map(|n| n as u8);
    }
    (problems.errors() == before).then_some(policy)
}

fn read_on_unknown(fields: &Fields<'_>, problems: &mut Problems) -> Option<bool> {
    fields.get("on_unknown")?;
    let words = [("hold", OnUnknown::Hold), ("resend", OnUnknown::Resend)];
    fields.word("on_unknown", &words, problems).map(|said| said == OnUnknown::Resend)
}

/// `90s`, `30min`, `2h` or `3d`.
fn read_expiry(fields: &Fields<'_>, problems: &mut Problems) -> Option<u32> {
    let node = fields.get("expires_after")?;
    let text = match &node.data {
        Data::Int(_) => None,
        _ => node.as_text(),
    };
    let secs = text.and_then(duration_secs).filter(|secs| (1..=MOST_EXPIRY_SECS).contains(secs));
    if secs.is_none() {
        problems.push(
            Diagnostic::error("wrong-type", &node.place, say!("`expires_after` is a time of up to 366 days"))
                .help(say!("write it with its unit: 90s, 30min, 2h or 3d")),
        );
    }
    secs.map(|secs| secs as u32)
}

/// A number and its unit.
fn duration_secs(text: &str) -> Option<u64> {
    let text = text.trim();
    let digits = text.find(|c: char| !c.is_ascii_digit())?;
    let unit = match text[digits..].trim_start() {
        "s" => 1,
        "min" => 60,
        "h" => 3_600,
        "d" => 86_400,
        _ => return None,
    };
    text[..digits].parse::<u64>().ok()?.checked_mul(unit)
}

#[cfg(test)]
mod tests {
    use super::duration_secs;

    #[test]
    fn a_time_has_its_unit() {
        for (text, secs) in [("90s", 90), ("30min", 1_800), ("2h", 7_200), ("3 d", 259_200)] {
            assert_eq!(duration_secs(text), Some(secs), "{text}");
        }
        for text in ["", "2", "h", "-1h", "2m", "1.5h", "99999999999999999999d", "2h30min"] {
            assert_eq!(duration_secs(text), None, "{text}");
        }
    }
}
