//! Upstreams that the sandbox cannot be: one that answers with garbage, one whose
//! certificate nobody trusts, and a port at which nobody listens as yet.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use gancho::app::system_clock;
use gancho::sandbox::{Recorded, Sandbox, SandboxConfig};
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::{ServerConfig, ServerConnection, Stream};

use crate::accounts::Sighting;

const CERTIFICATE: &[u8] = include_bytes!("data/self-signed.crt.der");
/// Of nothing but this certificate, which nothing trusts.
const ITS_KEY: &[u8] = include_bytes!("data/self-signed.key.der");

/// An address at which nobody listens: outside the ports that the system gives to
/// those who ask for any, so that nobody comes to listen there by chance.
pub fn nobody() -> SocketAddr {
    let free = (20_000..30_000).map(|port| SocketAddr::from(([127, 0, 0, 1], port)));
    free.into_iter().find(|address| TcpListener::bind(address).is_ok()).expect("a free port")
}

pub fn sandbox_at(address: SocketAddr) -> Sandbox {
    Sandbox::start(SandboxConfig::new(address, system_clock())).expect("the port is free")
}

/// What a sandbox got.
pub fn seen(sandbox: &Sandbox) -> Vec<Sighting> {
    sightings(&sandbox.requests())
}

pub fn sightings(requests: &[Arc<Recorded>]) -> Vec<Sighting> {
    requests.iter().map(|recorded| Sighting::from(&**recorded)).collect()
}

/// What an upstream does after its last byte.
#[derive(Debug, Clone, Copy)]
pub enum Then {
    HangsUp,
    IsSilent,
}

/// Answers each order with bytes of its own.
pub struct Garbage {
    pub address: SocketAddr,
    seen: Arc<Mutex<Vec<Sighting>>>,
}

impl Garbage {
    /// `answer`: to the order with this number.
    pub fn answering(answer: impl Fn(usize) -> (&'static [u8], Then) + Send + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let (address, seen) = (listener.local_addr().expect("its own"), Arc::new(Mutex::default()));
        let garbage = Self { address, seen: seen.clone() };
        std::thread::spawn(move || {
            let mut silent = Vec::new();
            for stream in listener.incoming().flatten() {
                // One that connects and sends nothing ends its turn.
                let Some(sighting) = read_order(&stream) else { continue };
                let number = sighting.id.rsplit('-').next().and_then(|number| number.parse().ok());
                seen.lock().expect("nobody panics with it").push(sighting);
                let (bytes, then) = answer(number.expect("an order has a number"));
                // The gateway may hang up in the middle of it.
                let _ = (&stream).write_all(bytes);
                if let Then::IsSilent = then {
                    silent.push(stream);
                }
            }
        });
        garbage
    }

    pub fn seen(&self) -> Vec<Sighting> {
        self.seen.lock().expect("nobody panics with it").clone()
    }
}

fn read_order(stream: &TcpStream) -> Option<Sighting> {
    stream.set_read_timeout(Some(Duration::from_secs(5))).ok()?;
    let mut reader = BufReader::new(stream);
    let mut length = 0;
    loop {
        let mut line = String::new();
        reader.read_line(&mut line).ok().filter(|count| *count > 0)?;
        let line = line.trim_end().to_lowercase();
        if let Some(told) = line.strip_prefix("content-length:") {
            length = told.trim().parse().ok()?;
        }
        if line.is_empty() {
            break;
        }
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body).ok()?;
    Some(Sighting::of(&serde_json::from_slice(&body).ok()?, system_clock()()))
}

/// Https, with a certificate that it made itself.
pub struct SelfSigned {
    pub address: SocketAddr,
    pub handshakes: Arc<AtomicUsize>,
    /// Bytes that somebody sent inside the encryption.
    pub bytes: Arc<AtomicUsize>,
}

impl SelfSigned {
    pub fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let upstream = Self {
            address: listener.local_addr().expect("its own"),
            handshakes: Arc::default(),
            bytes: Arc::default(),
        };
        let (handshakes, bytes, config) = (upstream.handshakes.clone(), upstream.bytes.clone(), its_config());
        std::thread::spawn(move || {
            for mut stream in listener.incoming().flatten() {
                handshakes.fetch_add(1, Ordering::SeqCst);
                // It ends with the alert of whoever does not trust it.
                let _ = stream.set_read_timeout(Some(Duration::from_secs(5)));
                let mut tls = ServerConnection::new(config.clone()).expect("a right configuration");
                let mut got = [0; 1024];
                if let Ok(count) = Stream::new(&mut tls, &mut stream).read(&mut got) {
                    bytes.fetch_add(count, Ordering::SeqCst);
                }
            }
        });
        upstream
    }
}

fn its_config() -> Arc<ServerConfig> {
    let key = PrivateKeyDer::try_from(ITS_KEY).expect("a key");
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let builder = ServerConfig::builder_with_provider(provider).with_safe_default_protocol_versions();
    let config = builder.expect("its versions").with_no_client_auth();
    let chain = vec![CertificateDer::from(CERTIFICATE)];
    Arc::new(config.with_single_cert(chain, key).expect("the key is of the certificate"))
}
