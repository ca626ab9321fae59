//! Who is answered before its body was read to the end loses its connection.
//!
//! actix looks whether anybody still holds the body when the answer goes out.
//! If so, it closes the connection a second later. If not, and the body is
//! chunked, it goes on reading and throws away what it reads, for as long as
//! the sender likes to send, or stays silent. So the answer holds the body.

use std::cell::RefCell;
use std::mem::replace;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll};

use actix_web::body::{BodySize, BoxBody, MessageBody};
use actix_web::dev::{Payload, ServiceRequest, ServiceResponse};
use actix_web::error::PayloadError;
use actix_web::middleware::Next;
use actix_web::web::Bytes;
use futures_core::Stream;

/// For `App::wrap(from_fn(…))`.
pub async fn close_if_unread(
    mut request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<Answer>, actix_web::Error> {
    let (_, payload) = request.parts_mut();
    let unread = match replace(payload, Payload::None) {
        Payload::None => None,
        body => {
            let shared = Shared(Rc::new(RefCell::new(body)));
            *payload = Payload::Stream { payload: Box::pin(shared.clone()) };
            Some(shared)
        }
    };
    let response = next.call(request).await?.map_into_boxed_body();
    Ok(response.map_body(|_, answer| Answer { answer, _unread: unread }))
}

/// A request's body, held by whoever reads it and by the answer.
#[derive(Clone)]
struct Shared(Rc<RefCell<Payload>>);

impl Stream for Shared {
    type Item = Result<Bytes, PayloadError>;

    fn poll_next(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        Pin::new(&mut *self.0.borrow_mut()).poll_next(context)
    }
}

pub struct Answer {
    answer: BoxBody,
    _unread: Option<Shared>,
}

impl MessageBody for Answer {
    type Error = <BoxBody as MessageBody>::Error;

    fn size(&self) -> BodySize {
        self.answer.size()
    }

    fn poll_next(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Bytes, Self::Error>>> {
        Pin::new(&mut self.answer).poll_next(context)
    }
}
