//! What a `verify:` section may say, and what is said of its mistakes.

use super::*;
use crate::diagnostic::SourceText;
use crate::yaml::parse;

fn read(text: &str) -> (Option<Scheme>, Vec<String>) {
    let mut problems = Problems::default();
    let node = parse(&SourceText::new("v.yaml", text), &mut problems).unwrap();
    let scheme = read_scheme(&node, &mut problems);
    (scheme, problems.sorted().iter().map(|d| format!("{} {}", d.place, d.message.english())).collect())
}

#[test]
fn every_mistake_is_reported_at_its_characters() {
    let (_, problems) = read(
        "scheme: hmac\nhash: md5\nsignature: { from: \"cookie:X\", prefx: a }\nsigned: \"{ts}.{bodi}\"\nprefix: x\n",
    );
    assert_eq!(problems.len(), 6, "{problems:#?}");
    assert_eq!(problems[0], "v.yaml:2:7 `hash` cannot be `md5`");
    assert_eq!(problems[1], "v.yaml:3:12 `signature` needs its `encoding`");
    assert_eq!(problems[2], "v.yaml:3:21 this is not a place where values are");
    assert_eq!(problems[3], "v.yaml:3:32 `signature` has no key `prefx`");
    assert_eq!(problems[4], "v.yaml:4:15 this is not a part of a request");
    assert_eq!(problems[5], "v.yaml:5:1 the scheme `hmac` has no key `prefix`");
}

#[test]
fn what_goes_together_is_checked_together() {
    let signature = "signature: { from: \"header:X\", encoding: hex }\n";
    for (text, problem) in [
        (
            "scheme: hmac\nsigned: \"{ts}.{body}\"\n",
            "v.yaml:2:9 `{ts}` is signed, and nothing says where it is",
        ),
        (
            "scheme: hmac\ntimestamp: { from: \"sig:t\" }\n",
            "v.yaml:2:12 `sig:` needs a signature that is a list",
        ),
        ("scheme: hmac\nsigned: \"{method}\"\n", "v.yaml:2:9 the body is not part of what is signed"),
        ("scheme: digest\n", "v.yaml:1:9 a digest without the secret in it proves nothing"),
        ("scheme: ed25519\n", "v.yaml:1:1 this scheme needs `public_key`"),
        (
            "scheme: ed25519\npublic_key: { encoding: hex }\nkey: {}\n",
            "v.yaml:3:1 the scheme `ed25519` has no key `key`",
        ),
        (
            "scheme: hmac\nsigned: \"{body}\"\nbody_signed: false\n",
            "v.yaml:3:14 the body is part of what is signed",
        ),
        ("scheme: hmac\neach: header:X\n", "v.yaml:2:7 `each` is a path to the items in the body"),
        ("scheme: hmac\nurl_forms: [port]\n", "v.yaml:2:13 `url_forms` cannot hold `port`"),
        ("scheme: hmac\nrequire: { cookie:x: 1 }\n", "v.yaml:2:12 this is not a place where values are"),
        (
            "scheme: hmac\ntimestamp: { from: header:T, tolerance_secs: { pats: 1 } }\n",
            "v.yaml:2:48 `tolerance_secs` has no key `pats`",
        ),
    ] {
        assert_eq!(read(&format!("{text}{signature}")).1, [problem], "{text}");
    }
    for (text, problem) in [
        ("scheme: hmacc\n", "v.yaml:1:9 `scheme` cannot be `hmacc`"),
        ("scheme: mtls\nfrom: header:X\n", "v.yaml:1:1 the scheme `mtls` needs `require`"),
        ("any_of: [{ scheme: basic }]\n", "v.yaml:1:9 `any_of` is a list of two schemes or more"),
        (
            "any_of: [{ scheme: basic }, { scheme: none }]\n",
            "v.yaml:1:29 the scheme `none` cannot be one of several",
        ),
        ("any_of: [{ scheme: basic }, { any_of: [] }]\n", "v.yaml:1:31 `any_of` is inside another `any_of`"),
        (
            "scheme: hmac\nsignature: { from: 'query:s-{n}', encoding: hex }\n",
            "v.yaml:2:20 only headers are numbered",
        ),
        (
            "scheme: hmac\nsignature: { from: query:s, encoding: hex, split: { item: \",\", lead: [t], take: v1 } }\n",
            "v.yaml:2:75 a list with `lead` has no names",
        ),
    ] {
        assert_eq!(read(text).1, [problem], "{text}");
    }
}

#[test]
fn the_whole_language_is_read() {
    for text in [
        "{ scheme: hmac, signature: { from: ['header:A', 'header:B'], encoding: base64 }, require: { 'header:V': 1 } }",
        "{ scheme: hmac, signature: { from: 'header:X-S-{n}', encoding: base64 } }",
        "{ scheme: hmac, hash: sha1, key: { encoding: sha1 }, signature: { from: 'form:s', encoding: hex,
           split: { item: '&', pair: '|', take: '*' } }, signed: '{form:p}' }",
        "{ scheme: hmac, signature: { from: 'header:S', encoding: hex, split: { item: ',', lead: [t] } },
           timestamp: { from: 'sig:t', tolerance_secs: { past: 300 } }, signed: '{ts}.{body}' }",
        "{ scheme: hmac, signature: { from: 'header:S', encoding: hex }, signed: '{query:id}', body_signed: false }",
        "{ scheme: digest, signature: { from: 'header:S', encoding: hex }, signed: '{secret}-{body}' }",
        "{ scheme: rsa, hash: sha1, public_key: { encoding: pem }, signature: { from: 'header:S', encoding: base64 } }",
        "{ scheme: static, each: '$.value[*]', from: $.clientState }",
        "{ scheme: mtls, from: 'header:X-Proxy', require: { 'header:X-Verify': SUCCESS } }",
    ] {
        let (scheme, problems) = read(text);
        assert_eq!(problems, [""; 0], "{text}");
        assert!(scheme.is_some());
    }
}

#[test]
fn a_scheme_says_whether_it_signs_the_whole_body() {
    let signed = |signed: &str| {
        let signature = "signature: { from: 'header:S', encoding: hex }";
        format!("{{ scheme: hmac, {signature}, signed: '{signed}' }}")
    };
    for (text, whole) in [
        (signed("v0:{body}"), true),
        (signed("{url}{form_sorted}"), true),
        (signed("{body_sha256}"), true),
        (signed("{json:$.a}"), false),
        (signed("{body|lower}"), false),
        (signed("{?a{body}}"), false),
        (format!("{{ any_of: [{}, {}] }}", signed("{body}"), signed("{form:a}")), false),
        ("{ scheme: basic }".to_owned(), false),
    ] {
        assert_eq!(read(&text).0.unwrap().signs_body(), whole, "{text}");
    }
}

#[test]
fn forms_that_differ_are_told_apart() {
    let form = |from: &str, encoding: &str| {
        format!("{{ scheme: hmac, signature: {{ from: '{from}', encoding: {encoding} }} }}")
    };
    let described = |a: &str, b: &str| read(&format!("{{ any_of: [{a}, {b}] }}")).0.unwrap().described();
    let (one, same, other) = (form("header:A", "hex"), form("header:A", "base64"), form("header:B", "hex"));
    assert_eq!(described(&one, &same), "an HMAC-SHA256 signature in the header `a`");
    assert_eq!(
        described(&one, &other),
        "an HMAC-SHA256 signature in the header `a`, or an HMAC-SHA256 signature in the header `b`"
    );
}

#[test]
fn signed_tokens_are_read() {
    for text in [
        "{ scheme: jwt, from: 'header:A', prefix: 'Bearer ', algorithms: [RS256], jwks: 'https://a.example/certs',
           claims: { iss: 'https://a.example', aud: '{param:audience}', email_verified: true, n: 1, u: '{url}' } }",
        "{ scheme: jwt, from: body, algorithms: [RS256, ES256], public_key: { encoding: jwk } }",
        "{ scheme: jwt, from: query:jwt, algorithms: HS256, key: { encoding: hex }, max_age_secs: 300, leeway_secs: 0,
           require_exp: false, body_hash: { claim: h, hash: sha512, encoding: base64url } }",
        "{ scheme: rsa, signature: { from: $.s, encoding: base64 }, public_key: { certificate_from: $.u,
           hosts: [certs.example.com, 'certs.*.example.com'], path_ends: .pem } }",
    ] {
        let (scheme, problems) = read(text);
        let grave = problems.iter().filter(|problem| !problem.contains("says nothing of the body"));
        assert_eq!(grave.collect::<Vec<_>>(), [""; 0], "{text}");
        let scheme = scheme.unwrap();
        assert_eq!(scheme.needs_secret(), !text.contains("https://") && !text.contains("certificate_from"));
    }
    let (scheme, _) =
        read("{ scheme: jwt, from: body, algorithms: HS256, claims: { u: '{url}', a: '{param:b}' } }");
    let scheme = scheme.unwrap();
    assert!(scheme.uses_url());
    assert_eq!(scheme.params(), ["b"]);
}

#[test]
fn mistakes_in_signed_tokens_have_their_place() {
    let head = "scheme: jwt\nfrom: body\nalgorithms: ";
    for (rest, problem) in [
        ("[none]\n", "v.yaml:3:14 `algorithms` cannot hold `none`"),
        (
            "[HS256, RS256]\n",
            "v.yaml:3:13 signatures with a shared secret and with a public key are allowed together",
        ),
        ("[RS256]\n", "v.yaml:1:1 this scheme needs `public_key` or `jwks`"),
        ("[RS256]\njwks: 'http://a.example/k'\n", "v.yaml:4:7 keys cannot be fetched from here"),
        ("[RS256]\njwks: 'https://u:p@a.example/k'\n", "v.yaml:4:7 keys cannot be fetched from here"),
        (
            "[HS256]\njwks: 'https://a.example/k'\n",
            "v.yaml:4:1 `jwks` does not go with what else is said of the key",
        ),
        (
            "[RS256]\njwks: 'https://a.example/k'\nkey: { encoding: hex }\n",
            "v.yaml:5:1 `key` does not go with what else is said of the key",
        ),
        ("[HS256]\nclaims: { a: '{body}' }\n", "v.yaml:4:14 what a claim must be is known beforehand"),
        (
            "[HS256]\nclaims: { a: [b] }\n",
            "v.yaml:4:14 a claim is text, a number, true or false; here is a list",
        ),
        ("[HS256]\nbody_hash: {}\n", "v.yaml:4:12 `claim` is missing here"),
        ("[HS256]\nsigned: '{body}'\n", "v.yaml:4:1 the scheme `jwt` has no key `signed`"),
    ] {
        assert_eq!(read(&format!("{head}{rest}")).1, [problem], "{rest}");
    }
    let rsa = "scheme: rsa\nsignature: { from: $.s, encoding: base64 }\npublic_key: ";
    for (rest, problem) in [
        ("{ certificate_from: $.u }\n", "v.yaml:3:13 an address from a request needs `hosts`"),
        ("{ certificate_from: $.u, hosts: ['*.com'] }\n", "v.yaml:3:46 this is not a host to keep to"),
        ("{ hosts: [a.com] }\n", "v.yaml:3:15 this belongs to `certificate_from`, which is not here"),
        (
            "{ certificate_from: $.u, hosts: a.com, encoding: pem }\n",
            "v.yaml:3:52 a certificate is fetched in PEM, so nothing says how it is written",
        ),
    ] {
        assert_eq!(read(&format!("{rsa}{rest}")).1, [problem], "{rest}");
    }
}
