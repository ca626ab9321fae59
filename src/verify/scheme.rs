//! A signature scheme, compiled from its file.

use super::signature::SignatureRule;
use super::template::Template;
use crate::payload::Locator;

/// How a sender proves who it is.
#[derive(Debug, Clone)]
pub enum Scheme {
    Hmac(Box<HmacRule>),
    /// A token that equals the secret.
    Static(TokenRule),
    /// HTTP Basic; the secret is `user:password`.
    Basic,
    /// The sender proves nothing; the secret is the last segment of the address.
    None,
}

#[derive(Debug, Clone)]
pub struct HmacRule {
    pub hash: Hash,
    pub signature: SignatureRule,
    pub key: KeyRule,
    pub timestamp: Option<TimestampRule>,
    pub signed: Template,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Hash {
    Sha1,
    Sha256,
    Sha512,
}

/// From the text of a secret to the bytes of a key.
#[derive(Debug, Clone)]
pub struct KeyRule {
    /// A prefix that is not part of the key; a secret without it is taken whole.
    pub strip: String,
    pub encoding: KeyEncoding,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum KeyEncoding {
    Utf8,
    Base64,
    Hex,
}

#[derive(Debug, Clone)]
pub struct TimestampRule {
    pub from: TimestampFrom,
    pub unit: TimestampUnit,
    /// How far from now it may be, in either direction. 0: not checked.
    pub tolerance_secs: i64,
}

#[derive(Debug, Clone)]
pub enum TimestampFrom {
    At(Locator),
    /// An element of the signature's own list, such as `t` in `t=…,v1=…`.
    SignatureField(String),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TimestampUnit {
    Secs,
    Millis,
    Rfc3339,
}

#[derive(Debug, Clone)]
pub struct TokenRule {
    pub from: Locator,
    /// Text before the token, such as `Bearer `.
    pub prefix: String,
}

impl Scheme {
    /// In a word, for people.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Hmac(_) => "hmac",
            Self::Static(_) => "static",
            Self::Basic => "basic",
            Self::None => "none",
        }
    }

    /// What proves the sender, for people.
    pub fn proof(&self) -> &'static str {
        match self {
            Self::Hmac(rule) => match rule.hash {
                Hash::Sha1 => "an HMAC-SHA1 signature",
                Hash::Sha256 => "an HMAC-SHA256 signature",
                Hash::Sha512 => "an HMAC-SHA512 signature",
            },
            Self::Static(_) => "a secret token",
            Self::Basic => "HTTP Basic credentials",
            Self::None => "a secret address",
        }
    }

    /// What proves the sender and where it is, for people.
    pub fn described(&self) -> String {
        match self {
            Self::Hmac(rule) => format!("{} in {}", self.proof(), rule.signature.from.described()),
            Self::Static(rule) => format!("{} in {}", self.proof(), rule.from.described()),
            Self::Basic => self.proof().to_owned(),
            Self::None => "nothing but the address, which ends in a secret".to_owned(),
        }
    }

    /// Whether the address of the source ends in a secret segment.
    pub fn secret_in_path(&self) -> bool {
        matches!(self, Self::None)
    }
}
