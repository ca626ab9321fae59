//! Asking before something happens that cannot be taken back.

use std::io::{IsTerminal, Write};

use super::Stopped;

/// Err: the answer was no, or there is nobody to ask.
pub fn ask(question: &str, yes: bool) -> Result<(), Stopped> {
    if yes {
        return Ok(());
    }
    if !std::io::stdin().is_terminal() {
        return Err(Stopped::NotAsHoped(
            "Nothing was done: there is nobody to ask. Say --yes to go on without being asked.".to_owned(),
        ));
    }
    eprint!("{question} [y/N] ");
    // If the question cannot be shown, its answer is not yes.
    let _ = std::io::stderr().flush();
    let mut answer = String::new();
    let read = std::io::stdin().read_line(&mut answer).is_ok();
    match read && matches!(answer.trim().to_lowercase().as_str(), "y" | "yes" | "s" | "sim") {
        true => Ok(()),
        false => Err(Stopped::NotAsHoped("Nothing was done.".to_owned())),
    }
}
