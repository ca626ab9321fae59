//! How a sender wants to be answered once its event is on disk. Some count
//! anything but one status as a failure, and switch the address off after a few.

use crate::diagnostic::{Diagnostic, Problems};
use crate::yaml::{Fields, Node};

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Acknowledge {
    /// 200 to 299.
    pub status: u16,
    pub body: AcknowledgeBody,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum AcknowledgeBody {
    /// `{"event": "<id>"}`
    EventId,
    Empty,
    /// Exactly this, as plain text.
    Text(String),
}

impl Default for Acknowledge {
    fn default() -> Self {
        Self { status: 202, body: AcknowledgeBody::EventId }
    }
}

pub fn read_acknowledge(node: &Node, problems: &mut Problems) -> Option<Acknowledge> {
    let fields = Fields::open(node, "`acknowledge`", &["status", "body"], problems)?;
    let mut acknowledge = Acknowledge::default();
    if fields.get("status").is_some() {
        acknowledge.status = fields.number("status", 200..=299, problems)? as u16;
    }
    if let Some(body) = fields.get("body") {
        acknowledge.body = read_body(&fields, body, problems)?;
    }
    if acknowledge.status == 204 && acknowledge.body != AcknowledgeBody::Empty {
        problems.push(
            Diagnostic::error("wrong-type", &node.place, say!("an answer with status 204 has no body"))
                .help(say!("add body: empty")),
        );
        return None;
    }
    Some(acknowledge)
}

/// `event_id`, `empty`, or `{ text: … }`.
fn read_body(fields: &Fields<'_>, node: &Node, problems: &mut Problems) -> Option<AcknowledgeBody> {
    if node.as_map().is_some() {
        let inner = Fields::open(node, "a body of text", &["text"], problems)?;
        return inner
            .required_text("text", &node.place, problems)
            .map(|text| AcknowledgeBody::Text(text.to_owned()));
    }
    let is_empty = fields.word("body", &[("event_id", false), ("empty", true)], problems)?;
    Some(if is_empty { AcknowledgeBody::Empty } else { AcknowledgeBody::EventId })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diagnostic::SourceText;

    #[test]
    fn reads_what_senders_ask_for() {
        let read = |text: &str| {
            let mut problems = Problems::default();
            let node = crate::yaml::parse(&SourceText::new("a.yaml", text), &mut problems).unwrap();
            (read_acknowledge(&node, &mut problems), problems.errors())
        };
        let empty = AcknowledgeBody::Empty;
        assert_eq!(read("status: 200"), (Some(Acknowledge { status: 200, ..Acknowledge::default() }), 0));
        assert_eq!(read("{ status: 204, body: empty }"), (Some(Acknowledge { status: 204, body: empty }), 0));
        let text = Acknowledge { status: 200, body: AcknowledgeBody::Text("[accepted]".into()) };
        assert_eq!(read("{ status: 200, body: { text: '[accepted]' } }"), (Some(text), 0));
        assert_eq!(read("body: full"), (None, 1));
        assert_eq!(read("status: 204"), (None, 1));
        assert_eq!(read("status: 500"), (None, 1));
    }
}
