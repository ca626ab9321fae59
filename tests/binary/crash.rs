//! `kill -9`, again and again, while webhooks pour in: what was acknowledged is
//! there, was sent once at most, and what was being sent is held for a person.
//!
//! The senders are honest: one that got no 2xx posts the same id again, as real
//! ones do, and goes on to the next only when it has one. The stand-in Talqui
//! runs in this process, so it outlives every crash, and never dedupes.

use std::collections::{BTreeMap, BTreeSet};
use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use gancho::delivery::{DeliveryState, EventState, Verdict};
use gancho::event::DeliveryId;
use gancho::store::{DeliveryView, EventView};
use rusqlite::{Connection, OpenFlags};
use tokio::sync::watch;
use tokio::task::JoinSet;

use crate::PATIENCE;
use crate::site::{PEDIDOS_SECRET, Site, client, sandbox, sign};

const SEED: u64 = 20_260_302;
const KILLS: usize = 6;
const SENDERS: usize = 8;
/// So many orders are on their way when it is killed.
const AHEAD: usize = 40;
/// Fewer people than orders, so that many wait behind another of theirs.
const PEOPLE: usize = 40;

/// What the senders share.
struct Load {
    address: watch::Receiver<SocketAddr>,
    acknowledged: watch::Sender<usize>,
    /// How many orders there may be by now; none: no more are to come.
    wanted: watch::Receiver<Option<usize>>,
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn what_was_acknowledged_survives_kill_9_and_is_sent_once_at_most() {
    let upstream = sandbox();
    // Slow enough that there is always something in flight to be killed.
    upstream.set_fault("delay_ms=20".parse().unwrap());
    let site = Site::with_pedidos(&upstream.url());
    let mut random = fastrand::Rng::with_seed(SEED);

    let mut gateway = site.serve();
    let (moved, address) = watch::channel(gateway.public());
    let (acknowledged, mut count) = watch::channel(0);
    let (want, wanted) = watch::channel(Some(0));
    let load = Arc::new(Load { address, acknowledged, wanted });
    let mut senders = JoinSet::new();
    (0..SENDERS).for_each(|n| drop(senders.spawn(send(n, load.clone()))));

    let mut in_flight = BTreeSet::new();
    for round in 0..KILLS {
        let (posted, sent) = (*count.borrow(), upstream.requests().len() as u64);
        let (posted, sent) = (posted + random.usize(20..60), sent + random.u64(1..30));
        want.send_replace(Some(posted + AHEAD));
        // In the middle of being posted; every other time, of being sent.
        wait(count.wait_for(|count| *count >= posted)).await.unwrap();
        if round % 2 == 1 {
            wait(upstream.wait_for(sent)).await;
        }
        gateway.kill();
        in_flight.extend(ids_in_flight(&site.store()));
        gateway = site.serve();
        moved.send_replace(gateway.public());
    }
    want.send_replace(None);
    let ids: Vec<String> = wait(senders.join_all()).await.into_iter().flatten().collect();
    wait(until_at_rest(&site.store())).await;
    gateway.signal("TERM");
    gateway.end().exits(0);

    let sent = upstream.requests();
    let texts = sent.iter().map(|request| request.delivered.as_ref().expect("no trouble").text.clone());
    check(&ids, &site.events().await, &in_flight, &count_each(texts));
}

/// Posts order after order until there are enough, and returns their ids.
async fn send(sender: usize, load: Arc<Load>) -> Vec<String> {
    let (client, mut address) = (client(), load.address.clone());
    let mut ids = Vec::new();
    let mut wanted = load.wanted.clone();
    let is_wanted =
        |load: &Load, wanted: &Option<usize>| wanted.is_none_or(|most| most > *load.acknowledged.borrow());
    while wanted.wait_for(|wanted| is_wanted(&load, wanted)).await.unwrap().is_some() {
        let id = format!("pedido-{sender}-{}", ids.len());
        let contact = format!("pessoa-{}", (sender + ids.len() * SENDERS) % PEOPLE);
        let body = serde_json::json!({ "id": id, "contato": contact, "texto": id }).to_string();
        let proof = sign(PEDIDOS_SECRET, &body);
        loop {
            let to = *address.borrow_and_update();
            let post =
                client.post(format!("http://{to}/hooks/pedidos")).header("x-sign", &proof).body(body.clone());
            match post.send().await {
                Ok(answer) if answer.status().is_success() => break,
                Ok(answer) => panic!("{} for a good order", answer.status()),
                // It was killed under this request: once more, to its successor.
                Err(_) => address.changed().await.expect("there is a successor"),
            }
        }
        load.acknowledged.send_modify(|count| *count += 1);
        ids.push(id);
    }
    ids
}

fn check(ids: &[String], events: &[EventView], in_flight: &BTreeSet<String>, sent: &BTreeMap<String, usize>) {
    let mut held = BTreeSet::new();
    for id in ids {
        let delivery = only_delivery(id, events);
        let times = sent.get(id).copied().unwrap_or_default();
        match delivery.state {
            DeliveryState::Delivered => assert_eq!(times, 1, "{id} is delivered: {delivery:?}"),
            DeliveryState::Held => {
                assert!(times <= 1, "{id} was sent {times} times");
                let verdicts: Vec<_> = delivery.attempts.iter().map(|attempt| attempt.verdict).collect();
                assert_eq!(verdicts, [Some(Verdict::Unknown)], "{id} was held, not sent again");
                held.insert(delivery.id.to_string());
            }
            other => panic!("{id} is {other}"),
        }
    }
    assert_eq!(held, *in_flight, "what was in flight at a crash is held, and nothing else is");
    let known: BTreeSet<&String> = ids.iter().collect();
    assert!(sent.keys().all(|text| known.contains(text)), "something was sent that nobody ordered");
    // Without these the test would prove nothing.
    assert!(ids.len() > KILLS * 20 && in_flight.len() >= KILLS / 2, "{} {}", ids.len(), in_flight.len());
}

/// The one delivery of an order, however often it was posted.
fn only_delivery<'e>(id: &str, events: &'e [EventView]) -> &'e DeliveryView {
    let mut deliveries = Vec::new();
    for view in events.iter().filter(|view| view.event.key.as_deref() == Some(id)) {
        match view.event.state {
            EventState::Planned => assert_eq!(view.deliveries.len(), 1, "{id}"),
            EventState::Duplicate => assert!(view.deliveries.is_empty(), "{id}"),
            other => panic!("an event of {id} is {other}"),
        }
        deliveries.extend(&view.deliveries);
    }
    assert_eq!(deliveries.len(), 1, "{id} was acknowledged");
    deliveries[0]
}

fn count_each(texts: impl Iterator<Item = String>) -> BTreeMap<String, usize> {
    texts.fold(BTreeMap::new(), |mut counts, text| {
        *counts.entry(text).or_default() += 1;
        counts
    })
}

fn look(store: &Path) -> Connection {
    Connection::open_with_flags(store, OpenFlags::SQLITE_OPEN_READ_ONLY).expect("the store can be read")
}

/// The deliveries that a crash left in flight.
fn ids_in_flight(store: &Path) -> Vec<String> {
    let conn = look(store);
    let mut found = conn.prepare("SELECT id FROM deliveries WHERE state = 'in_flight'").unwrap();
    let ids = found.query_map([], |row| row.get::<_, DeliveryId>(0)).unwrap();
    ids.map(|id| id.unwrap().to_string()).collect()
}

/// Until everything was planned and nothing is waiting or on its way.
async fn until_at_rest(store: &Path) {
    let conn = look(store);
    let moving = "SELECT (SELECT count(*) FROM events WHERE state = 'received') \
                  + (SELECT count(*) FROM deliveries WHERE state IN ('pending', 'in_flight'))";
    let mut again = tokio::time::interval(Duration::from_millis(20));
    while conn.query_row(moving, [], |row| row.get::<_, i64>(0)).unwrap() > 0 {
        again.tick().await;
    }
}

async fn wait<T>(what: impl Future<Output = T>) -> T {
    tokio::time::timeout(PATIENCE, what).await.expect("it takes too long")
}
