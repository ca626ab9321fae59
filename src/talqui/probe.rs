//! A request body that notes whether it was asked for.
//!
//! As long as the connection has not asked for the first frame, not one byte of
//! the message has been handed over, and no server can act on a request whose
//! declared length never came: it is safe to send again. From the first frame
//! on nobody can tell.

use std::convert::Infallible;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll};

use bytes::Bytes;
use http_body::{Body, Frame, SizeHint};

/// The whole body in one frame, with its length known in advance, so that it
/// travels with `Content-Length`.
pub(super) struct Probe {
    rest: Option<Bytes>,
    asked_for: AskedFor,
}

/// Shared with the body, and still there when the client has dropped it.
#[derive(Clone)]
pub(super) struct AskedFor(Arc<AtomicBool>);

impl AskedFor {
    pub(super) fn get(&self) -> bool {
        self.0.load(Ordering::SeqCst)
    }
}

impl Probe {
    pub(super) fn new(body: impl Into<Bytes>) -> (Self, AskedFor) {
        let asked_for = AskedFor(Arc::new(AtomicBool::new(false)));
        (Self { rest: Some(body.into()), asked_for: asked_for.clone() }, asked_for)
    }
}

impl Body for Probe {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        let this = self.get_mut();
        this.asked_for.0.store(true, Ordering::SeqCst);
        Poll::Ready(this.rest.take().map(|bytes| Ok(Frame::data(bytes))))
    }

    fn is_end_stream(&self) -> bool {
        self.rest.is_none()
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(self.rest.as_ref().map_or(0, |bytes| bytes.len() as u64))
    }
}
