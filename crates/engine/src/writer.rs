//! The one writer of a territory: takes what is queued, decides it in order, makes it durable once,
//! then publishes and answers.
//!
//! It is a thread, not a task: searches run on it and on the rayon pool, never on the async runtime.
//! What it decides it applies to its own working snapshot at once, so that the next request of the
//! batch sees it; readers see it only after the append. If the append fails the process ends, so a
//! working snapshot that was never durable is never served.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use swerve_auth::{Principal, Scope};
use swerve_eventlog::{EncodedRecord, EventLog, EventLogError};
use swerve_model::{
    Actor, Answer, Assurance, Event, ManifestId, Record, RequestKey, Revision, Role, ShipmentId,
    Wish,
};
use tokio::sync::{mpsc, oneshot, watch};

use crate::apply::{self, Touched};
use crate::background::Background;
use crate::batch::{ByRegret, Commits};
use crate::changes::Look;
use crate::decide::{self, Decision};
use crate::error::EngineError;
use crate::request::{Mutation, Position, Request};
use crate::snapshot::Snapshot;
use crate::{changes, improve, rights, tick, told, wish};

/// Requests decided together and made durable by one append. Enough to share the cost of a sync
/// under load; few enough that the last of them waits no longer than a few milliseconds.
pub const BATCH_MAX: usize = 64;

/// What a mutation came to. `snapshot` is the territory right after it.
#[derive(Clone, Debug)]
pub struct Outcome {
    pub answer: Answer,
    pub revision: Revision,
    pub snapshot: Arc<Snapshot>,
}

pub(crate) type Reply = oneshot::Sender<Result<Outcome, EngineError>>;
/// Real time since some fixed moment. Only the binary has a clock to make one from.
pub type Elapsed = Arc<dyn Fn() -> Duration + Send + Sync>;

/// What a territory needs of the program it runs in.
#[derive(Clone)]
pub struct Host {
    pub elapsed: Elapsed,
    /// The pool that searches before an answer run on.
    pub live: Arc<rayon::ThreadPool>,
    /// The pool that searches while nobody waits run on. Another one: on a simulated clock the writer,
    /// which works on `live`, waits for them.
    pub background: Arc<rayon::ThreadPool>,
    /// Called when the log has failed. After a failed sync nobody knows what is on disk, so nothing
    /// more may be served: a program ends here, and recovers by reading what is there. If it returns,
    /// the writer stops, and whoever waits learns nothing about what was asked.
    pub fatal: Arc<dyn Fn(&EventLogError) + Send + Sync>,
}

pub(crate) type Positions = Arc<Mutex<BTreeMap<ManifestId, Position>>>;

/// A quote that was computed on a reader's snapshot and waits to be written down.
#[derive(Debug)]
pub(crate) struct FoundQuote {
    pub shipment: ShipmentId,
    pub wish: Wish,
    pub assurance: Assurance,
    pub answered: wish::Answered,
}

#[derive(Debug)]
pub(crate) struct Asked {
    pub mutation: Mutation,
    pub received: Duration,
    pub found: Option<FoundQuote>,
    pub reply: Reply,
}

#[derive(Debug)]
pub(crate) enum Command {
    Mutate(Box<Asked>),
    Shutdown,
}

/// A request decided and not yet answered. A refusal waits as well: it may be due to a request of
/// the same batch, of which nobody may hear before it is durable.
struct Pending {
    reply: Reply,
    decided: Result<(Answer, Revision, Snapshot), EngineError>,
}

#[derive(Default)]
struct Decided {
    records: Vec<Record>,
    pending: Vec<Pending>,
    /// Nothing is taken any more.
    last: bool,
}

pub(crate) struct Writer {
    pub working: Snapshot,
    pub log: Arc<dyn EventLog>,
    pub queue: mpsc::Receiver<Command>,
    pub published: watch::Sender<Arc<Snapshot>>,
    pub positions: Positions,
    pub host: Host,
    /// What waits for the longer look.
    pub changed: tick::Changed,
    pub background: Background,
}

impl Writer {
    /// Runs until told to stop or until nobody can ask any more.
    pub(crate) fn run(mut self) {
        let mut batch = Vec::with_capacity(BATCH_MAX);
        while let Some(first) = self.queue.blocking_recv() {
            batch.push(first);
            while batch.len() < BATCH_MAX {
                match self.queue.try_recv() {
                    Ok(next) => batch.push(next),
                    Err(_) => break,
                }
            }
            if self.take(std::mem::take(&mut batch)) {
                break;
            }
        }
        self.background.stop();
        tracing::info!(territory = %self.working.settings.territory, "writer stopped");
    }

    /// Decides a batch, makes it durable, publishes and answers. `true` when it is the last.
    fn take(&mut self, batch: Vec<Command>) -> bool {
        let pool = Arc::clone(&self.host.live);
        let Decided { records, pending, last } = pool.install(|| self.decide_batch(batch));
        if let Err(error) = self.make_durable(&records) {
            tracing::error!(%error, "the log failed; what was asked may or may not be in it");
            (self.host.fatal)(&error);
            return true;
        }
        if !records.is_empty() {
            self.published.send_replace(Arc::new(self.working.clone()));
        }
        for Pending { reply, decided } in pending {
            let outcome = decided.map(|(answer, revision, snapshot)| Outcome {
                answer,
                revision,
                snapshot: Arc::new(snapshot),
            });
            // A caller that has gone away still has its effect; the request id tells it so later.
            drop(reply.send(outcome));
        }
        last
    }

    fn decide_batch(&mut self, batch: Vec<Command>) -> Decided {
        let mut decided = Decided::default();
        let mut commits = Commits::default();
        for command in batch {
            let Command::Mutate(asked) = command else {
                self.decide_together(&mut commits, &mut decided);
                decided.last = true;
                continue;
            };
            if decided.last {
                drop(asked.reply.send(Err(EngineError::ShuttingDown)));
                continue;
            }
            let Err(mut asked) = commits.add(&self.working, asked) else { continue };
            // A quote was answered on an earlier plan anyway; anything else sees what came before it.
            if asked.found.is_none() {
                self.decide_together(&mut commits, &mut decided);
                match commits.add(&self.working, asked) {
                    Ok(()) => continue,
                    Err(other) => asked = other,
                }
            }
            self.decide_one(*asked, Look::Own, &mut decided);
        }
        self.decide_together(&mut commits, &mut decided);
        decided
    }

    /// Decides commits by regret, and looks around all they touched at once.
    fn decide_together(&mut self, commits: &mut Commits, decided: &mut Decided) {
        let asked = commits.take();
        if asked.len() < 2 {
            for only in asked {
                self.decide_one(only, Look::Own, decided);
            }
            return;
        }
        let pause = Arc::clone(self.background.pause());
        let _hold = pause.hold();
        let first = decided.records.len();
        let mut by_regret = ByRegret::new(&self.working, asked);
        while let Some(next) = by_regret.next() {
            let before = decided.records.len();
            self.decide_one(next, Look::Together, decided);
            let changed = touched_by(&self.working, &decided.records[before..]);
            by_regret.refresh(&self.working, &changed);
        }
        let committed = &decided.records[first..];
        if let Some(decision) = improve::together(&self.working, committed) {
            let actor = engine_actor(&self.working);
            decided.records.push(record(&mut self.working, actor, None, decision));
        }
    }

    fn decide_one(&mut self, asked: Asked, look: Look, decided: &mut Decided) {
        let Asked { mutation, received, found, reply } = asked;
        let outcome = self.decide(mutation, received, found, look, &mut decided.records);
        decided.pending.push(Pending { reply, decided: outcome });
    }

    /// Nothing is told to anyone before this returns.
    fn make_durable(&self, records: &[Record]) -> Result<(), EventLogError> {
        if records.is_empty() {
            return Ok(());
        }
        let territory = &self.working.settings.territory;
        let head = self.working.state.sequence - records.len() as u64;
        let encoded = records.iter().map(EncodedRecord::new).collect();
        self.log.append(territory, head, encoded).map(drop)
    }

    fn decide(
        &mut self,
        mutation: Mutation,
        received: Duration,
        found: Option<FoundQuote>,
        look: Look,
        records: &mut Vec<Record>,
    ) -> Result<(Answer, Revision, Snapshot), EngineError> {
        if let Some(key) = &mutation.key
            && let Some(before) = self.working.state.answered.get(&key.id)
        {
            if before.digest != key.digest {
                return Err(EngineError::RequestIdReused { id: key.id.to_string() });
            }
            return Ok((before.answer.clone(), before.revision, self.working.clone()));
        }
        if let Some(budget) = mutation.budget
            && (self.host.elapsed)().saturating_sub(received) >= budget
        {
            return Err(EngineError::DeadlinePassed);
        }
        let pause = Arc::clone(self.background.pause());
        let hold = pause.hold();
        rights::check(&self.working, &mutation.principal, &mutation.request)?;
        let is_tick = matches!(mutation.request, Request::Tick(_));
        let step = self.working.planning_time();
        let mut decision = match found {
            Some(FoundQuote { shipment, wish, assurance, answered }) => {
                changes::remember(&self.working, &shipment, &wish, assurance, answered)
            }
            None => decide::decide(&self.working, mutation.request, look)?,
        };
        if is_tick {
            decision.events.extend(tick::fold_positions(&self.working, &self.positions));
        }
        if mutation.validate_only {
            let mut trial = self.working.clone();
            let record = record(&mut trial, mutation.principal.actor, None, decision);
            return Ok((record.answer, record.revision, trial));
        }
        let record = record(&mut self.working, mutation.principal.actor, mutation.key, decision);
        let answered = (record.answer.clone(), record.revision, self.working.clone());
        records.push(record);
        if !is_tick {
            return Ok(answered);
        }
        if self.working.planning_time() != step {
            self.after_step(records);
        }
        // On a simulated clock the next thing is to wait for what is under way.
        drop(hold);
        self.in_background(records);
        Ok((answered.0, self.working.state.revision, self.working.clone()))
    }

    /// What follows from the clock alone, each step a record of the engine's own.
    fn after_step(&mut self, records: &mut Vec<Record>) {
        let mut follow = |working: &mut Snapshot, decision: Option<Decision>| {
            if let Some(decision) = decision {
                let actor = engine_actor(working);
                records.push(record(working, actor, None, decision));
            }
        };
        while let Some(decision) = tick::revert_unacknowledged(&self.working) {
            follow(&mut self.working, Some(decision));
        }
        let placed = tick::place_waiting(&self.working);
        follow(&mut self.working, placed);
        self.changed.note(&self.working);
        let dirty = self.changed.next(&self.working);
        let improved = tick::longer_look(&self.working, &dirty);
        follow(&mut self.working, improved);
        self.changed.published(&self.working);
    }

    /// Takes in what was searched since the last tick, and starts what is searched until the next.
    fn in_background(&mut self, records: &mut Vec<Record>) {
        self.changed.note(&self.working);
        if let Some(decision) = self.background.land(&self.working) {
            let actor = engine_actor(&self.working);
            let improved = record(&mut self.working, actor, None, decision);
            self.background.published(&self.working, &improved.events);
            self.changed.published(&self.working);
            records.push(improved);
        }
        self.background.launch(&self.working);
    }
}

/// Keys of the manifests that these records changed.
pub(crate) fn touched_by(snapshot: &Snapshot, records: &[Record]) -> BTreeSet<u32> {
    let deltas = records.iter().flat_map(|record| &record.events).filter_map(|event| match event {
        Event::PlanChanged { delta, .. } => Some(delta),
        _ => None,
    });
    let changes = deltas.flat_map(|delta| &delta.manifests);
    changes.filter_map(|change| snapshot.key_of(&change.manifest)).collect()
}

/// The engine as an actor: what nobody asked for.
pub(crate) fn engine_principal(snapshot: &Snapshot) -> Principal {
    Principal { actor: engine_actor(snapshot), scope: Scope::Tenant }
}

fn engine_actor(snapshot: &Snapshot) -> Actor {
    let tenant = snapshot.state.tenant.clone();
    Actor { tenant, role: Role::Engine, subject: "engine".to_owned() }
}

/// Applies a decision to a snapshot, adds what has to be told anew, and seals both as one record.
fn record(
    working: &mut Snapshot,
    actor: Actor,
    request: Option<RequestKey>,
    decision: Decision,
) -> Record {
    let plan_changes = decision.events.iter().any(|event| {
        matches!(
            event,
            Event::PlanChanged { .. } | Event::PromiseChanged { .. } | Event::StopPinned { .. }
        )
    });
    let present = working.state.revision;
    let revision = if plan_changes { present.next() } else { present };
    let mut record = Record {
        actor,
        request,
        at: working.state.now,
        events: decision.events,
        answer: decision.answer,
        revision,
        plan_hash: [0; 32],
        policy_version: working.settings.policy.version.clone(),
        iterations: decision.iterations,
    };
    let mut touched = Touched::default();
    let own = "a decision is made of events that fit the state it was made on";
    apply::begin(&mut working.state, &record);
    apply::events(&mut working.state, &record.events, revision, &mut touched).expect(own);
    record.at = working.state.now;
    let renewed = working.refresh(&touched);
    let retold = told::retell(working, renewed.iter());
    if !retold.is_empty() {
        let mut told = Touched::default();
        apply::events(&mut working.state, &retold, revision, &mut told).expect(own);
        working.refresh(&told);
        touched.manifests.extend(told.manifests);
        touched.shipments.extend(told.shipments);
        record.events.extend(retold);
    }
    apply::finish(&mut working.state, &record, &mut touched);
    record.plan_hash = working.plan_hash();
    record
}
