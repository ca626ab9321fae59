//! `gancho sign`: a valid test request as a curl line. `gancho send`: the same,
//! sent.

use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

use super::request::{Asked, Described};
use super::screen::{Screen, wrap};
use super::show::WIDTH;
use super::{block_on, not_done};
use crate::event::RawWebhook;

#[derive(clap::Args)]
#[command(next_line_help = true)]
pub struct Sign {
    #[command(flatten)]
    described: Described,
    /// Where the signed body goes, if the proof is inside it
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
}

#[derive(clap::Args)]
#[command(next_line_help = true)]
pub struct Send {
    #[command(flatten)]
    described: Described,
    /// The gateway, such as http://127.0.0.1:8080, or the whole address
    #[arg(long, value_name = "URL")]
    to: String,
}

const PATIENCE: Duration = Duration::from_secs(30);

pub fn sign(arguments: &Sign) -> ExitCode {
    let Some(asked) = arguments.described.resolve() else { return not_done() };
    let Some(signed) = signed(&asked) else { return ExitCode::FAILURE };
    let file = match body_file(arguments, &asked, &signed) {
        Ok(file) => file,
        Err(code) => return code,
    };
    let base = asked.setting.public_url.as_deref().unwrap_or("http://127.0.0.1:8080");
    println!("{}", curl(base, &signed, &file));
    ExitCode::SUCCESS
}

/// The body is the file that was given, unless signing changed it.
fn body_file(arguments: &Sign, asked: &Asked, signed: &RawWebhook) -> Result<String, ExitCode> {
    if let Some(out) = &arguments.out {
        std::fs::write(out, &signed.body).map_err(|why| {
            eprintln!("`{}` cannot be written: {why}", out.display());
            not_done()
        })?;
        return Ok(out.display().to_string());
    }
    if signed.body != asked.raw.body {
        eprintln!("The proof of this sender is inside the body: say where the signed one goes, --out FILE.");
        return Err(not_done());
    }
    Ok(arguments.described.body_file.clone())
}

fn signed(asked: &Asked) -> Option<RawWebhook> {
    let secret = asked.secrets.first()?;
    let signed = asked.scheme.sign(&with_type(asked.raw.clone()), secret, &asked.setting, asked.now);
    signed.map_err(|why| eprint!("{}", wrap(&format!("This cannot be signed here: {why}."), "", WIDTH))).ok()
}

/// A file has no content-type, and curl would say that it is a form.
fn with_type(mut raw: RawWebhook) -> RawWebhook {
    raw.headers = super::try_event::with_type(raw.headers, &raw.body);
    raw
}

/// In one line, for a POSIX shell.
fn curl(base: &str, signed: &RawWebhook, file: &str) -> String {
    let mut line = format!("curl -X {} {}", signed.method, quoted(&address(base, signed)));
    for (name, value) in signed.headers.iter() {
        line += &format!(" \\\n  -H {}", quoted(&format!("{name}: {value}")));
    }
    line + &format!(" \\\n  --data-binary {}", quoted(&format!("@{file}")))
}

fn address(base: &str, signed: &RawWebhook) -> String {
    let secret = signed.path_secret.iter().map(|secret| format!("/{secret}")).collect::<String>();
    let query = if signed.query.is_empty() { String::new() } else { format!("?{}", signed.query) };
    format!("{}{}{secret}{query}", base.trim_end_matches('/'), signed.path)
}

fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\'', "'\\''"))
}

pub fn send(arguments: &Send, screen: &Screen) -> ExitCode {
    let Some(asked) = arguments.described.resolve() else { return not_done() };
    let Some(signed) = signed(&asked) else { return ExitCode::FAILURE };
    let url = destination(&arguments.to, &signed);
    let sent = block_on(async {
        let client = reqwest::Client::builder().no_proxy().timeout(PATIENCE).build()?;
        let method = signed.method.parse().unwrap_or(reqwest::Method::POST);
        let request = client.request(method, &url).body(signed.body.clone());
        let request =
            signed.headers.iter().fold(request, |request, (name, value)| request.header(name, value));
        let response = request.send().await?;
        Ok::<_, reqwest::Error>((response.status(), response.text().await?))
    });
    match sent {
        Ok(Ok((status, body))) => {
            let shown = status.to_string();
            println!("{}", if status.is_success() { screen.good(&shown) } else { screen.bad(&shown) });
            if !body.is_empty() {
                println!("{body}");
            }
            print!("{}", wrap(meaning(status), "", WIDTH));
            if status.is_success() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
        }
        Ok(Err(why)) if why.is_builder() => {
            eprintln!("`{url}` is no address.");
            not_done()
        }
        Ok(Err(_)) => {
            eprintln!("Nobody answers at {url}. Is the gateway running there?");
            ExitCode::FAILURE
        }
        Err(code) => code,
    }
}

/// `to` may be the gateway, or the whole address of the source, with its query.
fn destination(to: &str, signed: &RawWebhook) -> String {
    let (to, query) = to.split_once('?').unwrap_or((to, ""));
    let whole = match to.trim_end_matches('/').strip_suffix(signed.path.as_str()) {
        Some(base) => address(base, signed),
        None => address(to, signed),
    };
    match query {
        "" => whole,
        query => format!("{whole}{}{query}", if whole.contains('?') { '&' } else { '?' }),
    }
}

fn meaning(status: reqwest::StatusCode) -> &'static str {
    match status.as_u16() {
        200..=299 => "The gateway has it on disk; what became of it is in its log.",
        401 => {
            "The gateway does not believe it: its secret is another one, or the address differs. \
                `gancho refused` says why."
        }
        404 => "The gateway has no such source: is its mapping in the folder, and without mistakes?",
        413 => "The body is longer than the gateway takes.",
        415 => "The gateway reads no body of this kind: say which with -H 'Content-Type: …'.",
        429 => "Too many requests to this source were refused; wait a minute.",
        503 => "The gateway cannot store it now; its log says why.",
        _ => "That is not an answer that gancho gives: is something else listening there?",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::event::{Headers, Timestamp};

    #[test]
    fn the_query_of_the_address_is_sent_too() {
        let raw = |query: &str| RawWebhook {
            source: "loja".parse().unwrap(),
            method: "POST".to_owned(),
            path: "/hooks/loja".to_owned(),
            query: query.to_owned(),
            headers: Headers::default(),
            body: "".into(),
            path_secret: None,
            received_at: Timestamp::from_secs(0),
        };
        for (to, query, url) in [
            ("http://h", "", "http://h/hooks/loja"),
            ("http://h/hooks/loja", "", "http://h/hooks/loja"),
            ("http://h/hooks/loja?event=PING", "", "http://h/hooks/loja?event=PING"),
            ("http://h?event=PING", "a=1", "http://h/hooks/loja?a=1&event=PING"),
        ] {
            assert_eq!(destination(to, &raw(query)), url, "{to}");
        }
    }
}
