//! A folder for one gateway: configuration, mappings, store. On the disk that this
//! program was built on, since a store in memory syncs nothing.

use std::fs;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use hmac::{Hmac, KeyInit, Mac};
use tempfile::TempDir;

const MAPPING: &str = include_str!("pedidos.yaml");
const ORDER: &str = include_str!("order.json");
pub const SECRET: &str = "segredo-de-teste";
pub const TOKEN: &str = "so-para-medir-0123456789";

pub struct Site {
    folder: TempDir,
    pub public: SocketAddr,
}

impl Site {
    /// With so many mappings, alike but for their names.
    pub fn new(upstream: SocketAddr, mappings: usize) -> Self {
        let folder = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).expect("a folder");
        let (public, admin) = (crate::stand_in::free_address(), crate::stand_in::free_address());
        let site = Self { folder, public };
        fs::create_dir(site.path("mappings")).expect("a folder");
        for number in 0..mappings {
            let name = if number == 0 { "pedidos".to_owned() } else { format!("pedidos-{number}") };
            fs::write(site.path("mappings").join(format!("{name}.yaml")), MAPPING).expect("a mapping");
        }
        fs::write(site.path("gancho.yaml"), config(public, admin, upstream)).expect("a configuration");
        fs::write(site.order(), ORDER).expect("an order");
        site
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    pub fn order(&self) -> PathBuf {
        self.path("order.json")
    }

    pub fn store(&self) -> PathBuf {
        self.path("gancho.db")
    }
}

/// As the sender signs the order, in base64 and in hexadecimal.
pub fn signatures() -> (String, String) {
    use base64::Engine;

    let mut mac = Hmac::<sha2::Sha256>::new_from_slice(SECRET.as_bytes()).expect("any length is a key");
    mac.update(ORDER.as_bytes());
    let bytes = mac.finalize().into_bytes();
    let hex = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
    (base64::engine::general_purpose::STANDARD.encode(bytes), hex)
}

fn config(public: SocketAddr, admin: SocketAddr, upstream: SocketAddr) -> String {
    format!(
        r#"listen: {{ public: "{public}", admin: "{admin}" }}
talqui: {{ base_url: "http://{upstream}" }}
connections:
  whatsapp:
    tenant_id: 7d1f0c52-0000-4000-8000-000000000001
    plugin_connection_id: 5b2e9a40-0000-4000-8000-000000000004
    channel: urn:talqui:whatsapp:0
    token: env:WHATSAPP_TOKEN
"#
    )
}
