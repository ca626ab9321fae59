//! What stands around the gateway, in processes of their own: this program, called
//! with a role. The empty handler is the measure of all: it reads the same body and
//! answers. The blackhole is an upstream that takes every message.

use std::net::{SocketAddr, TcpListener};
use std::process::{Command, ExitCode};
use std::time::{Duration, Instant};

use actix_web::{App, HttpResponse, HttpServer, web};

use crate::child::Process;

const ROLE: &str = "GANCHO_BENCH_ROLE";
const CREATED: &str =
    r#"{"contact":{"contactID":"c0a8"},"session":{"sessionID":"5e55"},"message":{"messageID":"3e55"}}"#;

#[derive(Clone, Copy)]
pub enum StandIn {
    Empty,
    /// Answers after so many milliseconds.
    Blackhole(u64),
}

impl StandIn {
    /// The role that this process was started for.
    pub fn asked() -> Option<Asked> {
        let role = std::env::var(ROLE).ok()?;
        let mut words = role.split(' ');
        let (name, port, millis) = (words.next()?, words.next()?.parse().ok()?, words.next()?.parse().ok()?);
        let stand_in = if name == "empty" { Self::Empty } else { Self::Blackhole(millis) };
        Some(Asked { stand_in, port })
    }

    /// Starts it in a process and waits until it listens.
    pub fn start(self) -> (Process, SocketAddr) {
        let address = free_address();
        let (name, millis) = match self {
            Self::Empty => ("empty", 0),
            Self::Blackhole(millis) => ("blackhole", millis),
        };
        let this = std::env::current_exe().expect("this program");
        let role = format!("{name} {} {millis}", address.port());
        let process = Process::start(Command::new(this).env(ROLE, role));
        until("the stand-in listens", || std::net::TcpStream::connect(address).is_ok());
        (process, address)
    }
}

pub struct Asked {
    stand_in: StandIn,
    port: u16,
}

impl Asked {
    pub fn run(self) -> ExitCode {
        let listener = TcpListener::bind(("127.0.0.1", self.port)).expect("the port is free");
        let served = match self.stand_in {
            StandIn::Empty => actix_web::rt::System::new().block_on(
                HttpServer::new(|| {
                    App::new().app_data(web::PayloadConfig::new(1 << 20)).default_service(web::to(empty))
                })
                .listen(listener)
                .expect("it listens")
                .run(),
            ),
            StandIn::Blackhole(millis) => actix_web::rt::System::new().block_on(
                HttpServer::new(move || {
                    App::new()
                        .app_data(web::Data::new(Duration::from_millis(millis)))
                        .default_service(web::to(blackhole))
                })
                .workers(1)
                .listen(listener)
                .expect("it listens")
                .run(),
            ),
        };
        served.map_or(ExitCode::FAILURE, |()| ExitCode::SUCCESS)
    }
}

async fn empty(body: web::Bytes) -> HttpResponse {
    // Read, and nothing more.
    std::hint::black_box(&body);
    HttpResponse::Accepted().finish()
}

async fn blackhole(body: web::Bytes, wait: web::Data<Duration>) -> HttpResponse {
    std::hint::black_box(&body);
    if !wait.is_zero() {
        actix_web::rt::time::sleep(**wait).await;
    }
    HttpResponse::Created().content_type("application/json").body(CREATED)
}

/// Where nobody listens, at this moment.
pub fn free_address() -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    listener.local_addr().expect("its own")
}

/// Where nobody will: outside the ports that the system gives to who asks for any.
pub fn nobody() -> SocketAddr {
    let all = (20_000..30_000).map(|port| SocketAddr::from(([127, 0, 0, 1], port)));
    all.into_iter().find(|address| TcpListener::bind(address).is_ok()).expect("a free port")
}

/// Waits for what must come.
pub fn until(what: &str, mut is: impl FnMut() -> bool) {
    let began = Instant::now();
    while !is() {
        assert!(began.elapsed() < Duration::from_secs(300), "it does not come: {what}");
        std::thread::sleep(Duration::from_millis(2));
    }
}
