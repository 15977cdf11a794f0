//! Vehicles and delivery points.

use swerve_model::{DeliveryPoint, PointKind, Ticks, Vehicle};
use swerve_proto::v1;

use crate::convert::Terms;
use crate::convert::name::{name_of, named};
use crate::convert::quantity::{
    amount, lat_lng_message, lat_lng_on_network, load, load_message, money, skill_names, skills,
};
use crate::convert::time::{duration, span, window_messages, windows};
use crate::convert::view::View;
use crate::fault::{Faults, Path};

const CO2_GRAMS_PER_KM_MAX: i64 = 100_000;
/// Two months of opening hours, one a day.
const OPENING_MAX: usize = 64;
/// Parking or a hand-over longer than this is not a stop of a delivery day.
const STOP_SPAN_MAX: Ticks = Ticks::from_hours(4);

pub(crate) fn vehicle(
    message: Option<&v1::Vehicle>,
    terms: &Terms<'_>,
    at: Path<'_>,
    faults: &mut Faults,
) -> Option<Vehicle> {
    let Some(message) = message else { return faults.none(at, "is required") };
    let id = named(&message.name, at.field("name"), faults);
    let capacity = load(message.capacity.as_ref(), at.field("capacity"), faults);
    let skills = skills(&message.skills, terms, at, faults);
    let per_hour = amount(message.cost_per_hour.as_ref(), terms, at, "cost_per_hour", faults);
    let per_km = amount(message.cost_per_km.as_ref(), terms, at, "cost_per_km", faults);
    let co2 = message.co2_grams_per_km;
    if !(0..=CO2_GRAMS_PER_KM_MAX).contains(&co2) {
        let rule = format!("{co2} is not in 0 to {CO2_GRAMS_PER_KM_MAX}");
        return faults.none(at.field("co2_grams_per_km"), rule);
    }
    Some(Vehicle {
        id: id?,
        capacity: capacity?,
        skills: skills?,
        per_hour: per_hour?,
        per_km: per_km?,
        co2_grams_per_km: co2,
    })
}

pub(crate) fn vehicle_message(vehicle: &Vehicle, view: &View<'_>) -> v1::Vehicle {
    v1::Vehicle {
        name: name_of(&vehicle.id),
        capacity: Some(load_message(vehicle.capacity)),
        skills: skill_names(vehicle.skills, view.skills),
        cost_per_hour: Some(money(vehicle.per_hour, view.currency)),
        cost_per_km: Some(money(vehicle.per_km, view.currency)),
        co2_grams_per_km: vehicle.co2_grams_per_km,
    }
}

pub(crate) fn point(
    message: Option<&v1::DeliveryPoint>,
    terms: &Terms<'_>,
    at: Path<'_>,
    faults: &mut Faults,
) -> Option<DeliveryPoint> {
    let Some(message) = message else { return faults.none(at, "is required") };
    let id = named(&message.name, at.field("name"), faults);
    let kind = point_kind(message.kind, at.field("kind"), faults);
    let location = lat_lng_on_network(message.location, terms, at.field("location"), faults);
    let opening = windows(&message.opening, OPENING_MAX, at, "opening", faults);
    let compartments = compartments(message.compartments, at.field("compartments"), faults);
    let park = span(message.park.as_ref(), STOP_SPAN_MAX, at.field("park"), faults);
    let per_stop = span(message.per_stop.as_ref(), STOP_SPAN_MAX, at.field("per_stop"), faults);
    Some(DeliveryPoint {
        id: id?,
        kind: kind?,
        location: location?,
        opening: opening?,
        compartments: compartments?,
        park: park?,
        per_stop: per_stop?,
    })
}

fn point_kind(number: i32, at: Path<'_>, faults: &mut Faults) -> Option<PointKind> {
    use v1::delivery_point::Kind;
    match Kind::try_from(number) {
        Ok(Kind::Door) => Some(PointKind::Door),
        Ok(Kind::Locker) => Some(PointKind::Locker),
        Ok(Kind::Shop) => Some(PointKind::Shop),
        Ok(Kind::Unspecified) => {
            faults.none(at, "is required: KIND_DOOR, KIND_LOCKER or KIND_SHOP")
        }
        Err(_) => {
            let rule = format!("{number} is no kind: KIND_DOOR, KIND_LOCKER or KIND_SHOP");
            faults.none(at, rule)
        }
    }
}

fn compartments(count: Option<i32>, at: Path<'_>, faults: &mut Faults) -> Option<Option<u32>> {
    match count.map(u32::try_from) {
        None => Some(None),
        Some(Ok(count)) => Some(Some(count)),
        Some(Err(_)) => faults.none(at, format!("{} is negative", count.unwrap_or_default())),
    }
}

pub(crate) fn point_message(point: &DeliveryPoint) -> v1::DeliveryPoint {
    let kind = match point.kind {
        PointKind::Door => v1::delivery_point::Kind::Door,
        PointKind::Locker => v1::delivery_point::Kind::Locker,
        PointKind::Shop => v1::delivery_point::Kind::Shop,
    };
    v1::DeliveryPoint {
        name: name_of(&point.id),
        kind: kind.into(),
        location: Some(lat_lng_message(point.location)),
        opening: window_messages(&point.opening),
        compartments: point.compartments.map(|count| i32::try_from(count).unwrap_or(i32::MAX)),
        park: Some(duration(point.park)),
        per_stop: Some(duration(point.per_stop)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::convert::test_terms::with_terms;
    use crate::convert::view::test_view::with_view;
    use prost_types::{Duration, Timestamp};
    use swerve_model::Role;

    fn eur(units: i64) -> v1::Money {
        v1::Money { currency_code: "EUR".into(), units, nanos: 500_000_000 }
    }

    fn a_vehicle() -> v1::Vehicle {
        v1::Vehicle {
            name: "vehicles/van-1".into(),
            capacity: Some(v1::Load { weight_grams: 9, volume_milliliters: 8, count: 7 }),
            skills: vec!["cold".into()],
            cost_per_hour: Some(eur(20)),
            cost_per_km: Some(eur(0)),
            co2_grams_per_km: 180,
        }
    }

    fn a_point() -> v1::DeliveryPoint {
        v1::DeliveryPoint {
            name: "deliveryPoints/locker-3".into(),
            kind: v1::delivery_point::Kind::Locker.into(),
            location: Some(v1::LatLng { latitude: 41.1, longitude: -8.6 }),
            opening: vec![v1::TimeWindow {
                open: Some(Timestamp { seconds: 1_795_320_000, nanos: 0 }),
                close: Some(Timestamp { seconds: 1_795_380_000, nanos: 500_000_000 }),
            }],
            compartments: Some(24),
            park: Some(Duration { seconds: 40, nanos: 0 }),
            per_stop: Some(Duration { seconds: 60, nanos: 100_000_000 }),
        }
    }

    #[test]
    fn what_is_created_is_what_is_read_back() {
        let mut faults = Faults::new();
        with_terms(|terms| {
            let sent = a_vehicle();
            let read = vehicle(Some(&sent), terms, Path::Root, &mut faults).expect("fine");
            with_view(Role::Tms, |view| assert_eq!(vehicle_message(&read, view), sent));
            let sent = a_point();
            let read = point(Some(&sent), terms, Path::Root, &mut faults).expect("fine");
            assert_eq!(point_message(&read), sent);
        });
        assert_eq!(faults, Faults::new());
    }

    #[test]
    fn all_faults_of_a_point_are_found_at_once() {
        let mut wrong = a_point();
        wrong.name = "lockers/3".into();
        wrong.kind = 77;
        wrong.location = Some(v1::LatLng { latitude: f64::NAN, longitude: 0.0 });
        wrong.opening[0].open =
            wrong.opening[0].close.map(|close| Timestamp { seconds: close.seconds + 1, nanos: 0 });
        wrong.compartments = Some(-1);
        wrong.park = Some(Duration { seconds: -1, nanos: 0 });
        wrong.per_stop = Some(Duration { seconds: 14_400, nanos: 100_000_000 });
        let mut faults = Faults::new();
        let at = Path::Root.field("delivery_point");
        assert!(with_terms(|terms| point(Some(&wrong), terms, at, &mut faults)).is_none());
        let fields: Vec<&str> = faults.kept.iter().map(|fault| fault.field.as_str()).collect();
        assert_eq!(
            fields,
            [
                "delivery_point.name",
                "delivery_point.kind",
                "delivery_point.location",
                "delivery_point.opening[0]",
                "delivery_point.compartments",
                "delivery_point.park",
                "delivery_point.per_stop",
            ]
        );
    }

    #[test]
    fn a_missing_resource_is_one_fault() {
        let mut faults = Faults::new();
        with_terms(|terms| vehicle(None, terms, Path::Root.field("vehicle"), &mut faults));
        assert_eq!(faults.kept.len(), 1);
        assert_eq!(faults.kept[0].field, "vehicle");
    }
}
