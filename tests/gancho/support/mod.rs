//! What the tests stand on: a folder with the operator's files, a stand-in
//! Talqui and a clock that only the test moves. From these, a [`Gateway`] is the
//! whole thing on free ports, and a [`Bench`] the same rooms without edges.
//! Nothing here sleeps for a time: a test waits for a condition.

mod bench;
mod gateway;

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::{Duration, Instant};

use gancho::app::{Secrets, Setup, load};
use gancho::config::Config;
use gancho::diagnostic::{Language, Palette, Problems, Sentence, render};
use gancho::event::{RawWebhook, Secret, SecretRef, Timestamp};
use gancho::sandbox::{InjectedFault, Sandbox, SandboxConfig};
use gancho::source::OpenSources;
use gancho::verify::Draft;
use gancho::worker::Clock;
use serde_json::{Value, json};
use tempfile::TempDir;

pub use bench::{Bench, Log};
pub use gateway::{Answer, Gateway, answer};

/// 2026-03-02T12:00:00Z, until a test moves it.
pub const NOW: Timestamp = Timestamp::from_secs(1_772_452_800);

/// Every secret that a test file can name. Each is odd enough that finding it
/// somewhere can be no accident.
pub const SECRETS: [(&str, &str); 7] = [
    ("LOJA", "segredo-da-loja-b1946ac9"),
    ("ANTIGO", "segredo-antigo-591785b7"),
    ("HOTTOK", "token-do-remetente-e29311f6"),
    ("LOGIN", "usuario:senha-5e884898"),
    ("ENDERECO", "endereco-secreto-9f86d081"),
    ("TALQUI", "token-da-talqui-6b86b273"),
    ("GANCHO_ADMIN_TOKEN", "token-do-operador-3fdba35f"),
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

    pub fn set_back(&self, time: Duration) {
        self.0.fetch_sub(time.as_millis() as i64, Ordering::SeqCst);
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
        Self::in_folder(tempfile::tempdir().unwrap(), mappings)
    }

    /// In a folder that is memory, where this machine has one: thousands of commits
    /// need not wait for a disk.
    pub fn in_memory(mappings: &[(&str, &str)]) -> Self {
        let folder = tempfile::tempdir_in("/dev/shm").or_else(|_| tempfile::tempdir());
        Self::in_folder(folder.unwrap(), mappings)
    }

    fn in_folder(folder: TempDir, mappings: &[(&str, &str)]) -> Self {
        let time = Hands(Arc::new(AtomicI64::new(NOW.as_millis())));
        let sandbox = Sandbox::start(SandboxConfig::new(([127, 0, 0, 1], 0).into(), time.clock())).unwrap();
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
        setup.unwrap_or_else(|| panic!("\n{}", render(&problems.sorted(), Palette::Plain, Language::English)))
    }

    pub fn load_config(&self) -> Config {
        load::config(&self.config_file(), &mut Problems::default()).unwrap()
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

pub fn look(store: &Path) -> rusqlite::Connection {
    rusqlite::Connection::open_with_flags(store, rusqlite::OpenFlags::SQLITE_OPEN_READ_ONLY).unwrap()
}

pub fn secrets() -> Secrets {
    Arc::new(|reference| match reference {
        SecretRef::Env(name) => Ok(secret(name)),
        SecretRef::Captured => Err(Sentence::verbatim("no test resolves a captured secret")),
        SecretRef::File(path) => Err(Sentence::verbatim(format!("no test has a file {}", path.display()))),
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
    let SecretRef::Env(name) = &source.mapping.secrets[0].reference else {
        panic!("a secret of the environment")
    };
    source.mapping.verify.sign(&draft, &secret(name), source.verifier.setting(), now).unwrap()
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
