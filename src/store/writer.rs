//! The one thread that writes.
//!
//! Lives here: the queue of jobs, and grouping what has gathered into one
//! transaction with one sync, after which every waiter is answered. Never here:
//! what a job does.
//!
//! ```text
//!  verb --job--> [queue] --up to 64--> BEGIN, job, job, job, COMMIT --answers--> verbs
//! ```
//!
//! A job that fails leaves nothing and tells its own waiter; its neighbours
//! commit. To undo one alone takes a savepoint, which costs a copy of every page
//! that the job touches, and jobs hardly ever fail: so they run without, and if one
//! fails in the middle all of them are undone and run again, each in its own.
//!
//! A commit that fails is told to all of them. A waiter that went away (a client
//! that hung up) changes nothing: its job was handed over.

use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, OnceLock};
use std::thread;
use std::time::{Duration, Instant};

use rusqlite::Connection;
use tokio::sync::{Notify, mpsc, watch};

use super::job::{Job, Steps, Undo, Wakes, execute, give_up};
use super::lock::StoreLock;
use super::sweep::Sweep;
use super::{RecordError, StoreError, Traces};

/// Jobs that may wait. Beyond it a webhook is refused for now rather than held
/// in memory; at the usual pace this is well under a second of work.
pub(super) const QUEUE_CAPACITY: usize = 1024;
/// Jobs in one transaction: where a longer one stops paying (measured).
pub(super) const BATCH: usize = 64;

enum Message {
    Job(Job),
    /// Not a job, since it cannot be in a transaction.
    Sweep(Sweep),
    Close,
}

#[derive(Clone)]
pub(super) struct Writer {
    queue: mpsc::Sender<Message>,
    shared: Arc<Shared>,
    /// Closed when the thread has let go of the file and of its lock.
    pub ended: watch::Receiver<()>,
}

/// Told of every commit: how long its sync took, and how many jobs shared it.
pub(super) type Watcher = Box<dyn Fn(Duration, usize) + Send + Sync>;

#[derive(Default)]
struct Shared {
    commits: AtomicU64,
    watcher: OnceLock<Watcher>,
    work: Notify,
}

impl Writer {
    pub fn start(conn: Connection, lock: StoreLock) -> io::Result<Self> {
        let (queue, jobs) = mpsc::channel(QUEUE_CAPACITY);
        let (alive, ended) = watch::channel(());
        let shared = Arc::new(Shared::default());
        let thread = WriterThread { conn, jobs, shared: Arc::clone(&shared) };
        thread::Builder::new().name("gancho-writer".into()).spawn(move || {
            // The lock outlives the connection, and `ended` tells of both.
            let _alive = alive;
            let _lock = lock;
            if catch_unwind(AssertUnwindSafe(|| thread.run())).is_err() {
                tracing::error!(
                    "the store's writer stopped by a defect; nothing can be stored until gancho is restarted"
                );
            }
        })?;
        Ok(Self { queue, shared, ended })
    }

    /// Hands over a job, waiting for room in the queue, and waits for its commit.
    pub async fn write<T, W>(&self, steps: Steps, wakes: Wakes, work: W) -> Result<T, StoreError>
    where
        T: Send + 'static,
        W: FnMut(&Connection) -> Result<T, StoreError> + Send + 'static,
    {
        let (job, waiter) = Job::new(steps, wakes, work);
        self.queue.send(Message::Job(job)).await.map_err(|_| StoreError::Closed)?;
        waiter.await.unwrap_or(Err(StoreError::Closed))
    }

    /// The same, but does not wait for room.
    pub async fn write_if_room<T, W>(&self, steps: Steps, wakes: Wakes, work: W) -> Result<T, RecordError>
    where
        T: Send + 'static,
        W: FnMut(&Connection) -> Result<T, StoreError> + Send + 'static,
    {
        let (job, waiter) = Job::new(steps, wakes, work);
        self.queue.try_send(Message::Job(job)).map_err(|refused| match refused {
            mpsc::error::TrySendError::Full(_) => RecordError::Busy,
            mpsc::error::TrySendError::Closed(_) => RecordError::Failed(StoreError::Closed),
        })?;
        Ok(waiter.await.unwrap_or(Err(StoreError::Closed))?)
    }

    /// Writes the file anew, unless it has more than `most_bytes`, and empties the
    /// log beside it. Nothing else is written meanwhile.
    pub async fn sweep(&self, most_bytes: u64) -> Result<Traces, StoreError> {
        let (sweep, waiter) = Sweep::new(most_bytes);
        self.queue.send(Message::Sweep(sweep)).await.map_err(|_| StoreError::Closed)?;
        waiter.await.unwrap_or(Err(StoreError::Closed))
    }

    pub fn commits(&self) -> u64 {
        self.shared.commits.load(Ordering::Relaxed)
    }

    pub fn watch(&self, watcher: Watcher) {
        // The first stays: there is one gateway around a store.
        let _ = self.shared.watcher.set(watcher);
    }

    /// Resolves once for all that was committed for the worker since the last
    /// time it resolved.
    pub async fn wait_for_work(&self) {
        self.shared.work.notified().await;
    }

    pub async fn close(mut self) {
        // An error is a thread that has ended already.
        let _ = self.queue.send(Message::Close).await;
        while self.ended.changed().await.is_ok() {}
    }
}

struct WriterThread {
    conn: Connection,
    jobs: mpsc::Receiver<Message>,
    shared: Arc<Shared>,
}

impl WriterThread {
    fn run(mut self) {
        let mut gathered = Vec::with_capacity(BATCH);
        while self.jobs.blocking_recv_many(&mut gathered, BATCH) > 0 {
            let mut batch = Vec::with_capacity(gathered.len());
            let mut sweeps = Vec::new();
            for message in gathered.drain(..) {
                match message {
                    Message::Job(job) => batch.push(job),
                    Message::Sweep(sweep) => sweeps.push(sweep),
                    // Nothing more is taken in; what was is still done.
                    Message::Close => self.jobs.close(),
                }
            }
            while !batch.is_empty() {
                self.transaction(&mut batch);
            }
            sweeps.into_iter().for_each(|sweep| sweep.run(&self.conn));
        }
        // An orderly stop leaves one file. If it cannot, the log beside it
        // holds the rest and the next opening reads it.
        let _ = self.conn.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(()));
    }

    /// Runs jobs in one transaction and answers them. It takes them all, unless
    /// the engine gives the transaction up on the way (a full disk can make it):
    /// then it answers those it ran and leaves the others for the next.
    fn transaction(&self, jobs: &mut Vec<Job>) {
        let mut begun = execute(&self.conn, "BEGIN IMMEDIATE");
        let mut ran = self.run_all(jobs, &begun, Undo::Together);
        if begun.is_ok() && ran.is_none() {
            give_up(&self.conn);
            begun = execute(&self.conn, "BEGIN IMMEDIATE");
            ran = self.run_all(jobs, &begun, Undo::Alone);
        }
        let ran = ran.unwrap_or(jobs.len());
        let wakes = jobs[..ran].iter().any(|job| job.wakes == Wakes::Worker);
        let began = Instant::now();
        let committed = begun.and_then(|()| self.commit());
        if committed.is_ok() {
            self.shared.commits.fetch_add(1, Ordering::Relaxed);
            if let Some(watcher) = self.shared.watcher.get() {
                watcher(began.elapsed(), ran);
            }
            if wakes {
                self.shared.work.notify_one();
            }
        }
        for job in jobs.drain(..ran) {
            job.work.answer(committed.clone());
        }
    }

    /// How many were run. None: one of them may have left half of what it does.
    fn run_all(&self, jobs: &mut [Job], begun: &Result<(), StoreError>, undo: Undo) -> Option<usize> {
        let (mut ran, mut whole) = (0, true);
        for job in jobs {
            whole &= job.work.run(begun.clone().map(|()| &self.conn), undo);
            ran += 1;
            if begun.is_ok() && (!whole || self.conn.is_autocommit()) {
                break;
            }
        }
        whole.then_some(ran)
    }

    fn commit(&self) -> Result<(), StoreError> {
        if self.conn.is_autocommit() {
            let why = "an error beside it took the whole transaction along, as a full disk does";
            return Err(StoreError::Failed(why.into()));
        }
        execute(&self.conn, "COMMIT").inspect_err(|_| give_up(&self.conn))
    }
}
