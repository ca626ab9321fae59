//! JSONPath is exactly RFC 9535: by its compliance suite, and beside the library's
//! own evaluator where that is known to be right.

use std::{env, fs};

use gancho::payload::Path;
use jsonpath_rust::parser::parse_json_path;
use jsonpath_rust::query::js_path_process;
use proptest::prelude::*;
use serde_json::{Value, json};

/// Names another file with the suite.
const SUITE_VARIABLE: &str = "GANCHO_JSONPATH_CTS";
/// Beside the repository, not in it: it is somebody else's work.
const SUITE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../shared/reference/jsonpath-cts.json");

const PATTERN: &str = "a pattern is written in the path itself";

/// Valid by the RFC and refused by us, with the rule. A document that brings its
/// own pattern could bring a costly one; a pattern that is no text matches nothing.
const REFUSED: [(&str, &str); 6] = [
    ("functions, match, regex from the document", PATTERN),
    ("functions, match, non-string second arg", PATTERN),
    ("functions, match, arg is a function expression", PATTERN),
    ("functions, search, regex from the document", PATTERN),
    ("functions, search, non-string second arg", PATTERN),
    ("functions, search, arg is a function expression", PATTERN),
];

#[test]
fn the_compliance_suite_holds() {
    let file = env::var(SUITE_VARIABLE).unwrap_or_else(|_| SUITE.to_owned());
    let Ok(text) = fs::read_to_string(&file) else {
        println!("SKIPPED: the JSONPath compliance suite is not at {file}; {SUITE_VARIABLE} may name it");
        return;
    };
    let suite: Value = serde_json::from_str(&text).expect("the suite is JSON");
    let cases = suite["tests"].as_array().expect("the suite has tests");
    let (mut right, mut refused, mut wrong) = (0, Vec::new(), Vec::new());
    for case in cases {
        let (name, selector) = (case["name"].as_str().unwrap(), case["selector"].as_str().unwrap());
        let is_valid = case["invalid_selector"] != json!(true);
        match Path::compile(selector) {
            Err(error) if is_valid => match REFUSED.contains(&(name, error.message.english().as_str())) {
                true => refused.push(name),
                false => wrong.push(format!("{name}: {selector} is refused: {}", error.message.english())),
            },
            Err(_) => right += 1,
            Ok(_) if !is_valid => wrong.push(format!("{name}: {selector} is taken")),
            Ok(path) => {
                let found: Value = path.nodes(&case["document"]).into_iter().cloned().collect();
                let one_of = case["results"].as_array().is_some_and(|results| results.contains(&found));
                match one_of || case.get("result") == Some(&found) {
                    true => right += 1,
                    false => wrong.push(format!("{name}: {selector} gives {found}")),
                }
            }
        }
    }
    println!(
        "jsonpath compliance: {} cases, {right} right, {} refused by our rules",
        cases.len(),
        refused.len()
    );
    assert!(wrong.is_empty(), "{} of {} cases:\n{}", wrong.len(), cases.len(), wrong.join("\n"));
    let expected = REFUSED.map(|(name, _)| name).into_iter().filter(|name| !refused.contains(name));
    assert_eq!(expected.collect::<Vec<_>>(), [] as [&str; 0], "no longer refused, or no longer there");
}

fn document() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        (-3..4_i64).prop_map(Value::from),
        "[abx]{0,2}".prop_map(Value::from),
    ];
    leaf.prop_recursive(4, 40, 5, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..5).prop_map(Value::from),
            prop::collection::vec(("[abc]", inner), 0..5)
                .prop_map(|members| Value::Object(members.into_iter().collect())),
        ]
    })
}

fn step() -> impl Strategy<Value = String> {
    prop_oneof!["\\.[abc]", "\\['[abc]'\\]", (-3..4_i64).prop_map(|index| format!("[{index}]")),]
}

fn steps(most: usize) -> impl Strategy<Value = String> {
    prop::collection::vec(step(), 0..most).prop_map(|steps| steps.concat())
}

fn selector() -> impl Strategy<Value = String> {
    prop_oneof![
        "'[abc]'",
        (-3..4_i64).prop_map(|index| index.to_string()),
        Just("*".to_owned()),
        ("(-?[1-3])?", "(-?[1-3])?", "(:(-?[1-3])?)?")
            .prop_map(|(start, end, step)| format!("{start}:{end}{step}")),
    ]
}

/// The library is right about a literal that is text or a small number.
fn filter() -> impl Strategy<Value = String> {
    let side = prop_oneof!["'[abx]{0,2}'", (-3..4_i64).prop_map(|number| number.to_string())];
    let relation = prop::sample::select(vec!["==", "!=", "<", "<=", ">", ">="]);
    let compare =
        (step(), relation, side).prop_map(|(step, relation, side)| format!("@{step} {relation} {side}"));
    let exists =
        (prop::sample::select(vec!["", "!"]), step()).prop_map(|(not, step)| format!("{not}@{step}"));
    let atom = prop_oneof![compare, exists].boxed();
    prop_oneof![
        3 => atom.clone(),
        1 => (atom.clone(), atom.clone()).prop_map(|(left, right)| format!("{left} && {right}")),
        1 => (atom.clone(), atom).prop_map(|(left, right)| format!("!({left} || {right})")),
    ]
}

fn segment() -> impl Strategy<Value = String> {
    prop_oneof![
        2 => step(),
        1 => Just(".*".to_owned()),
        1 => prop::collection::vec(selector(), 1..3).prop_map(|all| format!("[{}]", all.join(","))),
        1 => filter().prop_map(|filter| format!("[?{filter}]")),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    #[test]
    fn selects_what_the_library_selects(
        document in document(),
        segments in prop::collection::vec(segment(), 0..4),
        descent in prop::option::of(prop_oneof![Just("..*"), Just("..a"), Just("..[0]")]),
    ) {
        let text = format!("${}{}", segments.concat(), descent.unwrap_or_default());
        // It may select a value more often than we let it.
        if let Ok(path) = Path::compile(&text) {
            let theirs = parse_json_path(&text).unwrap();
            let theirs = js_path_process(&theirs, &document).unwrap().into_iter().map(|node| node.val());
            prop_assert_eq!(path.nodes(&document), theirs.collect::<Vec<_>>(), "{} of {}", text, document);
        }
    }

    /// The plain walk of a singular path is what the evaluator does for it.
    #[test]
    fn both_ways_of_ours_are_one(document in document(), steps in steps(5)) {
        let singular = Path::compile(&format!("${steps}")).unwrap();
        prop_assert!(singular.is_singular());
        let found = singular.nodes(&document);
        let wrapped = json!({ "all": [document] });
        let general = Path::compile(&format!("$.all[*]{steps}")).unwrap();
        prop_assert_eq!(&found, &general.nodes(&wrapped));
        let filtered = Path::compile(&format!("$.all[?@{steps}]")).unwrap();
        prop_assert_eq!(found.len(), filtered.nodes(&wrapped).len());
        let compared = Path::compile(&format!("$.all[?count(@{steps}) == 1 && @{steps} == @{steps}]")).unwrap();
        prop_assert_eq!(found.len(), compared.nodes(&wrapped).len());
    }
}
