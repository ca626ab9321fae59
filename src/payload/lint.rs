//! What a path may not be, although the library accepts it: queries that give a
//! wrong answer there (measured against the RFC's compliance suite), and queries
//! whose cost is not bounded by the size of the body. Nothing can be cancelled
//! once it runs, so it is refused when the file is loaded.

use jsonpath_rust::parser::model::{
    Comparable, Comparison, Filter, FilterAtom, FnArg, JpQuery, Literal, Segment, Selector, Test,
    TestFunction,
};

use crate::diagnostic::Sentence;

/// A rule that a path breaks.
pub struct Broken {
    pub message: Sentence,
    pub help: Sentence,
}

fn broken(message: Sentence, help: Sentence) -> Broken {
    Broken { message, help }
}

const MAX_SELECTORS: usize = 8;
/// A larger compiled pattern is refused; one such took 48 s over a small list.
const MAX_PATTERN_BYTES: usize = 256 * 1024;

pub fn check(query: &JpQuery) -> Result<(), Broken> {
    let descents = query.segments.iter().filter(|s| matches!(s, Segment::Descendant(_))).count();
    if descents > 1 {
        return Err(broken(
            say!("`..` may stand once in a path"),
            say!("name the keys on the way instead of the second `..`"),
        ));
    }
    query.segments.iter().try_for_each(|segment| check_segment(segment, false))
}

fn check_segment(segment: &Segment, in_filter: bool) -> Result<(), Broken> {
    match segment {
        Segment::Descendant(inner) => {
            if in_filter {
                return Err(broken(
                    say!("`..` cannot stand inside a filter"),
                    say!("name the key in the filter: [?@.a == 1]"),
                ));
            }
            if matches!(**inner, Segment::Selectors(_)) {
                return Err(broken(say!("`..` takes one key"), say!("write one path for each key")));
            }
            check_segment(inner, in_filter)
        }
        Segment::Selector(selector) => check_selector(selector, in_filter),
        Segment::Selectors(selectors) => {
            if selectors.len() > MAX_SELECTORS {
                return Err(broken(
                    say!("a bracket holds at most 8 selectors"),
                    say!("use [*] or several values"),
                ));
            }
            selectors.iter().try_for_each(|selector| check_selector(selector, in_filter))
        }
    }
}

fn check_selector(selector: &Selector, in_filter: bool) -> Result<(), Broken> {
    match selector {
        Selector::Filter(_) if in_filter => Err(broken(
            say!("a filter cannot stand inside a filter"),
            say!("filter once, and decide the rest in `when:`"),
        )),
        Selector::Filter(filter) => check_filter(filter),
        _ => Ok(()),
    }
}

fn check_filter(filter: &Filter) -> Result<(), Broken> {
    match filter {
        Filter::Or(parts) | Filter::And(parts) => parts.iter().try_for_each(check_filter),
        Filter::Atom(FilterAtom::Filter { expr, .. }) => check_filter(expr),
        Filter::Atom(FilterAtom::Test { expr, .. }) => check_test(expr, true),
        Filter::Atom(FilterAtom::Comparison(comparison)) => check_comparison(comparison),
    }
}

/// `alone`: the test is a condition by itself, not an argument of a function.
fn check_test(test: &Test, alone: bool) -> Result<(), Broken> {
    match test {
        Test::RelQuery(segments) => segments.iter().try_for_each(|segment| check_segment(segment, true)),
        Test::AbsQuery(query) => {
            if query
                .segments
                .iter()
                .any(|s| !matches!(s, Segment::Selector(Selector::Name(_) | Selector::Index(_))))
            {
                return Err(broken(
                    say!("inside a filter, a path from `$` names one value"),
                    say!("take that value on its own and compare in `when:`"),
                ));
            }
            Ok(())
        }
        Test::Function(function) => check_function(function, alone),
    }
}

fn check_function(function: &TestFunction, alone: bool) -> Result<(), Broken> {
    match function {
        TestFunction::Custom(name, _) => Err(Broken {
            message: say!("`{}()` is not part of JSONPath", name),
            help: say!("compare with == and join with ||"),
        }),
        TestFunction::Count(_) | TestFunction::Length(_) | TestFunction::Value(_) if alone => Err(broken(
            say!("the result of this function must be compared"),
            say!("write it as length(@.a) > 0"),
        )),
        TestFunction::Length(arg) => {
            check_arg(arg)?;
            match &**arg {
                FnArg::Test(test) if !is_singular(test) => Err(broken(
                    say!("`length()` takes a path to one value"),
                    say!("use count() to count several values"),
                )),
                _ => Ok(()),
            }
        }
        TestFunction::Value(arg) | TestFunction::Count(arg) => check_arg(arg),
        TestFunction::Search(text, pattern) | TestFunction::Match(text, pattern) => {
            check_arg(text)?;
            check_pattern(pattern)
        }
    }
}

fn check_arg(arg: &FnArg) -> Result<(), Broken> {
    match arg {
        FnArg::Literal(_) => Ok(()),
        FnArg::Test(test) => check_test(test, false),
        FnArg::Filter(filter) => check_filter(filter),
    }
}

fn check_pattern(pattern: &FnArg) -> Result<(), Broken> {
    let FnArg::Literal(Literal::String(pattern)) = pattern else {
        return Err(broken(
            say!("a pattern is written in the path itself"),
            say!("write it in quotes: match(@.a, 'CAM.*')"),
        ));
    };
    match regex::RegexBuilder::new(pattern).size_limit(MAX_PATTERN_BYTES).build() {
        Ok(_) => Ok(()),
        Err(regex::Error::CompiledTooBig(_)) => {
            Err(broken(say!("this pattern is too costly"), say!("use fewer and smaller repetitions")))
        }
        Err(_) => Err(broken(
            say!("this pattern is not a regular expression"),
            say!("check its brackets and backslashes"),
        )),
    }
}

fn is_singular(test: &Test) -> bool {
    match test {
        Test::RelQuery(segments) | Test::AbsQuery(JpQuery { segments }) => {
            segments.iter().all(|s| matches!(s, Segment::Selector(Selector::Name(_) | Selector::Index(_))))
        }
        Test::Function(_) => true,
    }
}

/// The library takes `count()` of nothing for no value at all, not for 0. That
/// is refused wherever the two would answer differently.
fn check_comparison(comparison: &Comparison) -> Result<(), Broken> {
    let (left, right) = comparison.vals();
    let counts = |side: &Comparable| matches!(side, Comparable::Function(TestFunction::Count(_)));
    let differs = if counts(left) {
        number(right).is_none_or(|n| holds(comparison, 0.0, n) != matches!(comparison, Comparison::Ne(..)))
    } else if counts(right) {
        number(left).is_none_or(|n| holds(comparison, n, 0.0) != matches!(comparison, Comparison::Ne(..)))
    } else {
        false
    };
    if differs {
        return Err(broken(
            say!("this comparison with `count()` goes wrong when there is nothing to count"),
            say!("test for nothing with !@.items[*]; for at least two, write count(@.items[*]) > 1"),
        ));
    }
    for side in [left, right] {
        if let Comparable::Function(function) = side {
            check_function(function, false)?;
        }
    }
    Ok(())
}

fn number(side: &Comparable) -> Option<f64> {
    match side {
        Comparable::Literal(Literal::Int(n)) => Some(*n as f64),
        Comparable::Literal(Literal::Float(n)) => Some(*n),
        _ => None,
    }
}

fn holds(comparison: &Comparison, left: f64, right: f64) -> bool {
    match comparison {
        Comparison::Eq(..) => left == right,
        Comparison::Ne(..) => left != right,
        Comparison::Gt(..) => left > right,
        Comparison::Gte(..) => left >= right,
        Comparison::Lt(..) => left < right,
        Comparison::Lte(..) => left <= right,
    }
}

#[cfg(test)]
mod tests {
    use crate::payload::Path;

    #[test]
    fn refuses_what_is_wrong_or_unbounded() {
        for (path, word) in [
            ("$..a..b", "once"),
            ("$..['a','d']", "one key"),
            ("$[1,2,3,4,5,6,7,8,9]", "8 selectors"),
            ("$[?@[?@>1]]", "inside a filter"),
            ("$[?@..a]", "inside a filter"),
            ("$[?count(@..*) > 5]", "inside a filter"),
            ("$[?count($..*) > 5]", "names one value"),
            ("$[?count(@.a)]", "compared"),
            ("$[?length(@.*) < 3]", "one value"),
            ("$[?count(@.items[*]) == 0]", "nothing to count"),
            ("$[?count(@.items[*]) < 5]", "nothing to count"),
            ("$[?1 > count(@.items[*])]", "nothing to count"),
            ("$[?in(@.a, $.b)]", "not part of JSONPath"),
            (r"$[?match(@.a, '((\\p{L}{1,50}){1,50}){1,3}b')]", "costly"),
            ("$[?match(@.a, '(')]", "regular expression"),
            ("$[?match(@.a, $.p)]", "in the path itself"),
        ] {
            let error = Path::compile(path).expect_err(path);
            assert!(error.message.english().contains(word), "{path}: {}", error.message.english());
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
        ] {
            assert!(Path::compile(path).is_ok(), "{path}");
        }
    }
}
