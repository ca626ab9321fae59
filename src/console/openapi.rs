//! `/openapi.json`: the table of operations as an OpenAPI 3.1 document, for
//! programs that make a client or try an operation out.

use std::sync::LazyLock;

use actix_web::HttpResponse;
use serde_json::{Map, Value, json};

use super::answers;
use super::call::{Answer, Call};
use super::given::{Field, Kind, LIST_LENGTH};
use super::table::{Answers, OPERATIONS, Operation};
use crate::schema::Schema;

static DOCUMENT: LazyLock<String> = LazyLock::new(|| format!("{:#}\n", document()));

pub async fn serve(_: Call) -> Answer {
    Ok(HttpResponse::Ok().content_type("application/json").body(DOCUMENT.as_str()))
}

fn document() -> Value {
    let mut paths: Map<String, Value> = Map::new();
    for operation in OPERATIONS {
        let path = paths.entry(operation.path).or_insert_with(|| json!({}));
        path[operation.method.to_lowercase()] = described(operation);
    }
    let schemas: Map<String, Value> =
        answers::all().into_iter().map(|(name, schema)| (name.to_owned(), schema.into())).collect();
    json!({
        "openapi": "3.1.0",
        "info": {
            "title": "gancho: the admin API",
            "version": env!("CARGO_PKG_VERSION"),
            "description": "For the operator of a gateway. A message that was sent cannot be taken back: \
                what sends something says so. Lists are read with `cursor`, newest first; moments are \
                RFC 3339; a name or value that is not known is refused, and nothing is done then.",
        },
        "paths": paths,
        "components": {
            "schemas": schemas,
            "securitySchemes": {
                "adminToken": {
                    "type": "http",
                    "scheme": "bearer",
                    "description": "The token that `gancho serve` was started with: GANCHO_ADMIN_TOKEN, \
                        or what `admin_token` of gancho.yaml names.",
                },
            },
        },
        "security": [{ "adminToken": [] }],
    })
}

fn described(operation: &Operation) -> Value {
    let mut about = json!({ "operationId": operation.id, "summary": operation.says });
    let mut parameters: Vec<Value> = operation.query.iter().map(parameter).collect();
    if operation.path.contains("{id}") {
        let id = Value::from(schema_of_kind(Kind::Id));
        parameters.insert(0, json!({ "name": "id", "in": "path", "required": true, "schema": id }));
    }
    if !parameters.is_empty() {
        about["parameters"] = parameters.into();
    }
    if !operation.body.is_empty() {
        let needed = operation.body.iter().any(|field| field.needed);
        let schema = Value::from(map(operation.body));
        about["requestBody"] =
            json!({ "required": needed, "content": { "application/json": { "schema": schema } } });
    }
    about["responses"] = responses(operation).into();
    if operation.open {
        about["security"] = json!([]);
    }
    about
}

fn parameter(field: &Field) -> Value {
    let schema = Value::from(schema_of(field));
    json!({ "name": field.name, "in": "query", "description": field.says, "schema": schema })
}

fn responses(operation: &Operation) -> Map<String, Value> {
    let content = match operation.answers {
        Answers::Json(name) => json!({ "application/json": { "schema": reference(name) } }),
        Answers::Document => json!({ "application/json": { "schema": { "type": "object" } } }),
        Answers::Text => json!({ "text/plain": { "schema": { "type": "string" } } }),
        Answers::Metrics => json!({ "application/openmetrics-text": { "schema": { "type": "string" } } }),
        Answers::Lines(name) => json!({ "application/x-ndjson": { "schema": reference(name) } }),
    };
    let mut responses = Map::new();
    responses.insert("200".to_owned(), json!({ "description": "Done", "content": content }));
    let handled = operation.handle.is_some();
    let common: &[u16] = match (handled, operation.open) {
        (true, false) => &[400, 401, 503],
        (true, true) => &[400],
        (false, _) => &[],
    };
    let mut statuses: Vec<u16> = common.iter().chain(operation.refuses).copied().collect();
    statuses.sort_unstable();
    for status in statuses {
        let content = match handled {
            true => json!({ "application/problem+json": { "schema": reference("Problem") } }),
            false => json!({ "text/plain": { "schema": { "type": "string" } } }),
        };
        let refused = json!({ "description": meaning(status), "content": content });
        responses.insert(status.to_string(), refused);
    }
    responses
}

fn reference(name: &str) -> Value {
    json!({ "$ref": format!("#/components/schemas/{name}") })
}

fn meaning(status: u16) -> &'static str {
    match status {
        400 => "What was asked is not understood; `errors` says each mistake",
        401 => "The token is missing or wrong",
        404 => "There is none with this id",
        409 => "It is not in a state that this applies to, or not what was shown any more",
        _ => "The token of the API is not set, or the store cannot be used",
    }
}

fn schema_of(field: &Field) -> Schema {
    let one = schema_of_kind(field.kind);
    match field.many {
        true => Schema::list(one).with("maxItems", LIST_LENGTH),
        false => one,
    }
}

fn schema_of_kind(kind: Kind) -> Schema {
    match kind {
        Kind::Text => Schema::text().with("minLength", 1).with("maxLength", 500),
        Kind::Word(words) => Schema::text().with("enum", words()),
        Kind::Source => Schema::text().with("pattern", "^[a-z0-9][a-z0-9_-]{0,62}$"),
        Kind::Id => Schema::text().with("format", "uuid"),
        Kind::Time => Schema::text().with("format", "date-time"),
        Kind::UpTo(most) => Schema::whole(1..=most.into()),
        Kind::Cursor => Schema::text(),
        Kind::Flag => Schema::flag(),
        Kind::Map(fields) => map(fields),
    }
}

fn map(fields: &[Field]) -> Schema {
    let properties: Map<String, Value> = fields
        .iter()
        .map(|field| (field.name.to_owned(), schema_of(field).says(field.says).into()))
        .collect();
    let needed: Vec<&str> = fields.iter().filter(|field| field.needed).map(|field| field.name).collect();
    Schema::any()
        .with("type", "object")
        .with("additionalProperties", false)
        .with("properties", properties)
        .needs(&needed)
}
