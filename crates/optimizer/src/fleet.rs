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
    relief: Cost,
    overtime: Cost,
    is_open_ended: bool,
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
            relief: route.relief(),
            overtime: route.cost_by_cause().overtime,
            is_open_ended: van.end.is_none(),
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

/// The routes that could take one stop if time allows, and the loosest of their bounds.
pub(crate) struct Candidates {
    /// Ascending route numbers.
    pub(crate) routes: Vec<u32>,
    pub(crate) relief_max: Cost,
    pub(crate) overtime_max: Cost,
    pub(crate) any_open_ended: bool,
}

impl Fleet {
    pub fn new(routes: Vec<Arc<Route>>) -> Fleet {
        let outlines = routes.iter().map(|route| Outline::of(route)).collect();
        Fleet { routes, outlines }
    }

    pub fn routes(&self) -> &[Arc<Route>] {
        &self.routes
    }

    pub fn get(&self, route: u32) -> Option<&Arc<Route>> {
        self.routes.get(route as usize)
    }

    /// The number of the route with that van key. O(routes).
    pub fn index_of(&self, key: u32) -> Option<u32> {
        self.outlines.iter().position(|outline| outline.key == key).map(|index| index as u32)
    }

    /// Puts `changed` in place of route `route`, which must exist.
    pub fn replace(&mut self, route: u32, changed: Arc<Route>) {
        self.outlines[route as usize] = Outline::of(&changed);
        self.routes[route as usize] = changed;
    }

    /// Which of `among` (all if `None`) custody, skills and room let take `stop`. O(routes).
    pub(crate) fn candidates(&self, stop: &Stop, among: Option<&[u32]>) -> Candidates {
        let mut found = Candidates {
            routes: Vec::with_capacity(among.map_or(self.outlines.len(), <[u32]>::len)),
            relief_max: Cost::ZERO,
            overtime_max: Cost::ZERO,
            any_open_ended: false,
        };
        let mut consider = |index: usize, outline: &Outline| {
            if outline.may_take(stop) {
                found.routes.push(index as u32);
                found.relief_max = found.relief_max.max(outline.relief);
                found.overtime_max = found.overtime_max.max(outline.overtime);
                found.any_open_ended |= outline.is_open_ended;
            }
        };
        match among {
            None => {
                for (index, outline) in self.outlines.iter().enumerate() {
                    consider(index, outline);
                }
            }
            Some(chosen) => {
                for &index in chosen {
                    if let Some(outline) = self.outlines.get(index as usize) {
                        consider(index as usize, outline);
                    }
                }
            }
        }
        found.routes.sort_unstable();
        found.routes.dedup();
        found
    }
}
