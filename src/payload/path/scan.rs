//! What can be seen in a path without its grammar: where its filters, functions
//! and lists are, for the carets of later messages; and what the parser would take
//! although it is no JSONPath, or would need ages to refuse.

use std::collections::VecDeque;
use std::ops::Range;

use super::PathError;
use super::cause::{cause, is_joiner, word};

/// Brackets and parentheses in each other. The parser calls itself for each.
const MAX_NESTING: usize = 16;
/// Functions in each other. The parser tries each in several ways, so that what an
/// unclosed one costs it is multiplied by each that is around it.
const MAX_CALLS: usize = 4;
/// A filter may stand in a filter.
const MAX_FILTERS: usize = 2;

/// Places, in the order of the text, which is also that of the syntax tree.
#[derive(Debug, Default)]
pub struct Marks {
    /// Each `..`.
    pub descents: VecDeque<Range<usize>>,
    /// Each bracket with a comma.
    pub lists: VecDeque<Range<usize>>,
    /// Each `?` of a filter.
    pub filters: VecDeque<Range<usize>>,
    pub calls: VecDeque<Call>,
}

/// Where a function stands.
#[derive(Debug, Clone)]
pub struct Call {
    pub name: Range<usize>,
    pub arguments: Vec<Range<usize>>,
}

/// Looks through a whole path.
pub fn scan(text: &str) -> Result<Marks, PathError> {
    let mut scan = Scan { text, open: Vec::new(), brackets: Vec::new(), marks: Marks::default() };
    // The last character that is no space, and where it ended.
    let (mut last, mut end) = ('$', 0);
    let mut quote = None;
    let mut characters = text.char_indices();
    while let Some((at, next)) = characters.next() {
        let after = at + next.len_utf8();
        if let Some(closing) = quote {
            match next {
                '\\' => match characters.next() {
                    Some((_, 'b' | 'f' | 'n' | 'r' | 't' | 'u' | '/' | '\\' | '\'' | '"')) | None => {}
                    Some((_, letter)) => {
                        return Err(PathError::new(
                            at..after + letter.len_utf8(),
                            say!("a backslash in quotes is written twice"),
                            say!("write it as \\\\{}", letter),
                        ));
                    }
                },
                '\0'..='\x1F' => {
                    return Err(PathError::new(
                        at..after,
                        say!("this character in quotes is written with a backslash"),
                        say!("write \\n for a new line, \\t for a tab, \\u0000 for any other"),
                    ));
                }
                _ if next == closing => quote = None,
                _ => {}
            }
        } else if matches!(next, ' ' | '\t' | '\r' | '\n') {
            continue;
        } else {
            scan.gap(last, end..at, next)?;
            match next {
                '\'' | '"' => quote = Some(next),
                '.' if last == '.' && end == at => scan.marks.descents.push_back(at - 1..after),
                _ => scan.token(at, next)?,
            }
        }
        (last, end) = (next, after);
    }
    scan.marks.lists =
        scan.brackets.into_iter().filter(|bracket| bracket.1).map(|bracket| bracket.0).collect();
    Ok(scan.marks)
}

enum Open {
    Bracket {
        number: usize,
        has_filter: bool,
    },
    Group,
    /// The number of a call, and where its argument begins.
    Call(usize, usize),
}

struct Scan<'t> {
    text: &'t str,
    open: Vec<Open>,
    /// Each bracket, and whether a comma is in it.
    brackets: Vec<(Range<usize>, bool)>,
    marks: Marks,
}

impl Scan<'_> {
    /// The parser skips spaces within names, numbers and after dots.
    fn gap(&self, last: char, gap: Range<usize>, next: char) -> Result<(), PathError> {
        if gap.is_empty() {
            return Ok(());
        }
        if last == '.' {
            return Err(PathError::new(gap, say!("no space stands after a dot"), say!("write it as $.a")));
        }
        if is_word(last) && next == '(' {
            return Err(PathError::new(
                gap,
                say!("no space stands before this parenthesis"),
                say!("write it as count(@.a)"),
            ));
        }
        let after = word(&self.text[gap.end..]);
        if is_joiner(after) {
            let (message, help) = cause(&self.text[..gap.end], &self.text[gap.end..]);
            return Err(PathError::new(gap.end..gap.end + after.len(), message, help));
        }
        if is_word(last) && is_word(next) {
            return Err(PathError::new(
                gap,
                say!("this space cannot stand here"),
                say!("a key with a space is written ['a key']; conditions are joined with && or ||"),
            ));
        }
        Ok(())
    }

    fn token(&mut self, at: usize, token: char) -> Result<(), PathError> {
        match token {
            '[' => {
                self.open.push(Open::Bracket { number: self.brackets.len(), has_filter: false });
                self.brackets.push((at..at + 1, false));
            }
            '(' => self.parenthesis(at)?,
            ']' | ')' => self.close(at)?,
            ',' => match self.open.last_mut() {
                Some(Open::Bracket { number, .. }) => self.brackets[*number].1 = true,
                Some(Open::Call(number, begin)) => {
                    let argument = trimmed(self.text, *begin..at);
                    self.marks.calls[*number].arguments.push(argument);
                    *begin = at + 1;
                }
                _ => {}
            },
            '?' => {
                self.marks.filters.push_back(at..at + 1);
                if let Some(Open::Bracket { has_filter, .. }) = self.open.last_mut() {
                    *has_filter = true;
                }
            }
            _ => {}
        }
        self.check_nesting(at)
    }

    fn parenthesis(&mut self, at: usize) -> Result<(), PathError> {
        let name = self.text[..at].trim_end_matches(is_word).len()..at;
        if name.is_empty() {
            self.open.push(Open::Group);
            return Ok(());
        }
        let function = &self.text[name.clone()];
        if !["length", "count", "value", "match", "search"].contains(&function) {
            return Err(PathError::new(
                name,
                say!("`{}()` is not part of JSONPath", function),
                say!("there are length, count, value, match and search; compare with == and join with ||"),
            ));
        }
        if !self.open.iter().any(|open| matches!(open, Open::Bracket { has_filter: true, .. })) {
            return Err(PathError::new(
                name,
                say!("a function stands inside a filter only"),
                say!("to count, take the whole value and write {{ itens | length }} in the text"),
            ));
        }
        self.open.push(Open::Call(self.marks.calls.len(), at + 1));
        self.marks.calls.push_back(Call { name, arguments: Vec::new() });
        Ok(())
    }

    fn close(&mut self, at: usize) -> Result<(), PathError> {
        match self.open.pop() {
            Some(Open::Bracket { number, .. }) => self.brackets[number].0.end = at + 1,
            Some(Open::Call(number, begin)) => {
                let argument = trimmed(self.text, begin..at);
                self.marks.calls[number].arguments.push(argument);
                return self.check_call(&self.marks.calls[number], at + 1);
            }
            _ => {}
        }
        Ok(())
    }

    /// What the parser refuses without saying where, or takes.
    fn check_call(&self, call: &Call, end: usize) -> Result<(), PathError> {
        let is_compared = self.text[end..].trim_start().starts_with(['=', '<', '>'])
            || self.text[end..].trim_start().starts_with("!=")
            || self.text[..call.name.start].trim_end().ends_with(['=', '<', '>']);
        let begins_with =
            |sign| call.arguments.first().is_some_and(|at| self.text[at.clone()].starts_with(sign));
        match &self.text[call.name.clone()] {
            "match" | "search" if is_compared => Err(PathError::new(
                call.name.clone(),
                say!("this function is a condition by itself and is not compared"),
                say!("write it as match(@.a, 'CAM.*'), or !match(@.a, 'CAM.*') for the opposite"),
            )),
            "count" | "value" if !begins_with(['@', '$']) => Err(takes_a_path(call)),
            _ => Ok(()),
        }
    }

    fn check_nesting(&self, at: usize) -> Result<(), PathError> {
        let at = at..at + 1;
        let is_filter = |open: &&Open| matches!(open, Open::Bracket { has_filter: true, .. });
        if self.open.iter().filter(is_filter).count() > MAX_FILTERS {
            return Err(PathError::new(
                at,
                say!("a filter inside a filter inside a filter is too deep"),
                say!("filter once or twice, and decide the rest in `when:`"),
            ));
        }
        if self.open.len() > MAX_NESTING
            || self.open.iter().filter(|open| matches!(open, Open::Call(..))).count() > MAX_CALLS
        {
            return Err(PathError::new(
                at,
                say!("brackets and functions stand too deep in each other here"),
                say!("take out what is not needed, and decide the rest in `when:`"),
            ));
        }
        Ok(())
    }
}

/// Of a function whose argument is none.
pub fn takes_a_path(call: &Call) -> PathError {
    let at = call.arguments.first().filter(|at| !at.is_empty()).unwrap_or(&call.name);
    PathError::new(at.clone(), say!("this function takes a path"), say!("write it as count(@.items[*])"))
}

fn is_word(c: char) -> bool {
    c.is_ascii_alphanumeric() || c == '_' || !c.is_ascii()
}

fn trimmed(text: &str, range: Range<usize>) -> Range<usize> {
    let inner = &text[range.clone()];
    let start = range.start + (inner.len() - inner.trim_start().len());
    start..start + inner.trim().len()
}
