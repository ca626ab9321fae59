//! What is done to a value: whether a filter or an operator can work on it, and
//! whether a person could read it as it is.

use minijinja::machinery::ast::{BinOpKind, CallArg, Expr, Filter, Spanned, UnaryOpKind};

use std::ops::Range;

use super::walk::Walk;
use super::{NameProblem, range_of, suggestion};
use crate::diagnostic::{Sentence, Severity};
use crate::mapping::convert::{DatePattern, time_zone};
use crate::mapping::filters::{FILTERS, known};
use crate::mapping::value::Shape;

impl Walk<'_> {
    /// What is known of an expression that is a value by itself.
    fn shape(&self, expr: &Expr<'_>) -> Option<(String, Shape)> {
        let Expr::Var(var) = expr else { return None };
        if self.is_local(var.id) {
            return None;
        }
        self.names.values.get(var.id).map(|shape| (var.id.to_owned(), *shape))
    }

    pub(super) fn filter(&mut self, filter: &Spanned<Filter<'_>>) {
        let at = range_of(filter.span());
        let Some(found) = known(filter.name) else {
            let names = FILTERS.iter().map(|filter| filter.name);
            let all = || say!("there are: {}", names.clone().collect::<Vec<_>>().join(", "));
            let help = suggestion(filter.name, names.clone()).unwrap_or_else(all);
            self.report(at, "unknown-filter", say!("there is no filter `{}`", filter.name), Some(help));
            return;
        };
        let named = filter.args.iter().any(|arg| !matches!(arg, CallArg::Pos(_)));
        if named || !found.takes.contains(&filter.args.len()) {
            let message = match filter.args.len() {
                _ if named => say!("the filter `{}` takes no named arguments", found.name),
                given if given > *found.takes.end() => {
                    say!("the filter `{}` takes less in its parentheses", found.name)
                }
                0 => say!("the filter `{}` needs something in parentheses", found.name),
                _ => say!("the filter `{}` needs more in its parentheses", found.name),
            };
            self.report(at, "bad-argument", message, Some(say!("write it as {}", found.usage)));
            return;
        }
        self.arguments(filter);
        if let Some((name, shape)) = filter.expr.as_ref().and_then(|expr| self.shape(expr)) {
            self.fits(filter, &name, shape);
        }
    }

    /// Arguments that are written out and cannot be right.
    fn arguments(&mut self, filter: &Spanned<Filter<'_>>) {
        let constants: Vec<_> = filter
            .args
            .iter()
            .map(|arg| match arg {
                CallArg::Pos(Expr::Const(constant)) => {
                    Some((constant.value.clone(), range_of(constant.span())))
                }
                _ => None,
            })
            .collect();
        let text = |n: usize| {
            let (value, at) = constants.get(n)?.as_ref()?;
            Some((value.as_str()?.to_owned(), at.clone()))
        };
        let mut found = Vec::new();
        if filter.name == "date" {
            found.extend(text(0).and_then(|(pattern, at)| Some((at, DatePattern::parse(&pattern).err()?))));
            found.extend(text(1).and_then(|(zone, at)| Some((at, time_zone(&zone).err()?))));
        }
        for (at, error) in found {
            self.report(at, "bad-date", error.message, error.help);
        }
        if filter.name == "truncate"
            && let Some(Some((value, at))) = constants.first()
            && usize::try_from(value.clone()).is_err()
        {
            let message = say!("`truncate` takes a whole number of characters");
            self.report(
                at.clone(),
                "bad-argument",
                message,
                Some(say!("write it as {}", "{{ texto | truncate(40) }}")),
            );
        }
    }

    /// A filter on a value whose type the file says.
    fn fits(&mut self, filter: &Spanned<Filter<'_>>, name: &str, shape: Shape) {
        let at = range_of(filter.span());
        let wrong = match (filter.name, shape) {
            (_, Shape::Broken) | ("default" | "length" | "first" | "last" | "plural", _) => None,
            ("date" | "weekday", Shape::Date) | ("join", Shape::List | Shape::Any) => None,
            ("date" | "weekday", _) => Some(say!("take `{}` with `as: date`", name)),
            ("brl", Shape::Money | Shape::Number | Shape::Any) => None,
            ("brl", _) => Some(say!("take `{}` with `as: money`", name)),
            ("join", _) => Some(say!("take all of `{}` with `many: true`", name)),
            (_, Shape::Any | Shape::Text | Shape::Number) => None,
            (_, shape) => Some(instead(name, shape)),
        };
        if let Some(help) = wrong {
            let message =
                say!("the filter `{}` cannot work on `{}`, which is {}", filter.name, name, of(shape));
            self.report(at, "wrong-filter", message, Some(help));
        }
    }

    /// `{{ total }}` of an amount prints 394.6, a date or a list prints itself.
    pub(super) fn bare(&mut self, expr: &Expr<'_>) {
        let Some((name, shape)) = self.shape(expr) else { return };
        if matches!(shape, Shape::Any | Shape::Text | Shape::Number | Shape::Broken) {
            return;
        }
        let message = say!("`{}` is {}, and a person cannot read it as it is", name, of(shape));
        self.report(range_of(expr.span()), "needs-filter", message, Some(instead(&name, shape)));
    }

    /// The engine's fuel counts steps, not work: `['a'] * 100000000` is one step.
    pub(super) fn multiplied(&mut self, left: &Expr<'_>, right: &Expr<'_>) {
        for operand in [left, right] {
            if !self.is_number(operand) {
                let help = match self.shape(operand) {
                    Some((name, _)) => say!("take `{}` with `as: number`", name),
                    None => say!("numbers up to 10000 can, and values with `as: number` or `as: money`"),
                };
                let message = say!("only numbers can be multiplied");
                self.report(range_of(operand.span()), "unbounded", message, Some(help));
            }
        }
    }

    /// `>` between text and a number holds: text is greater than any number.
    pub(super) fn ordered(&mut self, left: &Expr<'_>, right: &Expr<'_>) {
        for (operand, other) in [(left, right), (right, left)] {
            if !matches!(other, Expr::Const(constant) if constant.value.is_number()) {
                continue;
            }
            let at = range_of(operand.span());
            match self.shape(operand) {
                Some((name, Shape::Number | Shape::Money)) if self.names.may_be_blank.contains(&name) => {
                    let message = say!(
                        "`{}` is empty text where there is nothing, and text is greater than any number",
                        name
                    );
                    self.report(at, "text-and-number", message, Some(say!("write default: 0")));
                }
                Some((name, Shape::Any)) => self.doubt_number(at, say!("take `{}` with `as: number`", name)),
                None if matches!(operand, Expr::GetAttr(_) | Expr::GetItem(_))
                    && !self.is_number(operand) =>
                {
                    let help = say!("take it as a value, with `as: number`");
                    self.doubt_number(at, help);
                }
                Some((name, shape @ (Shape::Text | Shape::Date | Shape::List | Shape::Flag))) => {
                    let message = say!("`{}` is {}, and is not compared with a number", name, of(shape));
                    self.report(
                        at,
                        "text-and-number",
                        message,
                        Some(say!("take `{}` with `as: number`", name)),
                    );
                }
                _ => {}
            }
        }
    }

    fn doubt_number(&mut self, at: Range<usize>, help: Sentence) {
        let message = say!("this may be text, and text is greater than any number");
        self.uses.problems.push(NameProblem {
            severity: Severity::Warning,
            at,
            code: "text-and-number",
            message,
            help: Some(help),
        });
    }

    fn is_number(&self, expr: &Expr<'_>) -> bool {
        match expr {
            Expr::Const(constant) => f64::try_from(constant.value.clone())
                .is_ok_and(|n| constant.value.is_number() && n.abs() <= 10_000.0),
            Expr::UnaryOp(op) => matches!(op.op, UnaryOpKind::Neg) && self.is_number(&op.expr),
            Expr::BinOp(op) => self.is_number(&op.left) && self.is_number(&op.right),
            Expr::Filter(filter) => filter.name == "length",
            Expr::GetAttr(get) => {
                let of_loop =
                    matches!(&get.expr, Expr::Var(var) if var.id == "loop" && self.is_local("loop"));
                of_loop && get.name.starts_with("index")
            }
            other => matches!(self.shape(other), Some((_, Shape::Number | Shape::Money | Shape::Broken))),
        }
    }

    /// `~` writes `None` and `True` without looking.
    pub(super) fn glued(&mut self, left: &Expr<'_>, right: &Expr<'_>) {
        for operand in [left, right] {
            // What a `~` inside this one joins was looked at by itself.
            let inner = matches!(operand, Expr::BinOp(op) if matches!(op.op, BinOpKind::Concat));
            if inner || self.is_text(operand) {
                continue;
            }
            let help = match self.shape(operand) {
                Some((name, shape @ (Shape::Money | Shape::Date | Shape::List | Shape::Flag))) => {
                    instead(&name, shape)
                }
                Some((name, _)) => {
                    say!("take `{}` with `as: text`, or write {{ a }}{{ b }} instead of {{ a ~ b }}", name)
                }
                None => say!("write {{ a }}{{ b }} instead of {{ a ~ b }}"),
            };
            let message = say!("`~` joins texts, and this may be something else");
            self.report(range_of(operand.span()), "not-text", message, Some(help));
        }
    }

    fn is_text(&self, expr: &Expr<'_>) -> bool {
        match expr {
            Expr::Const(constant) => constant.value.as_str().is_some() || constant.value.is_number(),
            Expr::Filter(filter) => !matches!(filter.name, "default" | "first" | "last"),
            Expr::BinOp(op) => self.is_text(&op.left) && self.is_text(&op.right),
            other => matches!(self.shape(other), Some((_, Shape::Text | Shape::Number | Shape::Broken))),
        }
    }
}

fn of(shape: Shape) -> Sentence {
    match shape {
        Shape::Any | Shape::Broken => say!("whatever the payload has"),
        Shape::Text => say!("text"),
        Shape::Number => say!("a number"),
        Shape::Money => say!("an amount of money"),
        Shape::Date => say!("a date"),
        Shape::List => say!("a list"),
        Shape::Flag => say!("true or false"),
    }
}

/// How a person can read it.
fn instead(name: &str, shape: Shape) -> Sentence {
    match shape {
        Shape::Money => say!("write {{ {} | brl }}", name),
        Shape::Date => say!("write {{ {} | date('dd/MM/yyyy') }}", name),
        Shape::List => say!("write {{ {} | join(', ') }}", name),
        Shape::Flag => say!("write {% if {} %}…{% else %}…{% endif %}", name),
        Shape::Any | Shape::Text | Shape::Number | Shape::Broken => say!("write {{ {} }}", name),
    }
}
