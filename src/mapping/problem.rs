//! Why an event could not become a message: kept with the event, shown to the
//! operator, and gone once the file is mended and the event replayed.

use serde::ser::SerializeStruct;
use serde::{Serialize, Serializer};

use crate::diagnostic::{Place, Sentence};

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// A stable word, such as `value-missing`.
    pub code: String,
    /// Where in the mapping file: `mappings/loja.yaml:7:11`.
    pub place: String,
    /// One plain sentence. It may quote a few characters of the payload.
    pub message: Sentence,
    pub help: Option<Sentence>,
}

impl Problem {
    pub fn new(code: &str, place: &Place, message: Sentence) -> Self {
        Self { code: code.to_owned(), place: place.to_string(), message, help: None }
    }

    pub fn help(self, help: Sentence) -> Self {
        Self { help: Some(help), ..self }
    }
}

/// As it is stored with the event, in English: whoever looks at it later may
/// read another language than who ran the gateway.
impl Serialize for Problem {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut fields = serializer.serialize_struct("Problem", 4)?;
        fields.serialize_field("code", &self.code)?;
        fields.serialize_field("place", &self.place)?;
        fields.serialize_field("message", &self.message.english())?;
        if let Some(help) = &self.help {
            fields.serialize_field("help", &help.english())?;
        }
        fields.end()
    }
}
