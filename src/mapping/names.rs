//! Finding, when a file is loaded, every name a template uses that is not
//! there. The engine itself notices an unknown name or filter only when it
//! renders, which is when a person waits for the message.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use minijinja::machinery::ast::{BinOpKind, Call, CallArg, Expr, Stmt};

use super::filters::{FILTERS, FUNCTIONS, TESTS};
use super::value::NeedsFilter;
use crate::diagnostic::{Sentence, nearest};

/// The names that a template may use.
#[derive(Debug, Clone, Default)]
pub struct Names {
    /// The entries of `values:`, and what a bare one would need.
    pub values: BTreeMap<String, Option<NeedsFilter>>,
    /// Whether `item` is one: inside `each`.
    pub has_item: bool,
}

impl Names {
    fn knows(&self, name: &str) -> bool {
        self.values.contains_key(name) || ROOTS.contains(&name) || (self.has_item && name == ITEM)
    }
}

/// What is always in scope beside the values.
pub const ROOTS: [&str; 4] = ["body", "headers", "query", "event"];
/// What is in scope inside `each`.
pub const ITEM: &str = "item";
/// What `event` has.
pub const EVENT_KEYS: [&str; 4] = ["id", "type", "source", "received_at"];

/// A name that is not there, and at which bytes of the template.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NameProblem {
    pub at: Range<usize>,
    pub code: &'static str,
    pub message: Sentence,
    pub help: Option<Sentence>,
}

/// What a template uses, and what is wrong with it.
#[derive(Debug, Default)]
pub struct Uses {
    /// Values and roots by name.
    pub names: BTreeSet<String>,
    pub problems: Vec<NameProblem>,
}

pub fn of_template(root: &Stmt<'_>, names: &Names) -> Uses {
    let mut walk = Walk { names, locals: Vec::new(), uses: Uses::default() };
    walk.stmt(root);
    walk.uses
}

pub fn of_expression(root: &Expr<'_>, names: &Names) -> Uses {
    let mut walk = Walk { names, locals: Vec::new(), uses: Uses::default() };
    walk.expr(root);
    walk.uses
}

struct Walk<'n> {
    names: &'n Names,
    /// Names that `for`, `set` and `with` made, innermost last.
    locals: Vec<String>,
    uses: Uses,
}

impl Walk<'_> {
    fn stmts(&mut self, stmts: &[Stmt<'_>]) {
        for stmt in stmts {
            self.stmt(stmt);
        }
    }

    fn stmt(&mut self, stmt: &Stmt<'_>) {
        match stmt {
            Stmt::Template(template) => self.stmts(&template.children),
            Stmt::EmitRaw(_) => {}
            Stmt::EmitExpr(emit) => {
                self.expr(&emit.expr);
                self.bare(&emit.expr);
            }
            Stmt::ForLoop(each) => {
                self.expr(&each.iter);
                let outer = self.locals.len();
                self.bind(&each.target);
                self.locals.push("loop".to_owned());
                each.filter_expr.iter().for_each(|expr| self.expr(expr));
                self.stmts(&each.body);
                self.locals.truncate(outer);
                self.stmts(&each.else_body);
            }
            Stmt::IfCond(cond) => {
                self.expr(&cond.expr);
                self.stmts(&cond.true_body);
                self.stmts(&cond.false_body);
            }
            Stmt::WithBlock(with) => {
                let outer = self.locals.len();
                for (target, expr) in &with.assignments {
                    self.expr(expr);
                    self.bind(target);
                }
                self.stmts(&with.body);
                self.locals.truncate(outer);
            }
            Stmt::Set(set) => {
                self.expr(&set.expr);
                self.bind(&set.target);
            }
            Stmt::SetBlock(set) => {
                set.filter.iter().for_each(|expr| self.expr(expr));
                self.stmts(&set.body);
                self.bind(&set.target);
            }
            Stmt::FilterBlock(block) => {
                self.expr(&block.filter);
                self.stmts(&block.body);
            }
            Stmt::AutoEscape(escape) => self.report(
                escape.span().into_range(),
                "unknown-tag",
                say!("`autoescape` means nothing here: messages are plain text"),
                None,
            ),
            Stmt::Do(call) => self.call(&call.call),
        }
    }

    fn expr(&mut self, expr: &Expr<'_>) {
        match expr {
            Expr::Var(var) => self.var(var.id, var.span().into_range()),
            Expr::Const(_) => {}
            Expr::Slice(slice) => {
                self.expr(&slice.expr);
                [&slice.start, &slice.stop, &slice.step]
                    .into_iter()
                    .flatten()
                    .for_each(|part| self.expr(part));
            }
            Expr::UnaryOp(op) => self.expr(&op.expr),
            Expr::BinOp(op) => {
                self.expr(&op.left);
                self.expr(&op.right);
                if matches!(op.op, BinOpKind::Mul | BinOpKind::Pow) {
                    self.bounded(&op.left);
                    self.bounded(&op.right);
                }
            }
            Expr::Compare(compare) => {
                self.expr(&compare.expr);
                compare.ops.iter().for_each(|op| self.expr(&op.expr));
            }
            Expr::IfExpr(cond) => {
                self.expr(&cond.test_expr);
                self.expr(&cond.true_expr);
                cond.false_expr.iter().for_each(|expr| self.expr(expr));
            }
            Expr::Filter(filter) => {
                filter.expr.iter().for_each(|expr| self.expr(expr));
                self.args(&filter.args);
                self.known("unknown-filter", filter.name, &FILTERS, filter.span().into_range());
            }
            Expr::Test(test) => {
                self.expr(&test.expr);
                self.args(&test.args);
                self.known("unknown-test", test.name, &TESTS, test.span().into_range());
            }
            Expr::GetAttr(get) => {
                self.expr(&get.expr);
                if matches!(&get.expr, Expr::Var(var) if var.id == "event") && !EVENT_KEYS.contains(&get.name)
                {
                    let message = say!("`event` has no `{}`", get.name);
                    let help = suggestion(get.name, EVENT_KEYS.iter().copied());
                    self.report(get.span().into_range(), "unknown-name", message, help);
                }
            }
            Expr::GetItem(get) => {
                self.expr(&get.expr);
                self.expr(&get.subscript_expr);
            }
            Expr::Call(call) => self.call(call),
            Expr::List(list) => list.items.iter().for_each(|item| self.expr(item)),
            Expr::Tuple(tuple) => tuple.items.iter().for_each(|item| self.expr(item)),
            Expr::Map(map) => map.keys.iter().chain(&map.values).for_each(|item| self.expr(item)),
        }
    }

    fn args(&mut self, args: &[CallArg<'_>]) {
        for arg in args {
            match arg {
                CallArg::Pos(expr)
                | CallArg::Kwarg(_, expr)
                | CallArg::PosSplat(expr)
                | CallArg::KwargSplat(expr) => {
                    self.expr(expr);
                }
            }
        }
    }

    fn call(&mut self, call: &Call<'_>) {
        self.args(&call.args);
        match &call.expr {
            Expr::Var(var) if FUNCTIONS.contains(&var.id) => {}
            Expr::Var(var) => {
                let message = say!("there is no function `{}`", var.id);
                let help = if FILTERS.contains(&var.id) {
                    Some(say!("it is a filter: {{ value | {} }}", var.id))
                } else {
                    suggestion(var.id, FUNCTIONS.iter().copied())
                };
                self.report(var.span().into_range(), "unknown-function", message, help);
            }
            Expr::GetAttr(get) => {
                self.expr(&get.expr);
                let message = say!("`.{}()` cannot be called", get.name);
                let help = say!("use a filter: {{ value | {} }}", get.name);
                self.report(get.span().into_range(), "unknown-function", message, Some(help));
            }
            other => self.expr(other),
        }
    }

    fn bind(&mut self, target: &Expr<'_>) {
        match target {
            Expr::Var(var) => self.locals.push(var.id.to_owned()),
            Expr::List(list) => list.items.iter().for_each(|item| self.bind(item)),
            Expr::Tuple(tuple) => tuple.items.iter().for_each(|item| self.bind(item)),
            other => self.expr(other),
        }
    }

    fn var(&mut self, name: &str, at: Range<usize>) {
        if self.locals.iter().any(|local| local == name) {
            return;
        }
        if self.names.knows(name) {
            self.uses.names.insert(name.to_owned());
            return;
        }
        let message = say!("there is no value named `{}`", name);
        let known = self.names.values.keys().map(String::as_str).chain(ROOTS);
        let help = match name {
            ITEM => say!("`item` is there inside `each` only"),
            _ => suggestion(name, known)
                .unwrap_or_else(|| say!("add it to `values:`, or use body, headers, query or event")),
        };
        self.report(at, "unknown-name", message, Some(help));
    }

    fn known(&mut self, code: &'static str, name: &str, known: &[&str], at: Range<usize>) {
        if !known.contains(&name) {
            let help = suggestion(name, known.iter().copied())
                .or_else(|| Some(say!("there are: {}", known.join(", "))));
            let message = match code {
                "unknown-filter" => say!("there is no filter `{}`", name),
                _ => say!("there is no test `{}`", name),
            };
            self.report(at, code, message, help);
        }
    }

    /// `{{ total }}` of an amount prints 394.6, a date or a list prints itself.
    fn bare(&mut self, expr: &Expr<'_>) {
        let Expr::Var(var) = expr else { return };
        if self.locals.iter().any(|local| local == var.id) {
            return;
        }
        let Some(Some(needs)) = self.names.values.get(var.id) else { return };
        let (what, filter) = match needs {
            NeedsFilter::Money => (say!("an amount of money"), "brl"),
            NeedsFilter::Date => (say!("a date"), "date('dd/MM/yyyy')"),
            NeedsFilter::List => (say!("a list"), "join(', ')"),
            NeedsFilter::Bool => (say!("true or false"), ""),
        };
        let help = match needs {
            NeedsFilter::Bool => say!("write {% if {} %}…{% else %}…{% endif %}", var.id),
            _ => say!("write {{ {} | {} }}", var.id, filter),
        };
        let message = say!("`{}` is {}, and a person cannot read it as it is", var.id, what);
        self.report(var.span().into_range(), "needs-filter", message, Some(help));
    }

    /// The engine's fuel counts steps, not work: `['a'] * 100000000` is one step.
    fn bounded(&mut self, operand: &Expr<'_>) {
        let unbounded = match operand {
            Expr::List(_) | Expr::Tuple(_) => true,
            Expr::Const(constant) => {
                constant.value.as_str().is_some()
                    || i64::try_from(constant.value.clone()).is_ok_and(|n| n.abs() > 10_000)
            }
            _ => false,
        };
        if unbounded {
            let message = say!("this cannot be multiplied here");
            self.report(
                operand.span().into_range(),
                "unbounded",
                message,
                Some(say!("numbers up to 10000 can")),
            );
        }
    }

    fn report(&mut self, at: Range<usize>, code: &'static str, message: Sentence, help: Option<Sentence>) {
        self.uses.problems.push(NameProblem { at, code, message, help });
    }
}

fn suggestion<'a>(name: &str, known: impl IntoIterator<Item = &'a str>) -> Option<Sentence> {
    nearest(name, known).map(|near| say!("did you mean `{}`?", near))
}

trait IntoRange {
    fn into_range(self) -> Range<usize>;
}

impl IntoRange for minijinja::machinery::Span {
    fn into_range(self) -> Range<usize> {
        self.start_offset as usize..self.end_offset as usize
    }
}
