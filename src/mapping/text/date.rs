//! Dates as a person reads them: `02/03`, `segunda-feira`, `2 de março`. Never
//! here: the letters of a pattern (see `convert::DatePattern`) or another
//! language than the messages'.

use jiff::Zoned;

use crate::mapping::convert::{ConvertError, DatePattern, Form, Part, Piece};

const MONTHS: [&str; 12] = [
    "janeiro",
    "fevereiro",
    "março",
    "abril",
    "maio",
    "junho",
    "julho",
    "agosto",
    "setembro",
    "outubro",
    "novembro",
    "dezembro",
];

const WEEKDAYS: [&str; 7] =
    ["segunda-feira", "terça-feira", "quarta-feira", "quinta-feira", "sexta-feira", "sábado", "domingo"];

/// Writes a date as `pattern` says.
pub fn format_date(date: &Zoned, pattern: &str) -> Result<String, ConvertError> {
    DatePattern::parse(pattern).map(|pattern| write_date(date, &pattern))
}

/// Writes a date by a pattern that was parsed before.
pub fn write_date(date: &Zoned, pattern: &DatePattern) -> String {
    let mut text = String::new();
    for piece in pattern.pieces() {
        match piece {
            Piece::Literal(literal) => text.push_str(literal),
            Piece::Part(part, form) => text.push_str(&write_part(date, *part, *form)),
        }
    }
    text
}

/// The weekday's name, as in `segunda-feira`.
pub fn weekday(date: &Zoned) -> &'static str {
    WEEKDAYS[date.weekday().to_monday_zero_offset() as usize]
}

fn write_part(date: &Zoned, part: Part, form: Form) -> String {
    let number = match part {
        Part::Day => date.day().into(),
        Part::Month => date.month().into(),
        Part::Year => date.year(),
        Part::Hour => date.hour().into(),
        Part::Minute => date.minute().into(),
        Part::Second => date.second().into(),
        Part::Weekday => date.weekday().to_monday_one_offset().into(),
    };
    let name = match part {
        Part::Weekday => weekday(date),
        _ => MONTHS[date.month() as usize - 1],
    };
    match form {
        // `26` of 2026, and of 1926.
        Form::Digits(width, 2) if part == Part::Year => format!("{:0width$}", number.rem_euclid(100)),
        Form::Digits(width, _) => format!("{number:0width$}"),
        // All of them are told apart by three letters: mar, mai; seg, sex, sáb.
        Form::ShortName => name.chars().take(3).collect(),
        Form::Name => name.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::mapping::convert::DateRule;
    use proptest::prelude::*;
    use serde_json::json;

    fn at(text: &str) -> Zoned {
        DateRule::parse(None, None).unwrap().date(&json!(text)).unwrap()
    }

    #[test]
    fn patterns() {
        for (pattern, expected) in [
            ("dd/MM/yyyy HH:mm:ss", "02/03/2026 09:05:07"),
            ("d/M/yy", "2/3/26"),
            ("d 'de' MMMM 'de' yyyy", "2 de março de 2026"),
            ("EEEE, dd/MM 'às' H'h'mm", "segunda-feira, 02/03 às 9h05"),
            ("EEE d MMM", "seg 2 mar"),
            ("''", "'"),
        ] {
            assert_eq!(format_date(&at("2026-03-02T09:05:07"), pattern).as_deref(), Ok(expected));
        }
        assert!(format_date(&at("2026-03-02"), "DD/MM").is_err());
    }

    #[test]
    fn names() {
        for (day, names) in [
            ("2026-03-02", "segunda-feira seg março mar"),
            ("2026-05-05", "terça-feira ter maio mai"),
            ("2026-01-07", "quarta-feira qua janeiro jan"),
            ("2026-02-12", "quinta-feira qui fevereiro fev"),
            ("2026-12-25", "sexta-feira sex dezembro dez"),
            ("2026-08-01", "sábado sáb agosto ago"),
            ("2026-11-01", "domingo dom novembro nov"),
        ] {
            assert_eq!(format_date(&at(day), "EEEE EEE MMMM MMM").as_deref(), Ok(names));
            assert!(names.starts_with(weekday(&at(day))));
        }
    }

    proptest! {
        /// One pattern reads what it writes.
        #[test]
        fn a_pattern_reads_what_it_writes(secs in 0i64..4_000_000_000, which in 0usize..3) {
            let pattern = ["dd/MM/yyyy HH:mm:ss", "d/M/yyyy 'às' H'h'mm ss", "yyyyMMddHHmmss"][which];
            // UTC, where no hour comes twice.
            let rule = |format| DateRule::parse(Some(format), Some("UTC")).unwrap();
            let date = rule("epoch_secs").date(&json!(secs)).unwrap();
            let written = format_date(&date, pattern).unwrap();
            prop_assert_eq!(rule(pattern).date(&json!(written)), Ok(date));
        }
    }
}
