//! A place to run `gancho` in: a folder of its own with a configuration,
//! mappings and an environment that holds nothing but what a test puts there.
//! Also the sender of these tests, who signs without the gateway's own code.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::Command;

use gancho::app::system_clock;
use gancho::sandbox::{Sandbox, SandboxConfig};
use gancho::store::{EventView, Store};
use hmac::{Hmac, KeyInit, Mac};
use tempfile::TempDir;

use crate::running::Running;

/// The folder of the shipped mappings.
pub const SHIPPED: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/mappings");

/// The secret of `pedidos`, the source that most tests post to.
pub const PEDIDOS_SECRET: &str = "segredo-dos-pedidos-7Qk2";

/// Signed, with an id; `contato` is a person and `texto` what they read.
pub const PEDIDOS: &str = r#"
verify: { scheme: hmac, signature: { from: "header:X-Sign", encoding: hex } }
secrets: [env:PEDIDOS_SECRET]
event: { id: $.id }
values:
  contato: $.contato
  texto: $.texto
connection: telegram
session:
  contactExternalID: "{{ contato }}"
  messageValue: "{{ texto }}"
"#;

pub struct Site {
    folder: TempDir,
    environment: BTreeMap<String, String>,
}

impl Site {
    /// An empty folder and an empty environment.
    pub fn empty() -> Self {
        Self { folder: TempDir::new().expect("a folder"), environment: BTreeMap::new() }
    }

    /// With the source `pedidos` and a connection to `upstream`.
    pub fn with_pedidos(upstream: &str) -> Self {
        let mut site = Self::empty();
        site.set("PEDIDOS_SECRET", PEDIDOS_SECRET).set("TELEGRAM_TOKEN", "token-do-telegram-9Zx4");
        site.write("gancho.yaml", &config(upstream));
        site.write("mappings/pedidos.yaml", PEDIDOS);
        site
    }

    pub fn path(&self) -> &Path {
        self.folder.path()
    }

    pub fn set(&mut self, name: &str, value: &str) -> &mut Self {
        self.environment.insert(name.to_owned(), value.to_owned());
        self
    }

    pub fn unset(&mut self, name: &str) {
        self.environment.remove(name);
    }

    pub fn write(&self, file: &str, text: &str) {
        let path = self.path().join(file);
        std::fs::create_dir_all(path.parent().expect("below the folder")).expect("its folder");
        std::fs::write(path, text).expect("the file");
    }

    /// `gancho` in this folder, with these arguments.
    pub fn gancho(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_gancho"));
        command.current_dir(self.path()).env_clear().envs(&self.environment).args(arguments);
        command
    }

    /// The gateway, ready.
    #[track_caller]
    pub fn serve(&self) -> Running {
        let running = Running::start(&mut self.gancho(&["serve"]));
        running.wait_for_log("gancho is ready");
        running
    }

    pub fn store(&self) -> PathBuf {
        self.path().join("gancho.db")
    }

    /// Every event with what became of it; the gateway must have stopped.
    pub async fn events(&self) -> Vec<EventView> {
        let store = Store::open(&self.store()).expect("nobody else has the store");
        let mut views = Vec::new();
        for event in store.events_after(0, u32::MAX).await.expect("it can be read") {
            views.push(store.event(event.id).await.expect("it can be read").expect("it was listed"));
        }
        store.close().await;
        views
    }
}

/// Free ports, a store in the folder, the connection `telegram`.
pub fn config(upstream: &str) -> String {
    format!(
        r#"listen: {{ public: 127.0.0.1:0, admin: 127.0.0.1:0 }}
talqui: {{ base_url: "{upstream}" }}
connections:
  telegram:
    tenant_id: 7d1f0c52-0000-4000-8000-000000000001
    plugin_connection_id: 5b2e9a40-0000-4000-8000-000000000004
    channel: urn:talqui:telegram:0
    token: env:TELEGRAM_TOKEN
"#
    )
}

/// A stand-in Talqui in this process.
pub fn sandbox() -> Sandbox {
    let anywhere = SocketAddr::from(([127, 0, 0, 1], 0));
    Sandbox::start(SandboxConfig::new(anywhere, system_clock())).expect("a sandbox")
}

pub fn client() -> reqwest::Client {
    reqwest::Client::builder().no_proxy().timeout(crate::PATIENCE).build().expect("a client")
}

/// HMAC-SHA256 of the body, in hexadecimal.
pub fn sign(secret: &str, body: &str) -> String {
    let mut mac = Hmac::<sha2::Sha256>::new_from_slice(secret.as_bytes()).expect("any length is a key");
    mac.update(body.as_bytes());
    mac.finalize().into_bytes().iter().map(|byte| format!("{byte:02x}")).collect()
}

/// An order for `pedidos`, as its sender would post it.
pub fn order(to: SocketAddr, id: &str, contact: &str, text: &str) -> reqwest::RequestBuilder {
    let body = serde_json::json!({ "id": id, "contato": contact, "texto": text }).to_string();
    client()
        .post(format!("http://{to}/hooks/pedidos"))
        .header("content-type", "application/json")
        .header("x-sign", sign(PEDIDOS_SECRET, &body))
        .body(body)
}
