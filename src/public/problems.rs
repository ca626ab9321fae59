//! The closed list of what a sender can be told, as RFC 9457 problems. Each has
//! a stable code; the sentence is for whoever reads the sender's log.

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use actix_web::http::header::{ALLOW, RETRY_AFTER, WWW_AUTHENTICATE};
use serde_json::json;

use super::body::BodyFault;
use crate::ingest::Rejected;
use crate::verify::Refusal;

#[derive(Debug)]
pub enum Problem {
    NotFound,
    MethodNotAllowed,
    Body(BodyFault, usize),
    UnsupportedType(String),
    UnsupportedEncoding(String),
    Unverified(Refusal),
    KeysUnavailable,
    Busy,
    StoreFailed,
}

/// How long a sender should wait after a 503, in seconds.
const COME_BACK_SECS: u32 = 5;

impl Problem {
    fn status(&self) -> StatusCode {
        match self {
            Self::NotFound => StatusCode::NOT_FOUND,
            Self::MethodNotAllowed => StatusCode::METHOD_NOT_ALLOWED,
            Self::Body(BodyFault::TooLarge, _) => StatusCode::PAYLOAD_TOO_LARGE,
            Self::Body(BodyFault::TooSlow, _) => StatusCode::REQUEST_TIMEOUT,
            Self::Body(BodyFault::Broken, _) => StatusCode::BAD_REQUEST,
            Self::UnsupportedType(_) | Self::UnsupportedEncoding(_) => StatusCode::UNSUPPORTED_MEDIA_TYPE,
            Self::Unverified(_) => StatusCode::UNAUTHORIZED,
            Self::KeysUnavailable | Self::Busy | Self::StoreFailed => StatusCode::SERVICE_UNAVAILABLE,
        }
    }

    /// A word that does not change.
    pub fn code(&self) -> &'static str {
        match self {
            Self::NotFound => "not-found",
            Self::MethodNotAllowed => "method-not-allowed",
            Self::Body(BodyFault::TooLarge, _) => "body-too-large",
            Self::Body(BodyFault::TooSlow, _) => "body-too-slow",
            Self::Body(BodyFault::Broken, _) => "body-broken",
            Self::UnsupportedType(_) => "content-type-unsupported",
            Self::UnsupportedEncoding(_) => "content-encoding-unsupported",
            Self::Unverified(refusal) => refusal.code(),
            Self::KeysUnavailable => "keys-unavailable",
            Self::Busy => "busy",
            Self::StoreFailed => "store-failed",
        }
    }

    fn detail(&self) -> String {
        match self {
            Self::NotFound => "There is no such address. A source is at /hooks/<source>.".to_owned(),
            Self::MethodNotAllowed => "Webhooks are sent here with POST.".to_owned(),
            Self::Body(BodyFault::TooLarge, most) => format!("The body may have at most {most} bytes."),
            Self::Body(BodyFault::TooSlow, _) => "The body took too long to arrive.".to_owned(),
            Self::Body(BodyFault::Broken, _) => "The body broke off.".to_owned(),
            Self::UnsupportedType(what) => format!(
                "A body of type `{}` cannot be read here. Send application/json or \
                 application/x-www-form-urlencoded.",
                shown(what)
            ),
            Self::UnsupportedEncoding(what) => {
                format!("A body compressed with `{}` cannot be read here. Send it uncompressed.", shown(what))
            }
            Self::Unverified(refusal) => {
                let sentence = refusal.to_string();
                format!("{}{}.", sentence[..1].to_uppercase(), &sentence[1..])
            }
            Self::KeysUnavailable => {
                "The event was not taken in: the keys to check it with could not be fetched. Send it again."
                    .to_owned()
            }
            Self::Busy => {
                "The event was not taken in: there is more to write than can be written. Send it again."
                    .to_owned()
            }
            Self::StoreFailed => {
                "The event was not taken in: it could not be stored. Send it again.".to_owned()
            }
        }
    }

    pub fn response(&self) -> HttpResponse {
        let status = self.status();
        let mut response = HttpResponse::build(status);
        match self {
            Self::MethodNotAllowed => {
                response.insert_header((ALLOW, "POST"));
            }
            Self::Unverified(_) => {
                response.insert_header((WWW_AUTHENTICATE, "Webhook realm=\"gancho\""));
            }
            Self::KeysUnavailable | Self::Busy | Self::StoreFailed => {
                response.insert_header((RETRY_AFTER, COME_BACK_SECS));
            }
            // What is left of the body is not worth reading.
            Self::Body(..) => {
                response.force_close();
            }
            _ => {}
        }
        let problem = json!({
            "type": format!("urn:gancho:problem:{}", self.code()),
            "title": status.canonical_reason(),
            "status": status.as_u16(),
            "code": self.code(),
            "detail": self.detail(),
        });
        response.content_type("application/problem+json").body(problem.to_string())
    }
}

impl From<Rejected> for Problem {
    fn from(rejected: Rejected) -> Self {
        match rejected {
            Rejected::UnknownSource => Self::NotFound,
            Rejected::UnsupportedType(what) => Self::UnsupportedType(what),
            Rejected::UnsupportedEncoding(what) => Self::UnsupportedEncoding(what),
            Rejected::Unverified(refusal) => Self::Unverified(refusal),
            Rejected::KeysUnavailable => Self::KeysUnavailable,
            Rejected::Busy => Self::Busy,
            Rejected::StoreFailed => Self::StoreFailed,
        }
    }
}

/// A header's own words, cut short.
fn shown(text: &str) -> String {
    text.chars().filter(|c| c.is_ascii_graphic() || *c == ' ').take(60).collect()
}

pub async fn not_found() -> HttpResponse {
    Problem::NotFound.response()
}

pub async fn method_not_allowed() -> HttpResponse {
    Problem::MethodNotAllowed.response()
}
