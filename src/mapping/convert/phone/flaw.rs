//! Why something is not a phone: the closed list, and its sentences. The number
//! itself is shown as its last four digits, which are enough to find it in a
//! payload and too little to call it.

use serde_json::Value;

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

    fn sentence(&self, found: &str, length: usize) -> String {
        match self {
            Self::Hidden => format!("the phone {found} has some of its digits hidden"),
            Self::Letters => format!("the phone {found} has letters among its digits"),
            Self::TooShort => format!("the phone {found} is too short: it has {length} digits"),
            Self::TooLong => format!("the phone {found} is too long: it has {length} digits"),
            Self::NoCountry => format!("the phone {found} has no country code after its `+` or `00`"),
            Self::NoDdd => format!("the phone {found} has no DDD"),
            Self::UnknownDdd(ddd) => format!("the phone {found} has the DDD `{ddd}`, which does not exist"),
            Self::NotMobile => {
                format!("the phone {found} has nine digits after the DDD and does not begin with 9")
            }
            Self::NoSuchNumber => {
                format!("the phone {found} begins with 0 or 1 after the DDD, as no number does")
            }
            Self::Service => {
                format!("the phone {found} is a service number, such as 0800 or 4004, and not a person's")
            }
            Self::OtherDdd => format!("the phone {found} has a DDD, and it is not the one given apart"),
            Self::CountryOrDdd(code) => {
                format!("the code `{code}` of the phone {found} can be a country or a DDD")
            }
        }
    }

    fn help(&self) -> Option<String> {
        let help = match self {
            Self::Hidden => "this sender hides phones: take it from another field, or use `default:`",
            Self::Letters => "check that the path finds the phone and not a code",
            Self::TooLong | Self::NoCountry => "a number from abroad begins with `+` and its country code",
            Self::NoDdd => "have it sent with the DDD, or set the connection's default DDD",
            Self::CountryOrDdd(_) => "give it as `ddd:` if it is one; a country code is sent with `+`",
            Self::OtherDdd => "take the phone from the number alone, if it is complete",
            _ => return None,
        };
        Some(help.to_owned())
    }
}

/// A text that holds no number at all. It is shown if it cannot be a phone, as
/// "não informado" cannot and `ramal 99998888` can.
pub(super) fn no_number(text: &str) -> ConvertError {
    let refused = match text.contains(char::is_numeric) {
        false => ConvertError::expected("a phone", &Value::from(text.trim())),
        true => ConvertError::new("expected a phone and found none among the text"),
    };
    refused.with_help("where the sender may leave it out, list another field in `from:`")
}

/// `***8888`; up to four digits, such as 190, hide nobody and are shown.
fn mask(digits: &str) -> String {
    match digits.len() {
        0 => "`***`".into(),
        1..=4 => format!("`{digits}`"),
        length => format!("`***{}`", &digits[length - 4..]),
    }
}
