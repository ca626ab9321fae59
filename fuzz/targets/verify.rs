//! Any request against every scheme of the catalogue. Nobody here knows a
//! secret, so none may be believed; and the doctor must have an answer.

#![no_main]

use std::sync::LazyLock;

use gancho::diagnostic::Problems;
use gancho::event::{Headers, RawWebhook, Secret, Timestamp};
use gancho::provider::Catalogue;
use gancho::verify::{Others, Setting, Verifier};
use libfuzzer_sys::fuzz_target;

/// A key of every kind: text, base64 and hexadecimal, credentials, an address.
const SECRETS: [&str; 3] = [
    "dXN1YXJpbzpzZW5oYTpjMmVncmVkbw",
    "usuario:senha-0123456789abcdef",
    "44782DEF547AAA06C910C43932B1EB0C71FC68D9D0C057550C48EC2ACF6BA056",
];

static VERIFIERS: LazyLock<Vec<Verifier>> = LazyLock::new(|| {
    let catalogue = Catalogue::embedded(&mut Problems::default());
    let mut verifiers = Vec::new();
    for provider in catalogue.iter() {
        let setting = Setting {
            public_url: Some("https://hooks.example.com".to_owned()),
            params: provider.params.iter().map(|(name, _)| (name.clone(), Secret::new("p"))).collect(),
            document: provider.document.clone(),
            ..Setting::default()
        };
        let fitting = SECRETS.iter().find_map(|secret| {
            Verifier::new(provider.verify.clone(), [Secret::new(*secret)], setting.clone()).ok()
        });
        verifiers.extend(fitting);
    }
    assert!(verifiers.len() > 150);
    verifiers
});

// The first line chooses the scheme and the query, the next ones are headers,
// and what follows an empty line is the body.
fuzz_target!(|data: &[u8]| {
    let [first, second, data @ ..] = data else { return };
    let verifier = &VERIFIERS[usize::from(u16::from_le_bytes([*first, *second])) % VERIFIERS.len()];
    let text = String::from_utf8_lossy(data);
    let (head, body) = text.split_once("\n\n").unwrap_or((&text, ""));
    let mut lines = head.lines();
    let query = lines.next().unwrap_or_default().to_owned();
    let headers: Headers = lines.filter_map(|line| line.split_once(':')).map(|(n, v)| (n, v.trim())).collect();
    let raw = RawWebhook {
        source: "fuzz".parse().expect("a name"),
        method: "POST".to_owned(),
        path: "/hooks/fuzz".to_owned(),
        query,
        headers,
        body: body.to_owned().into(),
        path_secret: None,
        received_at: Timestamp::from_secs(0),
    };
    let now = Timestamp::from_secs(1_772_452_800);
    let explanation = verifier.explain(&raw, now, &Others::default());
    assert_eq!(explanation.verified, verifier.check(&raw, now).is_ok());
    assert!(!explanation.verified || text.contains("usuario") || text.contains("dXN1"), "{explanation:?}");
});
