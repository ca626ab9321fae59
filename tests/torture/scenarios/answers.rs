//! Answers that decide about one message: what they say of it is done, once, and
//! the messages behind it go on.

use std::collections::BTreeSet;

use crate::accounts::{Accounts, Fate};
use crate::gateway::Gateway;
use crate::load::{Load, ORDERS, Orders};
use crate::report::Outcome;
use crate::site::sandbox;
use crate::upstream::Then::{self, HangsUp, IsSilent};
use crate::upstream::{Garbage, seen};

const MET: usize = 10;
/// Few failures open it and it closes soon, so that it takes part.
const KEYS: &str = "breaker: { failures: 8, first_probe_secs: 1, max_probe_secs: 1 }";

/// Promises 2, 4, 6 and 7: the first so many messages meet `fault` and end in
/// `fate`, having been sent once; all others are delivered.
pub async fn some_meet(fault: &str, fate: Fate) -> Outcome {
    let upstream = sandbox();
    upstream.set_fault(format!("{fault},times={MET}").parse().unwrap());
    let mut gateway = Gateway::new(&upstream.url(), KEYS);
    let mut load = Load::on(gateway.start(), Orders { people: 60, ..ORDERS });
    load.post(300).await;
    let ledger = load.finish().await;
    gateway.at_rest().await;
    gateway.stop();

    let accounts = Accounts::close(&ledger, &gateway.site.events().await, seen(&upstream));
    let met: BTreeSet<String> = accounts.seen[..MET].iter().map(|sighting| sighting.id.clone()).collect();
    assert_eq!(accounts.ids(fate), met, "what met the fault, and nothing else");
    assert_eq!(accounts.of(Fate::Delivered).count(), 300 - MET);
    assert_eq!(accounts.seen.len(), 300, "each was sent once");
    assert!(accounts.of(fate).all(|order| !order.reason.is_empty()));
    Outcome::Played(accounts.row())
}

/// What the answers are to the orders in turn, and what becomes of them.
const ANSWERS: [(Then, &[u8], Fate); 17] = [
    (HangsUp, b"HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\n\xff\xfe{{{]]]\0", Fate::Delivered),
    (
        HangsUp,
        b"HTTP/1.1 201 Created\r\ncontent-type: text/html\r\ncontent-length: 5\r\n\r\n<h1>!",
        Fate::Delivered,
    ),
    (HangsUp, b"HTTP/1.1 204 No Content\r\n\r\n", Fate::Delivered),
    (
        HangsUp,
        b"HTTP/1.1 103 Early Hints\r\n\r\nHTTP/1.1 201 Created\r\ncontent-length: 0\r\n\r\n",
        Fate::Delivered,
    ),
    // Its status was read; the rest says nothing about the person.
    (HangsUp, b"HTTP/1.1 200 OK\r\ncontent-length: 1000\r\n\r\n{\"session\"", Fate::Delivered),
    (IsSilent, b"HTTP/1.1 200 OK\r\ncontent-length: 1000\r\n\r\n{\"session\"", Fate::Delivered),
    (HangsUp, b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nzz\r\nnot a chunk", Fate::Delivered),
    (HangsUp, b"HTTP/1.1 500 Oops\r\ncontent-length: 9\r\n\r\n\xff\xfe{{{]]]\0", Fate::Held),
    (HangsUp, b"HTTP/1.1 503 Unavailable\r\ntransfer-encoding: chunked\r\n\r\nzz\r\nnot a chunk", Fate::Held),
    (HangsUp, b"HTTP/1.1 200 OK\r\ncontent-length: many\r\n\r\n", Fate::Held),
    (HangsUp, b"HTTP/1.1 two hundred\r\n\r\n", Fate::Held),
    (HangsUp, b"HTTP/1.1 200 OK\r\nx-cut: o", Fate::Held),
    (IsSilent, b"HTTP/1.1 200 OK\r\nx-cut: o", Fate::Held),
    (HangsUp, b"\x16\x03\x01\x02\x00lixo\r\n\r\n", Fate::Held),
    (HangsUp, b"", Fate::Held),
    (IsSilent, b"", Fate::Held),
    (HangsUp, b"HTTP/1.1 422 No\r\ncontent-length: 3\r\n\r\n\xff\xff\xff", Fate::Dead),
];

/// Promise 4: a success is a status that was read, whatever the body is; what is
/// no answer is unknown.
pub async fn garbage() -> Outcome {
    let upstream = Garbage::answering(|number| {
        let (then, bytes, _) = ANSWERS[number % ANSWERS.len()];
        (bytes, then)
    });
    let keys = "breaker: { failures: 1000 }\n    timeout_secs: 1";
    let mut gateway = Gateway::new(&format!("http://{}", upstream.address), keys);
    let mut load = Load::on(gateway.start(), ORDERS);
    load.post(6 * ANSWERS.len()).await;
    let ledger = load.finish().await;
    gateway.at_rest().await;
    gateway.stop();

    let accounts = Accounts::close(&ledger, &gateway.site.events().await, upstream.seen());
    for order in &accounts.orders {
        let number: usize = order.id.rsplit('-').next().unwrap().parse().unwrap();
        let (_, answer, fate) = ANSWERS[number % ANSWERS.len()];
        assert_eq!(order.fate, fate, "{:?}: {order:?}", String::from_utf8_lossy(answer));
    }
    Outcome::Played(accounts.row())
}
