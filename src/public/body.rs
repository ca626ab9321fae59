//! Reading a body: never more than the cap, never longer than the time.

use std::time::Duration;

use actix_web::web::{Bytes, BytesMut, Payload};
use std::future::poll_fn;
use std::pin::Pin;

/// Why a body was not read to its end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BodyFault {
    TooLarge,
    TooSlow,
    /// The connection ended, or what came is not HTTP.
    Broken,
}

/// Reads the whole body. `declared` is its `Content-Length`, if it was said.
pub async fn read(
    payload: Payload,
    declared: Option<u64>,
    most_bytes: usize,
    time: Duration,
) -> Result<Bytes, BodyFault> {
    if declared.is_some_and(|length| length > most_bytes as u64) {
        return Err(BodyFault::TooLarge);
    }
    tokio::time::timeout(time, collect(payload, declared, most_bytes))
        .await
        .unwrap_or(Err(BodyFault::TooSlow))
}

async fn collect(mut payload: Payload, declared: Option<u64>, most_bytes: usize) -> Result<Bytes, BodyFault> {
    use actix_web::error::PayloadError;
    use futures_core::Stream;

    // A declared length was checked; memory for an undeclared one grows as it comes.
    let mut body = BytesMut::with_capacity(declared.map_or(0, |length| length as usize));
    loop {
        let next: Option<Result<Bytes, PayloadError>> =
            poll_fn(|context| Pin::new(&mut payload).poll_next(context)).await;
        match next {
            None => return Ok(body.freeze()),
            Some(Ok(chunk)) if body.len() + chunk.len() > most_bytes => return Err(BodyFault::TooLarge),
            Some(Ok(chunk)) => body.extend_from_slice(&chunk),
            Some(Err(_)) => return Err(BodyFault::Broken),
        }
    }
}
