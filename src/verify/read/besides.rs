//! What a scheme may say beside its proof: a digest of the body, the items that are
//! proved one by one, the forms of the address, and what must be there.

use super::super::scheme::{BodyDigest, Hash};
use super::super::setting::UrlForm;
use super::super::signature::Encoding;
use super::{ENCODINGS, HASHES};
use crate::diagnostic::{Diagnostic, Problems};
use crate::payload::{Locator, Path, read_locator, read_locator_key};
use crate::yaml::{Data, Fields, Node, read_words};

const URL_FORMS: [(&str, UrlForm); 3] =
    [("as_received", UrlForm::AsReceived), ("other_port", UrlForm::OtherPort), ("decoded", UrlForm::Decoded)];

pub(super) fn read_body_digest(node: &Node, problems: &mut Problems) -> Option<BodyDigest> {
    let fields = Fields::open(node, "`body_digest`", &["hash", "encoding", "equals"], problems)?;
    let hash = match fields.get("hash") {
        Some(_) => fields.word("hash", &HASHES, problems)?,
        None => Hash::Sha256,
    };
    let encoding = match fields.get("encoding") {
        Some(_) => fields.word("encoding", &ENCODINGS, problems)?,
        None => Encoding::Hex,
    };
    Some(BodyDigest { hash, encoding, equals: required_locator(&fields, "equals", node, problems)? })
}

/// Outer None: a mistake. Inner None: there is no `each`.
pub(super) fn read_each(all: &Fields<'_>, problems: &mut Problems) -> Option<Option<Path>> {
    let Some(node) = all.get("each") else { return Some(None) };
    match read_locator(node, problems)? {
        Locator::Body(path) => Some(Some(path)),
        _ => {
            problems.push(
                Diagnostic::error(
                    "bad-place",
                    &node.place,
                    say!("`each` is a path to the items in the body"),
                )
                .help(say!("such as each: \"$.items[*]\"")),
            );
            None
        }
    }
}

pub(super) fn read_url_forms(all: &Fields<'_>, problems: &mut Problems) -> Option<Vec<UrlForm>> {
    let Some(node) = all.get("url_forms") else { return Some(vec![UrlForm::AsReceived]) };
    read_words(node, "url_forms", &URL_FORMS, problems)
}

/// `require: { "header:X-Version": "1" }`
pub(super) fn read_require(all: &Fields<'_>, problems: &mut Problems) -> Vec<(Locator, String)> {
    let Some(node) = all.get("require") else { return Vec::new() };
    let Some(entries) = node.as_map() else {
        problems.push(
            Diagnostic::error(
                "wrong-type",
                &node.place,
                say!("`require` is a map: a place, and what must be there"),
            )
            .help(say!("such as require: { \"header:X-Version\": \"1\" }")),
        );
        return Vec::new();
    };
    let mut required = Vec::new();
    for (key, value) in entries {
        let wanted = match &value.data {
            Data::Text(text) => text.clone(),
            Data::Int(number) => number.to_string(),
            _ => {
                problems.push(Diagnostic::error(
                    "wrong-type",
                    &value.place,
                    say!("what must be there is text"),
                ));
                continue;
            }
        };
        if let Some(locator) = read_locator_key(&key.name, &key.place, problems) {
            required.push((locator, wanted));
        }
    }
    required
}

pub(super) fn required_locator(
    fields: &Fields<'_>,
    name: &str,
    whole: &Node,
    problems: &mut Problems,
) -> Option<Locator> {
    fields.required_text(name, &whole.place, problems)?;
    fields.get(name).and_then(|node| read_locator(node, problems))
}
