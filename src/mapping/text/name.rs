//! People's names, which registers keep in capitals or in none. Never here: a
//! guess at which part of a name is the family's.

/// Words that stay small inside a name.
const PARTICLES: [&str; 6] = ["da", "de", "do", "das", "dos", "e"];

/// The first name, for greeting somebody: `MARIA DA SILVA` is `Maria`.
pub fn first_name(full_name: &str) -> String {
    title(full_name.split_whitespace().next().unwrap_or_default())
}

/// A name in the capitals of Portuguese: `JOÃO DAS NEVES E D'ÁVILA` is
/// `João das Neves e D'Ávila`. Spaces stay as they are.
pub fn title(text: &str) -> String {
    let mut written = String::with_capacity(text.len());
    let mut begins = true;
    for chunk in text.split_inclusive(char::is_whitespace) {
        let word = chunk.trim_end();
        let small = word.to_lowercase();
        if !begins && PARTICLES.contains(&small.as_str()) {
            written.push_str(&small);
        } else {
            capitalise(word, &mut written);
        }
        written.push_str(&chunk[word.len()..]);
        begins &= word.is_empty();
    }
    written
}

/// A capital at the start and after each hyphen or apostrophe, small letters
/// elsewhere.
fn capitalise(word: &str, written: &mut String) {
    let mut starts = true;
    for c in word.chars() {
        if starts && c.is_alphanumeric() {
            // Some capitals are two letters, of which only the first is one: `ß` is `Ss`.
            let mut capitals = c.to_uppercase();
            written.extend(capitals.next());
            written.extend(capitals.flat_map(char::to_lowercase));
            starts = false;
        } else {
            written.extend(c.to_lowercase());
            starts |= matches!(c, '-' | '\'' | '’');
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn names_in_portuguese_capitals() {
        for (written, expected) in [
            ("MARIA DA SILVA", "Maria da Silva"),
            ("joão das neves e souza", "João das Neves e Souza"),
            ("ÁLVARO DOS SANTOS", "Álvaro dos Santos"),
            ("DA SILVA", "Da Silva"),
            ("  de souza", "  De Souza"),
            ("ANA-MARIA D'ÁVILA SANT’ANNA", "Ana-Maria D'Ávila Sant’Anna"),
            ("josé  (ZÉ)\tdo bar", "José  (Zé)\tdo Bar"),
            ("3M do brasil", "3m do Brasil"),
            ("straße ß", "Straße Ss"),
            ("", ""),
        ] {
            assert_eq!(title(written), expected);
        }
    }

    #[test]
    fn the_first_name_is_the_first_word() {
        for (written, expected) in [
            ("MARIA DA SILVA", "Maria"),
            ("  joão  pedro", "João"),
            ("Ana-Clara Reis", "Ana-Clara"),
            ("ÉRICA", "Érica"),
            (" ", ""),
        ] {
            assert_eq!(first_name(written), expected);
        }
    }

    proptest! {
        #[test]
        fn a_title_stays_as_it_is(text: String, near in "[a-zA-ZãÉßŉǆ' -]{0,20}") {
            for text in [text, near] {
                prop_assert_eq!(title(&title(&text)), title(&text));
            }
        }
    }
}
