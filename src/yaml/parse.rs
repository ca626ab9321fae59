//! Text to tree, through `serde-saphyr`: it knows YAML, keeps spans, and bounds
//! aliases and nesting.

use std::fmt;
use std::sync::Arc;

use serde::de::{Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};
use serde_saphyr::{DuplicateKeyPolicy, Location, Spanned};

use super::{Data, Key, Node};
use crate::diagnostic::{Diagnostic, Place, Problems, Sentence, SourceText};

/// Larger files are refused: a mapping is a page or two.
pub const MAX_BYTES: usize = 256 * 1024;

/// Reads a file. Anything that keeps it from being a tree is one diagnostic,
/// since nothing after it can be trusted; duplicate keys are all reported.
pub fn parse(file: &Arc<SourceText>, problems: &mut Problems) -> Option<Node> {
    if file.text.len() > MAX_BYTES {
        problems.push(Diagnostic::error(
            "file-too-large",
            &Place::start_of(file),
            say!("this file has {} bytes; the most is {}", file.text.len(), MAX_BYTES),
        ));
        return None;
    }
    let options = serde_saphyr::options! {
        budget: serde_saphyr::budget! { max_events: 60_000, max_nodes: 20_000, max_depth: 64, max_documents: 1 },
        alias_limits: serde_saphyr::alias_limits! { max_total_replayed_events: 10_000 },
        duplicate_keys: DuplicateKeyPolicy::PassThrough,
        strict_booleans: true,
        leading_zero_numbers_as_strings: true,
        underscored_numbers_as_strings: true,
        with_snippet: false,
    };
    match serde_saphyr::from_str_with_options::<Spanned<Raw>>(&file.text, options) {
        Ok(raw) => Some(grow(file, raw, problems)),
        Err(error) => {
            problems.push(syntax_problem(file, &error));
            None
        }
    }
}

fn syntax_problem(file: &Arc<SourceText>, error: &serde_saphyr::Error) -> Diagnostic {
    let offset = error.location().map_or(0, |at| offset_of(&file.text, &at));
    // A key that is a map is reported at its second brace.
    let offset = if file.text[..offset].ends_with('{') { offset - 1 } else { offset };
    let rest = &file.text[offset..];
    let place = Place::new(file, offset..offset + rest.chars().next().map_or(0, char::len_utf8));
    let (message, help) = explain(rest, &error.without_snippet().to_string());
    Diagnostic::error("yaml-syntax", &place, message).help(help)
}

/// The parser speaks of YAML's grammar; people need the likely cause. What
/// stands in the file is not repeated: it may be a secret.
fn explain(rest: &str, said: &str) -> (Sentence, Sentence) {
    if rest.starts_with("{{") || rest.starts_with("{%") {
        return (
            say!("text that begins with `{` must stand in quotes"),
            say!("put quotes around the whole text, such as \"{{ nome }}, olá!\""),
        );
    }
    if rest.starts_with(['@', '`', '%']) {
        return (
            say!("text that begins with this character must stand in quotes"),
            say!("put quotes around the whole text, such as \"@.code\""),
        );
    }
    let said = said.split(" at line ").next().unwrap_or_default();
    let has = |words: &[&str]| words.iter().any(|word| said.contains(word));
    if has(&["unclosed quote"]) {
        (say!("this quote is not closed"), say!("end the text with the same quote"))
    } else if has(&["trailing content after double-quoted", "trailing content after single-quoted"]) {
        (
            say!("the quotes were closed before this, and the text goes on"),
            say!("inside a text in \"…\" use the other quotes: \"{{ nome | default('cliente') }}\""),
        )
    } else if has(&["tabs disallowed", "start with a tab"]) {
        (say!("a tab cannot indent a line"), say!("indent it with spaces"))
    } else if has(&["expected ',' or", "placement of ':'", "unclosed bracket", "in flow construct"]) {
        (
            say!("a `[` or `{` that was opened before this is not closed"),
            say!("close it with `]` or `}` in the lines above"),
        )
    } else if has(&["mapping values are not allowed"]) {
        (
            say!("this `:` cannot stand here"),
            say!(
                "if it belongs to a text, put the whole text in quotes; if it ends a key, indent the key like its neighbours"
            ),
        )
    } else if has(&["simple key expected"]) {
        (
            say!("this line is neither a key nor part of the text above it"),
            say!("a key ends with `:`; the lines of a text begin further to the right than its key"),
        )
    } else {
        (
            say!("this is not YAML: {}", said),
            say!("check the quotes, the brackets and the indentation (spaces, not tabs) up to here"),
        )
    }
}

/// Errors know line and column only; values know bytes.
fn offset_of(text: &str, at: &Location) -> usize {
    let line_start: usize =
        text.split_inclusive('\n').take((at.line() as usize).saturating_sub(1)).map(str::len).sum();
    let column = (at.column() as usize).saturating_sub(1);
    let line = &text[line_start..];
    line_start + line.char_indices().nth(column).map_or(line.len(), |(offset, _)| offset)
}

fn grow(file: &Arc<SourceText>, raw: Spanned<Raw>, problems: &mut Problems) -> Node {
    let mut place = place_of(file, &raw.referenced);
    let data = match raw.value {
        Raw::Scalar(data) => data,
        Raw::List(items) => Data::List(items.into_iter().map(|item| grow(file, item, problems)).collect()),
        Raw::Map(entries) => {
            let mut grown: Vec<(Key, Node)> = Vec::with_capacity(entries.len());
            for (name, value) in entries {
                let key = Key { place: place_of(file, &name.referenced), name: name.value };
                let node = grow(file, value, problems);
                if let Some((first, _)) = grown.iter().find(|(have, _)| have.name == key.name) {
                    let first = first.place.line_col().line;
                    problems.push(
                        Diagnostic::error("duplicate-key", &key.place, say!("`{}` is here twice", key.name))
                            .help(say!("it is already on line {}; keep one of them", first)),
                    );
                } else {
                    grown.push((key, node));
                }
            }
            // Of a map without braces, its first key is what can be shown.
            if let Some((first, _)) =
                grown.first().filter(|(key, _)| key.place.span.start == place.span.start)
            {
                place = first.place.clone();
            }
            Data::Map(grown)
        }
    };
    Node { data, place }
}

fn place_of(file: &Arc<SourceText>, at: &Location) -> Place {
    let span = at.span();
    let start = span.byte_offset().map_or_else(|| offset_of(&file.text, at), |o| o as usize);
    let length = span.byte_len().unwrap_or(0) as usize;
    let text = file.text.get(start..start + length).unwrap_or_default();
    Place::new(file, start..start + text.trim_end().len())
}

/// The tree as `serde` gives it, before places are looked up.
enum Raw {
    Scalar(Data),
    List(Vec<Spanned<Raw>>),
    Map(Vec<(Spanned<String>, Spanned<Raw>)>),
}

impl<'de> Deserialize<'de> for Raw {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(RawVisitor)
    }
}

struct RawVisitor;

impl<'de> Visitor<'de> for RawVisitor {
    type Value = Raw;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a YAML value")
    }

    fn visit_unit<E>(self) -> Result<Raw, E> {
        Ok(Raw::Scalar(Data::Null))
    }

    fn visit_none<E>(self) -> Result<Raw, E> {
        Ok(Raw::Scalar(Data::Null))
    }

    fn visit_some<D: Deserializer<'de>>(self, deserializer: D) -> Result<Raw, D::Error> {
        Raw::deserialize(deserializer)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Raw, E> {
        Ok(Raw::Scalar(Data::Bool(value)))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Raw, E> {
        Ok(Raw::Scalar(Data::Int(value)))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Raw, E> {
        Ok(Raw::Scalar(i64::try_from(value).map_or(Data::Float(value as f64), Data::Int)))
    }

    fn visit_f64<E>(self, value: f64) -> Result<Raw, E> {
        Ok(Raw::Scalar(Data::Float(value)))
    }

    fn visit_str<E>(self, value: &str) -> Result<Raw, E> {
        Ok(Raw::Scalar(Data::Text(value.to_owned())))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Raw, A::Error> {
        let mut list = Vec::new();
        while let Some(item) = items.next_element()? {
            list.push(item);
        }
        Ok(Raw::List(list))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<Raw, A::Error> {
        let mut map = Vec::new();
        while let Some(key) = entries.next_key()? {
            map.push((key, entries.next_value()?));
        }
        Ok(Raw::Map(map))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tree(text: &str) -> Node {
        let mut problems = Problems::default();
        let node = parse(&SourceText::new("t.yaml", text), &mut problems);
        assert!(problems.is_empty(), "{problems:?}");
        node.unwrap()
    }

    fn first_problem(text: &str) -> Diagnostic {
        let mut problems = Problems::default();
        parse(&SourceText::new("t.yaml", text), &mut problems);
        problems.sorted().remove(0)
    }

    #[test]
    fn scalars_are_what_a_person_meant() {
        let json = tree("a: yes\nb: 010\nc: 1.5\nd: ~\ne: true\nf: 12\n101: x\ng: 1_000\n").to_json();
        assert_eq!(
            json.to_string(),
            r#"{"a":"yes","b":"010","c":1.5,"d":null,"e":true,"f":12,"101":"x","g":"1_000"}"#
        );
    }

    #[test]
    fn every_duplicate_key_is_reported() {
        let mut problems = Problems::default();
        parse(&SourceText::new("t.yaml", "a: 1\nb: 2\na: 3\nb: 4\n"), &mut problems);
        let found: Vec<String> = problems.iter().map(|d| format!("{} {}", d.place, d.code)).collect();
        assert_eq!(found, ["t.yaml:3:1 duplicate-key", "t.yaml:4:1 duplicate-key"]);
    }

    #[test]
    fn the_usual_yaml_mistakes_have_their_place_and_a_way_out() {
        for (text, place, word) in [
            ("é: [\"y\", @.x]\n", "t.yaml:1:10", "quotes"),
            ("a: {{ nome }}\n", "t.yaml:1:4", "quotes"),
            ("a: \"oi\n", "t.yaml:1:4", "not closed"),
            ("a:\n\t- b\n", "t.yaml:2:2", "tab"),
        ] {
            let problem = first_problem(text);
            assert_eq!(problem.place.to_string(), place, "{text}: {}", problem.message.english());
            assert!(problem.message.english().contains(word), "{text}: {}", problem.message.english());
        }
    }

    #[test]
    fn a_place_inside_a_scalar_is_found_in_the_file() {
        let text = "a: \"$.x y\"\nb: |\n  Oi {{ n }}\n\n    ção {{ m }}\nc: >-\n  dob {{ x }}\n  rado\n";
        let node = tree(text);
        let at = |key: usize, needle: &str| {
            let scalar = &node.as_map().unwrap()[key].1;
            let offset = scalar.as_text().unwrap().find(needle).unwrap();
            let place = scalar.inner_place(offset..offset + needle.len());
            (place.to_string(), text[place.span.clone()].to_owned())
        };
        assert_eq!(at(0, "x"), ("t.yaml:1:7".into(), "x".into()));
        assert_eq!(at(1, "n"), ("t.yaml:3:9".into(), "n".into()));
        assert_eq!(at(1, "m }}"), ("t.yaml:5:12".into(), "m }}".into()));
        assert_eq!(at(2, "x").0, "t.yaml:7:3", "a folded text is marked as a whole");
    }

    #[test]
    fn hostile_files_cost_little() {
        let deep = format!("a: {}", "[".repeat(20_000));
        assert_eq!(first_problem(&deep).code, "yaml-syntax");
        let mut bomb = String::from("a0: &a0 [x,x,x,x,x,x,x,x,x,x]\n");
        for n in 1..10 {
            bomb += &format!("a{n}: &a{n} [{}]\n", vec![format!("*a{}", n - 1); 10].join(","));
        }
        assert_eq!(first_problem(&bomb).code, "yaml-syntax");
        assert_eq!(first_problem(&"#".repeat(MAX_BYTES + 1)).code, "file-too-large");
    }
}
