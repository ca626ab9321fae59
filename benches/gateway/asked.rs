//! What was asked for on the command line, and how long to measure.

use std::time::Duration;

const USAGE: &str = "cargo bench --bench gateway -- [--quick] [--grown] [--growth] [--peers] \
                     [--only footprint|accept|whole|burst] [--rounds N] [--secs N] [--gancho PATH]…";

#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Part {
    Footprint,
    Accept,
    Whole,
    Burst,
}

pub struct Asked {
    only: Option<Part>,
    pub quick: bool,
    /// On a file of more than two gigabytes.
    pub grown: bool,
    /// Also what a thousand, a million and five million stored events change.
    pub growth: bool,
    pub peers: bool,
    /// How often the contestants take turns.
    pub rounds: usize,
    /// Of one turn.
    pub turn: Duration,
    /// How long the whole way must hold without a growing backlog.
    pub sustained: Duration,
    /// Other builds, which take turns with this one: how a change is judged.
    pub others: Vec<String>,
}

impl Asked {
    pub fn read(arguments: impl Iterator<Item = String>) -> Result<Self, String> {
        let mut arguments = arguments;
        let mut asked = Self {
            only: None,
            quick: false,
            grown: false,
            growth: false,
            peers: false,
            rounds: 5,
            turn: Duration::from_secs(5),
            sustained: Duration::from_secs(60),
            others: Vec::new(),
        };
        while let Some(argument) = arguments.next() {
            let mut value = || arguments.next().ok_or_else(|| format!("{argument} needs a value\n{USAGE}"));
            match argument.as_str() {
                // What cargo passes.
                "--bench" => {}
                "--quick" => {
                    asked.quick = true;
                    asked.rounds = 1;
                    asked.turn = Duration::from_secs(1);
                    asked.sustained = Duration::from_secs(2);
                }
                "--grown" => asked.grown = true,
                "--growth" => asked.growth = true,
                "--peers" => asked.peers = true,
                "--rounds" => asked.rounds = number(&value()?)?.max(1) as usize,
                "--secs" => asked.turn = Duration::from_secs(number(&value()?)?.max(1)),
                "--sustained" => asked.sustained = Duration::from_secs(number(&value()?)?.max(1)),
                "--gancho" => asked.others.push(value()?),
                "--only" => asked.only = Some(part(&value()?)?),
                other => return Err(format!("{other} is not known here\n{USAGE}")),
            }
        }
        Ok(asked)
    }

    pub fn wants(&self, part: Part) -> bool {
        self.only.is_none_or(|only| only == part)
    }

    /// Under which conditions it is measured, for who reads the table.
    pub fn conditions(&self) -> String {
        let cores = std::thread::available_parallelism().map_or(0, usize::from);
        let busy = std::fs::read_to_string("/proc/loadavg").unwrap_or_default();
        let busy = busy.split(' ').next().unwrap_or("?").to_owned();
        format!(
            "{cores} cores, shared by load, gateway and upstream; load average before: {busy}; \
             {} rounds of {} s each",
            self.rounds,
            self.turn.as_secs()
        )
    }
}

fn number(text: &str) -> Result<u64, String> {
    text.parse().map_err(|_| format!("{text} is no number\n{USAGE}"))
}

fn part(name: &str) -> Result<Part, String> {
    match name {
        "footprint" => Ok(Part::Footprint),
        "accept" => Ok(Part::Accept),
        "whole" => Ok(Part::Whole),
        "burst" => Ok(Part::Burst),
        _ => Err(format!("there is no part {name}\n{USAGE}")),
    }
}
