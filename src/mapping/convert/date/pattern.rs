//! Date patterns, such as `dd/MM/yyyy HH:mm`: their letters and their meaning,
//! shared by reading (`as: date`) and writing (`format_date`), so that one
//! pattern is the same thing in both. Never here: a date.
//!
//! The letters are those of Unicode's LDML, which Java and spreadsheets use and
//! the senders' own manuals are written in.

use std::fmt;

use crate::diagnostic::Sentence;
use crate::mapping::convert::ConvertError;
use crate::mapping::convert::error::quote;

/// What of a date or a time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::mapping) enum Part {
    Day,
    Month,
    Year,
    Hour,
    Minute,
    Second,
    Weekday,
}

/// How it is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::mapping) enum Form {
    /// As a number of at least and at most so many digits.
    Digits(usize, usize),
    /// `mar`, `seg`
    ShortName,
    /// `março`, `segunda-feira`
    Name,
}

const TOKENS: [(&str, Part, Form); 14] = [
    ("d", Part::Day, Form::Digits(1, 2)),
    ("dd", Part::Day, Form::Digits(2, 2)),
    ("M", Part::Month, Form::Digits(1, 2)),
    ("MM", Part::Month, Form::Digits(2, 2)),
    ("MMM", Part::Month, Form::ShortName),
    ("MMMM", Part::Month, Form::Name),
    ("yy", Part::Year, Form::Digits(2, 2)),
    ("yyyy", Part::Year, Form::Digits(4, 4)),
    ("H", Part::Hour, Form::Digits(1, 2)),
    ("HH", Part::Hour, Form::Digits(2, 2)),
    ("mm", Part::Minute, Form::Digits(2, 2)),
    ("ss", Part::Second, Form::Digits(2, 2)),
    ("EEE", Part::Weekday, Form::ShortName),
    ("EEEE", Part::Weekday, Form::Name),
];

/// The tokens in words, for the help of every mistake in a pattern.
fn tokens_help() -> Sentence {
    say!(
        "the parts are d dd (day), M MM MMM MMMM (month), yy yyyy (year), H HH (hour), \
     mm (minutes), ss (seconds), EEE EEEE (weekday); other letters stand in quotes, as in 'às'"
    )
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::mapping) enum Piece {
    Part(Part, Form),
    Literal(String),
}

/// A pattern whose every letter is understood.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DatePattern {
    source: String,
    pieces: Vec<Piece>,
}

impl DatePattern {
    pub fn parse(source: &str) -> Result<Self, ConvertError> {
        let mut pieces = Vec::new();
        let mut rest = source;
        while let Some(first) = rest.chars().next() {
            let (piece, after) = match first {
                '\'' => quoted(source, &rest[1..])?,
                letter if letter.is_alphabetic() => token(source, rest, letter)?,
                other => (Piece::Literal(other.into()), &rest[other.len_utf8()..]),
            };
            push(&mut pieces, piece);
            rest = after;
        }
        if pieces.is_empty() {
            return Err(ConvertError::new(say!("a date pattern cannot be empty")).with_help(tokens_help()));
        }
        Ok(Self { source: source.to_owned(), pieces })
    }

    pub(in crate::mapping) fn pieces(&self) -> &[Piece] {
        &self.pieces
    }
}

/// The pattern as it was written.
impl fmt::Display for DatePattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.source)
    }
}

/// Literals side by side become one, so that equal patterns have equal pieces.
fn push(pieces: &mut Vec<Piece>, piece: Piece) {
    match (pieces.last_mut(), piece) {
        (Some(Piece::Literal(before)), Piece::Literal(more)) => before.push_str(&more),
        (_, piece) => pieces.push(piece),
    }
}

/// A run of one letter.
fn token<'a>(source: &str, text: &'a str, letter: char) -> Result<(Piece, &'a str), ConvertError> {
    let after = text.trim_start_matches(letter);
    let run = &text[..text.len() - after.len()];
    match TOKENS.iter().find(|(name, ..)| *name == run) {
        Some((_, part, form)) => Ok((Piece::Part(*part, *form), after)),
        None => Err(not_a_part(source, run, text)),
    }
}

/// How a part is written elsewhere, and by us.
const ALSO: [(&[&str], &str); 6] = [
    (&["DD", "D"], "dd"),
    (&["YYYY", "yyy", "y", "aaaa", "AAAA"], "yyyy"),
    (&["YY", "aa", "AA"], "yy"),
    (&["hh", "h"], "HH"),
    (&["SS"], "ss"),
    (&["mmm", "mmmm"], "MMMM"),
];

/// As we would write it, if that is all that is wrong.
fn respelt(source: &str) -> Option<String> {
    let mut ours = String::new();
    let mut rest = source;
    while let Some(first) = rest.chars().next() {
        let after =
            if first.is_alphabetic() { rest.trim_start_matches(first) } else { &rest[first.len_utf8()..] };
        let run = &rest[..rest.len() - after.len()];
        let also = ALSO.iter().find(|(theirs, _)| theirs.contains(&run));
        ours.push_str(also.map_or(run, |(_, ours)| ours));
        rest = after;
    }
    (ours != source && DatePattern::parse(&ours).is_ok()).then_some(ours)
}

/// `run` is a letter repeated, at the beginning of `text`.
fn not_a_part(source: &str, run: &str, text: &str) -> ConvertError {
    if let Some(ours) = respelt(source) {
        return ConvertError::new(say!("{} is not a part of a date", quote(run)))
            .with_help(say!("did you mean `{}`?", ours));
    }
    let end = text.find(|c: char| !c.is_lowercase()).unwrap_or(text.len());
    let word = &text[..end.max(run.len())];
    let refused = ConvertError::new(say!("{} is not a part of a date", quote(word)));
    match word.chars().count() > run.chars().count() {
        true => refused.with_help(words_help()),
        false => refused.with_help(tokens_help()),
    }
}

fn words_help() -> Sentence {
    say!("words in a pattern stand between two quotes, as in `dd/MM 'às' HH:mm`")
}

/// What stands between quotes; two quotes are one quote, inside and on their own.
fn quoted<'a>(source: &str, text: &'a str) -> Result<(Piece, &'a str), ConvertError> {
    if let Some(after) = text.strip_prefix('\'') {
        return Ok((Piece::Literal("'".into()), after));
    }
    let mut literal = String::new();
    let mut rest = text;
    while let Some((inside, after)) = rest.split_once('\'') {
        literal.push_str(inside);
        match after.strip_prefix('\'') {
            Some(more) => {
                literal.push('\'');
                rest = more;
            }
            None => return Ok((Piece::Literal(literal), after)),
        }
    }
    Err(ConvertError::new(say!("a quote is opened and never closed in {}", quote(source)))
        .with_help(words_help()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn pieces(source: &str) -> Vec<String> {
        let name = |part, form| TOKENS.iter().find(|t| (t.1, t.2) == (part, form)).map_or("", |t| t.0);
        let shown = |piece: &Piece| match piece {
            Piece::Part(part, form) => name(*part, *form).to_owned(),
            Piece::Literal(text) => format!("<{text}>"),
        };
        DatePattern::parse(source).unwrap().pieces().iter().map(shown).collect()
    }

    #[test]
    fn a_pattern_is_parts_and_literals() {
        for (source, expected) in [
            ("dd/MM/yyyy", vec!["dd", "</>", "MM", "</>", "yyyy"]),
            ("yyyyMMdd", vec!["yyyy", "MM", "dd"]),
            ("d 'de' MMMM, EEEE", vec!["d", "< de >", "MMMM", "<, >", "EEEE"]),
            ("H'h'mm", vec!["H", "<h>", "mm"]),
            ("yy''MMM", vec!["yy", "<'>", "MMM"]),
            ("'d''água' HH:ss EEE", vec!["<d'água >", "HH", "<:>", "ss", "< >", "EEE"]),
        ] {
            assert_eq!(pieces(source), expected, "{source}");
        }
    }

    #[test]
    fn what_is_not_understood_is_refused_with_the_list() {
        for (source, message) in [
            ("DD/MM/YYYY", "`DD` is not a part of a date"),
            ("dd/MM/yyy", "`yyy` is not a part of a date"),
            ("hh:mm", "`hh` is not a part of a date"),
            ("yyyy-MM-ddTHH", "`T` is not a part of a date"),
            ("dd às HH", "`às` is not a part of a date"),
            ("dd 'às HH", "a quote is opened and never closed in `dd 'às HH`"),
            ("", "a date pattern cannot be empty"),
        ] {
            let error = DatePattern::parse(source).unwrap_err();
            assert_eq!(error.message.english(), message);
            assert!(error.help.is_some(), "{source}");
        }
    }

    #[test]
    fn the_help_names_every_token() {
        let help = tokens_help().english();
        let words: Vec<&str> = help.split([' ', ',']).collect();
        for (name, ..) in TOKENS {
            assert!(words.contains(&name), "{name}");
        }
    }

    proptest! {
        #[test]
        fn any_text_is_a_pattern_or_is_refused(text: String, near in "[dMyHmsE'/ é]{0,12}") {
            let _ = DatePattern::parse(&text);
            let _ = DatePattern::parse(&near);
        }
    }
}
