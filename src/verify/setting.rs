//! What a scheme needs to know that is neither in the request nor a secret: the
//! address as the sender has it, the parameters of the operator's account, and
//! what was fetched.

use std::collections::BTreeMap;
use std::fmt;

use super::fetched::FetchedKeys;
use crate::event::{RawWebhook, Secret};
use crate::payload::DocumentRule;

/// Of one source. The default knows nothing.
#[derive(Debug, Clone, Default)]
pub struct Setting {
    /// `public_url` of the configuration, without a slash at its end. It is
    /// never taken from a request: whoever sends one chooses its `Host`.
    pub public_url: Option<String>,
    pub params: Params,
    pub document: DocumentRule,
    /// Shared by every source.
    pub fetched: FetchedKeys,
}

impl Setting {
    /// The address that was called, as the sender wrote it.
    pub fn url_of(&self, raw: &RawWebhook) -> String {
        let base = self.public_url.as_deref().unwrap_or_default();
        let mark = if raw.query.is_empty() { "" } else { "?" };
        format!("{base}{}{mark}{}", raw.path, raw.query)
    }
}

/// `params:` of a mapping, resolved. Some of them are secrets, so none prints.
#[derive(Clone, Default)]
pub struct Params(BTreeMap<String, Secret>);

impl Params {
    pub fn get(&self, name: &str) -> Option<&Secret> {
        self.0.get(name)
    }
}

impl FromIterator<(String, Secret)> for Params {
    fn from_iter<T: IntoIterator<Item = (String, Secret)>>(params: T) -> Self {
        Self(params.into_iter().collect())
    }
}

impl fmt::Debug for Params {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.0.keys()).finish()
    }
}

/// Other spellings of one address, since senders and proxies differ.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum UrlForm {
    AsReceived,
    /// With the port of its scheme where it has none, without it where it has.
    OtherPort,
    /// A listed set of escapes decoded.
    Decoded,
}

impl UrlForm {
    pub fn of(self, url: &str) -> Option<String> {
        match self {
            Self::AsReceived => Some(url.to_owned()),
            Self::OtherPort => other_port(url),
            Self::Decoded => Some(decoded(url)),
        }
    }
}

fn other_port(url: &str) -> Option<String> {
    let (scheme, rest) = url.split_once("://")?;
    let port = if scheme == "https" { ":443" } else { ":80" };
    let end = rest.find(['/', '?']).unwrap_or(rest.len());
    let (authority, tail) = rest.split_at(end);
    Some(match authority.strip_suffix(port) {
        Some(bare) => format!("{scheme}://{bare}{tail}"),
        None if authority.contains(':') => return None,
        None => format!("{scheme}://{authority}{port}{tail}"),
    })
}

/// The escapes that are decoded before signing by the one sender that does so
/// (HubSpot/hubspot-api-python, `hubspot/utils/signature.py`).
const ESCAPES: [(&str, &str); 13] = [
    ("%3A", ":"),
    ("%2F", "/"),
    ("%40", "@"),
    ("%26", "&"),
    ("%3D", "="),
    ("%2B", "+"),
    ("%24", "$"),
    ("%60", "`"),
    ("%22", "\""),
    ("%2C", ","),
    ("%3B", ";"),
    ("%3E", ">"),
    ("%3C", "<"),
];

fn decoded(url: &str) -> String {
    let listed = ESCAPES.iter().fold(url.to_owned(), |url, (escape, plain)| url.replace(escape, plain));
    listed.replace("%3F", "?")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spellings_of_one_address() {
        for (form, url, other) in [
            (UrlForm::OtherPort, "https://a.b/c?d", Some("https://a.b:443/c?d")),
            (UrlForm::OtherPort, "https://a.b:443/c", Some("https://a.b/c")),
            (UrlForm::OtherPort, "http://a.b", Some("http://a.b:80")),
            (UrlForm::OtherPort, "https://a.b:8443/c", None),
            (UrlForm::OtherPort, "/hooks/loja", None),
            (UrlForm::Decoded, "https://a/b?c=%40x%2Fy%3F%20", Some("https://a/b?c=@x/y?%20")),
            (UrlForm::AsReceived, "https://a/b", Some("https://a/b")),
        ] {
            assert_eq!(form.of(url).as_deref(), other, "{url}");
        }
    }

    #[test]
    fn a_parameter_does_not_print() {
        let params: Params = [("verify_token".to_owned(), Secret::new("tok"))].into_iter().collect();
        assert_eq!(format!("{params:?}"), "{\"verify_token\"}");
    }
}
