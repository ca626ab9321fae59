//! How values, messages and requests look on a terminal; shared by `try` and
//! `demo`.

use serde_json::Value;

use super::screen::{Screen, wrap};
use crate::mapping::{Problem, Traced};
use crate::session::SessionStart;

pub const WIDTH: usize = 80;

/// Each value, what it became and where it was.
pub fn values(values: &[Traced], screen: &Screen) -> String {
    let name_width = values.iter().map(|value| value.name.chars().count()).max().unwrap_or(0);
    let mut out = String::new();
    for value in values {
        let (shown, origin) = match &value.outcome {
            Ok(typed) => (short_value(&typed.to_json()), screen.dim(&value.origin)),
            Err(problem) => {
                let room = WIDTH.saturating_sub(name_width + 6);
                (screen.bad(&format!("✗ {}", cut(&screen.say(problem.message.clone()), room))), String::new())
            }
        };
        let padding = " ".repeat(name_width - value.name.chars().count());
        let pad_shown = " ".repeat(28usize.saturating_sub(shown.chars().count()));
        out.push_str(format!("  {}{padding}  {shown}{pad_shown}  {origin}", value.name).trim_end());
        out.push('\n');
    }
    out
}

/// The message as the person reads it, in a margin behind `indent`.
pub fn message(start: &SessionStart, indent: &str, screen: &Screen) -> String {
    let bar = screen.dim("│");
    match start.text() {
        Some(text) => wrap(text, &format!("{indent}│ "), WIDTH).replace('│', &bar),
        None => {
            let model = start.body().get("campaignModelID").and_then(Value::as_str).unwrap_or_default();
            let label = start.body().get("messageValue").and_then(Value::as_str).unwrap_or_default();
            let said = format!("the approved model {model}\n(label in the panel: {label})");
            wrap(&said, &format!("{indent}│ "), WIDTH).replace('│', &bar)
        }
    }
}

/// The body of the request, one field a line, behind `indent`.
pub fn body(start: &SessionStart, indent: &str, screen: &Screen) -> String {
    let mut out = String::new();
    let last = start.body().len().saturating_sub(1);
    for (n, (name, value)) in start.body().iter().enumerate() {
        let (open, close) = (if n == 0 { "{ " } else { "  " }, if n == last { " }" } else { "," });
        let mut value = cut(&value.to_string(), WIDTH.saturating_sub(indent.len() + name.len() + 9));
        if value.starts_with('"') && value.ends_with('…') {
            value.push('"');
        }
        out.push_str(&format!("{indent}{open}{}: {value}{close}\n", screen.dim(&format!("\"{name}\""))));
    }
    out
}

pub fn problems(problems: &[Problem], screen: &Screen) -> String {
    let mut out = String::new();
    for problem in problems {
        let message = wrap(&screen.say(problem.message.clone()), "    ", WIDTH);
        out.push_str(&message.replacen("    ", &format!("  {} ", screen.bad("✗")), 1));
        out.push_str(&format!("    {}\n", screen.dim(&format!("{} ({})", problem.place, problem.code))));
        if let Some(help) = &problem.help {
            out.push_str(&wrap(&screen.say(say!("help: {}", help)), "    ", WIDTH));
        }
    }
    out
}

/// A value on one line, cut; text without its quotes.
fn short_value(value: &Value) -> String {
    match value {
        Value::String(text) => short(text),
        other => short(&other.to_string()),
    }
}

/// On one line, and not much of it.
pub fn short(text: &str) -> String {
    cut(&text.replace('\n', " "), 28)
}

/// With an ellipsis where something is left out.
pub fn cut(text: &str, most: usize) -> String {
    if text.chars().count() <= most {
        return text.to_owned();
    }
    let kept: String = text.chars().take(most.saturating_sub(1)).collect();
    format!("{kept}…")
}
