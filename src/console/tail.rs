//! `/v1/tail`: what happens, as it happens.

use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use actix_web::HttpResponse;
use actix_web::http::header::{CACHE_CONTROL, X_CONTENT_TYPE_OPTIONS};
use actix_web::web::Bytes;
use futures_core::Stream;
use serde_json::json;
use tokio::sync::broadcast::Receiver;
use tokio::sync::broadcast::error::RecvError;
use tokio::sync::mpsc;

use super::Console;
use super::call::{Answer, Call};
use crate::observe::Happening;

/// An empty line after this long without news, so that a reader knows that the
/// gateway is there, and the gateway that the reader is.
const QUIET: Duration = Duration::from_secs(15);
const NO_NEWS: &str = "\n";
/// Lines on their way to a reader. One that is slower falls behind in the
/// observer's own queue, and is told how much it missed.
const ON_THEIR_WAY: usize = 16;

pub async fn serve(call: Call) -> Answer {
    let news = call.console.observer.follow();
    let (lines, told) = mpsc::channel(ON_THEIR_WAY);
    tokio::spawn(follow(news, lines, call.console));
    let mut response = HttpResponse::Ok();
    response.insert_header((CACHE_CONTROL, "no-store")).insert_header((X_CONTENT_TYPE_OPTIONS, "nosniff"));
    Ok(response.content_type("application/x-ndjson").streaming(Lines(told)))
}

/// Ends with its reader or with the gateway.
async fn follow(mut news: Receiver<Happening>, lines: mpsc::Sender<String>, console: Console) {
    // The head of the answer leaves with the first of its body.
    let mut line = NO_NEWS.to_owned();
    while lines.send(line).await.is_ok() {
        line = tokio::select! {
            heard = news.recv() => match heard {
                Ok(happening) => match serde_json::to_string(&happening) {
                    Ok(json) => json + "\n",
                    Err(_) => NO_NEWS.to_owned(),
                },
                Err(RecvError::Lagged(count)) => {
                    let at = (console.clock)().to_string();
                    format!("{}\n", json!({ "at": at, "what": "missed", "count": count }))
                }
                Err(RecvError::Closed) => return,
            },
            () = tokio::time::sleep(QUIET) => NO_NEWS.to_owned(),
            () = lines.closed() => return,
        };
    }
}

struct Lines(mpsc::Receiver<String>);

impl Stream for Lines {
    type Item = Result<Bytes, std::convert::Infallible>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.0.poll_recv(context).map(|line| line.map(|line| Ok(Bytes::from(line))))
    }
}
