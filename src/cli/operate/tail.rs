//! `gancho tail`: what happens, a line each, until Ctrl-C. It waits for a gateway
//! that is started again.

use std::process::ExitCode;
use std::time::Duration;

use reqwest::{Method, Response};
use serde_json::Value;

use super::client::{Client, printable};
use super::{Asked, Done, Stopped, moment};
use crate::cli::screen::Screen;
use crate::cli::show::cut;

#[derive(clap::Args)]
pub struct Arguments {
    #[command(flatten)]
    asked: Asked,
}

/// Before it is asked again.
const AGAIN: Duration = Duration::from_secs(1);
/// The gateway writes an empty line now and then; one that does not is gone.
const SILENCE: Duration = Duration::from_secs(60);

pub async fn run(arguments: &Arguments, screen: &Screen) -> Done {
    let client = Client::open(&arguments.asked, screen)?;
    tokio::select! {
        done = follow(&client, &arguments.asked, screen) => done,
        _ = tokio::signal::ctrl_c() => Ok(ExitCode::SUCCESS),
    }
}

async fn follow(client: &Client, asked: &Asked, screen: &Screen) -> Done {
    let mut left = asked.limit;
    // The first time, a gateway that is not there is a mistake of who asks.
    let mut answer = open(client).await?;
    loop {
        eprintln!("{}", screen.dim(&format!("Following {}; Ctrl-C ends it.", client.url)));
        if lines(&mut answer, &mut left, asked, screen).await {
            return Ok(ExitCode::SUCCESS);
        }
        eprintln!("The gateway is gone; waiting for it.");
        answer = loop {
            tokio::time::sleep(AGAIN).await;
            match open(client).await {
                Ok(answer) => break answer,
                Err(Again::Later(_)) => {}
                Err(Again::Never(stopped)) => return Err(stopped),
            }
        };
    }
}

enum Again {
    /// Nobody answers.
    Later(Stopped),
    Never(Stopped),
}

impl From<Again> for Stopped {
    fn from(again: Again) -> Self {
        let (Again::Later(stopped) | Again::Never(stopped)) = again;
        stopped
    }
}

async fn open(client: &Client) -> Result<Response, Again> {
    let answer = client.send(client.request(Method::GET, "/v1/tail")).await.map_err(Again::Later)?;
    client.accepted(answer).await.map_err(Again::Never)
}

/// True: as many as were asked for. False: the answer ended.
async fn lines(answer: &mut Response, left: &mut Option<u32>, asked: &Asked, screen: &Screen) -> bool {
    let mut begun: Vec<u8> = Vec::new();
    while let Ok(Ok(Some(chunk))) = tokio::time::timeout(SILENCE, answer.chunk()).await {
        begun.extend_from_slice(&chunk);
        while let Some(end) = begun.iter().position(|byte| *byte == b'\n') {
            let line: Vec<u8> = begun.drain(..=end).collect();
            let Ok(happening) = serde_json::from_slice::<Value>(&line) else { continue };
            match asked.json {
                true => println!("{happening}"),
                false => println!("{}", told(&printable(happening), screen)),
            }
            if let Some(left) = left {
                *left -= 1;
                if *left == 0 {
                    return true;
                }
            }
        }
    }
    false
}

/// When, what, where, which, and why.
fn told(happening: &Value, screen: &Screen) -> String {
    let text = |name: &str| happening[name].as_str().unwrap_or_default();
    let what = text("what");
    let padded = format!("{:14}", what.replace('_', " "));
    let painted = match what {
        "delivered" => screen.good(&padded),
        "held" | "retried" | "parked" | "paused" | "missed" | "put_back" => screen.odd(&padded),
        "dead" | "refused" | "expired" | "breaker_opened" => screen.bad(&padded),
        _ => padded,
    };
    let place = if text("connection").is_empty() { text("source") } else { text("connection") };
    let place = format!("{:18}", cut(place, 18));
    let time = moment::shown(text("at"));
    let time = time.split_once(' ').map_or(time.as_str(), |(_, time)| time);
    let mut line = format!("{time} {painted} {place} {}", text("event"));
    // What went well needs no explanation.
    let reason = if what == "delivered" { "" } else { text("reason") };
    let count = happening["count"].as_u64().map(|count| format!("{count} of them are not shown"));
    for more in [Some(reason.to_owned()), count].into_iter().flatten().filter(|more| !more.is_empty()) {
        line = format!("{} {more}", line.trim_end());
    }
    line.trim_end().to_owned()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::diagnostic::Language;

    #[test]
    fn a_happening_is_a_line_of_a_screen() {
        let screen = Screen { colour: false, language: Language::English };
        let happening = json!({
            "at": "2026-03-02T12:00:00.000Z", "what": "breaker_opened", "source": "loja",
            "connection": "whatsapp-da-loja-do-centro", "event": "019cae0d-b400-7000-8000-000000000000",
        });
        let line = told(&happening, &screen);
        assert!(
            line.ends_with(" breaker opened whatsapp-da-loja-… 019cae0d-b400-7000-8000-000000000000"),
            "{line}"
        );
        assert_eq!(line.chars().count(), 79);
        let refused = json!({ "at": "2026-03-02T12:00:00.000Z", "what": "refused", "source": "loja", "reason": "bad-signature" });
        assert!(told(&refused, &screen).ends_with(" refused        loja bad-signature"));
    }
}
