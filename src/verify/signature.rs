//! Finding the candidate signatures of a request: where they are, how a list of
//! them is split, and their decoding to bytes.

use base64::Engine;
use base64::alphabet;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};

use super::Refusal;
use crate::payload::{Locator, Request};

#[derive(Debug, Clone)]
pub struct SignatureRule {
    /// Every one that is there is looked at; not empty.
    pub from: Vec<SignatureFrom>,
    pub encoding: Encoding,
    /// Required before the digits, such as `sha256=`.
    pub prefix: String,
    /// Between groups, each a list of its own with its own timestamp.
    pub group: Option<String>,
    pub split: Option<Split>,
}

#[derive(Debug, Clone)]
pub enum SignatureFrom {
    At(Locator),
    /// `X-Signature-1`, `X-Signature-2`… up to a number, one signature in each.
    Numbered {
        prefix: String,
        most: u16,
    },
}

/// How `t=…,v1=…,v1=…` is taken apart.
#[derive(Debug, Clone)]
pub enum Split {
    Named {
        /// Between two elements.
        item: String,
        /// Between the name and the value of an element; the first one counts,
        /// since base64 padding contains `=`.
        pair: String,
        /// The name of the elements that are signatures. Others are ignored.
        /// None: every element is one, whatever its name.
        take: Option<String>,
    },
    /// `12345,sig,sig`: some named elements by their place, then signatures.
    Positional { item: String, lead: Vec<String> },
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Encoding {
    /// Either case.
    Hex,
    /// With or without padding.
    Base64,
    Base64Url,
}

/// More than any sender's rotation has are not tried.
const MAX_GROUPS: usize = 8;
const MAX_CANDIDATES: usize = 16;

/// One list of signatures: the decoded candidates, and the text they came from.
#[derive(Debug)]
pub struct Group {
    pub candidates: Vec<Vec<u8>>,
    text: String,
}

impl SignatureRule {
    /// Never empty, and neither is a group of it.
    pub fn find(&self, request: &Request<'_>) -> Result<Vec<Group>, Refusal> {
        let texts = self.texts(request);
        if texts.is_empty() {
            return Err(self.missing());
        }
        if let (None, None) = (&self.group, &self.split) {
            return self.one_group(&texts);
        }
        let between = self.group.as_deref();
        let lists = texts.iter().flat_map(|text| match between {
            Some(between) => text.split(between).collect(),
            None => vec![text.as_str()],
        });
        let mut groups = Vec::new();
        let mut refused = self.missing();
        for list in lists.filter(|list| !list.trim().is_empty()).take(MAX_GROUPS) {
            match self.candidates(self.pieces(list).into_iter()) {
                Ok(candidates) => groups.push(Group { candidates, text: list.to_owned() }),
                Err(refusal) => refused = refusal,
            }
        }
        if groups.is_empty() { Err(refused) } else { Ok(groups) }
    }

    /// Where each place holds one whole signature, they are one group.
    fn one_group(&self, texts: &[String]) -> Result<Vec<Group>, Refusal> {
        let candidates = self.candidates(texts.iter().map(|text| text.trim()))?;
        Ok(vec![Group { candidates, text: String::new() }])
    }

    fn texts(&self, request: &Request<'_>) -> Vec<String> {
        let mut texts = Vec::new();
        for from in &self.from {
            match from {
                SignatureFrom::At(locator) => {
                    let nodes = locator.nodes(request);
                    texts.extend(nodes.first().and_then(|node| node.as_str()).map(str::to_owned));
                }
                SignatureFrom::Numbered { prefix, most } => {
                    let numbered = (1..=*most).map_while(|n| request.headers.get(&format!("{prefix}{n}")));
                    texts.extend(numbered.map(str::to_owned));
                }
            }
        }
        texts.retain(|text| !text.trim().is_empty());
        texts
    }

    fn pieces<'t>(&self, list: &'t str) -> Vec<&'t str> {
        match &self.split {
            None => vec![list.trim()],
            Some(Split::Positional { item, lead }) => {
                list.split(item.as_str()).skip(lead.len()).map(str::trim).collect()
            }
            Some(split @ Split::Named { take, .. }) => {
                let taken = |name: &str| take.as_deref().is_none_or(|take| take == name);
                split.elements(list).filter(|(name, _)| taken(name)).map(|(_, value)| value).collect()
            }
        }
    }

    /// Those that can be read; none of them readable is a refusal.
    fn candidates<'t>(&self, pieces: impl Iterator<Item = &'t str>) -> Result<Vec<Vec<u8>>, Refusal> {
        let mut candidates = Vec::new();
        let mut refused = self.missing();
        for piece in pieces.filter(|piece| !piece.is_empty()).take(MAX_CANDIDATES) {
            let Some(digits) = piece.strip_prefix(self.prefix.as_str()) else {
                refused = self.malformed("its prefix is missing");
                continue;
            };
            match self.encoding.decode(digits) {
                Some(bytes) => candidates.push(bytes),
                None => refused = self.malformed(self.encoding.complaint()),
            }
        }
        if candidates.is_empty() { Err(refused) } else { Ok(candidates) }
    }

    /// An element of the list beside the signatures, such as `t`. It must be
    /// there once: of two, the sender meant one and an attacker the other.
    pub fn field<'f>(&self, group: &'f Group, name: &str) -> Option<&'f str> {
        match self.split.as_ref()? {
            Split::Positional { item, lead } => {
                let place = lead.iter().position(|have| have == name)?;
                group.text.split(item.as_str()).nth(place).map(str::trim)
            }
            split @ Split::Named { .. } => {
                let mut values = split.elements(&group.text).filter(|(have, _)| *have == name);
                let (_, value) = values.next()?;
                values.next().is_none().then_some(value)
            }
        }
    }

    /// Whether `sig:name` can be found in it.
    pub fn has_field(&self, name: &str) -> bool {
        match &self.split {
            None => false,
            Some(Split::Named { .. }) => true,
            Some(Split::Positional { lead, .. }) => lead.iter().any(|have| have == name),
        }
    }

    /// Where it is, for people.
    pub fn described(&self) -> String {
        let places = self.from.iter().map(|from| match from {
            SignatureFrom::At(locator) => locator.described(),
            SignatureFrom::Numbered { prefix, .. } => format!("the headers `{prefix}1`, `{prefix}2`…"),
        });
        places.collect::<Vec<_>>().join(" or ")
    }

    pub fn needs_body(&self) -> bool {
        self.from.iter().any(|from| matches!(from, SignatureFrom::At(locator) if locator.needs_body()))
    }

    fn missing(&self) -> Refusal {
        Refusal::SignatureMissing { place: self.described() }
    }

    fn malformed(&self, why: &'static str) -> Refusal {
        Refusal::SignatureMalformed { place: self.described(), why }
    }
}

impl Split {
    /// Name and value of each element of a list of pairs.
    fn elements<'t>(&self, text: &'t str) -> impl Iterator<Item = (&'t str, &'t str)> {
        let (item, pair) = match self {
            Self::Named { item, pair, .. } => (item.as_str(), pair.as_str()),
            Self::Positional { item, .. } => (item.as_str(), item.as_str()),
        };
        text.split(item)
            .filter_map(move |item| item.trim().split_once(pair))
            .map(|(name, value)| (name.trim(), value.trim()))
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

    fn rule(prefix: &str, split: Option<Split>) -> SignatureRule {
        SignatureRule {
            from: vec![SignatureFrom::At(Locator::parse("header:x-sig").unwrap())],
            encoding: Encoding::Hex,
            prefix: prefix.into(),
            group: None,
            split,
        }
    }

    fn named(item: &str, pair: &str, take: &str) -> Option<Split> {
        Some(Split::Named { item: item.into(), pair: pair.into(), take: Some(take.into()) })
    }

    fn find(rule: &SignatureRule, value: &str) -> Result<Vec<Group>, Refusal> {
        find_in(rule, &[("X-Sig", value)])
    }

    fn find_in(rule: &SignatureRule, headers: &[(&str, &str)]) -> Result<Vec<Group>, Refusal> {
        let headers: Headers = headers.iter().copied().collect();
        rule.find(&Request { headers: &headers, query: &[], body: &Value::Null })
    }

    #[test]
    fn lists_are_split_as_senders_write_them() {
        let stripe = rule("", named(",", "=", "v1"));
        let found = find(&stripe, "t=12, v1=0a,v1=0B, v0=ff").unwrap();
        assert_eq!(found[0].candidates, [vec![0x0a], vec![0x0b]]);
        assert_eq!(stripe.field(&found[0], "t"), Some("12"));
        let twice = find(&stripe, "t=1,t=2,v1=0a").unwrap();
        assert_eq!(stripe.field(&twice[0], "t"), None, "which of the two was signed?");
        let standard = SignatureRule { encoding: Encoding::Base64, ..rule("", named(" ", ",", "v1")) };
        let found = find(&standard, "v1,AA== v1a,xx v1,AQ").unwrap();
        assert_eq!(found[0].candidates, [vec![0], vec![1]]);
        let positional = rule("", Some(Split::Positional { item: ",".into(), lead: vec!["t".into()] }));
        let found = find(&positional, "12,0a,0b").unwrap();
        assert_eq!(found[0].candidates, [vec![0x0a], vec![0x0b]]);
        assert_eq!(positional.field(&found[0], "t"), Some("12"));
        let any = rule("", Some(Split::Named { item: "&".into(), pair: "|".into(), take: None }));
        assert_eq!(find(&any, "pk1|0a&pk2|0b").unwrap()[0].candidates, [vec![0x0a], vec![0x0b]]);
    }

    #[test]
    fn groups_keep_their_own_timestamps() {
        let groups = SignatureRule { group: Some(" ".into()), ..rule("", named(",", "=", "v1")) };
        let found = find(&groups, "t=1,v1=0a t=2,v1=0b").unwrap();
        let stamps: Vec<_> = found.iter().map(|group| groups.field(group, "t").unwrap()).collect();
        assert_eq!(stamps, ["1", "2"]);
        assert_eq!(found[1].candidates, [vec![0x0b]]);
    }

    #[test]
    fn several_headers_hold_one_signature_each() {
        let numbered = SignatureRule {
            from: vec![SignatureFrom::Numbered { prefix: "x-sig-".into(), most: 3 }],
            ..rule("", None)
        };
        let headers = [("X-Sig-1", "0a"), ("X-Sig-2", "0b"), ("X-Sig-4", "0d")];
        assert_eq!(find_in(&numbered, &headers).unwrap()[0].candidates, [vec![0x0a], vec![0x0b]]);
        let both = SignatureRule {
            from: ["header:a", "header:b"].map(|at| SignatureFrom::At(Locator::parse(at).unwrap())).into(),
            ..rule("", None)
        };
        assert_eq!(find_in(&both, &[("B", "0b")]).unwrap()[0].candidates, [vec![0x0b]]);
        let one_is_broken = find_in(&both, &[("A", "zz"), ("B", "0b")]).unwrap();
        assert_eq!(one_is_broken[0].candidates, [vec![0x0b]]);
    }

    #[test]
    fn what_is_wrong_is_named() {
        for (rule, value, code) in [
            (rule("sha256=", None), "0a", "signature-malformed"),
            (rule("", None), "xyz0", "signature-malformed"),
            (rule("", None), "", "signature-missing"),
            (rule("", named(",", "=", "v1")), "t=12", "signature-missing"),
            (
                rule("", Some(Split::Positional { item: ",".into(), lead: vec!["t".into()] })),
                "12",
                "signature-missing",
            ),
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
            let _ = find(&rule("", named(",", "=", "v1")), &value);
            let _ = find(&SignatureRule { group: Some(" ".into()), ..rule("", named(",", "=", "v1")) }, &value);
        }
    }
}
