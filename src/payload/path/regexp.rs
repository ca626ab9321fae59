//! I-Regexp (RFC 9485) into the syntax of the engine. `.` is any character but the
//! two that end a line; `^` and `$` are the ends of the text, as the compliance suite
//! of JSONPath has it.

use std::iter::Peekable;
use std::str::Chars;

/// Those of RFC 9485, each between spaces.
const CATEGORIES: &str =
    " L Ll Lm Lo Lt Lu M Mc Me Mn N Nd Nl No P Pc Pd Pe Pf Pi Po Ps Z Zl Zp Zs S Sc Sk Sm So C Cc Cf Cn Co ";

type Rest<'a> = Peekable<Chars<'a>>;

/// Into the syntax of the engine, which has more than an I-Regexp may have, and
/// means other things by some of what it may. None: it is not an I-Regexp.
pub fn translate(text: &str) -> Option<String> {
    let mut rest = text.chars().peekable();
    let (mut out, mut open) = (String::new(), 0_usize);
    // Whether a repetition may follow.
    let mut repeats = false;
    while let Some(next) = rest.next() {
        match next {
            '(' => {
                open += 1;
                out.push_str("(?:");
            }
            ')' => {
                open = open.checked_sub(1)?;
                out.push(')');
            }
            '*' | '+' | '?' if repeats => out.push(next),
            '{' if repeats => quantity(&mut rest, &mut out)?,
            '*' | '+' | '?' | '{' | '}' | ']' => return None,
            '[' => class(&mut rest, &mut out)?,
            '.' => out.push_str(r"[^\n\r]"),
            '\\' => escape(&mut rest)?.write(&mut out),
            '|' | '^' | '$' => out.push(next),
            _ => character(next, &mut out),
        }
        repeats = !matches!(next, '(' | '|' | '*' | '+' | '?' | '{');
    }
    (open == 0).then_some(out)
}

/// `3}`, `3,}` or `3,5}`
fn quantity(rest: &mut Rest<'_>, out: &mut String) -> Option<()> {
    let written: String = std::iter::from_fn(|| rest.next_if(|next| *next != '}')).collect();
    let (least, most) = written.split_once(',').unwrap_or((&written, ""));
    let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    if rest.next().is_none() || least.is_empty() || !digits(least) || !digits(most) {
        return None;
    }
    out.push_str(&format!("{{{written}}}"));
    Some(())
}

/// What follows `[`.
fn class(rest: &mut Rest<'_>, out: &mut String) -> Option<()> {
    out.push('[');
    if rest.next_if_eq(&'^').is_some() {
        out.push('^');
    }
    let mut is_empty = true;
    if rest.next_if_eq(&'-').is_some() {
        character('-', out);
        is_empty = false;
    }
    loop {
        let first = match rest.next()? {
            ']' if is_empty => return None,
            ']' => break,
            '[' | '-' => return None,
            '\\' => escape(rest)?,
            other => Escape::Character(other),
        };
        first.write(out);
        is_empty = false;
        if rest.next_if_eq(&'-').is_none() {
            continue;
        }
        if rest.next_if_eq(&']').is_some() {
            character('-', out);
            break;
        }
        let last = match rest.next()? {
            '[' | '-' => return None,
            '\\' => escape(rest)?,
            other => Escape::Character(other),
        };
        if !matches!((&first, &last), (Escape::Character(_), Escape::Character(_))) {
            return None;
        }
        out.push('-');
        last.write(out);
    }
    out.push(']');
    Some(())
}

/// What a backslash and what follows it stand for.
enum Escape {
    Character(char),
    /// `\p{Lu}`, with its backslash.
    Category(String),
}

impl Escape {
    fn write(&self, out: &mut String) {
        match self {
            Self::Character(c) => character(*c, out),
            Self::Category(category) => out.push_str(category),
        }
    }
}

fn escape(rest: &mut Rest<'_>) -> Option<Escape> {
    match rest.next()? {
        'n' => Some(Escape::Character('\n')),
        'r' => Some(Escape::Character('\r')),
        't' => Some(Escape::Character('\t')),
        kind @ ('p' | 'P') => {
            rest.next_if_eq(&'{')?;
            let name: String = std::iter::from_fn(|| rest.next_if(char::is_ascii_alphabetic)).collect();
            rest.next_if_eq(&'}')?;
            CATEGORIES.contains(&format!(" {name} ")).then(|| Escape::Category(format!("\\{kind}{{{name}}}")))
        }
        c if "()*+-.?[\\]^{|}".contains(c) => Some(Escape::Character(c)),
        _ => None,
    }
}

/// By its number, unless it means itself everywhere.
fn character(c: char, out: &mut String) {
    match c.is_ascii_alphanumeric() {
        true => out.push(c),
        false => out.push_str(&format!(r"\x{{{:X}}}", u32::from(c))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use regex_automata::util::syntax;

    #[test]
    fn every_category_is_known_to_the_engine() {
        for category in CATEGORIES.split_whitespace() {
            let translated = translate(&format!("[\\p{{{category}}}]\\P{{{category}}}")).unwrap();
            assert!(syntax::parse(&translated).is_ok(), "{category}");
        }
    }

    #[test]
    fn what_means_something_to_the_engine_alone_means_itself() {
        assert_eq!(translate("a-b&&#~").as_deref(), Some(r"a\x{2D}b\x{26}\x{26}\x{23}\x{7E}"));
        assert_eq!(translate("[a&&b-]").as_deref(), Some(r"[a\x{26}\x{26}b\x{2D}]"));
        assert_eq!(translate("(a|.){2,}").as_deref(), Some(r"(?:a|[^\n\r]){2,}"));
    }
}
