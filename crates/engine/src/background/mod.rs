//! Search while nobody waits: groups of manifests, on a pool of their own, turn by turn.
//!
//! At a tick the groups whose turn it is start from one immutable snapshot, and what the last ones
//! found is held against the plan as it is by then ([`merge`]). On a simulated clock the writer waits
//! for them at the next tick, so what they find enters at the same place of the log on any machine;
//! on the real clock it takes them when they are there. Either way the log has the outcome, and a
//! replay searches nothing.

mod counts;
mod job;
mod merge;
mod pause;
mod rotation;
#[cfg(test)]
mod tests;

use std::sync::{Arc, mpsc};

use swerve_model::Event;

pub(crate) use counts::Counts;
pub use counts::{BackgroundFigures, Discarded};
use job::Found;
pub(crate) use pause::Pause;
use rotation::{Rotation, free_stops};

use crate::decide::Decision;
use crate::settings::ClockKind;
use crate::snapshot::Snapshot;

/// The writer's side of background search.
pub(crate) struct Background {
    pool: Arc<rayon::ThreadPool>,
    pause: Arc<Pause>,
    counts: Arc<Counts>,
    rotation: Rotation,
    flight: Option<Flight>,
}

/// Groups under way.
struct Flight {
    results: mpsc::Receiver<(usize, Found)>,
    landed: Vec<(usize, Found)>,
}

impl Background {
    pub(crate) fn new(
        pool: Arc<rayon::ThreadPool>,
        pause: Arc<Pause>,
        counts: Arc<Counts>,
        snapshot: &Snapshot,
    ) -> Background {
        let rotation = Rotation::new(snapshot.state.revision);
        Background { pool, pause, counts, rotation, flight: None }
    }

    pub(crate) fn pause(&self) -> &Arc<Pause> {
        &self.pause
    }

    /// What the groups under way found, as far as it can be published; nothing while they are still
    /// under way on a real clock.
    pub(crate) fn land(&mut self, snapshot: &Snapshot) -> Option<Decision> {
        let flight = self.flight.as_mut()?;
        if !flight.has_landed(snapshot.settings.clock) {
            return None;
        }
        let mut landed = self.flight.take().map(|flight| flight.landed).unwrap_or_default();
        landed.sort_unstable_by_key(|(number, _)| *number);
        let found: Vec<Found> = landed.into_iter().map(|(_, found)| found).collect();
        for found in &found {
            self.counts.searched(found.iterations);
        }
        merge::merge(snapshot, &found, &self.counts)
    }

    /// Own improvements are no news to search around.
    pub(crate) fn published(&mut self, snapshot: &Snapshot, events: &[Event]) {
        for event in events {
            let Event::PlanChanged { delta, .. } = event else { continue };
            for change in &delta.manifests {
                if let Some(key) = snapshot.key_of(&change.manifest) {
                    self.rotation.published(snapshot, key);
                }
            }
        }
    }

    /// Starts the groups whose turn it is, unless some are under way.
    pub(crate) fn launch(&mut self, snapshot: &Snapshot) {
        let settings = snapshot.settings.budget.background;
        if self.flight.is_some() || settings.per_stop == 0 {
            return;
        }
        let groups = self.rotation.next(snapshot, &settings);
        if groups.is_empty() {
            return;
        }
        let (send, results) = mpsc::channel();
        let snapshot = Arc::new(snapshot.clone());
        for (number, keys) in groups.into_iter().enumerate() {
            let iterations = u64::from(settings.per_stop) * free_stops(&snapshot, &keys) as u64;
            let seed = seed(&snapshot, number);
            let (snapshot, pause) = (Arc::clone(&snapshot), Arc::clone(&self.pause));
            let send = send.clone();
            self.pool.spawn(move || {
                let found = job::search(&snapshot, &keys, seed, iterations, &*pause);
                // Nobody listens any more after a shutdown.
                drop(send.send((number, found)));
            });
        }
        self.flight = Some(Flight { results, landed: Vec::new() });
    }

    /// Ends what is under way and waits for it.
    pub(crate) fn stop(self) {
        self.pause.end();
        if let Some(flight) = self.flight {
            flight.results.iter().for_each(drop);
        }
    }
}

impl Flight {
    /// Whether every group has come back, waiting for them where time stands still meanwhile. Each
    /// lets go of its sender when it ends.
    fn has_landed(&mut self, clock: ClockKind) -> bool {
        if clock == ClockKind::Simulated {
            self.landed.extend(self.results.iter());
            return true;
        }
        loop {
            match self.results.try_recv() {
                Ok(result) => self.landed.push(result),
                Err(mpsc::TryRecvError::Empty) => return false,
                Err(mpsc::TryRecvError::Disconnected) => return true,
            }
        }
    }
}

/// Another one for each group of each turn.
fn seed(snapshot: &Snapshot, number: usize) -> u64 {
    snapshot.settings.seed ^ (snapshot.state.sequence + 1) ^ ((number as u64 + 1) << 40)
}
