//! Text inside an address. Never here: whole addresses.

use std::fmt::Write;

/// Percent-encodes everything but the unreserved characters of RFC 3986, so that
/// the result is safe in a path and in a query alike (a space is `%20`, since
/// `+` means one only in a query).
pub fn urlencode(text: &str) -> String {
    let mut encoded = String::with_capacity(text.len());
    for byte in text.bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => encoded.push(byte.into()),
            // Writing to a `String` cannot fail.
            _ => _ = write!(encoded, "%{byte:02X}"),
        }
    }
    encoded
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn reserved_characters_and_utf_8_are_escaped() {
        for (text, expected) in [
            ("Pedido-1.0_a~", "Pedido-1.0_a~"),
            ("a b+c/d?e=f&g", "a%20b%2Bc%2Fd%3Fe%3Df%26g"),
            ("ação 👍", "a%C3%A7%C3%A3o%20%F0%9F%91%8D"),
            ("100%", "100%25"),
            ("", ""),
        ] {
            assert_eq!(urlencode(text), expected);
        }
    }

    proptest! {
        /// A reader of queries gets back what was encoded.
        #[test]
        fn it_decodes_to_itself(text: String) {
            let query = format!("t={}", urlencode(&text));
            let read: Vec<(String, String)> = serde_urlencoded::from_str(&query).unwrap();
            prop_assert_eq!(read, [("t".to_owned(), text)]);
        }
    }
}
