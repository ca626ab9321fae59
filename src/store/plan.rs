//! From an event to its deliveries.
//!
//! Lives here: storing what a mapping made of an event, once, in one
//! transaction with the business keys it spends. Never here: the mapping.

use rusqlite::{Connection, OptionalExtension, params};

use super::columns::policy_to_json;
use super::job::{Steps, Wakes};
use super::{NewDelivery, PlanOutcome, PlanReceipt, Planned, Store, StoreError, Twin, lane, once};
use crate::delivery::{DeliveryState, EventState};
use crate::event::{DeliveryId, EventId, Timestamp};

impl Store {
    /// Stores what became of an event that is still `received`; of any other
    /// it changes nothing, so planning an event twice does no harm.
    pub async fn plan(
        &self,
        event: EventId,
        plan: Planned,
        now: Timestamp,
    ) -> Result<PlanReceipt, StoreError> {
        self.writer
            .write(Steps::Several, Wakes::Worker, move |conn| store_plan(conn, event, &plan, now))
            .await
    }

    /// The same for many events, in their order, in one transaction: all of
    /// them or none.
    pub async fn plan_all(
        &self,
        plans: Vec<(EventId, Planned)>,
        now: Timestamp,
    ) -> Result<Vec<PlanReceipt>, StoreError> {
        let store_all = move |conn: &Connection| {
            plans.iter().map(|(event, plan)| store_plan(conn, *event, plan, now)).collect()
        };
        self.writer.write(Steps::Several, Wakes::Worker, store_all).await
    }
}

fn store_plan(
    conn: &Connection,
    event: EventId,
    plan: &Planned,
    now: Timestamp,
) -> Result<PlanReceipt, StoreError> {
    let seq: Option<i64> = conn
        .prepare_cached("SELECT seq FROM events WHERE id = ?1 AND state = 'received'")?
        .query_row(params![event], |row| row.get(0))
        .optional()?;
    let Some(seq) = seq else { return Ok(PlanReceipt::NotReceived) };
    set_planned(conn, seq, plan, now)?;

    let twins = match &plan.outcome {
        PlanOutcome::Messages(deliveries) => {
            let origin = Origin { event: seq, mapping_version: &plan.mapping_version, now };
            store_deliveries(conn, &origin, deliveries)?
        }
        PlanOutcome::Ignored { .. } | PlanOutcome::Unmapped { .. } => Vec::new(),
    };
    Ok(PlanReceipt::Stored { twins })
}

/// What the event is from now on, and by which mapping.
pub(super) fn set_planned(
    conn: &Connection,
    event: i64,
    plan: &Planned,
    now: Timestamp,
) -> Result<(), StoreError> {
    let (reason, problems) = match &plan.outcome {
        PlanOutcome::Messages(_) => (None, None),
        PlanOutcome::Ignored { reason } => (Some(reason), None),
        PlanOutcome::Unmapped { problems } => (None, Some(problems.to_string())),
    };
    conn.prepare_cached(
        "UPDATE events SET state = ?2, planned_at = ?3, mapping_version = ?4, reason = ?5, problems = ?6 \
         WHERE seq = ?1",
    )?
    .execute(params![event, state_of(&plan.outcome), now, plan.mapping_version, reason, problems])?;
    Ok(())
}

pub(super) fn state_of(outcome: &PlanOutcome) -> EventState {
    match outcome {
        PlanOutcome::Messages(_) => EventState::Planned,
        PlanOutcome::Ignored { .. } => EventState::Ignored,
        PlanOutcome::Unmapped { .. } => EventState::Unmapped,
    }
}

fn store_deliveries(
    conn: &Connection,
    origin: &Origin<'_>,
    deliveries: &[NewDelivery],
) -> Result<Vec<Twin>, StoreError> {
    let mut twins = Vec::new();
    for delivery in deliveries {
        let earlier = match &delivery.business_key {
            Some(key) => once::claim(conn, delivery, key, origin.now)?,
            None => None,
        };
        match earlier {
            Some(of) => {
                insert_twin(conn, origin, delivery, of)?;
                twins.push(Twin { delivery: delivery.id, of });
            }
            None => insert_pending(conn, origin, delivery)?,
        }
    }
    Ok(twins)
}

/// What the deliveries of one plan have in common.
pub(super) struct Origin<'a> {
    pub event: i64,
    pub mapping_version: &'a str,
    pub now: Timestamp,
}

pub(super) fn insert_pending(
    conn: &Connection,
    origin: &Origin<'_>,
    delivery: &NewDelivery,
) -> Result<(), StoreError> {
    let first = lane::is_free(conn, &delivery.connection, &delivery.contact)?;
    insert(
        conn,
        origin,
        delivery,
        &Place { state: DeliveryState::Pending, first, reason: None, twin_of: None },
    )
}

/// Kept where a person sees it, and never sent.
fn insert_twin(
    conn: &Connection,
    origin: &Origin<'_>,
    delivery: &NewDelivery,
    of: DeliveryId,
) -> Result<(), StoreError> {
    let reason = Some(format!("its `once_per` key was spent by delivery {of}"));
    insert(
        conn,
        origin,
        delivery,
        &Place { state: DeliveryState::Cancelled, first: false, reason, twin_of: Some(of) },
    )
}

/// Where a new delivery begins.
pub(super) struct Place {
    pub state: DeliveryState,
    pub first: bool,
    pub reason: Option<String>,
    pub twin_of: Option<DeliveryId>,
}

pub(super) fn insert(
    conn: &Connection,
    origin: &Origin<'_>,
    delivery: &NewDelivery,
    place: &Place,
) -> Result<(), StoreError> {
    let body = serde_json::to_string(&delivery.body).map_err(|e| StoreError::Failed(e.to_string()))?;
    // Values, not a SELECT: an insert of maybe several rows keeps copies of all pages
    // that it touches, to be undone.
    conn.prepare_cached(
        "INSERT INTO deliveries (id, event, message, connection, contact, mapping_version, state, \
                                 first_in_lane, attempts, planned_at, due_at, moved_at, reason, twin_of, body, \
                                 source, business_key, policy, expires_at) \
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, 0, ?9, ?9, ?9, ?10, ?11, ?12, \
                 (SELECT source FROM events WHERE seq = ?2), ?13, ?14, ?15)",
    )?
    .execute(params![
        delivery.id,
        origin.event,
        delivery.message,
        delivery.connection,
        delivery.contact,
        origin.mapping_version,
        place.state,
        place.first,
        origin.now,
        place.reason,
        place.twin_of,
        body,
        delivery.business_key,
        policy_to_json(&delivery.policy),
        delivery.expires_at,
    ])?;
    Ok(())
}
