//! The length and the layout of plain text, and the number of a noun. Never
//! here: markup, or what a channel allows (see `session`).

/// At most `most` characters, the last of which is `…` where something was cut.
pub fn truncate(text: &str, most: usize) -> String {
    if text.chars().nth(most).is_none() {
        return text.to_owned();
    }
    let Some(kept) = most.checked_sub(1) else { return String::new() };
    let start: String = text.chars().take(kept).collect();
    format!("{}…", start.trim_end())
}

/// Everything on one line, which is what the variables of an approved WhatsApp
/// model must be: line breaks, tabs and runs of four spaces or more become one
/// space, and the ends are trimmed.
pub fn one_line(text: &str) -> String {
    let mut line = String::with_capacity(text.len());
    let mut rest = text.trim();
    while let Some(at) = rest.find(char::is_whitespace) {
        let (word, tail) = rest.split_at(at);
        let after = tail.trim_start();
        let space = &tail[..tail.len() - after.len()];
        let plain = space.len() < 4 && space.bytes().all(|b| b == b' ');
        line.push_str(word);
        line.push_str(if plain { space } else { " " });
        rest = after;
    }
    line.push_str(rest);
    line
}

/// The noun for `count` things: `item` for one, `itens` for none and for many.
/// (CLDR counts zero as singular in Brazil; "0 itens" is what people write.)
pub fn plural<'a>(count: i64, one: &'a str, many: &'a str) -> &'a str {
    if count.unsigned_abs() == 1 { one } else { many }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_cut_is_counted_and_shown() {
        for (text, most, expected) in [
            ("camiseta", 8, "camiseta"),
            ("camiseta", 7, "camise…"),
            ("ação já", 5, "ação…"),
            ("ação já", 6, "ação…"),
            ("👍🏽👍", 2, "👍…"),
            ("ab", 1, "…"),
            ("ab", 0, ""),
            ("", 0, ""),
        ] {
            assert_eq!(truncate(text, most), expected);
        }
    }

    #[test]
    fn everything_on_one_line() {
        for (text, expected) in [
            ("a\nb", "a b"),
            ("a \r\n\r\n b\tc", "a b c"),
            ("a  b   c    d", "a  b   c d"),
            ("a\u{a0}b\u{2028}c", "a b c"),
            ("\n a \n", "a"),
            ("  ", ""),
            ("uma linha", "uma linha"),
        ] {
            assert_eq!(one_line(text), expected);
        }
    }

    #[test]
    fn nouns() {
        for (count, expected) in [(1, "item"), (-1, "item"), (0, "itens"), (2, "itens"), (i64::MIN, "itens")]
        {
            assert_eq!(plural(count, "item", "itens"), expected);
        }
    }

    proptest! {
        #[test]
        fn a_cut_text_is_short_enough(text: String, most in 0usize..40) {
            let cut = truncate(&text, most);
            prop_assert!(cut.chars().count() <= most);
            prop_assert_eq!(truncate(&cut, most), cut);
        }

        #[test]
        fn one_line_is_one_line(text in "[a-c \t\r\n\u{a0}\u{2028}]{0,40}", any: String) {
            for text in [text, any] {
                let line = one_line(&text);
                prop_assert!(!line.contains(['\n', '\r', '\t', '\u{2028}']), "{:?}", line);
                prop_assert!(!line.contains("    "), "{:?}", line);
                prop_assert_eq!(one_line(&line), line);
            }
        }
    }
}
