//! What is signed: a template over the parts of the request, spliced as bytes
//! exactly as they were received.
//!
//! Lives here: reading a template. Never here: filling it, which is
//! `signing.rs`.

use std::fmt;
use std::ops::Range;

use super::scheme::Hash;
use crate::diagnostic::Sentence;
use crate::payload::Locator;

#[derive(Debug, Clone)]
pub struct Template {
    pub(super) parts: Vec<Part>,
    /// As written.
    text: String,
}

#[derive(Debug, Clone)]
pub enum Part {
    Literal(String),
    Hole(Hole),
    /// `{?…}`: left out, whole, if a part of it is absent.
    Optional(Vec<Part>),
}

#[derive(Debug, Clone)]
pub struct Hole {
    pub what: What,
    /// `|lower`
    pub lower: bool,
    /// `|or_empty`: nothing where it is absent, for the senders that say so.
    pub or_empty: bool,
}

/// A part of a request.
#[derive(Debug, Clone)]
pub enum What {
    Body,
    BodyBase64,
    /// The digest of the body, in hexadecimal.
    BodyHash(Hash),
    /// The CRC-32 of the body, in decimal.
    BodyCrc32,
    /// The timestamp as text, verbatim.
    Timestamp,
    Method,
    /// As the sender has it: the configured public address, the path, the query.
    Url,
    Path,
    /// The text of the secret, for senders that hash it instead of keying a MAC.
    Secret,
    Param(String),
    /// Each field of a form, sorted by name: name and value, nothing between.
    FormSorted,
    At(Locator),
}

/// A placeholder that is not one, and where it stands in the template.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TemplateError {
    pub at: Range<usize>,
    pub message: Sentence,
    pub help: Sentence,
}

const PLACEHOLDERS: &str = "{body}, {ts}, {header:NAME}, {query:NAME}, {json:$.path}, {form:NAME}, \
    {form_sorted}, {method}, {url}, {path}, {param:NAME}, {secret}, {body_base64}, {body_sha256}, \
    {body_crc32}, {?…}";

impl Template {
    pub fn parse(text: &str) -> Result<Self, TemplateError> {
        Ok(Self { parts: parts_of(text, 0, false)?, text: text.to_owned() })
    }

    /// `{body}`, what most senders sign.
    pub fn body() -> Self {
        let body = Part::Hole(Hole { what: What::Body, lower: false, or_empty: false });
        Self { parts: vec![body], text: "{body}".to_owned() }
    }

    pub fn uses_timestamp(&self) -> bool {
        self.holes().iter().any(|hole| matches!(hole.what, What::Timestamp))
    }

    pub fn uses_secret(&self) -> bool {
        self.holes().iter().any(|hole| matches!(hole.what, What::Secret))
    }

    pub fn uses_url(&self) -> bool {
        self.holes().iter().any(|hole| matches!(hole.what, What::Url))
    }

    /// Whether the body is signed, whole or in the parts that a template names.
    pub fn uses_body(&self) -> bool {
        self.holes().iter().any(|hole| match &hole.what {
            What::Body | What::BodyBase64 | What::BodyHash(_) | What::BodyCrc32 | What::FormSorted => true,
            What::At(locator) => locator.needs_body(),
            _ => false,
        })
    }

    /// Whether all of the body counts, in every request; of a form, every field.
    pub fn uses_whole_body(&self) -> bool {
        self.parts.iter().any(|part| match part {
            Part::Hole(Hole { what, lower: false, .. }) => {
                matches!(what, What::Body | What::BodyBase64 | What::BodyHash(_) | What::FormSorted)
            }
            _ => false,
        })
    }

    /// Whether the body must be read as a document to fill it.
    pub fn needs_document(&self) -> bool {
        self.holes().iter().any(|hole| matches!(&hole.what, What::At(locator) if locator.needs_body()))
    }

    pub fn params(&self) -> impl Iterator<Item = &str> {
        self.holes().into_iter().filter_map(|hole| match &hole.what {
            What::Param(name) => Some(name.as_str()),
            _ => None,
        })
    }

    /// The headers it cannot do without, which a signer must send.
    pub fn headers(&self) -> impl Iterator<Item = &str> {
        self.parts.iter().filter_map(|part| match part {
            Part::Hole(Hole { what: What::At(Locator::Header(name)), or_empty: false, .. }) => {
                Some(name.as_str())
            }
            _ => None,
        })
    }

    /// Every placeholder, those of optional groups too.
    pub fn holes(&self) -> Vec<&Hole> {
        let mut holes = Vec::new();
        collect(&self.parts, &mut holes);
        holes
    }
}

impl fmt::Display for Template {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

fn collect<'t>(parts: &'t [Part], holes: &mut Vec<&'t Hole>) {
    for part in parts {
        match part {
            Part::Literal(_) => {}
            Part::Hole(hole) => holes.push(hole),
            Part::Optional(parts) => collect(parts, holes),
        }
    }
}

/// `offset` is where `text` begins in the whole template, for the places of
/// mistakes. A group inside a group has no meaning that a person would guess.
fn parts_of(text: &str, offset: usize, in_group: bool) -> Result<Vec<Part>, TemplateError> {
    let wrong = |at: Range<usize>, (message, help): (Sentence, Sentence)| TemplateError {
        at: at.start + offset..at.end + offset,
        message,
        help,
    };
    let mut parts = Vec::new();
    let mut rest = 0;
    while let Some(open) = text[rest..].find('{').map(|at| at + rest) {
        if open > rest {
            parts.push(Part::Literal(text[rest..open].to_owned()));
        }
        let close = closing(text, open).ok_or_else(|| wrong(open..text.len(), not_closed()))?;
        let inner = &text[open + 1..close];
        match inner.strip_prefix('?') {
            Some(_) if in_group => {
                let nested = say!("a part that may be absent is inside another");
                return Err(wrong(open..close + 1, (nested, say!("write the two one after the other"))));
            }
            Some(group) => parts.push(Part::Optional(parts_of(group, offset + open + 2, true)?)),
            None => parts.push(Part::Hole(hole(inner).map_err(|why| wrong(open..close + 1, why))?)),
        }
        rest = close + 1;
    }
    if rest < text.len() {
        parts.push(Part::Literal(text[rest..].to_owned()));
    }
    Ok(parts)
}

fn not_closed() -> (Sentence, Sentence) {
    (say!("this `{` is not closed"), say!("close it with `}`, as in {body}"))
}

/// The `}` that closes the `{` at `open`.
fn closing(text: &str, open: usize) -> Option<usize> {
    let mut depth = 0_usize;
    for (at, c) in text[open..].char_indices() {
        match c {
            '{' => depth += 1,
            '}' if depth == 1 => return Some(open + at),
            '}' => depth -= 1,
            _ => {}
        }
    }
    None
}

/// Err: what is wrong, and what may help.
fn hole(text: &str) -> Result<Hole, (Sentence, Sentence)> {
    let (mut text, mut lower, mut or_empty) = (text, false, false);
    loop {
        if let Some(rest) = text.strip_suffix("|lower") {
            (text, lower) = (rest, true);
        } else if let Some(rest) = text.strip_suffix("|or_empty") {
            (text, or_empty) = (rest, true);
        } else {
            break;
        }
    }
    let there_are = || say!("there are {}", PLACEHOLDERS);
    let what = what(text)
        .map_err(|why| (why, there_are()))?
        .ok_or_else(|| (say!("this is not a part of a request"), there_are()))?;
    Ok(Hole { what, lower, or_empty })
}

/// None: no such part. Err: a part that says where it is, wrongly.
fn what(name: &str) -> Result<Option<What>, Sentence> {
    Ok(Some(match name {
        "body" => What::Body,
        "body_base64" => What::BodyBase64,
        "body_sha1" => What::BodyHash(Hash::Sha1),
        "body_sha256" => What::BodyHash(Hash::Sha256),
        "body_sha512" => What::BodyHash(Hash::Sha512),
        "body_crc32" => What::BodyCrc32,
        "ts" => What::Timestamp,
        "method" => What::Method,
        "url" => What::Url,
        "path" => What::Path,
        "secret" => What::Secret,
        "form_sorted" => What::FormSorted,
        _ => match name.split_once(':') {
            Some(("param", name)) if is_param(name) => What::Param(name.to_owned()),
            Some(("header" | "query" | "json" | "form", rest)) if !rest.is_empty() => {
                What::At(Locator::parse(name).map_err(|error| error.message)?)
            }
            _ => return Ok(None),
        },
    }))
}

/// What can name a parameter of a scheme.
pub fn is_param(name: &str) -> bool {
    let starts_well = name.bytes().next().is_some_and(|b| b.is_ascii_lowercase());
    starts_well && name.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shape(text: &str) -> String {
        format!("{:?}", Template::parse(text).map(|template| template.parts))
    }

    #[test]
    fn parses_what_the_catalogue_uses() {
        let template = Template::parse("v0:{header:X-Id}.{ts}{body}!").unwrap();
        assert_eq!(template.parts.len(), 6);
        assert!(template.uses_timestamp() && template.uses_body() && !template.needs_document());
        assert_eq!(template.headers().collect::<Vec<_>>(), ["x-id"]);
        assert_eq!(Template::parse("POST{body}").unwrap().parts.len(), 2);
        assert!(Template::parse("{json:$.a[0]}:{json:$.b|or_empty}").unwrap().needs_document());
        assert_eq!(Template::parse("[{ts};{body}]").unwrap().parts.len(), 5);
        let group = Template::parse("{?id:{query:data.id|lower};}ts:{ts};").unwrap();
        assert!(matches!(&group.parts[0], Part::Optional(parts) if parts.len() == 3), "{}", shape("{?a}"));
        assert_eq!(
            Template::parse("{param:app_key}{body}").unwrap().params().collect::<Vec<_>>(),
            ["app_key"]
        );
    }

    #[test]
    fn a_wrong_placeholder_has_its_place() {
        for (text, at) in [
            ("{ts}.{bodi}", 5..11),
            ("{ts", 0..3),
            ("{header:}", 0..9),
            ("{?a{bodi}}", 3..9),
            ("{?a{?{ts}}}", 3..10),
            ("{json:$.a[}", 0..11),
            ("{param:App}", 0..11),
            ("{body|upper}", 0..12),
        ] {
            assert_eq!(Template::parse(text).unwrap_err().at, at, "{text}");
        }
    }
}
