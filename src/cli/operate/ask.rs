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
    match read && is_yes(&answer) {
        true => Ok(()),
        false => Err(Stopped::NotAsHoped("Nothing was done.".to_owned())),
    }
}

/// In the languages of this program.
fn is_yes(answer: &str) -> bool {
    matches!(answer.trim().to_lowercase().as_str(), "y" | "yes" | "s" | "sim")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_clear_yes_is_one() {
        assert!(["y\n", "Yes", "s", "SIM\n"].into_iter().all(is_yes));
        assert!(!["", "\n", "n", "yy", "ok", "yes please"].into_iter().any(is_yes));
    }
}
