//! placeholder, replaced at merge
use super::{BodyProblem, ContentType, read_body};
use crate::event::Headers;
use serde_json::Value;

#[derive(Debug, Clone, Default)]
pub enum DocumentRule {
    #[default]
    AsIs,
}

pub fn read_document(_rule: &DocumentRule, headers: &Headers, body: &[u8]) -> Result<Value, BodyProblem> {
    let kind = ContentType::of(headers.get("content-type")).ok_or(BodyProblem::Empty)?;
    read_body(kind, body)
}
