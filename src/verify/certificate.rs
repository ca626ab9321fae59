//! A certificate whose address is in the request: which addresses are believed.
//!
//! Whoever sends a request chooses that address, so it is held against the
//! hosts that the scheme names before anything is fetched. The address is taken
//! apart by the parser that the client fetches with: two parsers that disagree
//! about a host are how such a pin is got around.

use url::Url;

use crate::payload::Locator;

/// Longer addresses are not looked at.
const MAX_BYTES: usize = 1024;

#[derive(Debug, Clone)]
pub struct CertificateRule {
    /// Where the request says the address.
    pub from: Locator,
    /// Not empty.
    pub hosts: Vec<HostPattern>,
    /// The end of the path, such as `.pem`; may be empty.
    pub path_ends: String,
}

/// A whole host; a label `*` stands for one label of at least three letters,
/// digits or `-`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum HostPattern {
    Labels(Vec<Option<String>>),
    /// `127.0.0.1:8080`, over http: for trying a scheme out on one machine.
    Loopback(u16),
}

impl CertificateRule {
    /// The address to fetch. None: it is not one of those that are believed.
    pub fn vet(&self, address: &str) -> Option<String> {
        if address.len() > MAX_BYTES {
            return None;
        }
        let url = Url::parse(address).ok()?;
        let bare = url.username().is_empty()
            && url.password().is_none()
            && url.query().is_none()
            && url.fragment().is_none();
        let pinned = self.hosts.iter().any(|host| host.matches(&url));
        (bare && pinned && url.path().ends_with(&self.path_ends)).then(|| url.into())
    }
}

impl HostPattern {
    /// None: not a host, or one whose end anybody could own.
    pub fn parse(text: &str) -> Option<Self> {
        if let Some(port) = text.strip_prefix("127.0.0.1:") {
            return port.parse().ok().map(Self::Loopback);
        }
        let label = |text: &str| match text {
            "*" => Some(None),
            _ if is_label(text) => Some(Some(text.to_owned())),
            _ => None,
        };
        let labels: Vec<Option<String>> = text.split('.').map(label).collect::<Option<_>>()?;
        let owned = labels.len() >= 2 && labels.iter().rev().take(2).all(Option::is_some);
        owned.then_some(Self::Labels(labels))
    }

    fn matches(&self, url: &Url) -> bool {
        match self {
            Self::Loopback(port) => {
                url.scheme() == "http" && url.host_str() == Some("127.0.0.1") && url.port() == Some(*port)
            }
            Self::Labels(labels) => {
                let Some(host) = url.domain() else { return false };
                let given: Vec<&str> = host.split('.').collect();
                // The default port of the scheme reads as none.
                url.scheme() == "https"
                    && url.port().is_none()
                    && given.len() == labels.len()
                    && labels.iter().zip(given).all(|(pattern, given)| match pattern {
                        Some(label) => label == given,
                        None => given.len() >= 3 && is_label(given),
                    })
            }
        }
    }
}

fn is_label(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rule(host: &str) -> CertificateRule {
        let from = Locator::parse("$.SigningCertURL").unwrap();
        CertificateRule { from, hosts: vec![HostPattern::parse(host).unwrap()], path_ends: ".pem".to_owned() }
    }

    #[test]
    fn only_the_pinned_hosts_are_believed() {
        let pinned = rule("sns.*.amazonaws.com");
        for (address, believed) in [
            ("https://sns.us-east-1.amazonaws.com/SimpleNotificationService-1.pem", true),
            ("https://sns.us-east-1.amazonaws.com:443/x.pem", true),
            ("HTTPS://SNS.us-east-1.AMAZONAWS.com/x.pem", true),
            ("https://sns.us-east-1.amazonaws.com.evil.com/x.pem", false),
            ("https://evil.com/sns.us-east-1.amazonaws.com/x.pem", false),
            ("https://sns.us-east-1.amazonaws.com@evil.com/x.pem", false),
            ("https://evil.com#@sns.us-east-1.amazonaws.com/x.pem", false),
            ("https://evil.com\\@sns.us-east-1.amazonaws.com/x.pem", false),
            ("https://user@sns.us-east-1.amazonaws.com/x.pem", false),
            ("https://user:pass@sns.us-east-1.amazonaws.com/x.pem", false),
            ("https://sns.us-east-1.amazonaws.com:8443/x.pem", false),
            ("http://sns.us-east-1.amazonaws.com/x.pem", false),
            ("ftp://sns.us-east-1.amazonaws.com/x.pem", false),
            ("https://sns.us.amazonaws.com/x.pem", false),
            ("https://sns.a.b.amazonaws.com/x.pem", false),
            ("https://sns.us_east.amazonaws.com/x.pem", false),
            ("https://sns..amazonaws.com/x.pem", false),
            ("https://sns.us-east-1.amazonaws.com./x.pem", false),
            ("https://sns.us-east-1.amazonaws.com/x.txt", false),
            ("https://sns.us-east-1.amazonaws.com/x.txt?.pem", false),
            ("https://sns.us-east-1.amazonaws.com/x.txt#.pem", false),
            ("https://sns.us-east-1.amazonaws.com/x.pem?a=1", false),
            ("//sns.us-east-1.amazonaws.com/x.pem", false),
            ("", false),
        ] {
            assert_eq!(pinned.vet(address).is_some(), believed, "{address}");
        }
        let long = format!("https://sns.us-east-1.amazonaws.com/{}.pem", "a".repeat(MAX_BYTES));
        assert_eq!(pinned.vet(&long), None);
    }

    #[test]
    fn loopback_is_itself_alone() {
        let pinned = rule("127.0.0.1:8080");
        assert!(pinned.vet("http://127.0.0.1:8080/x.pem").is_some());
        for address in ["http://127.0.0.1:8081/x.pem", "http://127.0.0.2:8080/x.pem", "http://a:8080/x.pem"] {
            assert_eq!(pinned.vet(address), None, "{address}");
        }
    }

    #[test]
    fn a_pattern_ends_in_a_name_that_somebody_owns() {
        for text in [
            "*.com",
            "*",
            "",
            "com",
            "a.*",
            "sns*.amazonaws.com",
            "a..com",
            "A.com",
            "https://a.com",
            "a.com/x",
        ] {
            assert_eq!(HostPattern::parse(text), None, "{text}");
        }
    }
}
