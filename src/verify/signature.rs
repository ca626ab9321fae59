//! Finding the candidate signatures of a request: where they are, how a list of
//! them is split, and their decoding to bytes.

use base64::Engine;
use base64::alphabet;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};

use super::Refusal;
use crate::payload::{Locator, Request};

#[derive(Debug, Clone)]
pub struct SignatureRule {
    pub from: Locator,
    pub encoding: Encoding,
    /// Required before the digits, such as `sha256=`.
    pub prefix: String,
    pub split: Option<Split>,
}

/// How `t=…,v1=…,v1=…` is taken apart.
#[derive(Debug, Clone)]
pub struct Split {
    /// Between two elements.
    pub item: String,
    /// Between the name and the value of an element; the first one counts,
    /// since base64 padding contains `=`.
    pub pair: String,
    /// The name of the elements that are signatures. Others are ignored.
    pub take: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Encoding {
    /// Either case.
    Hex,
    /// With or without padding.
    Base64,
    Base64Url,
}

/// More candidates than any sender's rotation has are not tried.
const MAX_CANDIDATES: usize = 16;

/// What was found: the decoded candidates, and the list they came from.
pub struct Found {
    pub candidates: Vec<Vec<u8>>,
    text: String,
}

impl SignatureRule {
    pub fn find(&self, request: &Request<'_>) -> Result<Found, Refusal> {
        let missing = || Refusal::SignatureMissing { place: self.from.described() };
        let nodes = self.from.nodes(request);
        let text = nodes.first().and_then(|node| node.as_str()).ok_or_else(missing)?.to_owned();
        let pieces: Vec<&str> = match &self.split {
            None => vec![text.trim()],
            Some(split) => split.values(&text, &split.take).collect(),
        };
        if pieces.is_empty() || text.trim().is_empty() {
            return Err(missing());
        }
        let mut candidates = Vec::new();
        for piece in pieces.into_iter().take(MAX_CANDIDATES) {
            let digits = piece
                .strip_prefix(self.prefix.as_str())
                .ok_or_else(|| self.malformed("its prefix is missing"))?;
            let bytes =
                self.encoding.decode(digits).ok_or_else(|| self.malformed(self.encoding.complaint()))?;
            candidates.push(bytes);
        }
        Ok(Found { candidates, text })
    }

    /// An element of the list beside the signatures, such as `t`. It must be
    /// there once: of two, the sender meant one and an attacker the other.
    pub fn field<'f>(&'f self, found: &'f Found, name: &'f str) -> Option<&'f str> {
        let mut values = self.split.as_ref()?.values(&found.text, name);
        let value = values.next()?;
        values.next().is_none().then_some(value)
    }

    fn malformed(&self, why: &'static str) -> Refusal {
        Refusal::SignatureMalformed { place: self.from.described(), why }
    }
}

impl Split {
    fn values<'t>(&'t self, text: &'t str, name: &'t str) -> impl Iterator<Item = &'t str> {
        text.split(self.item.as_str())
            .filter_map(|item| item.trim().split_once(self.pair.as_str()))
            .filter(move |(have, _)| have.trim() == name)
            .map(|(_, value)| value.trim())
    }
}

const LENIENT: GeneralPurposeConfig =
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent);
const BASE64: GeneralPurpose = GeneralPurpose::new(&alphabet::STANDARD, LENIENT);
const BASE64_URL: GeneralPurpose = GeneralPurpose::new(&alphabet::URL_SAFE, LENIENT);

impl Encoding {
    pub fn decode(self, text: &str) -> Option<Vec<u8>> {
        match self {
            Self::Hex => decode_hex(text),
            Self::Base64 => BASE64.decode(text).ok(),
            Self::Base64Url => BASE64_URL.decode(text).ok(),
        }
    }

    pub fn encode(self, bytes: &[u8]) -> String {
        match self {
            Self::Hex => bytes.iter().map(|byte| format!("{byte:02x}")).collect(),
            Self::Base64 => BASE64.encode(bytes),
            Self::Base64Url => BASE64_URL.encode(bytes),
        }
    }

    fn complaint(self) -> &'static str {
        match self {
            Self::Hex => "it is not hexadecimal",
            Self::Base64 => "it is not base64",
            Self::Base64Url => "it is not url-safe base64",
        }
    }
}

pub fn decode_hex(text: &str) -> Option<Vec<u8>> {
    let digits = text.as_bytes();
    if !digits.len().is_multiple_of(2) {
        return None;
    }
    let nibble = |digit: u8| (digit as char).to_digit(16).map(|n| n as u8);
    digits.chunks_exact(2).map(|pair| Some(nibble(pair[0])? << 4 | nibble(pair[1])?)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::event::Headers;
    use proptest::prelude::*;
    use serde_json::Value;

    fn rule(prefix: &str, split: Option<(&str, &str, &str)>) -> SignatureRule {
        SignatureRule {
            from: Locator::parse("header:x-sig").unwrap(),
            encoding: Encoding::Hex,
            prefix: prefix.into(),
            split: split.map(|(item, pair, take)| Split {
                item: item.into(),
                pair: pair.into(),
                take: take.into(),
            }),
        }
    }

    fn find(rule: &SignatureRule, value: &str) -> Result<Found, Refusal> {
        let headers: Headers = [("X-Sig", value)].into_iter().collect();
        rule.find(&Request { headers: &headers, query: &[], body: &Value::Null })
    }

    #[test]
    fn lists_are_split_as_senders_write_them() {
        let stripe = rule("", Some((",", "=", "v1")));
        let found = find(&stripe, "t=12, v1=0a,v1=0B, v0=ff").ok().unwrap();
        assert_eq!(found.candidates, [vec![0x0a], vec![0x0b]]);
        assert_eq!(stripe.field(&found, "t"), Some("12"));
        let twice = find(&stripe, "t=1,t=2,v1=0a").ok().unwrap();
        assert_eq!(stripe.field(&twice, "t"), None, "which of the two was signed?");
        let standard = SignatureRule { encoding: Encoding::Base64, ..rule("", Some((" ", ",", "v1"))) };
        let found = find(&standard, "v1,AA== v1a,xx v1,AQ").ok().unwrap();
        assert_eq!(found.candidates, [vec![0], vec![1]]);
    }

    #[test]
    fn what_is_wrong_is_named() {
        for (rule, value, code) in [
            (rule("sha256=", None), "0a", "signature-malformed"),
            (rule("", None), "xyz0", "signature-malformed"),
            (rule("", None), "", "signature-missing"),
            (rule("", Some((",", "=", "v1"))), "t=12", "signature-missing"),
        ] {
            assert_eq!(find(&rule, value).err().unwrap().code(), code, "{value}");
        }
    }

    proptest! {
        #[test]
        fn encodings_survive_a_round_trip(bytes in proptest::collection::vec(any::<u8>(), 0..80)) {
            for encoding in [Encoding::Hex, Encoding::Base64, Encoding::Base64Url] {
                prop_assert_eq!(encoding.decode(&encoding.encode(&bytes)), Some(bytes.clone()));
            }
        }

        #[test]
        fn no_header_panics(value in "\\PC{0,60}") {
            let _ = find(&rule("sha256=", None), &value);
            let _ = find(&rule("", Some((",", "=", "v1"))), &value);
        }
    }
}
