//! Who may use the API: whoever has the token.

use actix_web::http::header::{AUTHORIZATION, HeaderMap};

use super::Console;
use super::problems::Problem;
use crate::event::Secret;

/// As `Authorization: Bearer …`, compared in constant time.
pub fn check(console: &Console, headers: &HeaderMap) -> Result<(), Problem> {
    let Some(token) = &console.token else { return Err(Problem::Closed(console.token_from.clone())) };
    let Some(value) = headers.get(AUTHORIZATION) else { return Err(Problem::NoToken) };
    let (scheme, given) = value.as_bytes().split_at_checked(7).unwrap_or_default();
    let given = Secret::new(given.trim_ascii());
    match scheme.eq_ignore_ascii_case(b"bearer ") && token.is_same_as(&given) {
        true => Ok(()),
        false => Err(Problem::WrongToken),
    }
}
