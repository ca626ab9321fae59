//! Whether a condition can hold at all: a message that no event can reach is a
//! mistake that no test of the file would show.
//!
//! Only what is certain counts: names that are compared with written texts and
//! numbers, joined by `and`, `or` and `not`. Anything else may hold.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use minijinja::Value;
use minijinja::machinery::ast::{BinOpKind, CompareOpKind, Expr, UnaryOpKind};
use minijinja::machinery::parse_expr;

use super::names::{Names, range_of};
use crate::diagnostic::{Sentence, nearest};

/// What a name must be, by the name as written: `event.type`, `situacao`.
type Must = BTreeMap<String, BTreeSet<String>>;

/// Something odd about a condition.
pub struct Doubt {
    /// Which bytes of it. None: the whole.
    pub at: Option<Range<usize>>,
    pub code: &'static str,
    pub message: Sentence,
    pub help: Sentence,
}

/// What is known of a name: all it can be. None: anything.
type CanBe<'a> = &'a dyn Fn(&str) -> Option<BTreeSet<String>>;

/// Doubts about the condition of `message`, which was parsed before.
pub fn doubts(condition: &str, message: &str, names: &Names) -> Vec<Doubt> {
    let Ok(tree) = parse_expr(condition) else { return Vec::new() };
    let can_be = |name: &str| names.choices.get(name).cloned();
    if let Err(why) = must(&tree, &can_be) {
        return vec![Doubt {
            at: None,
            code: "unreachable-message",
            message: say!("no event can reach the message `{}`: {}", message, why),
            help: say!("mend its condition, or remove it"),
        }];
    }
    let mut texts = Vec::new();
    compared_texts(&tree, &mut texts);
    texts.into_iter().filter_map(|compared| doubt(compared, names)).collect()
}

/// A name, a text that it is compared with, and the bytes of the text.
type Compared = (String, String, Range<usize>);

fn doubt((name, text, at): Compared, names: &Names) -> Option<Doubt> {
    if let Some(all) = names.choices.get(&name).filter(|all| !all.contains(&text)) {
        let help = match nearest(&text, all.iter().map(String::as_str)) {
            Some(near) => say!("did you mean `{}`?", near),
            None => say!("its table and its default have: {}", listed(all)),
        };
        let message = say!("`{}` is never \"{}\"", name, text);
        return Some(Doubt { at: Some(at), code: "impossible-value", message, help });
    }
    if name != "event.type" || names.event_types.contains(&text) {
        return None;
    }
    // The known types are not all there are, so only a slip is pointed out.
    let near = nearest(&text, names.event_types.iter().map(String::as_str))?;
    let message = say!("this sender is not known to have events of the type \"{}\"", text);
    Some(Doubt { at: Some(at), code: "unknown-event", message, help: say!("did you mean `{}`?", near) })
}

fn compared_texts(condition: &Expr<'_>, found: &mut Vec<Compared>) {
    match condition {
        Expr::BinOp(op) => {
            compared_texts(&op.left, found);
            compared_texts(&op.right, found);
            if matches!(op.op, BinOpKind::Eq | BinOpKind::Ne | BinOpKind::In) {
                texts_beside(&op.left, &op.right, found);
                texts_beside(&op.right, &op.left, found);
            }
        }
        Expr::UnaryOp(op) => compared_texts(&op.expr, found),
        Expr::Compare(compare) => {
            compare.ops.iter().for_each(|op| texts_beside(&compare.expr, &op.expr, found));
        }
        _ => {}
    }
}

/// The texts of `other`, if `name` is a name.
fn texts_beside(name: &Expr<'_>, other: &Expr<'_>, found: &mut Vec<Compared>) {
    let Some(name) = name_of(name) else { return };
    let listed = match other {
        Expr::List(list) => list.items.as_slice(),
        other => std::slice::from_ref(other),
    };
    found.extend(listed.iter().filter_map(|item| match item {
        Expr::Const(constant) => Some((name.clone(), text_of(&constant.value)?, range_of(constant.span()))),
        _ => None,
    }));
}

/// What must be for `expr` to hold. Err: it cannot hold.
fn must(expr: &Expr<'_>, can_be: CanBe<'_>) -> Result<Must, Sentence> {
    match expr {
        Expr::Const(constant) if !constant.value.is_true() => Err(say!("it is always false")),
        Expr::BinOp(op) => match op.op {
            BinOpKind::ScAnd => both(must(&op.left, can_be)?, must(&op.right, can_be)?),
            BinOpKind::ScOr => either(must(&op.left, can_be), must(&op.right, can_be)),
            BinOpKind::Eq => compared(&op.left, CompareOpKind::Eq, &op.right, can_be),
            BinOpKind::In => compared(&op.left, CompareOpKind::In, &op.right, can_be),
            _ => Ok(Must::new()),
        },
        Expr::UnaryOp(op) if matches!(op.op, UnaryOpKind::Not) => match &op.expr {
            Expr::Const(constant) if constant.value.is_true() => Err(say!("it is always false")),
            _ => Ok(Must::new()),
        },
        Expr::Compare(compare) => {
            let [op] = compare.ops.as_slice() else { return Ok(Must::new()) };
            compared(&compare.expr, op.op, &op.expr, can_be)
        }
        _ => Ok(Must::new()),
    }
}

fn compared(
    left: &Expr<'_>,
    op: CompareOpKind,
    right: &Expr<'_>,
    can_be: CanBe<'_>,
) -> Result<Must, Sentence> {
    let (name, wanted) = match (name_of(left), op, right) {
        (Some(name), CompareOpKind::Eq, Expr::Const(constant)) => {
            (name, text_of(&constant.value).map(|t| vec![t]))
        }
        (Some(name), CompareOpKind::In, Expr::List(list)) => {
            let texts = list.items.iter().map(|item| match item {
                Expr::Const(constant) => text_of(&constant.value),
                _ => None,
            });
            (name, texts.collect())
        }
        (None, CompareOpKind::Eq, other) => match (left, name_of(other)) {
            (Expr::Const(constant), Some(name)) => (name, text_of(&constant.value).map(|t| vec![t])),
            _ => return constant_comparison(left, op, right),
        },
        _ => return constant_comparison(left, op, right),
    };
    let Some(wanted) = wanted else { return Ok(Must::new()) };
    let wanted: BTreeSet<String> = wanted.into_iter().collect();
    if let Some(all) = can_be(&name)
        && all.is_disjoint(&wanted)
    {
        return Err(never(&name, &wanted));
    }
    Ok(Must::from([(name, wanted)]))
}

/// `1 == 2`
fn constant_comparison(left: &Expr<'_>, op: CompareOpKind, right: &Expr<'_>) -> Result<Must, Sentence> {
    if let (Expr::Const(left), CompareOpKind::Eq, Expr::Const(right)) = (left, op, right)
        && left.value != right.value
    {
        return Err(say!("it is always false"));
    }
    Ok(Must::new())
}

fn never(name: &str, wanted: &BTreeSet<String>) -> Sentence {
    say!("`{}` is never {}", name, listed(wanted))
}

fn listed(texts: &BTreeSet<String>) -> String {
    texts.iter().map(|text| format!("\"{text}\"")).collect::<Vec<_>>().join(", ")
}

fn both(mut left: Must, right: Must) -> Result<Must, Sentence> {
    for (name, texts) in right {
        let Some(before) = left.get(&name) else {
            left.insert(name, texts);
            continue;
        };
        let shared: BTreeSet<String> = before.intersection(&texts).cloned().collect();
        if shared.is_empty() {
            return Err(say!("`{}` cannot be {} and {} at once", name, listed(before), listed(&texts)));
        }
        left.insert(name, shared);
    }
    Ok(left)
}

/// What both sides demand; one that cannot hold demands nothing.
fn either(left: Result<Must, Sentence>, right: Result<Must, Sentence>) -> Result<Must, Sentence> {
    let (left, right) = match (left, right) {
        (Err(why), Err(_)) => return Err(why),
        (Ok(only), Err(_)) | (Err(_), Ok(only)) => return Ok(only),
        (Ok(left), Ok(right)) => (left, right),
    };
    let shared = left.into_iter().filter_map(|(name, texts)| {
        let others = right.get(&name)?;
        Some((name, texts.union(others).cloned().collect()))
    });
    Ok(shared.collect())
}

/// `situacao`, `event.type`
pub(super) fn name_of(expr: &Expr<'_>) -> Option<String> {
    match expr {
        Expr::Var(var) => Some(var.id.to_owned()),
        Expr::GetAttr(get) => Some(format!("{}.{}", name_of(&get.expr)?, get.name)),
        _ => None,
    }
}

fn text_of(value: &Value) -> Option<String> {
    value.as_str().map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn why(condition: &str) -> Option<String> {
        let can_be = |name: &str| {
            (name == "aviso").then(|| ["saiu", "chegou", "nenhum"].map(str::to_owned).into_iter().collect())
        };
        must(&parse_expr(condition).unwrap(), &can_be).err().map(|why| why.english())
    }

    #[test]
    fn what_cannot_hold_is_told_from_what_may() {
        for may in [
            "true",
            "x == 'a' or x == 'b'",
            "x == 'a' and y == 'b'",
            "x in ['a', 'b'] and x == 'b'",
            "x == 'a' and x != 'a'", // not looked at
            "(x == 'a' or x == 'b') and x == 'b'",
            "(x == 'a' or y == 'b') and x == 'c'",
            "aviso == 'saiu' or aviso == 'nada'",
            "not x == 'a' and x == 'b'",
            "x == 1 and x == 2", // numbers are not looked at
            "x > 3",
            "aviso != 'nenhum'",
        ] {
            assert_eq!(why(may), None, "{may}");
        }
        for (never, because) in [
            ("false", "it is always false"),
            ("not true", "it is always false"),
            ("1 == 2 and x", "it is always false"),
            ("x == 'a' and x == 'b'", "`x` cannot be \"a\" and \"b\" at once"),
            (
                "event.type == 'a' and total > 1 and 'b' == event.type",
                "`event.type` cannot be \"a\" and \"b\" at once",
            ),
            ("(x == 'a' or x == 'b') and x == 'c'", "`x` cannot be \"a\", \"b\" and \"c\" at once"),
            ("false or x == 'a' and x in ['b']", "it is always false"),
            ("aviso == 'sumiu'", "`aviso` is never \"sumiu\""),
        ] {
            assert_eq!(why(never).as_deref(), Some(because), "{never}");
        }
    }
}
