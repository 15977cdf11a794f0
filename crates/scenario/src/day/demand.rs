//! What is to be delivered: doors, recipients, shipments and parcels, drawn until the stops are full.
//!
//! A stop is a point, a sort and a van's part of a shipment: several recipients of one building, or
//! several shipments of one recipient, are one stop where the same sort brings them. Shares are
//! those of an ordinary European parcel day, as far as carriers publish them.

use std::collections::{BTreeMap, BTreeSet};

use super::area::Area;
use super::fleet::{COLD, HEAVY, NOON_READY};
use super::pickups::Pickups;
use super::places::{Door, Places};
use super::{
    Consents, DayParams, Goods, Location, Parcel, Point, PointKind, Recipient, Service, Shipment,
    Size,
};
use crate::clock::{DaySecond, Window};
use crate::dice::Dice;

/// Morning parcels are sorted by then.
const MORNING_READY: DaySecond = DaySecond::hm(5, 0);
/// What everybody without a window is told.
pub(super) const DAY_PROMISE: Window = Window::hours(8, 20);

/// Households addressing a shipment to a locker or a shop from the start, per mille.
const TO_PICKUP_PERMILLE: u32 = 45;
/// Shipments of several parcels whose parcels are meant for different vans, per mille of those.
const APART_PERMILLE: u32 = 220;
/// Further shipments of a household that come with the other sort, per mille.
const OTHER_SORT_PERMILLE: u32 = 350;
/// Of the second wave's share of the day, how much the midday sort fills; the rest is for morning
/// parcels that the plan leaves at the depot.
const NOON_FILL: f64 = 0.72;
/// Noon stops at doors whose first parcels came in the morning, of all stops: what the shares above
/// come to.
const NOON_EXTRA: f64 = 0.07;

/// Which sort a shipment comes with.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Sort {
    Morning,
    Noon,
}

impl Sort {
    const fn other(self) -> Sort {
        match self {
            Sort::Morning => Sort::Noon,
            Sort::Noon => Sort::Morning,
        }
    }

    const fn ready(self) -> DaySecond {
        match self {
            Sort::Morning => MORNING_READY,
            Sort::Noon => NOON_READY,
        }
    }

    pub(super) fn of(parcel: &Parcel) -> Sort {
        if parcel.ready == NOON_READY { Sort::Noon } else { Sort::Morning }
    }
}

/// What is awaited that day, by whom and where.
pub(super) struct Awaited {
    pub(super) pickups: Pickups,
    /// Doors parcels go to.
    pub(super) points: Vec<Point>,
    pub(super) recipients: Vec<Recipient>,
    /// Where each recipient lives or works.
    pub(super) homes: Vec<Location>,
    pub(super) shipments: Vec<Shipment>,
}

impl Awaited {
    pub(super) fn nothing(pickups: Pickups) -> Awaited {
        let (points, recipients, homes, shipments) = Default::default();
        Awaited { pickups, points, recipients, homes, shipments }
    }
}

/// The day's points, recipients and shipments, while they are drawn.
pub(super) struct Demand<'a> {
    params: &'a DayParams,
    places: &'a Places,
    dice: Dice,
    /// Probability that a household's parcels come with the midday sort.
    noon: f64,
    pub(super) awaited: Awaited,
    /// Point, sort and hand-over.
    stops: BTreeSet<(String, Sort, u8)>,
}

impl<'a> Demand<'a> {
    pub(super) fn draw(
        params: &'a DayParams,
        places: &'a Places,
        area: &Area,
        pickups: Pickups,
    ) -> Demand<'a> {
        let mut demand = Demand {
            params,
            places,
            dice: Dice::new(params.seed, "demand", 0, 0),
            noon: noon_share(params),
            awaited: Awaited::nothing(pickups),
            stops: BTreeSet::new(),
        };
        demand.fill(area);
        demand
    }

    fn fill(&mut self, area: &Area) {
        let mut doors = area.doors.clone();
        self.dice.shuffle(&mut doors);
        // Where more people live behind a door, more is delivered: houses are passed over at times,
        // and come last.
        let (mut order, mut passed) = (Vec::new(), Vec::new());
        for door in doors {
            let weight = match self.places.doors[door as usize].kind {
                PointKind::Apartments => 1.0,
                PointKind::Business => 0.5,
                _ => 0.62,
            };
            let chosen = if self.dice.chance(weight) { &mut order } else { &mut passed };
            chosen.push(door);
        }
        for door in order.into_iter().chain(passed) {
            if self.stops.len() >= self.params.stops as usize {
                return;
            }
            self.deliver_to(door);
        }
    }

    fn deliver_to(&mut self, door: u32) {
        let places = self.places;
        let door = &places.doors[door as usize];
        let households = match door.kind {
            PointKind::Apartments => 1 + self.dice.weighted(&[0.62, 0.25, 0.13]),
            _ => 1,
        };
        let point = door_point(self.name("door", self.awaited.points.len()), door, &mut self.dice);
        let mut used = false;
        for _ in 0..households {
            used |= self.add_household(&point);
        }
        if used {
            self.awaited.points.push(point);
        }
    }

    /// Adds a recipient and what they await; whether any of it comes to the door.
    fn add_household(&mut self, point: &Point) -> bool {
        let recipient = self.name("r", self.awaited.recipients.len());
        let consents =
            Consents { consolidation: self.dice.permille(600), neighbour: self.dice.permille(600) };
        self.awaited.recipients.push(Recipient { id: recipient.clone(), consents });
        self.awaited.homes.push(point.location);
        let first = if self.dice.chance(self.noon) { Sort::Noon } else { Sort::Morning };
        let mut to_door = false;
        for number in 0..=self.dice.weighted(&[0.85, 0.125, 0.025]) {
            let other = number > 0 && self.noon > 0.0 && self.dice.permille(OTHER_SORT_PERMILLE);
            let sort = if other { first.other() } else { first };
            let mut shipment = self.shipment(&recipient, &point.id, sort);
            let parcels = shipment.parcels.len() as u32;
            let to_pickup = shipment.goods == Goods::Normal
                && shipment.parcels.iter().all(|parcel| !asks_for_care(parcel))
                && self.dice.permille(TO_PICKUP_PERMILLE);
            let pickup =
                to_pickup.then(|| self.awaited.pickups.take(point.location, parcels)).flatten();
            if let Some(pickup) = pickup {
                shipment.point = pickup;
            } else {
                to_door = true;
            }
            self.count_stops(&shipment);
            self.awaited.shipments.push(shipment);
        }
        to_door
    }

    /// Names order as they were given: recipients are found by binary search.
    fn name(&self, kind: &str, before: usize) -> String {
        let width = if self.params.stops < 40_000 { 5 } else { 7 };
        format!("{kind}-{:0width$}", before + 1)
    }

    /// Nominal seconds at all stops together.
    pub(super) fn service_seconds(&self) -> f64 {
        let doors = self.awaited.points.iter().chain(&self.awaited.pickups.points);
        let service: BTreeMap<&str, Service> =
            doors.map(|point| (&*point.id, point.service)).collect();
        let halts = self.stops.iter().map(|(point, _, _)| service[&**point].total(0));
        let parcels = self
            .awaited
            .shipments
            .iter()
            .map(|shipment| service[&*shipment.point].parcel * shipment.parcels.len() as u32);
        halts.chain(parcels).map(f64::from).sum()
    }

    fn count_stops(&mut self, shipment: &Shipment) {
        for parcel in &shipment.parcels {
            self.stops.insert((shipment.point.clone(), Sort::of(parcel), parcel.hand_over));
        }
    }

    fn shipment(&mut self, recipient: &str, point: &str, sort: Sort) -> Shipment {
        let id = self.name("s", self.awaited.shipments.len());
        let goods = match self.dice.index(1000) {
            0..20 => Goods::Medicine,
            20..50 => Goods::HighValue,
            _ => Goods::Normal,
        };
        let count = 1 + self.dice.weighted(&[0.79, 0.145, 0.045, 0.02]);
        let apart = count > 1 && self.dice.permille(APART_PERMILLE);
        let elsewhere = apart && self.noon > 0.0 && self.dice.permille(OTHER_SORT_PERMILLE);
        let care = match self.dice.index(1000) {
            0..18 => Some(COLD),
            18..32 => Some(HEAVY),
            _ => None,
        };
        let parcels = (0..count).map(|number| {
            let last_apart = apart && number == count - 1;
            let sort = if last_apart && elsewhere { sort.other() } else { sort };
            let hand_over = if last_apart { 2 } else { 1 };
            self.parcel(format!("{id}.{}", number + 1), sort, hand_over, care)
        });
        let parcels = parcels.collect();
        let promise = vec![DAY_PROMISE];
        Shipment {
            id,
            recipient: recipient.to_owned(),
            point: point.to_owned(),
            goods,
            promise,
            parcels,
        }
    }

    fn parcel(&mut self, id: String, sort: Sort, hand_over: u8, care: Option<&str>) -> Parcel {
        let heavy = care == Some(HEAVY);
        let kilograms = if heavy {
            self.dice.between(25.0, 31.5)
        } else {
            self.dice.lognormal(1.6, 0.9).clamp(0.1, 22.0)
        };
        let liters = self.dice.lognormal(if heavy { 45.0 } else { 6.0 }, 0.75).clamp(0.5, 110.0);
        Parcel {
            id,
            size: Size {
                weight_grams: (kilograms * 1_000.0).round() as i64,
                volume_milliliters: (liters * 1_000.0).round() as i64,
                count: 1,
            },
            skills: care.into_iter().map(str::to_owned).collect(),
            ready: sort.ready(),
            hand_over,
        }
    }
}

/// How many households' first parcels come at noon, so that with what others get then the second
/// wave is filled as it should be.
fn noon_share(params: &DayParams) -> f64 {
    let filled = f64::from(params.second_wave()) / f64::from(params.drivers) * NOON_FILL;
    if filled > 0.0 { ((filled - NOON_EXTRA) / (1.0 - NOON_EXTRA)).max(0.02) } else { 0.0 }
}

/// Cooled or heavy: not for a locker.
pub(super) fn asks_for_care(parcel: &Parcel) -> bool {
    parcel.skills.iter().any(|skill| skill == COLD || skill == HEAVY)
}

/// A delivery point at a door; business hours where it is one.
pub(super) fn door_point(id: String, door: &Door, dice: &mut Dice) -> Point {
    let (service, hours) = match door.kind {
        PointKind::Apartments => (Service { park: 60, stop: 105, parcel: 38 }, Vec::new()),
        PointKind::Business if dice.permille(300) => (
            Service { park: 50, stop: 85, parcel: 12 },
            vec![Window::hours(8, 12), Window::hours(13, 17)],
        ),
        PointKind::Business => {
            (Service { park: 50, stop: 85, parcel: 12 }, vec![Window::hours(8, 18)])
        }
        _ => (Service { park: 45, stop: 75, parcel: 15 }, Vec::new()),
    };
    let (label, location) = (door.label.clone(), door.location);
    Point { id, kind: door.kind, label, location, hours, service }
}
