//! What people would run instead, in the same run, with the same body and key:
//! Node-RED, from npm, and Debian's `webhook`. What is not here is told aloud.

use std::fs;
use std::net::SocketAddr;
use std::path::Path;
use std::process::{Command, Stdio};

use tempfile::TempDir;

use crate::child::Process;
use crate::site::{SECRET, signatures};
use crate::stand_in::{free_address, until};

pub struct Peers {
    pub running: Vec<Peer>,
    /// Theirs, for as long as they run.
    _folder: TempDir,
}

pub struct Peer {
    pub name: &'static str,
    pub means: &'static str,
    pub url: String,
    _process: Process,
}

impl Peers {
    /// With an `upstream` to which they pass on what they believe.
    pub fn start(upstream: SocketAddr) -> Self {
        let folder = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).expect("a folder");
        let running = [node_red(folder.path(), upstream), webhook(folder.path())];
        Self { running: running.into_iter().flatten().collect(), _folder: folder }
    }
}

/// Installed once, beside what cargo builds.
fn node_red(folder: &Path, upstream: SocketAddr) -> Option<Peer> {
    let at = Path::new(env!("CARGO_TARGET_TMPDIR")).join("node-red");
    let program = at.join("node_modules/node-red/red.js");
    if !program.exists() {
        let mut install = Command::new("npm");
        install.args(["install", "--silent", "--no-audit", "--no-fund", "--prefix"]).arg(&at).arg("node-red");
        if !install.stdout(Stdio::null()).status().is_ok_and(|status| status.success()) {
            println!("SKIPPED: Node-RED, which npm could not install");
            return None;
        }
    }
    let address = free_address();
    let flows = include_str!("node-red.json").replace("SECRET", SECRET);
    let flows = flows.replace("UPSTREAM", &format!("http://{upstream}/"));
    fs::write(folder.join("flows.json"), flows).expect("flows");
    let settings = "module.exports = { flowFile: 'flows.json', functionGlobalContext: { crypto: require('crypto') }, \
                    httpAdminRoot: false, logging: { console: { level: 'error' } } };";
    fs::write(folder.join("settings.js"), settings).expect("settings");
    let mut command = Command::new("node");
    command.arg(program).arg("-u").arg(folder).arg("-s").arg(folder.join("settings.js"));
    command.arg("-p").arg(address.port().to_string()).stdout(Stdio::null());
    let process = Process::start(&mut command);
    let url = format!("http://{address}/hooks/pedidos");
    // Its flows start after it listens.
    until("Node-RED answers", || accepts(&url));
    Some(Peer { name: "Node-RED", means: "it is in memory", url, _process: process })
}

fn webhook(folder: &Path) -> Option<Peer> {
    let address = free_address();
    let hooks = format!(
        r#"[{{"id":"pedidos","execute-command":"/bin/true","trigger-rule-mismatch-http-response-code":401,"trigger-rule":{{"match":{{"type":"payload-hmac-sha256",
        "secret":"{SECRET}","parameter":{{"source":"header","name":"X-Hub-Signature-256"}}}}}}}}]"#
    );
    fs::write(folder.join("hooks.json"), hooks).expect("hooks");
    let mut command = Command::new("webhook");
    command.arg("-hooks").arg(folder.join("hooks.json")).args(["-ip", "127.0.0.1", "-port"]);
    command.arg(address.port().to_string()).stdout(Stdio::null()).stderr(Stdio::null());
    if Command::new("webhook").arg("-version").stdout(Stdio::null()).status().is_err() {
        println!("SKIPPED: webhook (Debian: apt-get install webhook)");
        return None;
    }
    let process = Process::start(&mut command);
    let url = format!("http://{address}/hooks/pedidos");
    until("webhook listens", || std::net::TcpStream::connect(address).is_ok());
    Some(Peer { name: "webhook", means: "a process is started", url, _process: process })
}

fn accepts(url: &str) -> bool {
    let order = concat!(env!("CARGO_MANIFEST_DIR"), "/benches/gateway/order.json");
    let mut curl = Command::new("curl");
    curl.args(["-sf", "-o", "/dev/null", "-H", "content-type: application/json", "-H"]);
    curl.arg(format!("x-shopify-hmac-sha256: {}", signatures().0)).arg("--data-binary");
    curl.arg(format!("@{order}")).arg(url).status().is_ok_and(|status| status.success())
}
