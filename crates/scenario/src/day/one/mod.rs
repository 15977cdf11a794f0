//! Day-1: the benchmark day, shaped like real last-mile routes.
//!
//! Where [`Day::generate`] draws a day for people to watch, with two waves, cooled parcels and
//! neighbours, Day-1 draws one to be measured by: one wave of like vans, stops in the small clusters
//! real routes have, nothing in it that needs explaining. Its shape ([`shape`]) is that of 13 real
//! routes; its wishes come before the sort, between sort and loading, and once the vans are out, two,
//! one and two of five.
//!
//! Prices are the same for every van, so that a plan's cost says how well it was planned and not who
//! drove. `docs/day-1.md` tells others how to run it.

mod demand;
pub mod shape;
mod vans;
mod zones;

use super::area::Area;
use super::demand::DAY_PROMISE;
use super::pickups::Pickups;
use super::wishes::{Asking, Hours, Wishing};
use super::{DAY_FORMAT, Day, DayParams, Depot, Places};
use crate::clock::{DaySecond, Window};
use crate::dice::Dice;
use crate::error::ScenarioError;

/// Recipients with a wish where the caller names no share, per mille, drawn by the seed.
const WISH_PERMILLE: (i64, i64) = (20, 100);
/// Stops with a window of their own, likewise.
const TIMED_PERMILLE: (i64, i64) = (50, 150);
/// Stops a van, where people drive.
const VAN_STOPS_MAX: u32 = 180;
/// The first wish comes then.
const FIRST_ASKED: DaySecond = DaySecond::hm(4, 30);
/// By then the last van has left, however late it left.
const ALL_OUT: DaySecond = DaySecond::hm(8, 55);

/// What a Day-1 is asked to be like.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DayOneParams {
    pub seed: u64,
    /// What the day is made from, for people.
    pub name: String,
    pub vans: u32,
    /// On average; each van's own number is drawn around it.
    pub stops_per_van: u32,
    /// Recipients with a wish, per mille; `None`: 20 to 100, as the seed has it.
    pub wish_permille: Option<u32>,
    /// What an hour of a van and its driver costs, and a kilometre: millionths of the currency.
    pub hour_micros: i64,
    pub km_micros: i64,
}

impl DayOneParams {
    /// # Errors
    /// [`ScenarioError::Parameter`], naming the first one outside its range.
    pub fn check(&self) -> Result<(), ScenarioError> {
        let ranges = [
            ("vans", self.vans, 1..=super::DRIVERS_MAX, "1 to 5000 are allowed"),
            ("stops_per_van", self.stops_per_van, 1..=VAN_STOPS_MAX, "1 to 180 are allowed"),
            ("wish_permille", self.wish_permille.unwrap_or(0), 0..=1000, "0 to 1000 is allowed"),
        ];
        for (parameter, value, range, rule) in ranges {
            if !range.contains(&value) {
                return Err(ScenarioError::Parameter { parameter, value: value.to_string(), rule });
            }
        }
        self.area_params().check()
    }

    /// As those see it who choose area, lockers and shops.
    fn area_params(&self) -> DayParams {
        let stops = self.vans.saturating_mul(self.stops_per_van);
        DayParams { name: self.name.clone(), ..DayParams::new(self.seed, self.vans, stops) }
    }
}

/// Draws a Day-1 over the places of a map. Equal parameters and places give an equal day; the same
/// day with more wishes has the same shipments, and among its wishes those there were.
///
/// # Errors
/// [`ScenarioError::Parameter`] for a parameter out of range, [`ScenarioError::TooFewPlaces`] where
/// the map has fewer doors than the day has stops.
pub fn generate(params: &DayOneParams, places: &Places) -> Result<Day, ScenarioError> {
    params.check()?;
    let area_params = params.area_params();
    let area = Area::choose(places, &area_params)?;
    let mut dice = Dice::new(params.seed, "day one", 0, 0);
    let drawn = |share: (i64, i64), dice: &mut Dice| dice.whole(share.0, share.1) as u32;
    let wish_permille = drawn(WISH_PERMILLE, &mut dice);
    let timed_permille = drawn(TIMED_PERMILLE, &mut dice);
    let targets = vans::targets(params);
    let stops = targets.iter().sum::<u32>() as usize;
    let chosen = zones::choose(&area, places, stops, params.seed);
    let pickups = Pickups::choose(&area_params, places, &area);
    let awaited = demand::draw(params.seed, places, &chosen, pickups, timed_permille);
    let service = demand::service_seconds(&awaited);
    let fleet = vans::fleet(params, &targets, area.driving + service);
    let asking = Asking {
        permille: params.wish_permille.unwrap_or(wish_permille),
        out: [out(&fleet), Window::new(ALL_OUT, ALL_OUT)],
        hours: Hours::Stages { from: FIRST_ASKED, loading: vans::first_loading(), loaded: ALL_OUT },
    };
    let wishes = Wishing::new(params.seed, places, &area, &awaited, &asking).draw();
    let mut points = awaited.pickups.points;
    points.extend(awaited.points);
    Ok(Day {
        format: DAY_FORMAT,
        name: params.name.clone(),
        seed: params.seed,
        date: area_params.date,
        zone: area_params.zone,
        currency: area_params.currency,
        skills: Vec::new(),
        depot: Depot {
            id: "depot".to_owned(),
            label: area.depot.label,
            location: area.depot.location,
            open: Window::new(DaySecond::hm(4, 0), DaySecond::hm(23, 0)),
            docks: vans::docks(params),
        },
        vehicles: fleet.vehicles,
        drivers: fleet.drivers,
        manifests: fleet.manifests,
        points,
        recipients: awaited.recipients,
        shipments: awaited.shipments,
        wishes,
    })
}

/// From the first departure until the last van is due back, no longer than anything is promised.
fn out(fleet: &super::fleet::Fleet) -> Window {
    let ends = fleet.manifests.iter().map(|manifest| manifest.shift_end);
    let close = ends.max().unwrap_or(DAY_PROMISE.close).min(DAY_PROMISE.close);
    Window::new(super::fleet::FIRST_DEPARTURE, close)
}

#[cfg(test)]
mod tests;
