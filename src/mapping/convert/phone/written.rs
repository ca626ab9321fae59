//! What is written in a phone field: one number or several, with words, signs,
//! extensions and masks around them. Text in, runs of digits out; never here:
//! what the digits mean.

use super::flaw::Flaw;
use crate::mapping::convert::{ConvertError, fold};

/// One number of a field, as its digits.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Written {
    /// ASCII digits, without the `+` or `00` that made it international.
    pub digits: String,
    pub international: bool,
    pub flaw: Option<Flaw>,
}

/// What a character or a word does to the number being read. Spaces, dashes,
/// brackets and other punctuation do nothing and make no token.
enum Token {
    Digit(char),
    Plus,
    /// A sign that stands for a digit that is not shown.
    Hidden,
    /// A word of nothing but `x`, and its length.
    Crosses(usize),
    /// Letters that follow a digit at once, as in `2.79E10`.
    Letters,
    /// What follows is an extension.
    Extension,
    /// Another number may begin.
    Break,
}

/// The numbers of a field, in its order.
pub(super) fn numbers_in(text: &str) -> Result<Vec<Written>, ConvertError> {
    let mut found = Vec::new();
    let mut current = Written::default();
    let mut in_extension = false;
    for token in tokens(without_jid(text)?) {
        match token {
            Token::Break => {
                found.extend(std::mem::take(&mut current).finish());
                in_extension = false;
            }
            _ if in_extension => {}
            Token::Extension => in_extension = true,
            Token::Digit(digit) => current.digits.push(digit),
            Token::Plus => current.international |= current.digits.is_empty(),
            // `0xx27 …`: the crosses stand for a carrier of one's choice.
            Token::Crosses(2) if current.digits == "0" => {}
            Token::Crosses(_) | Token::Hidden => current.flaw = Some(Flaw::Hidden),
            Token::Letters => current.flaw = Some(Flaw::Letters),
        }
    }
    found.extend(current.finish());
    Ok(found)
}

impl Written {
    fn finish(mut self) -> Option<Self> {
        if self.digits.starts_with("00") {
            self.digits.drain(..2);
            self.international = true;
        }
        (!self.digits.is_empty() || self.flaw.is_some()).then_some(self)
    }
}

fn tokens(text: &str) -> Vec<Token> {
    let mut tokens = Vec::new();
    let mut chars = text.chars().map(fold).peekable();
    let mut after_digit = false;
    while let Some(c) = chars.next() {
        match c {
            '0'..='9' => tokens.push(Token::Digit(c)),
            '+' => tokens.push(Token::Plus),
            '/' | ';' | '|' | ',' | '\n' => tokens.push(Token::Break),
            '*' | '#' | '_' | '?' | '×' | '•' | '●' | '∙' | '■' | '▪' | '…' => {
                tokens.push(Token::Hidden)
            }
            letter if letter.is_alphabetic() => {
                let mut letters = String::from(letter);
                while let Some(next) = chars.next_if(|next| next.is_alphabetic()) {
                    letters.push(next);
                }
                tokens.push(word(&letters.to_lowercase(), after_digit));
            }
            // A digit in a dress that `fold` does not know: dropped, it would
            // make another number.
            unknown if unknown.is_numeric() => tokens.push(Token::Hidden),
            _ => {}
        }
        after_digit = c.is_ascii_digit();
    }
    tokens
}

fn word(letters: &str, after_digit: bool) -> Token {
    match letters {
        "ramal" | "ram" | "ext" | "extensao" | "extensão" | "extension" => Token::Extension,
        crosses if crosses.bytes().all(|b| b == b'x') => Token::Crosses(crosses.len()),
        _ if after_digit => Token::Letters,
        // `ou`, `e`, `cel:`, `WhatsApp`, a name.
        _ => Token::Break,
    }
}

/// A WhatsApp id without its `@…`. An e-mail address is not one, whatever digits
/// it holds, nor are the ids that WhatsApp gives to groups and to hidden numbers.
fn without_jid(text: &str) -> Result<&str, ConvertError> {
    let Some((user, server)) = text.split_once(['@', '＠']) else { return Ok(text) };
    match server.trim().to_ascii_lowercase().as_str() {
        // A colon separates the number from the device it is used on.
        "s.whatsapp.net" | "c.us" => Ok(user.split(':').next().unwrap_or(user)),
        "lid" => Err(ConvertError::new(say!("the WhatsApp id found hides the phone: it ends in `@lid`"))
            .with_help(say!("look for a field that ends in `@s.whatsapp.net`"))),
        "g.us" => Err(ConvertError::new(say!("the WhatsApp id found is a group's: it ends in `@g.us`"))),
        _ => Err(ConvertError::new(say!("expected a phone and found what looks like an e-mail address"))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn one(digits: &str) -> Written {
        Written { digits: digits.into(), ..Written::default() }
    }
    fn abroad(digits: &str) -> Written {
        Written { international: true, ..one(digits) }
    }
    fn flawed(digits: &str, flaw: Flaw) -> Written {
        Written { flaw: Some(flaw), ..one(digits) }
    }

    #[test]
    fn numbers_are_found_among_what_surrounds_them() {
        use Flaw::{Hidden, Letters};
        for (text, expected) in [
            ("(27) 99999-8888", vec![one("27999998888")]),
            ("Cel.: 27 9 9999–8888 (Maria)", vec![one("27999998888")]),
            ("\u{202a}+55\u{a0}27\u{202f}99999\u{2011}8888\u{202c}", vec![abroad("5527999998888")]),
            ("(+55) 27", vec![abroad("5527")]),
            ("+00351 9", vec![abroad("3519")]),
            ("27 + 9", vec![one("279")]),
            ("0xx27 3333-4444", vec![one("02733334444")]),
            ("(0XX27) 3333-4444", vec![one("02733334444")]),
            ("0XXX27", vec![flawed("027", Hidden)]),
            ("27 XXXXX-8888", vec![flawed("278888", Hidden)]),
            ("27 9××××-8888", vec![flawed("2798888", Hidden)]),
            ("XXXXXXX", vec![flawed("", Hidden)]),
            ("² 7", vec![flawed("7", Hidden)]),
            ("2.799999888E10", vec![flawed("279999988810", Letters)]),
            ("1 / 2;3|4, 5\n6 ou 7 e 8", ["1", "2", "3", "4", "5", "6", "7", "8"].map(one).to_vec()),
            ("3333-4444 ramal 12 / 5", vec![one("33334444"), one("5")]),
            ("3333-4444ext.12", vec![one("33334444")]),
            ("27****8888 / 27999998888", vec![flawed("278888", Hidden), one("27999998888")]),
            ("https://wa.me/5527999998888", vec![one("5527999998888")]),
            ("5527999998888:12@s.whatsapp.net", vec![one("5527999998888")]),
            ("5527999998888@C.US", vec![one("5527999998888")]),
            ("não informado", vec![]),
            ("", vec![]),
        ] {
            assert_eq!(numbers_in(text), Ok(expected), "{text}");
        }
    }

    #[test]
    fn other_addresses_are_refused_and_not_repeated() {
        for text in ["27999998888@gmail.com", "123456789012345@lid", "5527999998888-1612345678@g.us", "@"] {
            let error = numbers_in(text).unwrap_err().message.english();
            assert!(!error.bytes().any(|b| b.is_ascii_digit()), "{error}");
        }
    }
}
