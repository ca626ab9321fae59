//! Thousands of lives of a gateway, each by its seed: webhooks come, Talqui is in
//! every mood, the clock jumps, operators pause and resume, the process is killed
//! in the middle of sending. The worker's one public step is driven over the real
//! store with a clock that only the simulation moves.
//!
//! `GANCHO_LIVES` says how many, `GANCHO_SEED` which one first.

mod life;
mod upstream;

use life::{Life, World};

const LIVES: u64 = 2_000;
/// Lives that share one store file, one after the other.
const LIVES_OF_A_STORE: u64 = 100;

/// The connections, by the last digit of their ids.
pub fn name_of(plugin_connection_id: &str) -> &'static str {
    match plugin_connection_id.chars().last() {
        Some('1') => "loja",
        Some('2') => "vendas",
        _ => "repete",
    }
}

fn number(name: &str, otherwise: u64) -> u64 {
    std::env::var(name).map_or(otherwise, |said| said.parse().expect("a number"))
}

/// Promises 2 to 8, held against every schedule that the seeds bring about.
#[test]
fn no_schedule_loses_doubles_or_guesses() {
    let (lives, first) = (number("GANCHO_LIVES", LIVES), number("GANCHO_SEED", 1));
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
    runtime.block_on(async {
        let mut totals = life::Totals::default();
        let mut seed = first;
        while seed < first + lives {
            let mut world = World::new().await;
            for _ in 0..LIVES_OF_A_STORE.min(first + lives - seed) {
                if let Err(why) = Life::live(&mut world, seed, &mut totals).await {
                    panic!("{why}\nagain with: GANCHO_SEED={seed} GANCHO_LIVES=1");
                }
                seed += 1;
            }
            world.end().await;
        }
        println!("{lives} lives: {totals:?}");
        // Without these the simulation would prove nothing.
        if lives >= 100 {
            assert!(totals.killed > lives / 10 && totals.held > lives / 10, "{totals:?}");
            assert!(totals.delivered > lives && totals.dead > 0 && totals.expired > 0, "{totals:?}");
        }
    });
}
