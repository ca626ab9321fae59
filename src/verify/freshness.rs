//! How old a signed timestamp is, and whether that is too old.

use super::Refusal;
use super::scheme::{TimestampRule, TimestampUnit, Tolerance};
use crate::event::Timestamp;

pub fn check_freshness(rule: &TimestampRule, text: &str, now: Timestamp) -> Result<(), Refusal> {
    let millis = rule.unit.millis(text).ok_or(Refusal::TimestampMalformed)?;
    let Tolerance { past_secs, future_secs } = rule.tolerance;
    let secs = now.as_millis().saturating_sub(millis) / 1000;
    match (past_secs, future_secs) {
        (Some(most), _) if secs > most => Err(Refusal::TimestampTooOld { secs, tolerance_secs: most }),
        (_, Some(most)) if secs < -most => {
            Err(Refusal::TimestampInFuture { secs: -secs, tolerance_secs: most })
        }
        _ => Ok(()),
    }
}

impl TimestampUnit {
    /// Milliseconds since 1970. None: this is no such timestamp.
    pub fn millis(self, text: &str) -> Option<i64> {
        match self {
            Self::Secs => text.parse::<i64>().ok()?.checked_mul(1000),
            Self::Millis => text.parse().ok(),
            Self::Rfc3339 => text.parse::<jiff::Timestamp>().ok().map(jiff::Timestamp::as_millisecond),
            Self::HttpDate => {
                let zoned = jiff::fmt::rfc2822::parse(text).ok()?;
                Some(zoned.timestamp().as_millisecond())
            }
        }
    }

    /// A moment as this sender writes it.
    pub fn write(self, moment: Timestamp) -> String {
        match self {
            Self::Secs => moment.as_millis().div_euclid(1000).to_string(),
            Self::Millis => moment.as_millis().to_string(),
            Self::Rfc3339 => moment.to_string(),
            Self::HttpDate => jiff::Timestamp::from_millisecond(moment.as_millis())
                .map(|moment| moment.strftime("%a, %d %b %Y %H:%M:%S GMT").to_string())
                .unwrap_or_default(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::payload::Locator;
    use crate::verify::scheme::TimestampFrom;
    use proptest::prelude::*;

    const ALL: [TimestampUnit; 4] =
        [TimestampUnit::Secs, TimestampUnit::Millis, TimestampUnit::Rfc3339, TimestampUnit::HttpDate];

    fn code(
        unit: TimestampUnit,
        past: Option<i64>,
        future: Option<i64>,
        text: &str,
        now_secs: i64,
    ) -> &'static str {
        let rule = TimestampRule {
            from: TimestampFrom::At(Locator::parse("header:t").unwrap()),
            unit,
            tolerance: Tolerance { past_secs: past, future_secs: future },
        };
        check_freshness(&rule, text, Timestamp::from_secs(now_secs)).map_or_else(|r| r.code(), |()| "fresh")
    }

    #[test]
    fn both_sides_have_their_own_limit() {
        let secs = TimestampUnit::Secs;
        for (past, future, now, expected) in [
            (Some(300), Some(60), 1_300, "fresh"),
            (Some(300), Some(60), 1_301, "timestamp-too-old"),
            (Some(300), Some(60), 940, "fresh"),
            (Some(300), Some(60), 939, "timestamp-in-future"),
            (Some(300), None, 0, "fresh"),
            (None, Some(60), 90_000, "fresh"),
        ] {
            assert_eq!(code(secs, past, future, "1000", now), expected, "{past:?} {future:?} {now}");
        }
    }

    #[test]
    fn every_way_of_writing_a_moment_is_read() {
        for (unit, text) in [
            (TimestampUnit::Secs, "1772452800"),
            (TimestampUnit::Millis, "1772452800000"),
            (TimestampUnit::Rfc3339, "2026-03-02T09:00:00.123456789-03:00"),
            (TimestampUnit::HttpDate, "Mon, 02 Mar 2026 12:00:00 GMT"),
        ] {
            assert_eq!(code(unit, Some(0), Some(0), text, 1_772_452_800), "fresh", "{text}");
            assert_eq!(code(unit, Some(0), Some(0), "", 0), "timestamp-malformed");
            assert_eq!(code(unit, Some(0), Some(0), "amanhã", 0), "timestamp-malformed");
        }
    }

    proptest! {
        #[test]
        fn what_is_written_is_read_again(secs in 0_i64..4_000_000_000) {
            for unit in ALL {
                let moment = Timestamp::from_secs(secs);
                prop_assert_eq!(unit.millis(&unit.write(moment)), Some(moment.as_millis()));
            }
        }

        #[test]
        fn no_text_panics(text in "\\PC{0,40}", digits in "-?[0-9]{1,25}", now in any::<i64>()) {
            for unit in ALL {
                code(unit, Some(0), Some(0), &text, now);
                code(unit, Some(0), Some(0), &digits, now);
            }
        }
    }
}
