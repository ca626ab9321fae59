//! `gancho.yaml`, described. Defaults are the program's own.

use std::path::Path;
use std::time::Duration;

use serde_json::Value;

use super::build::Schema;
use super::document::{Shared, file};
use super::policy;
use crate::config::Config;
use crate::delivery::Policy;
use crate::session::Channel;

const ABOUT: &str =
    "For editors; printed by `gancho schema config`. What decides is the reader in src/config.";

/// The text of `schema/config.schema.json`.
pub fn config() -> String {
    let defaults = Config::defaults(Path::new(""));
    let root = Schema::map(
        "the configuration",
        [
            ("listen", listen(&defaults)),
            ("admin_token", admin_token(&defaults)),
            ("public_url", public_url()),
            (
                "mappings",
                folder(
                    "A folder with one YAML file for each source: mappings/loja.yaml answers at \
                     /hooks/loja.",
                )
                .unless_said(shown(&defaults.mappings)),
            ),
            (
                "providers",
                folder("A folder of your own providers, added to those compiled in.").such_as("providers"),
            ),
            ("store", store(&defaults)),
            ("talqui", talqui(&defaults)),
            ("limits", limits(&defaults)),
            ("alerts", alerts()),
            ("retention", retention(&defaults)),
            ("connections", connections()),
        ],
    );
    let root = root.says(
        "What `gancho serve --config gancho.yaml` reads. Paths are taken from the folder of \
         this file; `gancho config` prints one with every default.",
    );
    file(
        ABOUT,
        root.or_nothing(),
        vec![("connection", connection()), policy::backoff(Some(&Policy::default()))],
        &Shared::new(),
    )
}

fn shown(path: &Path) -> Value {
    path.display().to_string().into()
}

fn folder(says: &str) -> Schema {
    Schema::text().says(says)
}

fn listen(defaults: &Config) -> Schema {
    let address = |says: &str| {
        let octets = r"^(\d{1,3}(\.\d{1,3}){3}|\[[0-9A-Fa-f:.%]+\]):\d{1,5}$";
        Schema::text().says(says).shaped(octets, "an address and a port, such as 127.0.0.1:8080")
    };
    let public = "Where senders reach it: POST /hooks/<source>. Put a proxy with TLS in front.";
    let admin =
        "For the operator only: the admin API, /healthz, /readyz and /metrics. Keep it on this machine.";
    Schema::map(
        "listen",
        [
            ("public", address(public).unless_said(defaults.public.to_string())),
            ("admin", address(admin).unless_said(defaults.admin.to_string())),
        ],
    )
    .says("The addresses that it listens on.")
    .or_nothing()
}

fn admin_token(defaults: &Config) -> Schema {
    secret_reference(
        "Where the token of the admin API is: env:NAME or file:PATH, never the token itself. It has \
         at least 16 characters; while it is not set, the admin API is closed.",
    )
    .unless_said(defaults.admin_token.reference.to_string())
}

fn secret_reference(says: &str) -> Schema {
    let shape = "^(env:[A-Za-z0-9_]+$|file:.)";
    Schema::text().says(says).shaped(shape, "env:NAME or file:PATH, never the token itself")
}

fn public_url() -> Schema {
    Schema::text()
        .says(
            "How senders write the public address, for those that sign it (`gancho providers \
             NAME` says which). Without /hooks; it is never taken from a request.",
        )
        .shaped(
            r"^https?://[^/?#\s][^?#\s]*$",
            "the beginning of an address, such as https://hooks.example.com",
        )
        .such_as("https://hooks.example.com")
}

fn store(defaults: &Config) -> Schema {
    Schema::text()
        .says(
            "Where everything that was acknowledged is kept until it is delivered: sqlite: and \
             the path of a file.",
        )
        .shaped("^sqlite:.", "sqlite: and the path of a file, such as sqlite:gancho.db")
        .unless_said(format!("sqlite:{}", defaults.store.display()))
}

fn talqui(defaults: &Config) -> Schema {
    let talqui = &defaults.talqui;
    let base_url = Schema::text()
        .says("The address of Talqui.")
        .shaped(r"^https?://\S+$", "an address on the web, such as https://api.talqui.chat");
    let connect = Schema::whole(1..=60).says("Seconds to reach Talqui.");
    let timeout = Schema::whole(1..=300).says(
        "Seconds for the whole request. One that ends by this has an unknown outcome, so it \
         is not too short.",
    );
    Schema::map(
        "talqui",
        [
            ("base_url", base_url.unless_said(talqui.base_url.as_str())),
            ("connect_secs", connect.unless_said(talqui.connect.as_secs())),
            ("timeout_secs", timeout.unless_said(talqui.timeout.as_secs())),
        ],
    )
    .says("How Talqui is reached.")
    .or_nothing()
}

fn limits(defaults: &Config) -> Schema {
    let limits = &defaults.limits;
    let bytes = Schema::whole(1_024..=67_108_864).says("Larger webhooks are refused with 413, in bytes.");
    let secs =
        Schema::whole(1..=300).says("A body that takes longer to arrive is refused with 408, in seconds.");
    let refused = Schema::whole(1..=1_000_000).says(
        "Requests of one source that may be refused in a minute because of their signature; \
         more are turned away with 429. What is signed rightly is never counted.",
    );
    let memory = Schema::whole(1_048_576..=4_294_967_296).says(
        "All bodies together, from when they are read until they are on disk, in bytes; beyond it \
         senders get 503 and come again. At least `body_bytes`.",
    );
    let disk = Schema::whole(0..=1_099_511_627_776).says(
        "With less left on the store's disk, in bytes, webhooks get 503 while everything that is \
         in is still sent. 0: whatever is left.",
    );
    let backlog = Schema::whole(1..=1_000_000_000)
        .says("So many events and messages may wait; past it webhooks get 503. Without it, however many.");
    Schema::map(
        "limits",
        [
            ("body_bytes", bytes.unless_said(limits.body_bytes)),
            ("body_secs", secs.unless_said(limits.body_time.as_secs())),
            ("unverified_per_minute", refused.unless_said(limits.unverified_per_minute)),
            ("memory_bytes", memory.unless_said(limits.memory_bytes)),
            ("min_free_disk_bytes", disk.unless_said(limits.min_free_disk_bytes)),
            ("backlog_events", backlog.such_as(1_000_000)),
        ],
    )
    .says("What a sender may cost.")
    .or_nothing()
}

fn alerts() -> Schema {
    let url = Schema::text()
        .says("Where it is posted to, as JSON. It may hold a token: then name where it is, env:NAME.")
        .shaped(
            r"^(https?://\S+$|env:[A-Za-z0-9_]+$|file:.)",
            "an address such as https://alerts.example.com, or env:NAME or file:PATH",
        )
        .such_as("env:ALERTS_URL");
    Schema::map("alerts", [("url", url)])
        .says("Whom to tell, once, that something needs a person.")
        .or_nothing()
}

fn retention(defaults: &Config) -> Schema {
    let days = |kept: Duration| kept.as_secs() / (24 * 60 * 60);
    let bodies = Schema::whole(1..=3_650).says("Days that webhooks and texts are kept of what is finished.");
    let records = Schema::whole(1..=3_650)
        .says("Days that events and messages are kept, also those that wait for a person.");
    let keys = Schema::whole(1..=36_500)
        .says("Days after which a repeat of a webhook is not known for one any more.");
    let kept = &defaults.retention;
    Schema::map(
        "retention",
        [
            ("bodies_days", bodies.unless_said(days(kept.bodies))),
            ("records_days", records.unless_said(days(kept.records))),
            ("keys_days", keys.unless_said(days(kept.keys))),
        ],
    )
    .says("How long things are kept, in days from when their webhook came.")
    .or_nothing()
}

fn connections() -> Schema {
    Schema::named(Schema::refer("connection"))
        .says(
            "The installed channels through which messages leave, by names of yours, such as \
             whatsapp-loja; mappings choose by name.",
        )
        .or_nothing()
}

fn connection() -> Schema {
    let id = |says: &str| Schema::text().says(says).shaped(r"^\S+$", "an id without spaces; usually a UUID");
    let token = secret_reference("Where its token is: env:NAME or file:PATH. Never the token itself.")
        .such_as("env:TALQUI_WHATSAPP_TOKEN");
    let mut keys = vec![
        ("tenant_id", id("The tenant's id, from Talqui.")),
        ("plugin_connection_id", id("The id of the installed connection, from Talqui.")),
        ("channel", channel()),
        ("token", token),
    ];
    keys.extend(policy::keys(Some(&Policy::default())));
    keys.extend(policy::of_a_connection());
    Schema::map("a connection", keys).says("One installed channel of one tenant.").needs(&[
        "tenant_id",
        "plugin_connection_id",
        "channel",
        "token",
    ])
}

fn channel() -> Schema {
    let known = [
        (
            Channel::WhatsappCloud,
            "The official WhatsApp: a conversation opens only with an approved model (campaignModelID).",
        ),
        (Channel::WhatsappInternal, "WhatsApp Business: the text is delivered as it is written."),
        (Channel::Ifood, "The chat of iFood: the contact is the code of an order. Never marketing."),
    ];
    let other =
        Schema::text().says("Any other channel of the tenant, such as urn:talqui:telegram:0.").shaped(
            "^urn:talqui:[a-z0-9-]+:[0-9]+$",
            "a channel as Talqui writes it: urn:talqui:<name>:<number>",
        );
    let words = known.iter().map(|(channel, says)| Schema::any().with("const", channel.urn()).says(*says));
    Schema::either([other].into_iter().chain(words)).says("The channel's URN, as Talqui writes it.")
}
