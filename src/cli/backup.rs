//! `gancho backup`: a copy of the store, made beside a running gateway.

use std::path::PathBuf;
use std::process::ExitCode;

use super::not_done;
use super::screen::{Screen, wrap};
use super::show::WIDTH;
use super::visitors::open;
use crate::app;

#[derive(clap::Args)]
#[command(next_line_help = true)]
pub struct Arguments {
    /// The file to write; it must not be there yet
    file: PathBuf,
    /// The configuration that names the store
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
}

pub fn run(arguments: &Arguments, screen: &Screen) -> ExitCode {
    let Some(look) = open(arguments.config.clone(), screen) else { return not_done() };
    match look.copy_to(&arguments.file, (app::system_clock())()) {
        Ok(bytes) => {
            println!("Copied to {}, {:.1} MB.", arguments.file.display(), bytes as f64 / 1e6);
            print!(
                "{}",
                wrap(
                    "It holds messages to people, and secrets that senders handed over: keep it as you keep \
                     the store. A gateway that starts from it sends nothing until `gancho resume --all`, \
                     since it cannot know what went out after the copy.",
                    "",
                    WIDTH
                )
            );
            ExitCode::SUCCESS
        }
        Err(why) => {
            eprint!("{}", wrap(&format!("There is no backup: {why}."), "", WIDTH));
            not_done()
        }
    }
}
