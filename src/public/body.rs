//! Reading a body: never more than the cap, never longer than the time, and no
//! more of all together than there is room for.

use std::time::Duration;

use actix_web::web::{Bytes, Payload};
use std::future::poll_fn;
use std::pin::Pin;

use super::memory::{Growing, Memory};

/// Why a body was not read to its end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BodyFault {
    TooLarge,
    TooSlow,
    /// Of all bodies together.
    NoRoom,
    /// The connection ended, or what came is not HTTP.
    Broken,
}

/// Reads the whole body. `declared` is its `Content-Length`, if it was said.
pub async fn read(
    payload: Payload,
    memory: &Memory,
    declared: Option<u64>,
    most_bytes: usize,
    time: Duration,
) -> Result<Bytes, BodyFault> {
    if declared.is_some_and(|length| length > most_bytes as u64) {
        return Err(BodyFault::TooLarge);
    }
    tokio::time::timeout(time, collect(payload, memory.body(most_bytes), most_bytes))
        .await
        .unwrap_or(Err(BodyFault::TooSlow))
}

async fn collect(mut payload: Payload, mut body: Growing, most_bytes: usize) -> Result<Bytes, BodyFault> {
    use actix_web::error::PayloadError;
    use futures_core::Stream;

    loop {
        let next: Option<Result<Bytes, PayloadError>> =
            poll_fn(|context| Pin::new(&mut payload).poll_next(context)).await;
        match next {
            None => return Ok(body.done()),
            Some(Ok(chunk)) if body.len() + chunk.len() > most_bytes => return Err(BodyFault::TooLarge),
            Some(Ok(chunk)) => body.push(&chunk).map_err(|_| BodyFault::NoRoom)?,
            Some(Err(_)) => return Err(BodyFault::Broken),
        }
    }
}
