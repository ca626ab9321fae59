//! Breaking a connection on purpose. actix has no verb for it, so the socket is
//! remembered when it is accepted, told to end in a reset, and then closed by an
//! answer whose body fails before a byte of it is written.

use std::any::Any;
use std::io;
use std::net::TcpStream;
use std::os::fd::AsFd;
use std::pin::Pin;
use std::task::{Context, Poll};

use actix_web::body::{BodySize, MessageBody};
use actix_web::dev::Extensions;
use actix_web::web::Bytes;
use actix_web::{HttpRequest, HttpResponse};

/// A second handle to a connection's socket. It goes with the connection, so
/// it does not keep the socket open.
struct Socket(TcpStream);

/// For `HttpServer::on_connect`. Without a handle, as when none are left, a
/// reset is only a close.
pub(super) fn remember(connection: &dyn Any, data: &mut Extensions) {
    let accepted = connection.downcast_ref::<tokio::net::TcpStream>();
    if let Some(handle) = accepted.and_then(|stream| stream.as_fd().try_clone_to_owned().ok()) {
        data.insert(Socket(handle.into()));
    }
}

/// Ends the connection of `request` without an answer.
pub(super) fn reset(request: &HttpRequest) -> HttpResponse {
    if let Some(Socket(stream)) = request.conn_data::<Socket>()
        && let Err(error) = close_with_rst(stream)
    {
        tracing::warn!(%error, "the sandbox closes a connection that it could not reset");
    }
    HttpResponse::Ok().body(NoAnswer)
}

fn close_with_rst(stream: &TcpStream) -> io::Result<()> {
    tokio::net::TcpStream::from_std(stream.try_clone()?)?.set_zero_linger()
}

/// actix asks for the body's first bytes before it writes the head. It logs this
/// failure as an error of `actix_http`, in the words below.
struct NoAnswer;

impl MessageBody for NoAnswer {
    type Error = io::Error;

    fn size(&self) -> BodySize {
        BodySize::Stream
    }

    fn poll_next(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<io::Result<Bytes>>> {
        Poll::Ready(Some(Err(io::Error::other("the sandbox was told to reset this connection"))))
    }
}
