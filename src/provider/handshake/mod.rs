//! Handshakes: what some senders ask an address before they send to it.
//!
//! Lives here: which question it is, and the answer. A handshake is never an
//! event and never mapped. Never here: recording it, and counting what an
//! unknown caller may ask.
//!
//! A keyed answer is made with the very key that signs events, so it is made
//! over a *challenge* only: a text of one of three alphabets, none of which has
//! the punctuation without which no event and no signed text of one exists.

mod read;
mod text;

use serde_json::Value;
use subtle::ConstantTimeEq;

pub use read::read_handshakes;
use text::Text;

use crate::event::{RawWebhook, Secret, Timestamp};
use crate::payload::{Locator, Request, scalar_text};
use crate::verify::Verifier;

#[derive(Debug, Clone)]
pub struct Handshake {
    /// For people.
    pub name: String,
    pub method: String,
    /// Whether the request must prove its sender like any event.
    pub verified: bool,
    present: Vec<Locator>,
    equals: Vec<(Locator, String)>,
    /// The document has exactly these keys.
    only: Option<Vec<String>>,
    /// A parameter that the sender must know.
    token: Option<(Locator, String)>,
    challenge: Option<Challenge>,
    /// Where the secret is that the sender hands over.
    pub capture: Option<Locator>,
    answer: Answer,
}

#[derive(Debug, Clone)]
struct Challenge {
    at: Locator,
    alphabet: Alphabet,
    min: usize,
    max: usize,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Alphabet {
    Hex,
    Alphanumeric,
    /// Letters, digits, `-` and `_`.
    Token,
}

#[derive(Debug, Clone)]
struct Answer {
    status: u16,
    headers: Vec<(String, Text)>,
    body: AnswerBody,
}

#[derive(Debug, Clone)]
enum AnswerBody {
    Empty,
    Text(Text),
    Json(JsonText),
}

#[derive(Debug, Clone)]
enum JsonText {
    Text(Text),
    Object(Vec<(String, JsonText)>),
    List(Vec<JsonText>),
    Plain(Value),
}

/// A request, as a handshake sees it.
pub struct Asked<'a> {
    pub raw: &'a RawWebhook,
    pub request: Request<'a>,
    pub verifier: &'a Verifier,
    pub now: Timestamp,
    /// Set by [`Handshake::answer`].
    pub challenge: Option<&'a str>,
}

/// What the sender gets.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reply {
    pub status: u16,
    pub headers: Vec<(String, String)>,
    /// `text/plain` or `application/json`. None: no body.
    pub content_type: Option<&'static str>,
    pub body: String,
}

/// Why there is no answer.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Unanswered {
    #[error("the token in {0} is not the one of this source")]
    WrongToken(String),
    #[error("the challenge in {0} is not of the kind that this source answers")]
    BadChallenge(String),
    #[error("the answer needs {0}, and there is none")]
    Missing(String),
}

impl Handshake {
    /// Whether `request` is this question.
    pub fn matches(&self, method: &str, request: &Request<'_>) -> bool {
        let text_at = |locator: &Locator| locator.nodes(request).first().and_then(|node| scalar_text(node));
        self.method == method
            && self.present.iter().all(|locator| !locator.nodes(request).is_empty())
            && self.equals.iter().all(|(locator, wanted)| text_at(locator).as_ref() == Some(wanted))
            && self.only.as_ref().is_none_or(|keys| has_only(request.body, keys))
    }

    /// Whether the body must be read to know.
    pub fn needs_body(&self) -> bool {
        let places = self.present.iter().chain(self.equals.iter().map(|(locator, _)| locator));
        let others = self.token.iter().map(|(locator, _)| locator);
        let others = others.chain(self.challenge.iter().map(|challenge| &challenge.at)).chain(&self.capture);
        self.only.is_some()
            || places.chain(others).any(Locator::needs_body)
            || self.answer.texts().iter().any(|text| text.needs_body())
    }

    pub fn uses_url(&self) -> bool {
        self.answer.texts().iter().any(|text| text.uses_url())
    }

    /// The parameters that it takes from a mapping's `params:`.
    pub fn params(&self) -> Vec<String> {
        let texts = self.answer.texts();
        let named = texts.iter().flat_map(|text| text.params()).map(str::to_owned);
        named.chain(self.token.iter().map(|(_, param)| param.clone())).collect()
    }

    pub fn answer(&self, asked: &Asked<'_>) -> Result<Reply, Unanswered> {
        if let Some((at, param)) = &self.token {
            check_token(at, asked.verifier.setting().params.get(param), &asked.request)?;
        }
        let challenge = match &self.challenge {
            Some(challenge) => Some(challenge.find(&asked.request)?),
            None => None,
        };
        let asked = Asked { challenge: challenge.as_deref(), ..*asked };
        self.answer.make(&asked).map_err(Unanswered::Missing)
    }

    /// Whether its sender hands a secret over in it.
    pub fn captures(&self) -> bool {
        self.capture.is_some()
    }

    /// The secret that the sender hands over.
    pub fn captured(&self, request: &Request<'_>) -> Option<Secret> {
        let nodes = self.capture.as_ref()?.nodes(request);
        let text = nodes.first()?.as_str()?;
        (8..=512).contains(&text.len()).then(|| Secret::new(text))
    }
}

fn has_only(document: &Value, keys: &[String]) -> bool {
    document
        .as_object()
        .is_some_and(|object| object.len() == keys.len() && keys.iter().all(|key| object.contains_key(key)))
}

fn check_token(at: &Locator, wanted: Option<&Secret>, request: &Request<'_>) -> Result<(), Unanswered> {
    let nodes = at.nodes(request);
    let given = nodes.first().and_then(|node| node.as_str()).unwrap_or_default();
    let right = wanted.filter(|wanted| !wanted.is_empty());
    match right.is_some_and(|wanted| wanted.expose().ct_eq(given.as_bytes()).into()) {
        true => Ok(()),
        false => Err(Unanswered::WrongToken(at.described())),
    }
}

impl Challenge {
    fn find(&self, request: &Request<'_>) -> Result<String, Unanswered> {
        let bad = || Unanswered::BadChallenge(self.at.described());
        let nodes = self.at.nodes(request);
        let text = nodes.first().and_then(|node| node.as_str()).ok_or_else(bad)?;
        let fits = (self.min..=self.max).contains(&text.len()) && text.bytes().all(|b| self.alphabet.has(b));
        fits.then(|| text.to_owned()).ok_or_else(bad)
    }
}

impl Alphabet {
    fn has(self, byte: u8) -> bool {
        match self {
            Self::Hex => byte.is_ascii_hexdigit(),
            Self::Alphanumeric => byte.is_ascii_alphanumeric(),
            Self::Token => byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'),
        }
    }
}

impl Answer {
    fn texts(&self) -> Vec<&Text> {
        let mut texts: Vec<&Text> = self.headers.iter().map(|(_, text)| text).collect();
        match &self.body {
            AnswerBody::Empty => {}
            AnswerBody::Text(text) => texts.push(text),
            AnswerBody::Json(json) => json.texts(&mut texts),
        }
        texts
    }

    fn make(&self, asked: &Asked<'_>) -> Result<Reply, String> {
        let headers =
            self.headers.iter().map(|(name, text)| Ok((name.clone(), header_text(text.fill(asked)?))));
        let (content_type, body) = match &self.body {
            AnswerBody::Empty => (None, String::new()),
            AnswerBody::Text(text) => (Some("text/plain; charset=utf-8"), text.fill(asked)?),
            AnswerBody::Json(json) => (Some("application/json"), json.fill(asked)?.to_string()),
        };
        Ok(Reply {
            status: self.status,
            headers: headers.collect::<Result<_, String>>()?,
            content_type,
            body,
        })
    }
}

/// What a caller sent cannot break out of the header that it goes into.
fn header_text(text: String) -> String {
    text.chars().filter(|c| !c.is_control()).collect()
}

impl JsonText {
    fn texts<'t>(&'t self, texts: &mut Vec<&'t Text>) {
        match self {
            Self::Text(text) => texts.push(text),
            Self::Object(entries) => entries.iter().for_each(|(_, value)| value.texts(texts)),
            Self::List(items) => items.iter().for_each(|item| item.texts(texts)),
            Self::Plain(_) => {}
        }
    }

    fn fill(&self, asked: &Asked<'_>) -> Result<Value, String> {
        Ok(match self {
            Self::Text(text) => Value::String(text.fill(asked)?),
            Self::Object(entries) => {
                let filled = entries.iter().map(|(name, value)| Ok((name.clone(), value.fill(asked)?)));
                Value::Object(filled.collect::<Result<_, String>>()?)
            }
            Self::List(items) => {
                Value::Array(items.iter().map(|item| item.fill(asked)).collect::<Result<_, _>>()?)
            }
            Self::Plain(value) => value.clone(),
        })
    }
}

#[cfg(test)]
#[path = "tests.rs"]
mod tests;
