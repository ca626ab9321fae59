//! Forgetting a person on request, everywhere.
//!
//! All that is held is walked through in pages of bounded size and looked into as a
//! mapping would, so that a phone in a form, in two fields or in a compressed body is
//! found. What came meanwhile is walked through too.
//!
//! Lives here: the walk, and what of an event belongs to a person. Never here: what a
//! phone looks like (`person.rs`), and what is left of what is erased (the store's).

use std::sync::Arc;

use super::Worker;
use super::person::Person;
use crate::delivery::DeliveryState;
use crate::event::{EventId, Headers, parse_query};
use crate::payload::{DocumentRule, read_document};
use crate::source::Sources;
use crate::store::{DeliveryView, Erasure, InboxEvent, RefusedRequest, StoreError, Stored, ToErase};

/// Of bodies in one page.
const PAGE_BYTES: usize = 4 * 1024 * 1024;
/// Events erased in one write.
const AT_ONCE: usize = 50;
/// How often an event is looked at that changes meanwhile.
const LOOKS: usize = 5;
/// A file of more is not written anew: webhooks would wait for seconds.
const MOST_REWRITTEN_BYTES: u64 = 512 * 1024 * 1024;

/// What was erased, or would be.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Erased {
    pub events: usize,
    pub deliveries: usize,
    /// Of those, the ones that would still have been sent.
    pub cancelled: usize,
    /// Requests that were not believed.
    pub refused: usize,
    /// A message is just being sent: ask again in a moment.
    pub under_way: Vec<EventId>,
    /// None: this was only a look. False: the file is too large to be written anew
    /// while webhooks wait, or somebody was reading it; so remains can stay in unused
    /// parts of it until they are written over.
    pub swept: Option<bool>,
}

#[derive(Debug, thiserror::Error)]
pub enum EraseError {
    /// The sentence shows nothing of the number but a few characters.
    #[error("that is not a whole phone: {0}; write it with its area code, as in +55 27 99999-8888")]
    NotAPhone(String),
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl Worker {
    /// Erases whoever has this phone from all that is held. `dry_run`: only says how
    /// much there is.
    pub async fn erase(&self, phone: &str, dry_run: bool) -> Result<Erased, EraseError> {
        let person = Arc::new(Person::with_phone(phone).map_err(EraseError::NotAPhone)?);
        let mut erased = Erased::default();
        let mut after = 0;
        loop {
            let (page, found) = self.look_for(&person, after, PAGE_BYTES).await?;
            let Some(last) = page else { break };
            after = last;
            if dry_run {
                found.iter().for_each(|found| erased.foresee(found));
                continue;
            }
            for some in found.chunks(AT_ONCE) {
                self.erase_some(&person, some, &mut erased).await?;
            }
        }
        self.erase_refused(&person, dry_run, &mut erased).await?;
        if !dry_run {
            // Also if nothing was found: it may be that a sweep failed before.
            let traces = self.store.sweep(MOST_REWRITTEN_BYTES).await?;
            erased.swept = Some(traces.rewritten && traces.log_emptied);
            tracing::info!(
                events = erased.events,
                deliveries = erased.deliveries,
                cancelled = erased.cancelled,
                "a person was erased on request"
            );
        }
        Ok(erased)
    }

    /// The last `seq` of a page after `seq`, and what in it is of that person.
    async fn look_for(
        &self,
        person: &Arc<Person>,
        seq: i64,
        most_bytes: usize,
    ) -> Result<(Option<i64>, Vec<Found>), StoreError> {
        let page = self.store.stored_after(seq, most_bytes).await?;
        let last = page.last().map(|stored| stored.seq);
        let (person, sources) = (person.clone(), self.sources.all());
        // Parsing megabytes is no work for a thread that others wait on.
        let look = move || page.iter().filter_map(|stored| theirs(stored, &person, &sources)).collect();
        let found = tokio::task::spawn_blocking(look).await;
        Ok((last, found.map_err(|lost| StoreError::Failed(format!("a look did not end: {lost}")))?))
    }

    async fn erase_some(
        &self,
        person: &Arc<Person>,
        found: &[Found],
        erased: &mut Erased,
    ) -> Result<(), StoreError> {
        let mut found = found.to_vec();
        for look in 1..=LOOKS {
            let to_erase = found.iter().map(|found| found.event.clone()).collect();
            let outcomes = self.store.erase(to_erase, (self.clock)()).await?;
            let mut changed = Vec::new();
            for (Found { seq, event, .. }, outcome) in found.into_iter().zip(outcomes) {
                match outcome {
                    Erasure::Done { deliveries, cancelled } => erased.count(deliveries, cancelled),
                    Erasure::Changed if look < LOOKS => {
                        changed.extend(self.look_for(person, seq - 1, 0).await?.1);
                    }
                    Erasure::InFlight | Erasure::Changed => erased.under_way.push(event.event),
                    Erasure::NotThere => {}
                }
            }
            if changed.is_empty() {
                break;
            }
            found = changed;
        }
        Ok(())
    }

    async fn erase_refused(
        &self,
        person: &Person,
        dry_run: bool,
        erased: &mut Erased,
    ) -> Result<(), StoreError> {
        let refused = self.store.refused().await?;
        let theirs = refused.iter().filter(|(_, request)| is_of(request, person));
        let theirs: Vec<i64> = theirs.map(|(seq, _)| *seq).collect();
        erased.refused = theirs.len();
        if !dry_run && !theirs.is_empty() {
            self.store.erase_refused(theirs).await?;
        }
        Ok(())
    }
}

/// An event in which the person is.
#[derive(Clone)]
struct Found {
    seq: i64,
    event: ToErase,
    /// Deliveries of theirs that would still be sent.
    waiting: usize,
    in_flight: bool,
}

impl Erased {
    fn foresee(&mut self, found: &Found) {
        if found.in_flight {
            self.under_way.push(found.event.event);
        } else {
            self.count(found.event.deliveries.len(), found.waiting);
        }
    }

    fn count(&mut self, deliveries: usize, cancelled: usize) {
        self.events += 1;
        self.deliveries += deliveries;
        self.cancelled += cancelled;
    }
}

/// An event is theirs if its sender wrote of them, and also if one of its deliveries
/// is: the body may say only half of the number that its mapping completed.
fn theirs(stored: &Stored, person: &Person, sources: &Sources) -> Option<Found> {
    let Stored { seq, view, webhook } = stored;
    let deliveries: Vec<_> = view.deliveries.iter().filter(|delivery| is_to(delivery, person)).collect();
    let event = &view.event;
    let key = event.key.as_deref().is_some_and(|key| person.is_in_text(key));
    let said = event.problems.as_ref().is_some_and(|problems| person.is_in(problems))
        || event.reason.as_deref().is_some_and(|reason| person.is_in_text(reason));
    if !(key || said || !deliveries.is_empty() || is_in_webhook(webhook, person, sources)) {
        return None;
    }
    let in_state = |states: &[DeliveryState]| deliveries.iter().filter(|d| states.contains(&d.state)).count();
    Some(Found {
        seq: *seq,
        waiting: in_state(&[DeliveryState::Pending, DeliveryState::Held]),
        in_flight: in_state(&[DeliveryState::InFlight]) > 0,
        event: ToErase {
            event: event.id,
            seen: (event.state, view.deliveries.len()),
            key,
            deliveries: deliveries.iter().map(|delivery| delivery.id).collect(),
        },
    })
}

fn is_to(delivery: &DeliveryView, person: &Person) -> bool {
    let texts = [&delivery.business_key, &delivery.reason].into_iter().flatten();
    let excerpts = delivery.attempts.iter().flat_map(|attempt| [&attempt.excerpt, &attempt.reason]).flatten();
    person.is_in_text(&delivery.contact)
        || person.is_in_fields(&delivery.body)
        || texts.chain(excerpts).any(|text| person.is_in_text(text))
}

fn is_in_webhook(webhook: &InboxEvent, person: &Person, sources: &Sources) -> bool {
    let whole = DocumentRule::AsIs;
    let rule = match sources.get(webhook.source.as_str()) {
        Some(source) if webhook.item.is_none() => &source.mapping.document,
        _ => &whole,
    };
    is_in_request(rule, (&webhook.query, &webhook.headers, &webhook.body), person)
}

fn is_of(request: &RefusedRequest, person: &Person) -> bool {
    let body = request.body.as_deref().unwrap_or_default();
    request.explanation.as_ref().is_some_and(|explanation| person.is_in(explanation))
        || person.is_in_text(&request.reason)
        || is_in_request(&DocumentRule::AsIs, (&request.query, &request.headers, body), person)
}

/// The bytes are looked at too, and as a form: a body can be none that can be read,
/// and a document can say a field twice.
fn is_in_request(
    rule: &DocumentRule,
    (query, headers, body): (&str, &Headers, &[u8]),
    person: &Person,
) -> bool {
    let text = String::from_utf8_lossy(body);
    let in_pairs = |text: &str| {
        parse_query(text).iter().any(|(name, value)| person.is_in_text(name) || person.is_in_text(value))
    };
    person.is_in_text(query)
        || in_pairs(query)
        || headers.iter().any(|(_, value)| person.is_in_text(value))
        || person.is_in_text(&text)
        || read_document(rule, headers, body).map_or_else(|_| in_pairs(&text), |body| person.is_in(&body))
}
