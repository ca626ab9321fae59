//! A gateway without edges, whose worker goes round when it is told to, and what
//! it logs: for what becomes of an event. A test moves the clock and steps the
//! worker, so that a day passes in no time.

use std::io;
use std::sync::{Arc, Mutex, OnceLock};
use std::time::Duration;

use gancho::event::{EventId, RawWebhook};
use gancho::ingest::{Accepted, Admitted, Ingest, Received};
use gancho::keyring::Keyring;
use gancho::observe::Observer;
use gancho::source::OpenSources;
use gancho::store::{DeliveryView, EventView, Store};
use gancho::talqui::{Talqui, Timeouts};
use gancho::worker::{Step, Worker};
use tracing::Dispatch;
use tracing::subscriber::NoSubscriber;

use super::{HMAC, Setting, draft, mapping, sign};

/// Everything between the edges.
pub struct Bench {
    pub setting: Setting,
    pub store: Store,
    pub sources: OpenSources,
    pub ingest: Ingest,
    pub worker: Worker,
    pub observer: Observer,
}

impl Bench {
    /// With one source, `loja`, as [`mapping`] has it.
    pub async fn new() -> Self {
        Self::open(Setting::new(&[("loja", &mapping(HMAC))]), Duration::from_secs(30)).await
    }

    pub async fn open(setting: Setting, talqui_timeout: Duration) -> Self {
        let setup = setting.load();
        let timeouts = Timeouts { connect: talqui_timeout, total: talqui_timeout };
        let talqui = Talqui::new(&setup.config.talqui.base_url, timeouts).unwrap();
        let store = Store::open(&setup.config.store).unwrap();
        let sources = OpenSources::new(setup.sources);
        let ingest = Ingest::new(store.clone(), sources.clone(), Keyring::new(setup.fetched).unwrap(), 1_000);
        let worker =
            Worker::new(store.clone(), sources.clone(), talqui, setup.connections, setting.time.clock());
        let observer = Observer::default();
        let (ingest, worker) = (ingest.observed_by(observer.clone()), worker.observed_by(observer.clone()));
        worker.recover().await.unwrap();
        Self { setting, store, sources, ingest, worker, observer }
    }

    /// Stopped, and started again over the same files.
    pub async fn restart(self) -> Self {
        self.store.close().await;
        Self::open(self.setting, Duration::from_secs(30)).await
    }

    /// Signs `body` as the sender of `loja` does, and takes it in.
    pub async fn receive(&self, body: impl ToString) -> EventId {
        let now = self.setting.time.now();
        let raw = sign(&self.sources, draft("loja", body.to_string()), now);
        let received = self.ingest.receive(self.admit(&raw), raw, now).await.unwrap();
        let Received::Accepted(Accepted { events, .. }) = received else { panic!("an event: {received:?}") };
        events[0]
    }

    pub fn admit(&self, raw: &RawWebhook) -> Admitted {
        self.ingest.admit(raw.source.as_str(), &raw.method, raw.path_secret.is_some(), &raw.headers).unwrap()
    }

    pub async fn step(&self) -> Step {
        self.worker.step().await.unwrap()
    }

    pub async fn event(&self, id: EventId) -> EventView {
        self.store.event(id).await.unwrap().expect("the event is there")
    }

    /// The only delivery of an event.
    pub async fn delivery(&self, id: EventId) -> DeliveryView {
        let mut view = self.event(id).await;
        assert_eq!(view.deliveries.len(), 1, "{view:?}");
        view.deliveries.remove(0)
    }
}

/// What this thread logs, for as long as it is held. A stepped worker runs on
/// the thread of its test.
pub struct Log {
    text: Arc<Mutex<Vec<u8>>>,
    _here: tracing::subscriber::DefaultGuard,
}

impl Log {
    pub fn start() -> Self {
        // While there is only one subscriber, tracing asks whether a line is
        // wanted on the thread that comes by first, and believes it for all.
        static ANOTHER: OnceLock<Dispatch> = OnceLock::new();
        ANOTHER.get_or_init(|| Dispatch::new(NoSubscriber::new()));
        let text = Arc::new(Mutex::new(Vec::new()));
        let line = LogLine(text.clone());
        let subscriber = tracing_subscriber::fmt()
            .with_ansi(false)
            .with_max_level(tracing::Level::TRACE)
            .with_writer(move || line.clone())
            .finish();
        Self { text, _here: tracing::subscriber::set_default(subscriber) }
    }

    pub fn text(&self) -> String {
        String::from_utf8(self.text.lock().unwrap().clone()).unwrap()
    }
}

#[derive(Clone)]
struct LogLine(Arc<Mutex<Vec<u8>>>);

impl io::Write for LogLine {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
