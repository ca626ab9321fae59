//! Planning again: who has a message does not get it again.

use super::*;
use crate::store::{Fate, Obstacle, Replan, SettledAs};

fn unmapped() -> Planned {
    Planned { mapping_version: "v1".into(), outcome: PlanOutcome::Unmapped { problems: problems() } }
}

fn ignored() -> Planned {
    let outcome = PlanOutcome::Ignored { reason: "no `when` held: paid".into() };
    Planned { mapping_version: "v1".into(), outcome }
}

/// The same message as it is planned again: with an id of its own.
fn again(delivery: &NewDelivery) -> NewDelivery {
    NewDelivery { id: DeliveryId::generate(NOW), ..delivery.clone() }
}

fn saying(text: &str, delivery: NewDelivery) -> NewDelivery {
    NewDelivery { body: json!({ "messageValue": text }).as_object().cloned().unwrap(), ..delivery }
}

fn v2(deliveries: Vec<NewDelivery>) -> Planned {
    Planned { mapping_version: "v2".into(), ..messages(deliveries) }
}

/// Whether each would be sent; and then it is done, and it was so.
async fn sent(bench: &Bench, event: EventId, plan: Planned, force: bool) -> Vec<bool> {
    let would = bench.store.would_replan(event, plan.clone(), force, NOW).await.unwrap();
    let Replan::Done(shown) = &would else { panic!("{would:?}") };
    let sends: Vec<bool> = shown.fates.iter().map(|fate| *fate == Fate::Send).collect();
    assert_eq!(bench.store.replan(event, plan, sends.clone(), force, NOW).await.unwrap(), would);
    sends
}

async fn deliver(bench: &Bench, next: Next) {
    let claimed = bench.claim_one(NOW).await;
    bench.settle(&claimed, next).await;
}

#[tokio::test]
async fn what_was_parked_is_planned_by_the_mapping_of_today() {
    for was in [unmapped(), ignored()] {
        let bench = Bench::new();
        let event = bench.record(an_event(None)).await;
        bench.store.plan(event, was, NOW).await.unwrap();
        let delivery = to("c", "1");
        assert_eq!(sent(&bench, event, v2(vec![delivery.clone()]), false).await, [true]);
        let view = bench.view(event).await;
        assert_eq!(
            (state_of(&view), view.event.mapping_version.as_deref()),
            (EventState::Planned, Some("v2"))
        );
        assert_eq!((view.event.problems, view.event.reason), (None, None));
        assert_eq!(bench.claim_ids(NOW).await, [delivery.id]);
    }
}

#[tokio::test]
async fn what_is_still_not_mapped_says_why_today() {
    let bench = Bench::new();
    let event = bench.record(an_event(None)).await;
    bench.store.plan(event, ignored(), NOW).await.unwrap();
    assert_eq!(sent(&bench, event, unmapped(), false).await, [] as [bool; 0]);
    let view = bench.view(event).await;
    assert_eq!(
        (state_of(&view), view.event.problems, view.event.reason),
        (EventState::Unmapped, Some(problems()), None)
    );
}

#[tokio::test]
async fn only_a_finished_event_is_planned_again() {
    let bench = Bench::new();
    let event = bench.record(an_event(Some("e1"))).await;
    let repeat = an_event(Some("e1"));
    let twin = repeat.id;
    bench.store.record(repeat).await.unwrap();
    let plan = || v2(vec![to("c", "1")]);
    for (event, expected) in [
        (event, Replan::Not(EventState::Received)),
        (twin, Replan::Not(EventState::Duplicate)),
        (EventId::generate(NOW), Replan::NotThere),
    ] {
        assert_eq!(bench.store.would_replan(event, plan(), true, NOW).await, Ok(expected.clone()));
        assert_eq!(bench.store.replan(event, plan(), vec![true], true, NOW).await, Ok(expected));
    }
    assert!(bench.claim(NOW).await.is_empty());
}

#[tokio::test]
async fn a_planned_event_of_which_nothing_is_new_stays_as_it_is() {
    let bench = Bench::new();
    let delivery = to("c", "1");
    let event = bench.plan(vec![delivery.clone()]).await;
    deliver(&bench, Next::Delivered).await;
    let before = bench.view(event).await;
    for plan in [v2(vec![again(&delivery)]), unmapped(), ignored()] {
        sent(&bench, event, plan, false).await;
        assert_eq!(bench.view(event).await, before);
    }
}

#[tokio::test]
async fn who_has_it_or_may_have_it_gets_it_by_force_alone() {
    for next in [Next::Delivered, HOLD] {
        for key in [None, Some("k")] {
            let bench = Bench::new();
            let delivery = NewDelivery { business_key: key.map(str::to_owned), ..to("c", "1") };
            let event = bench.plan(vec![delivery.clone()]).await;
            deliver(&bench, next).await;
            assert_eq!(sent(&bench, event, v2(vec![again(&delivery)]), false).await, [false]);
            let forced = again(&delivery);
            assert_eq!(sent(&bench, event, v2(vec![forced.clone()]), true).await, [true]);
            // It is on its way now, and force does not make it two.
            assert_eq!(sent(&bench, event, v2(vec![again(&delivery)]), true).await, [false]);
            assert_eq!(bench.claim_ids(NOW).await, [forced.id]);
            assert_eq!(sent(&bench, event, v2(vec![again(&delivery)]), true).await, [false]);
        }
    }
}

#[tokio::test]
async fn who_surely_has_nothing_gets_it() {
    for key in [None, Some("k")] {
        let bench = Bench::new();
        let new = |contact: &str| NewDelivery { business_key: key.map(str::to_owned), ..to("c", contact) };
        let (dead, stale, taken_back) = (new("1"), new("2"), new("3"));
        let stale = NewDelivery { expires_at: Some(NOW), ..stale };
        let event = bench.plan(vec![dead.clone(), stale.clone(), taken_back.clone()]).await;
        bench.store.expire(NOW).await.unwrap();
        bench.store.cancel(taken_back.id, NOW).await.unwrap();
        deliver(&bench, Next::Bury).await;
        let today = [&dead, &stale, &taken_back].map(again).map(|d| NewDelivery { expires_at: None, ..d });
        assert_eq!(sent(&bench, event, v2(today.to_vec()), false).await, [true, true, true]);
        let mut claimed = bench.claim_ids(NOW).await;
        claimed.sort();
        let mut ids = today.map(|delivery| delivery.id);
        ids.sort();
        assert_eq!(claimed, ids);
    }
}

#[tokio::test]
async fn an_unknown_attempt_stands_in_the_way_until_a_person_says_that_it_did_not_arrive() {
    for key in [None, Some("k")] {
        let bench = Bench::new();
        let delivery = NewDelivery { business_key: key.map(str::to_owned), ..to("c", "1") };
        let event = bench.plan(vec![delivery.clone()]).await;
        deliver(&bench, HOLD).await;
        let settled = delivery.id;
        bench.store.release(settled, NOW).await.unwrap();
        deliver(&bench, Next::Bury).await;
        assert_eq!(bench.states(event).await, [DeliveryState::Dead]);
        assert_eq!(
            sent(&bench, event, v2(vec![again(&delivery)]), false).await,
            [false],
            "the first may have arrived"
        );

        let event = bench.plan(vec![NewDelivery { contact: "2".into(), ..again(&delivery) }]).await;
        deliver(&bench, HOLD).await;
        let held = bench.view(event).await.deliveries[0].id;
        bench.store.settle_by_hand(held, SettledAs::NotSent, NOW).await.unwrap();
        let today = NewDelivery { contact: "2".into(), ..again(&delivery) };
        assert_eq!(sent(&bench, event, v2(vec![today]), false).await, [true]);
    }
}

#[tokio::test]
async fn a_spent_key_is_spent_for_every_event() {
    let bench = Bench::new();
    let first = once("k", to("c", "1"));
    bench.plan(vec![first.clone()]).await;
    deliver(&bench, Next::Delivered).await;
    let parked = bench.record(an_event(None)).await;
    bench.store.plan(parked, unmapped(), NOW).await.unwrap();
    let new = once("k2", to("c", "1"));
    assert_eq!(sent(&bench, parked, v2(vec![again(&first), new.clone()]), false).await, [false, true]);

    let view = bench.view(parked).await;
    let twin = &view.deliveries[0];
    assert_eq!((twin.state, twin.twin_of), (DeliveryState::Cancelled, Some(first.id)), "it is seen");
    sent(&bench, parked, v2(vec![again(&first), again(&new)]), false).await;
    assert_eq!(bench.view(parked).await.deliveries.len(), 2, "and seen once");
}

#[tokio::test]
async fn one_key_twice_in_a_plan_is_one_message() {
    let bench = Bench::new();
    let event = bench.record(an_event(None)).await;
    bench.store.plan(event, unmapped(), NOW).await.unwrap();
    let twice = vec![once("k", to("c", "1")), once("k", to("c", "1"))];
    assert_eq!(sent(&bench, event, v2(twice), true).await, [true, false]);
    assert_eq!(bench.claim(NOW).await.len(), 1);
}

#[tokio::test]
async fn a_mended_text_is_not_another_message() {
    let bench = Bench::new();
    let event = bench.plan(vec![saying("Oi, {{name}}", to("c", "1"))]).await;
    deliver(&bench, Next::Delivered).await;
    let mended = || vec![saying("Oi, Maria", to("c", "1")), saying("Oi, Ana", to("c", "2"))];
    let would = bench.store.would_replan(event, v2(mended()), false, NOW).await.unwrap();
    let Replan::Done(replanned) = would else { panic!("{would:?}") };
    assert!(matches!(replanned.fates[0], Fate::Skip(Obstacle::OtherWords(_))), "{replanned:?}");
    assert_eq!(sent(&bench, event, v2(mended()), false).await, [false, true], "Ana has nothing yet");
}

#[tokio::test]
async fn items_of_one_message_are_told_apart_by_their_words() {
    let bench = Bench::new();
    let item = |text: &str| saying(text, to("c", "1"));
    let event = bench.plan(vec![item("shirt"), item("shoes")]).await;
    deliver(&bench, Next::Delivered).await;
    deliver(&bench, Next::Bury).await;
    // The one that was refused goes out again; the one that arrived does not.
    assert_eq!(sent(&bench, event, v2(vec![item("shirt"), item("shoes")]), false).await, [false, true]);

    let event = bench.plan(vec![item("shirt"), item("shoes")]).await;
    bench.claim_one(NOW).await;
    // In other words nobody knows which of the two is on its way.
    assert_eq!(
        sent(&bench, event, v2(vec![item("a shirt"), item("some shoes")]), false).await,
        [false, false]
    );
}

#[tokio::test]
async fn items_with_keys_are_told_apart_by_them() {
    let bench = Bench::new();
    let item = |key: &str, text: &str| once(key, saying(text, to("c", "1")));
    let event = bench.plan(vec![item("1", "shirt")]).await;
    deliver(&bench, Next::Delivered).await;
    let today = vec![item("1", "a shirt"), item("2", "shoes")];
    assert_eq!(sent(&bench, event, v2(today), false).await, [false, true]);
}

#[tokio::test]
async fn what_is_too_old_is_not_sent_by_force_either() {
    let bench = Bench::new();
    let stale = NewDelivery { expires_at: Some(NOW), ..to("c", "1") };
    let event = bench.record(an_event(None)).await;
    bench.store.plan(event, unmapped(), NOW).await.unwrap();
    assert_eq!(sent(&bench, event, v2(vec![stale]), true).await, [false]);
    assert_eq!(bench.states(event).await, [DeliveryState::Expired]);
}

#[tokio::test]
async fn nothing_is_sent_that_was_not_shown() {
    let bench = Bench::new();
    let delivery = to("c", "1");
    let event = bench.plan(vec![delivery.clone()]).await;
    deliver(&bench, Next::Bury).await;
    let before = bench.view(event).await;
    for shown in [vec![false], vec![], vec![true, true]] {
        let replan = bench.store.replan(event, v2(vec![again(&delivery)]), shown, false, NOW).await;
        assert_eq!(replan, Ok(Replan::Changed));
    }
    assert_eq!(bench.view(event).await, before);
}
