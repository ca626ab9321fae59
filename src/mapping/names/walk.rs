//! The walk over a template's syntax tree: which names are in scope where.

use std::ops::Range;

use minijinja::machinery::ast::{BinOpKind, Call, CallArg, CompareOpKind, Expr, Stmt};

use super::{EVENT_KEYS, ITEM, NameProblem, Names, RECEIVED_AT, ROOTS, Uses, range_of, suggestion};
use crate::diagnostic::{Sentence, Severity};
use crate::mapping::filters::{self, FUNCTIONS, TESTS};

const EVENT: &str = "event";

pub(super) struct Walk<'n> {
    pub(super) names: &'n Names,
    /// Names that `for`, `set` and `with` made, innermost last.
    locals: Vec<Local>,
    /// Whether this is inside a `set` or `with`.
    in_set: bool,
    pub(super) uses: Uses,
}

struct Local {
    name: String,
    /// By `set` or `with`; by `for` otherwise.
    made: bool,
}

impl<'n> Walk<'n> {
    pub(super) fn new(names: &'n Names) -> Self {
        Self { names, locals: Vec::new(), in_set: false, uses: Uses::default() }
    }

    fn stmts(&mut self, stmts: &[Stmt<'_>]) {
        for stmt in stmts {
            self.stmt(stmt);
        }
    }

    pub(super) fn stmt(&mut self, stmt: &Stmt<'_>) {
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
                self.bind(&each.target, false);
                self.locals.push(Local { name: "loop".to_owned(), made: false });
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
                    self.inside_set(|walk| walk.expr(expr));
                    self.bind(target, true);
                }
                self.stmts(&with.body);
                self.locals.truncate(outer);
            }
            Stmt::Set(set) => {
                self.inside_set(|walk| walk.expr(&set.expr));
                self.bind(&set.target, true);
            }
            Stmt::SetBlock(set) => {
                set.filter.iter().for_each(|expr| self.expr(expr));
                self.inside_set(|walk| walk.stmts(&set.body));
                self.bind(&set.target, true);
            }
            Stmt::FilterBlock(block) => {
                self.expr(&block.filter);
                self.stmts(&block.body);
            }
            Stmt::AutoEscape(escape) => self.report(
                range_of(escape.span()),
                "unknown-tag",
                say!("`autoescape` means nothing here: messages are plain text"),
                Some(say!("remove the tag and the one that closes it")),
            ),
            Stmt::Do(call) => self.call(&call.call),
        }
    }

    pub(super) fn expr(&mut self, expr: &Expr<'_>) {
        match expr {
            Expr::Var(var) => self.var(var.id, range_of(var.span())),
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
                match op.op {
                    BinOpKind::Mul | BinOpKind::Pow => self.multiplied(&op.left, &op.right),
                    BinOpKind::Concat => self.glued(&op.left, &op.right),
                    BinOpKind::Lt | BinOpKind::Lte | BinOpKind::Gt | BinOpKind::Gte => {
                        self.ordered(&op.left, &op.right);
                    }
                    _ => {}
                }
            }
            Expr::Compare(compare) => {
                self.expr(&compare.expr);
                let mut before = &compare.expr;
                for op in &compare.ops {
                    self.expr(&op.expr);
                    if matches!(
                        op.op,
                        CompareOpKind::Lt | CompareOpKind::Lte | CompareOpKind::Gt | CompareOpKind::Gte
                    ) {
                        self.ordered(before, &op.expr);
                    }
                    before = &op.expr;
                }
            }
            Expr::IfExpr(cond) => {
                self.expr(&cond.test_expr);
                self.expr(&cond.true_expr);
                cond.false_expr.iter().for_each(|expr| self.expr(expr));
            }
            Expr::Filter(filter) => {
                filter.expr.iter().for_each(|expr| self.expr(expr));
                self.args(&filter.args);
                self.filter(filter);
            }
            Expr::Test(test) => {
                self.expr(&test.expr);
                self.args(&test.args);
                if !TESTS.contains(&test.name) {
                    let help = suggestion(test.name, TESTS)
                        .unwrap_or_else(|| say!("there are: {}", TESTS.join(", ")));
                    let message = say!("there is no test `{}`", test.name);
                    self.report(range_of(test.span()), "unknown-test", message, Some(help));
                }
            }
            Expr::GetAttr(get) => match &get.expr {
                Expr::Var(var) if var.id == EVENT && !self.is_local(EVENT) => {
                    self.uses.names.insert(EVENT.to_owned());
                    self.event_key(get.name, range_of(get.span()));
                }
                other => self.expr(other),
            },
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
                let help = if filters::known(var.id).is_some() {
                    Some(say!("it is a filter: {{ value | {} }}", var.id))
                } else {
                    suggestion(var.id, FUNCTIONS)
                        .or_else(|| Some(say!("what is done to a value is a filter: {{ value | filter }}")))
                };
                self.report(range_of(var.span()), "unknown-function", message, help);
            }
            Expr::GetAttr(get) => {
                self.expr(&get.expr);
                let message = say!("`.{}()` cannot be called", get.name);
                let help = say!("use a filter: {{ value | {} }}", get.name);
                self.report(range_of(get.span()), "unknown-function", message, Some(help));
            }
            other => self.expr(other),
        }
    }

    fn bind(&mut self, target: &Expr<'_>, made: bool) {
        match target {
            Expr::Var(var) => self.locals.push(Local { name: var.id.to_owned(), made }),
            Expr::List(list) => list.items.iter().for_each(|item| self.bind(item, made)),
            Expr::Tuple(tuple) => tuple.items.iter().for_each(|item| self.bind(item, made)),
            other => self.expr(other),
        }
    }

    fn var(&mut self, name: &str, at: Range<usize>) {
        if let Some(local) = self.locals.iter().find(|local| local.name == name) {
            if local.made && self.in_set {
                // Each could be twice as long as the one before.
                let message = say!("a `set` cannot be made of another `set`");
                self.report(
                    at,
                    "unbounded",
                    message,
                    Some(say!("make it of values, or write it where it is used")),
                );
            }
            return;
        }
        if self.names.knows(name) {
            self.uses.names.insert(name.to_owned());
            if name == EVENT {
                // As a whole, so every part of it may be asked for.
                self.uses.names.insert(RECEIVED_AT.to_owned());
            }
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

    fn event_key(&mut self, key: &str, at: Range<usize>) {
        if key == "received_at" {
            self.uses.names.insert(RECEIVED_AT.to_owned());
        }
        if !EVENT_KEYS.contains(&key) {
            let help =
                suggestion(key, EVENT_KEYS).unwrap_or_else(|| say!("it has: {}", EVENT_KEYS.join(", ")));
            self.report(at, "unknown-name", say!("`event` has no `{}`", key), Some(help));
        } else if self.names.no_event.contains(&key) {
            let message =
                say!("`event.{}` is never there: nothing says where it is in this sender's events", key);
            let help = match key {
                "type" => say!("add event: { type: … }, or go by a value of the body"),
                _ => say!("add event: { id: … }, or use a value of the body"),
            };
            self.report(at, "no-event-part", message, Some(help));
        }
    }

    fn inside_set(&mut self, work: impl FnOnce(&mut Self)) {
        let outer = std::mem::replace(&mut self.in_set, true);
        work(self);
        self.in_set = outer;
    }

    pub(super) fn is_local(&self, name: &str) -> bool {
        self.locals.iter().any(|local| local.name == name)
    }

    pub(super) fn report(
        &mut self,
        at: Range<usize>,
        code: &'static str,
        message: Sentence,
        help: Option<Sentence>,
    ) {
        self.uses.problems.push(NameProblem { severity: Severity::Error, at, code, message, help });
    }
}
