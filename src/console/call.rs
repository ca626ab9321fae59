//! One call, from HTTP to its operation and back: the token, what was asked,
//! the answer.

use std::collections::BTreeMap;
use std::pin::Pin;
use std::str::FromStr;
use std::time::Duration;

use actix_web::http::Method;
use actix_web::http::header::{CACHE_CONTROL, X_CONTENT_TYPE_OPTIONS};
use actix_web::web::Bytes;
use actix_web::{HttpRequest, HttpResponse, web};
use serde::Serialize;

use super::given::{Given, Kind};
use super::problems::{Fault, Problem};
use super::table::{OPERATIONS, Operation};
use super::{Console, access};
use crate::event::Timestamp;

/// What an operation works with. All of it was checked.
pub struct Call {
    pub console: Console,
    pub query: Given,
    pub body: Given,
    id: String,
}

pub type Answer = Result<HttpResponse, Problem>;
pub type Handler = fn(Call) -> Pin<Box<dyn Future<Output = Answer>>>;

/// A list of 500 ids has a tenth of it.
const BODY_BYTES: usize = 256 * 1024;
const BODY_TIME: Duration = Duration::from_secs(10);

impl Call {
    pub fn now(&self) -> Timestamp {
        (self.console.clock)()
    }

    /// The id of the address. One that is none was refused before.
    pub fn id<T: FromStr>(&self) -> Result<T, Problem> {
        self.id.parse().map_err(|_| Problem::NotFound)
    }
}

/// As JSON that nobody keeps.
pub fn json(answer: &impl Serialize) -> Answer {
    let body = serde_json::to_string(answer).map_err(|why| Problem::StoreFailed(why.to_string()))?;
    let mut response = HttpResponse::Ok();
    response.insert_header((CACHE_CONTROL, "no-store")).insert_header((X_CONTENT_TYPE_OPTIONS, "nosniff"));
    Ok(response.content_type("application/json").body(body))
}

/// Every operation of the table that is served here.
pub fn routes(app: &mut web::ServiceConfig) {
    let mut by_path: BTreeMap<&str, Vec<&'static Operation>> = BTreeMap::new();
    for operation in OPERATIONS.iter().filter(|operation| operation.handle.is_some()) {
        by_path.entry(operation.path).or_default().push(operation);
    }
    for (path, operations) in by_path {
        let methods: Vec<&'static str> = operations.iter().map(|operation| operation.method).collect();
        let resource = operations.into_iter().fold(web::resource(path), |resource, operation| {
            let method = if operation.method == "POST" { Method::POST } else { Method::GET };
            let serve = move |request, payload, console| serve(operation, request, payload, console);
            resource.route(web::method(method).to(serve))
        });
        let refuse = move || {
            let problem = Problem::MethodNotAllowed(methods.clone());
            async move { problem.response() }
        };
        app.service(resource.default_service(web::to(refuse)));
    }
}

async fn serve(
    operation: &'static Operation,
    request: HttpRequest,
    payload: web::Payload,
    console: web::Data<Console>,
) -> HttpResponse {
    match answer(operation, &request, payload, &console).await {
        Ok(response) => response,
        Err(problem) => problem.response(),
    }
}

async fn answer(
    operation: &'static Operation,
    request: &HttpRequest,
    payload: web::Payload,
    console: &Console,
) -> Answer {
    if !operation.open {
        access::check(console, request.headers())?;
    }
    let body = read(payload).await?;
    let mut faults = Vec::new();
    let id = request.match_info().get("id").unwrap_or_default().to_owned();
    if operation.path.contains("{id}")
        && let Err(detail) = Kind::Id.check(&id)
    {
        faults.push(Fault { at: "id".to_owned(), detail });
    }
    let query = Given::of_query(operation.query, request.query_string(), &mut faults);
    let body = Given::of_body(operation.body, &body, &mut faults);
    if !faults.is_empty() {
        return Err(Problem::Invalid(faults));
    }
    let handle = operation.handle.ok_or(Problem::NotFound)?;
    handle(Call { console: console.clone(), query, body, id }).await
}

async fn read(payload: web::Payload) -> Result<Bytes, Problem> {
    match tokio::time::timeout(BODY_TIME, payload.to_bytes_limited(BODY_BYTES)).await {
        Err(_) => Err(Problem::BodyTooSlow),
        Ok(Err(_)) => Err(Problem::BodyTooLarge(BODY_BYTES)),
        Ok(Ok(Err(_))) => Err(Problem::BodyBroken),
        Ok(Ok(Ok(body))) => Ok(body),
    }
}
