//! Places, amounts, loads, skills and revisions.

use swerve_model::{Cost, EtaInterval, LatLng, Load, Revision, Skills, TerritoryId, ToldEta};
use swerve_proto::v1;

use crate::convert::Terms;
use crate::convert::name::{name_of, named};
use crate::convert::time::timestamp;
use crate::fault::{Faults, Path, shown};

/// Largest figure of a load, by dimension: a thousand of them still add up.
const LOAD_MAX: i64 = 1_000_000_000_000;
/// Largest amount of money taken, in currency units.
const UNITS_MAX: i64 = 1_000_000_000;
const NANOS_PER_MICRO: i32 = 1000;
/// The share of arrivals inside an interval, parts per thousand: the central 90 %.
const COVERAGE_PERMILLE: i32 = 900;
/// Territories have one owner until they can be claimed by another; then this grows.
pub(crate) const EPOCH: u64 = 1;

pub(crate) fn lat_lng(
    message: Option<v1::LatLng>,
    at: Path<'_>,
    faults: &mut Faults,
) -> Option<LatLng> {
    let Some(message) = message else { return faults.none(at, "is required") };
    match LatLng::new(message.latitude, message.longitude) {
        Ok(location) => Some(location),
        Err(fault) => faults.none(at, fault.to_string()),
    }
}

/// Reads a location that a van must be able to reach.
pub(crate) fn lat_lng_on_network(
    message: Option<v1::LatLng>,
    terms: &Terms<'_>,
    at: Path<'_>,
    faults: &mut Faults,
) -> Option<LatLng> {
    let location = lat_lng(message, at, faults)?;
    match (terms.off_network)(location) {
        None => Some(location),
        Some(why) => faults.none(at, why),
    }
}

pub(crate) fn lat_lng_message(location: LatLng) -> v1::LatLng {
    v1::LatLng { latitude: location.latitude(), longitude: location.longitude() }
}

/// Reads an amount that is not negative; left out, it is zero.
pub(crate) fn amount(
    message: Option<&v1::Money>,
    terms: &Terms<'_>,
    of: Path<'_>,
    field: &'static str,
    faults: &mut Faults,
) -> Option<Cost> {
    let Some(money) = message else { return Some(Cost::ZERO) };
    let at = of.field(field);
    let mut fine = true;
    if money.currency_code != terms.currency {
        let given = shown(&money.currency_code);
        faults.add(
            at.field("currency_code"),
            format!("{given} is not the territory's currency {}", terms.currency),
        );
        fine = false;
    }
    if !(0..=UNITS_MAX).contains(&money.units) {
        faults.add(at.field("units"), format!("{} is not in 0 to {UNITS_MAX}", money.units));
        fine = false;
    }
    let nanos = money.nanos;
    if !(0..1_000_000_000).contains(&nanos) || nanos % NANOS_PER_MICRO != 0 {
        let rule = "is not a multiple of 1000 in 0 to 999999000";
        faults.add(at.field("nanos"), format!("{nanos} {rule}"));
        fine = false;
    }
    fine.then(|| Cost::from_units(money.units) + Cost(i64::from(nanos / NANOS_PER_MICRO)))
}

pub(crate) fn money(cost: Cost, currency: &str) -> v1::Money {
    let per_unit = Cost::from_units(1).0;
    v1::Money {
        currency_code: currency.to_owned(),
        units: cost.0 / per_unit,
        nanos: (cost.0 % per_unit) as i32 * NANOS_PER_MICRO,
    }
}

pub(crate) fn load(message: Option<&v1::Load>, at: Path<'_>, faults: &mut Faults) -> Option<Load> {
    let Some(message) = message else { return faults.none(at, "is required") };
    let dimensions = [
        ("weight_grams", message.weight_grams),
        ("volume_milliliters", message.volume_milliliters),
        ("count", message.count),
    ];
    let mut fine = true;
    for (dimension, figure) in dimensions {
        if !(0..=LOAD_MAX).contains(&figure) {
            faults.add(at.field(dimension), format!("{figure} is not in 0 to {LOAD_MAX}"));
            fine = false;
        }
    }
    fine.then(|| Load(dimensions.map(|(_, figure)| figure)))
}

pub(crate) fn load_message(load: Load) -> v1::Load {
    v1::Load {
        weight_grams: load.weight_grams(),
        volume_milliliters: load.volume_milliliters(),
        count: load.count(),
    }
}

pub(crate) fn skills(
    names: &[String],
    terms: &Terms<'_>,
    of: Path<'_>,
    faults: &mut Faults,
) -> Option<Skills> {
    let (mut skills, mut fine) = (Skills::NONE, true);
    for (index, name) in names.iter().enumerate() {
        if let Some(bit) = terms.skills.iter().take(64).position(|known| known == name) {
            skills = skills.union(Skills(1 << bit));
        } else {
            let known = terms.skills.join(", ");
            let rule = format!("{} is no skill of the territory ({known})", shown(name));
            faults.add(of.item("skills", index), rule);
            fine = false;
        }
    }
    fine.then_some(skills)
}

/// The names of the bits set. A bit the settings no longer name is called by its number.
pub(crate) fn skill_names(skills: Skills, names: &[String]) -> Vec<String> {
    (0..64usize)
        .filter(|bit| skills.0 >> bit & 1 == 1)
        .map(|bit| names.get(bit).cloned().unwrap_or_else(|| format!("skill-{bit}")))
        .collect()
}

pub(crate) fn revision_message(territory: &TerritoryId, revision: Revision) -> v1::PlanRevision {
    v1::PlanRevision { territory: name_of(territory), epoch: EPOCH, number: revision.0 }
}

/// Reads a required revision, and the territory it is of.
pub(crate) fn revision(
    message: Option<&v1::PlanRevision>,
    at: Path<'_>,
    faults: &mut Faults,
) -> Option<(TerritoryId, Revision)> {
    let Some(message) = message else { return faults.none(at, "is required") };
    let territory = named(&message.territory, at.field("territory"), faults);
    if message.epoch != EPOCH {
        faults.add(at.field("epoch"), format!("{} is not {EPOCH}", message.epoch));
        return None;
    }
    Some((territory?, Revision(message.number)))
}

pub(crate) fn eta_message(eta: EtaInterval) -> v1::EtaInterval {
    v1::EtaInterval {
        expected: Some(timestamp(eta.expected)),
        earliest: Some(timestamp(eta.earliest)),
        latest: Some(timestamp(eta.latest)),
        coverage_permille: COVERAGE_PERMILLE,
        stops_before: eta.stops_before as i32,
    }
}

pub(crate) fn told_message(told: ToldEta, stops_before: u32) -> v1::EtaInterval {
    eta_message(EtaInterval {
        expected: told.expected,
        earliest: told.earliest,
        latest: told.latest,
        stops_before,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::convert::test_terms::with_terms;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn an_amount_survives_the_wire(micros in 0i64..=UNITS_MAX * 1_000_000) {
            let mut faults = Faults::new();
            let sent = money(Cost(micros), "EUR");
            let read = with_terms(|terms| amount(Some(&sent), terms, Path::Root, "fee", &mut faults));
            prop_assert_eq!(read, Some(Cost(micros)));
        }

        #[test]
        fn a_saving_keeps_one_sign(micros in any::<i64>()) {
            let sent = money(Cost(micros), "EUR");
            prop_assert!(sent.units.signum() * i64::from(sent.nanos).signum() >= 0);
            let back = i128::from(sent.units) * 1_000_000 + i128::from(sent.nanos / 1000);
            prop_assert_eq!(back, i128::from(micros));
        }
    }

    #[test]
    fn every_fault_of_an_amount_is_named() {
        let mut faults = Faults::new();
        let wrong = v1::Money { currency_code: "USD".into(), units: -1, nanos: 1 };
        with_terms(|terms| amount(Some(&wrong), terms, Path::Root, "fee", &mut faults));
        let fields: Vec<&str> = faults.kept.iter().map(|fault| fault.field.as_str()).collect();
        assert_eq!(fields, ["fee.currency_code", "fee.units", "fee.nanos"]);
    }

    #[test]
    fn a_location_that_is_no_number_or_not_on_earth_names_the_value() {
        for (latitude, longitude, named) in [
            (f64::NAN, 0.0, "NaN"),
            (0.0, f64::INFINITY, "inf"),
            (91.0, 0.0, "91"),
            (0.0, -180.5, "-180.5"),
        ] {
            let mut faults = Faults::new();
            let message = v1::LatLng { latitude, longitude };
            assert_eq!(lat_lng(Some(message), Path::Root.field("location"), &mut faults), None);
            assert!(faults.kept[0].description.contains(named), "{faults:?}");
        }
    }

    #[test]
    fn a_location_off_the_network_names_the_distance() {
        let mut faults = Faults::new();
        let far = v1::LatLng { latitude: -1.0, longitude: 0.0 };
        let at = Path::Root.field("location");
        with_terms(|terms| lat_lng_on_network(Some(far), terms, at, &mut faults));
        assert!(faults.kept[0].description.contains("900 m"), "{faults:?}");
    }

    #[test]
    fn skills_are_read_by_name_and_written_back() {
        let mut faults = Faults::new();
        with_terms(|terms| {
            let read = skills(&["cold".into()], terms, Path::Root, &mut faults);
            assert_eq!(read, Some(Skills(0b10)));
            assert_eq!(skill_names(Skills(0b10), terms.skills), ["cold"]);
            assert_eq!(
                skills(&["cold".into(), "odd".into()], terms, Path::Root, &mut faults),
                None
            );
        });
        assert_eq!(faults.kept[0].field, "skills[1]");
        assert!(faults.kept[0].description.contains("heavy, cold"), "{faults:?}");
    }

    #[test]
    fn a_negative_load_is_refused_by_dimension() {
        let mut faults = Faults::new();
        let message = v1::Load { weight_grams: -1, volume_milliliters: 5, count: i64::MAX };
        assert_eq!(load(Some(&message), Path::Root.field("load"), &mut faults), None);
        let fields: Vec<&str> = faults.kept.iter().map(|fault| fault.field.as_str()).collect();
        assert_eq!(fields, ["load.weight_grams", "load.count"]);
    }
}
