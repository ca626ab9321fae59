//! What the sandbox says. A success is documented to return "usually" the
//! contact, the session and the first message. The names inside them are those
//! of stored objects in exports of 2025; nothing shows them in a reply. Error
//! bodies are not documented at all: these are the sandbox's own.

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use serde_json::{Map, Value, json};
use sha2::{Digest, Sha256};

use super::record::{Delivered, Recorded};
use super::rules::{Problem, text, text_for_the_person};
use crate::event::Timestamp;

/// The shape of a success. Which of them is Talqui's is not known; a gateway
/// must do with any.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum SuccessBody {
    /// `{contact, session, message}`, the documented expectation.
    #[default]
    Envelope,
    /// The bare session.
    Session,
    Empty,
}

/// The message that a good request sends. A contact is the same for the same
/// tenant, channel and address (inferred); session and message are new for each
/// request, the same or not.
pub(super) fn deliver(tenant: &str, fields: &Map<String, Value>, number: u64, at: Timestamp) -> Delivered {
    let (number, at) = (number.to_string(), at.to_string());
    Delivered {
        contact_id: id(&["contact", tenant, text(fields, "channel"), text(fields, "contactExternalID")]),
        session_id: id(&["session", &number, &at]),
        message_id: id(&["message", &number, &at]),
        text: text_for_the_person(fields),
    }
}

/// A UUID of the fourth version, as all ids in exports are, that is the same
/// for the same parts: there is no table of contacts to grow.
fn id(parts: &[&str]) -> String {
    let mut hash = Sha256::new();
    for part in parts {
        hash.update((part.len() as u64).to_be_bytes());
        hash.update(part);
    }
    let mut bytes = [0; 16];
    bytes.copy_from_slice(&hash.finalize()[..16]);
    uuid::Builder::from_random_bytes(bytes).into_uuid().to_string()
}

pub(super) fn success(status: u16, shape: SuccessBody, recorded: &Recorded) -> HttpResponse {
    let (Some(delivered), Some(fields)) = (&recorded.delivered, recorded.body.as_object()) else {
        return answer(status, None);
    };
    let session = session(recorded, delivered, fields);
    let body = match shape {
        SuccessBody::Empty => None,
        SuccessBody::Session => Some(session),
        SuccessBody::Envelope => Some(json!({
            "contact": {
                "contactID": delivered.contact_id,
                "tenantID": recorded.tenant_id,
                "contactExternalID": fields["contactExternalID"],
                "contactFullName": fields.get("contactFullName"),
            },
            "session": session,
            "message": {
                "messageID": delivered.message_id,
                "sessionID": delivered.session_id,
                "contactID": delivered.contact_id,
                "messageChannel": fields["channel"],
                "messageDirection": "outbound",
                "messageKey": fields["messageKey"],
                "messageValue": delivered.text,
                "createdAt": recorded.received_at.to_string(),
            },
        })),
    };
    answer(status, body)
}

fn session(recorded: &Recorded, delivered: &Delivered, fields: &Map<String, Value>) -> Value {
    let time = recorded.received_at.to_string();
    json!({
        "sessionID": delivered.session_id,
        "tenantID": recorded.tenant_id,
        "contactID": delivered.contact_id,
        "pluginConnectionID": fields["pluginConnectionID"],
        "sessionChannel": fields["channel"],
        "sessionKind": fields.get("sessionKind").cloned().unwrap_or_else(|| "transactional".into()),
        "sessionType": fields.get("sessionType").cloned().unwrap_or_else(|| "auto".into()),
        "sessionActive": true,
        "sessionStatus": 0,
        "sessionLastMessageID": delivered.message_id,
        "createdAt": time,
        "updatedAt": time,
    })
}

pub(super) fn refusal(status: u16, problems: &[Problem]) -> HttpResponse {
    answer(status, Some(json!({ "message": "the sandbox refuses this request", "problems": problems })))
}

pub(super) fn injected(status: u16) -> HttpResponse {
    answer(status, Some(json!({ "message": format!("{status}, as the sandbox was told to answer") })))
}

fn answer(status: u16, body: Option<Value>) -> HttpResponse {
    let status = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let bodiless = matches!(status, StatusCode::NO_CONTENT | StatusCode::NOT_MODIFIED);
    match body {
        Some(body) if !bodiless => HttpResponse::build(status).json(body),
        _ => HttpResponse::new(status),
    }
}
