//! What is signed: a template over the parts of the request, spliced as bytes
//! exactly as they were received.

use std::ops::Range;

use crate::event::RawWebhook;

#[derive(Debug, Clone)]
pub struct Template {
    parts: Vec<Part>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Part {
    Literal(String),
    Body,
    /// The timestamp as text, verbatim.
    Timestamp,
    Header(String),
    Query(String),
    Method,
    Path,
}

/// A placeholder that is not one, and where it stands in the template.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TemplateError {
    pub at: Range<usize>,
    pub message: String,
}

const PLACEHOLDERS: &str = "{body}, {ts}, {header:NAME}, {query:NAME}, {method} and {path}";

impl Template {
    pub fn parse(text: &str) -> Result<Self, TemplateError> {
        let mut parts = Vec::new();
        let mut rest = 0;
        while let Some(open) = text[rest..].find('{').map(|at| at + rest) {
            if open > rest {
                parts.push(Part::Literal(text[rest..open].to_owned()));
            }
            let Some(close) = text[open..].find('}').map(|at| at + open) else {
                return Err(TemplateError {
                    at: open..text.len(),
                    message: "this `{` is not closed".to_owned(),
                });
            };
            let part = placeholder(&text[open + 1..close]).ok_or_else(|| TemplateError {
                at: open..close + 1,
                message: format!("this is not a part of a request; there are {PLACEHOLDERS}"),
            })?;
            parts.push(part);
            rest = close + 1;
        }
        if rest < text.len() {
            parts.push(Part::Literal(text[rest..].to_owned()));
        }
        Ok(Self { parts })
    }

    /// `{body}`, what most senders sign.
    pub fn body() -> Self {
        Self { parts: vec![Part::Body] }
    }

    pub fn uses_timestamp(&self) -> bool {
        self.parts.contains(&Part::Timestamp)
    }

    pub fn uses_body(&self) -> bool {
        self.parts.contains(&Part::Body)
    }

    /// Hands each part to `sink`, in order. Err: the name of an absent part.
    pub fn splice(
        &self,
        raw: &RawWebhook,
        timestamp: Option<&str>,
        mut sink: impl FnMut(&[u8]),
    ) -> Result<(), String> {
        for part in &self.parts {
            match part {
                Part::Literal(text) => sink(text.as_bytes()),
                Part::Body => sink(&raw.body),
                Part::Timestamp => sink(timestamp.ok_or("the timestamp")?.as_bytes()),
                Part::Header(name) => {
                    sink(raw.headers.get(name).ok_or_else(|| format!("header `{name}`"))?.as_bytes())
                }
                Part::Query(name) => {
                    let pairs = raw.query_pairs();
                    let found = pairs.iter().find(|(have, _)| have == name);
                    sink(found.ok_or_else(|| format!("query parameter `{name}`"))?.1.as_bytes());
                }
                Part::Method => sink(raw.method.as_bytes()),
                Part::Path => sink(raw.path.as_bytes()),
            }
        }
        Ok(())
    }

    /// The headers it takes from the request, which a signer must send.
    pub fn headers(&self) -> impl Iterator<Item = &str> {
        self.parts.iter().filter_map(|part| match part {
            Part::Header(name) => Some(name.as_str()),
            _ => None,
        })
    }
}

fn placeholder(name: &str) -> Option<Part> {
    match name {
        "body" => Some(Part::Body),
        "ts" => Some(Part::Timestamp),
        "method" => Some(Part::Method),
        "path" => Some(Part::Path),
        _ => match name.split_once(':')? {
            ("header", name) if !name.is_empty() => Some(Part::Header(name.to_ascii_lowercase())),
            ("query", name) if !name.is_empty() => Some(Part::Query(name.to_owned())),
            _ => None,
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parses_what_the_catalogue_uses() {
        let template = Template::parse("v0:{header:X-Id}.{ts}{body}!").unwrap();
        assert_eq!(
            template.parts,
            [
                Part::Literal("v0:".into()),
                Part::Header("x-id".into()),
                Part::Literal(".".into()),
                Part::Timestamp,
                Part::Body,
                Part::Literal("!".into()),
            ]
        );
        assert!(template.uses_timestamp());
        assert_eq!(Template::parse("POST{body}").unwrap().parts.len(), 2);
    }

    #[test]
    fn a_wrong_placeholder_has_its_place() {
        assert_eq!(Template::parse("{ts}.{bodi}").unwrap_err().at, 5..11);
        assert_eq!(Template::parse("{ts").unwrap_err().at, 0..3);
        assert_eq!(Template::parse("{header:}").unwrap_err().at, 0..9);
    }
}
