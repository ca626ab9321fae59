//! Why a text is no path: the likely cause, and what to write instead, with the
//! key that the path itself has.

use crate::diagnostic::Sentence;

/// The letters, digits and `_` at the beginning.
pub fn word(text: &str) -> &str {
    let end = text.find(|c: char| !c.is_alphanumeric() && c != '_');
    &text[..end.unwrap_or(text.len())]
}

/// What stands between the last dot of `before` and the end of the key, which
/// may have a hyphen.
fn key_at(before: &str, rest: &str) -> String {
    let begun = before.rsplit(['.', '[', ']', '@', '$', ' ']).next().unwrap_or_default();
    let end = rest.find(|c: char| !c.is_alphanumeric() && c != '_' && c != '-').unwrap_or(rest.len());
    format!("{begun}{}", &rest[..end])
}

/// The likely cause, from what stands before the place and what stands there.
pub fn cause(before: &str, rest: &str) -> (Sentence, Sentence) {
    let after_bracket = before.trim_end().ends_with('[');
    let word = word(rest);
    let after_word = &rest[word.len()..];
    match rest.chars().next() {
        _ if before == "$" && !word.is_empty() => {
            (say!("a dot is missing between `$` and the key"), say!("write it as $.{}", word))
        }
        Some(']') if after_bracket => {
            (say!("these brackets are empty"), say!("write [*] for every item, or [0] for the first"))
        }
        Some('@') if after_bracket => {
            (say!("a filter begins with `?`"), say!("write it as [?@.key == 'text']"))
        }
        Some(',') if !before.contains('[') => (
            say!("only one path stands here"),
            say!("for the first of several that is there, write a list: [$.a, $.b]"),
        ),
        Some('a' | 'A' | 'o' | 'O' | 'e' | 'E') if is_joiner(word) => {
            (say!("conditions are joined with signs, not words"), say!("write && for `and`, || for `or`"))
        }
        Some('(') => (
            say!("this is not a function of JSONPath"),
            say!("take the whole value, and use a filter in the text, such as {{ itens | length }}"),
        ),
        Some(_) if !word.is_empty() && after_word.starts_with('(') => (
            say!("this is not a function of JSONPath"),
            say!("there are length(), count(), value(), match() and search()"),
        ),
        None if before.ends_with('.') => {
            (say!("this path ends with a dot"), say!("remove the dot, or name the key after it"))
        }
        None => {
            (say!("this path stops in the middle"), say!("close the bracket, or write what belongs in it"))
        }
        Some('\'' | '"') => {
            (say!("this quote is not closed, or holds what it cannot"), say!("close it: ['a key']"))
        }
        Some('-' | ' ') => {
            let help = say!("write it as ['{}'], without the dot before it", key_at(before, rest));
            (say!("a key with this character needs quotes"), help)
        }
        Some('=') => (say!("a comparison is written with two signs"), say!("write == instead of =")),
        Some('$') => (
            say!("`$` stands only at the beginning"),
            say!("for the first of several that is there, write a list: [$.a, $.b]"),
        ),
        Some('0'..='9') if before.ends_with('.') => (
            say!("a key that begins with a digit needs quotes"),
            say!("write it as ['{}'], without the dot before it; an index is [0]", word),
        ),
        Some('0'..='9') if after_bracket && word.len() < 16 => {
            (say!("the bracket before this is not closed"), say!("close it: [{}]", word))
        }
        Some('0'..='9') => (
            say!("this number is too large for a path"),
            say!("take the value and compare it as text in `when:`"),
        ),
        Some(c) if after_bracket && c.is_alphabetic() => {
            (say!("a key in brackets stands in quotes"), say!("write it as ['{}']; an index is [0]", word))
        }
        Some(']') => (
            say!("this bracket closes too early"),
            say!("close the parenthesis, or write what belongs before it"),
        ),
        _ => (say!("this is not a path from here on"), say!("a path looks like $.order.items[0].name")),
    }
}

/// Words that join conditions in other languages, and in Portuguese.
pub fn is_joiner(word: &str) -> bool {
    ["and", "or", "e", "ou"].contains(&word.to_ascii_lowercase().as_str())
}
