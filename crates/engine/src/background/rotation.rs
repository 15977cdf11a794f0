//! Which manifests are searched next.
//!
//! A round cuts all that can still change into groups of neighbours, and every group has its turn;
//! the next round has other borders. Between two turns of a round, one goes to the neighbourhood of
//! what has changed since it was last searched: first come, and yet nothing is left out for ever. A plan
//! in which a round found nothing rests longer before the next.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use swerve_model::{ManifestState, Moment, Revision, Ticks};
use swerve_optimizer::districts;

use crate::interruptions;
use crate::settings::Background;
use crate::snapshot::Snapshot;

/// Rounds that find nothing in a row double the rest so often at most: eight times it.
const DOUBLINGS_MAX: u32 = 3;

#[derive(Debug)]
pub(crate) struct Rotation {
    /// Groups of this round that have not had their turn.
    waiting: VecDeque<Vec<u32>>,
    /// When the round began, and how many there were: it turns the borders.
    began: Option<Moment>,
    rounds: u64,
    /// Rounds in a row of which nothing was published.
    fruitless: u32,
    /// The revision at which each manifest was last in a group.
    searched: BTreeMap<u32, Revision>,
    /// Of those that never were.
    opened: Revision,
    /// Whose turn the last one was.
    was_for_changes: bool,
}

impl Rotation {
    /// For a territory that has just been opened at a revision: what stands is not news.
    pub(crate) fn new(opened: Revision) -> Rotation {
        Rotation {
            waiting: VecDeque::new(),
            began: None,
            rounds: 0,
            fruitless: 0,
            searched: BTreeMap::new(),
            opened,
            was_for_changes: false,
        }
    }

    /// The groups whose turn it is, by manifest key; no two share one. Empty while nothing has
    /// changed and the last round is over and recent.
    pub(crate) fn next(&mut self, snapshot: &Snapshot, settings: &Background) -> Vec<Vec<u32>> {
        let mut taken = BTreeSet::new();
        let mut groups = Vec::new();
        while groups.len() < settings.groups as usize {
            let Some(group) = self.turn(snapshot, settings, &taken) else { break };
            for key in &group {
                self.note(snapshot, *key);
            }
            taken.extend(group.iter().copied());
            if free_stops(snapshot, &group) > 1 {
                groups.push(group);
            }
        }
        groups
    }

    /// Something that was searched has been published, and is no news.
    pub(crate) fn published(&mut self, snapshot: &Snapshot, key: u32) {
        self.fruitless = 0;
        self.note(snapshot, key);
    }

    /// From here on a manifest's present revision is not news.
    fn note(&mut self, snapshot: &Snapshot, key: u32) {
        if let Some(manifest) = snapshot.manifest_by_key(key) {
            self.searched.insert(key, manifest.revision);
        }
    }

    fn turn(
        &mut self,
        snapshot: &Snapshot,
        settings: &Background,
        taken: &BTreeSet<u32>,
    ) -> Option<Vec<u32>> {
        let around = |rotation: &Rotation| rotation.around_changes(snapshot, settings, taken);
        let first = if self.was_for_changes { None } else { around(self) };
        if first.is_some() {
            self.was_for_changes = true;
            return first;
        }
        self.was_for_changes = false;
        self.of_the_round(snapshot, settings, taken).or_else(|| around(self))
    }

    /// The next group of the round, or the first of another one once that is due.
    fn of_the_round(
        &mut self,
        snapshot: &Snapshot,
        settings: &Background,
        taken: &BTreeSet<u32>,
    ) -> Option<Vec<u32>> {
        let now = snapshot.state.now;
        let rest = Ticks(settings.rest.0 << self.fruitless.min(DOUBLINGS_MAX));
        let is_due = self.began.is_none_or(|began| now - began >= rest);
        if self.waiting.is_empty() && is_due {
            self.cut(snapshot, settings);
        }
        // What is in another group of this turn is being searched as it is.
        let is_left = |key: &u32| !taken.contains(key) && may_change(snapshot, *key);
        while let Some(group) = self.waiting.pop_front() {
            let group: Vec<u32> = group.into_iter().filter(is_left).collect();
            if !group.is_empty() {
                return Some(group);
            }
        }
        None
    }

    fn cut(&mut self, snapshot: &Snapshot, settings: &Background) {
        let (keys, routes): (Vec<u32>, Vec<_>) = (0..)
            .zip(snapshot.fleet().routes())
            .filter(|(key, _)| may_change(snapshot, *key))
            .map(|(key, route)| (key, std::sync::Arc::clone(route)))
            .unzip();
        if keys.is_empty() {
            return;
        }
        self.rounds += 1;
        // Until something of it is published.
        self.fruitless += u32::from(self.began.is_some());
        self.began = Some(snapshot.state.now);
        let seed = snapshot.settings.seed ^ self.rounds;
        let groups = districts(&routes, settings.group_stops as usize, seed);
        let named = |group: Vec<usize>| group.into_iter().map(|number| keys[number]).collect();
        self.waiting = groups.into_iter().map(named).collect();
    }

    /// The oldest change, and around it what else has changed and what it could exchange stops with,
    /// nearest first.
    fn around_changes(
        &self,
        snapshot: &Snapshot,
        settings: &Background,
        taken: &BTreeSet<u32>,
    ) -> Option<Vec<u32>> {
        let keys = (0..snapshot.fleet().routes().len() as u32).filter(|key| !taken.contains(key));
        let able: Vec<u32> = keys.filter(|key| may_change(snapshot, *key)).collect();
        let changed: BTreeSet<u32> =
            able.iter().copied().filter(|key| self.has_changed(snapshot, *key)).collect();
        let revision = |key: &u32| snapshot.manifest_by_key(*key).map(|manifest| manifest.revision);
        let first = *changed.iter().min_by_key(|key| (revision(key), **key))?;
        let loads = |key: u32| snapshot.fleet().routes()[key as usize].van().loads_from.is_some();
        let any_loads = changed.iter().any(|key| loads(*key));
        let center = |key: u32| snapshot.fleet().routes()[key as usize].center();
        let (x, y) = center(first);
        let mut near: Vec<(f64, u32)> = (able.into_iter())
            .filter(|key| changed.contains(key) || (any_loads && loads(*key)))
            .map(|key| {
                let (east, north) = center(key);
                ((east - x).powi(2) + (north - y).powi(2), key)
            })
            .collect();
        near.sort_by(|a, b| {
            (a.1 != first).cmp(&(b.1 != first)).then(a.0.total_cmp(&b.0)).then(a.1.cmp(&b.1))
        });
        let mut stops = 0;
        let fits = |(_, key): &(f64, u32)| {
            stops += free_stops(snapshot, &[*key]);
            *key == first || stops <= settings.group_stops as usize
        };
        let mut group: Vec<u32> = near.into_iter().take_while(fits).map(|(_, key)| key).collect();
        group.sort_unstable();
        Some(group)
    }

    fn has_changed(&self, snapshot: &Snapshot, key: u32) -> bool {
        let searched = self.searched.get(&key).copied().unwrap_or(self.opened);
        snapshot.manifest_by_key(key).is_some_and(|manifest| manifest.revision > searched)
    }
}

/// Free stops on these manifests.
pub(crate) fn free_stops(snapshot: &Snapshot, keys: &[u32]) -> usize {
    let routes = keys.iter().filter_map(|key| snapshot.fleet().get(*key));
    routes.map(|route| route.stops().len()).sum()
}

/// Whether a search could change a manifest at all, and would be allowed to.
fn may_change(snapshot: &Snapshot, key: u32) -> bool {
    let (Some(manifest), Some(live)) = (snapshot.manifest_by_key(key), snapshot.live_by_key(key))
    else {
        return false;
    };
    match manifest.state {
        ManifestState::Loading => true,
        ManifestState::Closed(_) => false,
        ManifestState::Departed(_) => {
            live.route.stops().len() > 1 && interruptions::may_come(snapshot, manifest, &live.route)
        }
    }
}
