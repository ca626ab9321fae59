//! Why an event could not become a message: kept with the event, shown to the
//! operator, and gone once the file is mended and the event replayed.

use serde::{Deserialize, Serialize};

use crate::diagnostic::Place;

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Problem {
    /// A stable word, such as `value-missing`.
    pub code: String,
    /// Where in the mapping file: `mappings/loja.yaml:7:11`.
    pub place: String,
    /// One plain sentence. It may quote a few characters of the payload.
    pub message: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub help: Option<String>,
}

impl Problem {
    pub fn new(code: &str, place: &Place, message: impl Into<String>) -> Self {
        Self { code: code.to_owned(), place: place.to_string(), message: message.into(), help: None }
    }

    pub fn help(self, help: impl Into<String>) -> Self {
        Self { help: Some(help.into()), ..self }
    }
}
