//! The closed list of what an operator can be told went wrong, as RFC 9457
//! problems. Each has a stable code, and a sentence that says what to do next.

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use actix_web::http::header::{ALLOW, CACHE_CONTROL, RETRY_AFTER, WWW_AUTHENTICATE};
use serde::Serialize;
use serde_json::json;

use crate::store::StoreError;

#[derive(Debug)]
pub enum Problem {
    NotFound,
    /// The methods that are.
    MethodNotAllowed(Vec<&'static str>),
    /// How the configuration names the token that is not set.
    Closed(String),
    NoToken,
    WrongToken,
    BodyTooLarge(usize),
    BodyTooSlow,
    BodyBroken,
    /// Everything that is wrong with what was asked.
    Invalid(Vec<Fault>),
    NoEvent(String),
    NoDelivery(String),
    /// The state that it is in, and what can be done in which.
    WrongState(String, &'static str),
    /// What would be done is not what was shown; in a sentence.
    NotAsShown(String),
    StoreFailed(String),
}

/// One mistake in what was asked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Fault {
    /// The parameter or the field.
    #[serde(rename = "in")]
    pub at: String,
    pub detail: String,
}

/// How long a client should wait after a 503, in seconds.
const COME_BACK_SECS: u32 = 5;

impl Problem {
    fn status(&self) -> StatusCode {
        match self {
            Self::NotFound | Self::NoEvent(_) | Self::NoDelivery(_) => StatusCode::NOT_FOUND,
            Self::MethodNotAllowed(_) => StatusCode::METHOD_NOT_ALLOWED,
            Self::Closed(_) | Self::StoreFailed(_) => StatusCode::SERVICE_UNAVAILABLE,
            Self::NoToken | Self::WrongToken => StatusCode::UNAUTHORIZED,
            Self::BodyTooLarge(_) => StatusCode::PAYLOAD_TOO_LARGE,
            Self::BodyTooSlow => StatusCode::REQUEST_TIMEOUT,
            Self::BodyBroken | Self::Invalid(_) => StatusCode::BAD_REQUEST,
            Self::WrongState(..) | Self::NotAsShown(_) => StatusCode::CONFLICT,
        }
    }

    /// A word that does not change.
    fn code(&self) -> &'static str {
        match self {
            Self::NotFound => "not-found",
            Self::MethodNotAllowed(_) => "method-not-allowed",
            Self::Closed(_) => "admin-token-not-set",
            Self::NoToken => "token-missing",
            Self::WrongToken => "token-wrong",
            Self::BodyTooLarge(_) => "body-too-large",
            Self::BodyTooSlow => "body-too-slow",
            Self::BodyBroken => "body-broken",
            Self::Invalid(_) => "request-invalid",
            Self::NoEvent(_) => "no-such-event",
            Self::NoDelivery(_) => "no-such-delivery",
            Self::WrongState(..) => "wrong-state",
            Self::NotAsShown(_) => "not-as-shown",
            Self::StoreFailed(_) => "store-failed",
        }
    }

    fn detail(&self) -> String {
        match self {
            Self::NotFound => "There is no such address. /openapi.json lists those there are.".to_owned(),
            Self::MethodNotAllowed(methods) => {
                format!("This address is asked with {}.", methods.join(" or "))
            }
            Self::Closed(from) => format!(
                "The admin API is closed, because its token is not set. Set {} to at least 16 characters \
                 where `gancho serve` is started (`openssl rand -hex 24` makes a good one), and start it \
                 again.",
                in_words(from)
            ),
            Self::NoToken => "Send the token of the admin API: `Authorization: Bearer <token>`.".to_owned(),
            Self::WrongToken => "This is not the token of the admin API of this gateway. It is the one that \
                                 `gancho serve` was started with."
                .to_owned(),
            Self::BodyTooLarge(most) => format!("The body may have at most {most} bytes."),
            Self::BodyTooSlow => "The body took too long to arrive.".to_owned(),
            Self::BodyBroken => "The body broke off.".to_owned(),
            Self::Invalid(faults) => {
                let all: Vec<String> =
                    faults.iter().map(|fault| format!("`{}`: {}", fault.at, fault.detail)).collect();
                let said = format!("Nothing was done. {}", all.join("; "));
                if said.ends_with('?') { said } else { said + "." }
            }
            Self::NoEvent(id) => {
                format!(
                    "There is no event {id}. It may have been pruned; `gancho events` lists those there are."
                )
            }
            Self::NoDelivery(id) => format!(
                "There is no delivery {id}. It may have been pruned; `gancho deliveries` lists those there are."
            ),
            Self::NotAsShown(why) => format!("Nothing was sent: {why}."),
            Self::WrongState(state, wanted) => format!("It is `{state}`. {wanted}"),
            Self::StoreFailed(why) => {
                format!("Nothing was done: {why}. Look at the log of `gancho serve`, and at the disk.")
            }
        }
    }

    pub fn response(&self) -> HttpResponse {
        let status = self.status();
        let mut response = HttpResponse::build(status);
        response.insert_header((CACHE_CONTROL, "no-store"));
        match self {
            Self::MethodNotAllowed(methods) => {
                response.insert_header((ALLOW, methods.join(", ")));
            }
            Self::NoToken | Self::WrongToken => {
                response.insert_header((WWW_AUTHENTICATE, "Bearer realm=\"gancho\""));
            }
            Self::StoreFailed(_) => {
                response.insert_header((RETRY_AFTER, COME_BACK_SECS));
            }
            _ => {}
        }
        // Its body was not read, and is not worth it.
        if matches!(
            self,
            Self::Closed(_) | Self::NoToken | Self::WrongToken | Self::BodyTooLarge(_) | Self::BodyTooSlow
        ) {
            response.force_close();
        }
        let mut problem = json!({
            "type": format!("urn:gancho:problem:{}", self.code()),
            "title": status.canonical_reason(),
            "status": status.as_u16(),
            "code": self.code(),
            "detail": self.detail(),
        });
        if let Self::Invalid(faults) = self {
            problem["errors"] = json!(faults);
        }
        response.content_type("application/problem+json").body(problem.to_string())
    }
}

/// `the environment variable NAME`, or `the file PATH`.
fn in_words(reference: &str) -> String {
    match reference.split_once(':') {
        Some(("env", name)) => format!("the environment variable {name}"),
        Some((_, path)) => format!("the file {path}"),
        None => reference.to_owned(),
    }
}

impl From<StoreError> for Problem {
    fn from(error: StoreError) -> Self {
        tracing::error!("the admin API could not be served: {error}");
        Self::StoreFailed(error.to_string())
    }
}

pub async fn not_found() -> HttpResponse {
    Problem::NotFound.response()
}
