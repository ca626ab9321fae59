//! Colour on a terminal, and the same words without it elsewhere.

use std::io::{ErrorKind, IsTerminal, Write};

use crate::diagnostic::{Diagnostic, Language, Palette, Sentence, render};

#[derive(Debug, Clone, Copy)]
pub struct Screen {
    pub(super) colour: bool,
    pub(super) language: Language,
}

impl Screen {
    /// Colour if stdout is a terminal and `NO_COLOR` does not object.
    pub fn of_stdout(language: Language) -> Self {
        let colour = std::io::stdout().is_terminal() && std::env::var_os("NO_COLOR").is_none();
        Self { colour, language }
    }

    /// In the reader's language.
    pub fn say(&self, sentence: Sentence) -> String {
        sentence.in_language(self.language)
    }

    /// Problems as they are drawn on this screen.
    pub fn draw(&self, problems: &[Diagnostic]) -> String {
        render(problems, self.palette(), self.language)
    }

    pub fn palette(&self) -> Palette {
        if self.colour { Palette::Colour } else { Palette::Plain }
    }

    pub fn bold(&self, text: &str) -> String {
        self.paint("1", text)
    }

    pub fn dim(&self, text: &str) -> String {
        self.paint("2", text)
    }

    pub fn good(&self, text: &str) -> String {
        self.paint("32", text)
    }

    pub fn bad(&self, text: &str) -> String {
        self.paint("31", text)
    }

    pub fn odd(&self, text: &str) -> String {
        self.paint("33", text)
    }

    fn paint(&self, code: &str, text: &str) -> String {
        match self.colour {
            true => format!("\x1b[{code}m{text}\x1b[0m"),
            false => text.to_owned(),
        }
    }
}

/// To stdout. What nobody reads any more is let go of, so that a command that
/// has files to remove gets to it; a disk that is full ends the command.
pub fn print(words: std::fmt::Arguments<'_>) {
    match std::io::stdout().lock().write_fmt(words) {
        Err(why) if why.kind() != ErrorKind::BrokenPipe => {
            eprintln!("The output cannot be written: {why}");
            std::process::exit(2);
        }
        _ => {}
    }
}

/// `text` behind `indent`, broken at spaces so that no line is longer than
/// `width`; a line break in it is kept.
pub fn wrap(text: &str, indent: &str, width: usize) -> String {
    let room = width.saturating_sub(indent.chars().count()).max(20);
    let mut out = String::new();
    for line in text.lines() {
        let mut column = 0;
        out.push_str(indent);
        for word in line.split(' ') {
            let length = word.chars().count();
            if column > 0 && column + 1 + length > room {
                out.push('\n');
                out.push_str(indent);
                column = 0;
            } else if column > 0 {
                out.push(' ');
                column += 1;
            }
            out.push_str(word);
            column += length;
        }
        out.push('\n');
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wraps_at_spaces_and_keeps_line_breaks() {
        assert_eq!(
            wrap("um dois três quatro cinco\n\n• seis", "| ", 22),
            "| um dois três quatro\n| cinco\n| \n| • seis\n"
        );
    }

    #[test]
    fn without_colour_the_words_are_the_same() {
        assert_eq!(Screen { colour: false, language: Language::English }.good("ok"), "ok");
        assert_eq!(Screen { colour: true, language: Language::English }.good("ok"), "\x1b[32mok\x1b[0m");
    }
}
