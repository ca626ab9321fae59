//! What a request is called: on its answer, on every log line about it, and in the
//! event that is made of it.

use actix_web::HttpRequest;
use actix_web::http::header::{HeaderName, HeaderValue};

use crate::event::{RequestId, Timestamp};

pub const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// A longer name is not taken over.
const MOST_CHARACTERS: usize = 64;

/// The name that its sender, or a proxy in front, gave it; else a new one.
pub fn name_of(request: &HttpRequest, now: Timestamp) -> String {
    let given = request.headers().get(REQUEST_ID).and_then(|value| value.to_str().ok());
    match given.filter(|name| is_name(name)) {
        Some(name) => name.to_owned(),
        None => RequestId::generate(now).to_string(),
    }
}

/// For the answer.
pub fn header_of(name: &str) -> Option<HeaderValue> {
    HeaderValue::from_str(name).ok()
}

/// Nothing that could break a line of a log, or hide in it.
fn is_name(text: &str) -> bool {
    (1..=MOST_CHARACTERS).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_graphic())
}
