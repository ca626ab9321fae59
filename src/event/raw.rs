//! The webhook as it came in: bytes and headers, believed by nobody yet.

use bytes::Bytes;

use super::{SourceName, Timestamp};

/// Header fields by lower-case name, in the order received. A field that came
/// twice is here twice.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Headers(Vec<(String, String)>);

impl Headers {
    pub fn push(&mut self, name: &str, value: impl Into<String>) {
        self.0.push((name.to_ascii_lowercase(), value.into()));
    }

    /// The first field of that name, whatever its case.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.0.iter().find(|(have, _)| have.eq_ignore_ascii_case(name)).map(|(_, value)| value.as_str())
    }

    /// Every field of that name gets `value`.
    pub fn replace(&mut self, name: &str, value: &str) {
        for (have, old) in &mut self.0 {
            if have.eq_ignore_ascii_case(name) {
                *old = value.to_owned();
            }
        }
    }

    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(name, value)| (name.as_str(), value.as_str()))
    }
}

impl<N: AsRef<str>, V: Into<String>> FromIterator<(N, V)> for Headers {
    fn from_iter<T: IntoIterator<Item = (N, V)>>(fields: T) -> Self {
        let mut headers = Self::default();
        for (name, value) in fields {
            headers.push(name.as_ref(), value);
        }
        headers
    }
}

/// One request to `/hooks/{source}`, not yet verified.
#[derive(Debug, Clone)]
pub struct RawWebhook {
    pub source: SourceName,
    /// Upper-case, as some senders sign it.
    pub method: String,
    /// As received, without the query.
    pub path: String,
    /// As received, without the `?`.
    pub query: String,
    pub headers: Headers,
    /// Exactly the bytes of the body; signatures are over these.
    pub body: Bytes,
    /// The last path segment of `/hooks/{source}/{segment}`, if there was one.
    pub path_secret: Option<String>,
    pub received_at: Timestamp,
}

impl RawWebhook {
    /// The decoded query pairs, in order.
    pub fn query_pairs(&self) -> Vec<(String, String)> {
        parse_query(&self.query)
    }
}

/// The decoded pairs of a query string, in order.
pub fn parse_query(query: &str) -> Vec<(String, String)> {
    serde_urlencoded::from_str(query).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn header_names_ignore_case() {
        let headers: Headers = [("X-Shopify-Topic", "orders/paid")].into_iter().collect();
        assert_eq!(headers.get("x-shopify-topic"), Some("orders/paid"));
        assert_eq!(headers.get("X-SHOPIFY-TOPIC"), Some("orders/paid"));
        assert_eq!(headers.get("x-other"), None);
    }

    #[test]
    fn a_query_is_decoded_in_order() {
        assert_eq!(
            parse_query("a=1&b=x%20y&a=2"),
            [("a".into(), "1".into()), ("b".into(), "x y".into()), ("a".into(), "2".into())]
        );
    }
}
