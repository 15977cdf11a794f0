//! What the search is told: stops, and the vans whose free suffixes it may change.
//!
//! Everything here is already decided elsewhere (custody from scans, promises from quotes, the frozen
//! prefix from the clock), so the search needs no rule but those of its own geometry. A stop is one
//! halt with all its tasks; a van is what is left of one manifest once its frozen prefix is cut off.

use smallvec::SmallVec;
use swerve_model::{Cost, Load, Moment, Place, Skills, Ticks, TimeWindow};

/// Windows of one stop: sorted, disjoint. None at all means that any moment will do.
pub type Windows = SmallVec<[TimeWindow; 1]>;

/// Who holds a stop's parcels now, and so who may deliver them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Custody {
    /// At a depot, by the caller's number: any van that still loads there.
    AtDepot(u32),
    /// In a van, by its [`Van::key`]: that van alone.
    Aboard(u32),
}

/// Where a stop stands in the published plan: what may not get worse.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Baseline {
    /// [`Van::key`] of the route it is published on.
    pub route: u32,
    /// Planned start of service there.
    pub start: Moment,
    /// Standard deviations between that start and the promised close (`Risk::margin`); negative if
    /// it is planned late.
    pub margin: f64,
}

/// What the recipient and the driver were told, and how much it matters by now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Told {
    /// [`Van::key`] of the route it was said to come with.
    pub route: u32,
    /// The interval said for the start of service.
    pub open: Moment,
    pub close: Moment,
    /// Multiplies the price of every minute outside the interval: larger as service draws near.
    /// Held to `0..=WEIGHT_MAX`.
    pub weight: i64,
}

/// A larger [`Told::weight`] counts as this. Keeps sums of costs far from overflow.
pub const WEIGHT_MAX: i64 = 64;

/// A stop as the search sees it: one halt, all its tasks.
#[derive(Clone, Debug, PartialEq)]
pub struct Stop {
    /// The caller's dense number for it. Orders what is otherwise equal.
    pub key: u32,
    pub place: Place,
    /// Binding promises, judged at the start of service; empty if any moment will do.
    pub windows: Windows,
    pub service: Ticks,
    /// Delivered here: aboard from departure until this stop.
    pub load: Load,
    pub skills: Skills,
    pub custody: Custody,
    /// Waiting at the depot: the last of it is at the dock then, and no van that leaves earlier may
    /// take it. `None`: it is there.
    pub ready: Option<Moment>,
    /// Stays on its route, and before or after the other pinned stops as it is now.
    pub pinned: bool,
    pub baseline: Option<Baseline>,
    pub told: Option<Told>,
    /// Price of leaving it unassigned in initial planning. A stop that has a place never loses it.
    pub drop_cost: Cost,
}

impl Stop {
    /// The van key it was said to come with.
    pub(crate) fn told_route(&self) -> Option<u32> {
        self.told.map(|told| told.route)
    }
}

/// One manifest's free suffix, from the anchor (the last thing that may not change) to its end.
#[derive(Clone, Debug, PartialEq)]
pub struct Van {
    /// The caller's number for the manifest. Orders what is otherwise equal.
    pub key: u32,
    /// The anchor: where the frozen prefix ends.
    pub start: Place,
    /// When it leaves the anchor; fixed by the clock.
    pub depart: Moment,
    /// What is planned for this moment is certain; uncertainty grows from here.
    pub known: Moment,
    /// Where it must end; `None` if the day ends at the last stop.
    pub end: Option<Place>,
    /// Paid as overtime from here on.
    pub shift_end: Moment,
    /// Law: the route is over by then.
    pub hard_end: Moment,
    pub capacity: Load,
    /// Aboard but not for any stop of the suffix: frozen stops not yet served, failed drops.
    pub carried: Load,
    pub skills: Skills,
    /// The depot whose parcels it can still take; `None` once it has left for good.
    pub loads_from: Option<u32>,
    /// When it leaves that depot, if it still loads.
    pub leaves: Moment,
    /// `Some`: not in use yet, so it costs nothing while it has no stop and this much once it has.
    /// `None`: on the road, and drives to its end even with nothing left to do.
    pub use_cost: Option<Cost>,
}

/// Why a van may not take a stop, whatever the position.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Inadmissible {
    Custody,
    Skills,
}

impl Van {
    /// Whether `stop` may be given to this van at all: custody, then skills. Capacity and time depend
    /// on what else it does.
    ///
    /// # Errors
    /// The first rule that forbids it.
    pub fn admits(&self, stop: &Stop) -> Result<(), Inadmissible> {
        let held = match stop.custody {
            Custody::AtDepot(depot) => {
                self.loads_from == Some(depot) && stop.ready <= Some(self.leaves)
            }
            Custody::Aboard(route) => self.key == route,
        };
        if !held {
            return Err(Inadmissible::Custody);
        }
        if stop.skills.are_met_by(self.skills) { Ok(()) } else { Err(Inadmissible::Skills) }
    }
}
