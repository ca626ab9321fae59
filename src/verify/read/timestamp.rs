//! `timestamp:`, where it is, how it is written and how far it may be from now.

use super::besides::required_locator;
use crate::diagnostic::{Diagnostic, Problems};
use crate::verify::scheme::{TimestampFrom, TimestampRule, TimestampUnit, Tolerance};
use crate::verify::signature::SignatureRule;
use crate::yaml::{Fields, Node};

/// Where nothing is said, both ways: what most senders' own libraries take.
const USUAL_SECS: i64 = 300;
const MOST_SECS: i64 = 86_400;

pub fn read_timestamp(
    node: &Node,
    signature: Option<&SignatureRule>,
    problems: &mut Problems,
) -> Option<TimestampRule> {
    let fields = Fields::open(node, "`timestamp`", &["from", "unit", "tolerance_secs"], problems)?;
    let units = [
        ("s", TimestampUnit::Secs),
        ("ms", TimestampUnit::Millis),
        ("rfc3339", TimestampUnit::Rfc3339),
        ("http-date", TimestampUnit::HttpDate),
    ];
    let unit = match fields.get("unit") {
        Some(_) => fields.word("unit", &units, problems)?,
        None => TimestampUnit::Secs,
    };
    let tolerance = read_tolerance(&fields, problems)?;
    let text = fields.required_text("from", &node.place, problems)?;
    let from = match text.strip_prefix("sig:") {
        Some(name) => {
            if signature.is_some_and(|rule| !rule.has_field(name)) {
                problems.push(
                    Diagnostic::error(
                        "missing-key",
                        &node.place,
                        say!("`sig:` needs a signature that is a list"),
                    )
                    .help(say!("add split: { item: \",\", pair: \"=\", take: v1 } to `signature`")),
                );
            }
            TimestampFrom::SignatureField(name.to_owned())
        }
        None => TimestampFrom::At(required_locator(&fields, "from", node, problems)?),
    };
    Some(TimestampRule { from, unit, tolerance })
}

/// One number for both sides, 0 for no limit; or `{ past, future }`, where a
/// side that is not named has none.
fn read_tolerance(fields: &Fields<'_>, problems: &mut Problems) -> Option<Tolerance> {
    let both = |secs: Option<i64>| Tolerance { past_secs: secs, future_secs: secs };
    let Some(node) = fields.get("tolerance_secs") else { return Some(both(Some(USUAL_SECS))) };
    if node.as_map().is_none() {
        let secs = fields.number("tolerance_secs", 0..=MOST_SECS, problems)?;
        return Some(both((secs != 0).then_some(secs)));
    }
    let sides = Fields::open(node, "`tolerance_secs`", &["past", "future"], problems)?;
    let mut side = |name| match sides.get(name) {
        Some(_) => sides.number(name, 0..=MOST_SECS, problems).map(Some),
        None => Some(None),
    };
    let (past, future) = (side("past"), side("future"));
    Some(Tolerance { past_secs: past?, future_secs: future? })
}
