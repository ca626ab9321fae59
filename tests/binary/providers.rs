//! `gancho providers`: the list, one sender explained, and the operator's own.

use crate::running::run;
use crate::site::Site;

#[test]
fn every_sender_is_listed_on_a_line_of_its_own() {
    let ended = run(&mut Site::empty().gancho(&["providers"])).exits(0);
    let files = std::fs::read_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/providers")).unwrap().count();
    assert!(
        ended.stdout.ends_with(&format!("\n{files} providers. About one of them: gancho providers NAME\n"))
    );
    assert_eq!(ended.stdout.lines().count(), files + 2);
    assert!(ended.stdout.lines().any(|line| line.starts_with("shopify ") && line.ends_with(" Shopify")));
    assert!(ended.stdout.lines().all(|line| line.chars().count() <= 80), "{}", ended.stdout);
}

#[test]
fn one_sender_is_explained() {
    let ended = run(&mut Site::empty().gancho(&["providers", "hotmart"])).exits(0);
    assert_eq!(
        ended.stdout,
        "Hotmart (provider: hotmart)

proof       a secret token in the header `x-hotmart-hottok`
secret      The \"hottok\" of the account (Ferramentas > Webhook). It is the same
            for every webhook of the account.
address     https://<your host>/hooks/<name of the mapping file>
event id    the body at `$.id`
event type  the body at `$.event`
            PURCHASE_APPROVED: an approved purchase
            PURCHASE_BILLET_PRINTED: a boleto or Pix was made and waits for
            payment
            PURCHASE_OUT_OF_SHOPPING_CART: an abandoned cart
            PURCHASE_DELAYED: a payment is late
            PURCHASE_COMPLETE: the time for a refund is over
            PURCHASE_EXPIRED: a boleto or Pix ran out unpaid
            PURCHASE_CANCELED: a purchase was cancelled
            PURCHASE_PROTEST: a refund was asked for
            PURCHASE_REFUNDED: a purchase was refunded
            PURCHASE_CHARGEBACK: a chargeback
            SUBSCRIPTION_CANCELLATION: a subscription was cancelled
            SWITCH_PLAN: a subscription changed its plan
            UPDATE_SUBSCRIPTION_CHARGE_DATE: a subscription changed its day of
            payment
            CLUB_FIRST_ACCESS: a student opened the course for the first time
            CLUB_MODULE_COMPLETED: a student finished a module
            ORDER_FULFILLMENT: a physical product was sent
answer      200 with our id of the event
failures    Any 2xx is a success. No retry schedule is published; deliveries can
            be sent again by hand for 60 days.
payload     the event has the name and the contact of the person
evidence    official: read in the sender's own documentation or code
docs        https://developers.hotmart.com/docs/pt-BR/2.0.0/webhook/purchase-webhook/

A mapping for it begins with:

  provider: hotmart
  secrets: [env:NAME_OF_A_VARIABLE]

A finished one, to change: gancho new NAME --provider hotmart
"
    );
}

#[test]
fn the_operators_own_are_there_too() {
    let site = Site::empty();
    site.write("gancho.yaml", "providers: senders\n");
    site.write(
        "senders/erp-da-casa.yaml",
        "name: ERP da casa\nevidence: official\npayload: fat\nsecret: Ask João.\nverify: { scheme: basic }\n",
    );
    let ended = run(&mut site.gancho(&["providers", "erp-da-casa"])).exits(0);
    assert!(ended.stdout.contains("secret      Ask João.\n"), "{}", ended.stdout);
    site.write("senders/erp-da-casa.yaml", "name: ERP da casa\nverify: { scheme: basico }\n");
    let ended = run(&mut site.gancho(&["providers"])).exits(2);
    assert!(ended.stdout.contains("senders/erp-da-casa.yaml:2:19"), "{}", ended.stdout);
}

#[test]
fn an_unknown_sender_has_a_neighbour() {
    let ended = run(&mut Site::empty().gancho(&["providers", "shopfy"])).exits(2);
    assert_eq!(ended.stderr, "There is no provider `shopfy`.\nDid you mean `shopify`?\n");
}
