//! Starting, asking and stopping a sandbox from within the process.

use std::fmt;
use std::io;
use std::net::{SocketAddr, TcpListener};
use std::sync::Arc;
use std::time::Duration;

use actix_web::dev::ServerHandle;
use actix_web::{App, HttpServer, web};
use tokio::task::JoinHandle;

use super::fault::{Faults, InjectedFault};
use super::record::{Ledger, Recorded};
use super::respond::SuccessBody;
use super::{control, receive, socket};
use crate::event::Timestamp;

/// Where a sandbox takes the time from.
pub type Clock = Arc<dyn Fn() -> Timestamp + Send + Sync>;

/// How long an idle connection is kept: longer than clients keep theirs, so that
/// none is closed under a request that is just being written. actix's own 5 s
/// would make faults that nobody asked for.
const KEEP_ALIVE: Duration = Duration::from_secs(75);

/// What a sandbox is to be.
#[derive(Clone)]
pub struct SandboxConfig {
    /// Port 0 takes any free one.
    pub listen: SocketAddr,
    /// 200 to 299. Talqui's own is not documented.
    pub success_status: u16,
    pub success_body: SuccessBody,
    /// How it misbehaves from the start.
    pub faults: Vec<InjectedFault>,
    pub now: Clock,
}

impl SandboxConfig {
    /// Answers 201 with contact, session and message, and does not misbehave.
    pub fn new(listen: SocketAddr, now: Clock) -> Self {
        let success_body = SuccessBody::default();
        Self { listen, success_status: 201, success_body, faults: Vec::new(), now }
    }
}

/// What the handlers share.
pub(super) struct State {
    pub(super) ledger: Ledger,
    pub(super) faults: Faults,
    pub(super) success_status: u16,
    pub(super) success_body: SuccessBody,
    now: Clock,
}

impl State {
    pub(super) fn now(&self) -> Timestamp {
        (self.now)()
    }
}

/// A running sandbox. Dropping it stops it.
pub struct Sandbox {
    address: SocketAddr,
    state: web::Data<State>,
    handle: ServerHandle,
    server: JoinHandle<io::Result<()>>,
}

impl Sandbox {
    /// Binds and serves, on a thread of its own. Must be called within a Tokio
    /// runtime. Signals are left to the caller.
    pub fn start(config: SandboxConfig) -> io::Result<Self> {
        if !(200..=299).contains(&config.success_status) {
            let wrong =
                format!("the sandbox's success status is {}, and must be 200 to 299", config.success_status);
            return Err(io::Error::new(io::ErrorKind::InvalidInput, wrong));
        }
        let listener = TcpListener::bind(config.listen)?;
        let address = listener.local_addr()?;
        let state = web::Data::new(State {
            ledger: Ledger::default(),
            faults: Faults::default(),
            success_status: config.success_status,
            success_body: config.success_body,
            now: config.now,
        });
        state.faults.set(config.faults);
        let shared = state.clone();
        let server = HttpServer::new(move || {
            App::new()
                .app_data(shared.clone())
                .configure(control::routes)
                .route("/tenants/{tenant_id}/sessions", web::to(receive::receive))
                .default_service(web::to(receive::receive))
        })
        .workers(1)
        .disable_signals()
        .keep_alive(KEEP_ALIVE)
        .on_connect(socket::remember)
        .listen(listener)?
        .run();
        Ok(Self { address, state, handle: server.handle(), server: tokio::spawn(server) })
    }

    /// The base URL to give to a gateway.
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// What it got and still remembers, in order.
    pub fn requests(&self) -> Vec<Arc<Recorded>> {
        self.state.ledger.page(0, usize::MAX).requests
    }

    /// Returns, with all of them, when at least `count` requests have been
    /// recorded since the start or the last `clear`.
    pub async fn wait_for(&self, count: u64) -> Vec<Arc<Recorded>> {
        self.state.ledger.wait_for(count).await;
        self.requests()
    }

    /// Forgets what it got. Numbers go on.
    pub fn clear(&self) {
        self.state.ledger.clear();
    }

    /// This fault and no other from now on.
    pub fn set_fault(&self, fault: InjectedFault) {
        self.set_faults(vec![fault]);
    }

    /// These faults in turn, and no others, from now on; none ends the trouble.
    pub fn set_faults(&self, faults: Vec<InjectedFault>) {
        self.state.faults.set(faults);
    }

    /// Stops at once: requests that are being delayed end without an answer.
    /// Returns what it got, to the last.
    pub async fn stop(mut self) -> io::Result<Vec<Arc<Recorded>>> {
        self.handle.stop(false).await;
        (&mut self.server).await.unwrap_or_else(|error| Err(io::Error::other(error)))?;
        Ok(self.requests())
    }
}

impl Drop for Sandbox {
    fn drop(&mut self) {
        // The command is sent by the call; awaiting it would only tell when it is done.
        drop(self.handle.stop(false));
    }
}

impl fmt::Debug for Sandbox {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Sandbox").field("address", &self.address).finish_non_exhaustive()
    }
}
