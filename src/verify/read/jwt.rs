//! `scheme: jwt` as written: which signatures are allowed, where the key is, and
//! what the claims must say.

use jsonwebtoken::{Algorithm, AlgorithmFamily};
use serde_json::Value;
use url::Url;

use super::besides::required_locator;
use super::key::{default_key, read_key};
use super::{ENCODINGS, HASHES};
use crate::diagnostic::{Diagnostic, Problems};
use crate::verify::jwt::{BodyHash, Claim, JwtFrom, JwtRule};
use crate::verify::jwt_key::{JwtKeys, PublicForm};
use crate::verify::scheme::Hash;
use crate::verify::signature::Encoding;
use crate::verify::template::{Template, What};
use crate::yaml::{Data, Fields, Node, read_words};

/// What most libraries take.
const USUAL_LEEWAY_SECS: i64 = 60;
const MOST_LEEWAY_SECS: i64 = 600;
const MOST_AGE_SECS: i64 = 86_400;

const ALGORITHMS: [(&str, Algorithm); 12] = [
    ("HS256", Algorithm::HS256),
    ("HS384", Algorithm::HS384),
    ("HS512", Algorithm::HS512),
    ("RS256", Algorithm::RS256),
    ("RS384", Algorithm::RS384),
    ("RS512", Algorithm::RS512),
    ("PS256", Algorithm::PS256),
    ("PS384", Algorithm::PS384),
    ("PS512", Algorithm::PS512),
    ("ES256", Algorithm::ES256),
    ("ES384", Algorithm::ES384),
    ("EdDSA", Algorithm::EdDSA),
];

pub fn read_jwt(all: &Fields<'_>, node: &Node, problems: &mut Problems) -> Option<JwtRule> {
    let from = read_from(all, node, problems);
    let algorithms = read_algorithms(all, node, problems);
    let keys = algorithms.as_ref().and_then(|list| read_keys(list, all, node, problems));
    let claims = read_claims(all, problems);
    let body_hash = match all.get("body_hash") {
        Some(node) if node.as_text() == Some("none") => None,
        Some(node) => Some(read_body_hash(node, problems)?),
        None => None,
    };
    let mut number = |name, most| match all.get(name) {
        Some(_) => all.number(name, 0..=most, problems).map(Some),
        None => Some(None),
    };
    let (max_age_secs, leeway) =
        (number("max_age_secs", MOST_AGE_SECS), number("leeway_secs", MOST_LEEWAY_SECS));
    let require_exp = match all.get("require_exp") {
        Some(_) => all.bool("require_exp", problems)?,
        None => true,
    };
    let from = from?;
    if all.get("body_hash").is_none() && !matches!(from, JwtFrom::Body) {
        problems.push(
            Diagnostic::warning("body-not-signed", &node.place, say!("the token says nothing of the body")).help(
                say!("anybody who sees one request can change its body; add body_hash if a claim holds its digest, or body_hash: none if no claim does"),),
        );
    }
    Some(JwtRule {
        from,
        prefix: all.text("prefix", problems).unwrap_or_default().to_owned(),
        algorithms: algorithms?,
        keys: keys?,
        claims: claims?,
        max_age_secs: max_age_secs?,
        leeway_secs: leeway?.unwrap_or(USUAL_LEEWAY_SECS),
        require_exp,
        body_hash,
    })
}

fn read_from(all: &Fields<'_>, node: &Node, problems: &mut Problems) -> Option<JwtFrom> {
    if all.get("from").and_then(Node::as_text) == Some("body") {
        return Some(JwtFrom::Body);
    }
    required_locator(all, "from", node, problems).map(JwtFrom::At)
}

fn read_algorithms(all: &Fields<'_>, node: &Node, problems: &mut Problems) -> Option<Vec<Algorithm>> {
    let Some(listed) = all.get("algorithms") else {
        problems.push(
            Diagnostic::error("missing-key", &node.place, say!("the scheme `jwt` needs `algorithms`"))
                .help(say!("those that the sender uses and no other, such as algorithms: [RS256]")),
        );
        return None;
    };
    let algorithms = read_words(listed, "algorithms", &ALGORITHMS, problems)?;
    let shared = algorithms.iter().filter(|one| one.family() == AlgorithmFamily::Hmac).count();
    if shared != 0 && shared != algorithms.len() {
        problems.push(
            Diagnostic::error(
                "key-confusion",
                &listed.place,
                say!("signatures with a shared secret and with a public key are allowed together"),)
            .help(say!("whoever knows the public key could sign with it as the secret; write two schemes under any_of")),
        );
        return None;
    }
    Some(algorithms)
}

/// `key` goes with a shared secret, `public_key` or `jwks` with the others.
fn read_keys(
    algorithms: &[Algorithm],
    all: &Fields<'_>,
    node: &Node,
    problems: &mut Problems,
) -> Option<JwtKeys> {
    let shared = algorithms.iter().all(|one| one.family() == AlgorithmFamily::Hmac);
    let odd: &[&str] = match shared {
        true => &["public_key", "jwks"],
        false if all.get("jwks").is_some() => &["key", "public_key"],
        false => &["key"],
    };
    for (name, place) in odd.iter().filter_map(|name| Some((name, all.key_place(name)?))) {
        let message = say!("`{}` does not go with what else is said of the key", name);
        problems.push(
            Diagnostic::error("misplaced-key", place, message)
                .help(say!("HS256 and its like take `key`; all others take either `public_key` or `jwks`")),
        );
    }
    if shared {
        return Some(JwtKeys::Secret(match all.get("key") {
            Some(node) => read_key(node, problems)?,
            None => default_key(),
        }));
    }
    if let Some(node) = all.get("jwks") {
        return read_address(node, problems).map(|address| JwtKeys::Set { address });
    }
    let Some(node) = all.get("public_key") else {
        problems.push(
            Diagnostic::error("missing-key", &node.place, say!("this scheme needs `public_key` or `jwks`"))
                .help(say!("public_key: { encoding: pem } if the key is a secret of the source; jwks: https://… if it is fetched")),
        );
        return None;
    };
    let fields = Fields::open(node, "the `public_key` of a token", &["encoding"], problems)?;
    let forms = [("pem", PublicForm::Pem), ("jwk", PublicForm::Jwk)];
    let form = match fields.get("encoding") {
        Some(_) => fields.word("encoding", &forms, problems)?,
        None => PublicForm::Pem,
    };
    Some(JwtKeys::Public(form))
}

/// An address that keys may be fetched from: nobody on the way can change what
/// it answers.
fn read_address(node: &Node, problems: &mut Problems) -> Option<String> {
    let url = node.as_text().and_then(|text| Url::parse(text).ok()).filter(|url| {
        let loopback = matches!(url.host_str(), Some("127.0.0.1" | "localhost" | "[::1]"));
        let safe = url.scheme() == "https" || (url.scheme() == "http" && loopback);
        safe && url.username().is_empty() && url.password().is_none() && url.fragment().is_none()
    });
    if url.is_none() {
        problems.push(
            Diagnostic::error("bad-url", &node.place, say!("keys cannot be fetched from here"))
                .help(say!("the sender's own address, as https://host/path, without user and password")),
        );
    }
    url.map(String::from)
}

fn read_claims(all: &Fields<'_>, problems: &mut Problems) -> Option<Vec<(String, Claim)>> {
    let Some(node) = all.get("claims") else { return Some(Vec::new()) };
    let Some(entries) = node.as_map() else {
        problems.push(
            Diagnostic::error(
                "wrong-type",
                &node.place,
                say!("`claims` is a map: a name, and what it must be"),
            )
            .help(say!("such as claims: { iss: https://accounts.example.com }")),
        );
        return None;
    };
    let claims: Vec<(String, Claim)> = entries
        .iter()
        .filter_map(|(key, value)| Some((key.name.clone(), read_claim(value, problems)?)))
        .collect();
    (claims.len() == entries.len()).then_some(claims)
}

fn read_claim(node: &Node, problems: &mut Problems) -> Option<Claim> {
    let text = match &node.data {
        Data::Bool(_) | Data::Int(_) => return Some(Claim::Exactly(node.to_json())),
        Data::Text(text) => text,
        _ => {
            let message = say!("a claim is text, a number, true or false; here is {}", node.kind());
            problems.push(Diagnostic::error("wrong-type", &node.place, message));
            return None;
        }
    };
    let template = match Template::parse(text) {
        Ok(template) => template,
        Err(error) => {
            let problem = Diagnostic::error("bad-template", &node.inner_place(error.at), error.message);
            problems.push(problem.help(error.help));
            return None;
        }
    };
    if template.holes().iter().any(|hole| !matches!(hole.what, What::Param(_) | What::Url)) {
        problems.push(
            Diagnostic::error("bad-template", &node.place, say!("what a claim must be is known beforehand"))
                .help(say!("it can name {param:NAME} and {url}, nothing else of the request")),
        );
        return None;
    }
    match template.holes().is_empty() {
        true => Some(Claim::Exactly(Value::String(text.clone()))),
        false => Some(Claim::Text(template)),
    }
}

fn read_body_hash(node: &Node, problems: &mut Problems) -> Option<BodyHash> {
    let fields = Fields::open(node, "`body_hash`", &["claim", "hash", "encoding"], problems)?;
    let hash = match fields.get("hash") {
        Some(_) => fields.word("hash", &HASHES, problems)?,
        None => Hash::Sha256,
    };
    let encoding = match fields.get("encoding") {
        Some(_) => fields.word("encoding", &ENCODINGS, problems)?,
        None => Encoding::Hex,
    };
    let claim = fields.required_text("claim", &node.place, problems)?.to_owned();
    Some(BodyHash { claim, hash, encoding })
}
