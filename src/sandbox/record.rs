//! What the sandbox got, in order. Bounded: a soak test must not fill the
//! memory of the machine that it is judged on.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use serde::{Serialize, Serializer};
use serde_json::Value;
use tokio::sync::watch;

use super::rules::Problem;
use crate::event::Timestamp;

/// One request, whatever became of it. It can be printed: the token is not in it.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Recorded {
    /// Counts from 1 for as long as the sandbox runs.
    pub number: u64,
    #[serde(serialize_with = "as_text")]
    pub received_at: Timestamp,
    pub method: String,
    pub path: String,
    /// The decoded tenant of the path, if it was a path of Talqui's.
    pub tenant_id: Option<String>,
    /// The scheme word and the beginning of the token's SHA-256, by which two
    /// credentials can be told apart.
    pub authorization: Option<String>,
    /// As text where it was not JSON; null where it was too large or broke off.
    pub body: Value,
    /// Nothing if the request is as documented.
    pub problems: Vec<Problem>,
    pub answered: Answered,
    /// Nothing if no message went out.
    pub delivered: Option<Delivered>,
}

/// What the sandbox answered, whether or not anybody was still there to read it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Answered {
    Status(u16),
    Reset,
}

/// A message that went out to a person.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Delivered {
    /// The same for the same tenant, channel and `contactExternalID`.
    pub contact_id: String,
    /// Another one for every message.
    pub session_id: String,
    pub message_id: String,
    /// What the person reads.
    pub text: String,
}

fn as_text<S: Serializer>(time: &Timestamp, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_str(time)
}

fn each<S: Serializer>(requests: &[Arc<Recorded>], serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_seq(requests.iter().map(Arc::as_ref))
}

const MOST_REQUESTS: usize = 100_000;
const MOST_BYTES: usize = 64 * 1024 * 1024;

#[derive(Debug)]
pub(super) struct Ledger {
    inner: Mutex<Inner>,
    /// How many have been recorded since the start or the last `clear`.
    count: watch::Sender<u64>,
    most_requests: usize,
    most_bytes: usize,
}

#[derive(Debug, Default)]
struct Inner {
    /// Each with the bytes of its body as received.
    recorded: VecDeque<(Arc<Recorded>, usize)>,
    bytes: usize,
    last_number: u64,
    forgotten: u64,
}

/// A stretch of the ledger.
#[derive(Debug, Serialize)]
pub(super) struct Page {
    /// How many came since the start or the last `clear`.
    pub(super) recorded: u64,
    /// How many of them, the oldest, were let go of.
    pub(super) forgotten: u64,
    #[serde(serialize_with = "each")]
    pub(super) requests: Vec<Arc<Recorded>>,
}

impl Default for Ledger {
    fn default() -> Self {
        Self::with_limits(MOST_REQUESTS, MOST_BYTES)
    }
}

impl Ledger {
    fn with_limits(most_requests: usize, most_bytes: usize) -> Self {
        Self { inner: Mutex::default(), count: watch::Sender::new(0), most_requests, most_bytes }
    }

    /// Adds what `make` makes of the next number.
    pub(super) fn record(&self, body_bytes: usize, make: impl FnOnce(u64) -> Recorded) -> Arc<Recorded> {
        let mut inner = self.lock();
        inner.last_number += 1;
        let recorded = Arc::new(make(inner.last_number));
        inner.recorded.push_back((recorded.clone(), body_bytes));
        inner.bytes += body_bytes;
        while inner.recorded.len() > self.most_requests || inner.bytes > self.most_bytes {
            let Some((_, bytes)) = inner.recorded.pop_front() else { break };
            inner.bytes -= bytes;
            inner.forgotten += 1;
        }
        self.count.send_modify(|count| *count += 1);
        recorded
    }

    pub(super) fn clear(&self) {
        let mut inner = self.lock();
        *inner = Inner { last_number: inner.last_number, ..Inner::default() };
        self.count.send_replace(0);
    }

    /// Those with a number above `after`, at most `limit`.
    pub(super) fn page(&self, after: u64, limit: usize) -> Page {
        let inner = self.lock();
        let requests = inner.recorded.iter().map(|(recorded, _)| recorded);
        Page {
            recorded: inner.recorded.len() as u64 + inner.forgotten,
            forgotten: inner.forgotten,
            requests: requests.filter(|recorded| recorded.number > after).take(limit).cloned().collect(),
        }
    }

    /// Returns when `count` have been recorded since the start or the last `clear`.
    pub(super) async fn wait_for(&self, count: u64) {
        // The sender lives as long as `self`, so this cannot fail.
        let _ = self.count.subscribe().wait_for(|have| *have >= count).await;
    }

    fn lock(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn record(ledger: &Ledger, body_bytes: usize) {
        ledger.record(body_bytes, |number| Recorded {
            number,
            received_at: Timestamp::from_secs(1_772_452_800),
            method: "POST".into(),
            path: "/".into(),
            tenant_id: None,
            authorization: None,
            body: Value::Null,
            problems: Vec::new(),
            answered: Answered::Reset,
            delivered: None,
        });
    }

    #[track_caller]
    fn check(ledger: &Ledger, numbers: &[u64], forgotten: u64) {
        let page = ledger.page(0, usize::MAX);
        assert_eq!(page.requests.iter().map(|r| r.number).collect::<Vec<_>>(), numbers);
        assert_eq!((page.recorded, page.forgotten), (numbers.len() as u64 + forgotten, forgotten));
    }

    #[test]
    fn the_oldest_go_first() {
        let ledger = Ledger::with_limits(3, 100);
        (0..5).for_each(|_| record(&ledger, 10));
        check(&ledger, &[3, 4, 5], 2);
        record(&ledger, 85);
        check(&ledger, &[5, 6], 4);
        record(&ledger, 101);
        check(&ledger, &[], 7);
        ledger.clear();
        record(&ledger, 1);
        check(&ledger, &[8], 0);
    }

    #[test]
    fn a_page_goes_on_where_the_last_one_ended() {
        let ledger = Ledger::default();
        (0..5).for_each(|_| record(&ledger, 1));
        let numbers = |after| ledger.page(after, 2).requests.iter().map(|r| r.number).collect::<Vec<_>>();
        assert_eq!(
            [numbers(0), numbers(2), numbers(4), numbers(5)],
            [vec![1, 2], vec![3, 4], vec![5], vec![]]
        );
    }

    #[tokio::test]
    async fn waiting_ends_with_the_request_waited_for() {
        let ledger = Arc::new(Ledger::default());
        let waiting = tokio::spawn({
            let ledger = ledger.clone();
            async move { ledger.wait_for(2).await }
        });
        record(&ledger, 1);
        record(&ledger, 1);
        waiting.await.unwrap();
    }
}
