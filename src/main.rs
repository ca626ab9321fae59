//! The binary: arguments in, exit code out. See `gancho::cli`.

use std::process::ExitCode;

fn main() -> ExitCode {
    gancho::cli::main()
}
