//! What a Session Start must look like, by the documentation and its examples.
//! All that is wrong is told, not the first of it.

use actix_web::http::header::{AUTHORIZATION, CONTENT_TYPE, HeaderMap};
use serde::Serialize;
use serde_json::{Map, Value};

use crate::session::Channel;

/// One thing that is wrong with a request.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Problem {
    /// A field of the body, a header, or `body`, `method` or `path`.
    pub place: &'static str,
    pub message: String,
}

impl Problem {
    pub(super) fn new(place: &'static str, message: impl Into<String>) -> Self {
        Self { place, message: message.into() }
    }
}

/// In every documented example (that they are required is inferred).
const REQUIRED: [&str; 5] =
    ["channel", "pluginConnectionID", "contactExternalID", "messageKey", "messageValue"];
const OPTIONAL_TEXT: [&str; 4] = ["contactFullName", "campaignModelID", "sessionKind", "sessionType"];
const SCHEME: &str = "PluginConnection";

/// The credential: one header, the scheme word as written, one space, a token.
pub(super) fn check_authorization(headers: &HeaderMap) -> Vec<Problem> {
    let mut values = headers.get_all(AUTHORIZATION);
    let wrong = match (values.next(), values.next()) {
        (None, _) => Some("is missing"),
        (Some(_), Some(_)) => Some("is there twice"),
        (Some(value), None) => match value.to_str().unwrap_or_default().split_once(' ') {
            None => Some("is not a scheme word, one space and a token"),
            Some((scheme, _)) if scheme != SCHEME => {
                Some("does not begin with the scheme word `PluginConnection`")
            }
            Some((_, token)) if token.is_empty() || !token.bytes().all(|b| b.is_ascii_graphic()) => {
                Some("holds no token, or a token with spaces")
            }
            Some(_) => None,
        },
    };
    wrong.map(|wrong| Problem::new("Authorization", wrong)).into_iter().collect()
}

pub(super) fn check_content_type(headers: &HeaderMap) -> Vec<Problem> {
    let essence = headers
        .get(CONTENT_TYPE)
        .and_then(|value| value.to_str().ok())
        .and_then(|value| value.split(';').next())
        .unwrap_or_default();
    if essence.trim().eq_ignore_ascii_case("application/json") {
        return Vec::new();
    }
    vec![Problem::new("Content-Type", "must be application/json")]
}

/// The fields. Ones that are not documented are passed over: a plugin's own
/// contract may ask for more.
pub(super) fn check_fields(fields: &Map<String, Value>) -> Vec<Problem> {
    let mut problems = Vec::new();
    for name in REQUIRED {
        match fields.get(name) {
            None => problems.push(Problem::new(name, "is missing")),
            Some(Value::String(text)) if !text.trim().is_empty() => {}
            Some(_) => problems.push(Problem::new(name, "must be text, and not empty")),
        }
    }
    for name in OPTIONAL_TEXT {
        if fields.get(name).is_some_and(|value| !value.is_string()) {
            problems.push(Problem::new(name, "must be text where it is given"));
        }
    }
    if fields.get("campaignVariables").is_some_and(|value| !value.is_array()) {
        problems.push(Problem::new("campaignVariables", "must be a list where it is given"));
    }
    let channel = text(fields, "channel");
    match channel.parse() {
        Ok(channel) => problems.extend(check_channel(&channel, fields)),
        Err(_) if channel.trim().is_empty() => {}
        Err(_) => problems.push(Problem::new("channel", "is not of the shape urn:talqui:<name>:<number>")),
    }
    problems
}

fn check_channel(channel: &Channel, fields: &Map<String, Value>) -> Vec<Problem> {
    let kind = text(fields, "sessionKind");
    let mut problems = Vec::new();
    match channel {
        Channel::WhatsappCloud => {
            if text(fields, "campaignModelID").trim().is_empty() {
                problems.push(Problem::new("campaignModelID", "is needed: this channel opens with a model"));
            }
            // Documented for this channel; whether Talqui refuses another kind is not.
            if kind != "marketing" {
                problems.push(Problem::new("sessionKind", "must be `marketing` on this channel"));
            }
        }
        Channel::Ifood if kind == "marketing" => {
            problems.push(Problem::new("sessionKind", "iFood is not a marketing channel"));
        }
        Channel::Ifood | Channel::WhatsappInternal | Channel::Other(_) => {}
    }
    problems
}

/// What the person reads: on whatsapp-cloud the model's content, of which only
/// the id is known here, and never `messageValue`, which is a label there.
pub(super) fn text_for_the_person(fields: &Map<String, Value>) -> String {
    if text(fields, "channel") == Channel::WhatsappCloud.urn() {
        format!("[model {}]", text(fields, "campaignModelID"))
    } else {
        text(fields, "messageValue").to_owned()
    }
}

pub(super) fn text<'a>(fields: &'a Map<String, Value>, name: &str) -> &'a str {
    fields.get(name).and_then(Value::as_str).unwrap_or_default()
}
