//! Vectors that the senders published, and the laws of verification.

use super::*;
use crate::diagnostic::{Problems, SourceText};
use crate::event::Headers;
use crate::verify::read_scheme;
use crate::yaml::parse;
use proptest::prelude::*;

const GITHUB: &str =
    "{ scheme: hmac, signature: { from: 'header:X-Hub-Signature-256', encoding: hex, prefix: 'sha256=' } }";
const IFOOD: &str = "{ scheme: hmac, signature: { from: 'header:X-IFood-Signature', encoding: hex } }";
const BASE64: &str =
    "{ scheme: hmac, signature: { from: 'header:X-Shopify-Hmac-Sha256', encoding: base64 } }";
const SHA1_QUERY: &str =
    "{ scheme: hmac, hash: sha1, signature: { from: 'query:signature', encoding: hex } }";
const SLACK: &str =
    "{ scheme: hmac, signature: { from: 'header:X-Slack-Signature', encoding: hex, prefix: 'v0=' },
  timestamp: { from: 'header:X-Slack-Request-Timestamp' }, signed: 'v0:{ts}:{body}' }";
const STANDARD: &str = "{ scheme: hmac,
  signature: { from: 'header:webhook-signature', encoding: base64, split: { item: ' ', pair: ',', take: v1 } },
  key: { strip: whsec_, encoding: base64 }, timestamp: { from: 'header:webhook-timestamp' },
  signed: '{header:webhook-id}.{ts}.{body}' }";
const STRIPE: &str = "{ scheme: hmac,
  signature: { from: 'header:Calendly-Webhook-Signature', encoding: hex, split: { item: ',', pair: '=', take: v1 } },
  timestamp: { from: 'sig:t' }, signed: '{ts}.{body}' }";

fn verifier(scheme: &str, secrets: &[&str]) -> Verifier {
    verifier_in(scheme, secrets, Setting::default())
}

pub fn verifier_in(scheme: &str, secrets: &[&str], setting: Setting) -> Verifier {
    let mut problems = Problems::default();
    let node = parse(&SourceText::new("v.yaml", scheme), &mut problems).unwrap();
    let scheme = read_scheme(&node, &mut problems).unwrap_or_else(|| panic!("{problems:?}"));
    let secrets: Vec<Secret> = secrets.iter().map(|s| Secret::new(*s)).collect();
    Verifier::new(scheme, secrets, setting).unwrap()
}

pub fn webhook(headers: &[(&str, &str)], body: &str) -> RawWebhook {
    RawWebhook {
        source: "loja".parse().unwrap(),
        method: "POST".into(),
        path: "/hooks/loja".into(),
        query: String::new(),
        headers: headers.iter().copied().collect::<Headers>(),
        body: body.to_owned().into(),
        path_secret: None,
        received_at: Timestamp::from_secs(0),
    }
}

pub fn outcome(verifier: &Verifier, raw: RawWebhook, at_secs: i64) -> &'static str {
    match verifier.verify(raw, Timestamp::from_secs(at_secs)) {
        Ok(_) => "verified",
        Err(unverified) => unverified.refusal.code(),
    }
}

#[test]
fn published_vectors_verify() {
    let ifood_body = r#"{"code":"PLC","createdAt":"2023-02-20T18:19:03.20162269Z","fullCode":"PLACED","id":"a38ba215-f949-4b2c-982a-0582a9d0c10e","merchantId":"cad65e8f-6fc6-438a-b159-e64a902a6b9a","orderId":"2c97e104-35ed-4c18-85d7-854a40b6b9e3"}"#;
    let slack_body = "token=xyzz0WbapA4vBCDEFasx0q6G&team_id=T1DC2JH3J&team_domain=testteamnow&channel_id=G8PSS9T3V&channel_name=foobar&user_id=U2CERLKJA&user_name=roadrunner&command=%2Fwebhook-collect&text=&response_url=https%3A%2F%2Fhooks.slack.com%2Fcommands%2FT1DC2JH3J%2F397700885554%2F96rGlfmibIGlgcZRskXaIFfN&trigger_id=398738663015.47445629121.803a0bc887a14d10d2c447fce8b6703c";
    let cases: [(&str, &str, &str, RawWebhook, i64); 4] = [
        (
            "GitHub",
            GITHUB,
            "It's a Secret to Everybody",
            webhook(
                &[(
                    "X-Hub-Signature-256",
                    "sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17",
                )],
                "Hello, World!",
            ),
            0,
        ),
        (
            "iFood",
            IFOOD,
            "dummysecret",
            webhook(
                &[("X-IFood-Signature", "6f9ed23a7b505a3b6907c5f6eb2ad1b056fbf35a643d365a9a072ed7aabca153")],
                ifood_body,
            ),
            0,
        ),
        (
            "Slack",
            SLACK,
            "8f742231b10e8888abcd99yyyzzz85a5",
            webhook(
                &[
                    (
                        "X-Slack-Signature",
                        "v0=a2114d57b48eac39b9ad189dd8316235a7b4a8d21a10bd27519666489c69b503",
                    ),
                    ("X-Slack-Request-Timestamp", "1531420618"),
                ],
                slack_body,
            ),
            1_531_420_618,
        ),
        (
            "Standard Webhooks",
            STANDARD,
            "whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD",
            webhook(
                &[
                    ("webhook-id", "msg_27UH4WbU6Z5A5EzD8u03UvzRbpk"),
                    ("webhook-timestamp", "1649367553"),
                    ("webhook-signature", "v1,tZ1I4/hDygAJgO5TYxiSd6Sd0kDW6hPenDe+bTa3Kkw="),
                ],
                r#"{"email":"test@example.com","username":"test_user"}"#,
            ),
            1_649_367_553,
        ),
    ];
    for (who, scheme, secret, raw, at) in cases {
        let right = verifier(
            scheme,
            &["an old secret of theirs 0000", secret][usize::from(who == "Standard Webhooks")..],
        );
        assert_eq!(outcome(&right, raw.clone(), at), "verified", "{who}");
        let mut tampered = raw;
        let mut body = tampered.body.to_vec();
        body[0] ^= 1;
        tampered.body = body.into();
        assert_eq!(outcome(&right, tampered, at), "signature-mismatch", "{who}");
    }
}

/// Computed independently (Python `hmac`), key `segredo`, body `{"a":1}`.
#[test]
fn constructions_match_an_independent_implementation() {
    let body = r#"{"a":1}"#;
    let base64 = webhook(&[("X-Shopify-Hmac-Sha256", "107IHjis0U3qQYZehL+1HU7ZndkEL8gqh1NIkKwrtlU=")], body);
    assert_eq!(outcome(&verifier(BASE64, &["segredo"]), base64, 0), "verified");
    let mut query = webhook(&[], body);
    query.query = "signature=cf87b1eee1292f47bb849f2ffad742d18ccb1b39".into();
    assert_eq!(outcome(&verifier(SHA1_QUERY, &["segredo"]), query, 0), "verified");
    let list = webhook(
        &[(
            "Calendly-Webhook-Signature",
            "t=1772452800,v1=2ff3b054c9ec400106ec37b0c2347147f5ce9ca5c8a522f5954c46ace381c3a2",
        )],
        body,
    );
    assert_eq!(outcome(&verifier(STRIPE, &["segredo"]), list, 1_772_452_801), "verified");
}

#[test]
fn freshness_is_checked_after_the_signature() {
    let verifier = verifier(STRIPE, &["segredo"]);
    let raw = |signature: &str| webhook(&[("Calendly-Webhook-Signature", signature)], r#"{"a":1}"#);
    let good = "t=1772452800,v1=2ff3b054c9ec400106ec37b0c2347147f5ce9ca5c8a522f5954c46ace381c3a2";
    let at = 1_772_452_800;
    for (now, code) in [
        (at + 300, "verified"),
        (at + 301, "timestamp-too-old"),
        (at - 300, "verified"),
        (at - 301, "timestamp-in-future"),
    ] {
        assert_eq!(outcome(&verifier, raw(good), now), code);
    }
    let forged = good.replace("v1=2", "v1=3");
    assert_eq!(outcome(&verifier, raw(&forged), at + 9_999), "signature-mismatch");
    let twice = format!("t=1772452800,{good}");
    assert_eq!(outcome(&verifier, raw(&twice), at), "signed-part-missing");
}

#[test]
fn tokens_are_found_where_the_file_says() {
    let header = verifier("{ scheme: static, from: 'header:X-HOTMART-HOTTOK' }", &["tok-1", "tok-2"]);
    assert_eq!(outcome(&header, webhook(&[("x-hotmart-hottok", "tok-2")], "{}"), 0), "verified");
    assert_eq!(outcome(&header, webhook(&[("x-hotmart-hottok", "tok-3")], "{}"), 0), "token-mismatch");
    assert_eq!(outcome(&header, webhook(&[], "{}"), 0), "token-missing");
    let bearer = verifier("{ scheme: static, from: 'header:Authorization', prefix: 'Bearer ' }", &["tok"]);
    assert_eq!(outcome(&bearer, webhook(&[("Authorization", "Bearer tok")], ""), 0), "verified");
    assert_eq!(outcome(&bearer, webhook(&[("Authorization", "tok")], ""), 0), "token-missing");
    let body = verifier("{ scheme: static, from: '$.token' }", &["tok"]);
    assert_eq!(outcome(&body, webhook(&[], r#"{"token":"tok"}"#), 0), "verified");
    assert_eq!(outcome(&body, webhook(&[], r#"{"token":7}"#), 0), "token-missing");
    assert_eq!(outcome(&body, webhook(&[], "not json"), 0), "body-unreadable");
    let form = webhook(&[("content-type", "application/x-www-form-urlencoded")], "token=tok");
    assert_eq!(outcome(&body, form, 0), "verified");
}

#[test]
fn basic_and_address_secrets() {
    let basic = verifier("{ scheme: basic }", &["loja:senha"]);
    assert_eq!(outcome(&basic, webhook(&[("Authorization", "Basic bG9qYTpzZW5oYQ==")], ""), 0), "verified");
    assert_eq!(outcome(&basic, webhook(&[("Authorization", "basic bG9qYTpzZW5oYQ")], ""), 0), "verified");
    assert_eq!(outcome(&basic, webhook(&[("Authorization", "Basic eDp5")], ""), 0), "credentials-mismatch");
    assert_eq!(outcome(&basic, webhook(&[("Authorization", "Bearer x")], ""), 0), "credentials-missing");
    let address = verifier("{ scheme: none }", &["0123456789abcdef"]);
    let mut raw = webhook(&[], "{}");
    assert_eq!(outcome(&address, raw.clone(), 0), "address-mismatch");
    raw.path_secret = Some("0123456789abcdef".into());
    assert_eq!(outcome(&address, raw, 0), "verified");
}

#[test]
fn what_proved_the_sender_is_not_kept() {
    let now = Timestamp::from_secs(0);
    let header = verifier("{ scheme: static, from: 'header:X-Token' }", &["tok-1"]);
    let kept = header.verify(webhook(&[("X-Token", "tok-1"), ("X-Topic", "a")], "{}"), now).unwrap();
    assert_eq!(kept.webhook().headers.get("x-token"), Some("[secret]"));
    assert_eq!(kept.webhook().headers.get("x-topic"), Some("a"));
    let query = verifier("{ scheme: static, from: 'query:token' }", &["tok-1"]);
    let mut raw = webhook(&[], "{}");
    raw.query = "a=1&token=tok-1".into();
    assert_eq!(query.verify(raw, now).unwrap().webhook().query, "a=1&token=%5Bsecret%5D");
    let basic = verifier("{ scheme: basic }", &["loja:senha"]);
    let kept = basic.verify(webhook(&[("Authorization", "Basic bG9qYTpzZW5oYQ==")], ""), now).unwrap();
    assert_eq!(kept.webhook().headers.get("authorization"), Some("[secret]"));
}

#[test]
fn without_a_secret_nobody_is_believed() {
    let none: [&str; 0] = [];
    for scheme in [GITHUB, "{ scheme: basic }", "{ scheme: none }", "{ scheme: static, from: 'header:x' }"] {
        let raw =
            webhook(&[("x-hub-signature-256", "sha256=00"), ("x", ""), ("authorization", "Basic Og==")], "");
        assert_ne!(outcome(&verifier(scheme, &none), raw, 0), "verified", "{scheme}");
    }
}

#[test]
fn a_verifier_and_its_keys_cannot_be_printed() {
    let shown = format!("{:?}", verifier(GITHUB, &["super-secret-value"]));
    assert_eq!(shown, "Verifier(hmac, 1 keys)");
}

const DIGEST: &str =
    "{ scheme: digest, signature: { from: 'header:S', encoding: hex }, signed: '{secret}-{body}' }";
const ADDRESS: &str = "{ scheme: hmac, hash: sha512, signature: { from: 'header:S', encoding: base64url },
  timestamp: { from: 'header:T', unit: ms }, signed: '{method}{url}{body}{ts}', url_forms: [as_received, other_port] }";
const POSITIONAL: &str =
    "{ scheme: hmac, signature: { from: 'header:S', encoding: hex, split: { item: ';', lead: [t] } },
  timestamp: { from: 'sig:t', unit: http-date }, signed: '{ts}{body}' }";
const DIGESTED: &str = "{ scheme: hmac, signature: { from: 'header:S', encoding: hex }, signed: '{url}',
  body_digest: { equals: 'query:bodySHA256' } }";
const NUMBERED: &str = "{ scheme: hmac, signature: { from: 'header:S-{n}', encoding: hex }, prehash: sha256, signed: '{body_base64}' }";
/// Every kind of signature that can be made here.
const SIGNABLE: [&str; 11] =
    [GITHUB, BASE64, STANDARD, STRIPE, SLACK, SHA1_QUERY, DIGEST, ADDRESS, POSITIONAL, DIGESTED, NUMBERED];

/// A text in which one character is another one; nothing else changes.
fn other_character(text: &str, at: usize) -> String {
    let mut bytes = text.as_bytes().to_vec();
    bytes[at] = if bytes[at] == b'7' { b'8' } else { b'7' };
    String::from_utf8(bytes).unwrap()
}

proptest! {
    /// What we sign verifies; after a change of any single bit of the body, of
    /// a signed header or of the signature it does not.
    #[test]
    fn no_single_bit_change_verifies(
        scheme in prop::sample::select(SIGNABLE.to_vec()),
        body in proptest::collection::vec(any::<u8>(), 1..200),
        bit in any::<prop::sample::Index>(),
    ) {
        let now = Timestamp::from_secs(1_772_452_800);
        let secret = "whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD";
        let setting = Setting { public_url: Some("https://hooks.example.com".into()), ..Setting::default() };
        let verifier = verifier_in(scheme, &[secret], setting.clone());
        let mut draft = webhook(&[], "");
        draft.body = body.into();
        let signed = verifier.scheme().sign(&draft, &Secret::new(secret), &setting, now).unwrap();
        prop_assert!(verifier.verify(signed.clone(), now).is_ok());

        let mut changed = signed.clone();
        let mut bytes = changed.body.to_vec();
        let at = bit.index(bytes.len() * 8);
        bytes[at / 8] ^= 1 << (at % 8);
        changed.body = bytes.into();
        prop_assert!(verifier.verify(changed, now).is_err());

        // The last base64 digit has spare bits that decode to nothing.
        let spare = |value: &str, at: usize| at + 3 >= value.len() && value.ends_with('=');
        for (name, value) in signed.headers.iter() {
            let at = bit.index(value.len());
            let changed = other_character(value, at);
            let headers = signed.headers.iter().map(|(have, kept)| {
                (have, if have == name { changed.clone() } else { kept.to_owned() })
            });
            let changed = RawWebhook { headers: headers.collect(), ..signed.clone() };
            prop_assert!(verifier.verify(changed, now).is_err() || spare(value, at), "{name} {value} {at}");
        }
        if !signed.query.is_empty() {
            let at = bit.index(signed.query.len());
            let changed = RawWebhook { query: other_character(&signed.query, at), ..signed.clone() };
            prop_assert!(verifier.verify(changed, now).is_err(), "{} {at}", signed.query);
        }
        let elsewhere = RawWebhook { method: "PUT".into(), path: "/hooks/outra".into(), ..signed };
        let bound = scheme.contains("{url}") || scheme.contains("{method}");
        prop_assert!(!bound || verifier.verify(elsewhere, now).is_err());
    }

    /// Whatever comes, the check ends and says why.
    #[test]
    fn no_request_panics(
        scheme in prop::sample::select([SIGNABLE.as_slice(), &[TOKEN_EACH, ANY]].concat()),
        headers in proptest::collection::vec(("[ST]|X-Token|content-type|S-[1-3]", "\\PC{0,40}"), 0..5),
        query in "\\PC{0,40}",
        body in proptest::collection::vec(any::<u8>(), 0..80),
        now in any::<i64>(),
    ) {
        let secret = "whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD";
        let verifier = verifier(scheme, &[secret]);
        let headers = headers.into_iter().collect();
        let raw = RawWebhook { headers, query, body: body.into(), ..webhook(&[], "") };
        prop_assert!(verifier.verify(raw, Timestamp::from_millis(now)).is_err());
    }
}

const TOKEN_EACH: &str = "{ scheme: static, each: '$.value[*]', from: $.clientState }";
const ANY: &str = "{ any_of: [{ scheme: basic }, { scheme: static, from: 'header:X-Token' }] }";
