//! `gancho health`: for a container that has no `curl`.

use std::error::Error;
use std::process::ExitCode;
use std::time::Duration;

use super::{block_on, not_done};

const PATIENCE: Duration = Duration::from_secs(3);

pub fn run(url: &str) -> ExitCode {
    let asked = block_on(async {
        let client = reqwest::Client::builder().no_proxy().timeout(PATIENCE).build()?;
        client.get(url).send().await?.error_for_status()
    });
    match asked {
        Ok(Ok(_)) => ExitCode::SUCCESS,
        Ok(Err(why)) if why.is_builder() => {
            eprintln!("`{url}` cannot be asked: {}", root_cause(&why));
            not_done()
        }
        Ok(Err(why)) => {
            match why.status() {
                Some(status) => eprintln!("gancho answers {status} at {url}"),
                None => eprintln!("gancho does not answer at {url}: {}", root_cause(&why)),
            }
            ExitCode::FAILURE
        }
        Err(code) => code,
    }
}

/// The innermost error's own words: the outer ones say only that it failed.
fn root_cause(error: &dyn Error) -> String {
    std::iter::successors(Some(error), |&cause| cause.source()).last().unwrap_or(error).to_string()
}
