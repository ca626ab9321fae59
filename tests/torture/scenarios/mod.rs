//! All scenarios, with the promises that each holds the gateway to. Whatever a
//! scenario is about, these hold in all of them: nothing is lost (2), nothing is
//! sent again (4), to each person in order (6), and no secret is printed (9).

pub mod answers;
pub mod clock;
pub mod crash;
pub mod disk;
pub mod files;
pub mod input;
pub mod mapping;
pub mod slow;
pub mod stop;
pub mod unreachable;
pub mod waits;

use std::pin::Pin;

use crate::accounts::Fate;
use crate::chance::Chance;
use crate::report::Outcome;

pub struct Scenario {
    /// The numbers of `promises.rs`.
    pub promises: &'static str,
    pub name: &'static str,
    pub play: fn(Chance) -> Pin<Box<dyn Future<Output = Outcome>>>,
}

macro_rules! scenarios {
    ($($promises:literal, $name:literal, $chance:pat => $play:expr;)+) => {
        pub const SCENARIOS: &[Scenario] =
            &[$(Scenario { promises: $promises, name: $name, play: |$chance| Box::pin($play) }),+];
    };
}

scenarios! {
    "1,2,4,5,6", "kill -9", chance => crash::kill_9(chance);
    "2,4", "frozen", chance => crash::frozen(chance);
    "2,5,6", "SIGTERM", chance => stop::in_order(chance);
    "2,4,5", "SIGTERM twice", _ => stop::at_once();
    "4,5", "second gateway", _ => stop::second_gateway();
    "2,6,7", "upstream down", _ => unreachable::down();
    "2,4,6", "upstream restarts", chance => unreachable::restarts(chance);
    "2,4,7", "wrong certificate", _ => unreachable::wrong_certificate();
    "2,8", "expires_after", _ => unreachable::expires();
    "4,6", "upstream slow", _ => slow::slow();
    "4,6", "reset after the body", _ => answers::some_meet("reset=true", Fate::Held);
    "4,7", "500", _ => answers::some_meet("status=500", Fate::Held);
    "4,7", "500, yet sent", _ => answers::some_meet("status=500,delivers=true", Fate::Held);
    "2,6,7", "422", _ => answers::some_meet("status=422", Fate::Dead);
    "4", "garbage for an answer", _ => answers::garbage();
    "2,6,7", "401", _ => waits::refused_credential();
    "2,6,7", "429 with Retry-After", _ => waits::told_to_slow_down();
    "2,7", "rate limit", _ => waits::rate_limit();
    "1,2", "disk full", _ => disk::full();
    "1,2,4", "disk full, and killed", _ => disk::full_and_killed();
    "2,4", "too many open files", _ => files::too_many();
    "2,4", "clock jumps", _ => clock::jumps();
    "2,4", "clock set back at start", _ => clock::set_back_while_it_was_down();
    "2,3", "mapping broken", _ => mapping::broken_and_mended();
    "10", "bad input", _ => input::bad();
}
