//! Why something is not a phone: the closed list, and its sentences. The number
//! itself is shown as its last four digits, which are enough to find it in a
//! payload and too little to call it.

use serde_json::Value;

use crate::diagnostic::Sentence;
use crate::mapping::convert::ConvertError;

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Flaw {
    Hidden,
    Letters,
    TooShort,
    TooLong,
    NoCountry,
    NoDdd,
    UnknownDdd(String),
    /// Nine digits after the DDD that do not begin with 9.
    NotMobile,
    /// Eight digits after the DDD that begin with 0 or 1.
    NoSuchNumber,
    Service,
    /// Its parts were given apart, and the number has another DDD inside.
    OtherDdd,
    /// Its parts were given apart, and this one is a country and a DDD.
    CountryOrDdd(String),
}

impl Flaw {
    pub(super) fn explain(&self, digits: &str) -> ConvertError {
        ConvertError { message: self.sentence(&mask(digits), digits.len()), help: self.help() }
    }

    fn sentence(&self, found: &str, length: usize) -> Sentence {
        match self {
            Self::Hidden => say!("the phone {} has some of its digits hidden", found),
            Self::Letters => say!("the phone {} has letters among its digits", found),
            Self::TooShort => say!("the phone {} is too short: it has {} digits", found, length),
            Self::TooLong => say!("the phone {} is too long: it has {} digits", found, length),
            Self::NoCountry => say!("the phone {} has no country code after its `+` or `00`", found),
            Self::NoDdd => say!("the phone {} has no DDD", found),
            Self::UnknownDdd(ddd) => say!("the phone {} has the DDD `{}`, which does not exist", found, ddd),
            Self::NotMobile => {
                say!("the phone {} has nine digits after the DDD and does not begin with 9", found)
            }
            Self::NoSuchNumber => {
                say!("the phone {} begins with 0 or 1 after the DDD, as no number does", found)
            }
            Self::Service => {
                say!("the phone {} is a service number, such as 0800 or 4004, and not a person's", found)
            }
            Self::OtherDdd => say!("the phone {} has a DDD, and it is not the one given apart", found),
            Self::CountryOrDdd(code) => {
                say!("the code `{}` of the phone {} can be a country or a DDD", code, found)
            }
        }
    }

    fn help(&self) -> Option<Sentence> {
        let help = match self {
            Self::Hidden => say!("this sender hides phones: take it from another field, or use `default:`"),
            Self::Letters => say!("check that the path finds the phone and not a code"),
            Self::TooLong | Self::NoCountry => {
                say!("a number from abroad begins with `+` and its country code")
            }
            Self::NoDdd => say!("have it sent with the DDD, or join the two: { ddd: $.a, number: $.b }"),
            Self::CountryOrDdd(_) => say!("give it as `ddd:` if it is one; a country code is sent with `+`"),
            Self::OtherDdd => say!("take the phone from the number alone, if it is complete"),
            _ => return None,
        };
        Some(help)
    }
}

/// A text that holds no number at all. It is shown if it cannot be a phone, as
/// "não informado" cannot and `ramal 99998888` can.
pub(super) fn no_number(text: &str) -> ConvertError {
    let refused = match text.contains(char::is_numeric) {
        false => ConvertError::expected(say!("a phone"), &Value::from(text.trim())),
        true => ConvertError::new(say!("expected a phone and found none among the text")),
    };
    refused.with_help(say!("where the sender may leave it out, list another field in `from:`"))
}

/// `***8888`; up to four digits, such as 190, hide nobody and are shown.
fn mask(digits: &str) -> String {
    match digits.len() {
        0 => "`***`".into(),
        1..=4 => format!("`{digits}`"),
        length => format!("`***{}`", &digits[length - 4..]),
    }
}
