//! The handshakes that senders document, with the vectors that are published.

use super::*;
use crate::diagnostic::{Problems, SourceText};
use crate::event::Headers;
use crate::verify::{Setting, read_scheme};
use crate::yaml::parse;
use proptest::prelude::*;

fn read(text: &str) -> (Vec<Handshake>, Vec<String>) {
    let mut problems = Problems::default();
    let node = parse(&SourceText::new("h.yaml", text), &mut problems).unwrap();
    let handshakes = read_handshakes(&node, &mut problems);
    (handshakes, problems.sorted().iter().map(|d| format!("{} {}", d.place, d.message.english())).collect())
}

fn verifier(scheme: &str, secret: &str, params: &[(&str, &str)]) -> Verifier {
    let mut problems = Problems::default();
    let node = parse(&SourceText::new("v.yaml", scheme), &mut problems).unwrap();
    let scheme = read_scheme(&node, &mut problems).unwrap();
    let setting = Setting {
        public_url: Some("https://hooks.example.com".to_owned()),
        params: params.iter().map(|(name, value)| ((*name).to_owned(), Secret::new(*value))).collect(),
        ..Setting::default()
    };
    Verifier::new(scheme, [Secret::new(secret)], setting).unwrap()
}

const SHA256: &str = "{ scheme: hmac, signature: { from: 'header:S', encoding: hex } }";

fn request(method: &str, query: &str, headers: &[(&str, &str)]) -> RawWebhook {
    RawWebhook {
        source: "loja".parse().unwrap(),
        method: method.into(),
        path: "/hooks/loja".into(),
        query: query.into(),
        headers: headers.iter().copied().collect::<Headers>(),
        body: Default::default(),
        path_secret: None,
        received_at: Timestamp::from_secs(0),
    }
}

/// None: the rule does not match.
fn shake(rule: &str, verifier: &Verifier, raw: &RawWebhook, body: &Value) -> Option<Result<Reply, String>> {
    let (rules, problems) = read(rule);
    assert_eq!(problems, [""; 0]);
    let query = raw.query_pairs();
    let request = Request { headers: &raw.headers, query: &query, body };
    let rule = rules.into_iter().find(|rule| rule.matches(&raw.method, &request))?;
    let asked = Asked { raw, request, verifier, now: Timestamp::from_secs(0), challenge: None };
    Some(rule.answer(&asked).map_err(|why| why.to_string()))
}

fn body_of(answered: Option<Result<Reply, String>>) -> String {
    answered.unwrap().unwrap().body
}

#[test]
fn a_challenge_is_echoed_as_text_or_json() {
    let slack = "- { name: verification, when: { equals: { $.type: url_verification } },
        challenge: { at: $.challenge, max: 256 }, answer: { body: '{challenge}' } }";
    let v = verifier(SHA256, "segredo", &[]);
    let post = request("POST", "", &[]);
    let body = serde_json::json!({"type": "url_verification", "challenge": "3eZbrw1aB-_9"});
    let reply = shake(slack, &v, &post, &body).unwrap().unwrap();
    assert_eq!((reply.status, reply.body.as_str()), (200, "3eZbrw1aB-_9"));
    assert_eq!(reply.content_type, Some("text/plain; charset=utf-8"));
    let event = serde_json::json!({"type": "event_callback", "challenge": "x"});
    assert_eq!(shake(slack, &v, &post, &event), None);
    let markup = serde_json::json!({"type": "url_verification", "challenge": "<script>"});
    assert!(shake(slack, &v, &post, &markup).unwrap().unwrap_err().contains("challenge"));
    let grid = "- { name: validation, when: { equals: { header:aeg-event-type: SubscriptionValidation } },
        verified: false, challenge: { at: '$[0].data.validationCode' }, answer: { json: { validationResponse: '{challenge}' } } }";
    let post = request("POST", "", &[("aeg-event-type", "SubscriptionValidation")]);
    let body = serde_json::json!([{"data": {"validationCode": "AB-12"}}]);
    assert_eq!(body_of(shake(grid, &v, &post, &body)), r#"{"validationResponse":"AB-12"}"#);
    let monday = "- { name: c, when: { only: [challenge] }, verified: false, challenge: { at: $.challenge },
        answer: { json: { challenge: '{challenge}', n: 1 } } }";
    let only = serde_json::json!({"challenge": "a"});
    assert_eq!(body_of(shake(monday, &v, &request("POST", "", &[]), &only)), r#"{"challenge":"a","n":1}"#);
    let more = serde_json::json!({"challenge": "a", "event": {}});
    assert_eq!(shake(monday, &v, &request("POST", "", &[]), &more), None);
}

#[test]
fn a_token_is_compared_before_anything_is_told() {
    let meta = "- { name: subscribe, when: { method: GET, equals: { query:hub.mode: subscribe }, present: [query:hub.challenge] },
        token: { at: query:hub.verify_token, param: verify_token }, challenge: { at: query:hub.challenge },
        answer: { body: '{challenge}' } }";
    let v = verifier(SHA256, "segredo", &[("verify_token", "tok-1")]);
    let ask = |token: &str| {
        request("GET", &format!("hub.mode=subscribe&hub.challenge=1158201444&hub.verify_token={token}"), &[])
    };
    assert_eq!(body_of(shake(meta, &v, &ask("tok-1"), &Value::Null)), "1158201444");
    for wrong in ["tok-2", "", "tok-11"] {
        let refused = shake(meta, &v, &ask(wrong), &Value::Null).unwrap().unwrap_err();
        assert!(refused.contains("token") && !refused.contains("tok-1"), "{refused}");
    }
    let unset = verifier(SHA256, "segredo", &[("verify_token", "")]);
    assert!(shake(meta, &unset, &ask(""), &Value::Null).unwrap().is_err());
    let (rules, _) = read(meta);
    assert_eq!(rules[0].params(), ["verify_token"]);
}

#[test]
fn published_keyed_answers() {
    let crc = "- { name: crc, when: { method: GET, present: [query:crc_token] }, challenge: { at: query:crc_token },
        answer: { json: { response_token: 'sha256={hmac_sha256_base64:challenge}' } } }";
    let v = verifier(SHA256, "z3ZX4v7mAAUGykl3EcmkqbartmuW8VFOOzCloLx9Q45P0hLrFu", &[]);
    let ask = request("GET", "crc_token=9b4507b3-9040-4669-9ca3-6b94edb50553", &[]);
    assert_eq!(
        body_of(shake(crc, &v, &ask, &Value::Null)),
        r#"{"response_token":"sha256=Cytd4Sq+NvEcV3MMrXxWJGJx5A+y/lXzzU2Maartkx8="}"#
    );
    let braintree = "- { name: challenge, when: { method: GET, present: [query:bt_challenge] },
        challenge: { at: query:bt_challenge, chars: hex, min: 20, max: 32 },
        answer: { body: '{param:public_key}|{hmac_sha1_hex:challenge}' } }";
    let scheme = "{ scheme: hmac, hash: sha1, key: { encoding: sha1 }, signature: { from: 'form:bt_signature', encoding: hex } }";
    let v = verifier(scheme, "integration_private_key", &[("public_key", "integration_public_key")]);
    let ask = |challenge: &str| request("GET", &format!("bt_challenge={challenge}"), &[]);
    assert_eq!(
        body_of(shake(braintree, &v, &ask("20f9f8ed05f77439fe955c977e4c8a53"), &Value::Null)),
        "integration_public_key|d9b899556c966b3f06945ec21311865d35df3ce4"
    );
    for odd in ["20f9", "PG5vdGlmaWNhdGlvbj4KICA8a2luZD4=", "20f9f8ed05f77439fe955c977e4c8a5g"] {
        assert!(shake(braintree, &v, &ask(odd), &Value::Null).unwrap().is_err(), "{odd}");
    }
    let ebay = "- { name: challenge, when: { method: GET, present: [query:challenge_code] },
        challenge: { at: query:challenge_code },
        answer: { json: { challengeResponse: '{sha256_hex:challenge+param:verification_token+url}' } } }";
    let v = verifier(SHA256, "segredo", &[("verification_token", "tok")]);
    // The digest of `abc` + `tok` + the address, made with another tool.
    let address = "https://hooks.example.com/hooks/loja?challenge_code=abc";
    let digest = crate::verify::digest(crate::verify::Hash::Sha256, format!("abctok{address}").as_bytes());
    let expected = crate::verify::Encoding::Hex.encode(&digest);
    let ask = request("GET", "challenge_code=abc", &[]);
    assert!(body_of(shake(ebay, &v, &ask, &Value::Null)).contains(&expected));
}

#[test]
fn a_header_is_echoed_and_a_secret_taken() {
    let asana = "- { name: hook, when: { present: [header:X-Hook-Secret] }, verified: false,
        capture_secret: header:X-Hook-Secret, answer: { headers: { X-Hook-Secret: '{header:X-Hook-Secret}' } } }";
    let v = verifier(SHA256, "segredo", &[]);
    let post = request("POST", "", &[("X-Hook-Secret", "b537207f20cbfa02357cf448134da559")]);
    let reply = shake(asana, &v, &post, &Value::Null).unwrap().unwrap();
    assert_eq!(reply.headers, [("X-Hook-Secret".to_owned(), "b537207f20cbfa02357cf448134da559".to_owned())]);
    assert_eq!((reply.content_type, reply.body.as_str()), (None, ""));
    let query = [];
    let request = Request { headers: &post.headers, query: &query, body: &Value::Null };
    let captured = read(asana).0[0].captured(&request).unwrap();
    assert_eq!(captured.expose(), b"b537207f20cbfa02357cf448134da559");
}

#[test]
fn what_would_be_unsafe_is_not_read() {
    let when = "when: { equals: { $.type: x } }";
    for (rule, problem) in [
        (
            "- { name: a, when: { method: POST } }".to_owned(),
            "h.yaml:1:3 every event would be this handshake",
        ),
        (
            format!("- {{ name: a, {when}, answer: {{ body: '{{challenge}}' }} }}"),
            "h.yaml:1:3 the answer holds the challenge, and nothing says where it is",
        ),
        (
            format!(
                "- {{ name: a, {when}, verified: false, challenge: {{ at: $.c }}, answer: {{ body: '{{hmac_sha256_hex:challenge}}' }} }}"
            ),
            "h.yaml:1:3 the answer is made with the secret, for anybody who asks",
        ),
        (
            format!("- {{ name: a, {when}, capture_secret: header:X }}"),
            "h.yaml:1:3 a secret that is handed over cannot have signed its own request",
        ),
        (
            format!("- {{ name: a, {when}, challenge: {{ at: $.c, chars: '.*' }} }}"),
            "h.yaml:1:76 `chars` cannot be `.*`",
        ),
        ("- { when: { method: GET } }".to_owned(), "h.yaml:1:3 `name` is missing here"),
        ("- { name: a }".to_owned(), "h.yaml:1:3 a handshake needs `when`"),
        ("{ name: a }".to_owned(), "h.yaml:1:1 `handshakes` is a list"),
    ] {
        let (rules, problems) = read(&rule);
        assert_eq!(problems, [problem], "{rule}");
        assert!(rules.is_empty(), "{rule}");
    }
    let keyed = format!("- {{ name: a, {when}, answer: {{ body: '{{hmac_sha256_hex:body}}' }} }}");
    assert!(read(&keyed).1[0].contains("an answer has no such part"));
    let secret = format!("- {{ name: a, {when}, answer: {{ body: '{{secret}}' }} }}");
    assert!(read(&secret).1[0].contains("an answer has no such part"));
}

proptest! {
    /// Whatever is asked, our key is never laid over a text that could be a
    /// JSON object, a list, a form, or a timestamp with something after it.
    #[test]
    fn no_event_can_be_a_challenge(
        text in prop_oneof!["\\PC{0,40}", "[{\\[\"].{0,20}", "[0-9]{1,12}[.:].{0,20}", "[a-z]{1,5}=.{0,10}"],
    ) {
        for alphabet in [Alphabet::Hex, Alphabet::Alphanumeric, Alphabet::Token] {
            let challenge =
                Challenge { at: Locator::parse("$.c").unwrap(), alphabet, min: 1, max: 128 };
            let body = serde_json::json!({ "c": text });
            let request = Request { headers: &Headers::default(), query: &[], body: &body };
            if let Ok(found) = challenge.find(&request) {
                let punctuation = found.contains(['{', '}', '[', ']', '"', '.', ':', '=', '&', '|', '<', '\n']);
                prop_assert!(!punctuation, "{}", found);
                prop_assert_eq!(found, text.clone());
            }
        }
    }
}
