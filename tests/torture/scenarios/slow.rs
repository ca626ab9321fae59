//! An upstream that is slow for some: they become unknown, and nobody waits for
//! them but who is behind them.

use std::collections::BTreeMap;

use crate::accounts::{Accounts, Fate};
use crate::gateway::{Gateway, wait};
use crate::load::{Load, ORDERS, Orders};
use crate::report::Outcome;
use crate::site::sandbox;
use crate::upstream::seen;

const SLOW: usize = 5;

/// Promises 4 and 6: five people's messages get no answer within `timeout_secs`.
/// They are held. Those of others go out meanwhile, and the next of the same
/// people afterwards.
pub async fn slow() -> Outcome {
    let upstream = sandbox();
    upstream.set_fault(format!("delay_ms=5000,times={SLOW}").parse().unwrap());
    let keys = "timeout_secs: 1\n    breaker: { failures: 100 }";
    let mut gateway = Gateway::new(&upstream.url(), keys);
    let mut load = Load::on(gateway.start(), Orders { people: 50, ..ORDERS });
    load.post(SLOW).await;
    wait(upstream.wait_for(SLOW as u64)).await;
    load.post(295).await;
    let ledger = load.finish().await;
    gateway.at_rest().await;
    gateway.stop();

    let accounts = Accounts::close(&ledger, &gateway.site.events().await, seen(&upstream));
    assert_eq!((accounts.of(Fate::Held).count(), accounts.of(Fate::Delivered).count()), (SLOW, 295));
    assert!(accounts.of(Fate::Held).all(|order| order.reason.contains("no answer from")));
    let (first, later) = accounts.seen.split_at(SLOW);
    let slow: BTreeMap<&String, i64> = first.iter().map(|slow| (&slow.lane, slow.at_millis)).collect();
    let (theirs, others): (Vec<_>, Vec<_>) =
        later.iter().partition(|sighting| slow.contains_key(&sighting.lane));
    for sighting in &theirs {
        let behind = sighting.at_millis - slow[&sighting.lane];
        assert!(behind >= 900, "{sighting:?} overtook what was still on its way, after {behind} ms");
    }
    let goes_on = theirs.iter().map(|sighting| sighting.at_millis).min().unwrap();
    let meanwhile = others.iter().filter(|sighting| sighting.at_millis < goes_on).count();
    assert!(meanwhile >= 50, "only {meanwhile} of the others did not wait for the slow ones");
    let note = format!("{meanwhile} messages to others went out meanwhile");
    Outcome::Played(accounts.row().note(note))
}
