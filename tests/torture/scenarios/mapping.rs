//! A mapping that is broken and mended while webhooks pour in.

use crate::accounts::{Accounts, Fate};
use crate::gateway::Gateway;
use crate::load::{Load, ORDERS};
use crate::report::Outcome;
use crate::site::{PEDIDOS, sandbox};
use crate::upstream::seen;

const MAPPING: &str = "mappings/pedidos.yaml";

/// Promises 2 and 3: senders get their 2xx all along. With a file that has a
/// mistake the running mapping stays; one that cannot map parks the events with
/// the reason.
pub async fn broken_and_mended() -> Outcome {
    let upstream = sandbox();
    let mut gateway = Gateway::new(&upstream.url(), "");
    let mut load = Load::on(gateway.start(), ORDERS);
    load.post(50).await;

    gateway.site.write(MAPPING, "verify: { scheme: [\n");
    load.allow(100);
    gateway.running().wait_for_log("mapping has an error: the running one stays");
    load.post(100).await;

    let cannot_map = PEDIDOS.replace("texto: $.texto", "texto: $.nao_existe");
    gateway.site.write(MAPPING, &cannot_map);
    load.allow(100);
    gateway.running().wait_for_logs(1, "mapping taken over");
    load.post(100).await;
    gateway.until("SELECT count(*) FROM events WHERE state = 'unmapped'", |parked| parked >= 50).await;
    gateway.site.write(MAPPING, &format!("{PEDIDOS}\n# mended\n"));
    load.allow(100);
    gateway.running().wait_for_logs(2, "mapping taken over");
    load.post(100).await;
    let (allowed, put_off) = (50 + 200 + 200 + 200, load.put_off());
    let ledger = load.finish().await;
    gateway.at_rest().await;
    gateway.stop();

    assert_eq!(put_off, 0, "a mapping's mistake is not the sender's");
    let accounts = Accounts::close(&ledger, &gateway.site.events().await, seen(&upstream));
    let (delivered, parked) = (accounts.of(Fate::Delivered).count(), accounts.of(Fate::Unmapped).count());
    assert_eq!(delivered + parked, allowed);
    assert!(delivered >= 50 + 200 + 100 && parked >= 50, "{delivered} delivered, {parked} parked");
    Outcome::Played(accounts.row().note(format!("{parked} events are parked, with their reasons")))
}
