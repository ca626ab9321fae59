//! One life: a sequence of things that happen, and what must be true at its end.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use fastrand::Rng;
use gancho::delivery::{DeliveryState, EventState, Pace, Verdict};
use gancho::event::EventId;
use gancho::source::{OpenSources, Sources};
use gancho::store::{AttemptView, DeliveryFilter, DeliveryView, InboxEvent, Moved, Paused, SettledAs, Store};
use gancho::worker::{Connection, Worker};

use super::upstream::{Arrived, Mood, PER_MINUTE, PER_SECOND, Talqui};
use crate::support::{HMAC, Setting, mapping};

const CONNECTIONS: [&str; 3] = ["loja", "vendas", "repete"];
/// Whose lanes wait for what is held.
const WAITS: &str = "loja";
const SOURCES: [&str; 2] = ["loja", "outra"];
/// Those of `vendas` are of no use after this.
const EXPIRES_AFTER: Duration = Duration::from_secs(120);
const DAY: Duration = Duration::from_secs(86_400);

#[derive(Debug, Default)]
pub struct Totals {
    pub events: u64,
    pub delivered: u64,
    pub held: u64,
    pub dead: u64,
    pub expired: u64,
    pub twins: u64,
    pub resent: u64,
    pub killed: u64,
    pub set_back: u64,
    pub by_hand: u64,
}

/// What lives share: the files, the store and the clock.
pub struct World {
    setting: Setting,
    sources: Sources,
    connections: BTreeMap<String, Connection>,
    store: Store,
}

impl World {
    pub async fn new() -> Self {
        let setting = Setting::in_memory(&SOURCES.map(|source| (source, MAPPING.as_str())));
        let setup = setting.load();
        let mut connections = setup.connections;
        let pace = Pace {
            max_in_flight: 4,
            per_second: Some(PER_SECOND as u32),
            per_minute: Some(PER_MINUTE as u32),
            ..Pace::default()
        };
        connections.values_mut().for_each(|connection| connection.pace = pace.clone());
        connections.get_mut("vendas").unwrap().policy.expires_after = Some(EXPIRES_AFTER);
        connections.get_mut("repete").unwrap().policy.attempts = 4;
        connections.get_mut(WAITS).unwrap().policy.lane_waits_for_held = true;
        let store = Store::open(&setup.config.store).unwrap();
        Self { setting, sources: setup.sources, connections, store }
    }

    pub async fn end(self) {
        self.store.close().await;
    }

    async fn reopen(&mut self) {
        self.store.clone().close().await;
        self.store = Store::open(&self.setting.store_file()).unwrap();
    }

    async fn worker(&self, talqui: &Talqui) -> Worker {
        let worker = Worker::new(
            self.store.clone(),
            OpenSources::new(self.sources.clone()),
            talqui.clone(),
            self.connections.clone(),
            self.setting.time.clock(),
        );
        worker.recover().await.unwrap();
        worker
    }
}

static MAPPING: std::sync::LazyLock<String> = std::sync::LazyLock::new(|| mapping(HMAC));

pub struct Life<'a> {
    world: &'a mut World,
    random: Rng,
    seed: u64,
    talqui: Talqui,
    worker: Worker,
    paused: Vec<Paused>,
    events: Vec<EventId>,
    /// What a person let go once more, by its text; and what a person took back.
    released: BTreeMap<String, usize>,
    cancelled: BTreeSet<String>,
}

impl<'a> Life<'a> {
    pub async fn live(world: &'a mut World, seed: u64, totals: &mut Totals) -> Result<(), String> {
        fastrand::seed(seed);
        let talqui = Talqui::new();
        let worker = world.worker(&talqui).await;
        let random = Rng::with_seed(seed);
        let mut life = Self {
            world,
            random,
            seed,
            talqui,
            worker,
            paused: Vec::new(),
            events: Vec::new(),
            released: BTreeMap::new(),
            cancelled: BTreeSet::new(),
        };
        for _ in 0..life.random.u32(10..30) {
            life.happen(totals).await;
        }
        life.come_to_rest().await?;
        life.judge(totals).await
    }

    async fn happen(&mut self, totals: &mut Totals) {
        match self.random.u8(0..22) {
            0..5 => self.receive().await,
            5..11 => self.step().await,
            11..14 => self.world.setting.time.pass(Duration::from_millis(self.random.u64(0..90_000))),
            14 | 15 => {
                let (connection, mood) = (self.any_connection(), Mood::any(&mut self.random));
                self.talqui.seen.lock().unwrap().moods.insert(connection, mood);
            }
            16 => self.pause_or_resume().await,
            17 => {
                let calls = self.random.u32(0..3);
                self.talqui.seen.lock().unwrap().kill_after = Some(calls);
                self.step().await;
                self.talqui.seen.lock().unwrap().kill_after = None;
                totals.killed += u64::from(self.restart_if_killed().await);
            }
            18 => self.restart().await,
            19 | 20 => self.decide_one(&[DeliveryState::Held, DeliveryState::Pending]).await.map_or((), drop),
            _ => {
                let by =
                    self.random.choice([Duration::from_secs(5), Duration::from_secs(3_600), DAY]).unwrap();
                self.world.setting.time.set_back(by);
                self.talqui.clock_set_back(by);
                totals.set_back += 1;
                // Noticed before anything is sent, as in the loop of the gateway.
                self.step().await;
            }
        }
    }

    fn any_connection(&mut self) -> String {
        CONNECTIONS[self.random.usize(0..CONNECTIONS.len())].to_owned()
    }

    /// A few webhooks, as `ingest` would record them.
    async fn receive(&mut self) {
        for _ in 0..self.random.u8(1..5) {
            let now = self.world.setting.time.now();
            let via = self.any_connection();
            let contact = format!("{}-{}", self.seed, self.random.u8(0..3));
            let source = SOURCES[self.random.usize(0..SOURCES.len())];
            let text = format!("{}/{}/{source}", self.seed, self.events.len());
            let order = format!("{}-{}", self.seed, self.random.u8(0..8));
            let body = serde_json::json!({ "via": via, "contato": contact, "texto": text, "pedido": order });
            let event = InboxEvent {
                id: EventId::generate(now),
                source: source.parse().unwrap(),
                key: Some(text),
                kind: None,
                received_at: now,
                request: None,
                item: None,
                method: "POST".to_owned(),
                query: String::new(),
                headers: [("content-type", "application/json")].into_iter().collect(),
                body: body.to_string().into(),
            };
            self.events.push(event.id);
            self.world.store.record(event).await.unwrap();
        }
    }

    /// One round of the worker, which may be killed in the middle of it.
    async fn step(&mut self) {
        self.talqui.seen.lock().unwrap().round += 1;
        let mut killed = self.talqui.killed.subscribe();
        tokio::select! {
            biased;
            _ = killed.wait_for(|killed| *killed) => {}
            step = self.worker.step() => drop(step.unwrap()),
        }
    }

    async fn restart_if_killed(&mut self) -> bool {
        let killed = self.talqui.killed.send_replace(false);
        if killed {
            self.restart().await;
        }
        killed
    }

    async fn restart(&mut self) {
        self.world.reopen().await;
        self.worker = self.world.worker(&self.talqui).await;
        // A refusal's pause ends with a restart; a person's does not.
        self.tell_what_is_stopped();
    }

    async fn pause_or_resume(&mut self) {
        let now = self.world.setting.time.now();
        if let Some(what) = self.paused.pop() {
            self.world.store.resume(what).await.unwrap();
        } else {
            let what = match self.random.u8(0..3) {
                0 => Paused::Everything,
                1 => Paused::Connection(self.any_connection()),
                _ => Paused::Source(SOURCES[self.random.usize(0..2)].to_owned()),
            };
            self.world.store.pause(what.clone(), "by hand", true, now).await.unwrap();
            self.paused.push(what);
        }
        self.tell_what_is_stopped();
    }

    /// A person decides about one delivery in one of these states. None: there is
    /// none.
    async fn decide_one(&mut self, states: &[DeliveryState]) -> Option<Moved> {
        let state = states[self.random.usize(0..states.len())];
        let filter = DeliveryFilter { state: Some(state), ..DeliveryFilter::default() };
        let found = self.world.store.deliveries(filter, None, 50).await.unwrap().items;
        let ours = |delivery: &&DeliveryView| delivery.contact.starts_with(&format!("{}-", self.seed));
        let found: Vec<DeliveryView> = found.iter().filter(ours).cloned().collect();
        let delivery = found.get(self.random.usize(0..found.len().max(1)))?;
        let text = delivery.body["messageValue"].as_str().unwrap().to_owned();
        let (store, now) = (self.world.store.clone(), self.world.setting.time.now());
        let moved = match self.random.u8(0..4) {
            0 => store.cancel(delivery.id, now).await.unwrap(),
            1 => store.settle_by_hand(delivery.id, SettledAs::Delivered, now).await.unwrap(),
            2 => store.settle_by_hand(delivery.id, SettledAs::NotSent, now).await.unwrap(),
            _ => store.release(delivery.id, now).await.unwrap(),
        };
        if let Moved::Moved { to, .. } = moved {
            match to {
                DeliveryState::Pending => *self.released.entry(text).or_default() += 1,
                _ => drop(self.cancelled.insert(text)),
            }
        }
        Some(moved)
    }

    fn tell_what_is_stopped(&self) {
        let stopped = self.paused.iter().flat_map(|what| match what {
            Paused::Everything => CONNECTIONS.map(str::to_owned).to_vec(),
            Paused::Connection(name) => vec![name.clone()],
            Paused::Source(name) => vec![format!("/{name}")],
        });
        self.talqui.seen.lock().unwrap().stopped = stopped.collect();
    }

    /// All troubles end; what can be sent is sent.
    async fn come_to_rest(&mut self) -> Result<(), String> {
        self.talqui.seen.lock().unwrap().moods.clear();
        for what in std::mem::take(&mut self.paused) {
            self.world.store.resume(what).await.unwrap();
        }
        self.tell_what_is_stopped();
        self.restart().await;
        for _ in 0..200 {
            self.talqui.seen.lock().unwrap().round += 1;
            let step = self.worker.step().await.unwrap();
            let waiting = self.world.store.next_due().await.unwrap();
            if step.planned == 0 && step.sent == 0 && waiting.is_empty() {
                let filter = DeliveryFilter {
                    state: Some(DeliveryState::Held),
                    connection: Some(WAITS.to_owned()),
                    ..DeliveryFilter::default()
                };
                if self.world.store.deliveries(filter, None, 1).await.unwrap().items.is_empty() {
                    return Ok(());
                }
                // Somebody waits behind it, maybe, and so for a person.
                self.decide_one(&[DeliveryState::Held]).await;
            }
            self.world.setting.time.pass(Duration::from_secs(61));
        }
        let (due, paused) =
            (self.world.store.next_due().await.unwrap(), self.world.store.paused().await.unwrap());
        let now = self.world.setting.time.now();
        Err(format!("it does not come to rest: it is {now}, due {due:?}, paused {paused:?}"))
    }

    async fn judge(&self, totals: &mut Totals) -> Result<(), String> {
        let arrived = {
            let seen = self.talqui.seen.lock().unwrap();
            if let Some(objection) = seen.objections.first() {
                return Err(objection.clone());
            }
            seen.arrived.clone()
        };
        let mut lanes = BTreeSet::new();
        totals.events += self.events.len() as u64;
        for id in &self.events {
            let view = self.world.store.event(*id).await.unwrap().ok_or("an event is not there any more")?;
            if view.event.state != EventState::Planned || view.deliveries.len() != 1 {
                return Err(format!("an event is not accounted for: {view:?}"));
            }
            let delivery = &view.deliveries[0];
            let times = arrived.iter().filter(|message| is_of(message, delivery)).count();
            self.judge_one(delivery, times, totals)
                .map_err(|why| format!("{why}: arrived {times} times: {delivery:#?}"))?;
            lanes.insert((delivery.connection.clone(), delivery.contact.clone()));
        }
        lanes.iter().try_for_each(|(connection, contact)| self.in_order(connection, contact, &arrived))
    }

    /// What of a lane arrived did so in the order planned; a repeat comes before
    /// what is behind it.
    fn in_order(&self, connection: &str, contact: &str, arrived: &[Arrived]) -> Result<(), String> {
        let look = self.world.setting.look();
        let sql = "SELECT body ->> 'messageValue' FROM deliveries WHERE connection = ? AND contact = ? ORDER BY seq";
        let mut planned = look.prepare(sql).unwrap();
        let planned = planned.query_map([connection, contact], |row| row.get(0)).unwrap();
        let planned: Vec<String> = planned.collect::<Result<_, _>>().unwrap();
        let place = |message: &Arrived| planned.iter().position(|text| *text == message.text);
        // One that a person lets go again comes after those that went on meanwhile.
        let of_lane = arrived
            .iter()
            .filter(|message| message.connection == connection && !self.released.contains_key(&message.text));
        let places: Vec<usize> = of_lane.filter_map(place).collect();
        match places.is_sorted() {
            true => Ok(()),
            false => Err(format!("the lane of {contact} on {connection} is out of order: {places:?}")),
        }
    }
}

fn is_of(message: &Arrived, delivery: &DeliveryView) -> bool {
    delivery.body["messageValue"] == message.text.as_str()
}

impl Life<'_> {
    fn judge_one(
        &self,
        delivery: &DeliveryView,
        times: usize,
        totals: &mut Totals,
    ) -> Result<(), &'static str> {
        let text = delivery.body["messageValue"].as_str().unwrap();
        let (by_hand, released) =
            (self.cancelled.contains(text), self.released.get(text).copied().unwrap_or_default());
        let resends = delivery.connection == "repete";
        let verdict = |attempt: &&AttemptView| attempt.verdict == Some(Verdict::Unknown);
        let unknown = delivery.attempts.iter().filter(verdict).count();
        if delivery.attempts.iter().any(|attempt| attempt.verdict.is_none()) {
            return Err("an attempt is open at rest");
        }
        if !resends && times > 1 + released || times > unknown + 1 {
            return Err("doubled");
        }
        totals.resent += times.saturating_sub(1) as u64;
        let counted = match delivery.state {
            _ if by_hand => &mut totals.by_hand,
            DeliveryState::Delivered if times == 0 => return Err("said to be delivered, and never arrived"),
            DeliveryState::Delivered => &mut totals.delivered,
            DeliveryState::Held if unknown == 0 => return Err("held, and nothing is unknown"),
            DeliveryState::Held => &mut totals.held,
            DeliveryState::Dead if times > unknown => return Err("said to be dead, and arrived"),
            DeliveryState::Dead => &mut totals.dead,
            DeliveryState::Expired if delivery.connection != "vendas" => {
                return Err("expired, and never said to");
            }
            DeliveryState::Expired if times > 0 => return Err("said to be expired, and arrived"),
            DeliveryState::Expired => &mut totals.expired,
            DeliveryState::Cancelled if delivery.twin_of.is_some() && times == 0 => &mut totals.twins,
            _ => return Err("not at rest"),
        };
        *counted += 1;
        Ok(())
    }
}
