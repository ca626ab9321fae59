//! What `try --json` prints: one object, with an entry for each event.

use serde_json::{Value, json};

use super::{Gathered, Looked};
use crate::mapping::{Decided, Plan, Skip, Traced};
use crate::store::InboxEvent;

pub fn print(gathered: &Gathered, looked: &[Looked]) {
    let events = gathered.events.iter().zip(looked).map(|(event, looked)| of_event(event, looked));
    let whole = json!({
        "source": gathered.mapping.source.as_str(),
        "version": gathered.mapping.version,
        "content_type_admitted": gathered.admitted,
        "connections_known": gathered.connections_known,
        "events": events.collect::<Vec<_>>(),
    });
    println!("{whole:#}");
}

fn of_event(event: &InboxEvent, looked: &Looked) -> Value {
    let mut about = json!({ "id": event.key, "type": event.kind, "item": event.item });
    match &looked.outcome {
        Ok(plan) => add_plan(&mut about, plan, &looked.because),
        Err(why) => {
            about["problems"] = json!([{ "code": why.code, "message": why.message.english() }]);
        }
    }
    about
}

fn add_plan(about: &mut Value, plan: &Plan, because: &[Vec<Decided>]) {
    about["values"] = plan.values.iter().map(of_value).collect();
    about["messages"] = plan
        .messages
        .iter()
        .map(|message| {
            json!({
                "name": message.name,
                "item": message.item,
                "connection": message.connection,
                "to": message.start.contact(),
                "once_per": message.business_key,
                "values": message.values.iter().map(of_value).collect::<Vec<_>>(),
                "text": message.start.text(),
                "request": message.start.body(),
            })
        })
        .collect();
    about["skipped"] = plan
        .skipped
        .iter()
        .zip(because)
        .map(|(skipped, because)| {
            let why = match skipped.why {
                Skip::When => "when",
                Skip::NoItems => "no-items",
            };
            json!({
                "name": skipped.name,
                "item": skipped.item,
                "place": skipped.place,
                "why": why,
                "because": because.iter().map(of_decided).collect::<Vec<_>>(),
            })
        })
        .collect();
    about["problems"] = plan.problems.iter().map(|problem| json!(problem)).collect();
}

fn of_value(value: &Traced) -> Value {
    match &value.outcome {
        Ok(typed) => json!({ "name": value.name, "from": value.origin, "value": typed.to_json() }),
        Err(problem) => json!({ "name": value.name, "from": value.origin, "problem": problem }),
    }
}

fn of_decided(decided: &Decided) -> Value {
    let values: serde_json::Map<String, Value> =
        decided.values.iter().map(|(name, value)| (name.clone(), json!(value))).collect();
    json!({ "condition": decided.condition, "holds": decided.holds, "values": values })
}
