//! The closed list of what a sender can be told, as RFC 9457 problems. Each has
//! a stable code; the sentence is for whoever reads the sender's log.

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use actix_web::http::header::{ALLOW, RETRY_AFTER, WWW_AUTHENTICATE};
use serde_json::json;

use super::body::BodyFault;
use crate::ingest::Rejected;
use crate::payload::Unreadable;
use crate::verify::Refusal;

#[derive(Debug)]
pub enum Problem {
    NotFound,
    /// The methods that are.
    MethodNotAllowed(Vec<String>),
    Body(BodyFault, usize),
    UnsupportedType(String),
    UnsupportedEncoding(String),
    Unverified(Refusal),
    NonceReused,
    TooManyUnverified(u32),
    WrongToken(String),
    BadHandshake(String),
    SecretTaken,
    KeysUnavailable,
    Busy,
    StoreFailed,
    StoreFull,
    BacklogFull,
}

/// How long a sender should wait after a 503, in seconds.
const COME_BACK_SECS: u32 = 5;

impl Problem {
    fn status(&self) -> StatusCode {
        match self {
            Self::NotFound => StatusCode::NOT_FOUND,
            Self::MethodNotAllowed(_) => StatusCode::METHOD_NOT_ALLOWED,
            Self::Body(BodyFault::TooLarge, _) => StatusCode::PAYLOAD_TOO_LARGE,
            Self::Body(BodyFault::TooSlow, _) => StatusCode::REQUEST_TIMEOUT,
            Self::Body(BodyFault::Broken, _) => StatusCode::BAD_REQUEST,
            Self::UnsupportedType(_) | Self::UnsupportedEncoding(_) => StatusCode::UNSUPPORTED_MEDIA_TYPE,
            Self::Unverified(_) | Self::NonceReused => StatusCode::UNAUTHORIZED,
            Self::TooManyUnverified(_) => StatusCode::TOO_MANY_REQUESTS,
            Self::WrongToken(_) => StatusCode::FORBIDDEN,
            Self::BadHandshake(_) => StatusCode::BAD_REQUEST,
            Self::SecretTaken => StatusCode::CONFLICT,
            Self::Body(BodyFault::NoRoom, _)
            | Self::KeysUnavailable
            | Self::Busy
            | Self::StoreFailed
            | Self::StoreFull
            | Self::BacklogFull => StatusCode::SERVICE_UNAVAILABLE,
        }
    }

    /// A word that does not change.
    pub fn code(&self) -> &'static str {
        match self {
            Self::NotFound => "not-found",
            Self::MethodNotAllowed(_) => "method-not-allowed",
            Self::Body(BodyFault::TooLarge, _) => "body-too-large",
            Self::Body(BodyFault::TooSlow, _) => "body-too-slow",
            Self::Body(BodyFault::Broken, _) => "body-broken",
            Self::UnsupportedType(_) => "content-type-unsupported",
            Self::UnsupportedEncoding(_) => "content-encoding-unsupported",
            Self::Unverified(refusal) => refusal.code(),
            Self::NonceReused => "nonce-reused",
            Self::TooManyUnverified(_) => "too-many-unverified",
            Self::WrongToken(_) => "handshake-token-mismatch",
            Self::BadHandshake(_) => "handshake-unanswerable",
            Self::SecretTaken => "secret-taken",
            Self::KeysUnavailable => "keys-unavailable",
            Self::Body(BodyFault::NoRoom, _) | Self::Busy => "busy",
            Self::StoreFailed => "store-failed",
            Self::StoreFull => "store-full",
            Self::BacklogFull => "backlog-full",
        }
    }

    fn detail(&self) -> String {
        match self {
            Self::NotFound => "There is no such address. A source is at /hooks/<source>.".to_owned(),
            Self::MethodNotAllowed(_) => "Webhooks are sent here with POST.".to_owned(),
            Self::Body(BodyFault::TooLarge, most) => format!("The body may have at most {most} bytes."),
            Self::Body(BodyFault::TooSlow, _) => "The body took too long to arrive.".to_owned(),
            Self::Body(BodyFault::Broken, _) => "The body broke off.".to_owned(),
            Self::Body(BodyFault::NoRoom, _) => {
                "The event was not taken in: too much is being taken in at the moment. Send it again."
                    .to_owned()
            }
            Self::UnsupportedType(what) => format!(
                "A body of type `{}` cannot be read here. Send JSON, a form or XML, with the \
                 content-type that says which.",
                shown(what)
            ),
            Self::UnsupportedEncoding(what) => {
                format!(
                    "A body compressed with `{}` cannot be read here. Send it in gzip, or uncompressed.",
                    shown(what)
                )
            }
            Self::Unverified(refusal) => sentence(&refusal.to_string()),
            Self::WrongToken(why) | Self::BadHandshake(why) => sentence(why),
            Self::NonceReused => {
                "The signature is right, and what may be used once was used by another request.".to_owned()
            }
            Self::TooManyUnverified(_) => {
                "Too many requests to this address were not signed rightly. Mend that, and come again."
                    .to_owned()
            }
            Self::SecretTaken => {
                "This source has a secret of its sender already. Its operator can forget that one.".to_owned()
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
            Self::StoreFull => {
                "The event was not taken in: there is too little room to store it. Send it again.".to_owned()
            }
            Self::BacklogFull => {
                "The event was not taken in: too many wait already. Send it again.".to_owned()
            }
        }
    }

    pub fn response(&self) -> HttpResponse {
        let status = self.status();
        let mut response = HttpResponse::build(status);
        match self {
            Self::MethodNotAllowed(methods) => {
                response.insert_header((ALLOW, methods.join(", ")));
            }
            Self::TooManyUnverified(retry_after_secs) => {
                response.insert_header((RETRY_AFTER, *retry_after_secs));
            }
            Self::Unverified(_) | Self::NonceReused => {
                response.insert_header((WWW_AUTHENTICATE, "Webhook realm=\"gancho\""));
            }
            Self::KeysUnavailable | Self::Busy | Self::StoreFailed | Self::StoreFull | Self::BacklogFull => {
                response.insert_header((RETRY_AFTER, COME_BACK_SECS));
            }
            Self::Body(BodyFault::NoRoom, _) => {
                response.insert_header((RETRY_AFTER, COME_BACK_SECS)).force_close();
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
            Rejected::Unreadable(Unreadable::Type(what)) => Self::UnsupportedType(what),
            Rejected::Unreadable(Unreadable::Encoding(what)) => Self::UnsupportedEncoding(what),
            Rejected::Method(methods) => Self::MethodNotAllowed(methods),
            Rejected::Unverified(refusal) => Self::Unverified(refusal),
            Rejected::NonceReused => Self::NonceReused,
            Rejected::TooManyUnverified { retry_after_secs } => Self::TooManyUnverified(retry_after_secs),
            Rejected::WrongToken(why) => Self::WrongToken(why),
            Rejected::BadHandshake(why) => Self::BadHandshake(why),
            Rejected::SecretTaken => Self::SecretTaken,
            Rejected::KeysUnavailable => Self::KeysUnavailable,
            Rejected::Busy => Self::Busy,
            Rejected::StoreFailed => Self::StoreFailed,
            Rejected::StoreFull => Self::StoreFull,
            Rejected::BacklogFull => Self::BacklogFull,
        }
    }
}

/// With a capital letter and a full stop. The sentences begin with ASCII.
fn sentence(text: &str) -> String {
    let (first, rest) = text.split_at_checked(1).unwrap_or(("", text));
    format!("{}{rest}.", first.to_uppercase())
}

/// A header's own words, cut short.
fn shown(text: &str) -> String {
    text.chars().filter(|c| c.is_ascii_graphic() || *c == ' ').take(60).collect()
}

pub async fn not_found() -> HttpResponse {
    Problem::NotFound.response()
}
