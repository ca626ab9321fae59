//! From the client's error to a fault: whether anything may have left, and one
//! sentence for the operator that holds neither the token nor the path.

use std::error::Error;
use std::io;

use crate::delivery::{Fault, Sent};

use super::Timeouts;
use super::address::BaseUrl;

/// `asked_for` alone decides what may have left: a request that could not be
/// built, and a connection that was never made, ask for no body either.
pub(super) fn describe(
    error: &reqwest::Error,
    asked_for: bool,
    base: &BaseUrl,
    timeouts: &Timeouts,
) -> Fault {
    if asked_for {
        Fault { sent: Sent::Maybe, message: after_it_left(error, base, timeouts) }
    } else {
        Fault { sent: Sent::No, message: before_it_left(error, base, timeouts) }
    }
}

fn before_it_left(error: &reqwest::Error, base: &BaseUrl, timeouts: &Timeouts) -> String {
    let peer = base.authority();
    let cause = root_cause(error);
    if error.is_timeout() {
        let limit = if error.is_connect() { timeouts.connect } else { timeouts.total };
        return format!("no connection to {peer} within {limit:?}");
    }
    if error.is_dns() {
        return format!("the name of {peer} was not found: {cause}");
    }
    if !error.is_connect() {
        return format!("{peer} closed the connection before the request was sent: {cause}");
    }
    match system_error(error) {
        Some(io::ErrorKind::ConnectionRefused) => format!("{peer} refused the connection"),
        // TCP faults come from the system; what else can fail here is the handshake.
        None if base.is_tls() => format!("no TLS with {peer}: {cause}"),
        _ => format!("no connection to {peer}: {cause}"),
    }
}

fn after_it_left(error: &reqwest::Error, base: &BaseUrl, timeouts: &Timeouts) -> String {
    let peer = base.authority();
    if error.is_timeout() {
        return format!("no answer from {peer} within {:?}", timeouts.total);
    }
    match system_error(error) {
        Some(io::ErrorKind::ConnectionReset | io::ErrorKind::BrokenPipe) => {
            format!("{peer} reset the connection after the request left")
        }
        _ => format!("no answer could be read from {peer} after the request left: {}", root_cause(error)),
    }
}

/// What the operating system said, if the fault began there.
fn system_error(error: &reqwest::Error) -> Option<io::ErrorKind> {
    let first = chain(error).last()?.downcast_ref::<io::Error>()?;
    first.raw_os_error().map(|_| first.kind())
}

/// The innermost error's own words. The outer ones repeat the URL.
pub(super) fn root_cause(error: &reqwest::Error) -> String {
    chain(error).last().map_or_else(|| "no cause is given".to_owned(), ToString::to_string)
}

fn chain(error: &reqwest::Error) -> impl Iterator<Item = &(dyn Error + 'static)> {
    std::iter::successors(error.source(), |&cause| cause.source())
}
