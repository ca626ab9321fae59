//! A proposal as the text of a mapping file. Every line of it is valid as it
//! stands; what a person must look at is a comment above the line.

use super::kind::{As, Found, Kind, Source};
use super::propose::{Proposal, Proposed};
use crate::mapping::convert::Unit;

const WIDTH: usize = 80;
/// A comment shorter than this says nothing; it goes above the line instead.
const LEAST_COMMENT: usize = 16;

/// The sections `event:` and `values:`, each left out if it would be empty.
pub fn yaml(proposal: &Proposal) -> String {
    let mut out = String::new();
    if let Some(note) = &proposal.note {
        comment_above(&mut out, "", note);
    }
    let (event, values): (Vec<&Proposed>, Vec<&Proposed>) =
        proposal.chosen.iter().partition(|proposed| proposed.best.kind.is_of_event());
    if proposal.each.is_some() || !event.is_empty() {
        out.push_str("event:\n");
        if let Some((each, count)) = &proposal.each {
            let many = if *count == 1 { "1 item here".to_owned() } else { format!("{count} items here") };
            line(&mut out, &format!("  each: {}", scalar(each)), &format!("{many}; $ is one of them"));
        }
        event.iter().for_each(|proposed| entry(&mut out, proposed));
    }
    if !event.iter().any(|proposed| proposed.best.kind == Kind::EventId) {
        let indent = if out.contains("event:\n") { "  " } else { "" };
        comment_above(&mut out, indent, "no id of the event was found: without one, repeats cannot be told");
    }
    if !values.is_empty() {
        out.push_str("\nvalues:\n");
        values.iter().for_each(|proposed| entry(&mut out, proposed));
    }
    out.trim_start_matches('\n').to_owned()
}

fn entry(out: &mut String, proposed: &Proposed) {
    let best = &proposed.best;
    if let Some(caution) = &best.caution {
        comment_above(out, "  ", caution);
    }
    let (name, from, rest) = (best.kind.name(), from(proposed), options(best));
    let flow = match rest.is_empty() {
        true => format!("  {name}: {from}"),
        false => format!("  {name}: {{ from: {from}, {} }}", rest.join(", ")),
    };
    if flow.chars().count() <= WIDTH {
        return line(out, &flow, &best.value);
    }
    // One key a line, and one place a line if they do not fit on one.
    let places = places(proposed);
    let long = 4 + from.chars().count() + name.len() > WIDTH && places.len() > 1;
    let (indent, key) = if rest.is_empty() { ("  ", name) } else { ("    ", "from") };
    if !rest.is_empty() {
        line(out, &format!("  {name}:"), &best.value);
    }
    if long {
        let shown = if rest.is_empty() { best.value.as_str() } else { "" };
        line(out, &format!("{indent}{key}:"), shown);
        for (part, place) in places {
            let place = scalar(&place);
            let written = match part {
                "" => format!("{indent}  - {place}"),
                part => format!("{indent}  {part}: {place}"),
            };
            line(out, &written, "");
        }
    } else {
        line(out, &format!("{indent}{key}: {from}"), if rest.is_empty() { &best.value } else { "" });
    }
    rest.iter().for_each(|option| line(out, &format!("    {option}"), ""));
}

/// Each place, with the name of the part that it is.
fn places(proposed: &Proposed) -> Vec<(&'static str, String)> {
    match &proposed.best.source {
        Source::Parts { ddi, ddd, number } => {
            let parts = [("ddi", ddi.as_ref()), ("ddd", ddd.as_ref()), ("number", Some(number))];
            parts.into_iter().filter_map(|(name, path)| Some((name, path?.clone()))).collect()
        }
        // Its list is below `join`, so it is written on one line always.
        Source::Join(_) => Vec::new(),
        Source::Path(path) => {
            let next = proposed.next.iter().filter_map(|found| match &found.source {
                Source::Path(path) => Some(path),
                _ => None,
            });
            [path].into_iter().chain(next).map(|path| ("", path.clone())).collect()
        }
    }
}

fn from(proposed: &Proposed) -> String {
    if let Source::Join(paths) = &proposed.best.source {
        let paths: Vec<String> = paths.iter().map(|path| scalar(path)).collect();
        return format!("{{ join: [{}] }}", paths.join(", "));
    }
    let places = places(proposed);
    match &places[..] {
        [("", only)] => scalar(only),
        [("", _), ..] => {
            format!("[{}]", places.iter().map(|(_, path)| scalar(path)).collect::<Vec<_>>().join(", "))
        }
        _ => {
            let parts: Vec<String> =
                places.iter().map(|(name, path)| format!("{name}: {}", scalar(path))).collect();
            format!("{{ {} }}", parts.join(", "))
        }
    }
}

fn options(found: &Found) -> Vec<String> {
    let written = match found.read {
        As::Text => "",
        As::Phone => "as: phone",
        As::Money(Unit::Cents) => "as: money|unit: cents",
        As::Money(Unit::Units) if found.caution.is_some() => "as: money|unit: units",
        As::Money(Unit::Units) => "as: money",
        As::Date(None) => "as: date",
        As::Date(Some(format)) => return vec!["as: date".to_owned(), format!("format: {}", scalar(format))],
        As::Many => "many: true",
    };
    written.split('|').filter(|option| !option.is_empty()).map(str::to_owned).collect()
}

/// As it is where YAML reads it as one text, quoted elsewhere.
fn scalar(text: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '$' | '.' | '_' | '/');
    if text.chars().all(plain) && text.starts_with(|c: char| c == '$' || c.is_ascii_alphabetic()) {
        return text.to_owned();
    }
    let mut out = String::from('"');
    for c in text.chars() {
        match c {
            '"' | '\\' => out.extend(['\\', c]),
            c if c.is_control() || matches!(c, '\u{2028}' | '\u{2029}' | '\u{feff}') => {
                out.push_str(&format!("\\U{:08x}", c as u32));
            }
            c => out.push(c),
        }
    }
    out.push('"');
    out
}

/// A line with what was found behind it, as much of that as there is room for.
fn line(out: &mut String, code: &str, comment: &str) {
    let comment = clean(comment);
    let room = WIDTH.saturating_sub(code.chars().count() + 4);
    if comment.is_empty() {
        out.push_str(code);
    } else if comment.chars().count() <= room || room >= LEAST_COMMENT {
        out.push_str(&format!("{code}  # {}", cut(&comment, room)));
    } else {
        let indent: String = code.chars().take_while(|c| *c == ' ').collect();
        out.push_str(&format!("{indent}# {}\n{code}", cut(&comment, WIDTH - indent.len() - 2)));
    }
    out.push('\n');
}

fn comment_above(out: &mut String, indent: &str, text: &str) {
    let room = WIDTH - indent.len() - 2;
    let mut row = String::new();
    for word in clean(text).split(' ') {
        if !row.is_empty() && row.chars().count() + 1 + word.chars().count() > room {
            out.push_str(&format!("{indent}# {row}\n"));
            row.clear();
        }
        if !row.is_empty() {
            row.push(' ');
        }
        row.push_str(word);
    }
    out.push_str(&format!("{indent}# {row}\n"));
}

/// On one line: a comment ends where its line does.
pub fn clean(text: &str) -> String {
    let one_line =
        |c: char| if c.is_control() || matches!(c, '\u{2028}' | '\u{2029}' | '\u{feff}') { ' ' } else { c };
    text.chars().map(one_line).collect::<String>().trim().to_owned()
}

pub fn cut(text: &str, most: usize) -> String {
    if text.chars().count() <= most {
        return text.to_owned();
    }
    let kept: String = text.chars().take(most.saturating_sub(1)).collect();
    format!("{}…", kept.trim_end())
}
