//! `key:` and `public_key:`, from the text of a secret to the bytes of a key.

use crate::diagnostic::{Diagnostic, Problems};
use crate::verify::scheme::{KeyEncoding, KeyRule};
use crate::yaml::{Fields, Node};

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
            Diagnostic::error("missing-key", &whole.place, "this scheme needs `public_key`")
                .help("how the sender publishes it: public_key: { encoding: pem }, base64 or hex"),
        );
        return None;
    };
    let fields = Fields::open(node, "`public_key`", &["encoding", "strip"], problems)?;
    let encoding = match fields.get("encoding") {
        Some(_) => fields.word("encoding", &encodings, problems)?,
        None => KeyEncoding::Pem,
    };
    Some(KeyRule { strip: fields.text("strip", problems).unwrap_or_default().to_owned(), encoding })
}
