//! Small cases for tests: plain stops and vans, and random instances from one seed.

use std::sync::Arc;

use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use swerve_model::detour::floor_cost;
use swerve_model::{
    Cost, Detour, GapSearch, GapTimes, Leg, Load, Moment, NearbyChunk, NearbyChunks, NearbyGap,
    Pace, Place, Planar, RouteShape, Skills, Ticks, TimeWindow, TravelTimes,
};

use crate::instance::{Baseline, Custody, Stop, Told, Van, Windows};
use crate::price::{Prices, Tariff};
use crate::promise::Assurance;
use crate::route::{Route, Rules};

pub(crate) fn window(open: i64, close: i64) -> TimeWindow {
    TimeWindow::new(Moment(open), Moment(close)).expect("open before close")
}

/// At the depot, no windows, nobody told anything.
pub(crate) fn plain_stop(key: u32, place: u32) -> Stop {
    Stop {
        key,
        place: Place(place),
        windows: Windows::new(),
        service: Ticks(10),
        load: Load::new(1, 1, 1),
        skills: Skills::NONE,
        custody: Custody::AtDepot(0),
        ready: None,
        pinned: false,
        baseline: None,
        told: None,
        drop_cost: Cost::from_units(1000),
    }
}

/// Leaves place `start` at 0 and may take anything from depot 0.
pub(crate) fn plain_van(key: u32, start: u32) -> Van {
    Van {
        key,
        start: Place(start),
        depart: Moment(0),
        known: Moment(0),
        end: None,
        shift_end: Moment(1_000_000),
        hard_end: Moment(1_000_000),
        capacity: Load::new(1000, 1000, 1000),
        carried: Load::ZERO,
        skills: Skills::NONE,
        loads_from: Some(0),
        leaves: Moment(0),
        use_cost: None,
    }
}

/// A table of legs between places on a plane; with a wave it also varies over the day.
#[derive(Clone, Debug)]
pub(crate) struct Table {
    pub(crate) points: Vec<Planar>,
    pub(crate) legs: Vec<Leg>,
    /// Period, in ticks, of a rush hour that slows every leg to twice its time and back.
    pub(crate) wave: Option<i64>,
}

impl Table {
    fn base(&self, from: Place, to: Place) -> Leg {
        self.legs[from.0 as usize * self.points.len() + to.0 as usize]
    }

    /// Extra ticks on a leg of `ticks` for leaving at `depart`: a zigzag that falls no faster than
    /// time passes, so that nobody overtakes.
    fn extra(&self, ticks: i32, depart: Moment) -> i64 {
        let Some(period) = self.wave else { return 0 };
        let phase = depart.0.rem_euclid(period);
        phase.min(period - phase).min(i64::from(ticks))
    }
}

impl TravelTimes for Table {
    fn leg(&self, from: Place, to: Place, depart: Moment) -> Leg {
        let base = self.base(from, to);
        if !base.is_reachable() {
            return base;
        }
        Leg { ticks: base.ticks + self.extra(base.ticks, depart) as i32, ..base }
    }

    fn latest_departure(&self, from: Place, to: Place, arrive: Moment) -> Moment {
        let arrival = |depart: i64| Moment(depart) + self.leg(from, to, Moment(depart)).duration();
        let base = i64::from(self.base(from, to).ticks);
        let (mut good, mut bad) = (arrive.0 - 2 * base, arrive.0 - base + 1);
        while bad - good > 1 {
            let middle = good + (bad - good) / 2;
            if arrival(middle) <= arrive {
                good = middle;
            } else {
                bad = middle;
            }
        }
        Moment(good)
    }

    fn position(&self, place: Place) -> Planar {
        self.points[place.0 as usize]
    }

    /// Nothing here is faster than 20 m a tick nor shorter than the straight line.
    fn pace(&self) -> Pace {
        Pace { ticks: 1.0 / 20.0, meters: 1.0 }
    }
}

/// Four corners of a square; each side takes 100 ticks, a diagonal 150.
pub(crate) fn square() -> Table {
    let corners = [(0.0, 0.0), (0.0, 100.0), (100.0, 100.0), (100.0, 0.0)];
    let points = corners.map(|(x, y)| Planar { x, y }).to_vec();
    let leg = |apart: usize| match apart {
        0 => Leg::ZERO,
        2 => Leg { ticks: 150, meters: 150 },
        _ => Leg { ticks: 100, meters: 100 },
    };
    let legs = (0..16usize).map(|pair| leg((pair / 4).abs_diff(pair % 4))).collect();
    Table { points, legs, wave: None }
}

/// What a random instance may contain. Everything on is the hardest.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Shape {
    pub(crate) vans: u32,
    pub(crate) stops_per_van: u32,
    pub(crate) varying: bool,
    /// Imported as somebody else made it: late, overloaded, in the wrong van.
    pub(crate) careless: bool,
    /// Some legs lead nowhere.
    pub(crate) islands: bool,
}

pub(crate) fn rules(varying: bool) -> Rules {
    Rules {
        prices: Prices::new(&Tariff::default()),
        assurance: Assurance::default(),
        travel_varies: varying,
    }
}

pub(crate) struct Instance {
    pub(crate) travel: Table,
    pub(crate) rules: Rules,
    pub(crate) routes: Vec<Arc<Route>>,
    /// Stops not on any route.
    pub(crate) loose: Vec<Stop>,
}

const PLACES: u32 = 60;
const SIDE_METERS: f64 = 20_000.0;
const DAY: i64 = 8 * 3600 * 10;

/// Places on a square; legs no faster than the bound, otherwise as crooked as they come: asymmetric,
/// breaking the triangle inequality, a few leading nowhere.
fn table(rng: &mut ChaCha8Rng, shape: &Shape) -> Table {
    let mut point =
        || Planar { x: rng.random_range(0.0..SIDE_METERS), y: rng.random_range(0.0..SIDE_METERS) };
    let points: Vec<Planar> = (0..PLACES).map(|_| point()).collect();
    let mut legs = Vec::new();
    for from in &points {
        for to in &points {
            let straight = from.distance(*to);
            let crooked = rng.random_range(1.0..1.8);
            let leads_nowhere = shape.islands && rng.random_bool(0.002);
            legs.push(if leads_nowhere {
                Leg::UNREACHABLE
            } else {
                Leg {
                    ticks: (straight / 15.0 * crooked) as i32,
                    meters: (straight * crooked) as i32,
                }
            });
        }
    }
    Table { points, legs, wave: shape.varying.then_some(DAY / 6) }
}

fn promised(rng: &mut ChaCha8Rng) -> Windows {
    let mut windows = Windows::new();
    if rng.random_bool(0.4) {
        let mut from = rng.random_range(0..DAY);
        for _ in 0..rng.random_range(1..=3) {
            let length = rng.random_range(6_000..60_000);
            windows.push(window(from, from + length));
            from += length + rng.random_range(1..30_000);
        }
    }
    windows
}

pub(crate) fn random_stop(rng: &mut ChaCha8Rng, key: u32, vans: u32) -> Stop {
    Stop {
        place: Place(rng.random_range(0..PLACES)),
        windows: promised(rng),
        service: Ticks(rng.random_range(100..3_000)),
        load: Load::new(rng.random_range(0..20), rng.random_range(0..20), 1),
        skills: Skills(if rng.random_bool(0.2) { 1 << rng.random_range(0..2) } else { 0 }),
        custody: if rng.random_bool(0.2) {
            Custody::Aboard(van_key(rng.random_range(0..vans)))
        } else {
            Custody::AtDepot(rng.random_range(0..2))
        },
        ready: rng.random_bool(0.2).then(|| Moment(rng.random_range(0..DAY / 4))),
        told: rng.random_bool(0.5).then(|| {
            let open = rng.random_range(0..DAY);
            Told {
                route: van_key(rng.random_range(0..vans)),
                open: Moment(open),
                close: Moment(open + 18_000),
                weight: rng.random_range(0..12),
            }
        }),
        ..plain_stop(key, 0)
    }
}

/// Keys run against the order of the routes, so that a tie broken by the index is noticed.
fn van_key(index: u32) -> u32 {
    1000 - index
}

fn random_van(rng: &mut ChaCha8Rng, index: u32) -> Van {
    let depart = rng.random_range(0..DAY / 4);
    let shift_end = rng.random_range(DAY * 3 / 4..DAY * 5 / 4);
    Van {
        depart: Moment(depart),
        known: Moment(depart - rng.random_range(0..6_000)),
        end: rng.random_bool(0.7).then(|| Place(rng.random_range(0..PLACES))),
        shift_end: Moment(shift_end),
        hard_end: Moment(shift_end + rng.random_range(0..20_000)),
        capacity: Load::new(rng.random_range(50..300), rng.random_range(50..300), 30),
        carried: Load::new(rng.random_range(0..20), 0, 0),
        skills: Skills(rng.random_range(0..4)),
        loads_from: rng.random_bool(0.8).then(|| rng.random_range(0..2)),
        leaves: Moment(depart),
        use_cost: rng.random_bool(0.3).then_some(Cost::from_units(20)),
        ..plain_van(van_key(index), rng.random_range(0..PLACES))
    }
}

impl Instance {
    pub(crate) fn random(seed: u64, shape: Shape) -> Instance {
        let mut rng = ChaCha8Rng::seed_from_u64(seed);
        let travel = table(&mut rng, &shape);
        let rules = rules(shape.varying);
        let mut instance = Instance { travel, rules, routes: Vec::new(), loose: Vec::new() };
        let mut key = 0;
        for index in 0..shape.vans {
            let van = Arc::new(random_van(&mut rng, index));
            let count = rng.random_range(0..=shape.stops_per_van);
            let stops: Vec<Stop> = (0..count)
                .map(|_| {
                    key += 1;
                    random_stop(&mut rng, key, shape.vans)
                })
                .collect();
            instance.add_route(&mut rng, van, stops, shape.careless);
        }
        for _ in 0..4 {
            key += 1;
            let stop = random_stop(&mut rng, key, shape.vans);
            instance.loose.push(stop);
        }
        instance
    }

    /// A careless planner's route is taken as it is, sometimes without saying how it was published.
    /// A careful one leaves out every stop that would break a rule.
    fn add_route(&mut self, rng: &mut ChaCha8Rng, van: Arc<Van>, stops: Vec<Stop>, careless: bool) {
        let (travel, rules) = (&self.travel, &self.rules);
        let route = if careless && rng.random_bool(0.5) {
            Route::published(van, &stops, travel, rules)
        } else if careless {
            Route::schedule(van, stops.into_iter().map(Arc::new).collect(), travel, rules)
        } else {
            let empty = Route::schedule(van, Vec::new(), travel, rules);
            stops.into_iter().fold(empty, |route, stop| {
                let position = route.stops().len() + 1;
                let longer = route.with_inserted(position, Arc::new(stop), travel, rules);
                if longer.is_legal() { longer } else { route }
            })
        };
        self.routes.push(Arc::new(route));
    }

    /// The same routes by the rules as they are now, with shifts as long as that.
    pub(crate) fn rescheduled(&self, shift: Ticks) -> Vec<Arc<Route>> {
        let again = |route: &Arc<Route>| {
            let van = route.van();
            let van = Van { shift_end: van.depart + shift, ..Van::clone(van) };
            let stops = route.stops().to_vec();
            Arc::new(Route::schedule(Arc::new(van), stops, &self.travel, &self.rules))
        };
        self.routes.iter().map(again).collect()
    }

    /// Gives a loose stop a place in the published plan that it has lost since.
    pub(crate) fn published_elsewhere(&self, rng: &mut ChaCha8Rng, stop: &Stop) -> Stop {
        let van = Arc::clone(self.routes[rng.random_range(0..self.routes.len())].van());
        let start = Moment(rng.random_range(0..DAY));
        let margin = self.rules.assurance.margin(stop, &van, start);
        Stop { baseline: Some(Baseline { route: van.key, start, margin }), ..stop.clone() }
    }
}

/// Runs of a few stops, handed out by plain sorting: what an index must do, the slow way.
pub(crate) struct SortedChunks {
    chunks: Vec<Run>,
}

struct Run {
    chunk: NearbyChunk,
    points: Vec<Planar>,
    gaps: Vec<RunGap>,
}

#[derive(Clone, Copy)]
struct RunGap {
    gap: NearbyGap,
    ends: [Planar; 2],
    leg: Leg,
    times: GapTimes,
}

impl RunGap {
    fn detour(&self, center: Planar) -> Detour {
        let [into, out_of] = self.ends.map(|end| center.distance(end));
        Detour::new(into, out_of, self.leg, self.gap.is_open, self.times)
    }
}

impl SortedChunks {
    pub(crate) fn of(routes: &[Arc<Route>], length: usize) -> SortedChunks {
        let runs = |(number, route)| runs(number, route, length);
        SortedChunks { chunks: (0..).zip(routes).flat_map(runs).collect() }
    }

    /// The gaps of each run, with the detours through them.
    pub(crate) fn detours(&self, center: Planar) -> impl Iterator<Item = Vec<(NearbyGap, Detour)>> {
        let seen = move |gap: &RunGap| (gap.gap, gap.detour(center));
        self.chunks.iter().map(move |run| run.gaps.iter().map(seen).collect())
    }
}

/// Runs of `length` gaps of one route; of none if it is only an anchor.
fn runs(number: u32, route: &Arc<Route>, length: usize) -> Vec<Run> {
    let at = route.positions();
    let last = at.len() - 1;
    let RouteShape { passes, is_open } = route.shape();
    let gap = |position: usize| {
        let next = at.get(position + 1);
        let end = &passes[(position + 1).min(last)];
        let is_open = is_open && position + 1 >= last;
        let times = GapTimes::of(&passes[position], end, is_open);
        let gap = NearbyGap { route: number, position: position as u32, is_open };
        let ends = [at[position].point, next.unwrap_or(&at[position]).point];
        RunGap { gap, ends, leg: next.map_or(Leg::ZERO, |next| next.leg), times }
    };
    let run = |first: usize| {
        let end = (first + length).min(last);
        let chunk =
            NearbyChunk { route: number, first: first as u32, last: end as u32, distance: 0.0 };
        let points = at[first..=end].iter().map(|at| at.point).collect();
        Run { chunk, points, gaps: (first..end.max(1)).map(gap).collect() }
    };
    (0..last.max(1)).step_by(length).map(run).collect()
}

/// The least any of these detours adds and the most any saves.
pub(crate) fn widest(one: Detour, other: Detour) -> Detour {
    Detour {
        into: one.into.min(other.into),
        out_of: one.out_of.min(other.out_of),
        saved_ticks: one.saved_ticks.max(other.saved_ticks),
        saved_meters: one.saved_meters.max(other.saved_meters),
        last: one.last.min(other.last),
        left: (one.left.0.min(other.left.0), one.left.1.max(other.left.1)),
        due: one.due.max(other.due),
    }
}

impl NearbyChunks for SortedChunks {
    fn nearby(&self, center: Planar) -> impl Iterator<Item = NearbyChunk> {
        let nearest = |points: &[Planar]| {
            points.iter().map(|point| center.distance(*point)).fold(f64::INFINITY, f64::min)
        };
        let seen = |run: &Run| NearbyChunk { distance: nearest(&run.points), ..run.chunk };
        let mut chunks: Vec<NearbyChunk> = self.chunks.iter().map(seen).collect();
        chunks.sort_by(|a, b| {
            a.distance.total_cmp(&b.distance).then((a.route, a.first).cmp(&(b.route, b.first)))
        });
        chunks.into_iter()
    }

    fn search_gaps(&self, center: Planar, search: &mut impl GapSearch) -> u32 {
        let price = search.price();
        let floor = |detour: &Detour| floor_cost(price.floor(detour));
        let mut bounds = 0;
        for chunk in self.nearby(center) {
            let is_it =
                |run: &&Run| (run.chunk.route, run.chunk.first) == (chunk.route, chunk.first);
            let Some(run) = self.chunks.iter().find(is_it) else { continue };
            let detours = run.gaps.iter().map(|gap| gap.detour(center));
            let widest = detours.reduce(widest).expect("a run has a gap");
            bounds += 1;
            if floor(&widest) > search.limit() {
                continue;
            }
            bounds += run.gaps.len() as u32;
            for gap in &run.gaps {
                let floor = floor(&gap.detour(center));
                if floor <= search.limit() {
                    search.visit(gap.gap, floor);
                }
            }
        }
        bounds
    }
}
