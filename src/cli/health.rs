//! `gancho health`: for a container that has no `curl`.

use std::process::ExitCode;
use std::time::Duration;

use super::block_on;

const PATIENCE: Duration = Duration::from_secs(3);

pub fn run(url: &str) -> ExitCode {
    let asked = block_on(async {
        let client = reqwest::Client::builder().no_proxy().timeout(PATIENCE).build()?;
        client.get(url).send().await?.error_for_status()
    });
    match asked {
        Ok(Ok(_)) => ExitCode::SUCCESS,
        Ok(Err(why)) => {
            eprintln!("gancho does not answer at {url}: {}", why.without_url());
            ExitCode::FAILURE
        }
        Err(code) => code,
    }
}
