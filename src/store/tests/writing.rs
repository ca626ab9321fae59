//! The writer of this engine: groups, neighbours, a full disk, a lost waiter.

use std::sync::mpsc;

use rusqlite::Connection;
use tokio::task::JoinSet;

use super::*;
use crate::store::job::{Steps, Wakes};
use crate::store::writer::{BATCH, QUEUE_CAPACITY};
use crate::store::{RecordError, StoreError};

/// Keeps the writer busy until it is dropped, so that what is asked meanwhile
/// gathers in the queue.
struct Stall {
    _release: mpsc::Sender<()>,
}

impl Stall {
    async fn begin(store: &Store) -> Self {
        let (release, released) = mpsc::channel::<()>();
        let (begun, has_begun) = tokio::sync::oneshot::channel();
        let (writer, mut begun) = (store.writer.clone(), Some(begun));
        tokio::spawn(async move {
            let wait = move |_: &Connection| {
                let _ = begun.take().map(|begun| begun.send(()));
                let _ = released.recv();
                Ok(())
            };
            writer.write(Steps::One, Wakes::Nobody, wait).await
        });
        has_begun.await.unwrap();
        Self { _release: release }
    }
}

/// Asks in the background; when this returns, the question is in the queue.
async fn ask<T: Send + 'static>(tasks: &mut JoinSet<T>, question: impl Future<Output = T> + Send + 'static) {
    tasks.spawn(question);
    tokio::task::yield_now().await;
}

async fn limit_pages(store: &Store, pages: u32) {
    let limit = move |conn: &Connection| {
        conn.pragma_update_and_check(None, "max_page_count", pages, |_| Ok(()))?;
        Ok(())
    };
    store.writer.write(Steps::One, Wakes::Nobody, limit).await.unwrap();
}

#[tokio::test]
async fn what_gathers_shares_a_commit() {
    let bench = Bench::new();
    let stall = Stall::begin(&bench.store).await;
    let before = bench.store.commits();
    let mut tasks = JoinSet::new();
    for _ in 0..200 {
        let store = bench.store.clone();
        ask(&mut tasks, async move { store.record(an_event(None)).await }).await;
    }
    drop(stall);
    let answers = tasks.join_all().await;
    assert_eq!(answers, vec![Ok(Recorded::New); 200]);
    assert_eq!(bench.store.counts().await.unwrap().events(EventState::Received), 200);
    let groups = 200usize.div_ceil(BATCH) as u64;
    assert_eq!(bench.store.commits() - before, 1 + groups, "the stall's and theirs");
}

#[tokio::test]
async fn a_failing_job_does_not_fail_its_neighbours() {
    let bench = Bench::new();
    let taken = bench.record(an_event(None)).await;
    let planned = to("c", "1");
    bench.plan(vec![planned.clone()]).await;
    let waiting = bench.record(an_event(None)).await;

    let stall = Stall::begin(&bench.store).await;
    let before = bench.store.commits();
    let mut records = JoinSet::new();
    let mut plans = JoinSet::new();
    let events = [an_event(None), InboxEvent { id: taken, ..an_event(None) }, an_event(None)];
    for event in events {
        let store = bench.store.clone();
        ask(&mut records, async move { store.record(event).await.is_ok() }).await;
    }
    // Fails at its second delivery, with the first one in.
    let store = bench.store.clone();
    let half = messages(vec![to("c", "2"), NewDelivery { id: planned.id, ..to("c", "3") }]);
    ask(&mut plans, async move { store.plan(waiting, half, NOW).await }).await;
    drop(stall);

    let mut answers = records.join_all().await;
    answers.sort_unstable();
    assert_eq!(answers, [false, true, true]);
    assert!(matches!(plans.join_all().await[..], [Err(StoreError::Failed(_))]));
    assert_eq!(bench.store.commits() - before, 2, "all four were in one transaction");
    let counts = bench.store.counts().await.unwrap();
    assert_eq!(counts.events(EventState::Received), 4);
    assert_eq!(counts.deliveries(DeliveryState::Pending), 1);
}

#[tokio::test]
async fn a_waiter_that_goes_away_does_not_take_its_write_along() {
    let bench = Bench::new();
    let stall = Stall::begin(&bench.store).await;
    let event = an_event(None);
    let id = event.id;
    assert!(!is_ready(bench.store.record(event)), "handed over, then dropped");
    drop(stall);
    bench.store.ping().await.unwrap();
    assert_eq!(state_of(&bench.view(id).await), EventState::Received);
}

#[tokio::test]
async fn reads_do_not_wait_for_the_writer() {
    let bench = Bench::new();
    let event = bench.plan(vec![to("c", "1")]).await;
    let _stall = Stall::begin(&bench.store).await;
    assert_eq!(bench.states(event).await, [DeliveryState::Pending]);
    assert_eq!(bench.store.next_due().await, Ok([("c".to_owned(), NOW)].into()));
}

#[tokio::test]
async fn a_full_queue_refuses_for_now() {
    let bench = Bench::new();
    let stall = Stall::begin(&bench.store).await;
    let mut tasks = JoinSet::new();
    for _ in 0..QUEUE_CAPACITY {
        let store = bench.store.clone();
        ask(&mut tasks, async move { store.record(an_event(None)).await }).await;
    }
    assert_eq!(bench.store.record(an_event(None)).await, Err(RecordError::Busy));
    drop(stall);
    assert!(tasks.join_all().await.iter().all(|answer| *answer == Ok(Recorded::New)));
    bench.record(an_event(None)).await;
}

#[tokio::test]
async fn a_full_disk_is_told_leaves_nothing_half_and_heals() {
    let bench = Bench::new();
    let event = bench.plan(vec![to("c", "1")]).await;
    let claimed = bench.claim_one(NOW).await;
    limit_pages(&bench.store, 1).await; // as many as it has already

    let large = || InboxEvent { body: vec![b'x'; 100_000].into(), ..an_event(Some("e1")) };
    let stall = Stall::begin(&bench.store).await;
    let mut tasks = JoinSet::new();
    for _ in 0..3 {
        let store = bench.store.clone();
        ask(&mut tasks, async move { store.record(large()).await }).await;
    }
    let store = bench.store.clone();
    let settling =
        tokio::spawn(async move { store.settle(claimed.attempt, settlement(Next::Delivered), NOW).await });
    tokio::task::yield_now().await;
    drop(stall);

    for answer in tasks.join_all().await {
        assert!(matches!(answer, Err(RecordError::Failed(StoreError::Failed(_)))), "{answer:?}");
    }
    assert_eq!(settling.await.unwrap(), Ok(Settled::Moved { paused: false }), "it needs no room");
    assert_eq!(bench.states(event).await, [DeliveryState::Delivered]);
    assert!(bench.store.received(10, usize::MAX).await.unwrap().is_empty());

    limit_pages(&bench.store, 100_000).await;
    assert_eq!(bench.store.record(large()).await, Ok(Recorded::New), "its key was not taken by a half write");
}

#[tokio::test]
async fn a_commit_that_fails_is_told_to_all_who_shared_it() {
    let bench = Bench::new();
    let event = an_event(None);
    let id = event.id;
    let stall = Stall::begin(&bench.store).await;
    let mut tasks = JoinSet::new();
    let store = bench.store.clone();
    ask(&mut tasks, async move { store.record(event).await }).await;
    // A foreign key that is checked at the end makes the commit itself fail.
    let store = bench.store.clone();
    let sabotage = tokio::spawn(async move {
        let broken = |conn: &Connection| {
            conn.pragma_update(None, "defer_foreign_keys", true)?;
            let sql =
                "INSERT INTO attempts (id, delivery, number, opened_at) VALUES (zeroblob(16), 404, 1, 0)";
            conn.execute(sql, [])?;
            Ok(())
        };
        store.writer.write(Steps::One, Wakes::Nobody, broken).await
    });
    tokio::task::yield_now().await;
    drop(stall);

    assert!(matches!(sabotage.await.unwrap(), Err(StoreError::Failed(_))));
    assert!(matches!(tasks.join_all().await[..], [Err(RecordError::Failed(_))]));
    assert_eq!(bench.store.event(id).await, Ok(None));
    bench.record(an_event(None)).await;
}

#[tokio::test]
async fn closing_finishes_what_was_handed_over_and_refuses_the_rest() {
    let bench = Bench::new();
    let stall = Stall::begin(&bench.store).await;
    let mut tasks = JoinSet::new();
    let (store, event) = (bench.store.clone(), an_event(None));
    let id = event.id;
    ask(&mut tasks, async move { store.record(event).await }).await;
    let closing = tokio::spawn(bench.store.clone().close());
    tokio::task::yield_now().await;
    drop(stall);
    closing.await.unwrap();

    assert_eq!(tasks.join_all().await, [Ok(Recorded::New)]);
    assert_eq!(bench.store.ping().await, Err(StoreError::Closed));
    assert_eq!(bench.store.record(an_event(None)).await, Err(RecordError::Failed(StoreError::Closed)));
    let reopened = Store::open(&bench.path()).unwrap();
    assert!(reopened.event(id).await.unwrap().is_some());
}

#[tokio::test]
async fn dropping_the_last_handle_ends_the_writer() {
    let bench = Bench::new();
    let mut ended = bench.store.writer.ended.clone();
    bench.record(an_event(None)).await;
    let path = bench.path();
    let Bench { folder: _folder, store } = bench;
    drop(store);
    assert!(ended.changed().await.is_err());
    assert_eq!(Store::open(&path).unwrap().received(10, usize::MAX).await.unwrap().len(), 1);
}

#[tokio::test]
async fn a_defect_in_a_job_is_seen_from_outside() {
    let bench = Bench::new();
    let defect = |_: &Connection| -> Result<(), StoreError> { panic!("a defect, as this case wants it") };
    let answer = bench.store.writer.write(Steps::Several, Wakes::Nobody, defect).await;
    assert_eq!(answer, Err(StoreError::Closed));
    assert_eq!(bench.store.ping().await, Err(StoreError::Closed), "so that the gateway is not called ready");
}
