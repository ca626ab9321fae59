//! How a field's dates are written: the formats a mapping may name, checked when
//! it loads, and reading by a pattern. Never here: a time zone.

use jiff::civil::{Date, DateTime, Time};

use super::no_such_date;
use super::pattern::{DatePattern, Form, Part, Piece};
use crate::diagnostic::Sentence;
use crate::mapping::convert::ConvertError;
use crate::mapping::convert::error::quote;

/// How a date is written, where it is not ISO 8601.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DateFormat {
    EpochSecs,
    EpochMillis,
    Pattern(DatePattern),
}

impl DateFormat {
    /// `epoch_secs`, `epoch_ms`, or a pattern that fixes a whole day.
    pub fn parse(name: &str) -> Result<Self, ConvertError> {
        match name {
            "epoch_secs" => Ok(Self::EpochSecs),
            "epoch_ms" => Ok(Self::EpochMillis),
            _ => DatePattern::parse(name).and_then(readable).map(Self::Pattern),
        }
    }
}

/// A pattern to read with fixes a day once, in digits.
fn readable(pattern: DatePattern) -> Result<DatePattern, ConvertError> {
    let count = |wanted: Part| {
        let is_wanted = |piece: &&Piece| matches!(piece, Piece::Part(part, _) if *part == wanted);
        pattern.pieces().iter().filter(is_wanted).count()
    };
    let refused = |why: Sentence, help: Sentence| {
        Err(ConvertError::new(say!("no date can be read with {}: {}", quote(&pattern.to_string()), why))
            .with_help(help))
    };
    if pattern.pieces().iter().any(|piece| matches!(piece, Piece::Part(_, Form::ShortName | Form::Name))) {
        return refused(
            say!("it has a name of a month or weekday"),
            say!("only digits can be read, such as `MM`"),
        );
    }
    if count(Part::Month) == 0 && count(Part::Minute) > 0 && count(Part::Hour) == 0 {
        return refused(say!("it has minutes and no month"), say!("`MM` is the month and `mm` the minutes"));
    }
    for (part, name, token) in [
        (Part::Year, say!("year"), "yyyy"),
        (Part::Month, say!("month"), "MM"),
        (Part::Day, say!("day"), "dd"),
    ] {
        if count(part) == 0 {
            return refused(say!("it has no {}", name), say!("the {} is written `{}`", name, token));
        }
    }
    if pattern.pieces().windows(2).any(is_ragged) {
        return refused(
            say!("a part of one or two digits has digits right after it"),
            say!("write it with two, as in `dd`"),
        );
    }
    for part in [Part::Year, Part::Month, Part::Day, Part::Hour, Part::Minute, Part::Second] {
        if count(part) > 1 {
            return refused(say!("it has one part twice"), say!("write each part once"));
        }
    }
    Ok(pattern)
}

/// `dM`: in `112` nothing tells where the day ends.
fn is_ragged(pair: &[Piece]) -> bool {
    matches!(pair, [Piece::Part(_, Form::Digits(1, _)), Piece::Part(..)])
}

/// Reads `text` as it is written in `pattern`; what the pattern lacks is zero.
pub(super) fn read(pattern: &DatePattern, text: &str) -> Result<DateTime, ConvertError> {
    let mismatch = || ConvertError::new(say!("the date {} is not written as `{}`", quote(text), pattern));
    let (mut date, mut time) = ([0i16; 3], [0i8; 3]);
    let mut rest = text;
    for piece in pattern.pieces() {
        match piece {
            Piece::Literal(literal) => rest = rest.strip_prefix(literal.as_str()).ok_or_else(mismatch)?,
            Piece::Part(part, form) => {
                let (digits, after) = split_digits(rest, *form).ok_or_else(mismatch)?;
                rest = after;
                let number: i16 = digits.parse().map_err(|_| mismatch())?;
                match part {
                    Part::Year => date[0] = if digits.len() == 2 { century(number) } else { number },
                    Part::Month => date[1] = number,
                    Part::Day => date[2] = number,
                    // Two digits at most, so the narrower type holds them.
                    Part::Hour => time[0] = number as i8,
                    Part::Minute => time[1] = number as i8,
                    Part::Second => time[2] = number as i8,
                    Part::Weekday => return Err(mismatch()),
                }
            }
        }
    }
    if !rest.is_empty() {
        return Err(mismatch());
    }
    let date = Date::new(date[0], date[1] as i8, date[2] as i8);
    let time = Time::new(time[0], time[1], time[2], 0);
    date.and_then(|date| Ok(date.to_datetime(time?))).map_err(|_| no_such_date(text))
}

/// As many digits as the form takes.
fn split_digits(text: &str, form: Form) -> Option<(&str, &str)> {
    let Form::Digits(least, most) = form else { return None };
    let found = text.bytes().take(most).take_while(u8::is_ascii_digit).count();
    (found >= least).then(|| text.split_at(found))
}

/// Two digits of a year, by the rule of POSIX: 69 to 99 are of the last century.
fn century(year: i16) -> i16 {
    if year < 69 { 2000 + year } else { 1900 + year }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_format_is_checked_when_it_is_loaded() {
        for (format, message) in [
            ("yyyy-mm-dd", "no date can be read with `yyyy-mm-dd`: it has minutes and no month"),
            ("dd MMM yyyy", "no date can be read with `dd MMM yyyy`: it has a name of a month or weekday"),
            ("dd/MM", "no date can be read with `dd/MM`: it has no year"),
            ("MM/yyyy", "no date can be read with `MM/yyyy`: it has no day"),
            ("HH:mm", "no date can be read with `HH:mm`: it has no year"),
            ("dd/MM/yyyy yy", "no date can be read with `dd/MM/yyyy yy`: it has one part twice"),
            (
                "yyyyMd",
                "no date can be read with `yyyyMd`: a part of one or two digits has digits right after it",
            ),
            ("iso", "`iso` is not a part of a date"),
            ("epoch", "`epoch` is not a part of a date"),
        ] {
            let error = DateFormat::parse(format).unwrap_err();
            assert_eq!(error.message.english(), message);
            assert!(error.help.is_some(), "{format}");
        }
        let minutes = DateFormat::parse("yyyy-mm-dd").unwrap_err();
        assert_eq!(minutes.help, Some(say!("`MM` is the month and `mm` the minutes")));
    }

    #[test]
    fn a_pattern_reads_what_is_written_by_it_and_nothing_else() {
        for (format, text, expected) in [
            ("dd/MM/yyyy HH:mm:ss", "02/03/2026 14:05:09", Ok("2026-03-02T14:05:09")),
            ("dd/MM/yyyy", "02/03/2026", Ok("2026-03-02T00:00:00")),
            ("d/M/yy", "2/3/26", Ok("2026-03-02T00:00:00")),
            ("d/M/yy", "12/10/69", Ok("1969-10-12T00:00:00")),
            ("yyyyMMdd", "20260302", Ok("2026-03-02T00:00:00")),
            ("dd/MM/yyyy 'às' H'h'mm", "02/03/2026 às 9h05", Ok("2026-03-02T09:05:00")),
            ("dd/MM/yyyy", "2/03/2026", Err("the date `2/03/2026` is not written as `dd/MM/yyyy`")),
            ("dd/MM/yyyy", "02-03-2026", Err("the date `02-03-2026` is not written as `dd/MM/yyyy`")),
            ("dd/MM/yyyy", "02/03/26", Err("the date `02/03/26` is not written as `dd/MM/yyyy`")),
            (
                "dd/MM/yyyy",
                "02/03/2026 14:05",
                Err("the date `02/03/2026 14:05` is not written as `dd/MM/yyyy`"),
            ),
            ("dd/MM/yyyy", "31/02/2026", Err("`31/02/2026` is a day or a time that does not exist")),
            ("dd/MM/yyyy HH", "01/02/2026 24", Err("`01/02/2026 24` is a day or a time that does not exist")),
        ] {
            let pattern = DatePattern::parse(format).unwrap();
            let found =
                read(&pattern, text).map(|date| date.to_string()).map_err(|error| error.message.english());
            assert_eq!(found, expected.map(str::to_owned).map_err(str::to_owned), "{text} as {format}");
        }
    }
}
