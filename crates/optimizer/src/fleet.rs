//! All live routes, with an outline of each that says quickly what it can never take.

use std::sync::Arc;

use swerve_model::{Cost, Load, Moment};

use crate::instance::{Custody, Stop};
use crate::route::Route;

/// The routes a search may use, numbered as `NearbyChunks` numbers them.
#[derive(Clone, Debug, Default)]
pub struct Fleet {
    routes: Vec<Arc<Route>>,
    outlines: Vec<Outline>,
    /// Van keys by route: a kilobyte or two to look through for the one van that holds a parcel.
    keys: Vec<u32>,
    loosest: Loosest,
}

/// What a search asks of every route, kept side by side: a thousand routes are looked at for the
/// price of a few cache lines each instead of a walk through memory.
#[derive(Clone, Copy, Debug)]
struct Outline {
    key: u32,
    loads_from: Option<u32>,
    leaves: Moment,
    skills: swerve_model::Skills,
    room: Load,
    loosest: Loosest,
}

/// What makes the bounds of a search loose: the most that may be said of any of several routes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Loosest {
    /// See [`Route::relief`].
    pub(crate) relief: Cost,
    /// See [`Route::waits`].
    pub(crate) waits: Cost,
    pub(crate) overtime: Cost,
}

impl Loosest {
    fn of(route: &Route) -> Loosest {
        Loosest {
            relief: route.relief(),
            waits: route.waits(),
            overtime: route.cost_by_cause().overtime,
        }
    }

    fn join(self, other: Loosest) -> Loosest {
        Loosest {
            relief: self.relief.max(other.relief),
            waits: self.waits.max(other.waits),
            overtime: self.overtime.max(other.overtime),
        }
    }
}

impl Outline {
    fn of(route: &Route) -> Outline {
        let van = route.van();
        Outline {
            key: van.key,
            loads_from: van.loads_from,
            leaves: van.leaves,
            skills: van.skills,
            room: route.room(),
            loosest: Loosest::of(route),
        }
    }

    fn may_take(&self, stop: &Stop) -> bool {
        let held = match stop.custody {
            Custody::AtDepot(depot) => {
                self.loads_from == Some(depot) && stop.ready <= Some(self.leaves)
            }
            Custody::Aboard(key) => self.key == key,
        };
        held && stop.skills.are_met_by(self.skills) && stop.load.fits(self.room)
    }
}

impl Fleet {
    pub fn new(routes: Vec<Arc<Route>>) -> Fleet {
        let outlines: Vec<Outline> = routes.iter().map(|route| Outline::of(route)).collect();
        let keys = outlines.iter().map(|outline| outline.key).collect();
        let mut fleet = Fleet { routes, outlines, keys, loosest: Loosest::default() };
        fleet.loosen();
        fleet
    }

    fn loosen(&mut self) {
        let each = self.outlines.iter().map(|outline| outline.loosest);
        self.loosest = each.fold(Loosest::default(), Loosest::join);
    }

    pub fn routes(&self) -> &[Arc<Route>] {
        &self.routes
    }

    pub fn get(&self, route: u32) -> Option<&Arc<Route>> {
        self.routes.get(route as usize)
    }

    /// The number of the route with that van key. O(routes).
    pub fn index_of(&self, key: u32) -> Option<u32> {
        self.keys.iter().position(|known| *known == key).map(|index| index as u32)
    }

    /// Puts `changed` in place of route `route`, which must exist.
    pub fn replace(&mut self, route: u32, changed: Arc<Route>) {
        let outline = Outline::of(&changed);
        let before = std::mem::replace(&mut self.outlines[route as usize], outline);
        self.keys[route as usize] = outline.key;
        self.routes[route as usize] = changed;
        // As loose as before or looser is known without asking all others.
        let joined = self.loosest.join(outline.loosest);
        if before.loosest.join(outline.loosest) == outline.loosest {
            self.loosest = joined;
        } else {
            self.loosen();
        }
    }

    /// What may be said of every route.
    pub(crate) fn loosest(&self) -> Loosest {
        self.loosest
    }

    /// Whether custody, skills and room let route `route`, which must exist, take `stop`. O(1).
    pub(crate) fn may_take(&self, route: u32, stop: &Stop) -> bool {
        self.outlines[route as usize].may_take(stop)
    }

    /// Which of `among` (all if `None`) custody, skills and room let take `stop`: ascending numbers.
    /// O(routes).
    pub(crate) fn candidates(&self, stop: &Stop, among: Option<&[u32]>) -> Vec<u32> {
        let may_take =
            |route: &u32| (*route as usize) < self.outlines.len() && self.may_take(*route, stop);
        let Some(chosen) = among else {
            return (0..self.outlines.len() as u32).filter(may_take).collect();
        };
        let mut found: Vec<u32> = chosen.iter().copied().filter(may_take).collect();
        found.sort_unstable();
        found.dedup();
        found
    }
}
