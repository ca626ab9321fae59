//! `gancho pause` and `gancho resume`.

use std::process::ExitCode;

use serde_json::{Value, json};

use super::client::{Client, meant};
use super::{Asked, Done, moment, next};
use crate::cli::screen::{Screen, wrap};
use crate::cli::show::WIDTH;
use crate::console::Pauses;
use crate::event::SourceName;

#[derive(clap::Args)]
#[command(group = clap::ArgGroup::new("what").required(true))]
struct What {
    /// What is sent through it
    #[arg(long, value_name = "NAME", group = "what")]
    connection: Option<String>,
    /// What its webhooks cause
    #[arg(long, value_name = "NAME", group = "what")]
    source: Option<SourceName>,
    /// Everything
    #[arg(long, group = "what")]
    all: bool,
}

#[derive(clap::Args)]
pub struct Pause {
    #[command(flatten)]
    what: What,
    /// Why, for who looks at the status
    #[arg(long, value_name = "TEXT")]
    reason: Option<String>,
    #[command(flatten)]
    asked: Asked,
}

#[derive(clap::Args)]
pub struct Resume {
    #[command(flatten)]
    what: What,
    #[command(flatten)]
    asked: Asked,
}

impl What {
    fn body(&self) -> Value {
        match (&self.connection, &self.source) {
            (Some(name), _) => json!({ "connection": name }),
            (_, Some(name)) => json!({ "source": name.as_str() }),
            _ => json!({ "everything": true }),
        }
    }
}

pub async fn pause(arguments: &Pause, screen: &Screen) -> Done {
    let mut body = arguments.what.body();
    if let Some(reason) = &arguments.reason {
        body["reason"] = json!(reason);
    }
    let said = ["Paused. Webhooks are still taken in; nothing is lost.", "It was paused already."];
    change("/v1/pause", &body, said, &arguments.asked, screen).await
}

pub async fn resume(arguments: &Resume, screen: &Screen) -> Done {
    let said = ["Resumed. What waited is sent now.", "It was not paused."];
    change("/v1/resume", &arguments.what.body(), said, &arguments.asked, screen).await
}

async fn change(path: &str, body: &Value, said: [&str; 2], asked: &Asked, screen: &Screen) -> Done {
    let client = Client::open(asked, screen)?;
    let answer = client.post(path, body).await?;
    if asked.json {
        println!("{answer:#}");
        return Ok(ExitCode::SUCCESS);
    }
    let pauses: Pauses = meant(&answer)?;
    println!("{}", if pauses.changed { said[0] } else { said[1] });
    for pause in &pauses.paused {
        let since = moment::shown(&pause.since);
        print!("{}", wrap(&format!("Since {since} {}", next::paused(pause)), "  ", WIDTH));
        println!("  {}", screen.bold(&next::resume(pause)));
    }
    Ok(ExitCode::SUCCESS)
}
