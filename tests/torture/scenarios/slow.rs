//! An upstream that is slow for some: they become unknown, and nobody waits for
//! them but who is behind them.

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
    let slow_lanes: Vec<&String> = accounts.seen[..SLOW].iter().map(|sighting| &sighting.lane).collect();
    let began = accounts.seen[SLOW - 1].at_millis;
    let (theirs, others): (Vec<_>, Vec<_>) =
        accounts.seen[SLOW..].iter().partition(|sighting| slow_lanes.contains(&&sighting.lane));
    let after = |at_millis: i64| at_millis - began;
    let soonest = theirs.iter().map(|sighting| after(sighting.at_millis)).min().unwrap();
    assert!(soonest >= 900, "one overtook what was still on its way, after {soonest} ms");
    // The last of many; the median says whether they waited for the slow ones.
    let mut others: Vec<i64> = others.iter().map(|sighting| after(sighting.at_millis)).collect();
    others.sort_unstable();
    let median = others[others.len() / 2];
    assert!(median < 1000, "others waited for the slow ones: half of them longer than {median} ms");
    let note =
        format!("half of the others were sent within {median} ms, all within {} ms", others.last().unwrap());
    Outcome::Played(accounts.row().note(note))
}
