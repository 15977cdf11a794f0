//! The cheapest place for one stop among all live routes, exactly, without looking at most of them.
//!
//! A spatial index shows the gaps between neighbours whose detour may be worth it
//! ([`swerve_model::NearbyChunks::search_gaps`]). Going through a gap adds a leg from its one end and a leg
//! to its other, each of at least the straight way, and saves the leg between; what it changes further down
//! the route can gain at most what the route pays already for being late or early, and of what it waits as
//! much as the way and the service take longer. So
//!
//! ```text
//! delta >= price(at_least(into)) + price(at_least(out_of)) - price(leg) - relief - waits taken up
//! ```
//!
//! (less the overtime of the time saved, if two such legs can be quicker than that one). And where even the
//! latest that a gap's first end is left is too early for the stop, waiting adds its price; where the
//! earliest is too late, or what follows cannot wait, there is no way at all. The same with the nearest
//! ends, the longest leg, the widest times and the largest relief holds for a whole group, so the index
//! goes only into groups that may hold a better one than is found already, and shows their gaps by that
//! bound: of 150,000, five are tried and five hundred bounded. Every bound is optimistic: it may only rule
//! out. What remains is priced to the end of its route, by every rule ([`gap`]), and only that decides. An
//! answer is therefore the one a scan of every position of every route gives
//! ([`Live::scan_everything`], the tested twin), and "nowhere" is a proof.
//!
//! Where space tells little, since hardly any route may take the stop or none has time for it, the index
//! would show gap after gap in vain. After a good many the admissible routes are gone through themselves,
//! each only where its times allow.
//!
//! Ties go to the lower cost, then route key, then position.

mod best;
mod explain;
mod gap;
mod regret;
mod scan;
mod search;
#[cfg(test)]
mod tests;

pub use best::Insertion;
pub use explain::{Obstacle, Refusal};
pub use regret::{Batch, Placement, REGRET_ROUTES, regret};

use std::collections::BTreeSet;
use std::sync::Arc;

use swerve_model::{NearbyChunks, TravelTimes};

use crate::fleet::Fleet;
use crate::instance::{Stop, Windows};
use crate::route::Rules;
use search::Question;

/// A moment of the live plan to search in: routes, where they are, how one drives, what counts.
///
/// `chunks` must describe exactly the routes of `fleet`, with their times ([`crate::Route::shape`]); a gap it does
/// not know of, or believes too early or too late, is not found.
#[derive(Debug)]
pub struct Live<'a, T, C> {
    pub fleet: &'a Fleet,
    pub chunks: &'a C,
    pub travel: &'a T,
    pub rules: &'a Rules,
}

impl<T, C> Clone for Live<'_, T, C> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T, C> Copy for Live<'_, T, C> {}

/// Where a stop can go, cheapest first: the best position in each of the best routes. Empty is a
/// proof that no admissible route has room for it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    pub best: Vec<Insertion>,
    pub effort: Effort,
}

impl Answer {
    pub fn cheapest(&self) -> Option<&Insertion> {
        self.best.first()
    }
}

/// What an answer took. Tells a bound that has gone slack from a hard question.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Effort {
    /// Gaps, and groups of gaps, whose straight-line bound was computed.
    pub bounds: u32,
    /// Positions looked at beyond their straight-line bound.
    pub gaps: u32,
    /// Positions driven to the end of their route.
    pub driven: u32,
}

impl<T: TravelTimes, C: NearbyChunks> Live<'_, T, C> {
    /// The cheapest position for `stop` in each of its `keep` best routes, among all routes or those
    /// numbered in `among`.
    ///
    /// Typically tens of positions are looked at, whatever the fleet; finding that there is none
    /// looks at every admissible route.
    pub fn cheapest(&self, stop: &Stop, among: Option<&[u32]>, keep: usize) -> Answer {
        let windows = [stop.windows.clone()];
        let mut answers = self.cheapest_per_window(stop, &windows, among, keep);
        answers.pop().expect("one answer for one set of windows")
    }

    /// [`Live::cheapest`] for each of several windows `stop` might get instead of its own, in one
    /// pass: "which windows could I have?", each answer proven.
    pub fn cheapest_per_window(
        &self,
        stop: &Stop,
        windows: &[Windows],
        among: Option<&[u32]>,
        keep: usize,
    ) -> Vec<Answer> {
        let question = Question { stop, windows, among, keep, changed: &BTreeSet::new() };
        search::nearest_first(self, &question)
    }

    /// What [`Live::cheapest`] answers, found the long way: every position of every admissible route
    /// driven from its beginning. For tests, and to confirm a refusal. O(stops of the fleet * route).
    pub fn scan_everything(&self, stop: &Stop, among: Option<&[u32]>, keep: usize) -> Answer {
        scan::every_gap(self, stop, among, keep)
    }

    /// Inserts `stops` one after the other, the one with most to lose first (regret over its three
    /// best routes): changes that arrived together, or the parts of one consolidation. Positions are
    /// each the cheapest at their turn; the set as a whole is a heuristic. What found no place is in
    /// [`Batch::left`].
    ///
    /// With `all_or_nothing` one stop without a place leaves every route as it was. That the set
    /// fails is then no proof that no order of insertions succeeds.
    pub fn insert_batch(
        &self,
        stops: &[Arc<Stop>],
        among: Option<&[u32]>,
        all_or_nothing: bool,
    ) -> Batch {
        regret::insert_batch(self, stops, among, all_or_nothing)
    }

    /// Why no route takes `stop`, route by route. O(stops of the fleet * route).
    pub fn explain(&self, stop: &Stop, among: Option<&[u32]>) -> Refusal {
        explain::refusal(self, stop, among)
    }
}
