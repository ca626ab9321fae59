//! Each usual mistake, made on purpose and found; and what may never be said.

use super::*;
use crate::diagnostic::{Problems, SourceText};
use crate::event::{Headers, Secret};
use crate::verify::{Encoding, Setting, read_scheme};
use crate::yaml::parse;
use proptest::prelude::*;

const NOW: Timestamp = Timestamp::from_secs(1_772_452_800);
const SECRET: &str = "c2VncmVkby1kZS10ZXN0ZQ==";
const BODY: &str = "{\"b\":\"é/1\",\"a\":[1,2]}";

const BASE64: &str = "{ scheme: hmac, signature: { from: 'header:S', encoding: base64 } }";
const STAMPED: &str = "{ scheme: hmac, signature: { from: 'header:S', encoding: hex, prefix: 'sha256=' },
    timestamp: { from: 'header:T' }, signed: '{ts}.{body}' }";
const ADDRESS: &str =
    "{ scheme: hmac, signature: { from: 'header:S', encoding: hex }, signed: '{url}{body}' }";

fn scheme(text: &str) -> Scheme {
    let mut problems = Problems::default();
    let node = parse(&SourceText::new("v.yaml", text), &mut problems).unwrap();
    read_scheme(&node, &mut problems).unwrap_or_else(|| panic!("{problems:?}"))
}

fn setting() -> Setting {
    Setting { public_url: Some("https://hooks.example.com".into()), ..Setting::default() }
}

fn draft(body: &str) -> RawWebhook {
    RawWebhook {
        source: "loja".parse().unwrap(),
        method: "POST".into(),
        path: "/hooks/loja".into(),
        query: String::new(),
        headers: Headers::default(),
        body: body.to_owned().into(),
        path_secret: None,
        received_at: NOW,
    }
}

fn signed(text: &str, secret: &str, body: &str, at: Timestamp) -> RawWebhook {
    scheme(text).sign(&draft(body), &Secret::new(secret), &setting(), at).unwrap()
}

fn verifier(text: &str, secret: &str) -> Verifier {
    Verifier::new(scheme(text), [Secret::new(secret)], setting()).unwrap()
}

fn hint(text: &str, secret: &str, raw: &RawWebhook) -> String {
    let explanation = verifier(text, secret).explain(raw, NOW, &Others::default());
    assert!(!explanation.verified, "{explanation:?}");
    explanation.hint.unwrap_or_else(|| format!("nothing: {:?}", explanation.steps))
}

#[track_caller]
fn check(found: String, wanted: &str) {
    assert!(found.contains(wanted), "{found}\n  lacks {wanted}");
}

#[test]
fn mistakes_with_the_secret_are_found() {
    let raw = signed(BASE64, SECRET, BODY, NOW);
    for stored in [format!("{SECRET}\n"), format!(" {SECRET}"), format!("{SECRET}\r\n")] {
        check(hint(BASE64, &stored, &raw), "a space or a line break around it");
    }
    check(hint(BASE64, &format!("\"{SECRET}\""), &raw), "quotes around it");
    check(hint(BASE64, SECRET, &signed(BASE64, &format!("{SECRET}\n"), BODY, NOW)), "ends in a line break");
    let decoded = BASE64.replacen("scheme: hmac,", "scheme: hmac, key: { encoding: base64 },", 1);
    check(hint(BASE64, SECRET, &signed(&decoded, SECRET, BODY, NOW)), "key: { encoding: base64");
    check(hint(&decoded, SECRET, &signed(BASE64, SECRET, BODY, NOW)), "key: { encoding: utf8");
    let stripped = decoded.replace("encoding: base64 },", "encoding: base64, strip: whsec_ },");
    let whole = format!("whsec_{SECRET}");
    check(hint(BASE64, &whole, &signed(&stripped, &whole, BODY, NOW)), "strip: whsec_");
}

#[test]
fn mistakes_with_the_scheme_are_found() {
    let hex = BASE64.replace("base64", "hex");
    check(hint(BASE64, SECRET, &signed(&hex, SECRET, BODY, NOW)), "encoding: hex");
    let prefixed = hex.replace("hex", "hex, prefix: 'sha256='");
    check(hint(&hex, SECRET, &signed(&prefixed, SECRET, BODY, NOW)), "prefix: \"sha256=\"");
    check(hint(&prefixed, SECRET, &signed(&hex, SECRET, BODY, NOW)), "take `prefix` away");
    let sha512 = hex.replace("scheme: hmac", "scheme: hmac, hash: sha512");
    check(hint(&hex, SECRET, &signed(&sha512, SECRET, BODY, NOW)), "hash: sha512");
}

#[test]
fn what_happened_to_the_body_is_found() {
    let document: Value = serde_json::from_str(BODY).unwrap();
    let changed = |sent: &str, came: &str| {
        let raw = signed(BASE64, SECRET, sent, NOW);
        hint(BASE64, SECRET, &RawWebhook { body: came.to_owned().into(), ..raw })
    };
    check(changed(BODY, &format!("{BODY}\n")), "was added at the end");
    check(changed(&format!("{BODY}\r\n"), BODY), "was lost on its way");
    check(changed("a\nb", "a\r\nb"), "from LF to CR LF");
    check(changed("a\r\nb", "a\nb"), "from CR LF to LF");
    for sent in [
        serde_json::to_string_pretty(&document).unwrap(),
        "{\"b\": \"é/1\", \"a\": [1, 2]}".to_owned(),
        "{\"b\":\"\\u00e9/1\",\"a\":[1,2]}".to_owned(),
        "{\"b\":\"é\\/1\",\"a\":[1,2]}".to_owned(),
        "{\"a\":[1,2],\"b\":\"é/1\"}".to_owned(),
    ] {
        let came = if sent.starts_with("{\n") { BODY.to_owned() } else { format!("  {BODY}") };
        check(changed(&sent, &came), "read and written again");
    }
}

#[test]
fn mistakes_with_the_time_are_found() {
    let old = signed(STAMPED, SECRET, BODY, Timestamp::from_secs(1_772_440_000));
    check(hint(STAMPED, SECRET, &old), "--at");
    let millis = STAMPED.replace("'header:T' }", "'header:T', unit: ms }");
    check(hint(STAMPED, SECRET, &signed(&millis, SECRET, BODY, NOW)), "unit: ms");
    check(hint(&millis, SECRET, &signed(STAMPED, SECRET, BODY, NOW)), "unit: s");
}

#[test]
fn mistakes_with_the_address_are_found() {
    let at = |url: &str, path: &str, query: &str| {
        let setting = Setting { public_url: Some(url.into()), ..Setting::default() };
        let draft = RawWebhook { path: path.into(), query: query.into(), ..draft(BODY) };
        let signed = scheme(ADDRESS).sign(&draft, &Secret::new(SECRET), &setting, NOW).unwrap();
        hint(ADDRESS, SECRET, &RawWebhook { path: "/hooks/loja".into(), query: "a=1".into(), ..signed })
    };
    check(at("http://hooks.example.com", "/hooks/loja", "a=1"), "http://hooks.example.com/hooks/loja?a=1");
    check(
        at("https://hooks.example.com", "/hooks/loja/", "a=1"),
        "https://hooks.example.com/hooks/loja/?a=1",
    );
    check(at("https://hooks.example.com", "/hooks/loja", ""), "https://hooks.example.com/hooks/loja:");
}

#[test]
fn another_source_or_sender_is_named() {
    let raw = signed(BASE64, "outro-segredo", BODY, NOW);
    let hex = scheme(&BASE64.replace("header:S", "header:X-Hub"));
    let others =
        Others { schemes: vec![("github", &hex)], secrets: vec![("loja-2", Secret::new("outro-segredo"))] };
    let found = verifier(BASE64, SECRET).explain(&raw, NOW, &others).hint.unwrap();
    assert!(found.contains("the source `loja-2`"), "{found}");
    let elsewhere = signed(&BASE64.replace("header:S", "header:X-Hub"), SECRET, BODY, NOW);
    let found = verifier(BASE64, SECRET).explain(&elsewhere, NOW, &others);
    assert!(found.hint.unwrap().contains("provider: github"));
    assert_eq!(found.code, "signature-missing");
}

#[test]
fn a_request_that_is_right_is_told_step_by_step() {
    let raw = signed(STAMPED, SECRET, BODY, NOW);
    let explanation = verifier(STAMPED, SECRET).explain(&raw, NOW, &Others::default());
    let texts: Vec<&str> = explanation.steps.iter().map(|step| step.text.as_str()).collect();
    assert_eq!(
        texts,
        [
            "a signature in the header `s`: found, 32 bytes",
            "the timestamp: found, 0 s old",
            "signed is {ts}.{body}: 33 bytes, the body being 22",
            "the request is believed",
        ]
    );
    assert!(explanation.verified && explanation.hint.is_none());
    assert_eq!(explanation.to_json()["steps"][0]["ok"], true);
}

proptest! {
    /// Nothing that is said could be used to sign, or is the secret.
    #[test]
    fn nothing_is_given_away(
        text in prop::sample::select(vec![BASE64, STAMPED, ADDRESS]),
        secret in "[a-zA-Z0-9]{12,40}",
        body in "\\PC{0,60}",
        break_body in any::<bool>(),
    ) {
        let right = signed(text, &secret, &body, NOW);
        let raw = if break_body { RawWebhook { body: format!("{body}x\n").into(), ..right.clone() } } else { draft(&body) };
        let explanation = verifier(text, &secret).explain(&raw, NOW, &Others::default());
        let said = explanation.to_json().to_string();
        prop_assert!(!said.contains(&secret), "{}", said);
        let broken = signed(text, &secret, &String::from_utf8_lossy(&raw.body), NOW);
        for valid in [&right, &broken] {
            let signature = valid.headers.get("s").unwrap().trim_start_matches("sha256=");
            prop_assert!(!said.contains(signature), "{}", said);
            let bytes = Encoding::Hex.decode(signature).or_else(|| Encoding::Base64.decode(signature)).unwrap();
            for encoding in [Encoding::Hex, Encoding::Base64, Encoding::Base64Url] {
                prop_assert!(!said.contains(&encoding.encode(&bytes)), "{}", said);
            }
        }
    }
}
