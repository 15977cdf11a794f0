//! Branch and bound over gaps, the likely ones first, for one or several sets of windows at once.

use std::collections::BTreeSet;
use std::ops::Range;

use smallvec::SmallVec;
use swerve_model::nearby::NO_LIMIT;
use swerve_model::{
    Cost, DetourPrice, GapSearch, Moment, NearbyChunks, NearbyGap, Planar, Ticks, TimeWindow,
    TravelTimes,
};

use super::best::{Best, Insertion};
use super::gap::{self, Newcomer};
use super::{Answer, Effort, Live};
use crate::fleet::Loosest;
use crate::instance::{Custody, Stop, Windows};
use crate::route::{At, Route};

/// With this few admissible routes each is gone through whole: finding their gaps among those of the
/// whole fleet would take longer. A loaded parcel has one.
const WHOLE_ROUTES_MAX: usize = 4;

/// Gaps the index may show before it is asked whether it helps at all. Mostly a few dozen are shown; with
/// hundreds it may be that hardly any route is admissible, and then those are gone through whole.
const GAPS_BEFORE_FEW: u32 = 1_024;
/// The same, before all admissible routes are gone through whole, however many: no position in time is
/// to be found nearby, and by its times alone a route is ruled out sooner than gap by gap.
const GAPS_BEFORE_ALL: u32 = 16_384;
/// Admissible routes that are few beside a thousand gaps.
const FEW_ROUTES: usize = 64;

/// Gaps of one route, each with the least it costs.
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
    let mut search = Search::new(live, question, &variants);
    let holder = match question.stop.custody {
        Custody::Aboard(key) => live.fleet.index_of(key),
        Custody::AtDepot(_) => None,
    };
    let holder = holder.filter(|van| question.among.is_none_or(|among| among.contains(van)));
    let among = match question.stop.custody {
        Custody::Aboard(_) => Some(holder.as_slice()),
        Custody::AtDepot(_) => question.among,
    };
    search.visit(among, question.changed);
    search.into_answers()
}

/// What is known of a route once the search has met it.
#[derive(Clone, Copy)]
enum Met {
    NotYet,
    /// Not asked for, not admissible, or gone through already.
    Settled,
    /// May take the stop; where in [`Search::seen`] it stands.
    At(u32),
}

struct Search<'a, T, C> {
    live: &'a Live<'a, T, C>,
    stop: &'a Stop,
    point: Planar,
    /// The stop with each set of windows asked for; alike in everything else.
    variants: &'a [Stop],
    /// When the first of them may be served at the earliest, and the last at the latest.
    hours: (Moment, Moment),
    best: SmallVec<[Best; 1]>,
    /// What costs more than this is no answer to any of the questions.
    threshold: Cost,
    effort: Effort,
    /// Gaps the index may still show.
    patience: u32,
    /// By route.
    met: Vec<Met>,
    /// Each variant as each admissible route met so far sees it.
    seen: Vec<SmallVec<[Option<Newcomer<'a>>; 1]>>,
}

impl<'a, T: TravelTimes, C: NearbyChunks> Search<'a, T, C> {
    fn new(live: &'a Live<'a, T, C>, question: &Question<'a>, variants: &'a [Stop]) -> Self {
        let best = variants.iter().map(|_| Best::new(question.keep)).collect();
        Search {
            live,
            stop: question.stop,
            point: live.travel.position(question.stop.place),
            variants,
            hours: hours(variants),
            best,
            threshold: if variants.is_empty() { Cost(i64::MIN) } else { Cost(i64::MAX) },
            effort: Effort::default(),
            patience: 0,
            met: vec![Met::NotYet; live.fleet.routes().len()],
            seen: Vec::new(),
        }
    }

    fn into_answers(self) -> Vec<Answer> {
        let effort = self.effort;
        self.best.into_iter().map(|best| Answer { best: best.into_vec(), effort }).collect()
    }

    fn visit(&mut self, among: Option<&[u32]>, changed: &BTreeSet<u32>) {
        if let Some(among) = among {
            let candidates = self.live.fleet.candidates(self.stop, Some(among));
            if candidates.len() <= WHOLE_ROUTES_MAX {
                return self.visit_routes(candidates);
            }
            self.met.fill(Met::Settled);
            for route in candidates {
                self.met[route as usize] = Met::NotYet;
            }
        }
        self.visit_routes(changed.iter().copied());
        self.visit_nearby();
    }

    /// Asks the index, and goes through the routes themselves where it does not help.
    fn visit_nearby(&mut self) {
        let live = *self.live;
        for (patience, routes_max) in [(GAPS_BEFORE_FEW, FEW_ROUTES), (GAPS_BEFORE_ALL, usize::MAX)]
        {
            self.patience = patience;
            let bounds = live.chunks.search_gaps(self.point, self);
            self.effort.bounds += bounds;
            if self.patience > 0 {
                return;
            }
            let candidates = live.fleet.candidates(self.stop, None);
            if candidates.len() <= routes_max {
                return self.visit_routes(candidates);
            }
        }
    }

    fn visit_routes(&mut self, routes: impl IntoIterator<Item = u32>) {
        for route in routes {
            self.visit_route(route);
        }
    }

    /// Where route `number` stands in [`Search::seen`]; `None` if it is not to be used (any more).
    fn meet(&mut self, number: u32) -> Option<(&'a Route, usize)> {
        let live = *self.live;
        let met = self.met.get(number as usize);
        debug_assert!(met.is_some(), "the index knows a route the fleet does not");
        let route = live.fleet.get(number)?;
        match *met? {
            Met::Settled => None,
            Met::At(place) => Some((route, place as usize)),
            Met::NotYet if live.fleet.may_take(number, self.stop) => {
                let place = self.seen.len();
                self.met[number as usize] = Met::At(place as u32);
                let view = |stop| Newcomer::new(stop, route, live.rules);
                self.seen.push(self.variants.iter().map(view).collect());
                Some((route, place))
            }
            Met::NotYet => {
                self.met[number as usize] = Met::Settled;
                None
            }
        }
    }

    /// The same as the threshold, for one route.
    fn threshold_on(&self, route: u32) -> Cost {
        let thresholds = self.best.iter().map(|best| best.threshold_on(route));
        thresholds.max().unwrap_or(Cost(i64::MIN))
    }

    /// All gaps of a route that times allow. The likeliest first: what it costs rules out most others.
    fn visit_route(&mut self, number: u32) {
        let Some((route, place)) = self.meet(number) else { return };
        let mut floors = self.floors(number, route, self.gaps_in_time(route));
        floors.sort_unstable();
        for (floor, gap) in floors {
            if floor > self.threshold_on(number) {
                break;
            }
            self.try_gap(number, route, gap, place);
        }
        self.met[number as usize] = Met::Settled;
    }

    /// The gaps between the first that may be left late enough for the stop's earliest window and the
    /// last that is reached before its latest has closed. O(log n), since neither moment ever falls along
    /// a route.
    fn gaps_in_time(&self, route: &Route) -> Range<usize> {
        let at = route.positions();
        let (open, close) = self.hours;
        let first = at[1..].partition_point(|next| next.latest < open + self.stop.service);
        let reached = at.partition_point(|here| here.departure <= close);
        let end = if route.van().end.is_none() { at.len() } else { at.len() - 1 };
        first..reached.min(end)
    }

    /// The least an insertion into each of these gaps costs, by straight lines alone; what is too dear
    /// already is left out.
    fn floors(&self, number: u32, route: &Route, gaps: Range<usize>) -> Floors {
        let limit = self.threshold_on(number);
        let floors = gaps.map(|gap| (self.floor_at(route, gap), gap));
        floors.filter(|(floor, _)| *floor <= limit).collect()
    }

    /// The same for one gap.
    fn floor_at(&self, route: &Route, gap: usize) -> Cost {
        let prices = &self.live.rules.prices;
        let straight = |at: &At| self.live.travel.at_least(self.point.distance_at_least(at.point));
        let at = route.positions();
        let here = &at[gap];
        let into = straight(here);
        let wait = self.wait_at_least(here.departure + into.duration());
        let floor = prices.leg(into) + prices.waiting_at_least(wait) - route.relief();
        let Some(next) = at.get(gap + 1) else { return floor };
        let out = straight(next);
        let shorter = next.leg.duration() - into.duration() - out.duration();
        let waits = prices.waits(next.waits);
        let delay = self.stop.service + wait - shorter;
        let saved = prices.hurry(route.cost_by_cause().overtime, shorter)
            + prices.taken_up_at_least(waits, delay);
        floor + prices.leg(out) - prices.leg(next.leg) - saved
    }

    /// Reached no later than that, it waits so long for its first window to open.
    #[inline]
    fn wait_at_least(&self, arrival: Moment) -> Ticks {
        (self.hours.0 - arrival).max(Ticks::ZERO)
    }

    /// Whether any variant may be started once the gap's first end is left and be over when its second
    /// must be reached. Windows close no later than promised unless the stop was published late, so this
    /// rules nothing out with a baseline.
    fn is_in_time(&self, route: &Route, gap: usize) -> bool {
        let at = route.positions();
        let from = at[gap].departure;
        let to = at.get(gap + 1).map_or(route.end_limit(), |next| next.latest) - self.stop.service;
        let overlaps = |window: &TimeWindow| window.open().max(from) <= window.close().min(to);
        let fits = |stop: &Stop| match &stop.windows[..] {
            [] => from <= to,
            windows => windows.iter().any(overlaps),
        };
        self.stop.baseline.is_some() || self.variants.iter().any(fits)
    }

    fn try_gap(&mut self, number: u32, route: &'a Route, gap: usize, place: usize) {
        let Live { travel, rules, .. } = *self.live;
        self.effort.gaps += 1;
        for (new, best) in self.seen[place].iter().zip(&mut self.best) {
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
        let thresholds = self.best.iter().map(Best::threshold);
        self.threshold = thresholds.max().unwrap_or(Cost(i64::MIN));
    }
}

impl<T: TravelTimes, C: NearbyChunks> GapSearch for Search<'_, T, C> {
    fn price(&self) -> DetourPrice {
        detour_price(self.live, self.stop, self.hours)
    }

    #[inline]
    fn limit(&self) -> Cost {
        if self.patience > 0 { self.threshold.min(NO_LIMIT) } else { Cost(i64::MIN) }
    }

    fn visit(&mut self, shown: NearbyGap, floor: Cost) {
        self.patience = self.patience.saturating_sub(1);
        let Some((route, place)) = self.meet(shown.route) else { return };
        // Of a route only its best gap counts, and most that are shown are of routes that have one.
        if floor > self.threshold_on(shown.route) {
            return;
        }
        let last = shown.position + u32::from(shown.is_open);
        for gap in shown.position as usize..=last as usize {
            // What it may save itself is mostly nothing, and the most of all seldom far from some.
            let may_win = is_gap(route, gap)
                && self.floor_at(route, gap) <= self.threshold_on(shown.route)
                && self.is_in_time(route, gap);
            if may_win {
                self.try_gap(shown.route, route, gap, place);
            }
        }
    }
}

/// Between two positions, or after the last stop of a route without an end place.
fn is_gap(route: &Route, gap: usize) -> bool {
    let last = route.positions().len() - 1;
    gap < last || (gap == last && route.van().end.is_none())
}

/// A bound on what any insertion of `stop` costs that may start in these hours.
pub(super) fn detour_price<T: TravelTimes, C>(
    live: &Live<T, C>,
    stop: &Stop,
    (open, close): (Moment, Moment),
) -> DetourPrice {
    let Loosest { relief, waits, overtime } = live.fleet.loosest();
    let prices = live.rules.prices.detour(live.travel.pace(), waits, overtime);
    DetourPrice {
        service: stop.service.0 as f64,
        open: open.0 as f64,
        close: close.0 as f64,
        relief: prices.relief + relief.0 as f64,
        ..prices
    }
}

/// The earliest open and the latest close among all windows; unlimited if one variant is.
pub(super) fn hours(variants: &[Stop]) -> (Moment, Moment) {
    let unlimited = (Moment(i64::MIN / 4), Moment(i64::MAX / 4));
    let is_unlimited = |stop: &Stop| stop.windows.is_empty() || stop.baseline.is_some();
    if variants.iter().any(is_unlimited) {
        return unlimited;
    }
    let windows = || variants.iter().flat_map(|stop| &stop.windows);
    let open = windows().map(|window| window.open()).min();
    let close = windows().map(|window| window.close()).max();
    open.zip(close).unwrap_or(unlimited)
}
