//! The commands of an operator: looking at a running gateway and deciding what it
//! cannot decide itself. All of them ask its admin API.
//!
//! Lives here: the arguments, one file for each group of commands, and how what
//! comes back reads on 80 columns. Never here: the store; a command that looks
//! into its file beside the gateway is a neighbour (`visitors.rs`).

mod ask;
mod client;
mod event;
mod list;
mod moment;
mod moves;
mod next;
mod pauses;
mod replay;
mod status;
mod tail;
mod upkeep;
mod words;

use std::path::PathBuf;
use std::process::ExitCode;

use clap::Subcommand;

use super::screen::Screen;
use super::{block_on, not_done};

/// What every one of them takes.
#[derive(clap::Args)]
pub struct Asked {
    /// The configuration that says where the gateway listens
    #[arg(long, value_name = "FILE", conflicts_with = "url", help_heading = "The gateway")]
    config: Option<PathBuf>,
    /// Its operator's address, such as http://127.0.0.1:8081
    #[arg(long, help_heading = "The gateway")]
    url: Option<String>,
    /// Print it for programs
    #[arg(long)]
    json: bool,
    /// At most so many [default: 20 where a list is shown]
    #[arg(long, value_name = "NUMBER", value_parser = clap::value_parser!(u32).range(1..=100_000))]
    limit: Option<u32>,
}

const SHOWN: u32 = 20;

#[derive(Subcommand)]
pub enum Operate {
    /// Say whether it is sending, what waits and what needs a person
    Status(status::Arguments),
    /// Find webhooks, and say what became of each
    #[command(next_line_help = true)]
    Events(list::Events),
    /// Find messages, and say where each is
    #[command(next_line_help = true)]
    Deliveries(list::Deliveries),
    /// Tell the whole story of one webhook
    Event(event::Arguments),
    /// Map webhooks again after a mend, and send what is new
    #[command(next_line_help = true)]
    Replay(replay::Arguments),
    /// Send held messages after all
    #[command(next_line_help = true)]
    Release(moves::Many),
    /// Say of held messages whether they arrived; nothing is sent
    Settle(moves::Settle),
    /// Never send messages that are pending or held
    #[command(next_line_help = true)]
    Cancel(moves::Cancel),
    /// Stop sending; webhooks are still taken in
    Pause(pauses::Pause),
    /// Go on sending
    Resume(pauses::Resume),
    /// Forget what is older than it is kept
    Prune(upkeep::Prune),
    /// Forget a person at once, who asked for it
    Erase(upkeep::Erase),
    /// Follow what happens, a line each, until Ctrl-C
    Tail(tail::Arguments),
}

/// Why a command ended early.
pub enum Stopped {
    /// Exit 1: it was asked, and it is not so.
    NotAsHoped(String),
    /// Exit 2: it could not be asked.
    NotDone(String),
}

pub type Done = Result<ExitCode, Stopped>;

pub fn run(command: &Operate, screen: &Screen) -> ExitCode {
    let done = block_on(async {
        match command {
            Operate::Status(arguments) => status::run(arguments, screen).await,
            Operate::Events(arguments) => list::events(arguments, screen).await,
            Operate::Deliveries(arguments) => list::deliveries(arguments, screen).await,
            Operate::Event(arguments) => event::run(arguments, screen).await,
            Operate::Replay(arguments) => replay::run(arguments, screen).await,
            Operate::Release(arguments) => moves::release(arguments, screen).await,
            Operate::Settle(arguments) => moves::settle(arguments, screen).await,
            Operate::Cancel(arguments) => moves::cancel(arguments, screen).await,
            Operate::Pause(arguments) => pauses::pause(arguments, screen).await,
            Operate::Resume(arguments) => pauses::resume(arguments, screen).await,
            Operate::Prune(arguments) => upkeep::prune(arguments, screen).await,
            Operate::Erase(arguments) => upkeep::erase(arguments, screen).await,
            Operate::Tail(arguments) => tail::run(arguments, screen).await,
        }
    });
    match done {
        Ok(Ok(code)) => code,
        Ok(Err(Stopped::NotAsHoped(said))) => {
            eprint!("{}", super::screen::wrap(&said, "", super::show::WIDTH));
            ExitCode::FAILURE
        }
        Ok(Err(Stopped::NotDone(said))) => {
            eprint!("{}", super::screen::wrap(&said, "", super::show::WIDTH));
            not_done()
        }
        Err(code) => code,
    }
}
