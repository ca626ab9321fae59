//! Moments as people say and read them: `2h` for two hours ago, and the time of
//! their own clock.

use jiff::tz::TimeZone;

use crate::app;
use crate::event::Timestamp;

const UNITS: [(char, i64); 5] = [('s', 1), ('m', 60), ('h', 3_600), ('d', 86_400), ('w', 604_800)];

/// For `--since` and `--until`.
pub fn parse(text: &str) -> Result<Timestamp, String> {
    read(text, app::system_clock()(), &TimeZone::system())
}

fn read(text: &str, now: Timestamp, zone: &TimeZone) -> Result<Timestamp, String> {
    if let Ok(moment) = text.parse() {
        return Ok(moment);
    }
    for (unit, secs) in UNITS {
        let count = text.strip_suffix(unit).and_then(|digits| digits.parse::<u32>().ok());
        if let Some(count) = count {
            let millis = i64::from(count).saturating_mul(secs * 1_000);
            return Ok(Timestamp::from_millis(now.as_millis().saturating_sub(millis)));
        }
    }
    let of_day = |date: jiff::civil::Date| date.to_zoned(zone.clone()).ok();
    match text.parse().ok().and_then(of_day) {
        Some(day) => Ok(Timestamp::from_millis(day.timestamp().as_millisecond())),
        None => Err("write 30m, 2h or 3d for so long ago, a day such as 2026-03-02, or a moment such as \
                     2026-03-02T12:00:00Z"
            .to_owned()),
    }
}

/// `2026-03-02 12:00:03`, by the clock of this machine.
pub fn shown(rfc_3339: &str) -> String {
    match rfc_3339.parse::<jiff::Timestamp>() {
        Ok(moment) => moment.to_zoned(TimeZone::system()).strftime("%Y-%m-%d %H:%M:%S").to_string(),
        Err(_) => rfc_3339.to_owned(),
    }
}

/// Whether `later` is after `earlier`; both as the API writes them.
pub fn is_after(later: &str, earlier: &str) -> bool {
    later.parse::<Timestamp>().ok() > earlier.parse::<Timestamp>().ok()
}

/// `3 min`: from `then` to `now`.
pub fn between(then: &str, now: &str) -> String {
    let (Ok(then), Ok(now)) = (then.parse::<Timestamp>(), now.parse::<Timestamp>()) else {
        return "a while".to_owned();
    };
    let secs = then.until(now).as_secs();
    match secs {
        0..120 => format!("{secs} s"),
        120..7_200 => format!("{} min", secs / 60),
        7_200..172_800 => format!("{} h", secs / 3_600),
        _ => format!("{} days", secs / 86_400),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp::from_secs(1_772_452_800);

    fn said(text: &str) -> Option<String> {
        read(text, NOW, &TimeZone::UTC).ok().map(|moment| moment.to_string())
    }

    #[test]
    fn moments_are_read_as_people_say_them() {
        for (text, moment) in [
            ("2h", "2026-03-02T10:00:00.000Z"),
            ("3d", "2026-02-27T12:00:00.000Z"),
            ("90m", "2026-03-02T10:30:00.000Z"),
            ("2026-03-01", "2026-03-01T00:00:00.000Z"),
            ("2026-03-01T09:00:00-03:00", "2026-03-01T12:00:00.000Z"),
        ] {
            assert_eq!(said(text).as_deref(), Some(moment), "{text}");
        }
        for text in ["", "h", "2 h", "yesterday", "-3d", "2026-13-01"] {
            assert_eq!(said(text), None, "{text}");
        }
    }

    #[test]
    fn a_wait_is_told_in_its_largest_unit() {
        let now = NOW.to_string();
        let ago = |secs: i64| between(&Timestamp::from_secs(1_772_452_800 - secs).to_string(), &now);
        assert_eq!([ago(0), ago(119), ago(120)], ["0 s", "119 s", "2 min"]);
        assert_eq!([ago(7_200), ago(200_000)], ["2 h", "2 days"]);
    }
}
