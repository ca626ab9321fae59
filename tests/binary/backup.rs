//! A backup of a store in use, and a gateway that starts from it.

use gancho::delivery::{DeliveryState, EventState};

use crate::running::run;
use crate::site::{Site, order, sandbox};

#[tokio::test(flavor = "multi_thread")]
async fn a_copy_is_whole_and_sends_nothing_by_itself() {
    let upstream = sandbox();
    upstream.set_fault("status=401".parse().unwrap());
    let site = Site::with_pedidos(&upstream.url());
    let gateway = site.serve();
    let accepted = order(gateway.public(), "1", "ana", "Oi!").send().await.unwrap();
    assert!(accepted.status().is_success());
    gateway.wait_for_log("connection paused");

    let copy = site.path().join("copy.db");
    let copy_it = || run(&mut site.gancho(&["backup", copy.to_str().unwrap()]));
    let said = copy_it().exits(0).stdout;
    assert!(said.contains("Copied to") && said.contains("resume --all"), "{said}");
    let again = copy_it().exits(2).stderr;
    assert!(again.contains("is there already"), "{again}");
    gateway.signal("TERM");
    gateway.end().exits(0);

    // What waited may have gone out since: the copy cannot know.
    upstream.set_faults(Vec::new());
    std::fs::rename(&copy, site.store()).unwrap();
    let restored = site.serve();
    let accepted = order(restored.public(), "2", "ana", "Oi!").send().await.unwrap();
    assert!(accepted.status().is_success(), "webhooks are taken in meanwhile");
    restored.signal("TERM");
    restored.end().exits(0);
    let events = site.events().await;
    assert_eq!(events[0].deliveries[0].state, DeliveryState::Pending);
    assert_eq!(events[1].event.state, EventState::Received);
    assert_eq!(upstream.requests().len(), 1);
}
