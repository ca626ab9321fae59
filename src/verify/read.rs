//! A `verify:` section as written, read into a scheme.

use super::scheme::{
    Hash, HmacRule, KeyEncoding, KeyRule, Scheme, TimestampFrom, TimestampRule, TimestampUnit, TokenRule,
};
use super::signature::{Encoding, SignatureRule, Split};
use super::template::Template;
use crate::diagnostic::{Diagnostic, Problems};
use crate::payload::{Locator, read_locator};
use crate::yaml::{Fields, Node};

/// The keys of a `verify:` section, of every scheme together.
const KEYS: [&str; 8] = ["scheme", "hash", "signature", "key", "timestamp", "signed", "from", "prefix"];

#[derive(Clone, Copy)]
enum Kind {
    Hmac,
    Static,
    Basic,
    None,
}

const SCHEMES: [(&str, Kind); 4] =
    [("hmac", Kind::Hmac), ("static", Kind::Static), ("basic", Kind::Basic), ("none", Kind::None)];

pub fn read_scheme(node: &Node, problems: &mut Problems) -> Option<Scheme> {
    let all = Fields::open(node, "`verify`", &KEYS, problems)?;
    if all.get("scheme").is_none() {
        problems.push(
            Diagnostic::error("missing-key", &node.place, "`verify` needs a `scheme`")
                .help("one of: hmac, static, basic, none"),
        );
        return None;
    }
    match all.word("scheme", &SCHEMES, problems)? {
        Kind::Hmac => {
            only(node, "hmac", &["scheme", "hash", "signature", "key", "timestamp", "signed"], problems);
            read_hmac(&all, node, problems).map(|rule| Scheme::Hmac(Box::new(rule)))
        }
        Kind::Static => {
            only(node, "static", &["scheme", "from", "prefix"], problems);
            let from = required_locator(&all, "from", node, problems)?;
            let prefix = all.text("prefix", problems).unwrap_or_default().to_owned();
            Some(Scheme::Static(TokenRule { from, prefix }))
        }
        Kind::Basic => {
            only(node, "basic", &["scheme"], problems);
            Some(Scheme::Basic)
        }
        Kind::None => {
            only(node, "none", &["scheme"], problems);
            Some(Scheme::None)
        }
    }
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
                    format!("the scheme `{scheme}` has no key `{name}`"),
                )
                .suggest(name, allowed.iter().copied()),
            );
        }
    }
}

fn read_hmac(all: &Fields<'_>, node: &Node, problems: &mut Problems) -> Option<HmacRule> {
    let hashes = [("sha1", Hash::Sha1), ("sha256", Hash::Sha256), ("sha512", Hash::Sha512)];
    let hash = match all.get("hash") {
        Some(_) => all.word("hash", &hashes, problems),
        None => Some(Hash::Sha256),
    };
    let key = match all.get("key") {
        Some(node) => read_key(node, problems),
        None => Some(KeyRule { strip: String::new(), encoding: KeyEncoding::Utf8 }),
    };
    let signature = match all.get("signature") {
        Some(node) => read_signature(node, problems),
        None => {
            problems.push(
                Diagnostic::error("missing-key", &node.place, "the scheme `hmac` needs `signature`")
                    .help("such as signature: { from: \"header:X-Signature\", encoding: hex }"),
            );
            None
        }
    };
    let timestamp = match all.get("timestamp") {
        Some(node) => Some(read_timestamp(node, signature.as_ref(), problems)?),
        None => None,
    };
    let signed = read_signed(all, timestamp.is_some(), problems);
    Some(HmacRule { hash: hash?, signature: signature?, key: key?, timestamp, signed: signed? })
}

fn read_signature(node: &Node, problems: &mut Problems) -> Option<SignatureRule> {
    let fields = Fields::open(node, "`signature`", &["from", "encoding", "prefix", "split"], problems)?;
    let from = required_locator(&fields, "from", node, problems);
    let encodings =
        [("hex", Encoding::Hex), ("base64", Encoding::Base64), ("base64url", Encoding::Base64Url)];
    if fields.get("encoding").is_none() {
        problems.push(
            Diagnostic::error("missing-key", &node.place, "`signature` needs its `encoding`")
                .help("hex (0-9 a-f) or base64; the sender's documentation says which"),
        );
    }
    let encoding = fields.word("encoding", &encodings, problems);
    let prefix = fields.text("prefix", problems).unwrap_or_default().to_owned();
    let split = match fields.get("split") {
        Some(node) => Some(read_split(node, problems)?),
        None => None,
    };
    Some(SignatureRule { from: from?, encoding: encoding?, prefix, split })
}

fn read_split(node: &Node, problems: &mut Problems) -> Option<Split> {
    let fields = Fields::open(node, "`split`", &["item", "pair", "take"], problems)?;
    let mut part = |name| {
        let text = fields.required_text(name, &node.place, problems)?;
        if text.is_empty() {
            problems.push(Diagnostic::error("empty-text", &node.place, format!("`{name}` is empty")));
            return None;
        }
        Some(text.to_owned())
    };
    let (item, pair, take) = (part("item"), part("pair"), part("take"));
    Some(Split { item: item?, pair: pair?, take: take? })
}

fn read_key(node: &Node, problems: &mut Problems) -> Option<KeyRule> {
    let fields = Fields::open(node, "`key`", &["encoding", "strip"], problems)?;
    let encodings = [("utf8", KeyEncoding::Utf8), ("base64", KeyEncoding::Base64), ("hex", KeyEncoding::Hex)];
    let encoding = match fields.get("encoding") {
        Some(_) => fields.word("encoding", &encodings, problems)?,
        None => KeyEncoding::Utf8,
    };
    Some(KeyRule { strip: fields.text("strip", problems).unwrap_or_default().to_owned(), encoding })
}

fn read_timestamp(
    node: &Node,
    signature: Option<&SignatureRule>,
    problems: &mut Problems,
) -> Option<TimestampRule> {
    let fields = Fields::open(node, "`timestamp`", &["from", "unit", "tolerance_secs"], problems)?;
    let units =
        [("s", TimestampUnit::Secs), ("ms", TimestampUnit::Millis), ("rfc3339", TimestampUnit::Rfc3339)];
    let unit = match fields.get("unit") {
        Some(_) => fields.word("unit", &units, problems)?,
        None => TimestampUnit::Secs,
    };
    let tolerance_secs = match fields.get("tolerance_secs") {
        Some(_) => fields.number("tolerance_secs", 0..=86_400, problems)?,
        None => 300,
    };
    let text = fields.required_text("from", &node.place, problems)?;
    let from = match text.strip_prefix("sig:") {
        Some(name) => {
            if signature.is_some_and(|rule| rule.split.is_none()) {
                problems.push(
                    Diagnostic::error("missing-key", &node.place, "`sig:` needs a signature that is a list")
                        .help("add split: { item: \",\", pair: \"=\", take: v1 } to `signature`"),
                );
            }
            TimestampFrom::SignatureField(name.to_owned())
        }
        None => TimestampFrom::At(required_locator(&fields, "from", node, problems)?),
    };
    Some(TimestampRule { from, unit, tolerance_secs })
}

fn read_signed(all: &Fields<'_>, has_timestamp: bool, problems: &mut Problems) -> Option<Template> {
    let Some(node) = all.get("signed") else { return Some(Template::body()) };
    let text = all.text("signed", problems)?;
    let template = match Template::parse(text) {
        Ok(template) => template,
        Err(error) => {
            problems.push(Diagnostic::error("bad-template", &node.inner_place(error.at), error.message));
            return None;
        }
    };
    if template.uses_timestamp() && !has_timestamp {
        problems.push(
            Diagnostic::error("missing-key", &node.place, "`{ts}` is signed, and nothing says where it is")
                .help("add timestamp: { from: \"header:X-Timestamp\", unit: s }"),
        );
    }
    if !template.uses_body() {
        problems.push(
            Diagnostic::warning("body-not-signed", &node.place, "the body is not part of what is signed")
                .help("anybody who sees one request can change its body; add {body} if the sender signs it"),
        );
    }
    Some(template)
}

fn required_locator(
    fields: &Fields<'_>,
    name: &str,
    whole: &Node,
    problems: &mut Problems,
) -> Option<Locator> {
    fields.required_text(name, &whole.place, problems)?;
    fields.get(name).and_then(|node| read_locator(node, problems))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diagnostic::SourceText;
    use crate::yaml::parse;

    fn read(text: &str) -> (Option<Scheme>, Vec<String>) {
        let mut problems = Problems::default();
        let node = parse(&SourceText::new("v.yaml", text), &mut problems).unwrap();
        let scheme = read_scheme(&node, &mut problems);
        (scheme, problems.sorted().iter().map(|d| format!("{} {}", d.place, d.message)).collect())
    }

    #[test]
    fn every_mistake_is_reported_at_its_characters() {
        let (_, problems) = read(
            "scheme: hmac\nhash: md5\nsignature: { from: \"cookie:X\", prefx: a }\nsigned: \"{ts}.{bodi}\"\nprefix: x\n",
        );
        assert_eq!(
            problems,
            [
                "v.yaml:2:7 `hash` cannot be `md5`",
                "v.yaml:3:12 `signature` needs its `encoding`",
                "v.yaml:3:21 this is not a place where values are",
                "v.yaml:3:32 `signature` has no key `prefx`",
                "v.yaml:4:15 this is not a part of a request; there are {body}, {ts}, {header:NAME}, {query:NAME}, {method} and {path}",
                "v.yaml:5:1 the scheme `hmac` has no key `prefix`",
            ]
        );
    }

    #[test]
    fn what_goes_together_is_checked_together() {
        let signature = "scheme: hmac\nsignature: { from: \"header:X\", encoding: hex }\n";
        let (_, problems) = read(&format!("{signature}signed: \"{{ts}}.{{body}}\"\n"));
        assert_eq!(problems, ["v.yaml:3:9 `{ts}` is signed, and nothing says where it is"]);
        let (_, problems) = read(&format!("{signature}timestamp: {{ from: \"sig:t\" }}\n"));
        assert_eq!(problems, ["v.yaml:3:12 `sig:` needs a signature that is a list"]);
        let (_, problems) = read(&format!("{signature}signed: \"{{method}}\"\n"));
        assert_eq!(problems, ["v.yaml:3:9 the body is not part of what is signed"]);
        let (_, problems) = read("scheme: hmacc\n");
        assert_eq!(problems, ["v.yaml:1:9 `scheme` cannot be `hmacc`"]);
    }
}
