//! Reading without waiting for the writer.
//!
//! Lives here: a connection that cannot write, used by one reader at a time on
//! a thread where blocking is allowed. Never here: a query.

use std::sync::{Arc, Mutex, PoisonError};

use rusqlite::Connection;

use super::StoreError;

#[derive(Clone)]
pub(super) struct Reader(Arc<Mutex<Connection>>);

impl Reader {
    pub fn new(conn: Connection) -> Self {
        Self(Arc::new(Mutex::new(conn)))
    }

    /// Runs `query` in a read transaction: all its statements see one state.
    pub async fn read<T, Q>(&self, query: Q) -> Result<T, StoreError>
    where
        T: Send + 'static,
        Q: FnOnce(&Connection) -> Result<T, StoreError> + Send + 'static,
    {
        let conn = Arc::clone(&self.0);
        let run = move || {
            // A poisoned lock is a query that panicked; the connection is well,
            // since dropping its transaction ended it.
            let conn = conn.lock().unwrap_or_else(PoisonError::into_inner);
            let snapshot = conn.unchecked_transaction()?;
            query(&snapshot)
        };
        match tokio::task::spawn_blocking(run).await {
            Ok(result) => result,
            Err(lost) => Err(StoreError::Failed(format!("a read did not end: {lost}"))),
        }
    }
}
