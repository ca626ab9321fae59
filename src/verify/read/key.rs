//! `key:` and `public_key:`, from the text of a secret to the bytes of a key, or
//! where in a request the address of a certificate is.

use crate::diagnostic::{Diagnostic, Problems};
use crate::payload::read_locator;
use crate::verify::certificate::{CertificateRule, HostPattern};
use crate::verify::scheme::{KeyEncoding, KeyRule};
use crate::yaml::{Fields, Node};

/// The keys of `public_key:`, those of a certificate that the request names too.
const PUBLIC_KEYS: [&str; 5] = ["encoding", "strip", "certificate_from", "hosts", "path_ends"];

pub fn default_key() -> KeyRule {
    KeyRule { strip: String::new(), encoding: KeyEncoding::Utf8 }
}

pub fn read_key(node: &Node, problems: &mut Problems) -> Option<KeyRule> {
    let encodings = [
        ("utf8", KeyEncoding::Utf8),
        ("base64", KeyEncoding::Base64),
        ("hex", KeyEncoding::Hex),
        ("sha1", KeyEncoding::Sha1),
    ];
    let fields = Fields::open(node, "`key`", &["encoding", "strip"], problems)?;
    let encoding = match fields.get("encoding") {
        Some(_) => fields.word("encoding", &encodings, problems)?,
        None => KeyEncoding::Utf8,
    };
    Some(KeyRule { strip: fields.text("strip", problems).unwrap_or_default().to_owned(), encoding })
}

/// PEM, unless it says otherwise. `whole` is the scheme, if it says nothing.
pub fn read_public_key(node: Option<&Node>, whole: &Node, problems: &mut Problems) -> Option<KeyRule> {
    let encodings = [("pem", KeyEncoding::Pem), ("base64", KeyEncoding::Base64), ("hex", KeyEncoding::Hex)];
    let Some(node) = node else {
        problems.push(
            Diagnostic::error("missing-key", &whole.place, say!("this scheme needs `public_key`"))
                .help(say!("how the sender publishes it: public_key: { encoding: pem }, base64 or hex")),
        );
        return None;
    };
    let fields = Fields::open(node, "`public_key`", &PUBLIC_KEYS, problems)?;
    let encoding = match fields.get("encoding") {
        Some(_) => fields.word("encoding", &encodings, problems)?,
        None => KeyEncoding::Pem,
    };
    Some(KeyRule { strip: fields.text("strip", problems).unwrap_or_default().to_owned(), encoding })
}

/// `{ certificate_from: $.CertURL, hosts: [certs.example.com], path_ends: .pem }`
/// Outer None: a mistake. Inner None: the key is a secret.
pub fn read_certificate(node: &Node, problems: &mut Problems) -> Option<Option<CertificateRule>> {
    // What is in it at all is `read_public_key`'s to tell.
    let fields = Fields::open(node, "`public_key`", &PUBLIC_KEYS, &mut Problems::default())?;
    let Some(from) = fields.get("certificate_from") else {
        for odd in ["hosts", "path_ends"].into_iter().filter_map(|key| fields.key_place(key)) {
            problems.push(Diagnostic::error(
                "misplaced-key",
                odd,
                say!("this belongs to `certificate_from`, which is not here"),
            ));
        }
        return Some(None);
    };
    for odd in ["encoding", "strip"].into_iter().filter_map(|key| fields.key_place(key)) {
        problems.push(Diagnostic::error(
            "misplaced-key",
            odd,
            say!("a certificate is fetched in PEM, so nothing says how it is written"),
        ));
    }
    let Some(hosts) = fields.get("hosts") else {
        problems.push(
            Diagnostic::error("missing-key", &node.place, say!("an address from a request needs `hosts`"))
                .help(say!("the hosts where the sender keeps its certificates, such as hosts: [certs.example.com]; `*` is one label")),
        );
        return None;
    };
    let items = hosts.as_list().unwrap_or(std::slice::from_ref(hosts));
    let parsed: Vec<HostPattern> = items.iter().filter_map(|item| read_host(item, problems)).collect();
    let path_ends = fields.text("path_ends", problems).unwrap_or_default().to_owned();
    let from = read_locator(from, problems)?;
    let whole = parsed.len() == items.len() && !parsed.is_empty();
    whole.then_some(Some(CertificateRule { from, hosts: parsed, path_ends }))
}

fn read_host(node: &Node, problems: &mut Problems) -> Option<HostPattern> {
    let host = node.as_text().and_then(HostPattern::parse);
    if host.is_none() {
        problems.push(
            Diagnostic::error("bad-place", &node.place, say!("this is not a host to keep to"))
                .help(say!("a whole host in small letters, such as certs.example.com; `*` is one label, and not one of the last two")),
        );
    }
    host
}
