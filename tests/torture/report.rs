//! What came of the scenarios: a line for each, and the table of all.

use std::time::Duration;

use crate::promises::PROMISES;
use crate::scenarios::Scenario;

/// The books of one scenario, closed.
#[derive(Debug, Default)]
pub struct Row {
    pub accepted: usize,
    pub delivered: usize,
    pub held: usize,
    /// Dead, expired, unmapped, or waiting where a person sees it.
    pub other: usize,
    pub lost: usize,
    pub doubled: usize,
    /// What else a reader should know, such as how often it was killed where.
    pub notes: Vec<String>,
}

impl Row {
    pub fn note(mut self, note: String) -> Self {
        self.notes.push(note);
        self
    }
}

pub enum Outcome {
    Played(Row),
    /// This machine lacks what it needs.
    Skipped(String),
    /// A promise was broken; its own words were printed.
    Panicked,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    Kept,
    Skipped,
    Failed,
}

pub struct Line {
    pub scenario: &'static Scenario,
    pub outcome: Outcome,
    pub took: Duration,
}

impl Line {
    /// Whatever a scenario is about, nothing may be lost or doubled in it.
    pub fn verdict(&self) -> Verdict {
        match &self.outcome {
            Outcome::Played(row) if row.lost + row.doubled == 0 && row.accepted > 0 => Verdict::Kept,
            Outcome::Played(_) | Outcome::Panicked => Verdict::Failed,
            Outcome::Skipped(_) => Verdict::Skipped,
        }
    }

    pub fn notes(&self) -> Vec<String> {
        match &self.outcome {
            Outcome::Played(row) => row.notes.clone(),
            Outcome::Skipped(why) => vec![format!("SKIPPED: {why}")],
            Outcome::Panicked => vec!["FAILED".to_owned()],
        }
    }

    fn cells(&self) -> String {
        let numbers = match &self.outcome {
            Outcome::Played(row) => [row.accepted, row.delivered, row.held, row.other, row.lost, row.doubled]
                .map(|n| n.to_string()),
            Outcome::Skipped(_) => ["skipped", "", "", "", "", ""].map(str::to_owned),
            Outcome::Panicked => ["FAILED", "", "", "", "", ""].map(str::to_owned),
        };
        let mut cells = format!("{:<10}{:<23}", self.scenario.promises, self.scenario.name);
        for (number, title) in numbers.iter().zip(TITLES) {
            cells += &format!("{number:>width$}", width = width_of(title));
        }
        let failed = if self.verdict() == Verdict::Failed { "  <-- FAILED" } else { "" };
        format!("{cells}{:>9.1}{failed}\n", self.took.as_secs_f64())
    }
}

/// `other`: dead, expired, or parked.
const TITLES: [&str; 6] = ["accepted", "delivered", "held", "other", "lost", "doubled"];

fn width_of(title: &str) -> usize {
    (title.len() + 1).max(7)
}

pub fn table(lines: &[Line]) -> String {
    let mut table = format!("{:<10}{:<23}", "promises", "scenario");
    for title in TITLES {
        table += &format!("{title:>width$}", width = width_of(title));
    }
    table += &format!("{:>9}\n", "seconds");
    lines.iter().for_each(|line| table += &line.cells());
    let took: Duration = lines.iter().map(|line| line.took).sum();
    let width = 33 + TITLES.into_iter().map(width_of).sum::<usize>() + 9;
    table += &format!("{:>width$.1}\n", took.as_secs_f64());
    let shown = |number: &u8| {
        lines.iter().any(|line| line.scenario.promises.split(',').any(|shown| shown == number.to_string()))
    };
    for (number, promise) in PROMISES.iter().filter(|(number, _)| shown(number)) {
        table += &format!("{number:>3}  {promise}\n");
    }
    table
}
