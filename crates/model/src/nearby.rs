//! What a search asks of an index of live routes: runs near a point, and gaps a stop may go into.

use crate::{Cost, DetourPrice, Leg, Moment, Planar};

/// Where and when one route goes.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct RouteShape {
    /// The anchor, the stops in order, and the end place if the route has one.
    pub passes: Vec<Pass>,
    /// Whether it has none.
    pub is_open: bool,
}

/// One position of a route.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Pass {
    pub point: Planar,
    /// The leg that leads here; none does to the anchor.
    pub leg: Leg,
    /// When it is left, as planned.
    pub left: Moment,
    /// It may not be reached later, for a promise or the law.
    pub due: Moment,
}

/// A run of consecutive positions of one live route, found by where it is.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct NearbyChunk {
    /// Which route, as the search's instance numbers them.
    pub route: u32,
    /// Positions `first..=last` of the route, counted from its anchor (0). Runs of one route share
    /// their end positions, so that every gap lies in exactly one run.
    pub first: u32,
    pub last: u32,
    /// No position of the run is nearer than this, in metres on the plane.
    pub distance: f64,
}

/// A place for a new stop: between position `position` of a route and the next, if there is one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct NearbyGap {
    /// Which route, as the search's instance numbers them.
    pub route: u32,
    /// Counted from its anchor (0).
    pub position: u32,
    /// Nothing follows its second end, nor need the route end anywhere: a new stop may also come after
    /// that end. Such a route that is only an anchor is one such gap, from it to itself.
    pub is_open: bool,
}

/// When one gap, or several, may be passed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct GapTimes {
    /// They are left no earlier than this, as planned, and no later than that.
    pub left: (Moment, Moment),
    /// No second end may be reached later, for a promise or the law.
    pub due: Moment,
}

impl GapTimes {
    /// Of nothing at all.
    pub const NEVER: GapTimes =
        GapTimes { left: (Moment(i64::MAX), Moment(i64::MIN)), due: Moment(i64::MIN) };

    /// Of the gap between two neighbours; if open, what follows the second too, which nothing is due after.
    pub fn of(from: &Pass, to: &Pass, is_open: bool) -> GapTimes {
        if is_open {
            GapTimes { left: (from.left, to.left), due: Moment(i64::MAX) }
        } else {
            GapTimes { left: (from.left, from.left), due: to.due }
        }
    }

    /// What holds for both.
    #[must_use]
    pub fn join(self, other: GapTimes) -> GapTimes {
        GapTimes {
            left: (self.left.0.min(other.left.0), self.left.1.max(other.left.1)),
            due: self.due.max(other.due),
        }
    }
}

/// Whatever is possible is still of use.
pub const NO_LIMIT: Cost = Cost(Cost::IMPOSSIBLE.0 - 1);

/// What a search over gaps wants: the few whose detour may be worth it.
pub trait GapSearch {
    /// What a detour costs at least. Does not change on the way.
    fn price(&self) -> DetourPrice;

    /// Whatever costs more is of no use any more. May only fall.
    fn limit(&self) -> Cost;

    /// A gap, and a bound on its price that is not above the limit.
    fn visit(&mut self, gap: NearbyGap, floor: Cost);
}

/// Live routes near a point.
pub trait NearbyChunks: Sync {
    /// Every chunk there is, by increasing `distance`; ties by route, then `first`.
    fn nearby(&self, center: Planar) -> impl Iterator<Item = NearbyChunk>;

    /// Shows `search` every gap whose price is not above its limit by then, each once, the likely
    /// ones mostly first. Tells how many bounds that took.
    fn search_gaps(&self, center: Planar, search: &mut impl GapSearch) -> u32;
}
