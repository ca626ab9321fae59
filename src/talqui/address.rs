//! Where Session Starts go. A base URL that was checked once, and the one path
//! that is built on it.

use std::fmt::Write;
use std::str::FromStr;

use reqwest::Url;

use super::TalquiError;

/// An `http` or `https` URL without user, query or fragment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct BaseUrl {
    url: Url,
}

impl BaseUrl {
    /// `{base}/tenants/{tenant_id}/sessions`, the tenant as one segment
    /// whatever it is made of. Nothing for a tenant that no address can hold:
    /// `.` and `..` stay steps through the path even when percent-encoded.
    pub(super) fn sessions_of(&self, tenant_id: &str) -> Option<Url> {
        if matches!(tenant_id, "" | "." | "..") {
            return None;
        }
        let mut url = self.url.clone();
        let base = self.url.path().trim_end_matches('/');
        url.set_path(&format!("{base}/tenants/{}/sessions", segment(tenant_id)));
        Some(url)
    }

    /// Host and port, for messages.
    pub(super) fn authority(&self) -> &str {
        self.url.authority()
    }

    pub(super) fn is_tls(&self) -> bool {
        self.url.scheme() == "https"
    }
}

impl FromStr for BaseUrl {
    type Err = TalquiError;
    fn from_str(text: &str) -> Result<Self, TalquiError> {
        let url = Url::parse(text).map_err(|error| TalquiError::NotAUrl(error.to_string()))?;
        if !matches!(url.scheme(), "http" | "https") {
            return Err(TalquiError::Scheme(url.scheme().to_owned()));
        }
        if !url.username().is_empty() || url.password().is_some() {
            return Err(TalquiError::Credentials);
        }
        if url.query().is_some() || url.fragment().is_some() {
            return Err(TalquiError::NotABase);
        }
        Ok(Self { url })
    }
}

/// Everything but RFC 3986's unreserved characters, percent-encoded. The URL
/// crate's own segment setter drops tabs and line breaks without a word.
fn segment(text: &str) -> String {
    let mut encoded = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            encoded.push(char::from(byte));
        } else {
            // Writing to a String cannot fail.
            let _ = write!(encoded, "%{byte:02X}");
        }
    }
    encoded
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tenant_is_one_segment_whatever_it_is_made_of() {
        let base: BaseUrl = "https://api.example/v1/".parse().unwrap();
        for (tenant, path) in [
            ("8f14e45f-ceea-467f-a1d3-55bb2e1c1f4b", "8f14e45f-ceea-467f-a1d3-55bb2e1c1f4b"),
            ("a/../b?c#d", "a%2F..%2Fb%3Fc%23d"),
            ("50% ação\t\n", "50%25%20a%C3%A7%C3%A3o%09%0A"),
            ("%2e%2e", "%252e%252e"),
            ("...", "..."),
        ] {
            let url = base.sessions_of(tenant).unwrap();
            assert_eq!(url.as_str(), format!("https://api.example/v1/tenants/{path}/sessions"));
        }
        for none in ["", ".", ".."] {
            assert_eq!(base.sessions_of(none), None, "{none:?}");
        }
    }

    #[test]
    fn a_base_is_checked_and_never_repeated() {
        use TalquiError::*;
        for (text, error) in [
            ("ftp://hunter2.example", Scheme("ftp".into())),
            ("https://user:hunter2@api.example", Credentials),
            ("https://hunter2@api.example", Credentials),
            ("https://api.example/?token=hunter2", NotABase),
            ("https://api.example/#hunter2", NotABase),
        ] {
            let refused = text.parse::<BaseUrl>().unwrap_err();
            assert!(!refused.to_string().contains("hunter2"), "{refused}");
            assert_eq!(refused, error, "{text}");
        }
        assert!(matches!("api.example".parse::<BaseUrl>(), Err(NotAUrl(_))));
        assert!(matches!("https://".parse::<BaseUrl>(), Err(NotAUrl(_))));
    }
}
