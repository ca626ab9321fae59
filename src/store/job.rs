//! What the writer is given to do: a job, whoever waits for it, and undoing it.
//!
//! To undo one job alone takes a savepoint, which costs a copy of every page that
//! the job touches. Jobs hardly ever fail, so the writer runs them without at first;
//! see there. Never here: the transaction that they share.

use rusqlite::Connection;
use tokio::sync::oneshot;

use super::StoreError;

/// How much of a job can be left behind when it fails.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Steps {
    /// At most one statement of it changes anything, and a statement is whole
    /// or not at all: nothing to undo.
    One,
    /// What it did before it failed must be undone.
    Several,
}

/// How jobs of several steps are undone that fail.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Undo {
    /// With all that are in the same transaction.
    Together,
    /// To its own beginning.
    Alone,
}

/// Whether a job may leave something for the worker to do.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Wakes {
    Worker,
    Nobody,
}

pub(super) struct Job {
    pub work: Box<dyn Work>,
    pub wakes: Wakes,
}

pub(super) trait Work: Send {
    /// Given a transaction, or the reason why there is none. It may be called again,
    /// after what it did was undone. False: it may have left half of it.
    fn run(&mut self, transaction: Result<&Connection, StoreError>, undo: Undo) -> bool;

    /// Tells the waiter, once it is known whether the transaction was committed.
    fn answer(self: Box<Self>, committed: Result<(), StoreError>);
}

impl Job {
    pub fn new<T, W>(steps: Steps, wakes: Wakes, work: W) -> (Self, oneshot::Receiver<Result<T, StoreError>>)
    where
        T: Send + 'static,
        W: FnMut(&Connection) -> Result<T, StoreError> + Send + 'static,
    {
        let (answer, waiter) = oneshot::channel();
        let task = Task { work, steps, result: Err(StoreError::Closed), answer };
        (Self { work: Box::new(task), wakes }, waiter)
    }
}

struct Task<T, W> {
    work: W,
    steps: Steps,
    /// Of the last time that it ran.
    result: Result<T, StoreError>,
    answer: oneshot::Sender<Result<T, StoreError>>,
}

impl<T, W> Work for Task<T, W>
where
    T: Send,
    W: FnMut(&Connection) -> Result<T, StoreError> + Send,
{
    fn run(&mut self, transaction: Result<&Connection, StoreError>, undo: Undo) -> bool {
        self.result = transaction.and_then(|conn| match (self.steps, undo) {
            (Steps::Several, Undo::Alone) => in_savepoint(conn, &mut self.work),
            _ => (self.work)(conn),
        });
        self.result.is_ok() || self.steps == Steps::One || undo == Undo::Alone
    }

    fn answer(self: Box<Self>, committed: Result<(), StoreError>) {
        // Nobody there to hear it: the write stands all the same.
        let _ = self.answer.send(self.result.and_then(|value| committed.map(|()| value)));
    }
}

/// Undoes a job that failed. If even that fails, the whole transaction is given
/// up, rather than committed with half a job in it.
fn in_savepoint<T>(
    conn: &Connection,
    work: &mut impl FnMut(&Connection) -> Result<T, StoreError>,
) -> Result<T, StoreError> {
    execute(conn, "SAVEPOINT job")?;
    let result = work(conn).and_then(|value| execute(conn, "RELEASE job").map(|()| value));
    if result.is_err()
        && execute(conn, "ROLLBACK TO job").and_then(|()| execute(conn, "RELEASE job")).is_err()
    {
        give_up(conn);
    }
    result
}

/// Compiled once.
pub(super) fn execute(conn: &Connection, sql: &str) -> Result<(), StoreError> {
    conn.prepare_cached(sql)?.execute([])?;
    Ok(())
}

/// An error here means that there is no transaction any more, which is the aim.
pub(super) fn give_up(conn: &Connection) {
    let _ = execute(conn, "ROLLBACK");
}
