//! Reading a reply: the status, which decides, and a bounded look at the rest,
//! which is only for people. The shape of Talqui's bodies is not documented, so
//! nothing about a body can turn a success into anything else.

use reqwest::Response;
use reqwest::header::RETRY_AFTER;
use serde_json::Value;

use crate::delivery::Reply;
use crate::event::{Secret, Timestamp};

use super::retry_after;

/// More than any sensible reply; the rest is left unread and its connection is
/// closed.
const BODY_LIMIT: usize = 64 * 1024;
const EXCERPT_CHARS: usize = 500;
const WITHHELD: &str = "[token]";
const SESSION_ID_CHARS: usize = 128;

/// Where a session id has been seen or may be expected: bare, or in an envelope.
const SESSION_ID_PLACES: [&str; 4] =
    ["/sessionID", "/session/sessionID", "/data/sessionID", "/data/session/sessionID"];

pub(super) async fn read(mut response: Response, token: &Secret, now: Timestamp) -> Reply {
    let status = response.status();
    let retry_after = response
        .headers()
        .get(RETRY_AFTER)
        .and_then(|value| value.to_str().ok())
        .and_then(|text| retry_after::parse(text, now));
    let body = read_some(&mut response).await;
    Reply {
        status: status.as_u16(),
        retry_after,
        session_id: if status.is_success() { session_id(&body) } else { None },
        excerpt: excerpt(&body, token),
    }
}

/// What of the body comes before the limit, the time limit or a break. That is
/// no fault: the status was read.
async fn read_some(response: &mut Response) -> Vec<u8> {
    let mut body = Vec::new();
    while body.len() < BODY_LIMIT {
        match response.chunk().await {
            Ok(Some(chunk)) => {
                let room = BODY_LIMIT - body.len();
                body.extend_from_slice(&chunk[..chunk.len().min(room)]);
            }
            Ok(None) | Err(_) => break,
        }
    }
    body
}

fn session_id(body: &[u8]) -> Option<String> {
    let body: Value = serde_json::from_slice(body).ok()?;
    let found = SESSION_ID_PLACES.iter().find_map(|place| match body.pointer(place)? {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    })?;
    let plausible = !found.is_empty() && found.len() <= SESSION_ID_CHARS && !found.chars().any(hides);
    plausible.then_some(found)
}

/// One readable line. Servers that echo the request in their errors exist, so
/// the token is taken out before anything is kept.
fn excerpt(body: &[u8], token: &Secret) -> String {
    let text = String::from_utf8_lossy(body);
    let text = match std::str::from_utf8(token.expose()) {
        // Some servers write `/` as `\/` in JSON.
        Ok(token) if !token.is_empty() => {
            text.replace(token, WITHHELD).replace(&token.replace('/', "\\/"), WITHHELD)
        }
        _ => text.into_owned(),
    };
    let line: String = text
        .trim()
        .chars()
        .map(|c| if c.is_whitespace() { ' ' } else { c })
        .filter(|c| !hides(*c))
        .take(EXCERPT_CHARS)
        .collect();
    line.trim_end().to_owned()
}

/// Characters that move a terminal's cursor or turn the direction of a line.
fn hides(c: char) -> bool {
    c.is_control() || matches!(c, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_session_id_is_found_where_it_may_be_and_missed_without_harm() {
        for (body, id) in [
            (r#"{"sessionID":"s1"}"#, Some("s1")),
            (r#"{"contact":{},"session":{"sessionID":"s2"},"message":{}}"#, Some("s2")),
            (r#"{"data":{"sessionID":"s3"}}"#, Some("s3")),
            (r#"{"data":{"session":{"sessionID":44}}}"#, Some("44")),
            (r#"{"session":"s5"}"#, None),
            (r#"{"sessionID":null,"session":{"sessionID":"s6"}}"#, Some("s6")),
            (r#"{"sessionID":"a\u001b[2Jb"}"#, None),
            (r#"{"sessionID":""}"#, None),
            ("[]", None),
            ("", None),
            ("<html>", None),
        ] {
            assert_eq!(session_id(body.as_bytes()).as_deref(), id, "{body}");
        }
        assert_eq!(session_id("[".repeat(BODY_LIMIT).as_bytes()), None);
    }

    #[test]
    fn an_excerpt_is_one_short_readable_line() {
        let none = Secret::new("");
        let text = |body: &[u8]| excerpt(body, &none);
        assert_eq!(text(b"  a\r\n\tb\x1b[31mc\0\xffd\n"), "a   b[31mc\u{fffd}d");
        assert_eq!(text("abc\u{202e}def".as_bytes()), "abcdef");
        assert_eq!(text("ção".repeat(400).as_bytes()).chars().count(), EXCERPT_CHARS);
        assert_eq!(text(b""), "");
    }

    #[test]
    fn an_echoed_token_is_taken_out() {
        let escaped = excerpt(br#"{"seen":"a\/b\/c"}"#, &Secret::new("a/b/c"));
        assert_eq!(escaped, r#"{"seen":"[token]"}"#);
        let token = Secret::new("tok_live_1");
        assert_eq!(
            excerpt(br#"{"authorization":"PluginConnection tok_live_1"}"#, &token),
            r#"{"authorization":"PluginConnection [token]"}"#
        );
        // It straddles the end of the excerpt: none of it may stay.
        let straddling = format!("{}tok_live_1", "x".repeat(EXCERPT_CHARS - 4));
        assert!(!excerpt(straddling.as_bytes(), &token).contains("tok_"));
    }
}
