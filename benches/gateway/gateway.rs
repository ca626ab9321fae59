//! A gateway that runs, and looks into its store from outside.

use std::fs::File;
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use rusqlite::{Connection, OpenFlags};

use crate::child::Process;
use crate::site::{self, Site};
use crate::stand_in::until;

/// The one that was built with this program.
pub const BUILT: &str = env!("CARGO_BIN_EXE_gancho");

pub struct Gateway {
    pub process: Process,
    pub site: Site,
    /// From starting the process to the first yes of `/readyz`.
    pub start: Duration,
    binary: PathBuf,
}

impl Gateway {
    pub fn start(binary: &str, site: Site) -> Self {
        let mut command = gancho(binary, &site);
        // As under a service manager that keeps what is printed.
        let log = File::create(site.path("log")).expect("a log");
        let began = Instant::now();
        let mut process = Process::start(command.arg("serve").stderr(log));
        until("the gateway is ready", || {
            assert!(
                !process.has_ended(),
                "it does not start: {:?}",
                std::fs::read_to_string(site.path("log"))
            );
            is_ready(site.public)
        });
        Self { process, start: began.elapsed(), binary: binary.into(), site }
    }

    /// SIGTERM, and it ends in order. Its folder is left.
    pub fn stop(self) -> Site {
        let Self { process, site, .. } = self;
        process.end();
        site
    }

    pub fn url(&self) -> String {
        format!("http://{}/hooks/pedidos", self.site.public)
    }

    /// From now on nothing of its source is planned.
    pub fn pause(&self) {
        let mut pause = gancho(&self.binary.to_string_lossy(), &self.site);
        let done =
            pause.args(["pause", "--source", "pedidos", "--reason", "measuring"]).stdout(Stdio::null());
        assert!(done.status().is_ok_and(|status| status.success()), "it cannot be paused");
    }

    /// The number that `sql` asks for.
    pub fn look(&self, sql: &str) -> i64 {
        let conn = self.open();
        conn.query_row(sql, [], |row| row.get(0)).unwrap_or_else(|why| panic!("{sql}: {why}"))
    }

    pub fn column(&self, sql: &str) -> Vec<i64> {
        let conn = self.open();
        let mut asked = conn.prepare(sql).expect("a question");
        let rows = asked.query_map([], |row| row.get(0)).expect("an answer");
        rows.map(|row| row.expect("a number")).collect()
    }

    fn open(&self) -> Connection {
        let conn = Connection::open_with_flags(self.site.store(), OpenFlags::SQLITE_OPEN_READ_ONLY);
        let conn = conn.expect("its store");
        conn.busy_timeout(Duration::from_secs(60)).expect("a wait");
        conn
    }

    /// The newest event: how many there were.
    pub fn events(&self) -> i64 {
        self.look("SELECT coalesce(max(seq), 0) FROM events")
    }

    /// Until everything received was planned, which goes on after the load has ended.
    pub fn planned(&self) {
        until("everything is planned", || {
            std::thread::sleep(Duration::from_millis(50));
            self.look("SELECT EXISTS (SELECT 1 FROM events WHERE state = 'received')") == 0
        });
    }

    pub fn file_bytes(&self) -> u64 {
        std::fs::metadata(self.site.store()).map_or(0, |file| file.len())
    }
}

/// `gancho` in its folder, which knows what its configuration names.
pub fn gancho(binary: &str, site: &Site) -> Command {
    let binary = Path::new(binary).canonicalize().expect("there is such a gancho");
    let mut command = Command::new(binary);
    command.current_dir(site.folder()).env_clear().env("PEDIDOS_SECRET", site::SECRET);
    command.env("WHATSAPP_TOKEN", "token").env("GANCHO_ADMIN_TOKEN", site::TOKEN);
    if let Ok(filter) = std::env::var("GANCHO_LOG") {
        command.env("GANCHO_LOG", filter);
    }
    command
}

fn is_ready(public: SocketAddr) -> bool {
    let ask = || -> std::io::Result<bool> {
        let mut stream = TcpStream::connect(public)?;
        stream.write_all(b"GET /readyz HTTP/1.1\r\nhost: bench\r\nconnection: close\r\n\r\n")?;
        let mut answer = String::new();
        stream.read_to_string(&mut answer)?;
        Ok(answer.starts_with("HTTP/1.1 200"))
    };
    ask().unwrap_or(false)
}
