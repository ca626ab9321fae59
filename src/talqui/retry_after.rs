//! The header `Retry-After`: seconds, or one of the three dates of RFC 9110.

use std::time::Duration;

use jiff::civil::DateTime;
use jiff::tz::TimeZone;

use crate::event::Timestamp;

/// The date that senders must write, and the two old ones that readers must
/// accept. All are in GMT.
const DATES: [&str; 3] = ["%a, %d %b %Y %H:%M:%S GMT", "%A, %d-%b-%y %H:%M:%S GMT", "%a %b %e %H:%M:%S %Y"];

/// How long to wait from `now`; nothing if the text is neither form. A date
/// that has passed is no wait at all.
pub(super) fn parse(text: &str, now: Timestamp) -> Option<Duration> {
    let text = text.trim();
    if text.bytes().all(|b| b.is_ascii_digit()) {
        return text.parse().ok().map(Duration::from_secs);
    }
    let date = DATES.iter().find_map(|form| DateTime::strptime(form, text).ok())?;
    let moment = date.to_zoned(TimeZone::UTC).ok()?.timestamp();
    Some(now.until(Timestamp::from_millis(moment.as_millisecond())))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// 1994-11-06T08:49:00Z, half a minute and a bit before RFC 9110's example.
    const NOW: Timestamp = Timestamp::from_secs(784_111_740);

    #[test]
    fn seconds_and_every_form_of_date() {
        let secs = |text: &str| parse(text, NOW).map(|wait| wait.as_secs());
        assert_eq!(secs("0"), Some(0));
        assert_eq!(secs(" 120 "), Some(120));
        assert_eq!(secs("Sun, 06 Nov 1994 08:49:37 GMT"), Some(37));
        assert_eq!(secs("Sunday, 06-Nov-94 08:49:37 GMT"), Some(37));
        assert_eq!(secs("Sun Nov  6 08:49:37 1994"), Some(37));
        assert_eq!(secs("Sun, 06 Nov 1994 08:48:00 GMT"), Some(0), "a date that has passed");
    }

    #[test]
    fn what_is_neither_is_nothing() {
        for text in
            ["", "soon", "-1", "1.5", "+5", "99999999999999999999999", "Sun, 31 Feb 1994 08:49:37 GMT", "١٢"]
        {
            assert_eq!(parse(text, NOW), None, "{text}");
        }
    }
}
