//! What is kept of requests that are no events, and of values used once.

use std::sync::Arc;

use super::*;
use crate::event::{Secret, SourceName};
use crate::store::{HandshakeRecord, Look, NonceUse, RefusedRequest};

fn refused(source: &str, at_secs: i64) -> RefusedRequest {
    RefusedRequest {
        source: source.parse().unwrap(),
        at: after_secs(at_secs),
        code: "signature-mismatch".into(),
        reason: "it does not match".into(),
        method: "POST".into(),
        query: "a=1".into(),
        headers: [("x-a", "1"), ("x-a", "2")].into_iter().collect(),
        explanation: Some(json!({"steps": []})),
        body: Some("corpo".into()),
    }
}

fn nonce(hash: u8, body: u8, until_secs: i64) -> Option<NonceUse> {
    let source = "loja".parse().unwrap();
    Some(NonceUse { source, hash: [hash; 32], body_hash: [body; 32], until: after_secs(until_secs) })
}

#[tokio::test]
async fn the_last_refused_of_each_source_are_kept_whole() {
    let bench = Bench::new();
    for n in 0..30 {
        bench.store.keep_refused(refused("loja", n)).await.unwrap();
    }
    bench.store.keep_refused(refused("outra", 0)).await.unwrap();
    let look = Look::open(&bench.path()).unwrap();
    let loja: SourceName = "loja".parse().unwrap();
    let kept = look.refused(Some(&loja)).unwrap();
    assert_eq!(kept.len(), 20);
    assert_eq!(kept[0].1, refused("loja", 29));
    assert_eq!(kept[19].1, refused("loja", 10));
    assert_eq!(look.refused(None).unwrap().len(), 21);
    assert_eq!(bench.store.drop_refused_bodies(after_secs(20)).await, Ok(11), "ten of loja, one of outra");
    assert_eq!(bench.store.drop_refused_bodies(after_secs(20)).await, Ok(0));
    let kept = look.refused(Some(&loja)).unwrap();
    assert_eq!((kept[9].1.body.is_some(), kept[10].1.body.is_some()), (true, false));
}

#[tokio::test]
async fn the_last_handshakes_are_kept_and_the_first_secret_stays() {
    let bench = Bench::new();
    let loja: SourceName = "loja".parse().unwrap();
    let made = |n| HandshakeRecord {
        source: loja.clone(),
        at: after_secs(n),
        name: "ping".into(),
        verified: n % 2 == 0,
        status: 200,
    };
    for n in 0..60 {
        bench.store.keep_handshake(made(n)).await.unwrap();
    }
    let look = Look::open(&bench.path()).unwrap();
    let kept = look.handshakes(Some(&loja)).unwrap();
    assert_eq!((kept.len(), &kept[0], &kept[49]), (50, &made(59), &made(10)));

    let capture = |secret: &str| {
        let (store, secret, loja) = (bench.store.clone(), Secret::new(secret), loja.clone());
        async move { store.capture_secret(&loja, &secret, NOW).await.unwrap() }
    };
    assert!(capture("first").await);
    assert!(capture("first").await, "the sender's repeat");
    assert!(!capture("second").await);
    let captured = look.captured_secrets().unwrap();
    assert_eq!((captured.len(), captured[0].1.expose()), (1, &b"first"[..]));
    assert_eq!(bench.store.forget_secret(&loja).await, Ok(true));
    assert!(capture("second").await);
}

#[tokio::test]
async fn a_batch_is_recorded_whole_and_its_repeat_as_twins() {
    let bench = Bench::new();
    let item = |n: u32| InboxEvent { item: Some(n), ..an_event(Some(&format!("e{n}"))) };
    let batch = vec![item(1), item(2), item(3)];
    let ids: Vec<EventId> = batch.iter().map(|event| event.id).collect();
    let recorded = bench.store.record_all(batch, None).await.unwrap();
    assert_eq!(recorded, Some(vec![Recorded::New; 3]));
    let waiting = bench.store.received(10, usize::MAX).await.unwrap();
    assert_eq!(waiting.iter().map(|event| event.item).collect::<Vec<_>>(), [Some(1), Some(2), Some(3)]);
    let again = bench.store.record_all(vec![item(2), item(4)], None).await.unwrap();
    assert_eq!(again, Some(vec![Recorded::Twin { of: ids[1] }, Recorded::New]));

    // One row that cannot be written takes its whole batch along.
    let broken = vec![item(5), InboxEvent { id: ids[0], ..item(6) }];
    assert!(bench.store.record_all(broken, None).await.is_err());
    assert_eq!(bench.store.received(10, usize::MAX).await.unwrap().len(), 4);
}

#[tokio::test]
async fn a_nonce_tells_a_repeat_from_a_replay() {
    let bench = Bench::new();
    let record = |nonce, at_secs| {
        let (store, event) =
            (bench.store.clone(), InboxEvent { received_at: after_secs(at_secs), ..an_event(None) });
        async move { (event.id, store.record_all(vec![event], nonce).await.unwrap()) }
    };
    let (first, recorded) = record(nonce(1, 1, 300), 0).await;
    assert_eq!(recorded, Some(vec![Recorded::New]));
    let (_, repeat) = record(nonce(1, 1, 300), 10).await;
    assert_eq!(repeat, Some(vec![Recorded::Twin { of: first }]), "its answer was lost");
    assert_eq!(record(nonce(1, 2, 300), 10).await.1, None, "another body with it");
    assert_eq!(record(nonce(2, 2, 300), 10).await.1, Some(vec![Recorded::New]));
    assert_eq!(record(nonce(1, 2, 900), 301).await.1, Some(vec![Recorded::New]), "too old to matter");
    assert_eq!(bench.store.received(10, usize::MAX).await.unwrap().len(), 3, "a replay leaves nothing");
    // Old ones go while new ones come.
    for n in 10..30 {
        record(nonce(n, n, 2_000), 1_000).await;
    }
    let conn = rusqlite::Connection::open(bench.path()).unwrap();
    let old: i64 = conn
        .query_row("SELECT count(*) FROM nonces WHERE until < ?1", [after_secs(1_000).as_millis()], |row| {
            row.get(0)
        })
        .unwrap();
    assert_eq!(old, 0);
}

/// However many requests bring the same nonce at once, one body wins.
#[tokio::test]
async fn of_many_at_once_one_is_new() {
    let bench = Arc::new(Bench::new());
    let mut tasks = tokio::task::JoinSet::new();
    for n in 0..40_u8 {
        let bench = Arc::clone(&bench);
        tasks.spawn(async move {
            bench.store.record_all(vec![an_event(None)], nonce(7, n % 2, 300)).await.unwrap()
        });
    }
    let outcomes = tasks.join_all().await;
    let count = |wanted: fn(&Option<Vec<Recorded>>) -> bool| outcomes.iter().filter(|o| wanted(o)).count();
    assert_eq!(count(|o| matches!(o.as_deref(), Some([Recorded::New]))), 1);
    assert_eq!(count(|o| matches!(o.as_deref(), Some([Recorded::Twin { .. }]))), 19);
    assert_eq!(count(Option::is_none), 20);
}
