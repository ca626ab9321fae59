//! `gancho schema`: what an editor needs to complete and check a file.

use std::process::ExitCode;

use clap::ValueEnum;

use crate::schema;

#[derive(Debug, Clone, Copy, ValueEnum)]
pub enum Of {
    /// A file of the folder `mappings`
    Mapping,
    /// gancho.yaml
    Config,
    /// A file of a folder of your own providers
    Provider,
}

pub fn run(of: Of) -> ExitCode {
    match of {
        Of::Mapping => print!("{}", schema::mapping()),
        Of::Config => print!("{}", schema::config()),
        Of::Provider => print!("{}", schema::PROVIDER),
    }
    ExitCode::SUCCESS
}
