//! Branch and bound over runs of stops, nearest first, for one or several sets of windows at once.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use smallvec::SmallVec;
use swerve_model::{
    Cost, Detour, Leg, Moment, NearbyChunk, NearbyChunks, Planar, TimeWindow, TravelTimes,
};

use super::best::{Best, Insertion};
use super::gap::{self, Newcomer};
use super::{Answer, Effort, Live};
use crate::fleet::Candidates;
use crate::instance::{Stop, Windows};
use crate::route::{At, Route};

/// With this few admissible routes each is gone through whole: finding their runs among those of the
/// whole fleet would take longer. A loaded parcel has one.
const WHOLE_ROUTES_MAX: usize = 4;

/// Gaps of one run, each with the least it costs. A run has [`swerve_model::NearbyChunks`]' few dozen.
type Floors = SmallVec<[(Cost, usize); 64]>;

/// What to look for, and where.
pub(super) struct Question<'a> {
    pub(super) stop: &'a Stop,
    /// One answer for each.
    pub(super) windows: &'a [Windows],
    pub(super) among: Option<&'a [u32]>,
    pub(super) keep: usize,
    /// Routes that have changed since the index was made: gone through whole.
    pub(super) changed: &'a BTreeSet<u32>,
}

pub(super) fn nearest_first<T: TravelTimes, C: NearbyChunks>(
    live: &Live<T, C>,
    question: &Question,
) -> Vec<Answer> {
    let as_promised =
        |windows: &Windows| Stop { windows: windows.clone(), ..question.stop.clone() };
    let variants: Vec<Stop> = question.windows.iter().map(as_promised).collect();
    let mut candidates = live.fleet.candidates(question.stop, question.among);
    let mut search = Search::new(live, question, &variants);
    let few = candidates.routes.len() <= WHOLE_ROUTES_MAX;
    candidates.routes.retain(|route| {
        let whole = few || question.changed.contains(route);
        if whole {
            search.visit_route(*route);
        }
        !whole
    });
    if !candidates.routes.is_empty() {
        search.visit_chunks(&candidates);
        search.visit_long_legs(&candidates);
    }
    search.into_answers()
}

struct Search<'a, T, C> {
    live: &'a Live<'a, T, C>,
    point: Planar,
    /// The stop with each set of windows asked for; alike in everything else.
    variants: &'a [Stop],
    best: Vec<Best>,
    effort: Effort,
    /// Each variant as each route met so far sees it; kept because a route is met once per run.
    seen: BTreeMap<u32, Vec<Option<Newcomer<'a>>>>,
}

impl<'a, T: TravelTimes, C: NearbyChunks> Search<'a, T, C> {
    fn new(live: &'a Live<'a, T, C>, question: &Question, variants: &'a [Stop]) -> Self {
        Search {
            live,
            point: live.travel.position(question.stop.place),
            variants,
            best: vec![Best::new(question.keep); variants.len()],
            effort: Effort::default(),
            seen: BTreeMap::new(),
        }
    }

    fn into_answers(self) -> Vec<Answer> {
        let effort = self.effort;
        self.best.into_iter().map(|best| Answer { best: best.into_vec(), effort }).collect()
    }

    fn visit_chunks(&mut self, candidates: &Candidates) {
        let longest = self.live.chunks.longest_leg();
        let (overtime, any_open_ended) = (candidates.overtime_max, candidates.any_open_ended);
        for chunk in self.live.chunks.nearby_short(self.point) {
            let floor = self.floor(chunk.distance, longest, overtime, any_open_ended);
            if floor - candidates.relief_max > self.threshold() {
                break;
            }
            self.effort.chunks += 1;
            if candidates.routes.binary_search(&chunk.route).is_ok() {
                self.visit_chunk(&chunk);
            }
        }
    }

    /// Legs that save so much when they are replaced that their distance tells nothing; by now there is
    /// an answer that most of them cannot beat.
    fn visit_long_legs(&mut self, candidates: &Candidates) {
        let (overtime, open_ended) = (candidates.overtime_max, candidates.any_open_ended);
        let threshold = self.threshold();
        let worth = |detour: &Detour| {
            let floor = self.floor_through(detour, overtime, open_ended);
            floor - candidates.relief_max <= threshold
        };
        let legs: Vec<NearbyChunk> = self.live.chunks.long_legs(self.point, worth).collect();
        for leg in legs {
            if candidates.routes.binary_search(&leg.route).is_ok() {
                self.effort.chunks += 1;
                self.visit_chunk(&leg);
            }
        }
    }

    /// The least an insertion into a leg costs before any relief.
    fn floor_through(&self, detour: &Detour, overtime: Cost, open_ended: bool) -> Cost {
        let prices = &self.live.rules.prices;
        let reach = |meters: f64| self.live.travel.at_least(meters);
        let (into, out_of) = (reach(detour.into), reach(detour.out_of));
        let shorter = detour.longest_leg.duration() - into.duration() - out_of.duration();
        let between = prices.leg(into) + prices.leg(out_of)
            - prices.leg(detour.longest_leg)
            - prices.hurry(overtime, shorter);
        // The gap after the last stop belongs to the leg that leads there.
        if open_ended { between.min(prices.leg(out_of)) } else { between }
    }

    /// The least an insertion at this distance costs before any relief.
    fn floor(&self, distance: f64, longest: Leg, overtime: Cost, open_ended: bool) -> Cost {
        let prices = &self.live.rules.prices;
        let reach = self.live.travel.at_least(distance);
        let leg = prices.leg(reach);
        let shorter = longest.duration() - reach.duration() - reach.duration();
        let between = leg + leg - prices.leg(longest) - prices.hurry(overtime, shorter);
        // After the last stop of a route without an end place there is one new leg and none saved.
        if open_ended { between.min(leg) } else { between }
    }

    /// What costs more than this is no answer to any of the questions.
    fn threshold(&self) -> Cost {
        self.best.iter().map(Best::threshold).max().unwrap_or(Cost(i64::MIN))
    }

    /// The same for one route.
    fn threshold_on(&self, route: u32) -> Cost {
        let thresholds = self.best.iter().map(|best| best.threshold_on(route));
        thresholds.max().unwrap_or(Cost(i64::MIN))
    }

    fn visit_chunk(&mut self, chunk: &NearbyChunk) {
        let Some(route) = self.live.fleet.get(chunk.route) else {
            debug_assert!(false, "the index knows a route the fleet does not");
            return;
        };
        let overtime = route.cost_by_cause().overtime;
        let open_ended = route.van().end.is_none();
        let floor = self.floor(chunk.distance, chunk.longest_leg, overtime, open_ended);
        if floor - route.relief() > self.threshold() {
            return;
        }
        let at = route.positions();
        let last = (chunk.last as usize).min(at.len() - 1);
        let first = (chunk.first as usize).min(last);
        // The gap after the last stop of an open-ended route belongs to the run that ends there.
        let is_open = last + 1 == at.len() && route.van().end.is_none();
        let reach = self.live.travel.at_least(chunk.distance).duration();
        let reached = at[first].departure + reach;
        let left = if is_open { route.end_limit() } else { at[last].latest - reach };
        if self.some_visit_between(reached, left) {
            self.visit_gaps(chunk.route, route, first..if is_open { last + 1 } else { last });
        }
    }

    /// Whether any variant may be started from `from` on and left by `leave`. Windows close no later
    /// than promised unless the stop was published late, so this rules nothing out with a baseline.
    fn some_visit_between(&self, from: Moment, leave: Moment) -> bool {
        self.variants.iter().any(|stop| {
            let to = leave - stop.service;
            let overlaps = |window: &TimeWindow| window.open().max(from) <= window.close().min(to);
            stop.baseline.is_some()
                || (stop.windows.is_empty() && from <= to)
                || stop.windows.iter().any(overlaps)
        })
    }

    fn visit_route(&mut self, number: u32) {
        if let Some(route) = self.live.fleet.get(number) {
            let at = route.positions();
            let end = if route.van().end.is_none() { at.len() } else { at.len() - 1 };
            self.visit_gaps(number, route, 0..end);
        }
    }

    /// The likeliest gap first: what it costs rules out most others of the route.
    fn visit_gaps(&mut self, number: u32, route: &'a Route, gaps: Range<usize>) {
        let mut floors = self.floors(number, route, gaps);
        floors.sort_unstable();
        for (floor, gap) in floors {
            if floor > self.threshold_on(number) {
                break;
            }
            self.effort.gaps += 1;
            self.try_gap(number, route, gap);
        }
    }

    /// The least an insertion into each of these gaps costs, by straight lines alone; what is too dear
    /// already is left out.
    fn floors(&self, number: u32, route: &Route, gaps: Range<usize>) -> Floors {
        let prices = &self.live.rules.prices;
        let straight = |at: &At| self.live.travel.at_least(self.point.distance(at.point));
        let (at, overtime) = (route.positions(), route.cost_by_cause().overtime);
        let limit = self.threshold_on(number);
        let mut floors = Floors::new();
        let Some(mut into) = at.get(gaps.start).map(straight) else { return floors };
        for gap in gaps {
            let mut floor = prices.leg(into) - route.relief();
            if let Some(next) = at.get(gap + 1) {
                let out = straight(next);
                let shorter = next.leg.duration() - into.duration() - out.duration();
                let hurry = prices.hurry(overtime, shorter);
                floor = floor + prices.leg(out) - prices.leg(next.leg) - hurry;
                into = out;
            }
            if floor <= limit {
                floors.push((floor, gap));
            }
        }
        floors
    }

    fn try_gap(&mut self, number: u32, route: &'a Route, gap: usize) {
        let Live { travel, rules, .. } = *self.live;
        let variants = self.variants;
        let seen = self.seen.entry(number).or_insert_with(|| {
            variants.iter().map(|stop| Newcomer::new(stop, route, rules)).collect()
        });
        for (new, best) in seen.iter().zip(&mut self.best) {
            let Some(new) = new else { continue };
            let limit = best.threshold_on(number);
            if let Ok(priced) = gap::price(route, gap, new, travel, rules, limit) {
                self.effort.driven += 1;
                best.offer(Insertion {
                    route: number,
                    route_key: route.van().key,
                    position: gap as u32 + 1,
                    start: priced.start,
                    delta: priced.delta,
                });
            }
        }
    }
}
