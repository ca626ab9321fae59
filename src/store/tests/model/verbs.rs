//! What can happen to a store, in any order.

use proptest::prelude::*;

use super::*;

#[derive(Debug, Clone)]
pub enum Verb {
    /// One event of this source with a delivery to each of these lanes (connection,
    /// contact).
    Plan(usize, Vec<(usize, usize)>),
    Claim {
        limit: u32,
    },
    /// The attempt is one of all that were ever opened, so it is often a closed one.
    Settle {
        attempt: prop::sample::Index,
        next: Next,
    },
    SettleLatest {
        next: Next,
    },
    Pause(usize),
    Resume(usize),
    PauseSource(usize),
    ResumeSource(usize),
    /// What a person does, to any delivery that ever was.
    Decide(prop::sample::Index, Decision),
    /// The same, to one that is held.
    DecideHeld(prop::sample::Index, Decision),
    Pass {
        secs: i64,
    },
    /// Of those in flight, every other one is being sent by nobody.
    RecoverLost {
        odd: bool,
    },
    Crash,
}

#[derive(Debug, Clone, Copy)]
pub enum Decision {
    Release,
    Cancel,
    Settle(SettledAs),
}

fn decision() -> impl Strategy<Value = Decision> {
    prop_oneof![
        2 => Just(Decision::Release),
        1 => Just(Decision::Cancel),
        1 => Just(Decision::Settle(SettledAs::Delivered)),
        1 => Just(Decision::Settle(SettledAs::NotSent)),
    ]
}

pub fn verb() -> impl Strategy<Value = Verb> {
    prop_oneof![
        3 => (0..2usize, prop::collection::vec((0..2usize, 0..2usize), 1..4))
            .prop_map(|(source, lanes)| Verb::Plan(source, lanes)),
        5 => (0..4u32).prop_map(|limit| Verb::Claim { limit }),
        2 => (any::<prop::sample::Index>(), next()).prop_map(|(attempt, next)| Verb::Settle { attempt, next }),
        4 => next().prop_map(|next| Verb::SettleLatest { next }),
        1 => (0..2usize).prop_map(Verb::Pause),
        2 => (0..2usize).prop_map(Verb::Resume),
        1 => (0..2usize).prop_map(Verb::PauseSource),
        2 => (0..2usize).prop_map(Verb::ResumeSource),
        1 => (any::<prop::sample::Index>(), decision()).prop_map(|(row, d)| Verb::Decide(row, d)),
        3 => (any::<prop::sample::Index>(), decision()).prop_map(|(row, d)| Verb::DecideHeld(row, d)),
        3 => (1..40i64).prop_map(|secs| Verb::Pass { secs }),
        1 => any::<bool>().prop_map(|odd| Verb::RecoverLost { odd }),
        1 => Just(Verb::Crash),
    ]
}

fn next() -> impl Strategy<Value = Next> {
    prop_oneof![
        4 => Just(Next::Delivered),
        2 => (0..60i64).prop_map(|secs| retry_at(after_secs(secs))),
        2 => any::<bool>().prop_map(|keeps_lane| Next::Hold { keeps_lane }),
        1 => Just(Next::Bury),
        1 => Just(Next::Pause),
    ]
}
