//! Wiring: files are read, secrets resolved, the store opened, the edges and the
//! worker started and stopped in order. The only room that reads the
//! environment and the clock.
//!
//! [`App::start`] gives a value that a test can build on port 0.

pub mod changes;
pub mod load;
mod reload;
mod secrets;
mod signals;
pub mod telemetry;
mod upkeep;

use std::collections::BTreeMap;
use std::net::{SocketAddr, TcpListener};
use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use actix_web::dev::ServerHandle;
use tokio::sync::watch;
use tokio::task::JoinHandle;

use crate::alert::{Alerts, Receiver};
use crate::config::Config;
use crate::console::Console;
use crate::event::{Secret, SourceName, Timestamp};
use crate::health::Health;
use crate::ingest::{Ingest, Intake};
use crate::keyring::{ClientError, Keyring};
use crate::mapping::Connections;
use crate::observe::Observer;
use crate::provider::Catalogue;
use crate::public::Public;
use crate::source::{OpenSources, Sources};
use crate::store::{Ages, OpenError, Store, StoreError};
use crate::talqui::{Talqui, TalquiError, Timeouts};
use crate::verify::FetchedKeys;
use crate::worker::{Clock, Connection, Worker};

pub use reload::{Files, Reload, Reloaded};
pub use secrets::{Secrets, of_this_machine};
pub use signals::until_told_to_stop;

/// Everything read and resolved; nothing opened yet.
pub struct Setup {
    pub config: Config,
    pub catalogue: Catalogue,
    pub connections: BTreeMap<String, Connection>,
    pub sources: Sources,
    /// Who is told what needs a person, if anybody.
    pub alerts: Option<Receiver>,
    /// None: it is not set, and the admin API is closed.
    pub admin_token: Option<Secret>,
    /// For the mappings that are added while it runs.
    pub secrets: Secrets,
    /// What the sources were opened with, empty until something is fetched.
    pub fetched: FetchedKeys,
}

/// Why the gateway does not start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    #[error("cannot listen on {address} (`listen.{name}`): {}", in_words(why))]
    Listen { name: &'static str, address: SocketAddr, why: std::io::Error },
    #[error("{0}")]
    Store(#[from] OpenError),
    #[error("the store was opened and cannot be used: {0}")]
    Recover(#[from] StoreError),
    #[error("`talqui.base_url`: {0}")]
    Talqui(#[from] TalquiError),
    #[error("{0}")]
    Keyring(#[from] ClientError),
    #[error("the web server cannot start: {0}")]
    Serve(std::io::Error),
}

/// A request that was sent gets its answer or its time limit, which is no longer
/// than this: an orderly stop makes no outcome unknown.
const STOP_WITHIN: Duration = Duration::from_secs(302);

/// A gateway that runs.
pub struct App {
    pub public: SocketAddr,
    pub admin: SocketAddr,
    /// False: it is closed, since its token is not set.
    pub admin_api: bool,
    pub store: Store,
    pub sources: OpenSources,
    pub observer: Observer,
    servers: Vec<(ServerHandle, JoinHandle<std::io::Result<()>>)>,
    worker: JoinHandle<()>,
    stop_worker: watch::Sender<bool>,
    /// What only looks, and can be ended at any time.
    lookers: Vec<JoinHandle<()>>,
    _reload: Option<Reload>,
}

/// The clock of this machine.
pub fn system_clock() -> Clock {
    Arc::new(|| {
        let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        Timestamp::from_millis(since.as_millis() as i64)
    })
}

impl App {
    /// Starts everything. Ports are taken first, so that a taken one is told
    /// before anything is opened; whoever connects meanwhile waits and is served.
    pub async fn start(setup: Setup, clock: Clock) -> Result<Self, StartError> {
        let Setup { config, catalogue, connections, sources, alerts, admin_token, secrets, fetched } = setup;
        let public_listener = bind("public", config.public)?;
        let admin_listener = bind("admin", config.admin)?;
        let (public, admin) = (local(&public_listener)?, local(&admin_listener)?);

        let observer = Observer::default();
        let store = open_store(&config, &observer)?;
        let sources = OpenSources::new(sources);
        for (source, secret) in store.captured_secrets().await? {
            sources.capture(&source, secret);
        }
        let names: Connections =
            connections.iter().map(|(n, c)| (n.clone(), c.destination.clone())).collect();
        observer.know(sources.all().keys().map(SourceName::as_str), names.keys().map(String::as_str));

        let timeouts = Timeouts { connect: config.talqui.connect, total: config.talqui.timeout };
        let talqui = Talqui::new(&config.talqui.base_url, timeouts)?;
        let worker = Worker::new(store.clone(), sources.clone(), talqui, connections, clock.clone());
        let worker = worker.observed_by(observer.clone());
        worker.recover().await?;

        let keyring = Keyring::new(fetched.clone())?;
        tokio::spawn(upkeep::fetch_keys(keyring.clone(), sources.all(), clock()));
        let kept = config.retention;
        let ages = Ages { bodies: kept.bodies, records: kept.records, keys: kept.keys };
        let intake = Intake::new(&config.limits, observer.clone());
        intake.look(&store, clock()).await;
        let mut lookers = vec![
            tokio::spawn(upkeep::look_once_a_second(intake.clone(), store.clone(), clock.clone())),
            tokio::spawn(upkeep::forget_what_is_old(store.clone(), ages, clock.clone())),
        ];
        if let Some(receiver) = alerts {
            let gateway = config.public_url.clone().unwrap_or_else(|| public.to_string());
            let alerts = Alerts::new(store.clone(), observer.clone(), receiver, gateway, clock.clone());
            lookers.push(tokio::spawn(alerts.run()));
        }
        let health = Health::new(store.clone()).observed_by(observer.clone());
        let ingest =
            Ingest::new(store.clone(), sources.clone(), keyring, config.limits.unverified_per_minute);
        let edge = Public {
            ingest: ingest.observed_by(observer.clone()).through(intake),
            health: health.clone(),
            observer: observer.clone(),
            limits: config.limits,
            clock: clock.clone(),
        };
        let admin_api = admin_token.is_some();
        let console = Console {
            store: store.clone(),
            worker: worker.clone(),
            sources: sources.clone(),
            observer: observer.clone(),
            connections: names.keys().cloned().collect(),
            health,
            ages,
            token: admin_token,
            token_from: config.admin_token.reference.to_string(),
            started_at: clock(),
            clock,
        };
        let servers = [edge.serve(public_listener), console.serve(admin_listener)]
            .into_iter()
            .map(|server| {
                server.map(|server| (server.handle(), tokio::spawn(server))).map_err(StartError::Serve)
            })
            .collect::<Result<_, _>>()?;
        let (stop_worker, stopped) = watch::channel(false);
        let worker = tokio::spawn(worker.run(stopped, STOP_WITHIN));
        let files = Files {
            folder: config.mappings.clone(),
            catalogue,
            connections: names,
            secrets,
            public_url: config.public_url.clone(),
            fetched,
        };
        let reload = Reload::watch(files, sources.clone(), observer.clone());
        Ok(Self {
            public,
            admin,
            admin_api,
            store,
            sources,
            observer,
            servers,
            worker,
            stop_worker,
            lookers,
            _reload: reload,
        })
    }

    /// Resolves if the worker ends although nobody stopped it, which only a
    /// defect can do: webhooks would be taken in and nothing sent.
    pub async fn worker_is_gone(&mut self) {
        // How it ended changes nothing.
        let _ = (&mut self.worker).await;
    }

    /// Stops in order: no new sends and no new webhooks, then the store, when what
    /// was on its way has its answer.
    pub async fn stop(self) {
        let _ = self.stop_worker.send(true);
        for (handle, _) in &self.servers {
            handle.stop(true).await;
        }
        self.lookers.iter().for_each(JoinHandle::abort);
        if self.worker.await.is_err() {
            tracing::error!("the worker had stopped by a defect");
        }
        self.store.close().await;
    }
}

/// Every commit of it is counted.
fn open_store(config: &Config, observer: &Observer) -> Result<Store, StartError> {
    let store = Store::open(&config.store)?;
    let observer = observer.clone();
    store.on_commit(move |took, jobs| observer.committed(took, jobs));
    Ok(store)
}

fn in_words(why: &std::io::Error) -> String {
    match why.kind() {
        std::io::ErrorKind::AddrInUse => {
            "another program listens there; stop it, or write another port".to_owned()
        }
        _ => why.to_string(),
    }
}

fn bind(name: &'static str, address: SocketAddr) -> Result<TcpListener, StartError> {
    let listen = |why| StartError::Listen { name, address, why };
    let listener = TcpListener::bind(address).map_err(listen)?;
    listener.set_nonblocking(true).map_err(listen)?;
    Ok(listener)
}

fn local(listener: &TcpListener) -> Result<SocketAddr, StartError> {
    listener.local_addr().map_err(StartError::Serve)
}

/// `http://127.0.0.1:8080/hooks/loja`, as somebody on this machine would call it.
pub fn address_of(listening: SocketAddr, source: &SourceName) -> String {
    let host =
        if listening.ip().is_unspecified() { "127.0.0.1".to_owned() } else { listening.ip().to_string() };
    format!("http://{host}:{}/hooks/{source}", listening.port())
}
