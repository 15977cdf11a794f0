//! What is delivered at the chosen doors: parcels, service and windows as real routes have them.

use std::collections::BTreeMap;

use super::shape::{PARCEL_LITRES, PARCELS, SERVICE_SECONDS, WINDOW_HOURS, WINDOW_OPENS};
use crate::clock::{DaySecond, Window};
use crate::day::demand::{Awaited, DAY_PROMISE};
use crate::day::fleet::FIRST_DEPARTURE;
use crate::day::pickups::Pickups;
use crate::day::places::{Door, Places};
use crate::day::{Consents, Goods, Parcel, Point, Recipient, Service, Shipment, Size};
use crate::dice::Dice;

/// The sort runs in batches; what is in one lies at the dock when it ends.
const SORTED: [DaySecond; 3] = [DaySecond::hm(6, 0), DaySecond::hm(6, 20), DaySecond::hm(6, 40)];
/// Recipients who agreed that their parcels may be handed over with a neighbour's.
const CONSENT_PERMILLE: u32 = 600;
/// Stops with several parcels at which they are two shipments.
const TWO_SHIPMENTS_PERMILLE: u32 = 300;
/// Kilograms a litre of parcel weighs, at the median.
const KILOGRAMS_PER_LITRE: f64 = 0.22;
/// Of the seconds at a stop, those for each parcel; parking and walking are the rest.
const PARCEL_SECONDS: u32 = 12;
const WALK_SECONDS_MIN: u32 = 15;

/// One recipient at every chosen door.
pub(super) fn draw(
    seed: u64,
    places: &Places,
    doors: &[u32],
    pickups: Pickups,
    timed_permille: u32,
) -> Awaited {
    let mut awaited = Awaited::nothing(pickups);
    let width = doors.len().to_string().len().max(5);
    let name = |kind: &str, number: usize| format!("{kind}-{:0width$}", number + 1);
    for (number, door) in doors.iter().enumerate() {
        let mut dice = Dice::new(seed, "stop", number as u64, 0);
        let door = &places.doors[*door as usize];
        let parcels = 1 + dice.weighted(&PARCELS);
        let point = point(name("door", number), door, parcels as u32, &mut dice);
        let recipient = name("r", number);
        let promise = promise(timed_permille, &mut dice);
        let ready = SORTED[dice.index(SORTED.len())];
        let two = parcels > 1 && dice.permille(TWO_SHIPMENTS_PERMILLE);
        for count in if two { vec![1, parcels - 1] } else { vec![parcels] } {
            let id = name("s", awaited.shipments.len());
            let parcels = (1..=count).map(|parcel| self::parcel(&id, parcel, ready, &mut dice));
            awaited.shipments.push(Shipment {
                recipient: recipient.clone(),
                point: point.id.clone(),
                goods: Goods::Normal,
                promise: vec![promise],
                parcels: parcels.collect(),
                id,
            });
        }
        let consents = Consents {
            consolidation: dice.permille(CONSENT_PERMILLE),
            neighbour: dice.permille(CONSENT_PERMILLE),
        };
        awaited.recipients.push(Recipient { id: recipient, consents });
        awaited.homes.push(point.location);
        awaited.points.push(point);
    }
    awaited
}

/// Nominal seconds at all stops together.
pub(super) fn service_seconds(awaited: &Awaited) -> f64 {
    let mut parcels: BTreeMap<&str, u32> = BTreeMap::new();
    for shipment in &awaited.shipments {
        *parcels.entry(&*shipment.point).or_default() += shipment.parcels.len() as u32;
    }
    let served = awaited.points.iter().filter_map(|point| {
        let count = parcels.get(&*point.id)?;
        Some(f64::from(point.service.total(*count)))
    });
    served.sum()
}

/// Open all day; its service as drawn for so many parcels.
fn point(id: String, door: &Door, parcels: u32, dice: &mut Dice) -> Point {
    let seconds = SERVICE_SECONDS.at(dice.unit()).round() as u32;
    let walk = seconds.saturating_sub(PARCEL_SECONDS * parcels).max(WALK_SECONDS_MIN);
    Point {
        id,
        kind: door.kind,
        label: door.label.clone(),
        location: door.location,
        hours: Vec::new(),
        service: Service { park: walk / 3, stop: walk - walk / 3, parcel: PARCEL_SECONDS },
    }
}

/// The day, or a window inside it, opening and closing on the quarter hour.
fn promise(timed_permille: u32, dice: &mut Dice) -> Window {
    let (opens, hours) = (WINDOW_OPENS.at(dice.unit()), WINDOW_HOURS.at(dice.unit()));
    if !dice.permille(timed_permille) {
        return DAY_PROMISE;
    }
    let second = |hours: f64| {
        let second = f64::from(FIRST_DEPARTURE.0) + (hours * 4.0).round() * 900.0;
        DaySecond(second.clamp(0.0, f64::from(DaySecond::MAX.0)) as u32)
    };
    let open = second(opens).max(DAY_PROMISE.open);
    Window::new(open, second(opens + hours).min(DAY_PROMISE.close))
}

fn parcel(shipment: &str, number: usize, ready: DaySecond, dice: &mut Dice) -> Parcel {
    let litres = PARCEL_LITRES.at(dice.unit());
    let kilograms = (litres * dice.lognormal(KILOGRAMS_PER_LITRE, 0.5)).clamp(0.05, 30.0);
    let size = Size {
        weight_grams: (kilograms * 1_000.0).round() as i64,
        volume_milliliters: (litres * 1_000.0).round() as i64,
        count: 1,
    };
    Parcel { id: format!("{shipment}.{number}"), size, skills: Vec::new(), ready, hand_over: 1 }
}
