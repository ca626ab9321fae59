//! The commands of an operator against a gateway that runs: each in words that
//! fit the screen and say what to do next, and as JSON for programs.

mod decide;
mod look;
mod reach;

use std::time::Instant;

use gancho::sandbox::Sandbox;
use serde_json::Value;

use crate::PATIENCE;
use crate::demo::assert_fits;
use crate::running::{Ended, Running, run};
use crate::site::{PEDIDOS, Site, order, sandbox};

const TOKEN: &str = "token-do-operador-4Jw8";

/// A gateway with the source `pedidos`, and who operates it.
struct Operated {
    site: Site,
    upstream: Sandbox,
    gateway: Running,
}

impl Operated {
    fn start() -> Self {
        let upstream = sandbox();
        let mut site = Site::with_pedidos(&upstream.url());
        site.set("GANCHO_ADMIN_TOKEN", TOKEN);
        // The name is shown beside the contact.
        let named = PEDIDOS.replace("  messageValue", "  contactFullName: \"Maria Silva\"\n  messageValue");
        site.write("mappings/pedidos.yaml", &named);
        let gateway = site.serve();
        Self { site, upstream, gateway }
    }

    fn url(&self) -> String {
        format!("http://{}", self.gateway.admin())
    }

    /// `gancho` with these arguments, against this gateway.
    #[track_caller]
    fn ask(&self, arguments: &[&str]) -> Ended {
        let ended = run(self.site.gancho(arguments).args(["--url", &self.url()]));
        if !arguments.contains(&"--json") {
            assert_fits(&ended.stdout);
        }
        ended
    }

    #[track_caller]
    fn json(&self, arguments: &[&str]) -> Value {
        let arguments: Vec<&str> = arguments.iter().copied().chain(["--json"]).collect();
        let ended = self.ask(&arguments).exits(0);
        serde_json::from_str(&ended.stdout).unwrap_or_else(|why| panic!("{why}: {}", ended.stdout))
    }

    /// Posts an order, with how Talqui behaves then.
    async fn order(&self, fault: &str, id: &str, contact: &str) {
        let faults = (!fault.is_empty()).then(|| fault.parse().unwrap());
        self.upstream.set_faults(faults.into_iter().collect());
        let text = format!("O pedido {id} foi pago.");
        let answer = order(self.gateway.public(), id, contact, &text).send().await.unwrap();
        assert_eq!(answer.status().as_u16(), 202);
    }

    /// Waits until so many deliveries are in this state, and gives them.
    #[track_caller]
    fn wait_for(&self, state: &str, count: usize) -> Vec<Value> {
        let began = Instant::now();
        loop {
            let mut page = self.json(&["deliveries", "--state", state]);
            let found = page["deliveries"].as_array_mut().expect("a list");
            if found.len() == count {
                return std::mem::take(found);
            }
            assert!(began.elapsed() < PATIENCE, "{} of {count} are {state}", found.len());
        }
    }

    /// One that nobody knows whether it arrived: its event's id and its own.
    async fn held(&self) -> (String, String) {
        self.order("reset=true,times=1", "1001", "5511987654321").await;
        let held = self.wait_for("held", 1).remove(0);
        let text = |name: &str| held[name].as_str().expect("an id").to_owned();
        (text("event"), text("id"))
    }
}

/// Each of `expected` is in `text`, in this order.
#[track_caller]
fn assert_told(text: &str, expected: &[&str]) {
    let mut rest = text;
    for part in expected {
        let Some(at) = rest.find(part) else { panic!("no `{part}` in the rest:\n{rest}\n--- of\n{text}") };
        rest = &rest[at + part.len()..];
    }
}

/// What it says on stderr, on one line however it was broken.
fn said(ended: &Ended) -> String {
    ended.stderr.replace('\n', " ")
}
