//! An event of a sender as the tests of a mapping have it: the first example that
//! is believed, without what only proves it.

use serde_json::Value;

use super::{Batch, Expected, Provider};
use crate::event::{Headers, parse_query};
use crate::payload::{Request, read_document};

pub struct Sample {
    /// Those that an event's id and type are in.
    pub headers: Vec<(String, String)>,
    pub query: String,
    /// The document; of a batch its first event.
    pub body: Value,
}

impl Sample {
    /// Whether the type of an event is found in it.
    pub fn has_type(&self, provider: &Provider) -> bool {
        let headers = self.headers.iter().map(|(name, value)| (name, value.clone())).collect::<Headers>();
        let query = parse_query(&self.query);
        provider.event.kind(&Request { headers: &headers, query: &query, body: &self.body }).is_some()
    }
}

impl Provider {
    /// None: no example of it is an event.
    pub fn sample(&self) -> Option<Sample> {
        let example = self.examples.iter().find(|example| example.expect == Expected::Accepted)?;
        let document = read_document(&self.document, &example.headers, &example.body).ok()?;
        let body = match self.event.split(&document) {
            Batch::Items(items) => items.first().map(|item| (*item).clone())?,
            Batch::Whole => document,
        };
        let headers = self.event.headers().into_iter().filter_map(|name| {
            let value = example.headers.get(name)?;
            Some((name.to_owned(), value.to_owned()))
        });
        let query = if self.event.looks_into_query() { example.query.clone() } else { String::new() };
        Some(Sample { headers: headers.collect(), query, body })
    }
}
