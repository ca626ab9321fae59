//! Why a condition did not hold: the part of it that decided, and what its names
//! were in that event. For people who look at one event; no event of the gateway
//! pays for it.

use std::ops::Range;

use minijinja::machinery::ast::{BinOpKind, CallArg, Expr, UnaryOpKind};
use minijinja::machinery::parse_expr;
use minijinja::value::Serde;
use serde::Serialize;
use serde_json::Value as Json;

use super::compile::Mapping;
use super::moment::Moment;
use super::names::{ITEM, range_of};
use super::plan::{EventInput, Skipped, evaluate};
use super::scope;
use super::template::Engine;
use super::value::FoundIn;
use crate::payload::Request;

/// A part of a condition that was false, or true below a `not`.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Decided {
    /// As written in the file.
    pub condition: String,
    pub holds: bool,
    /// The names in it, and what they were. None: there was no such value.
    pub values: Vec<(String, Option<Json>)>,
}

impl Mapping {
    /// What decided that `skipped` was not sent for `event`.
    pub fn why(&self, event: &EventInput<'_>, skipped: &Skipped) -> Vec<Decided> {
        let Some(message) = self.messages.iter().find(|message| message.name == skipped.name) else {
            return Vec::new();
        };
        let Some(when) = &message.when else { return Vec::new() };
        let request = Request { headers: event.headers, query: event.query, body: event.body };
        let values = evaluate(&self.values, &FoundIn { request: &request, item: event.body });
        let mut names = self.scope(event, &values);
        let items = message.each.as_ref().and_then(|each| each.items(event.body)).unwrap_or_default();
        let item = skipped.item.and_then(|number| items.get(number.checked_sub(1)?).copied());
        let own = item.map(|item| evaluate(&message.values, &FoundIn { request: &request, item }));
        if let (Some(item), Some(own)) = (item, &own) {
            scope::add_values(&mut names, own);
            names.insert(ITEM, Serde(item).into());
        }
        let source = when.source();
        let Ok(tree) = parse_expr(source) else { return Vec::new() };
        let mut looking = Looking { engine: &self.engine, source, scope: names.into(), found: Vec::new() };
        looking.decide(&tree, false);
        looking.found
    }
}

struct Looking<'a> {
    engine: &'a Engine,
    source: &'a str,
    scope: minijinja::Value,
    found: Vec<Decided>,
}

impl Looking<'_> {
    /// Collects what made `expr` be `holds`.
    fn decide(&mut self, expr: &Expr<'_>, holds: bool) {
        match expr {
            Expr::BinOp(op) if matches!(op.op, BinOpKind::ScAnd | BinOpKind::ScOr) => {
                // One false side decides an `and`, one true side an `or`.
                let one_decides = matches!(op.op, BinOpKind::ScAnd) != holds;
                if one_decides {
                    let first = self.is_true(&op.left) == Some(holds);
                    self.decide(if first { &op.left } else { &op.right }, holds);
                } else {
                    self.decide(&op.left, holds);
                    self.decide(&op.right, holds);
                }
            }
            Expr::UnaryOp(op) if matches!(op.op, UnaryOpKind::Not) => self.decide(&op.expr, !holds),
            other => {
                let mut names = Vec::new();
                operands(other, &mut names);
                let values = names.into_iter().map(|name| {
                    let text = self.source[name].to_owned();
                    let value = self.engine.value_of(&text, &self.scope).and_then(|value| to_json(&value));
                    (text, value)
                });
                let condition = self.source[extent(other)].to_owned();
                let decided = Decided { condition, holds, values: values.collect() };
                self.found.push(decided);
            }
        }
    }

    fn is_true(&self, expr: &Expr<'_>) -> Option<bool> {
        self.engine.value_of(&self.source[extent(expr)], &self.scope).map(|value| value.is_true())
    }
}

fn to_json(value: &minijinja::Value) -> Option<Json> {
    if value.is_undefined() {
        return None;
    }
    match value.downcast_object_ref::<Moment>() {
        Some(moment) => Some(Json::String(moment.iso())),
        None => serde_json::to_value(value).ok(),
    }
}

/// The names of an expression, each as far as it goes: `event.type`, `body.a[0]`.
fn operands(expr: &Expr<'_>, found: &mut Vec<Range<usize>>) {
    let mut add = |range: Range<usize>| {
        if !found.contains(&range) {
            found.push(range);
        }
    };
    match expr {
        Expr::Var(_) | Expr::GetAttr(_) | Expr::GetItem(_) | Expr::Slice(_) => add(extent(expr)),
        Expr::Const(_) | Expr::Map(_) => {}
        Expr::UnaryOp(op) => operands(&op.expr, found),
        Expr::BinOp(op) => {
            operands(&op.left, found);
            operands(&op.right, found);
        }
        Expr::Compare(compare) => {
            operands(&compare.expr, found);
            compare.ops.iter().for_each(|op| operands(&op.expr, found));
        }
        Expr::IfExpr(cond) => {
            operands(&cond.test_expr, found);
            operands(&cond.true_expr, found);
            cond.false_expr.iter().for_each(|expr| operands(expr, found));
        }
        Expr::Filter(filter) => filter.expr.iter().for_each(|expr| operands(expr, found)),
        Expr::Test(test) => operands(&test.expr, found),
        Expr::Call(_) => {}
        Expr::List(list) => list.items.iter().for_each(|item| operands(item, found)),
        Expr::Tuple(tuple) => tuple.items.iter().for_each(|item| operands(item, found)),
    }
}

/// Where an expression stands. The engine's span of an operator may begin at the
/// word before it, so the parts say.
fn extent(expr: &Expr<'_>) -> Range<usize> {
    let around = |parts: &[&Expr<'_>], own: Range<usize>| {
        let starts = parts.iter().map(|part| extent(part).start).min();
        let ends = parts.iter().map(|part| extent(part).end).max();
        starts.unwrap_or(own.start)..ends.unwrap_or(own.end).max(own.end)
    };
    match expr {
        Expr::Var(var) => range_of(var.span()),
        Expr::Const(constant) => range_of(constant.span()),
        Expr::Slice(slice) => around(&[&slice.expr], range_of(slice.span())),
        Expr::UnaryOp(op) => range_of(op.span()).start..extent(&op.expr).end,
        Expr::BinOp(op) => extent(&op.left).start..extent(&op.right).end,
        Expr::Compare(compare) => {
            let last =
                compare.ops.last().map_or_else(|| extent(&compare.expr).end, |op| extent(&op.expr).end);
            extent(&compare.expr).start..last
        }
        Expr::IfExpr(cond) => {
            let last =
                cond.false_expr.as_ref().map_or_else(|| extent(&cond.test_expr).end, |expr| extent(expr).end);
            extent(&cond.true_expr).start..last
        }
        Expr::Filter(filter) => match &filter.expr {
            Some(inner) => around(&[inner], ends_with(&filter.args, range_of(filter.span()))),
            None => range_of(filter.span()),
        },
        Expr::Test(test) => around(&[&test.expr], ends_with(&test.args, range_of(test.span()))),
        Expr::GetAttr(get) => around(&[&get.expr], range_of(get.span())),
        Expr::GetItem(get) => around(&[&get.expr], range_of(get.span())),
        Expr::Call(call) => around(&[&call.expr], range_of(call.span())),
        Expr::List(list) => range_of(list.span()),
        Expr::Tuple(tuple) => range_of(tuple.span()),
        Expr::Map(map) => range_of(map.span()),
    }
}

fn ends_with(args: &[CallArg<'_>], own: Range<usize>) -> Range<usize> {
    let last = args.iter().map(|arg| match arg {
        CallArg::Pos(expr)
        | CallArg::Kwarg(_, expr)
        | CallArg::PosSplat(expr)
        | CallArg::KwargSplat(expr) => extent(expr).end,
    });
    own.start..last.max().unwrap_or(own.end).max(own.end)
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::diagnostic::{Problems, Sentence, SourceText};
    use crate::event::{Headers, Timestamp};
    use crate::mapping::World;
    use crate::provider::Catalogue;
    use serde_json::json;

    /// `condition | name=value …`, a line each.
    fn why(condition: &str, body: &Json) -> Vec<String> {
        let text = format!(
            "verify: {{ scheme: basic }}\nsecrets: env:S\nevent: {{ type: $.t }}\nvalues:\n  total: {{ from: $.n, as: money, default: 0 }}\n  nome: {{ from: $.nome, default: '' }}\nmessages:\n  - name: a\n    when: >-\n      {condition}\n    connection: c\n    session: {{ contactExternalID: '{{{{ nome }}}}', messageValue: 'x{{{{ total | brl }}}}' }}\n"
        );
        let mut problems = Problems::default();
        let catalogue = Catalogue::default();
        let world =
            World { catalogue: &catalogue, connections: None, sample: &|_| Err(Sentence::verbatim("")) };
        let file: Arc<SourceText> = SourceText::new("m.yaml", text);
        let mapping = Mapping::compile(&"loja".parse().unwrap(), &file, &world, &mut problems)
            .unwrap_or_else(|| panic!("{condition}: {problems:?}"));
        let event = EventInput {
            id: None,
            kind: body["t"].as_str(),
            source: &mapping.source,
            received_at: Timestamp::from_secs(0),
            headers: &Headers::default(),
            query: &[],
            body,
        };
        let plan = mapping.plan(&event);
        let shown = |(name, value): &(String, Option<Json>)| match value {
            Some(value) => format!("{name}={value}"),
            None => format!("{name}=-"),
        };
        let decided = mapping.why(&event, &plan.skipped[0]);
        decided
            .iter()
            .map(|d| {
                format!("{} | {}", d.condition, d.values.iter().map(shown).collect::<Vec<_>>().join(" "))
            })
            .collect()
    }

    #[test]
    fn the_part_that_decided_is_shown_with_its_operands() {
        let body = json!({"t": "orders/updated", "n": "10.00", "nome": "Ana", "list": [1, 2]});
        for (condition, because) in [
            (
                "event.type == 'orders/paid'",
                vec!["event.type == 'orders/paid' | event.type=\"orders/updated\""],
            ),
            (
                "event.type == 'orders/paid' and total > 0",
                vec!["event.type == 'orders/paid' | event.type=\"orders/updated\""],
            ),
            ("nome and (total > 100)", vec!["total > 100 | total=10.0"]),
            (
                "event.type == 'a' or total > 100",
                vec!["event.type == 'a' | event.type=\"orders/updated\"", "total > 100 | total=10.0"],
            ),
            ("not (nome == 'Ana' or total < 1)", vec!["nome == 'Ana' | nome=\"Ana\""]),
            ("nome is startingwith('B')", vec!["nome is startingwith('B') | nome=\"Ana\""]),
            ("body.list | length > 5", vec!["body.list | length > 5 | body.list=[1,2]"]),
            ("nome in ['a', \"b\"]", vec!["nome in ['a', \"b\"] | nome=\"Ana\""]),
            ("body.list[0] == total", vec!["body.list[0] == total | body.list[0]=1 total=10.0"]),
            ("body.nada is defined", vec!["body.nada is defined | body.nada=-"]),
            ("1 < total < 5", vec!["1 < total < 5 | total=10.0"]),
        ] {
            assert_eq!(why(condition, &body), because, "{condition}");
        }
    }
}
