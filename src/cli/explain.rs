//! `gancho explain`: what a code means, why it is a mistake, and how it is mended.

use std::process::ExitCode;

use super::not_done;
use super::screen::{Screen, wrap};
use super::show::WIDTH;
use crate::diagnostic::{Block, Explanation, explain, explanations, nearest};

pub fn run(code: Option<&str>, screen: &Screen) -> ExitCode {
    let Some(code) = code else {
        print!("{}", listed(&explanations(screen.language), screen));
        return ExitCode::SUCCESS;
    };
    if let Some(explanation) = explain(code, screen.language) {
        print!("{}", drawn(&explanation, screen));
        return ExitCode::SUCCESS;
    }
    eprintln!("{}", screen.say(say!("There is no code `{}`.", code)));
    let all = explanations(screen.language);
    let help = match nearest(code, all.iter().map(|explanation| explanation.code)) {
        Some(near) => say!("Did you mean `{}`?", near),
        None => say!("`gancho explain` lists them."),
    };
    eprintln!("{}", screen.say(help));
    not_done()
}

fn listed(all: &[Explanation], screen: &Screen) -> String {
    let width = all.iter().map(|explanation| explanation.code.len()).max().unwrap_or(0);
    let mut out = String::new();
    for explanation in all {
        let code = format!("{:width$}", explanation.code);
        out.push_str(&format!("{}  {}\n", screen.bold(&code), explanation.summary()));
    }
    let end = screen.say(say!("{} codes. About one of them: gancho explain CODE", all.len()));
    out + "\n" + &end + "\n"
}

fn drawn(explanation: &Explanation, screen: &Screen) -> String {
    let mut out = format!("{}\n", screen.bold(explanation.code));
    let mut introduced = false;
    for block in &explanation.blocks {
        if !introduced {
            out.push('\n');
        }
        introduced = false;
        match block {
            Block::Words { label: Some(label), text } => {
                let wrapped = wrap(format!("{label} {text}").trim_end(), "", WIDTH);
                out.push_str(&wrapped.replacen(label, &screen.bold(label), 1));
                introduced = text.is_empty();
            }
            Block::Words { label: None, text } => out.push_str(&wrap(text, "", WIDTH)),
            Block::Example(example) => {
                for line in example.text.lines() {
                    out.push_str(format!("    {line}").trim_end());
                    out.push('\n');
                }
            }
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diagnostic::Language;

    const BOTH: [Language; 2] = [Language::English, Language::Portuguese];

    #[test]
    fn every_line_fits_the_screen() {
        for language in BOTH {
            let screen = Screen { colour: false, language };
            let all = explanations(language);
            let texts = all.iter().map(|explanation| drawn(explanation, &screen));
            for line in texts.chain([listed(&all, &screen)]).flat_map(|text| lines(&text)) {
                assert!(line.chars().count() <= WIDTH, "{line}");
            }
        }
    }

    /// Nobody reads a page to understand one word, or learns from two lines.
    #[test]
    fn every_explanation_is_short() {
        for language in BOTH {
            for explanation in explanations(language) {
                let text = drawn(&explanation, &Screen { colour: false, language });
                let count = text.lines().filter(|line| !line.is_empty()).count();
                assert!((8..=25).contains(&count), "{count} lines:\n{text}");
            }
        }
    }

    #[test]
    fn headings_are_bold_and_examples_are_indented() {
        let explanation = explain("unknown-key", Language::English).expect("it is explained");
        let text = drawn(&explanation, &Screen { colour: true, language: Language::English });
        assert!(text.starts_with("\u{1b}[1munknown-key\u{1b}[0m\n\n"), "{text}");
        assert!(text.contains("\n\n\u{1b}[1mWrong:\u{1b}[0m\n    provider: shopify\n"), "{text}");
        assert!(!text.contains("```") && !text.contains("**"), "{text}");
    }

    fn lines(text: &str) -> Vec<String> {
        text.lines().map(str::to_owned).collect()
    }
}
