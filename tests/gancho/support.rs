//! What the tests stand on: a folder with the operator's files, a stand-in
//! Talqui and a clock that only the test moves. From these, a [`Gateway`] is the
//! whole thing on free ports, for what is seen from outside; a [`Bench`] is the
//! same rooms without edges and with a worker that is stepped, for what becomes
//! of an event. Nothing here sleeps: a test waits for a condition.

use std::path::PathBuf;
use std::sync::{Arc, Mutex};
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::{Duration, Instant};

use gancho::app::{App, Secrets, Setup, load};
use gancho::delivery::DeliveryState;
use gancho::diagnostic::{Palette, Problems, render};
use gancho::event::{EventId, Headers, RawWebhook, Secret, SecretRef, Timestamp};
use gancho::ingest::{Accepted, Ingest};
use gancho::sandbox::{InjectedFault, Sandbox, SandboxConfig};
use gancho::source::OpenSources;
use gancho::store::{DeliveryView, EventView, Store};
use gancho::talqui::{Talqui, Timeouts};
use gancho::verify::Draft;
use gancho::worker::{Clock, Step, Worker};
use serde_json::{Value, json};
use tempfile::TempDir;

/// 2026-03-02T12:00:00Z, until a test moves it.
pub const NOW: Timestamp = Timestamp::from_secs(1_772_452_800);

/// Every secret that a test file can name. Each is odd enough that finding it
/// somewhere can be no accident.
pub const SECRETS: [(&str, &str); 6] = [
    ("LOJA", "segredo-da-loja-b1946ac9"),
    ("ANTIGO", "segredo-antigo-591785b7"),
    ("HOTTOK", "token-do-remetente-e29311f6"),
    ("LOGIN", "usuario:senha-5e884898"),
    ("ENDERECO", "endereco-secreto-9f86d081"),
    ("TALQUI", "token-da-talqui-6b86b273"),
];

pub fn secret(name: &str) -> Secret {
    let found = SECRETS.iter().find(|(known, _)| *known == name);
    Secret::new(found.unwrap_or_else(|| panic!("no secret {name}")).1)
}

/// An HMAC-SHA256 over the body.
pub const HMAC: &str = "verify: { scheme: hmac, signature: { from: 'header:X-Sig', encoding: hex } }
secrets: [env:LOJA]
";

/// A mapping that begins with `head`: how its sender is verified. What the
/// message is and which way it goes is said by the event: see [`hello`].
pub fn mapping(head: &str) -> String {
    let message = |via: &str, more: &str| {
        format!(
            "  - name: {via}\n    when: via == \"{via}\"\n    connection: {via}\n{more}    \
             session: {{ contactExternalID: \"{{{{ contato }}}}\", messageValue: \"{{{{ texto }}}}\" }}\n"
        )
    };
    format!(
        "{head}event: {{ id: $.id, type: $.type }}\n\
         values:\n  via: $.via\n  contato: $.contato\n  texto: $.texto\n  pedido: {{ from: $.pedido, default: nenhum }}\n\
         messages:\n{}{}{}",
        message("loja", ""),
        message("vendas", "    once_per: [pedido]\n"),
        message("repete", ""),
    )
}

/// An event that [`mapping`] sends to `contact` through the connection `via`:
/// `loja`; `vendas`, once per `pedido`; or `repete`, where unknown is resent.
pub fn hello(via: &str, contact: &str, text: &str) -> Value {
    json!({ "via": via, "contato": contact, "texto": text })
}

fn config(talqui: &str) -> String {
    let connection = |name: &str, n: u8, more: &str| {
        format!(
            "  {name}: {{ tenant_id: 7d1f0c52-0000-4000-8000-000000000001, \
             plugin_connection_id: 5b2e9a40-0000-4000-8000-00000000000{n}, \
             channel: 'urn:talqui:telegram:0', token: 'env:TALQUI'{more} }}\n"
        )
    };
    format!(
        "listen: {{ public: 127.0.0.1:0, admin: 127.0.0.1:0 }}\nstore: sqlite:gancho.db\n\
         talqui: {{ base_url: \"{talqui}\", timeout_secs: 30 }}\nconnections:\n{}{}{}",
        connection("loja", 1, ""),
        connection("vendas", 2, ""),
        connection("repete", 3, ", on_unknown: resend"),
    )
}

/// A clock that stands still.
#[derive(Clone)]
pub struct Hands(Arc<AtomicI64>);

impl Hands {
    pub fn now(&self) -> Timestamp {
        Timestamp::from_millis(self.0.load(Ordering::SeqCst))
    }

    pub fn pass(&self, time: Duration) {
        self.0.fetch_add(time.as_millis() as i64, Ordering::SeqCst);
    }

    pub fn clock(&self) -> Clock {
        let hands = self.clone();
        Arc::new(move || hands.now())
    }
}

/// The operator's files and the world around them.
pub struct Setting {
    pub sandbox: Sandbox,
    pub time: Hands,
    folder: TempDir,
}

impl Setting {
    /// With these mappings, by the name of their source.
    pub fn new(mappings: &[(&str, &str)]) -> Self {
        let time = Hands(Arc::new(AtomicI64::new(NOW.as_millis())));
        let sandbox = Sandbox::start(SandboxConfig::new(([127, 0, 0, 1], 0).into(), time.clock())).unwrap();
        let folder = tempfile::tempdir().unwrap();
        std::fs::create_dir(folder.path().join("mappings")).unwrap();
        let setting = Self { sandbox, time, folder };
        std::fs::write(setting.config_file(), config(&setting.sandbox.url())).unwrap();
        mappings.iter().for_each(|(source, text)| setting.write(source, text));
        setting
    }

    pub fn write(&self, source: &str, mapping: &str) {
        std::fs::write(self.mapping_file(source), mapping).unwrap();
    }

    pub fn mapping_file(&self, source: &str) -> PathBuf {
        self.folder.path().join(format!("mappings/{source}.yaml"))
    }

    pub fn config_file(&self) -> PathBuf {
        self.folder.path().join("gancho.yaml")
    }

    /// What `serve` makes of the files.
    pub fn load(&self) -> Setup {
        let mut problems = Problems::default();
        let setup = load::setup(&self.config_file(), &secrets(), &mut problems);
        setup.unwrap_or_else(|| panic!("\n{}", render(&problems.sorted(), Palette::Plain)))
    }

    /// How Talqui misbehaves from now on: the sandbox's own words, or nothing.
    pub fn trouble(&self, fault: &str) {
        let faults = (!fault.is_empty()).then(|| fault.parse::<InjectedFault>().unwrap());
        self.sandbox.set_faults(faults.into_iter().collect());
    }

    /// The texts that Talqui got, in order, whatever it answered.
    pub fn texts(&self) -> Vec<String> {
        let text = |body: &Value| body["messageValue"].as_str().unwrap_or_default().to_owned();
        self.sandbox.requests().iter().map(|request| text(&request.body)).collect()
    }

    /// The store's file, by a connection that the gateway knows nothing of.
    pub fn look(&self) -> rusqlite::Connection {
        look(&self.store_file())
    }

    pub fn store_file(&self) -> PathBuf {
        self.folder.path().join("gancho.db")
    }
}

pub fn look(store: &std::path::Path) -> rusqlite::Connection {
    rusqlite::Connection::open_with_flags(store, rusqlite::OpenFlags::SQLITE_OPEN_READ_ONLY).unwrap()
}

pub fn secrets() -> Secrets {
    Arc::new(|reference| match reference {
        SecretRef::Env(name) => Ok(secret(name)),
        SecretRef::File(path) => Err(format!("no test has a file {}", path.display())),
    })
}

/// An unsigned `POST /hooks/{source}`.
pub fn draft(source: &str, body: impl Into<Vec<u8>>) -> Draft {
    RawWebhook {
        source: source.parse().unwrap(),
        method: "POST".to_owned(),
        path: format!("/hooks/{source}"),
        query: String::new(),
        headers: [("content-type", "application/json")].into_iter().collect(),
        body: body.into().into(),
        path_secret: None,
        received_at: NOW,
    }
}

/// `draft` as its sender signs it, with the first secret of its source.
pub fn sign(sources: &OpenSources, draft: Draft, now: Timestamp) -> RawWebhook {
    let source = sources.get(draft.source.as_str()).expect("the source is open");
    let SecretRef::Env(name) = &source.mapping.secrets[0].0 else { panic!("a secret of the environment") };
    source.mapping.verify.sign(draft, &secret(name), now).unwrap()
}

/// A whole gateway, and a sender.
pub struct Gateway {
    pub app: App,
    pub setting: Setting,
    client: reqwest::Client,
}

/// What a sender was told.
pub struct Answer {
    pub status: u16,
    pub headers: Headers,
    pub body: String,
}

impl Gateway {
    pub async fn start(mappings: &[(&str, &str)]) -> Self {
        Self::start_with(mappings, |_| {}).await
    }

    /// With a change to what the files say.
    pub async fn start_with(mappings: &[(&str, &str)], change: impl FnOnce(&mut Setup)) -> Self {
        let setting = Setting::new(mappings);
        let mut setup = setting.load();
        change(&mut setup);
        let app = App::start(setup, setting.time.clock()).await.unwrap();
        let client = reqwest::Client::builder().no_proxy().build().unwrap();
        Self { app, setting, client }
    }

    pub fn signed(&self, source: &str, body: impl Into<Vec<u8>>) -> RawWebhook {
        sign(&self.app.sources, draft(source, body), self.setting.time.now())
    }

    pub async fn post(&self, raw: RawWebhook) -> Answer {
        let mut path = raw.path.clone();
        path.extend(raw.path_secret.iter().map(|secret| format!("/{secret}")));
        if !raw.query.is_empty() {
            path = format!("{path}?{}", raw.query);
        }
        let request = self.client.post(format!("http://{}{path}", self.app.public)).body(raw.body.clone());
        let request = raw.headers.iter().fold(request, |request, (name, value)| request.header(name, value));
        answer(request).await
    }

    /// Signs and posts an event.
    pub async fn tell(&self, source: &str, event: &Value) -> Answer {
        self.post(self.signed(source, event.to_string())).await
    }

    pub async fn request(&self, method: &str, path: &str) -> Answer {
        let url = format!("http://{}{path}", self.app.public);
        answer(self.client.request(method.parse().unwrap(), url)).await
    }

    pub async fn get(&self, listener: std::net::SocketAddr, path: &str) -> Answer {
        answer(self.client.get(format!("http://{listener}{path}"))).await
    }

    /// The oldest event, once a mapping has decided and nothing is under way.
    pub async fn first_event_at_rest(&self) -> EventView {
        wait_for("the first event to come to rest", async || {
            let id = self.app.store.events_after(0, 1).await.unwrap().first()?.id;
            let view = self.app.store.event(id).await.unwrap()?;
            let moving = |d: &DeliveryView| matches!(d.state, DeliveryState::Pending | DeliveryState::InFlight);
            (view.event.planned_at.is_some() && !view.deliveries.iter().any(moving)).then_some(view)
        })
        .await
    }
}

async fn answer(request: reqwest::RequestBuilder) -> Answer {
    let response = request.send().await.unwrap();
    let text = |value: &reqwest::header::HeaderValue| value.to_str().unwrap().to_owned();
    Answer {
        status: response.status().as_u16(),
        headers: response.headers().iter().map(|(name, value)| (name.as_str(), text(value))).collect(),
        body: response.text().await.unwrap(),
    }
}

/// A gateway without edges, whose worker goes round when it is told to.
pub struct Bench {
    pub setting: Setting,
    pub store: Store,
    pub sources: OpenSources,
    pub ingest: Ingest,
    pub worker: Worker,
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
        let ingest = Ingest::new(store.clone(), sources.clone());
        let worker =
            Worker::new(store.clone(), sources.clone(), talqui, setup.connections, setting.time.clock());
        worker.recover().await.unwrap();
        Self { setting, store, sources, ingest, worker }
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
        let Accepted { event, .. } = self.ingest.receive(raw, now).await.unwrap();
        event
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

/// Far longer than anything here takes: a bound, not a measure.
const PATIENCE: Duration = Duration::from_secs(20);
const LOOK_AGAIN: Duration = Duration::from_millis(5);

/// Looks until there is something; fails when patience ends.
pub async fn wait_for<T>(what: &str, mut look: impl AsyncFnMut() -> Option<T>) -> T {
    let began = Instant::now();
    loop {
        if let Some(found) = look().await {
            return found;
        }
        assert!(began.elapsed() < PATIENCE, "waited in vain for {what}");
        tokio::time::sleep(LOOK_AGAIN).await;
    }
}

pub async fn wait_until(what: &str, mut holds: impl FnMut() -> bool) {
    wait_for(what, async || holds().then_some(())).await;
}

/// What this thread logs, for as long as it is held. A stepped worker runs on
/// the thread of its test.
pub struct Log {
    text: Arc<Mutex<Vec<u8>>>,
    _here: tracing::subscriber::DefaultGuard,
}

impl Log {
    pub fn start() -> Self {
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

impl std::io::Write for LogLine {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}
