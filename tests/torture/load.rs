//! The senders, and the ledger of what they were promised.
//!
//! They are honest: one that got no 2xx posts the same order again, as real ones
//! do, and it is in the ledger when its 2xx came. How many orders there may be is
//! said by the scenario, so that it knows exactly how many there are.

use std::net::SocketAddr;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use tokio::sync::{Semaphore, watch};
use tokio::task::JoinSet;

use crate::gateway::wait;
use crate::site::{PEDIDOS_SECRET, client, sign};

const SENDERS: usize = 8;
/// After a 503, or where nobody listens: sooner than a real sender, to be quick.
const AGAIN: Duration = Duration::from_millis(20);

/// What is posted.
#[derive(Clone, Copy)]
pub struct Orders {
    pub source: &'static str,
    /// The orders of one are in turn of this many people.
    pub people: usize,
    /// So many bytes more in each body.
    pub padding: usize,
}

/// Few people for many orders, so that most wait behind others of theirs.
pub const ORDERS: Orders = Orders { source: "pedidos", people: 12, padding: 0 };

/// One order that got its 2xx.
#[derive(Debug, Clone)]
pub struct Acknowledged {
    pub id: String,
    /// From its first post to its 2xx.
    pub waited: Duration,
}

/// Everything that got a 2xx.
pub type Ledger = Vec<Acknowledged>;

pub struct Load {
    senders: JoinSet<()>,
    shared: Arc<Shared>,
    allowed: usize,
}

struct Shared {
    orders: Orders,
    address: watch::Sender<SocketAddr>,
    /// One for each order that may be posted.
    permits: Semaphore,
    next: AtomicUsize,
    ledger: Mutex<Ledger>,
    acknowledged: watch::Sender<usize>,
    /// Answers of 503.
    put_off: watch::Sender<usize>,
}

impl Load {
    pub fn on(address: SocketAddr, orders: Orders) -> Self {
        let shared = Arc::new(Shared {
            orders,
            address: watch::Sender::new(address),
            permits: Semaphore::new(0),
            next: AtomicUsize::new(0),
            ledger: Mutex::default(),
            acknowledged: watch::Sender::new(0),
            put_off: watch::Sender::new(0),
        });
        let mut senders = JoinSet::new();
        (0..SENDERS).for_each(|_| drop(senders.spawn(send(shared.clone()))));
        Self { senders, shared, allowed: 0 }
    }

    /// The gateway is there now.
    pub fn moved(&self, to: SocketAddr) {
        self.shared.address.send_replace(to);
    }

    /// So many more orders may be posted.
    pub fn allow(&mut self, more: usize) {
        self.allowed += more;
        self.shared.permits.add_permits(more);
    }

    /// Posts so many more, until each has its 2xx.
    pub async fn post(&mut self, more: usize) {
        self.allow(more);
        self.all().await;
    }

    /// Until so many have their 2xx.
    pub async fn wait_for(&self, acknowledged: usize) {
        let mut count = self.shared.acknowledged.subscribe();
        wait(count.wait_for(|count| *count >= acknowledged)).await.expect("it lives as long as this");
    }

    /// Until so many answers were a 503.
    pub async fn wait_for_put_off(&self, times: usize) {
        let mut count = self.shared.put_off.subscribe();
        wait(count.wait_for(|count| *count >= times)).await.expect("it lives as long as this");
    }

    /// Until each that was allowed has its 2xx.
    pub async fn all(&self) {
        self.wait_for(self.allowed).await;
    }

    pub fn acknowledged(&self) -> usize {
        *self.shared.acknowledged.borrow()
    }

    pub fn put_off(&self) -> usize {
        *self.shared.put_off.borrow()
    }

    /// Allowed and without a 2xx as yet.
    pub fn ahead(&self) -> usize {
        self.allowed - self.acknowledged()
    }

    /// No more are posted; what was begun is posted until it has its 2xx.
    pub async fn finish(mut self) -> Ledger {
        self.shared.permits.close();
        while let Some(sender) = wait(self.senders.join_next()).await {
            sender.expect("a good order was refused");
        }
        std::mem::take(&mut *self.shared.ledger.lock().expect("no sender panicked"))
    }
}

async fn send(shared: Arc<Shared>) {
    let (client, mut address) = (client(), shared.address.subscribe());
    while let Ok(permit) = shared.permits.acquire().await {
        permit.forget();
        let (id, body) = next(&shared);
        let proof = sign(PEDIDOS_SECRET, &body);
        let began = Instant::now();
        loop {
            let to = *address.borrow_and_update();
            let post = client
                .post(format!("http://{to}/hooks/{}", shared.orders.source))
                .header("content-type", "application/json")
                .header("x-sign", &proof)
                .body(body.clone());
            match post.send().await {
                Ok(answer) if answer.status().is_success() => break,
                Ok(answer) if answer.status() == 503 => {
                    shared.put_off.send_modify(|times| *times += 1);
                    tokio::time::sleep(AGAIN).await;
                }
                Ok(answer) => panic!("{} for a good order", answer.status()),
                // It went away under this request: once more, to its successor.
                Err(_) => drop(tokio::time::timeout(AGAIN, address.changed()).await),
            }
        }
        let acknowledged = Acknowledged { id, waited: began.elapsed() };
        shared.ledger.lock().expect("no sender panicked").push(acknowledged);
        shared.acknowledged.send_modify(|count| *count += 1);
    }
}

/// The id and the body of the next order.
fn next(shared: &Shared) -> (String, String) {
    let number = shared.next.fetch_add(1, Ordering::SeqCst);
    let Orders { source, people, padding } = shared.orders;
    let (id, contact) = (format!("{source}-{number}"), format!("pessoa-{}", number % people));
    let body = serde_json::json!({
        "id": id, "contato": contact, "texto": id, "resto": "x".repeat(padding),
    });
    let body = body.to_string();
    (id, body)
}
