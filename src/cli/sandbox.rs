//! `gancho sandbox`: a stand-in Talqui, until it is told to stop.

use std::net::SocketAddr;
use std::process::ExitCode;

use super::{block_on, not_done};
use crate::app;
use crate::sandbox::{InjectedFault, Sandbox, SandboxConfig, WHAT_IT_CANNOT_PROVE};

#[derive(clap::Args)]
#[command(next_line_help = true)]
pub struct Arguments {
    /// Where it listens
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:8089")]
    listen: SocketAddr,
    /// The status of a success; Talqui's is not known
    #[arg(long, value_name = "STATUS", default_value_t = 201, value_parser = clap::value_parser!(u16).range(200..300))]
    success_status: u16,
    /// Trouble to make; may be given more than once. Such as:
    /// status=429,retry_after=30,times=2 or reset=true or delay_ms=5000
    #[arg(long, value_name = "FAULT", verbatim_doc_comment)]
    fault: Vec<InjectedFault>,
}

pub fn run(arguments: Arguments) -> ExitCode {
    block_on(serve(arguments)).unwrap_or_else(|code| code)
}

async fn serve(arguments: Arguments) -> ExitCode {
    let stop = app::until_told_to_stop();
    let mut config = SandboxConfig::new(arguments.listen, app::system_clock());
    config.success_status = arguments.success_status;
    config.faults = arguments.fault;
    let sandbox = match Sandbox::start(config) {
        Ok(sandbox) => sandbox,
        Err(why) => {
            eprintln!("The sandbox cannot listen on {}: {why}", arguments.listen);
            return not_done();
        }
    };
    let url = sandbox.url();
    println!("A stand-in Talqui at {url}");
    println!("  to use it      in gancho.yaml, set talqui.base_url to that address");
    println!("  what it got    curl {url}/_sandbox/requests");
    println!("  make trouble   curl -d '{{\"status\": 429, \"times\": 2}}' \\");
    println!("                      -H 'content-type: application/json' \\");
    println!("                      {url}/_sandbox/faults");
    println!("\n{WHAT_IT_CANNOT_PROVE}");
    stop.await;
    match sandbox.stop().await {
        Ok(_) => ExitCode::SUCCESS,
        Err(why) => {
            eprintln!("The sandbox did not stop cleanly: {why}");
            ExitCode::FAILURE
        }
    }
}
