//! Chance that can be repeated: one seed for a run, and of it one for each
//! scenario, so that a scenario alone chooses as it did among the others.

use std::hash::{DefaultHasher, Hash, Hasher};
use std::ops::{Deref, DerefMut};

pub struct Chance(fastrand::Rng);

/// Of this run: as told, or any.
pub fn seed() -> u64 {
    match std::env::var("GANCHO_TORTURE_SEED") {
        Ok(told) => told.parse().expect("GANCHO_TORTURE_SEED is a number"),
        Err(_) => fastrand::u64(..1_000_000_000),
    }
}

/// How often `kill -9` comes.
pub fn kills() -> usize {
    match std::env::var("GANCHO_TORTURE_KILLS") {
        Ok(told) => told.parse().expect("GANCHO_TORTURE_KILLS is a number"),
        Err(_) => 30,
    }
}

impl Chance {
    pub fn of(seed: u64, scenario: &str) -> Self {
        let mut hasher = DefaultHasher::new();
        (seed, scenario).hash(&mut hasher);
        Self(fastrand::Rng::with_seed(hasher.finish()))
    }
}

impl Deref for Chance {
    type Target = fastrand::Rng;
    fn deref(&self) -> &fastrand::Rng {
        &self.0
    }
}

impl DerefMut for Chance {
    fn deref_mut(&mut self) -> &mut fastrand::Rng {
        &mut self.0
    }
}
