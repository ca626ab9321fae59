//! A `verify:` section as written, read into a scheme.
//!
//! Lives here: which keys each scheme has, and what must go together. The
//! sections inside it are read by the files beside this one.

mod besides;
mod jwt;
mod key;
mod signature;
mod timestamp;

use self::besides::{read_body_digest, read_each, read_require, read_url_forms, required_locator};
use self::jwt::read_jwt;
use self::key::{default_key, read_certificate, read_key, read_public_key};
use self::signature::read_signature;
use self::timestamp::read_timestamp;
use super::scheme::{Algorithm, Form, Hash, Proof, Scheme, SignedRule, TokenRule};
use super::signature::Encoding;
use super::template::Template;
use crate::diagnostic::{Diagnostic, Problems};
use crate::payload::read_locator;
use crate::yaml::{Fields, Node};

/// The keys of a `verify:` section, of every scheme together.
pub const KEYS: [&str; 24] = [
    "scheme",
    "any_of",
    "hash",
    "signature",
    "key",
    "public_key",
    "timestamp",
    "signed",
    "prehash",
    "url_forms",
    "body_digest",
    "body_signed",
    "each",
    "nonce",
    "require",
    "from",
    "prefix",
    "algorithms",
    "jwks",
    "claims",
    "max_age_secs",
    "leeway_secs",
    "require_exp",
    "body_hash",
];

/// What a signed token has.
const JWT: [&str; 13] = [
    "scheme",
    "from",
    "prefix",
    "algorithms",
    "key",
    "public_key",
    "jwks",
    "claims",
    "max_age_secs",
    "leeway_secs",
    "require_exp",
    "body_hash",
    "require",
];

/// What every signature has, and what it has besides.
const SIGNED: [&str; 11] = [
    "scheme",
    "signature",
    "timestamp",
    "signed",
    "prehash",
    "url_forms",
    "body_digest",
    "body_signed",
    "each",
    "nonce",
    "require",
];

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Hmac,
    Digest,
    Ed25519,
    Ecdsa,
    Rsa,
    Jwt,
    Static,
    Mtls,
    Basic,
    None,
}

const SCHEMES: [(&str, Kind); 10] = [
    ("hmac", Kind::Hmac),
    ("digest", Kind::Digest),
    ("ed25519", Kind::Ed25519),
    ("ecdsa", Kind::Ecdsa),
    ("rsa", Kind::Rsa),
    ("jwt", Kind::Jwt),
    ("static", Kind::Static),
    ("mtls", Kind::Mtls),
    ("basic", Kind::Basic),
    ("none", Kind::None),
];

pub(super) const HASHES: [(&str, Hash); 3] =
    [("sha1", Hash::Sha1), ("sha256", Hash::Sha256), ("sha512", Hash::Sha512)];
pub(super) const ENCODINGS: [(&str, Encoding); 3] =
    [("hex", Encoding::Hex), ("base64", Encoding::Base64), ("base64url", Encoding::Base64Url)];

/// Reads a scheme: one form of proof, or `any_of` several.
pub fn read_scheme(node: &Node, problems: &mut Problems) -> Option<Scheme> {
    let fields = Fields::open(node, "`verify`", &KEYS, problems)?;
    let Some(list) = fields.get("any_of") else {
        return read_form(&fields, node, problems).map(|form| Scheme { forms: vec![form] });
    };
    only(node, "any_of", &["any_of"], problems);
    let items = list.as_list().unwrap_or_default();
    if items.len() < 2 {
        problems.push(
            Diagnostic::error("wrong-type", &list.place, say!("`any_of` is a list of two schemes or more"))
                .help(say!("a sender with one scheme needs no `any_of`")),
        );
        return None;
    }
    let forms: Vec<Form> = items.iter().filter_map(|item| read_alternative(item, problems)).collect();
    (forms.len() == items.len()).then_some(Scheme { forms })
}

fn read_alternative(node: &Node, problems: &mut Problems) -> Option<Form> {
    let fields = Fields::open(node, "a scheme", &KEYS, problems)?;
    if let Some(place) = fields.key_place("any_of") {
        problems.push(
            Diagnostic::error("misplaced-key", place, say!("`any_of` is inside another `any_of`"))
                .help(say!("write all the schemes in one list")),
        );
        return None;
    }
    let form = read_form(&fields, node, problems)?;
    if matches!(form.proof, Proof::Address) {
        problems.push(
            Diagnostic::error(
                "misplaced-key",
                &node.place,
                say!("the scheme `none` cannot be one of several"),
            )
            .help(say!("its secret is in the address, and an address has it or not")),
        );
        return None;
    }
    Some(form)
}

fn read_form(all: &Fields<'_>, node: &Node, problems: &mut Problems) -> Option<Form> {
    if all.get("scheme").is_none() {
        let names: Vec<&str> = SCHEMES.iter().map(|(name, _)| *name).collect();
        problems.push(
            Diagnostic::error("missing-key", &node.place, say!("`verify` needs a `scheme`"))
                .help(say!("one of: {}", names.join(", "))),
        );
        return None;
    }
    let kind = all.word("scheme", &SCHEMES, problems)?;
    let name = all.text("scheme", problems).unwrap_or_default();
    let with = |extra: &[&'static str]| [SIGNED.as_slice(), extra].concat();
    let allowed = match kind {
        Kind::Hmac => with(&["hash", "key"]),
        Kind::Digest => with(&["hash"]),
        Kind::Rsa => with(&["hash", "public_key"]),
        Kind::Ed25519 | Kind::Ecdsa => with(&["public_key"]),
        Kind::Jwt => JWT.to_vec(),
        Kind::Static | Kind::Mtls => vec!["scheme", "from", "prefix", "each", "require"],
        Kind::Basic | Kind::None => vec!["scheme", "require"],
    };
    only(node, name, &allowed, problems);
    let require = read_require(all, problems);
    let proof = match kind {
        Kind::Jwt => Proof::Jwt(Box::new(read_jwt(all, node, problems)?)),
        Kind::Static | Kind::Mtls => Proof::Token(read_token(all, node, kind, problems)?),
        Kind::Basic => Proof::Basic,
        Kind::None => Proof::Address,
        _ => Proof::Signed(Box::new(read_signed(kind, name, all, node, problems)?)),
    };
    if kind == Kind::Mtls && require.is_empty() {
        problems.push(
            Diagnostic::error("missing-key", &node.place, say!("the scheme `mtls` needs `require`"))
                .help(say!("the header in which your proxy says that the certificate is right, such as require: { \"header:X-SSL-Client-Verify\": SUCCESS }")),
        );
        return None;
    }
    Some(Form { proof, require })
}

/// Keys that are known, and mean nothing to this scheme.
fn only(node: &Node, scheme: &str, allowed: &[&str], problems: &mut Problems) {
    for (key, _) in node.as_map().unwrap_or_default() {
        let name = key.name.as_str();
        if KEYS.contains(&name) && !allowed.contains(&name) {
            problems.push(
                Diagnostic::error(
                    "unknown-key",
                    &key.place,
                    say!("the scheme `{}` has no key `{}`", scheme, name),
                )
                .suggest(name, allowed.iter().copied()),
            );
        }
    }
}

fn read_token(all: &Fields<'_>, node: &Node, kind: Kind, problems: &mut Problems) -> Option<TokenRule> {
    let from = required_locator(all, "from", node, problems);
    Some(TokenRule {
        each: read_each(all, problems)?,
        from: from?,
        prefix: all.text("prefix", problems).unwrap_or_default().to_owned(),
        mtls: kind == Kind::Mtls,
    })
}

fn read_signed(
    kind: Kind,
    name: &str,
    all: &Fields<'_>,
    node: &Node,
    problems: &mut Problems,
) -> Option<SignedRule> {
    let hash = match all.get("hash") {
        Some(_) => all.word("hash", &HASHES, problems),
        None => Some(Hash::Sha256),
    };
    let key = match (kind, all.get("key"), all.get("public_key")) {
        (Kind::Hmac, Some(node), _) => read_key(node, problems),
        (Kind::Ed25519 | Kind::Ecdsa | Kind::Rsa, _, public) => read_public_key(public, node, problems),
        _ => Some(default_key()),
    };
    let certificate = match all.get("public_key") {
        Some(node) => read_certificate(node, problems)?,
        None => None,
    };
    let signature = match all.get("signature") {
        Some(node) => read_signature(node, problems),
        None => {
            problems.push(
                Diagnostic::error(
                    "missing-key",
                    &node.place,
                    say!("the scheme `{}` needs `signature`", name),
                )
                .help(say!("such as signature: { from: \"header:X-Signature\", encoding: hex }")),
            );
            None
        }
    };
    let timestamp = match all.get("timestamp") {
        Some(node) => Some(read_timestamp(node, signature.as_ref(), problems)?),
        None => None,
    };
    let signed = read_template(all, kind, timestamp.is_some(), problems);
    let prehash = match all.get("prehash") {
        Some(_) => Some(all.word("prehash", &HASHES, problems)?),
        None => None,
    };
    let body_digest = match all.get("body_digest") {
        Some(node) => Some(read_body_digest(node, problems)?),
        None => None,
    };
    let nonce = match all.get("nonce") {
        Some(node) => Some(read_locator(node, problems)?),
        None => None,
    };
    let (each, url_forms) = (read_each(all, problems)?, read_url_forms(all, problems)?);
    let (signed, hash) = (signed?, hash?);
    warn_unsigned_body(all, node, &signed, body_digest.is_some(), problems);
    let algorithm = match kind {
        Kind::Ed25519 => Algorithm::Ed25519,
        Kind::Ecdsa => Algorithm::EcdsaP256,
        Kind::Rsa => Algorithm::Rsa(hash),
        Kind::Digest => Algorithm::Digest(hash),
        _ => Algorithm::Hmac(hash),
    };
    Some(SignedRule {
        algorithm,
        key: key?,
        certificate,
        signature: signature?,
        timestamp,
        signed,
        prehash,
        url_forms,
        body_digest,
        each,
        nonce,
    })
}

fn read_template(
    all: &Fields<'_>,
    kind: Kind,
    has_timestamp: bool,
    problems: &mut Problems,
) -> Option<Template> {
    let place = all.get("signed").or(all.get("scheme")).map(|node| &node.place)?;
    let template = match all.get("signed") {
        None => Template::body(),
        Some(node) => match Template::parse(all.text("signed", problems)?) {
            Ok(template) => template,
            Err(error) => {
                let problem = Diagnostic::error("bad-template", &node.inner_place(error.at), error.message);
                problems.push(problem.help(error.help));
                return None;
            }
        },
    };
    if template.uses_timestamp() && !has_timestamp {
        problems.push(
            Diagnostic::error("missing-key", place, say!("`{ts}` is signed, and nothing says where it is"))
                .help(say!("add timestamp: { from: \"header:X-Timestamp\", unit: s }")),
        );
    }
    if kind == Kind::Digest && !template.uses_secret() {
        problems.push(
            Diagnostic::error("missing-key", place, say!("a digest without the secret in it proves nothing"))
                .help(say!("write the secret where the sender puts it, such as signed: \"{secret}-{body}\"")),
        );
    }
    Some(template)
}

fn warn_unsigned_body(
    all: &Fields<'_>,
    node: &Node,
    signed: &Template,
    digested: bool,
    problems: &mut Problems,
) {
    let said = all.get("body_signed").and_then(|_| all.bool("body_signed", problems));
    let place = all.get("signed").map_or(&node.place, |node| &node.place);
    let of_word = all.get("body_signed").map_or(place, |node| &node.place);
    match (signed.uses_body() || digested, said) {
        (false, None) => problems.push(
            Diagnostic::warning("body-not-signed", place, say!("the body is not part of what is signed"))
                .help(say!(
                    "anybody who sees one request can change its body; add {body} if the sender signs it, or \
                 say body_signed: false"
                )),
        ),
        (true, Some(false)) => problems.push(
            Diagnostic::error("wrong-value", of_word, say!("the body is part of what is signed"))
                .help(say!("remove `body_signed`")),
        ),
        (false, Some(true)) => problems.push(
            Diagnostic::error("wrong-value", of_word, say!("the body is not part of what is signed"))
                .help(say!("add {body} to `signed`, or say body_signed: false")),
        ),
        _ => {}
    }
}

#[cfg(test)]
#[path = "../read_tests.rs"]
mod tests;
