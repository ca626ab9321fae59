//! The texts of an answer: what the sender asked to have back.
//!
//! Lives here: reading and filling them. A keyed part can be made over the
//! challenge only, which is of a closed alphabet: see `mod.rs`.

use super::Asked;
use crate::diagnostic::Sentence;
use crate::payload::{Locator, scalar_text};
use crate::verify::{Encoding, Hash, digest, is_param};

#[derive(Debug, Clone)]
pub struct Text(Vec<Part>);

#[derive(Debug, Clone)]
enum Part {
    Literal(String),
    Challenge,
    /// The HMAC of the challenge with the key of the source.
    Keyed(Hash, Encoding),
    /// The plain digest of these, one after the other.
    Digest(Hash, Vec<Part>),
    At(Locator),
    Param(String),
    Url,
}

const PARTS: &str = "{challenge}, {hmac_sha256_hex:challenge}, {hmac_sha256_base64:challenge}, \
    {hmac_sha1_hex:challenge}, {sha256_hex:challenge+param:NAME+url}, {header:NAME}, {query:NAME}, \
    {json:$.path}, {param:NAME}, {url}";

impl Text {
    /// Err: where in `text`, and why.
    pub fn parse(text: &str) -> Result<Self, (std::ops::Range<usize>, Sentence)> {
        let mut parts = Vec::new();
        let mut rest = 0;
        while let Some(open) = text[rest..].find('{').map(|at| at + rest) {
            let Some(close) = text[open..].find('}').map(|at| at + open) else {
                return Err((open..text.len(), say!("this `{` is not closed")));
            };
            if open > rest {
                parts.push(Part::Literal(text[rest..open].to_owned()));
            }
            let part = part(&text[open + 1..close])
                .ok_or_else(|| (open..close + 1, say!("an answer has no such part; there are {}", PARTS)))?;
            parts.push(part);
            rest = close + 1;
        }
        if rest < text.len() {
            parts.push(Part::Literal(text[rest..].to_owned()));
        }
        Ok(Self(parts))
    }

    /// Err: what the request does not have, for people.
    pub fn fill(&self, asked: &Asked<'_>) -> Result<String, String> {
        self.0.iter().map(|part| part.fill(asked)).collect()
    }

    pub fn is_keyed(&self) -> bool {
        self.0.iter().any(|part| matches!(part, Part::Keyed(..)))
    }

    pub fn uses_challenge(&self) -> bool {
        self.uses(|part| matches!(part, Part::Challenge | Part::Keyed(..)))
    }

    pub fn uses_url(&self) -> bool {
        self.uses(|part| matches!(part, Part::Url))
    }

    fn uses(&self, wanted: impl Fn(&Part) -> bool) -> bool {
        self.0.iter().any(|part| match part {
            Part::Digest(_, inner) => inner.iter().any(&wanted),
            part => wanted(part),
        })
    }

    pub fn params(&self) -> Vec<&str> {
        let inner = self.0.iter().flat_map(|part| match part {
            Part::Digest(_, inner) => inner.as_slice(),
            part => std::slice::from_ref(part),
        });
        inner
            .filter_map(|part| match part {
                Part::Param(name) => Some(name.as_str()),
                _ => None,
            })
            .collect()
    }

    pub fn needs_body(&self) -> bool {
        self.uses(|part| matches!(part, Part::At(locator) if locator.needs_body()))
    }
}

fn part(name: &str) -> Option<Part> {
    if let Some((how, what)) = name.split_once(':') {
        match (how, what) {
            ("hmac_sha256_hex", "challenge") => return Some(Part::Keyed(Hash::Sha256, Encoding::Hex)),
            ("hmac_sha256_base64", "challenge") => return Some(Part::Keyed(Hash::Sha256, Encoding::Base64)),
            ("hmac_sha1_hex", "challenge") => return Some(Part::Keyed(Hash::Sha1, Encoding::Hex)),
            ("sha256_hex", parts) => {
                let parts: Option<Vec<Part>> = parts.split('+').map(plain).collect();
                return parts.map(|parts| Part::Digest(Hash::Sha256, parts));
            }
            _ => {}
        }
    }
    plain(name)
}

fn plain(name: &str) -> Option<Part> {
    match name {
        "challenge" => Some(Part::Challenge),
        "url" => Some(Part::Url),
        _ => match name.split_once(':')? {
            ("param", name) => is_param(name).then(|| Part::Param(name.to_owned())),
            ("header" | "query" | "json", _) => Locator::parse(name).ok().map(Part::At),
            _ => None,
        },
    }
}

impl Part {
    fn fill(&self, asked: &Asked<'_>) -> Result<String, String> {
        let challenge = || asked.challenge.ok_or_else(|| "the challenge".to_owned());
        Ok(match self {
            Self::Literal(text) => text.clone(),
            Self::Challenge => challenge()?.to_owned(),
            Self::Keyed(hash, encoding) => {
                let mac = asked.verifier.challenge_mac(*hash, challenge()?, asked.now);
                encoding.encode(&mac.ok_or("a shared secret of this source")?)
            }
            Self::Digest(hash, parts) => {
                let text: String = parts.iter().map(|part| part.fill(asked)).collect::<Result<_, _>>()?;
                Encoding::Hex.encode(&digest(*hash, text.as_bytes()))
            }
            Self::At(locator) => {
                let nodes = locator.nodes(&asked.request);
                nodes.first().and_then(|node| scalar_text(node)).ok_or_else(|| locator.described())?
            }
            Self::Param(name) => {
                let found = asked.verifier.setting().params.get(name);
                let found = found.ok_or_else(|| format!("the parameter `{name}`"))?;
                String::from_utf8_lossy(found.expose()).into_owned()
            }
            Self::Url => asked.verifier.setting().url_of(asked.raw),
        })
    }
}
