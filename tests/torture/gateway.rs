//! The gateway under torture: started, killed, stopped, and looked into from
//! outside while it runs.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use gancho::event::DeliveryId;
use rusqlite::{Connection, OpenFlags};

use crate::PATIENCE;
use crate::running::{Ended, Running};
use crate::site::{PEDIDOS, Site, config};

const LOOK_AGAIN: Duration = Duration::from_millis(20);

pub struct Gateway {
    pub site: Site,
    running: Option<Running>,
}

/// What a crash left behind.
pub struct Wreck {
    /// The deliveries whose attempt was open.
    pub in_flight: Vec<String>,
    /// Events that were acknowledged and not yet planned.
    pub received: i64,
}

/// Everything was planned, and nothing is waiting or on its way.
const MOVING: &str = "SELECT (SELECT count(*) FROM events WHERE state = 'received') \
                      + (SELECT count(*) FROM deliveries WHERE state IN ('pending', 'in_flight'))";

impl Gateway {
    /// Not started; `connection` holds keys that its connection says besides.
    pub fn new(upstream: &str, connection: &str) -> Self {
        let gateway = Self { site: Site::with_pedidos(upstream), running: None };
        gateway.site.write("gancho.yaml", &with_keys(upstream, connection));
        gateway
    }

    /// Another connection and another source, `avisos`, which sends through it.
    pub fn with_avisos(upstream: &str) -> Self {
        let gateway = Self::new(upstream, "");
        let first = config(upstream);
        let (_, connection) = first.split_once("  telegram:\n").expect("its connection");
        let connection = connection.replace("000000000004", "000000000005");
        gateway.site.write("gancho.yaml", &format!("{first}  outra:\n{connection}"));
        let avisos = PEDIDOS.replace("connection: telegram", "connection: outra");
        gateway.site.write("mappings/avisos.yaml", &avisos);
        gateway
    }

    /// Starts it and waits until it is ready.
    #[track_caller]
    pub fn start(&mut self) -> SocketAddr {
        let running = self.site.serve();
        let address = running.public();
        self.running = Some(running);
        address
    }

    /// Starts it and kills it after `life`, ready or not.
    pub async fn start_and_kill(&mut self, life: Duration) -> Wreck {
        self.running = Some(Running::start(&mut self.site.gancho(&["serve"])));
        tokio::time::sleep(life).await;
        self.kill()
    }

    /// Starts it and sends it SIGTERM after `life`, ready or not.
    pub async fn start_and_stop(&mut self, life: Duration) {
        let running = Running::start(&mut self.site.gancho(&["serve"]));
        tokio::time::sleep(life).await;
        running.signal("TERM");
        // Before it listens for signals it has sent nothing, and ends by this one.
        let code = running.end().code;
        assert!(matches!(code, None | Some(0)), "{code:?}");
    }

    pub fn running(&self) -> &Running {
        self.running.as_ref().expect("it was started")
    }

    fn take(&mut self) -> Running {
        self.running.take().expect("it was started")
    }

    /// `kill -9`.
    pub fn kill(&mut self) -> Wreck {
        self.take().kill();
        self.wreck()
    }

    /// Once it is gone.
    pub fn wreck(&self) -> Wreck {
        let Some(conn) = self.look() else { return Wreck { in_flight: Vec::new(), received: 0 } };
        let mut found = conn.prepare("SELECT id FROM deliveries WHERE state = 'in_flight'").unwrap();
        let ids = found.query_map([], |row| row.get::<_, DeliveryId>(0)).unwrap();
        let in_flight = ids.map(|id| id.unwrap().to_string()).collect();
        let received = "SELECT count(*) FROM events WHERE state = 'received'";
        Wreck { in_flight, received: conn.query_row(received, [], |row| row.get(0)).unwrap() }
    }

    /// SIGTERM, and it ends in order.
    #[track_caller]
    pub fn stop(&mut self) -> Ended {
        self.running().signal("TERM");
        self.ends_with(0)
    }

    /// It ends, and (promise 9) of all that it printed nothing is a secret or says
    /// who a person is.
    #[track_caller]
    pub fn ends_with(&mut self, code: i32) -> Ended {
        let ended = self.take().end().exits(code);
        for private in ["segredo-dos-pedidos", "token-do-telegram", "pessoa-"] {
            let line = ended.stderr.lines().find(|line| line.contains(private));
            assert_eq!(line, None, "it printed what is private");
        }
        ended
    }

    pub async fn at_rest(&self) {
        self.until(MOVING, |moving| moving == 0).await;
    }

    /// Until the number that `sql` asks for is right.
    pub async fn until(&self, sql: &str, right: impl Fn(i64) -> bool) {
        let look = async {
            let conn = self.look().expect("the store can be read");
            let mut again = tokio::time::interval(LOOK_AGAIN);
            // An error is a moment at which it cannot be read, as in a recovery.
            while !conn.query_row(sql, [], |row| row.get(0)).is_ok_and(&right) {
                again.tick().await;
            }
        };
        if tokio::time::timeout(PATIENCE, look).await.is_err() {
            panic!("it never became right: {sql}\n{}", self.standing());
        }
    }

    /// How many events and deliveries are in which state, for who reads a failure.
    fn standing(&self) -> String {
        let sql = "SELECT 'events', state, count(*) FROM events GROUP BY state UNION ALL \
                   SELECT 'deliveries', state || ' ' || coalesce(reason, ''), count(*) FROM deliveries \
                   GROUP BY state, reason";
        let Some(conn) = self.look() else { return "there is no store".to_owned() };
        let mut found = conn.prepare(sql).unwrap();
        let line = |row: &rusqlite::Row<'_>| {
            let (what, state): (String, String) = (row.get(0)?, row.get(1)?);
            Ok(format!("{what} {state}: {}\n", row.get::<_, i64>(2)?))
        };
        found.query_map([], line).unwrap().map(Result::unwrap).collect()
    }

    /// None: it was killed before there was a store.
    fn look(&self) -> Option<Connection> {
        let store: PathBuf = self.site.store();
        let conn = Connection::open_with_flags(&store, OpenFlags::SQLITE_OPEN_READ_ONLY).ok()?;
        conn.busy_timeout(PATIENCE).unwrap();
        Some(conn)
    }
}

/// The configuration, with more keys in its connection.
pub fn with_keys(upstream: &str, connection: &str) -> String {
    config(upstream).trim_end().to_owned() + "\n    " + connection + "\n"
}

#[track_caller]
pub fn wait<T>(what: impl Future<Output = T>) -> impl Future<Output = T> {
    let caller = std::panic::Location::caller();
    async move {
        let timed = tokio::time::timeout(PATIENCE, what).await;
        timed.unwrap_or_else(|_| panic!("it takes too long, at {caller}"))
    }
}
