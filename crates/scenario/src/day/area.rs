//! The part of a map a fleet can serve in a day, and where its depot stands.
//!
//! A metropolitan area may be too wide for the vans asked for. The area served is then the densest
//! part of the map, as large as a rule of thumb lets the fleet manage with a sixth of its time to
//! spare: by the length of a tour through scattered points (Beardwood, Halton & Hammersley 1959),
//! roads being longer than straight lines, and by the time at doors.

use std::collections::BTreeMap;

use super::DayParams;
use super::places::{Door, Places, Site};
use crate::error::ScenarioError;
use crate::plane::{LocalPlane, Metres, distance};

/// Of the shift, what the rule of thumb may use: the rest is for windows, and for what goes wrong.
pub(super) const LOAD: f64 = 0.83;
/// Shifts the generator gives where the caller names none.
const SHIFT_MINUTES_MIN: u32 = 420;
const SHIFT_MINUTES_MAX: u32 = 540;
/// A tour through n points on area A is about this times the root of n A, in straight lines.
const TOUR: f64 = 0.75;
/// Roads are longer than straight lines.
const DETOUR: f64 = 1.38;
/// Metres a second between stops, and on the way out and back.
const SPEED_LOCAL: f64 = 7.2;
const SPEED_OUT: f64 = 11.0;
/// Seconds at a stop: park, walk, hand over.
const SERVICE: f64 = 200.0;
/// Squares this wide with a door in them are area to be driven through.
const SQUARE: f64 = 500.0;
/// Doors the area offers at least for each stop, so that there is something to choose from.
const CHOICE: f64 = 1.3;

/// The doors served, and from where.
pub(super) struct Area {
    pub(super) plane: LocalPlane,
    /// Indices of doors, nearest to the middle of the area first.
    pub(super) doors: Vec<u32>,
    /// Metres from the middle to its farthest door.
    pub(super) radius: f64,
    pub(super) middle: Metres,
    pub(super) depot: Site,
    /// Seconds all vans together are expected to drive.
    pub(super) driving: f64,
}

impl Area {
    /// # Errors
    /// [`ScenarioError::TooFewPlaces`] if the map has fewer doors than the day has stops.
    pub(super) fn choose(places: &Places, params: &DayParams) -> Result<Area, ScenarioError> {
        let needed = params.stops as usize;
        let too_few = ScenarioError::TooFewPlaces { found: places.doors.len(), needed };
        let Some(first) = places.doors.first().filter(|_| places.doors.len() >= needed) else {
            return Err(too_few);
        };
        let plane = LocalPlane::around(first.location);
        let at: Vec<Metres> = places.doors.iter().map(|door| plane.metres(door.location)).collect();
        let middle = densest(&at);
        let mut doors: Vec<u32> = (0..at.len() as u32).collect();
        let far = |door: &u32| distance(at[*door as usize], middle);
        doors.sort_by(|a, b| far(a).total_cmp(&far(b)).then(a.cmp(b)));
        let least = ((needed as f64 * CHOICE) as usize).clamp(needed, doors.len());
        let (count, driving) = manageable(&doors, &at, middle, least, params);
        doors.truncate(count);
        let radius = doors.last().map_or(0.0, far);
        let depot = depot(&places.depots, &plane, middle, radius)
            .unwrap_or_else(|| beside(&places.doors[doors[doors.len() - 1] as usize]));
        Ok(Area { plane, doors, radius, middle, depot, driving })
    }

    /// Minutes of a shift in which the fleet can do this much service (seconds, all vans together)
    /// and its driving, with time to spare: whole quarters of an hour.
    pub(super) fn shift_minutes(&self, params: &DayParams, service: f64) -> u32 {
        let each = (self.driving + service) / f64::from(params.drivers) / LOAD / 60.0;
        let quarters = (each / 15.0).ceil().clamp(0.0, 1_000.0) as u32 * 15;
        params.shift_minutes.unwrap_or(quarters.clamp(SHIFT_MINUTES_MIN, SHIFT_MINUTES_MAX))
    }
}

/// The middle of the square that has most doors in and around it.
fn densest(at: &[Metres]) -> Metres {
    const WIDE: f64 = 1_200.0;
    let cell = |(x, y): Metres| ((x / WIDE).floor() as i64, (y / WIDE).floor() as i64);
    let mut counts: BTreeMap<(i64, i64), u64> = BTreeMap::new();
    for door in at {
        *counts.entry(cell(*door)).or_default() += 1;
    }
    let around = |(column, row): (i64, i64)| -> u64 {
        let near = (-1..=1).flat_map(|x| (-1..=1).map(move |y| (column + x, row + y)));
        near.filter_map(|cell| counts.get(&cell)).sum()
    };
    let best = counts.keys().max_by_key(|cell| (around(**cell), **cell));
    best.map_or((0.0, 0.0), |cell| ((cell.0 as f64 + 0.5) * WIDE, (cell.1 as f64 + 0.5) * WIDE))
}

/// How many of the doors, nearest first, the fleet can choose its stops from, and the seconds its
/// vans then drive.
fn manageable(
    doors: &[u32],
    at: &[Metres],
    middle: Metres,
    least: usize,
    params: &DayParams,
) -> (usize, f64) {
    let shift = f64::from(params.shift_minutes.unwrap_or(SHIFT_MINUTES_MAX)) * 60.0;
    let (stops, drivers) = (f64::from(params.stops), f64::from(params.drivers));
    let cell = |(x, y): Metres| ((x / SQUARE).floor() as i64, (y / SQUARE).floor() as i64);
    let mut squares = std::collections::BTreeSet::new();
    let mut distances = 0.0;
    let mut manageable = (least, 0.0);
    for (taken, door) in doors.iter().enumerate() {
        let door = at[*door as usize];
        squares.insert(cell(door));
        distances += distance(door, middle);
        let area = squares.len() as f64 * SQUARE * SQUARE;
        let mean_out = distances / (taken + 1) as f64;
        let touring = TOUR * (stops * area).sqrt() * DETOUR / SPEED_LOCAL;
        let out = drivers * 2.0 * mean_out * 1.5 * DETOUR / SPEED_OUT;
        let driving = touring + out;
        if taken < least || driving + stops * SERVICE <= drivers * shift * LOAD {
            manageable = (taken + 1, driving);
        }
    }
    manageable
}

/// A site toward the edge of the area, where land is cheap: the one with most others around it, as
/// on an estate; ties to the first.
fn depot(sites: &[Site], plane: &LocalPlane, middle: Metres, radius: f64) -> Option<Site> {
    const ESTATE: f64 = 600.0;
    let at: Vec<Metres> = sites.iter().map(|site| plane.metres(site.location)).collect();
    let mut squares: BTreeMap<(i64, i64), u32> = BTreeMap::new();
    let cell = |(x, y): Metres| ((x / ESTATE).floor() as i64, (y / ESTATE).floor() as i64);
    for site in &at {
        *squares.entry(cell(*site)).or_default() += 1;
    }
    let rank = |site: &usize| {
        let out = distance(at[*site], middle) / radius.max(1.0);
        // Best between the middle and the edge; a depot far outside costs every van an hour.
        let fits = u32::from((0.3..=1.0).contains(&out)) + u32::from(out <= 1.3);
        (fits, squares[&cell(at[*site])], std::cmp::Reverse(*site))
    };
    (0..sites.len()).max_by_key(rank).map(|best| sites[best].clone())
}

fn beside(door: &Door) -> Site {
    Site { location: door.location, label: format!("depot, {}", door.label) }
}
