//! A mapping to begin with, for a sender without a starter: most of their events
//! name nobody, so it tells the shop's own team that one came.

use serde_json::Value;

use crate::provider::{Provider, Sample};

/// The text of the file, in Portuguese as the starters are.
pub fn skeleton(provider: &Provider) -> String {
    let name = &provider.name;
    let id = &provider.id;
    let sample = provider.sample().unwrap_or_else(|| Sample {
        headers: Vec::new(),
        query: String::new(),
        body: Value::Object(serde_json::Map::new()),
    });
    let kind = sample.has_type(provider);
    let mut out = format!(
        "# {name}: quando chega um evento, a sua equipe recebe um aviso no Telegram.\n\
         #\n\
         # {name} envia para  /hooks/{id}\n\
         #\n\
         # Um começo, para você mudar. Guarde um evento de verdade em um arquivo e peça ao gancho que\n\
         # ache os dados nele:  gancho infer evento.json\n\n\
         provider: {id}\n"
    );
    if hands_over(provider) {
        out += "secrets: [captured] # o remetente entrega o segredo na primeira vez que chama\n";
    } else if provider.verify.needs_secret() {
        out += &format!("secrets: [env:{}_SECRET] # {}\n", variable(id), one_line(&provider.secret));
    }
    if !provider.params.is_empty() {
        out += "params:\n";
    }
    for (param, what) in &provider.params {
        out += &format!("  {param}: env:{}_{} # {}\n", variable(id), variable(param), one_line(what));
    }
    let text = match kind {
        true => format!("{name}: chegou um evento, do tipo {{{{ event.type }}}}."),
        false => format!("{name}: chegou um evento."),
    };
    out += "\nmessages:\n  - name: aviso\n";
    if kind {
        out += "    # Para só alguns tipos:  when: event.type == \"…\"\n";
    }
    out += "    connection: telegram-equipe\n";
    out += &format!(
        "    session:\n      contactExternalID: \"000000000\" # o código da sua equipe no Telegram\n      messageValue: {}\n",
        quoted(&text)
    );
    out += "\n# Exemplos que o gancho confere toda vez que este arquivo muda.\ntests:\n";
    out += "  - name: um evento vira um aviso\n    given:\n";
    if !sample.headers.is_empty() {
        let headers =
            sample.headers.iter().map(|(name, value)| format!("{}: {}", quoted(name), quoted(value)));
        out += &format!("      headers: {{ {} }}\n", headers.collect::<Vec<_>>().join(", "));
    }
    if !sample.query.is_empty() {
        out += &format!("      query: {}\n", quoted(&sample.query));
    }
    out += "      body:\n";
    block(&sample.body, 8, &mut out);
    out += "    expect:\n      - message: aviso\n        contactExternalID: \"000000000\"\n";
    out
}

/// JSON as a block of YAML, which people can read and change.
fn block(value: &Value, indent: usize, out: &mut String) {
    let margin = " ".repeat(indent);
    match value {
        Value::Object(fields) if !fields.is_empty() => {
            for (name, value) in fields {
                out.push_str(&format!("{margin}{}:", key(name)));
                inside(value, indent + 2, out);
            }
        }
        Value::Array(items) if !items.is_empty() => {
            for item in items {
                out.push_str(&format!("{margin}-"));
                inside(item, indent + 2, out);
            }
        }
        other => out.push_str(&format!("{margin}{}\n", flow(other))),
    }
}

/// What stands after a colon or a dash.
fn inside(value: &Value, indent: usize, out: &mut String) {
    let nested = match value {
        Value::Object(fields) => !fields.is_empty(),
        Value::Array(items) => !items.is_empty(),
        _ => false,
    };
    if nested {
        out.push('\n');
        block(value, indent, out);
    } else {
        out.push_str(&format!(" {}\n", flow(value)));
    }
}

/// A scalar is the same in JSON and in YAML; so are `{}` and `[]`.
fn flow(value: &Value) -> String {
    value.to_string()
}

fn key(name: &str) -> String {
    let plain = name.starts_with(|c: char| c.is_ascii_alphabetic())
        && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_' || c == '-');
    let word = ["true", "false", "null"].contains(&name.to_ascii_lowercase().as_str());
    if plain && !word { name.to_owned() } else { quoted(name) }
}

/// As JSON quotes it, which YAML reads alike.
fn quoted(text: &str) -> String {
    Value::from(text).to_string()
}

fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// `mercado-pago` as the name of a variable: `MERCADO_PAGO`.
pub fn variable(name: &str) -> String {
    name.to_uppercase().replace('-', "_")
}

/// Whether the sender gives its secret in a handshake.
pub fn hands_over(provider: &Provider) -> bool {
    provider.handshakes.iter().any(|handshake| handshake.captures())
}
