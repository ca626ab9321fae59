//! Any body, of any kind and compressed in any way, as a document or not.

#![no_main]

use gancho::event::Headers;
use gancho::payload::{DocumentRule, read_document};
use libfuzzer_sys::fuzz_target;

const KINDS: [&str; 5] =
    ["application/json", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x", "text/xml", ""];
const ENCODINGS: [&str; 3] = ["", "gzip", "deflate"];

fuzz_target!(|data: &[u8]| {
    let [choice, body @ ..] = data else { return };
    let (kind, rest) = (usize::from(choice % 5), choice / 5);
    let (encoding, rule) = (usize::from(rest % 3), rest / 3 % 3);
    let headers: Headers =
        [("content-type", KINDS[kind]), ("content-encoding", ENCODINGS[encoding])].into_iter().collect();
    let rule = match rule {
        0 => DocumentRule::AsIs,
        1 => DocumentRule::FormField("a".to_owned()),
        _ => DocumentRule::JwtClaims,
    };
    if let Ok(document) = read_document(&rule, &headers, body) {
        // What was read can be written and read again.
        let text = document.to_string();
        assert!(serde_json::from_str::<serde_json::Value>(&text).is_ok());
    }
});
