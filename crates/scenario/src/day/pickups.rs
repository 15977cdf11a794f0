//! Lockers and shops of the area, and what room they have left.

use super::area::Area;
use super::places::{Places, Site};
use super::{DayParams, Location, Point, PointKind, Service};
use crate::clock::{DaySecond, Window};
use crate::dice::Dice;
use crate::plane::{Cells, LocalPlane, Metres, distance};

/// One locker for so many stops, one shop for so many, and never fewer than two of each.
const STOPS_PER_LOCKER: u32 = 100;
const STOPS_PER_SHOP: u32 = 85;
/// Metres between two of a kind, where the map has none and they are put beside doors.
const APART: f64 = 600.0;
/// Nobody has a parcel sent to a pickup point farther away.
const REACH: f64 = 2_500.0;

/// Pickup points with their room.
pub(super) struct Pickups {
    pub(super) points: Vec<Point>,
    /// Compartments not yet spoken for; shops have room for all.
    free: Vec<u32>,
    at: Vec<Metres>,
    plane: LocalPlane,
    cells: Cells,
}

impl Pickups {
    pub(super) fn choose(params: &DayParams, places: &Places, area: &Area) -> Pickups {
        let mut dice = Dice::new(params.seed, "pickups", 0, 0);
        let count = |stops_each: u32| (params.stops / stops_each).max(2) as usize;
        let lockers =
            sites(&places.lockers, count(STOPS_PER_LOCKER), "locker", places, area, &mut dice);
        let shops = sites(&places.shops, count(STOPS_PER_SHOP), "shop", places, area, &mut dice);
        let lockers = lockers.into_iter().enumerate().map(|(n, site)| locker(n, site, &mut dice));
        let mut points: Vec<Point> = lockers.collect();
        points.extend(shops.into_iter().enumerate().map(|(n, site)| shop(n, site, &mut dice)));
        let free = points.iter().map(room).collect();
        let plane = area.plane;
        let at: Vec<Metres> = points.iter().map(|point| plane.metres(point.location)).collect();
        let cells = Cells::new(500.0, at.iter().copied());
        Pickups { points, free, at, plane, cells }
    }

    /// The nearest point with room for so many parcels, which it then no longer has; its id.
    pub(super) fn take(&mut self, from: Location, parcels: u32) -> Option<String> {
        let number = self.nearest(from, parcels)?;
        self.free[number] -= parcels;
        Some(self.points[number].id.clone())
    }

    /// The index of the nearest point with room for so many parcels.
    pub(super) fn nearest(&self, from: Location, parcels: u32) -> Option<usize> {
        let from = self.plane.metres(from);
        let at = |number: u32| self.at[number as usize];
        let has_room = |number: u32| self.free[number as usize] >= parcels;
        self.cells.nearest(from, REACH, at, has_room).map(|number| number as usize)
    }
}

fn room(point: &Point) -> u32 {
    match point.kind {
        PointKind::Locker { compartments, occupied } => compartments - occupied,
        _ => 400,
    }
}

/// The map's own sites within the area, in random order; then doors well apart, if more are needed.
fn sites(
    mapped: &[Site],
    count: usize,
    what: &str,
    places: &Places,
    area: &Area,
    dice: &mut Dice,
) -> Vec<Site> {
    let inside =
        |site: &&Site| distance(area.plane.metres(site.location), area.middle) <= area.radius;
    let mut sites: Vec<Site> = mapped.iter().filter(inside).cloned().collect();
    dice.shuffle(&mut sites);
    sites.truncate(count);
    let mut at: Vec<Metres> = sites.iter().map(|site| area.plane.metres(site.location)).collect();
    // A bounded number of tries: in a small area there is no room for many that far apart.
    for _ in 0..count * 20 {
        if sites.len() >= count {
            break;
        }
        let Some(door) = dice.pick(&area.doors).map(|door| &places.doors[*door as usize]) else {
            break;
        };
        let here = area.plane.metres(door.location);
        if at.iter().all(|other| distance(*other, here) > APART) || sites.is_empty() {
            sites.push(Site { location: door.location, label: format!("{what}, {}", door.label) });
            at.push(here);
        }
    }
    sites
}

fn locker(number: usize, site: Site, dice: &mut Dice) -> Point {
    let compartments = dice.whole(6, 15) as u32 * 5;
    let occupied = dice.whole(0, i64::from(compartments) * 2 / 5) as u32;
    Point {
        id: format!("locker-{:02}", number + 1),
        kind: PointKind::Locker { compartments, occupied },
        label: site.label,
        location: site.location,
        hours: Vec::new(),
        service: Service { park: 50, stop: 45, parcel: 22 },
    }
}

fn shop(number: usize, site: Site, dice: &mut Dice) -> Point {
    let opens = DaySecond::hm(7, 30).plus(dice.whole(0, 3) as u32 * 1_800);
    let closes = DaySecond::hm(18, 0).plus(dice.whole(0, 4) as u32 * 1_800);
    Point {
        id: format!("shop-{:02}", number + 1),
        kind: PointKind::Shop,
        label: site.label,
        location: site.location,
        hours: vec![Window::new(opens, closes)],
        service: Service { park: 50, stop: 60, parcel: 10 },
    }
}
