//! Our own offline search from a state, as one of the references.
//!
//! Stops that are locked to a van are planned for that van alone, which is no restriction: nothing
//! may be exchanged. Vans that still load share theirs and are planned together.

use std::time::Duration;

use rayon::prelude::*;
use swerve_model::Moment;
use swerve_model::instance::{
    Instance, Objective, Overtime, SoftWindow, Span, StaticRoute, StaticTask, TravelMatrix,
    VehiclePrices, VehicleType,
};
use swerve_optimizer::offline::{self, Pace, Standing};

use super::state::State;
use crate::clock;

/// One search of so many CPU seconds of its thread: what else the machine does takes none of them.
struct Clocked {
    seconds: f64,
    /// Since it is first asked, which is on the thread that searches.
    began: Option<Duration>,
}

impl Pace for Clocked {
    fn used(&mut self, _iterations: u64) -> f64 {
        let now = clock::thread_cpu_time();
        let began = *self.began.get_or_insert(now);
        now.saturating_sub(began).as_secs_f64() / self.seconds.max(1e-6)
    }

    fn improved(&mut self, _iterations: u64, _standing: Standing) {}
}

/// Vans that are planned together, and the stops that are theirs to share.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Group {
    vans: Vec<u32>,
    stops: Vec<u32>,
}

/// What a reference is to be good at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Aim {
    /// Driving and distance alone, as if waiting were free: where the others begin.
    Way,
    /// Driving, waiting and distance, as if nobody had been told anything.
    Operation,
    /// Those, overtime, and keeping to what was told: from the engine's own plan on.
    AllPrices,
    /// Distance, all time from departure to return, and overtime: what a whole day is paid by.
    PaidTime,
}

impl Aim {
    /// Whether a van may stay out after its shift at a price; else no longer than the engine would.
    fn allows_overtime(self) -> bool {
        matches!(self, Aim::AllPrices | Aim::PaidTime)
    }
}

/// The best routes found, one a van in the state's order, and the stops no van can serve in time.
pub(super) fn solve(state: &State, aim: Aim, seconds: f64, seed: u64) -> (Vec<Vec<u32>>, Vec<u32>) {
    let stops = state.stops.len().max(1) as f64;
    let groups = groups(state);
    let found: Vec<(Vec<Vec<u32>>, Vec<u32>)> = groups
        .par_iter()
        .map(|group| {
            let seconds = seconds * group.stops.len() as f64 / stops;
            solve_group(state, group, aim, seconds, seed)
        })
        .collect();
    let mut routes = vec![Vec::new(); state.vans.len()];
    let mut unserved = Vec::new();
    for (group, (of_group, left)) in groups.iter().zip(found) {
        for (van, route) in group.vans.iter().zip(of_group) {
            routes[*van as usize] = route;
        }
        unserved.extend(left);
    }
    (routes, unserved)
}

fn groups(state: &State) -> Vec<Group> {
    let mut alone: Vec<Group> = Vec::new();
    let mut together = Group::default();
    for (van, of_van) in state.vans.iter().enumerate() {
        let locked = of_van.planned.iter().any(|stop| state.stops[*stop as usize].only.is_some());
        if locked {
            alone.push(Group { vans: vec![van as u32], stops: of_van.planned.clone() });
        } else {
            together.vans.push(van as u32);
            together.stops.extend(&of_van.planned);
        }
    }
    alone.push(together);
    alone.retain(|group| !group.stops.is_empty());
    alone
}

fn solve_group(
    state: &State,
    group: &Group,
    aim: Aim,
    seconds: f64,
    seed: u64,
) -> (Vec<Vec<u32>>, Vec<u32>) {
    let search = |aim, initial: &[StaticRoute], share: f64| {
        let pace = Clocked { seconds: seconds * share, began: None };
        offline::solve(&instance(state, group, aim), Objective::Cost, seed, initial, vec![pace])
    };
    let from_own_plan = || search(aim, &departing(group, &planned(state, group)), 1.0);
    let from_nothing = || {
        let first = search(Aim::Way, &[], 0.5);
        search(aim, &departing(group, &first.routes), 0.5)
    };
    let found = match aim {
        Aim::Way => search(aim, &[], 1.0),
        Aim::Operation => {
            let found = from_nothing();
            // Where reality has used up all slack, only the engine's own plan may be known to be legal.
            if found.unserved.is_empty() { found } else { from_own_plan() }
        }
        Aim::AllPrices => from_own_plan(),
        Aim::PaidTime => from_nothing(),
    };
    let stop = |task: &u32| group.stops.get(*task as usize).copied();
    let mut routes = vec![Vec::new(); group.vans.len()];
    for route in &found.routes {
        routes[route.kind as usize] = route.tasks.iter().filter_map(stop).collect();
    }
    (routes, found.unserved.iter().filter_map(stop).collect())
}

/// The engine's own plan, in the group's numbers.
fn planned(state: &State, group: &Group) -> Vec<StaticRoute> {
    let task = |stop: &u32| group.stops.iter().position(|one| one == stop);
    let route = |(kind, van): (u32, &u32)| {
        let planned = state.vans[*van as usize].planned.iter();
        StaticRoute { kind, tasks: planned.filter_map(task).map(|task| task as u32).collect() }
    };
    (0..).zip(&group.vans).map(route).collect()
}

/// The same with the departure of every van before them: see [`Builder::departures`].
fn departing(group: &Group, routes: &[StaticRoute]) -> Vec<StaticRoute> {
    let route = |kind: u32| {
        let stops = routes.iter().filter(|route| route.kind == kind);
        let stops = stops.flat_map(|route| route.tasks.iter().copied());
        let departure = group.stops.len() as u32 + kind;
        StaticRoute { kind, tasks: std::iter::once(departure).chain(stops).collect() }
    };
    (0..group.vans.len() as u32).map(route).collect()
}

/// A state's group as the search takes it; all prices are in millionths. A stop that was told another
/// van may change it at no price; the judge counts that.
fn instance(state: &State, group: &Group, aim: Aim) -> Instance {
    let mut builder = Builder { state, group, aim, places: Vec::new() };
    let mut tasks: Vec<StaticTask> =
        (0..group.stops.len()).map(|stop| builder.task(stop)).collect();
    if aim != Aim::Way {
        tasks.extend(builder.departures());
    }
    let fleet = (0..group.vans.len()).map(|van| builder.vehicle(van)).collect();
    Instance {
        name: state.name.clone(),
        scale: 1,
        cost_scale: 1,
        travel: vec![builder.travel()],
        tasks,
        fleet,
        ..Instance::default()
    }
}

struct Builder<'a> {
    state: &'a State,
    group: &'a Group,
    aim: Aim,
    /// The state's places that the group needs; sites are indices into it.
    places: Vec<u32>,
}

impl Builder<'_> {
    fn site(&mut self, place: u32) -> u32 {
        let known = self.places.iter().position(|one| *one == place);
        let site = known.unwrap_or_else(|| {
            self.places.push(place);
            self.places.len() - 1
        });
        site as u32
    }

    fn since(&self, moment: Moment) -> i64 {
        (moment - self.state.at).0.max(0)
    }

    fn span(&self, open: Moment, close: Moment) -> Span {
        Span { open: self.since(open), close: self.since(close) }
    }

    fn task(&mut self, index: usize) -> StaticTask {
        let stop = &self.state.stops[self.group.stops[index] as usize];
        let windows = stop.windows.iter().map(|window| self.span(window.open(), window.close()));
        let windows: Vec<Span> = windows.collect();
        let soft = stop.told.filter(|_| self.aim == Aim::AllPrices).map(|told| {
            let price = self.state.rates.told_tick * told.weight;
            SoftWindow { span: self.span(told.open, told.close), early: price, late: price }
        });
        StaticTask {
            number: index as u32 + 1,
            site: self.site(stop.place),
            service: stop.service.0,
            windows: if windows.is_empty() { vec![Span::ALWAYS] } else { windows },
            soft,
            delivery: vec![stop.litres],
            ..StaticTask::default()
        }
    }

    /// A van leaves when it is free and not when that suits it best: its first task is to leave.
    fn departures(&mut self) -> Vec<StaticTask> {
        let group = self.group;
        let departure = |(kind, van): (u32, &u32)| {
            let van = &self.state.vans[*van as usize];
            StaticTask {
                number: group.stops.len() as u32 + kind + 1,
                site: self.site(van.start),
                windows: vec![self.span(van.free, van.free)],
                delivery: vec![0],
                only: Some(vec![kind]),
                ..StaticTask::default()
            }
        };
        (0..).zip(&group.vans).map(departure).collect()
    }

    /// Overtime has its price but where only the operation counts: there it is ruled out, beyond what
    /// the engine's own plan has of it.
    fn vehicle(&mut self, kind: usize) -> VehicleType {
        let van = &self.state.vans[self.group.vans[kind] as usize];
        let (rates, departs) = (&self.state.rates, self.aim != Aim::Way);
        let (_, back) = self.state.starts(van, &van.planned);
        let allows_overtime = self.aim.allows_overtime();
        let end = if allows_overtime { van.hard_end } else { van.shift_end.max(back) };
        let after = (van.shift_end - van.free).0.max(0);
        let overtime = Overtime { after, price: rates.overtime_tick };
        VehicleType {
            number: kind as u32,
            start: Some(self.site(van.start)),
            end: Some(self.site(van.end)),
            shift: self.span(van.free, end.max(van.free)),
            capacity: vec![van.litres],
            count: 1,
            prices: VehiclePrices {
                distance: 1,
                duty: if departs { rates.hour_tick } else { 0 },
                overtime: allows_overtime.then_some(overtime),
                ..VehiclePrices::default()
            },
            locked: if departs { vec![(self.group.stops.len() + kind) as u32] } else { Vec::new() },
            ..VehicleType::default()
        }
    }

    /// What a leg costs is its distance: where all time is paid, that is not in it.
    fn travel(&self) -> TravelMatrix {
        let rates = &self.state.rates;
        let hour = if self.aim == Aim::Way { rates.hour_tick } else { 0 };
        let legs = || {
            let to = |from: u32| self.places.iter().map(move |to| self.state.leg(from, *to));
            self.places.iter().flat_map(move |from| to(*from))
        };
        let money = |(ticks, meters): (i64, i64)| (ticks * hour + meters * rates.meter) as i32;
        let travel = TravelMatrix::new(legs().map(money).collect()).expect("a row for every place");
        let durations = legs().map(|(ticks, _)| ticks as i32).collect();
        travel.with_durations(durations).expect("as many rows")
    }
}
