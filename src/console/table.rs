//! Every operation there is: how it is asked, what it answers, and who does it.

use super::call::Handler;
use super::given::Field;
use super::{deliveries, events, fields, metrics, openapi, pauses, replays, status, tail, upkeep};

pub struct Operation {
    /// `GET` or `POST`.
    pub method: &'static str,
    pub path: &'static str,
    /// What programs call it.
    pub id: &'static str,
    pub says: &'static str,
    /// Whether it is served without a token.
    pub open: bool,
    pub query: &'static [Field],
    pub body: &'static [Field],
    pub answers: Answers,
    /// The statuses of the problems that only some have.
    pub refuses: &'static [u16],
    /// None: `health` serves it, on both edges.
    pub handle: Option<Handler>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Answers {
    /// JSON, by the name of its schema.
    Json(&'static str),
    /// Plain text.
    Text,
    /// A document that describes itself.
    Document,
    /// What Prometheus reads.
    Metrics,
    /// A line of JSON for each thing that happens, without an end.
    Lines(&'static str),
}

const GET: Operation = Operation {
    method: "GET",
    path: "",
    id: "",
    says: "",
    open: false,
    query: fields::NONE,
    body: fields::NONE,
    answers: Answers::Text,
    refuses: &[],
    handle: None,
};
const POST: Operation = Operation { method: "POST", ..GET };

pub static OPERATIONS: &[Operation] = &[
    Operation { path: "/healthz", id: "healthz", says: "Whether it answers", open: true, ..GET },
    Operation {
        path: "/readyz",
        id: "readyz",
        says: "Whether it can put an event on disk, which is tried",
        open: true,
        refuses: &[503],
        ..GET
    },
    Operation {
        path: "/metrics",
        id: "metrics",
        says: "Counts and times, as Prometheus reads them",
        open: true,
        answers: Answers::Metrics,
        refuses: &[503],
        handle: Some(|call| Box::pin(metrics::serve(call))),
        ..GET
    },
    Operation {
        path: "/openapi.json",
        id: "openapi",
        says: "This document",
        open: true,
        answers: Answers::Document,
        handle: Some(|call| Box::pin(openapi::serve(call))),
        ..GET
    },
    Operation {
        path: "/v1/status",
        id: "status",
        says: "Whether it is sending, what is paused and what waits",
        answers: Answers::Json("Status"),
        handle: Some(|call| Box::pin(status::serve(call))),
        ..GET
    },
    Operation {
        path: "/v1/events",
        id: "events",
        says: "Events with what became of them, newest first",
        query: fields::EVENTS,
        answers: Answers::Json("EventPage"),
        handle: Some(|call| Box::pin(events::list(call))),
        ..GET
    },
    Operation {
        path: "/v1/events/{id}",
        id: "event",
        says: "The whole story of one event, and the webhook as it came in",
        answers: Answers::Json("EventStory"),
        refuses: &[404],
        handle: Some(|call| Box::pin(events::one(call))),
        ..GET
    },
    Operation {
        path: "/v1/deliveries",
        id: "deliveries",
        says: "Deliveries, newest first",
        query: fields::DELIVERIES,
        answers: Answers::Json("DeliveryPage"),
        handle: Some(|call| Box::pin(deliveries::list(call))),
        ..GET
    },
    Operation {
        path: "/v1/deliveries/{id}",
        id: "delivery",
        says: "One delivery with its attempts",
        answers: Answers::Json("Delivery"),
        refuses: &[404],
        handle: Some(|call| Box::pin(deliveries::one(call))),
        ..GET
    },
    Operation {
        path: "/v1/deliveries/{id}/release",
        id: "release",
        says: "Send a held delivery after all; if it went out the first time, its person reads it twice",
        answers: Answers::Json("Moved"),
        refuses: &[404, 409],
        handle: Some(|call| Box::pin(deliveries::release(call))),
        ..POST
    },
    Operation {
        path: "/v1/deliveries/{id}/settle",
        id: "settle",
        says: "Say of a held delivery what a person found out; nothing is sent",
        body: fields::SETTLE,
        answers: Answers::Json("Moved"),
        refuses: &[404, 409],
        handle: Some(|call| Box::pin(deliveries::settle(call))),
        ..POST
    },
    Operation {
        path: "/v1/deliveries/{id}/cancel",
        id: "cancel",
        says: "Never send a delivery that is pending or held",
        answers: Answers::Json("Moved"),
        refuses: &[404, 409],
        handle: Some(|call| Box::pin(deliveries::cancel(call))),
        ..POST
    },
    Operation {
        path: "/v1/replays",
        id: "replay",
        says: "Map events again and send what is new; without `confirm`, show what that would be",
        body: fields::REPLAY,
        answers: Answers::Json("Replay"),
        refuses: &[409],
        handle: Some(|call| Box::pin(replays::serve(call))),
        ..POST
    },
    Operation {
        path: "/v1/pause",
        id: "pause",
        says: "Stop sending through a connection, for a source, or at all; webhooks are still taken in",
        body: fields::PAUSED,
        answers: Answers::Json("Pauses"),
        handle: Some(|call| Box::pin(pauses::pause(call))),
        ..POST
    },
    Operation {
        path: "/v1/resume",
        id: "resume",
        says: "Go on sending what was paused",
        body: fields::RESUMED,
        answers: Answers::Json("Pauses"),
        handle: Some(|call| Box::pin(pauses::resume(call))),
        ..POST
    },
    Operation {
        path: "/v1/prune",
        id: "prune",
        says: "Forget what is older than it is kept; the gateway does so by itself, too",
        body: fields::PRUNE,
        answers: Answers::Json("Pruned"),
        handle: Some(|call| Box::pin(upkeep::prune(call))),
        ..POST
    },
    Operation {
        path: "/v1/erase",
        id: "erase",
        says: "Forget a person at once: what was sent to them and what was said of them",
        body: fields::ERASE,
        answers: Answers::Json("Erased"),
        handle: Some(|call| Box::pin(upkeep::erase(call))),
        ..POST
    },
    Operation {
        path: "/v1/tail",
        id: "tail",
        says: "What happens from now on, a line each, until one side hangs up; an empty line says that all \
               is quiet",
        answers: Answers::Lines("Happening"),
        handle: Some(|call| Box::pin(tail::serve(call))),
        ..GET
    },
];
