//! Any JSONPath over any document.

#![no_main]

use gancho::payload::Path;
use libfuzzer_sys::fuzz_target;
use serde_json::Value;

fuzz_target!(|text: &str| {
    let (path, document) = text.split_once('\n').unwrap_or((text, "{\"a\":[1,{\"b\":\"x\"},null,2.5]}"));
    let Ok(path) = Path::compile(path) else { return };
    let Ok(document) = serde_json::from_str::<Value>(document) else { return };
    let found = path.nodes(&document).len();
    assert!(!path.is_singular() || found <= 1);
});
