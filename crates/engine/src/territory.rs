//! A running territory, as the rest of the program holds it.
//!
//! Reads take the newest snapshot and wait for nobody. Mutations go into a bounded queue to the one
//! writer; whoever asked only sends and waits, so a call that is dropped tears nothing.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;

use swerve_auth::{Action, Principal, Resource, permits};
use swerve_eventlog::{EventLog, EventLogError, RecordSource, Records};
use swerve_model::{LatLng, ManifestId, Moment, Revision, TenantId, TerritoryId};
use tokio::sync::{mpsc, oneshot, watch};

use crate::apply::{self, ApplyError, Touched};
use crate::background::{Background, BackgroundFigures, Counts, Pause};
use crate::error::EngineError;
use crate::request::{Mutation, Position, Request};
use crate::settings::Settings;
use crate::snapshot::Snapshot;
use crate::tick::Changed;
use crate::travel::{Roads, Snapped};
use crate::wish;
use crate::writer::{
    Asked, Command, FoundQuote, Host, Outcome, Positions, Writer, engine_principal,
};

/// Requests waiting for the writer at most. At a few milliseconds a batch of 64 this is about a
/// tenth of a second's wait; beyond it callers are told to come back.
pub const QUEUE_MAX: usize = 1024;

/// Why a territory could not be opened.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    #[error("the settings do not fit the road network")]
    Settings(#[source] EngineError),
    #[error("the log cannot be read")]
    Log(#[from] EventLogError),
    #[error("record {sequence} does not fit the state before it")]
    Replay { sequence: u64, source: ApplyError },
    #[error("replaying record {sequence} gives another plan than the one that was acknowledged")]
    Hash { sequence: u64 },
    #[error("the writer's thread could not be started")]
    Thread(#[source] std::io::Error),
    #[error("the search pool could not be started")]
    Pool(#[from] rayon::ThreadPoolBuildError),
}

/// A running territory. Cheap to clone.
#[derive(Clone)]
pub struct Territory {
    inner: Arc<Inner>,
}

struct Inner {
    settings: Arc<Settings>,
    roads: Arc<dyn Roads>,
    queue: mpsc::Sender<Command>,
    published: watch::Receiver<Arc<Snapshot>>,
    positions: Positions,
    host: Host,
    pause: Arc<Pause>,
    counts: Arc<Counts>,
    writer: Mutex<Option<JoinHandle<()>>>,
}

/// Gives back a territory from its log: applies every record and compares every plan hash.
pub fn replay(
    settings: Arc<Settings>,
    roads: Arc<dyn Roads>,
    log: &dyn RecordSource,
) -> Result<Snapshot, OpenError> {
    let mut snapshot = Snapshot::new(settings, roads).map_err(OpenError::Settings)?;
    let territory = snapshot.settings.territory.clone();
    for stored in Records::from(log, &territory, 1)? {
        let stored = stored?;
        let sequence = stored.head.sequence;
        apply::apply(&mut snapshot.state, &stored.record)
            .map_err(|source| OpenError::Replay { sequence, source })?;
        if snapshot.plan_hash() != stored.record.plan_hash {
            return Err(OpenError::Hash { sequence });
        }
    }
    let points = snapshot.state.points.keys().cloned().collect();
    let everything = Touched { points, time: true, ..Touched::default() };
    snapshot.refresh(&everything);
    Ok(snapshot)
}

impl Territory {
    /// Opens a territory: replays its log, then starts its writer.
    pub fn open(
        settings: Settings,
        roads: Arc<dyn Roads>,
        log: Arc<dyn EventLog>,
        host: Host,
    ) -> Result<Territory, OpenError> {
        let settings = Arc::new(settings);
        log.claim(&settings.territory)?;
        let working = replay(Arc::clone(&settings), Arc::clone(&roads), &*log)?;
        let (published, reader) = watch::channel(Arc::new(working.clone()));
        let (sender, queue) = mpsc::channel(QUEUE_MAX);
        let positions: Positions = Arc::new(Mutex::new(BTreeMap::new()));
        let (pause, counts) = (Arc::new(Pause::default()), Arc::new(Counts::default()));
        let (pool, pause_too) = (Arc::clone(&host.background), Arc::clone(&pause));
        let writer = Writer {
            changed: Changed::since(working.state.revision),
            background: Background::new(pool, pause_too, Arc::clone(&counts), &working),
            working,
            log,
            queue,
            published,
            positions: Arc::clone(&positions),
            host: host.clone(),
        };
        let name = format!("writer-{}", settings.territory);
        let thread = std::thread::Builder::new()
            .name(name)
            .spawn(move || writer.run())
            .map_err(OpenError::Thread)?;
        let inner = Inner {
            settings,
            roads,
            queue: sender,
            published: reader,
            positions,
            host,
            pause,
            counts,
            writer: Mutex::new(Some(thread)),
        };
        Ok(Territory { inner: Arc::new(inner) })
    }

    pub fn id(&self) -> &TerritoryId {
        &self.inner.settings.territory
    }

    pub fn tenant(&self) -> &TenantId {
        &self.inner.settings.tenant
    }

    pub fn settings(&self) -> &Settings {
        &self.inner.settings
    }

    /// The newest durable state.
    pub fn snapshot(&self) -> Arc<Snapshot> {
        Arc::clone(&self.inner.published.borrow())
    }

    /// Wakes on every published state and holds only the newest, so a slow watcher skips and never
    /// falls behind.
    pub fn subscribe(&self) -> watch::Receiver<Arc<Snapshot>> {
        self.inner.published.clone()
    }

    /// What background search has done since the territory was opened.
    pub fn background(&self) -> BackgroundFigures {
        self.inner.counts.read()
    }

    /// Requests waiting for the writer.
    pub fn queue_depth(&self) -> usize {
        self.inner.queue.max_capacity() - self.inner.queue.capacity()
    }

    /// Sends a mutation to the writer and waits for its durable answer. Safe to drop: what was sent
    /// is decided all the same, and sent again with its request id it is answered as it was.
    pub async fn submit(&self, mutation: Mutation) -> Result<Outcome, EngineError> {
        let received = (self.inner.host.elapsed)();
        let (mutation, found) = self.find_quote(mutation).await?;
        let (reply, answer) = oneshot::channel();
        let command = Command::Mutate(Box::new(Asked { mutation, received, found, reply }));
        self.inner.queue.try_send(command).map_err(|full| match full {
            mpsc::error::TrySendError::Full(_) => EngineError::Overloaded,
            mpsc::error::TrySendError::Closed(_) => EngineError::ShuttingDown,
        })?;
        answer.await.map_err(|_| EngineError::ShuttingDown)?
    }

    /// A quote is searched on a reader's snapshot, beside the writer; only its result is queued.
    async fn find_quote(
        &self,
        mutation: Mutation,
    ) -> Result<(Mutation, Option<FoundQuote>), EngineError> {
        let Request::Quote { shipment, wish, assurance, max_offers } = mutation.request.clone()
        else {
            return Ok((mutation, None));
        };
        let snapshot = self.snapshot();
        let known =
            mutation.key.as_ref().is_some_and(|k| snapshot.state.answered.contains_key(&k.id));
        if known {
            return Ok((mutation, None));
        }
        crate::rights::check(&snapshot, &mutation.principal, &mutation.request)?;
        let (send, found) = oneshot::channel();
        let pause = Arc::clone(&self.inner.pause);
        self.inner.host.live.spawn(move || {
            let _hold = pause.hold();
            let answered = wish::answer(&snapshot, &shipment, &wish, assurance, max_offers);
            let found = answered.map(|answered| FoundQuote { shipment, wish, assurance, answered });
            drop(send.send(found));
        });
        let found = found.await.map_err(|_| EngineError::ShuttingDown)??;
        Ok((mutation, Some(found)))
    }

    /// Keeps the newest position of a van until the next tick. Nothing is logged for it alone.
    pub fn report_position(
        &self,
        principal: &Principal,
        manifest: &ManifestId,
        position: Position,
    ) -> Result<(), EngineError> {
        let snapshot = self.snapshot();
        let found = snapshot.state.manifests.get(manifest);
        let found = found.ok_or_else(|| EngineError::not_found("manifest", manifest))?;
        let resource = Resource::of(&snapshot.state.tenant).driven_by(&found.duty.driver);
        permits(principal, Action::ReportPositions, &resource)
            .map_err(|_| EngineError::not_found("manifest", manifest))?;
        let mut positions = self.inner.positions.lock().unwrap_or_else(PoisonError::into_inner);
        let newer = positions.get(manifest).is_none_or(|known| known.at < position.at);
        if newer {
            positions.insert(manifest.clone(), position);
        }
        Ok(())
    }

    /// Where a location is on the road network; an invalid field if it is too far from any road.
    pub fn snap(&self, location: LatLng) -> Result<Snapped, EngineError> {
        let off = |off: crate::travel::SnapFault| EngineError::invalid("location", off.to_string());
        self.inner.roads.snap(location).map_err(off)
    }

    /// Moves engine time by the engine's own right: for the server's ticker.
    pub async fn tick(&self, moment: Moment) -> Result<Revision, EngineError> {
        let mutation = Mutation {
            principal: engine_principal(&self.snapshot()),
            key: None,
            budget: None,
            validate_only: false,
            request: Request::Tick(moment),
        };
        self.submit(mutation).await.map(|outcome| outcome.revision)
    }

    /// Decides what is queued, makes it durable, and joins the writer.
    pub async fn shutdown(&self) {
        // Fails only if the writer is gone already, which is what is wanted.
        drop(self.inner.queue.send(Command::Shutdown).await);
        let thread = self.inner.writer.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(thread) = thread {
            drop(tokio::task::spawn_blocking(move || thread.join()).await);
        }
    }
}
