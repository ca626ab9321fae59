//! What a value looks like, whatever its key says. Strict where a wrong guess
//! would be proposed by itself, generous where a key must agree.

use serde_json::Value;

use crate::mapping::convert::DateRule;

/// Longer texts are no value of a message.
pub const MAX_CHARS: usize = 600;

pub fn email(text: &str) -> bool {
    let Some((before, host)) = text.split_once('@') else { return false };
    let plain = |part: &str| {
        !part.is_empty() && !part.contains(|c: char| c.is_whitespace() || matches!(c, '@' | '<' | '>'))
    };
    plain(before) && plain(host) && host.contains('.') && !text.contains('/')
}

pub fn url(text: &str) -> bool {
    let rest = text.strip_prefix("https://").or_else(|| text.strip_prefix("http://"));
    rest.is_some_and(|rest| !rest.is_empty() && !rest.contains(char::is_whitespace))
}

pub fn uuid(text: &str) -> bool {
    text.len() == 36 && text.bytes().all(|b| b.is_ascii_hexdigit() || b == b'-') && text.contains('-')
}

/// The beginning of every BR Code: format 01.
pub fn pix(text: &str) -> bool {
    text.starts_with("000201")
}

/// The digits of a boleto as they are typed (47, or 48 of a bill) or read by a
/// scanner (44).
pub fn boleto(text: &str) -> bool {
    let only = text.bytes().all(|b| b.is_ascii_digit() || matches!(b, b'.' | b' ' | b'-'));
    only && matches!(digits(text), 44 | 47 | 48)
}

/// As of Correios: `AA123456789BR`.
pub fn tracking(text: &str) -> bool {
    let bytes = text.as_bytes();
    bytes.len() == 13
        && bytes[..2].iter().chain(&bytes[11..]).all(u8::is_ascii_uppercase)
        && bytes[2..11].iter().all(u8::is_ascii_digit)
}

pub fn digits(text: &str) -> usize {
    text.bytes().filter(u8::is_ascii_digit).count()
}

/// `#1001`, `PED-1`: written for people to read.
pub fn order(text: &str) -> bool {
    let upper = text.to_uppercase();
    let rest = ["#", "PEDIDO", "PED", "ORDER", "ORD"].iter().find_map(|start| upper.strip_prefix(start));
    rest.is_some_and(|rest| {
        let parted = !rest.starts_with(char::is_alphabetic);
        let rest = rest.trim_start_matches(['-', '_', '#', ' ']);
        parted && rest.bytes().any(|b| b.is_ascii_digit()) && !rest.contains(' ')
    })
}

/// Punctuation of a phone: enough to believe one without a telling key.
pub fn written_as_phone(text: &str) -> bool {
    let shaped = text.starts_with('+') || text.contains('(') && text.contains(')');
    shaped && text.chars().all(|c| c.is_ascii_digit() || " +-().".contains(c))
}

/// How much a text looks like somebody's name. None: not at all.
pub fn person(text: &str) -> Option<i32> {
    let words: Vec<&str> = text.split_whitespace().collect();
    let spelled = |c: char| c.is_alphabetic() || matches!(c, ' ' | '.' | '\'' | '’' | '-');
    if text.chars().count() > 70 || words.len() > 8 || !text.chars().all(spelled) {
        return None;
    }
    let particle = |word: &&str| matches!(*word, "de" | "da" | "do" | "das" | "dos" | "e" | "y" | "del");
    let upper = |word: &str| word.chars().next().is_some_and(char::is_uppercase);
    let names: Vec<&str> = words.iter().copied().filter(|word| !particle(word)).collect();
    match names.len() {
        0 => None,
        1 => Some(2),
        _ if names.iter().all(|word| upper(word)) => Some(14),
        _ => Some(6),
    }
}

/// How `as: date` must be told to read it: Some(None) needs no format.
pub fn date(value: &Value) -> Option<Option<&'static str>> {
    let text = match value {
        Value::String(text) => text.trim().to_owned(),
        Value::Number(number) => number.to_string(),
        _ => return None,
    };
    if text.bytes().all(|b| b.is_ascii_digit()) {
        return match (text.len(), text.bytes().next()) {
            // Between 2001 and 2033.
            (13, Some(b'1')) => Some(Some("epoch_ms")),
            (10, Some(b'1')) => Some(Some("epoch_secs")),
            _ => None,
        };
    }
    let formats = [
        None,
        Some("dd/MM/yyyy"),
        Some("dd/MM/yyyy HH:mm"),
        Some("dd/MM/yyyy HH:mm:ss"),
        Some("dd-MM-yyyy"),
        Some("dd-MM-yyyy HH:mm:ss"),
    ];
    formats.into_iter().find(|format| {
        let rule = DateRule::parse(*format, None);
        rule.is_ok_and(|rule| rule.date(&Value::String(text.clone())).is_ok())
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn values_look_like_what_they_are() {
        assert!(email("maria@x.com") && !email("@maria") && !email("a b@x.com"));
        assert!(url("https://x/y") && !url("https://") && !url("x.com") && !url("https://a b"));
        assert!(uuid("2c97e104-35ed-4c18-85d7-854a40b6b9e3") && !uuid("2c97"));
        assert!(pix("00020126580014br.gov.bcb.pix") && !pix("0002"));
        assert!(boleto("23793.38128 60007.827136 95000.063305 9 84410000002000") && !boleto("1.2"));
        assert!(tracking("AA123456789BR") && !tracking("AA12345678BR"));
        assert!(
            order("#1001")
                && order("PED-1")
                && !order("PEDRA")
                && !order("orders_v2")
                && !order("1001")
                && !order("#")
        );
        assert!(written_as_phone("+55 27 99999-8888") && written_as_phone("(27) 3333-4444"));
        assert!(!written_as_phone("2026-03-02") && !written_as_phone("1772452800"));
    }

    #[test]
    fn names_of_people_have_words_and_nothing_else() {
        for (text, points) in [
            ("Maria Souza", Some(14)),
            ("MARIA DA SILVA E SOUZA", Some(14)),
            ("Maria de Souza", Some(14)),
            ("maria souza", Some(6)),
            ("Maria", Some(2)),
            ("#1001", None),
            ("maria@x.com", None),
            ("order.paid", Some(2)),
            ("lp_ebook", None),
            ("", None),
        ] {
            assert_eq!(person(text), points, "{text}");
        }
    }

    #[test]
    fn dates_are_read_with_a_format_if_they_need_one() {
        for (value, format) in [
            (json!("2026-03-01"), Some(None)),
            (json!("2026-03-02 10:00:00"), Some(None)),
            (json!("2026-03-03T17:30:00.000000Z"), Some(None)),
            (json!("02/03/2026 14:30"), Some(Some("dd/MM/yyyy HH:mm"))),
            (json!(1_772_452_800), Some(Some("epoch_secs"))),
            (json!("1772452871000"), Some(Some("epoch_ms"))),
            (json!(20_260_302), None),
            (json!("amanhã"), None),
            (json!(null), None),
        ] {
            assert_eq!(date(&value), format, "{value}");
        }
    }
}
