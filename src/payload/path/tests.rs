//! What paths select, what is refused and where the caret is.
//! The compliance suite of the RFC is run in `tests/gancho/jsonpath.rs`.

use std::time::{Duration, Instant};

use proptest::prelude::*;
use serde_json::json;

use super::*;

fn select(path: &str, document: &Value) -> Value {
    Path::compile(path)
        .unwrap_or_else(|e| panic!("{path}: {e:?}"))
        .nodes(document)
        .into_iter()
        .cloned()
        .collect()
}

#[test]
fn singular_paths_are_walked() {
    let document = json!({"a": {"b c": [10, 20, 30]}, "": 1, "é": {"x": null}});
    for (path, found) in [
        ("$.a['b c'][0]", json!([10])),
        ("$['a'][\"b c\"][-1]", json!([30])),
        ("$.a['b c'][-4]", json!([])),
        ("$.a['b c'][3]", json!([])),
        ("$.é.x", json!([null])),
        ("$['']", json!([1])),
        ("$.a.b", json!([])),
        ("$", json!([document])),
    ] {
        assert!(Path::compile(path).unwrap().is_singular(), "{path}");
        assert_eq!(select(path, &document), found, "{path}");
    }
}

#[test]
fn other_paths_select_by_the_rfc() {
    let document = json!({"i": [{"k": "x", "v": 1, "l": []}, {"k": "y", "v": 2, "l": [1, 2]}], "min": 2});
    for (path, found) in [
        ("$.i[*].v", json!([1, 2])),
        ("$.i[?@.k == 'y'].v", json!([2])),
        ("$..v", json!([1, 2])),
        ("$.i[0:1].k", json!(["x"])),
        ("$.i[::-1].v", json!([2, 1])),
        ("$..['k','v']", json!(["x", 1, "y", 2])),
        ("$.i[?count(@.l[*]) == 0].v", json!([1])),
        ("$.i[?count(@.l[*]) < 3].v", json!([1, 2])),
        ("$.i[?@.l[?@ > 1]].v", json!([2])),
        ("$.i[?@[?@ == 2]].v", json!([2])),
        ("$.i[?@.v >= $.min].v", json!([2])),
        ("$.i[?$.min == 2 && @.v < $.min].v", json!([1])),
        ("$.i[?value(@..[0]) == 1].v", json!([2])),
        ("$.i[?count($.i[?@.v >= $.min]) == @.v].v", json!([1])),
        ("$.i[?length(@.l) == length(value($.i[1:].k))].v", json!([])),
        ("$.i[?!match(@.k, '[xz]')].v", json!([2])),
        ("$.i[?match($.i[0].k, 'x')].v", json!([1, 2])),
        ("$.i[?@.none == $.none].v", json!([1, 2])),
        ("$.i[?@.none <= @.l[9]].v", json!([1, 2])),
        ("$.i[?@.none < 1].v", json!([])),
    ] {
        assert!(!Path::compile(path).unwrap().is_singular(), "{path}");
        assert_eq!(select(path, &document), found, "{path}");
    }
}

#[test]
fn a_broken_path_is_explained_at_its_character() {
    for (path, at, word) in [
        ("$.", 1..2, "dot"),
        ("$.a[", 3..4, "middle"),
        ("$.a['x", 4..5, "quote"),
        ("$.a-b", 3..4, "quotes"),
        ("$.a[x]", 4..5, "in quotes"),
        ("$.1a", 2..4, "digit"),
        ("$.a[?@.b = 1]", 9..10, "two signs"),
        ("$[?(@.a==1]", 10..11, "too early"),
        ("$.a[?@.b == 9007199254740993]", 12..28, "too large"),
        ("$.a $.b", 4..5, "beginning"),
        ("$.a ", 3..4, "space"),
        ("$a", 1..2, "dot"),
        ("$.a[]", 4..5, "empty"),
        ("$.a[0.b", 4..5, "not closed"),
        ("$.a[@.b == 1]", 4..5, "begins with"),
        ("$.a, $.b", 3..4, "only one"),
        ("$.a[?@.b == 1 and @.c]", 14..17, "signs"),
        ("$[?@.é", 5..7, "middle"),
        ("$.a b", 3..4, "space"),
        ("$[?@. a == 1]", 5..6, "after a dot"),
        ("$[?@.a and @.b]", 7..10, "signs"),
        ("$[?count (@.a) == 1]", 8..9, "parenthesis"),
        ("$['a\nb']", 4..5, "backslash"),
        (r"$['\ n']", 3..5, "twice"),
        (r"$[?match(@.a, '\d')]", 15..17, "twice"),
        ("$.a.length()", 4..10, "inside a filter"),
        ("$[?@.a == 1e999]", 2..3, "too large"),
    ] {
        let error = Path::compile(path).expect_err(path);
        assert_eq!(
            (error.at.clone(), error.message.english().contains(word)),
            (at, true),
            "{path}: {error:?}"
        );
    }
    assert!(
        Path::compile(&format!("$.{}", "a".repeat(600))).unwrap_err().message.english().contains("bytes")
    );
}

/// At what is marked by `^` below.
#[test]
fn what_is_wrong_or_unbounded_is_refused_where_it_stands() {
    for (path, caret, word) in [
        ("$..a..b", "    ^^", "once"),
        ("$..a[?@..b]", "       ^^", "once"),
        ("$[1,2,3,4,5,6,7,8,9]", " ^^^^^^^^^^^^^^^^^^^", "8 selectors"),
        ("$[*,*][*,*,'a']", "      ^^^^^^^^^", "more than 4"),
        ("$[?@.a[?@[?@>1]]]", "          ^", "too deep"),
        ("$[?count(@.a)]", "   ^^^^^", "compared"),
        ("$[?value(@.a) && length(@.b)>1]", "   ^^^^^", "compared"),
        ("$[?length(@.*) < 3]", "          ^^^", "one value"),
        ("$[?length(match(@.a, 'x')) < 3]", "          ^^^^^", "no value"),
        ("$[?count(1) > 2]", "         ^", "takes a path"),
        ("$[?value(length(@.a)) > 2]", "         ^^^^^^^^^^^", "takes a path"),
        ("$[?in(@.a, $.b)]", "   ^^", "not part of JSONPath"),
        ("$[?match(@.a, 'x') == true]", "   ^^^^^", "by itself"),
        (
            r"$[?match(@.a, '((\\p{L}{1,50}){1,50}){1,3}b')]",
            &format!("{:14}{}", "", "^".repeat(30)),
            "costly",
        ),
        ("$[?match(@.a, '(')]", "              ^^^", "regular expression"),
        (r"$[?search(@.a, '\\d+')]", "               ^^^^^^", "regular expression"),
        ("$[?match(@.a, $.p)]", "              ^^^", "in the path itself"),
        ("$[?match(@.a, 1)]", "              ^", "in the path itself"),
        ("$..[?@.id == $.chosen]", "    ^", "after `..`"),
        ("$.a[?@.b[*]&&@.c[*]&&@.d[*]&&@.e[*]&&@.f[*]&&@.g[*]]", "    ^", "too many"),
    ] {
        let error = Path::compile(path).expect_err(path);
        assert!(error.message.english().contains(word), "{path}: {}", error.message.english());
        let start = caret.len() - caret.trim_start().len();
        assert_eq!(error.at, start..caret.len(), "{path}: {}", error.message.english());
    }
}

#[test]
fn accepts_what_mappings_use() {
    for path in [
        "$.meta_data[?@.key == '_correios_tracking_code'].value",
        "$.contact.legal_bases[?@.category=='communications' && @.status=='granted'].type",
        "$.line_items[?match(@.sku, 'CAM.*')].id",
        "$.items[?length(@.name) > 3]",
        "$.orders[?count(@.items[*]) > 1]",
        "$..phone",
        "$[?@.id == $.chosen]",
        "$['name','phone','email','cpf','cnpj','id','code','state']",
        "$.a[?@.s=='1'||@.s=='2'||@.s=='3'||@.s=='4'||@.s=='5'||@.s=='6'||@.s=='7'||@.s=='8'||@.s=='9']",
    ] {
        assert!(Path::compile(path).is_ok(), "{path}");
    }
}

/// The parser tries an unclosed function in several ways, and each within it.
#[test]
fn no_path_takes_long_to_refuse() {
    let start = Instant::now();
    for unit in ["value(", "count(@[?", "(", "[?(", "!(", "length(value(", "match(value(@[?count("] {
        let text: String = std::iter::once("$[?").chain(std::iter::repeat_n(unit, 80)).collect();
        for length in 0..=text.len().min(Path::MAX_BYTES) {
            let _ = Path::compile(&text[..length]);
        }
    }
    assert!(start.elapsed() < Duration::from_secs(20), "{:?}", start.elapsed());
}

proptest! {
    #[test]
    fn never_panics(text in "\\$[.\\[\\]a-c0-2'\"?@*=:,()-]{0,24}", tail in ".{0,12}") {
        let document = json!({"a": [{"b": 1}, [2]], "c": {"a": "x"}});
        for text in [text.clone(), text + &tail] {
            match Path::compile(&text) {
                Ok(path) => drop(path.nodes(&document)),
                Err(error) => {
                    prop_assert!(text.get(error.at.clone()).is_some(), "{:?}", error);
                }
            }
        }
    }
}
