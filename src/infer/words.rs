//! A key as plain words: `billingCellphone`, `_billing_cellphone` and "Telefone
//! de cobrança" are compared with tables of words in Portuguese, English and
//! Spanish, so they are first split, folded and put in lower case. Whole words
//! only: `total` is not in `totally`, nor `tel` in `hotel`.

/// Longer keys are cut; a question of a form can be a whole paragraph.
const MAX_CHARS: usize = 160;

/// A phrase of plain words, and what finding it in a key is worth.
pub type Table = [(&'static str, i32)];

/// The words of a key between single spaces, with one at both ends.
pub fn plain(key: &str) -> String {
    let chars: Vec<char> = key.chars().take(MAX_CHARS).collect();
    let mut words = String::from(" ");
    for (at, &c) in chars.iter().enumerate() {
        if !c.is_alphanumeric() {
            end_word(&mut words);
            continue;
        }
        let before = at.checked_sub(1).map(|before| chars[before]);
        let after = chars.get(at + 1);
        if before.is_some_and(|before| begins_word(before, c, after)) {
            end_word(&mut words);
        }
        words.extend(c.to_lowercase().map(fold));
    }
    end_word(&mut words);
    words
}

/// `fullCode`, `orderURLs`, `telefone2`.
fn begins_word(before: char, c: char, after: Option<&char>) -> bool {
    let camel = before.is_lowercase() && c.is_uppercase();
    let acronym = before.is_uppercase() && c.is_uppercase() && after.is_some_and(|next| next.is_lowercase());
    camel || acronym || before.is_alphabetic() && c.is_numeric()
}

fn end_word(words: &mut String) {
    if !words.ends_with(' ') {
        words.push(' ');
    }
}

fn fold(c: char) -> char {
    match c {
        'á' | 'à' | 'â' | 'ã' | 'ä' => 'a',
        'é' | 'è' | 'ê' | 'ë' => 'e',
        'í' | 'ì' | 'î' | 'ï' => 'i',
        'ó' | 'ò' | 'ô' | 'õ' | 'ö' => 'o',
        'ú' | 'ù' | 'û' | 'ü' => 'u',
        'ç' => 'c',
        'ñ' => 'n',
        other => other,
    }
}

/// Whether the plain words of a key hold this phrase.
pub fn holds(words: &str, phrase: &str) -> bool {
    words.match_indices(phrase).any(|(at, _)| {
        let end = at + phrase.len();
        words[..at].ends_with(' ') && words[end..].starts_with(' ')
    })
}

/// Whether the key is this phrase and nothing more.
pub fn is(words: &str, phrase: &str) -> bool {
    words.trim() == phrase
}

/// The phrase of the table that is worth most.
pub fn best(table: &Table, words: &str) -> Option<(&'static str, i32)> {
    let found = table.iter().filter(|(phrase, _)| holds(words, phrase));
    // Of equals the first, so that the order of a table means something.
    found.copied().reduce(|best, next| if next.1 > best.1 { next } else { best })
}

/// The phrase of the table that weighs most against.
pub fn worst(table: &Table, words: &str) -> Option<(&'static str, i32)> {
    let found = table.iter().filter(|(phrase, _)| holds(words, phrase));
    found.copied().reduce(|worst, next| if next.1 < worst.1 { next } else { worst })
}

/// What the key, whole, is worth.
pub fn exact(table: &Table, words: &str) -> Option<(&'static str, i32)> {
    table.iter().find(|(phrase, _)| is(words, phrase)).copied()
}

pub fn any(list: &[&str], words: &str) -> bool {
    list.iter().any(|phrase| holds(words, phrase))
}

pub fn is_any(list: &[&str], words: &str) -> bool {
    list.iter().any(|phrase| is(words, phrase))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_become_words() {
        for (key, words) in [
            ("billingCellphone", " billing cellphone "),
            ("_billing_cellphone", " billing cellphone "),
            ("Telefone de cobrança", " telefone de cobranca "),
            ("orderURL", " order url "),
            ("URLRastreio", " url rastreio "),
            ("WhatsApp (com DDD)", " whats app com ddd "),
            ("CPF", " cpf "),
            ("telefone2", " telefone 2 "),
            ("NÚMERO", " numero "),
            ("---", " "),
            ("", " "),
        ] {
            assert_eq!(plain(key), words, "{key}");
        }
    }

    #[test]
    fn only_whole_words_count() {
        assert!(holds(" order id ", "order id"));
        assert!(!holds(" order identity ", "order id"));
        assert!(!holds(" hotel ", "tel"));
        assert!(holds(" hotel tel ", "tel"));
        assert_eq!(best(&[("a", 1), ("a b", 3)], " a b "), Some(("a b", 3)));
        assert_eq!(worst(&[("a", -1), ("b", -3)], " a b "), Some(("b", -3)));
        assert_eq!(exact(&[("a", 1)], " a b "), None);
    }
}
