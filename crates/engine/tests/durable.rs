//! Nothing is told to anyone before it is durable, and what was told survives any crash.
//!
//! The log is the simulated one behind a gate (`small::gate`): what is told while an append waits there
//! was told too early, and what queues up behind it is committed together.

mod small;

use std::collections::BTreeMap;
use std::sync::Arc;

use rand::{RngExt as _, SeedableRng as _};
use rand_chacha::ChaCha8Rng;
use small::gate::{Gate, others_go_on, queue, queue_first};
use small::{Small, at, host, lenient, manifest, parcel_id, shipment_id, spot};
use swerve_auth::{Principal, Scope};
use swerve_engine::{EngineError, Mutation, Request};
use swerve_eventlog::sim::{SimDisk, SimFault, SimLog};
use swerve_eventlog::{EventLog, Records};
use swerve_model::{
    Actor, Answer, Assurance, Custody, Moment, PointId, QuoteId, RequestId, RequestKey, Revision,
    Role, TenantId, TerritoryId, Ticks, Wish, WishedPlace,
};
use tokio::task::JoinHandle;

fn territory() -> TerritoryId {
    TerritoryId::new("plain").expect("a name")
}

fn mutation(role: Role, key: RequestKey, request: Request) -> Mutation {
    let tenant = TenantId::new("acme").expect("a name");
    let actor = Actor { tenant, role, subject: role.name().to_owned() };
    let principal = Principal { actor, scope: Scope::Tenant };
    Mutation { principal, key: Some(key), budget: None, validate_only: false, request }
}

/// Settings that search little: what is tried is what becomes of answers.
fn quick() -> swerve_engine::Settings {
    let mut settings = lenient();
    settings.budget.workers = 1;
    settings.budget.before_answer = 5;
    settings.budget.after_answer = 5;
    settings.budget.repair = 5;
    settings
}

/// Two vans and eight doors, planned.
fn stocked(gate: &Gate) -> Small {
    let log = Arc::clone(&gate.log) as Arc<dyn EventLog>;
    let small = Small::over(log, &gate.log.disk, quick(), host());
    small.tick(7, 0);
    small.open_vans(2);
    let mut shipments = Vec::new();
    for number in 1..=8 {
        let side = if number % 2 == 0 { 1.0 } else { -1.0 };
        let door = small.door(&format!("door{number}"), side * 900.0 * number as f64, 300.0);
        shipments.push(small.shipment(number, &door, &[]));
    }
    small.create(shipments);
    small.import(&[&[2, 4, 6, 8], &[1, 3, 5, 7]]);
    small
}

fn block_on<T>(future: impl Future<Output = T>) -> T {
    small::futures_block(future)
}

#[test]
fn nobody_hears_of_anything_while_its_sync_is_under_way() {
    let disk = SimDisk::new(1);
    let gate = Gate::new(&disk);
    let small = stocked(&gate);
    let before = small.territory.snapshot().state.sequence;
    let syncs = disk.counts().syncs;
    gate.shut();
    block_on(async {
        let first = mutation(Role::Operator, small.key(), Request::Tick(at(7, 10)));
        let leader = queue_first(&small, &gate, first).await;
        let door = PointId::new("door1").expect("a name");
        let create =
            |number: usize| Request::CreateShipments(vec![small.shipment(number, &door, &[])]);
        let followers = vec![
            mutation(Role::Tms, small.key(), create(20)),
            // Refused because of the one before it, which is not durable yet.
            mutation(Role::Tms, small.key(), create(20)),
            mutation(Role::Tms, small.key(), create(21)),
        ];
        let followers = queue(&small, followers).await;
        assert!(!leader.is_finished(), "told before its sync");
        assert_eq!(small.territory.snapshot().state.sequence, before, "read before its sync");
        gate.pass();
        let told = leader.await.expect("it is answered").expect("time moves on");
        assert_eq!(disk.synced(&territory()), told.snapshot.state.sequence);
        // The followers are one batch, written now and not synced.
        while !gate.is_written() {
            others_go_on().await;
        }
        assert_eq!(small.territory.snapshot().state.sequence, told.snapshot.state.sequence);
        assert_eq!(disk.counts().syncs, syncs + 1);
        for _ in 0..100 {
            others_go_on().await;
        }
        let early = followers.iter().filter(|one| one.is_finished()).count();
        assert_eq!(early, 0, "told of what a crash could still take");
        gate.pass();
        let mut answers = Vec::new();
        for follower in followers {
            answers.push(follower.await.expect("it is answered"));
        }
        let loser = &answers[1];
        assert!(matches!(loser, Err(EngineError::AlreadyExists { .. })), "{loser:?}");
        let last = answers.pop().expect("three").expect("created");
        assert_eq!(disk.synced(&territory()), last.snapshot.state.sequence);
        assert_eq!(disk.counts().syncs, syncs + 2, "one sync for the group");
    });
}

/// An answer as it was given.
#[derive(Clone, Debug)]
struct Told {
    mutation: Mutation,
    answer: Answer,
    revision: Revision,
    sequence: u64,
    hash: [u8; 32],
}

/// A day of groups: each a leader and some followers that are committed together.
struct Script {
    dice: ChaCha8Rng,
    now: Moment,
    quotes: Vec<QuoteId>,
    created: usize,
}

impl Script {
    fn new(seed: u64) -> Script {
        let dice = ChaCha8Rng::seed_from_u64(seed);
        Script { dice, now: at(7, 0), quotes: Vec::new(), created: 8 }
    }

    fn leader(&mut self) -> (Role, Request) {
        self.now += Ticks::from_minutes(self.dice.random_range(1..4));
        (Role::Operator, Request::Tick(self.now))
    }

    fn follower(&mut self, small: &Small) -> (Role, Request) {
        let number = self.dice.random_range(1..=self.created);
        let assurance = Assurance::OneTimeCode;
        let shipment = shipment_id(number);
        match self.dice.random_range(0..6) {
            0 => {
                self.created += 1;
                let door = PointId::new("door3").expect("a name");
                let shipment = small.shipment(self.created, &door, &[]);
                (Role::Tms, Request::CreateShipments(vec![shipment]))
            }
            1 => (Role::Tms, Request::CancelShipment { shipment, etag: None }),
            2 => {
                let custody = Custody::Loaded(manifest(1 + number % 2));
                let parcel = parcel_id(1);
                let scan = swerve_engine::Scan { shipment, parcel, custody };
                (Role::Tms, Request::RecordScans(vec![scan]))
            }
            3 if !self.quotes.is_empty() => {
                let quote = self.quotes.swap_remove(self.dice.random_range(0..self.quotes.len()));
                (Role::Tms, Request::CommitOffer { quote, offer: 0, assurance })
            }
            _ => {
                let (x, y) =
                    (self.dice.random_range(-9_000..9_000), self.dice.random_range(-900..900));
                let place = Some(WishedPlace::Location(spot(f64::from(x), f64::from(y))));
                let wish = Wish { place, ..Wish::default() };
                (Role::Tms, Request::Quote { shipment, wish, assurance, max_offers: 2 })
            }
        }
    }

    fn heard(&mut self, answer: &Answer) {
        if let Answer::Quoted(quote) | Answer::MovedOn(quote) = answer {
            self.quotes.push(quote.clone());
        }
    }
}

/// A script played until it ended or the machine stopped.
struct Played {
    told: Vec<Told>,
    /// Sent, and nobody knows what became of them.
    open: Vec<Mutation>,
    groups: usize,
}

/// Groups of a script, each with its answers.
const GROUPS: usize = 5;

/// Plays a script over a territory whose log stops or not.
fn play(small: &Small, gate: &Gate, seed: u64) -> Played {
    let mut script = Script::new(seed);
    let mut played = Played { told: Vec::new(), open: Vec::new(), groups: 0 };
    block_on(async {
        while played.groups < GROUPS && played.open.is_empty() {
            play_group(small, gate, &mut script, &mut played).await;
            played.groups += 1;
        }
    });
    played
}

async fn play_group(small: &Small, gate: &Gate, script: &mut Script, played: &mut Played) {
    let (role, request) = script.leader();
    // As the clock's owner sends it: a time is its own id.
    let leader = Mutation { key: None, ..mutation(role, small.key(), request) };
    let count = script.dice.random_range(2..6);
    let followers: Vec<Mutation> = (0..count)
        .map(|_| script.follower(small))
        .map(|(role, request)| mutation(role, small.key(), request))
        .collect();
    let first = queue_first(small, gate, leader.clone()).await;
    let rest = queue(small, followers.clone()).await;
    gate.pass();
    let mut sent = vec![leader];
    sent.extend(followers);
    let mut waiting = vec![first];
    waiting.extend(rest);
    // The rest is one more append, unless all of it was refused.
    while !waiting.iter().all(JoinHandle::is_finished) {
        if gate.is_written() {
            gate.pass();
        }
        others_go_on().await;
    }
    for (mutation, answer) in sent.into_iter().zip(waiting) {
        match answer.await.expect("no task panics") {
            Ok(outcome) => {
                script.heard(&outcome.answer);
                let snapshot = outcome.snapshot;
                let (sequence, hash) = (snapshot.state.sequence, snapshot.plan_hash());
                let (answer, revision) = (outcome.answer, outcome.revision);
                played.told.push(Told { mutation, answer, revision, sequence, hash });
                let durable = gate.log.disk.synced(&territory());
                assert!(durable >= sequence, "told of {sequence}, durable to {durable}");
            }
            Err(EngineError::ShuttingDown) => played.open.push(mutation),
            // A rule refused it; nothing is kept of it.
            Err(_) => {}
        }
    }
}

/// A plan as a record has it.
type Sight = (Revision, [u8; 32]);

/// What the disk holds: the plan at each sequence, and the sequence of each request.
fn kept(disk: &SimDisk) -> (Vec<Sight>, BTreeMap<RequestId, u64>) {
    let log = SimLog::open(disk).expect("the disk survived");
    let (mut sights, mut requests) = (Vec::new(), BTreeMap::new());
    for stored in Records::from(&log, &territory(), 1).expect("it can be read") {
        let stored = stored.expect("every record is whole");
        if let Some(key) = stored.record.request {
            let twice = requests.insert(key.id, stored.head.sequence);
            assert_eq!(twice, None, "a request took effect twice");
        }
        sights.push((stored.record.revision, stored.record.plan_hash));
    }
    (sights, requests)
}

/// Cuts the power, and holds what is left against what was told.
fn crash_and_check(disk: &SimDisk, played: &Played, case: &str) -> u64 {
    disk.crash();
    let (sights, requests) = kept(disk);
    for told in &played.told {
        assert!(told.sequence <= sights.len() as u64, "{case}: {} is lost", told.sequence);
        let (revision, hash) = sights[told.sequence as usize - 1];
        assert_eq!((revision, hash), (told.revision, told.hash), "{case}: at {}", told.sequence);
    }
    // Replays every record and compares every hash.
    let small = Small::with(disk, quick(), host());
    let snapshot = small.territory.snapshot();
    assert_eq!(Some(&(snapshot.state.revision, snapshot.plan_hash())), sights.last(), "{case}");
    let mut done_unheard = 0;
    block_on(async {
        for told in played.told.iter().filter(|told| told.mutation.key.is_some()) {
            let again = small.territory.submit(told.mutation.clone()).await.expect("answered");
            assert_eq!((again.answer, again.revision), (told.answer.clone(), told.revision));
        }
        for open in &played.open {
            let Some(key) = &open.key else { continue };
            let again = small.territory.submit(open.clone()).await;
            if let Some(sequence) = requests.get(&key.id) {
                let again = again.unwrap_or_else(|error| panic!("{case}: {error}: it was done"));
                assert_eq!(again.revision, sights[*sequence as usize - 1].0, "{case}");
                done_unheard += 1;
            }
        }
    });
    disk.crash();
    // Panics if any request is in it twice.
    kept(disk);
    done_unheard
}

#[test]
fn a_crash_at_any_write_takes_nothing_that_was_told_and_nothing_is_done_twice() {
    let (mut crashes, mut open, mut done_unheard, mut told, mut syncs) = (0, 0, 0, 0, 0);
    for seed in 0..4 {
        for fault in [SimFault::CrashBeforeSync, SimFault::CrashBeforeAnswer, SimFault::SyncError] {
            for write in 0.. {
                let disk = SimDisk::new(seed);
                let gate = Gate::new(&disk);
                let small = stocked(&gate);
                gate.shut();
                let before = disk.counts().syncs;
                disk.fail_after(write, fault);
                let played = play(&small, &gate, seed);
                let case = format!("seed {seed}, {fault:?} at write {write}");
                assert!(disk.counts().syncs - before <= 2 * played.groups as u64, "{case}");
                done_unheard += crash_and_check(&disk, &played, &case);
                told += played.told.len() as u64;
                syncs += disk.counts().syncs - before;
                crashes += 1;
                open += played.open.len();
                if played.open.is_empty() {
                    // Every write has been the one that fails.
                    assert!(played.told.len() > GROUPS, "{case}: little happened");
                    break;
                }
            }
        }
    }
    eprintln!(
        "{crashes} crashes, {told} answers, {syncs} syncs, {open} open, {done_unheard} done unheard"
    );
    assert!(open > 100 && done_unheard > 20, "{open} open, {done_unheard} done unheard");
}
