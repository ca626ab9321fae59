//! How the gateway's words are written in a column and read back.
//!
//! Lives here: ids as 16 bytes, times as milliseconds, states as their words,
//! structures as JSON. Never here: a statement.

use rusqlite::types::{FromSql, FromSqlError, FromSqlResult, ToSql, ToSqlOutput, ValueRef};
use serde::de::DeserializeOwned;

use crate::delivery::{DeliveryState, EventState, PolicyChange, Verdict};
use crate::event::{AttemptId, DeliveryId, EventId, Headers, SourceName, Timestamp};

macro_rules! id_columns {
    ($($id:ty),+) => {$(
        impl ToSql for $id {
            fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
                self.as_bytes().to_sql()
            }
        }

        impl FromSql for $id {
            fn column_result(value: ValueRef<'_>) -> FromSqlResult<Self> {
                <[u8; 16]>::column_result(value).map(Self::from_bytes)
            }
        }
    )+};
}

macro_rules! word_columns {
    ($($word:ty),+) => {$(
        impl ToSql for $word {
            fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
                Ok(self.as_str().into())
            }
        }

        impl FromSql for $word {
            fn column_result(value: ValueRef<'_>) -> FromSqlResult<Self> {
                value.as_str()?.parse().map_err(FromSqlError::other)
            }
        }
    )+};
}

id_columns!(EventId, DeliveryId, AttemptId);
word_columns!(EventState, DeliveryState, Verdict, SourceName);

impl ToSql for Timestamp {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(self.as_millis().into())
    }
}

impl FromSql for Timestamp {
    fn column_result(value: ValueRef<'_>) -> FromSqlResult<Self> {
        value.as_i64().map(Self::from_millis)
    }
}

/// A structure kept as JSON text.
pub(super) struct Json<T>(pub T);

impl<T: DeserializeOwned> FromSql for Json<T> {
    fn column_result(value: ValueRef<'_>) -> FromSqlResult<Self> {
        // serde's own message can quote the text, which may be personal.
        let unreadable = |_| FromSqlError::other(NotJson);
        serde_json::from_str(value.as_str()?).map(Self).map_err(unreadable)
    }
}

#[derive(Debug, thiserror::Error)]
#[error("a JSON column does not hold what it should")]
struct NotJson;

/// Headers as a list of pairs, since a name can come twice.
pub(super) fn headers_to_json(headers: &Headers) -> String {
    let pairs: Vec<(&str, &str)> = headers.iter().collect();
    // Texts can always be written.
    serde_json::to_string(&pairs).unwrap_or_default()
}

pub(super) fn headers_from_json(Json(pairs): Json<Vec<(String, String)>>) -> Headers {
    pairs.into_iter().collect()
}

/// Nothing, where nothing is said: most messages say nothing.
pub(super) fn policy_to_json(policy: &PolicyChange) -> Option<String> {
    let json = || serde_json::to_string(policy).unwrap_or_default();
    (!policy.is_empty()).then(json)
}

pub(super) fn policy_from_json(json: Option<Json<PolicyChange>>) -> PolicyChange {
    json.map(|Json(policy)| policy).unwrap_or_default()
}
