//! Setting the stage: a folder, a stand-in Talqui, a gateway, a sender.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use tempfile::TempDir;

use super::files;
use crate::app::{self, App, Secrets, load};
use crate::diagnostic::{Language, Palette, Problems, Sentence, render};
use crate::event::{Secret, SecretRef};
use crate::sandbox::{Sandbox, SandboxConfig};
use crate::worker::Clock;

pub struct Stage {
    pub app: App,
    pub sandbox: Sandbox,
    /// The sender's side.
    pub sender: reqwest::Client,
    pub clock: Clock,
    secrets: BTreeMap<String, Secret>,
    folder: TempDir,
}

/// The configuration of the demo; the ids are invented.
fn config(sandbox: &str) -> String {
    let connection = |name: &str, n: u32, channel: &str, token: &str| {
        format!(
            "  {name}:\n    tenant_id: 7d1f0c52-0000-4000-8000-000000000001\n    \
             plugin_connection_id: 5b2e9a40-0000-4000-8000-00000000000{n}\n    \
             channel: urn:talqui:{channel}:0\n    token: env:{token}\n"
        )
    };
    let connections = [
        connection("whatsapp-loja", 1, "whatsapp-internal", "TALQUI_WHATSAPP_TOKEN"),
        connection("whatsapp-oficial", 2, "whatsapp-cloud", "TALQUI_OFICIAL_TOKEN"),
        connection("ifood-loja", 3, "ifood", "TALQUI_IFOOD_TOKEN"),
        connection("telegram-loja", 4, "telegram", "TALQUI_TELEGRAM_TOKEN"),
    ];
    format!(
        "listen: {{ public: 127.0.0.1:0, admin: 127.0.0.1:0 }}\nstore: sqlite:gancho.db\n\
         talqui: {{ base_url: \"{sandbox}\" }}\nconnections:\n{}",
        connections.concat()
    )
}

/// Every secret of the demo, made up anew each time.
fn make_secrets() -> BTreeMap<String, Secret> {
    let digits = |count: usize| -> String { (0..count).map(|_| fastrand::alphanumeric()).collect() };
    let names = [
        "SHOPIFY_WEBHOOK_SECRET",
        "WOOCOMMERCE_WEBHOOK_SECRET",
        "IFOOD_CLIENT_SECRET",
        "HOTMART_HOTTOK",
        "ASSINATURAS_WEBHOOK_SECRET",
        "ERP_WEBHOOK_SECRET",
        "TALQUI_WHATSAPP_TOKEN",
        "TALQUI_OFICIAL_TOKEN",
        "TALQUI_IFOOD_TOKEN",
        "TALQUI_TELEGRAM_TOKEN",
    ];
    let secret = |name: &&str| {
        let prefix = if *name == "ASSINATURAS_WEBHOOK_SECRET" { "whsec_" } else { "" };
        ((*name).to_owned(), Secret::new(format!("{prefix}{}", digits(32))))
    };
    names.iter().map(secret).collect()
}

impl Stage {
    pub async fn set() -> Result<Self, String> {
        let why = |error: &dyn std::fmt::Display| error.to_string();
        let folder = TempDir::with_prefix("gancho-demo-").map_err(|error| why(&error))?;
        files::write_all(&folder.path().join("mappings")).map_err(|error| why(&error))?;
        let clock = app::system_clock();
        let anywhere = ([127, 0, 0, 1], 0).into();
        let sandbox =
            Sandbox::start(SandboxConfig::new(anywhere, clock.clone())).map_err(|error| why(&error))?;
        let config_file = folder.path().join("gancho.yaml");
        std::fs::write(&config_file, config(&sandbox.url())).map_err(|error| why(&error))?;
        let secrets = make_secrets();
        let setup = load_setup(&config_file, &secrets)?;
        let app = App::start(setup, clock.clone()).await.map_err(|error| why(&error))?;
        let sender = reqwest::Client::builder().no_proxy().build().map_err(|error| why(&error))?;
        Ok(Self { app, sandbox, sender, clock, secrets, folder })
    }

    /// The only secret of a source.
    pub fn secret_of(&self, source: &str) -> Option<&Secret> {
        let source = self.app.sources.get(source)?;
        match &source.mapping.secrets.first()?.reference {
            SecretRef::Env(name) => self.secrets.get(name),
            SecretRef::File(_) | SecretRef::Captured => None,
        }
    }

    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    pub fn mappings(&self) -> PathBuf {
        self.folder.path().join("mappings")
    }

    pub async fn strike(self) {
        self.app.stop().await;
        // Everything is over; a sandbox that ends badly has nothing left to lose.
        let _ = self.sandbox.stop().await;
    }
}

fn load_setup(config_file: &Path, secrets: &BTreeMap<String, Secret>) -> Result<app::Setup, String> {
    let known = secrets.clone();
    let secrets: Secrets = Arc::new(move |reference| match reference {
        SecretRef::Env(name) => {
            known.get(name).cloned().ok_or_else(|| Sentence::verbatim(format!("the demo has no `{name}`")))
        }
        SecretRef::File(_) | SecretRef::Captured => Err(Sentence::verbatim("the demo reads no secret files")),
    });
    let mut problems = Problems::default();
    load::setup(config_file, &secrets, &mut problems).ok_or_else(|| {
        format!("its own files are wrong:\n{}", render(&problems.sorted(), Palette::Plain, Language::English))
    })
}
