//! One moment of a day as any planner could be given it, and what a plan from there on costs.
//!
//! Vans stand after the stops that are too near to move; stops are locked to the van that holds their
//! parcels. Windows are those in which a start is as sure as the engine has to be (I2), so that
//! nobody is ahead by being bold; where the engine's own plan is later than that, as reality made it,
//! its start is allowed. Prices are the policy's, rounded as the search rounds them.
//!
//! A plan is judged as planned, with nominal times: what really happens later is not in the state.

use std::collections::BTreeMap;

use swerve_model::{Moment, Place, Risk, Ticks, TimeWindow, TravelTimes as _, Z_KEPT, window};
use swerve_policy::{Policy, Prices};
use swerve_roads::RoadTimes;

use crate::demo::chronicle::Sample;
use crate::demo::plan::{ManifestView, ParcelRef, PlannedStop};
use crate::demo::run::Record;
use crate::demo::scene::Scene;

/// A move of what was told is free within this, and dearer the nearer it is: as the engine has it.
const TOLD_TOLERANCE: Ticks = Ticks::from_minutes(5);
/// An order that reaches a stop this much apart from the arrival the API gave is not the same state.
const CLOCKS_APART: Ticks = Ticks::from_seconds(60);

/// A van, free to do anything from `free` on.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct StateVan {
    pub(super) id: String,
    /// Indices into [`State::places`].
    pub(super) start: u32,
    pub(super) end: u32,
    pub(super) free: Moment,
    /// From then on overtime is likely, and paid.
    pub(super) shift_end: Moment,
    pub(super) hard_end: Moment,
    /// Room for the stops below; litres.
    pub(super) litres: i64,
    /// As the engine plans it: indices into [`State::stops`].
    pub(super) planned: Vec<u32>,
}

/// What was told, and what a minute outside of it costs, in millionths.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Told {
    pub(super) open: Moment,
    pub(super) close: Moment,
    pub(super) weight: i64,
    pub(super) van: u32,
}

#[derive(Clone, Debug, PartialEq)]
pub(super) struct StateStop {
    pub(super) id: String,
    pub(super) place: u32,
    pub(super) service: Ticks,
    /// Sure enough, sorted; empty means any moment.
    pub(super) windows: Vec<TimeWindow>,
    /// The last promised close, after which every minute is paid for.
    pub(super) close: Option<Moment>,
    /// Index of the only van that may come.
    pub(super) only: Option<u32>,
    pub(super) litres: i64,
    pub(super) told: Option<Told>,
}

/// See the module.
#[derive(Clone, Debug)]
pub(super) struct State {
    pub(super) name: String,
    pub(super) at: Moment,
    pub(super) vans: Vec<StateVan>,
    pub(super) stops: Vec<StateStop>,
    pub(super) places: Vec<Place>,
    /// Row by row between places: ticks and metres.
    pub(super) durations: Vec<i32>,
    pub(super) distances: Vec<i32>,
    pub(super) rates: Rates,
}

/// Prices in millionths, rounded to whole ones a tick or metre.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Rates {
    /// Of driving, and of waiting.
    pub(super) hour_tick: i64,
    pub(super) meter: i64,
    pub(super) overtime_tick: i64,
    pub(super) late_tick: i64,
    pub(super) told_tick: i64,
    pub(super) moved_van: i64,
}

impl Rates {
    pub(super) fn new(prices: &Prices) -> Rates {
        let per = |price: swerve_model::Cost, units: i64| (price.0 + units / 2) / units;
        let (hour, minute) = (Ticks::from_hours(1).0, Ticks::from_minutes(1).0);
        Rates {
            hour_tick: per(prices.driving_hour, hour),
            meter: per(prices.km, 1_000),
            overtime_tick: per(prices.overtime_hour, hour),
            late_tick: per(prices.late_minute, minute),
            told_tick: per(prices.told_minute, minute),
            moved_van: prices.moved_van.0,
        }
    }
}

/// What a plan from a state on costs, in millionths.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Price {
    /// Hours of driving and of waiting, kilometres, overtime, and lateness.
    pub(super) operation: i64,
    /// What was told and does not hold any more.
    pub(super) disturbance: i64,
}

impl Price {
    pub(super) fn total(self) -> i64 {
        self.operation + self.disturbance
    }
}

impl State {
    pub(super) fn leg(&self, from: u32, to: u32) -> (i64, i64) {
        let entry = from as usize * self.places.len() + to as usize;
        (self.durations[entry].into(), self.distances[entry].into())
    }

    /// As the engine plans it.
    pub(super) fn planned(&self) -> Vec<Vec<u32>> {
        self.vans.iter().map(|van| van.planned.clone()).collect()
    }

    /// What `routes`, one a van and in the vans' order, cost; or every rule they break.
    ///
    /// # Errors
    /// A stop that is left out, comes twice, comes with a van that does not hold it, after its last
    /// window or after the law's end of the shift; a van that is too full.
    pub(super) fn judge(&self, routes: &[Vec<u32>]) -> Result<Price, Vec<String>> {
        let mut faults = Vec::new();
        let mut visits = vec![0_u32; self.stops.len()];
        let mut price = Price::default();
        for (index, (van, route)) in self.vans.iter().zip(routes).enumerate() {
            self.drive(index as u32, van, route, &mut price, &mut faults);
            for stop in route {
                visits[*stop as usize] += 1;
            }
        }
        for (stop, visits) in self.stops.iter().zip(visits) {
            if visits != 1 {
                faults.push(format!("{} is served {visits} times", stop.id));
            }
        }
        if faults.is_empty() { Ok(price) } else { Err(faults) }
    }

    fn drive(
        &self,
        index: u32,
        van: &StateVan,
        route: &[u32],
        price: &mut Price,
        faults: &mut Vec<String>,
    ) {
        let rates = &self.rates;
        let (mut at, mut now) = (van.start, van.free);
        let (mut hours, mut meters, mut litres) = (0, 0, 0);
        for stop in route {
            let stop = &self.stops[*stop as usize];
            let (took, far) = self.leg(at, stop.place);
            (meters, litres) = (meters + far, litres + stop.litres);
            let arrival = now + Ticks(took);
            let start = match window::start_of_service(&stop.windows, arrival) {
                Some(start) => start,
                None if stop.windows.is_empty() => arrival,
                None => {
                    faults.push(format!("{} is reached too late by {}", stop.id, van.id));
                    arrival
                }
            };
            if stop.only.is_some_and(|only| only != index) {
                faults.push(format!("{} is not in {}", stop.id, van.id));
            }
            let late = stop.close.map_or(Ticks::ZERO, |close| (start - close).max(Ticks::ZERO));
            price.operation += late.0 * rates.late_tick;
            price.disturbance += disturbance(stop, index, start, rates);
            hours += (start - now).0;
            (at, now) = (stop.place, start + stop.service);
        }
        let (took, far) = self.leg(at, van.end);
        (hours, meters, now) = (hours + took, meters + far, now + Ticks(took));
        price.operation += hours * rates.hour_tick + meters * rates.meter;
        price.operation += (now - van.shift_end).max(Ticks::ZERO).0 * rates.overtime_tick;
        if now > van.hard_end {
            faults.push(format!("{} is back after its shift may last", van.id));
        }
        if litres > van.litres {
            faults.push(format!(
                "{} carries {litres} litres and has room for {}",
                van.id, van.litres
            ));
        }
    }
}

fn disturbance(stop: &StateStop, van: u32, start: Moment, rates: &Rates) -> i64 {
    let Some(told) = stop.told else { return 0 };
    let outside = (told.open - start).max(start - told.close).max(Ticks::ZERO);
    let moved = if told.van == van { 0 } else { rates.moved_van };
    outside.0 * rates.told_tick * told.weight + moved
}

/// The state that a sample of the plan shows; and what of it does not fit what the API said.
pub(super) fn of_sample(
    name: String,
    scene: &Scene,
    record: &Record,
    sample: &Sample,
) -> anyhow::Result<(State, Vec<String>)> {
    let mut draft = Draft::new(scene, record, sample);
    for manifest in &sample.manifests {
        draft.add_van(manifest)?;
    }
    let state = draft.finish(name);
    let strange = draft_check(&state, sample);
    Ok((state, strange))
}

/// A state while it is read off a sample.
struct Draft<'a> {
    scene: &'a Scene,
    record: &'a Record,
    sample: &'a Sample,
    policy: Policy,
    risk: Risk,
    vans: Vec<StateVan>,
    stops: Vec<StateStop>,
    places: Places,
}

/// Places of a state, each once.
#[derive(Default)]
struct Places {
    index: BTreeMap<Place, u32>,
    places: Vec<Place>,
}

impl Places {
    fn index(&mut self, place: Place) -> u32 {
        *self.index.entry(place).or_insert_with(|| {
            self.places.push(place);
            self.places.len() as u32 - 1
        })
    }
}

impl<'a> Draft<'a> {
    fn new(scene: &'a Scene, record: &'a Record, sample: &'a Sample) -> Draft<'a> {
        let mut places = Places::default();
        places.index(scene.atlas.depot().place);
        let (policy, risk) = (Policy::default(), Risk::default());
        let (vans, stops) = (Vec::new(), Vec::new());
        Draft { scene, record, sample, policy, risk, vans, stops, places }
    }

    fn add_van(&mut self, view: &ManifestView) -> anyhow::Result<()> {
        let manifest = &self.scene.day.manifests[view.index];
        let undone: Vec<&PlannedStop> = view.undone().collect();
        let frozen = frozen(view, &undone, self.sample.at + self.policy.frozen_ahead);
        let is_out = self.record.tally.driven[view.index].departed <= Some(self.sample.at)
            && self.record.tally.driven[view.index].departed.is_some();
        let (start, free) = match undone[..frozen].last() {
            Some(last) => {
                let eta = last.eta.map_or(self.sample.at, |eta| eta.expected);
                (self.place(&last.point)?, (eta + last.service).max(self.sample.at))
            }
            // Its last stop is done, and it may be home: nothing can be asked of it.
            None if is_out => return Ok(()),
            None => {
                let leaves = self.scene.calendar.moment(manifest.departure).max(self.sample.at);
                (self.scene.atlas.depot().place, leaves)
            }
        };
        let known = if is_out { self.sample.at } else { free };
        let end =
            |second| self.risk.latest_start(known, self.scene.calendar.moment(second), Z_KEPT);
        let (shift_end, hard_end) = (end(manifest.shift_end), end(manifest.hard_end));
        let van = self.vans.len() as u32;
        let first = self.stops.len() as u32;
        for stop in &undone[frozen..] {
            let stop = self.stop(stop, van, known)?;
            self.stops.push(stop);
        }
        self.vans.push(StateVan {
            id: manifest.id.clone(),
            start: self.places.index(start),
            end: 0,
            free,
            shift_end,
            hard_end,
            litres: self.room(view, &undone[..frozen]),
            planned: (first..self.stops.len() as u32).collect(),
        });
        Ok(())
    }

    fn stop(&mut self, stop: &PlannedStop, van: u32, known: Moment) -> anyhow::Result<StateStop> {
        let start = stop.eta.map_or(known, |eta| eta.expected);
        let ahead = start - self.sample.at;
        let weight = match ahead {
            ahead if ahead < Ticks::from_hours(1) => 10,
            ahead if ahead < Ticks::from_hours(4) => 3,
            _ => 1,
        };
        let told = |told: Moment| Told {
            open: told - TOLD_TOLERANCE,
            close: told + TOLD_TOLERANCE,
            weight,
            van,
        };
        let aboard = stop.parcels.iter().any(|parcel| self.sample.aboard.contains_key(parcel));
        let place = self.place(&stop.point)?;
        Ok(StateStop {
            id: stop.name.clone(),
            place: self.places.index(place),
            service: stop.service,
            windows: sure(&stop.windows, known, start, self.risk),
            close: stop.windows.last().map(|last| last.close()),
            only: aboard.then_some(van),
            litres: self.litres(&stop.parcels),
            told: stop.told.map(told),
        })
    }

    fn place(&self, point: &str) -> anyhow::Result<Place> {
        Ok(self.record.atlas.site(point)?.place)
    }

    fn litres(&self, parcels: &[ParcelRef]) -> i64 {
        let day = &self.scene.day;
        let volume = |parcel: &ParcelRef| {
            day.shipments[parcel.shipment].parcels[parcel.parcel].size.volume_milliliters
        };
        parcels.iter().map(volume).sum::<i64>().div_euclid(1_000)
    }

    /// What a van has room for beside what it holds for stops too near to move.
    fn room(&self, view: &ManifestView, frozen: &[&PlannedStop]) -> i64 {
        let manifest = &self.scene.day.manifests[view.index];
        let vehicle = self.scene.day.vehicles.iter().find(|one| one.id == manifest.vehicle);
        let room = vehicle.map_or(0, |vehicle| vehicle.capacity.volume_milliliters / 1_000);
        room - frozen.iter().map(|stop| self.litres(&stop.parcels)).sum::<i64>()
    }

    fn finish(&mut self, name: String) -> State {
        let places = std::mem::take(&mut self.places.places);
        let (durations, distances) = matrix(&self.scene.roads, &places, self.sample.at);
        let mut state = State {
            name,
            at: self.sample.at,
            vans: std::mem::take(&mut self.vans),
            stops: std::mem::take(&mut self.stops),
            places,
            durations,
            distances,
            rates: Rates::new(&self.policy.prices),
        };
        state.allow_what_is_planned();
        state
    }
}

impl State {
    /// A shift that the engine's own plan exceeds, as reality made it, may be exceeded as far.
    fn allow_what_is_planned(&mut self) {
        let backs: Vec<Moment> =
            self.vans.iter().map(|van| self.starts(van, &van.planned).1).collect();
        for (van, back) in self.vans.iter_mut().zip(backs) {
            van.hard_end = van.hard_end.max(back);
        }
    }

    /// When each stop of a route begins, and when the van is back. Late where windows have closed.
    pub(super) fn starts(&self, van: &StateVan, route: &[u32]) -> (Vec<Moment>, Moment) {
        let (mut at, mut now) = (van.start, van.free);
        let mut starts = Vec::with_capacity(route.len());
        for stop in route {
            let stop = &self.stops[*stop as usize];
            let arrival = now + Ticks(self.leg(at, stop.place).0);
            let start = window::start_of_service(&stop.windows, arrival).unwrap_or(arrival);
            starts.push(start);
            (at, now) = (stop.place, start + stop.service);
        }
        (starts, now + Ticks(self.leg(at, van.end).0))
    }
}

/// Undone stops that do not move any more: being served or driven to, or due by `until`.
fn frozen(view: &ManifestView, undone: &[&PlannedStop], until: Moment) -> usize {
    let near = |stop: &&&PlannedStop| stop.eta.is_some_and(|eta| eta.expected <= until);
    let due = undone.iter().take_while(near).count();
    due.max(usize::from(view.on_the_road)).min(undone.len())
}

/// Windows in which a start is sure enough, and the planned `start` besides if it is not.
pub(super) fn sure(
    promised: &[TimeWindow],
    known: Moment,
    start: Moment,
    risk: Risk,
) -> Vec<TimeWindow> {
    let late = promised.last().is_some_and(|last| start > last.close());
    let last = promised.len().saturating_sub(1);
    let sure = |(index, window): (usize, &TimeWindow)| {
        let holds = window.contains(start) || late && index == last;
        let close = risk.latest_start(known, window.close(), Z_KEPT);
        let close = if holds { close.max(start) } else { close };
        TimeWindow::new(window.open(), close).ok()
    };
    promised.iter().enumerate().filter_map(sure).collect()
}

/// Ticks and metres between places, row by row.
pub(super) fn matrix(roads: &RoadTimes, places: &[Place], at: Moment) -> (Vec<i32>, Vec<i32>) {
    let rows = places.iter().flat_map(|from| roads.legs(*from, places, at));
    rows.map(|leg| (leg.ticks, leg.meters)).unzip()
}

/// Stops that the order as planned reaches at another time than the API said.
fn draft_check(state: &State, sample: &Sample) -> Vec<String> {
    let etas: BTreeMap<&str, Moment> = (sample.manifests.iter().flat_map(ManifestView::undone))
        .filter_map(|stop| Some((stop.name.as_str(), stop.eta?.expected)))
        .collect();
    let mut strange = Vec::new();
    for van in &state.vans {
        let (starts, _) = state.starts(van, &van.planned);
        for (stop, start) in van.planned.iter().zip(starts) {
            let id = &state.stops[*stop as usize].id;
            let apart = etas.get(id.as_str()).map_or(Ticks::ZERO, |eta| (start - *eta).abs());
            if apart > CLOCKS_APART {
                strange.push(format!("{}: {id} is {} s apart", state.name, apart.seconds()));
            }
        }
    }
    strange
}
