//! `as: date`: a moment in a time zone, from ISO 8601, a count since 1970 or a
//! pattern. What a rule says is checked when the mapping loads; the value is
//! read strictly. Never here: the present, or how a date is shown to a person
//! (see `mapping::text`).

mod format;
mod pattern;

use jiff::civil::DateTime;
use jiff::tz::{self, TimeZone};
use jiff::{Timestamp, Zoned};
use serde_json::Value;

use super::ConvertError;
use super::error::quote;
use super::scalar::number_text;

pub use format::DateFormat;
pub use pattern::DatePattern;
pub(in crate::mapping) use pattern::{Form, Part, Piece};

/// The zone of a date that does not say its own, and the one in which every
/// date is shown, unless the mapping names another.
pub const DEFAULT_ZONE: &str = "America/Sao_Paulo";

/// How one field's dates are read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DateRule {
    format: Option<DateFormat>,
    zone: TimeZone,
}

impl DateRule {
    pub fn new(format: Option<DateFormat>, zone: TimeZone) -> Self {
        Self { format, zone }
    }

    /// The rule of a `format` and a `timezone` as a mapping writes them.
    pub fn parse(format: Option<&str>, timezone: Option<&str>) -> Result<Self, ConvertError> {
        let format = format.map(DateFormat::parse).transpose()?;
        Ok(Self::new(format, time_zone(timezone.unwrap_or(DEFAULT_ZONE))?))
    }

    /// The moment, in the rule's zone. A date without a time is its midnight (or
    /// the first moment after, where summer time skips midnight).
    pub fn date(&self, value: &Value) -> Result<Zoned, ConvertError> {
        let text = match value {
            Value::String(text) if !text.trim().is_empty() => text.trim().to_owned(),
            Value::Number(number) => number_text(number),
            other => return Err(ConvertError::expected(say!("a date"), other)),
        };
        match &self.format {
            None => self.iso(&text),
            Some(DateFormat::EpochSecs) => self.epoch(&text, Timestamp::from_second),
            Some(DateFormat::EpochMillis) => self.epoch(&text, Timestamp::from_millisecond),
            Some(DateFormat::Pattern(pattern)) => self.local(format::read(pattern, &text)?, &text),
        }
    }

    /// RFC 3339 and its relatives, with an offset or in the rule's zone.
    fn iso(&self, text: &str) -> Result<Zoned, ConvertError> {
        // ISO 8601 allows `20260302`, but bare digits are as often an epoch.
        if text.bytes().all(|b| b.is_ascii_digit() || b == b'.') {
            return Err(not_iso(text).with_help(say!(
                "a count since 1970 needs `format: epoch_secs` or `epoch_ms`, bare digits `format: yyyyMMdd`"
            )));
        }
        let refused = || {
            not_iso(text).with_help(say!(
                "that is `2026-03-02T14:05:00-03:00`; any other needs a `format:`, such as `dd/MM/yyyy`"
            ))
        };
        // `…[America/Manaus]`: a local time would be read without its zone.
        if text.contains('[') {
            let there: Zoned = text.parse().map_err(|_| refused())?;
            return Ok(there.with_time_zone(self.zone.clone()));
        }
        match text.parse::<Timestamp>() {
            Ok(moment) => Ok(moment.to_zoned(self.zone.clone())),
            Err(_) => self.local(text.parse().map_err(|_| refused())?, text),
        }
    }

    /// Whole seconds or milliseconds; a fraction of one is dropped.
    fn epoch(
        &self,
        text: &str,
        moment: impl Fn(i64) -> Result<Timestamp, jiff::Error>,
    ) -> Result<Zoned, ConvertError> {
        let (whole, fraction) = text.split_once('.').unwrap_or((text, "0"));
        let count = whole.parse::<i64>().ok().filter(|_| fraction.bytes().all(|b| b.is_ascii_digit()));
        let Some(count) = count else {
            return Err(ConvertError::new(say!("{} is not a count since 1970", quote(text))));
        };
        match moment(count) {
            Ok(moment) => Ok(moment.to_zoned(self.zone.clone())),
            Err(_) => Err(ConvertError::new(say!("{} is more than 7000 years away", quote(text)))
                .with_help(say!("if it counts milliseconds, use `format: epoch_ms`"))),
        }
    }

    /// A local time in the rule's zone. Where summer time makes it happen twice,
    /// it is the first; where it skips it, it is as much later.
    fn local(&self, local: DateTime, text: &str) -> Result<Zoned, ConvertError> {
        local.to_zoned(self.zone.clone()).map_err(|_| no_such_date(text))
    }
}

/// A zone of the IANA database, by its name.
pub fn time_zone(name: &str) -> Result<TimeZone, ConvertError> {
    TimeZone::get(name).map_err(|_| {
        let near = |known: &tz::TimeZoneName| strsim::jaro_winkler(known.as_str(), name);
        let best =
            tz::db().available().max_by(|a, b| near(a).total_cmp(&near(b))).filter(|best| near(best) > 0.9);
        let refused = ConvertError::new(say!("{} is not a time zone", quote(name)));
        match best {
            Some(best) => refused.with_help(say!("did you mean `{}`?", best)),
            None => refused.with_help(say!("time zones are named after places, such as `{}`", DEFAULT_ZONE)),
        }
    })
}

fn not_iso(text: &str) -> ConvertError {
    ConvertError::new(say!("{} is not a date in ISO 8601", quote(text)))
}

fn no_such_date(text: &str) -> ConvertError {
    ConvertError::new(say!("{} is a day or a time that does not exist", quote(text)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use serde_json::json;

    fn read_with(format: Option<&str>, value: Value) -> Result<String, String> {
        let rule = DateRule::parse(format, None).unwrap();
        rule.date(&value).map(|date| date.to_string()).map_err(|error| error.message.english())
    }

    fn check(format: Option<&str>, value: Value, expected: Result<&str, &str>) {
        let expected = expected.map(|local| format!("{local}[America/Sao_Paulo]")).map_err(str::to_owned);
        assert_eq!(read_with(format, value.clone()), expected, "{value} as {format:?}");
    }

    #[test]
    fn iso_8601_is_the_default() {
        const MOMENT: &str = "2026-03-02T14:05:00-03:00";
        for text in [
            "2026-03-02T17:05:00Z",
            "2026-03-02T17:05:00.000Z",
            "2026-03-02T14:05:00-03:00",
            "2026-03-02T14:05:00-0300",
            "2026-03-02T18:05+01:00",
            " 2026-03-02 14:05:00 ",
            "2026-03-02T14:05",
            "2026-03-02t14:05:00-03",
            "2026-03-02T14:05:00-03:00[America/Sao_Paulo]",
            "2026-03-02T13:05:00[America/Manaus]",
        ] {
            check(None, json!(text), Ok(MOMENT));
        }
        check(None, json!("2026-03-02"), Ok("2026-03-02T00:00:00-03:00"));
        check(None, json!("2026-03-02T14:05:00.123456Z"), Ok("2026-03-02T11:05:00.123456-03:00"));
        // Summer time began at this midnight, so the day began at one.
        check(None, json!("2018-11-04"), Ok("2018-11-04T01:00:00-02:00"));
        // It ended at this one, so the last hour of the day before came twice.
        check(None, json!("2019-02-16 23:30:00"), Ok("2019-02-16T23:30:00-02:00"));
    }

    #[test]
    fn what_is_not_iso_8601_is_refused() {
        for value in [
            json!("02/03/2026"),
            json!("2026-02-30"),
            json!("0000-00-00 00:00:00"),
            json!("2026-03-02T25:00"),
            json!("20260302"),
            json!("1772471100"),
            json!(1772471100),
            json!(1772471100.5),
            json!("amanhã"),
            json!("2026-03-02T14:05:00-99:00"),
            json!("2026-03-02T14:05:00[Nowhere/Here]"),
        ] {
            let found = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
            check(None, value, Err(&format!("`{found}` is not a date in ISO 8601")));
        }
        check(None, json!(""), Err("expected a date and found an empty text"));
        check(None, json!(null), Err("expected a date and found null"));
    }

    #[test]
    fn counts_since_1970_and_patterns() {
        const MOMENT: &str = "2026-03-02T14:05:00-03:00";
        for (format, value, expected) in [
            ("epoch_secs", json!(1_772_471_100), Ok(MOMENT)),
            ("epoch_secs", json!("1772471100"), Ok(MOMENT)),
            ("epoch_secs", json!(1_772_471_100.75), Ok(MOMENT)),
            ("epoch_ms", json!(1_772_471_100_000u64), Ok(MOMENT)),
            ("epoch_ms", json!("1772471100000"), Ok(MOMENT)),
            ("epoch_secs", json!(0), Ok("1969-12-31T21:00:00-03:00")),
            ("epoch_secs", json!(-1), Ok("1969-12-31T20:59:59-03:00")),
            ("epoch_secs", json!(1_772_471_100_000u64), Err("`1772471100000` is more than 7000 years away")),
            ("yyyyMMdd HH", json!("20260302 14"), Ok("2026-03-02T14:00:00-03:00")),
            ("yyyyMMdd", json!(20260302), Ok("2026-03-02T00:00:00-03:00")),
            ("epoch_secs", json!("2026-03-02"), Err("`2026-03-02` is not a count since 1970")),
            ("epoch_ms", json!("1.x"), Err("`1.x` is not a count since 1970")),
        ] {
            check(Some(format), value, expected);
        }
    }

    #[test]
    fn zones_are_checked_by_name() {
        for (name, message, help) in [
            (
                "America/SaoPaulo",
                "`America/SaoPaulo` is not a time zone",
                "did you mean `America/Sao_Paulo`?",
            ),
            (
                "Brasília",
                "`Brasília` is not a time zone",
                "time zones are named after places, such as `America/Sao_Paulo`",
            ),
        ] {
            let refused = DateRule::parse(None, Some(name)).unwrap_err();
            assert_eq!(refused.message.english(), message);
            assert_eq!(refused.help.unwrap().english(), help);
        }
    }

    #[test]
    fn a_rule_may_name_another_zone() {
        let rule = DateRule::parse(None, Some("America/Manaus")).unwrap();
        let local = rule.date(&json!("2026-03-02 14:05:00")).unwrap();
        let moment = rule.date(&json!("2026-03-02T18:05:00Z")).unwrap();
        assert_eq!((local.to_string(), local.timestamp()), (moment.to_string(), moment.timestamp()));
    }

    proptest! {
        /// A day is the same day in every way of writing it.
        #[test]
        fn every_way_of_writing_agrees(day in 1u8..=28, month in 1u8..=12, year in 1970u16..2069) {
            let iso = read_with(None, json!(format!("{year}-{month:02}-{day:02}")));
            let brazilian = read_with(Some("dd/MM/yyyy"), json!(format!("{day:02}/{month:02}/{year}")));
            let short = read_with(Some("d/M/yy"), json!(format!("{day}/{month}/{:02}", year % 100)));
            prop_assert_eq!(&iso, &brazilian);
            prop_assert_eq!(&iso, &short);
            prop_assert!(iso.is_ok());
        }

        #[test]
        fn any_value_is_read_or_refused(text: String, near in "[-0-9TZ:./+ ]{0,24}", number: f64) {
            for format in [None, Some("epoch_secs"), Some("epoch_ms"), Some("d/M/yyyy H:mm")] {
                for value in [json!(text), json!(near), json!(number)] {
                    let _ = read_with(format, value);
                }
            }
        }
    }
}
