//! A Day-1's shape against the figures it is drawn from.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::OnceLock;

use super::shape::{
    NEAREST_METRES, PARCELS, Percentiles, SERVICE_SECONDS, TIMED_SHARE_MEAN, WINDOW_HOURS,
};
use super::*;
use crate::city;
use crate::day::{Destination, Wish};
use crate::plane::{LocalPlane, distance};

fn params(seed: u64) -> DayOneParams {
    DayOneParams {
        seed,
        name: "test".to_owned(),
        vans: 8,
        stops_per_van: 120,
        wish_permille: None,
        hour_micros: 30_000_000,
        km_micros: 300_000,
    }
}

fn places() -> &'static Places {
    static PLACES: OnceLock<Places> = OnceLock::new();
    PLACES.get_or_init(|| Places::from_osm(&city::generate(city::SAMPLE_SEED)))
}

fn day(params: &DayOneParams) -> Day {
    generate(params, places()).expect("the sample city has doors enough")
}

fn percentile(values: &mut [f64], share: f64) -> f64 {
    values.sort_by(f64::total_cmp);
    values[((values.len() as f64 * share) as usize).min(values.len() - 1)]
}

/// Every quartile within this share of what it should be.
fn assert_like(mut values: Vec<f64>, expected: &Percentiles, tolerance: f64, what: &str) {
    for share in [0.25, 0.5, 0.75] {
        let (found, wanted) = (percentile(&mut values, share), expected.at(share));
        let off = (found / wanted - 1.0).abs();
        assert!(off <= tolerance, "{what}: {found} at {share}, {wanted} expected");
    }
}

#[test]
fn stops_lie_take_and_hold_what_real_ones_do() {
    let day = day(&params(1));
    let plane = LocalPlane::around(day.depot.location);
    let doors: BTreeMap<&str, &super::super::Point> =
        day.points.iter().map(|point| (&*point.id, point)).collect();
    let mut parcels: BTreeMap<&str, u32> = BTreeMap::new();
    for shipment in &day.shipments {
        *parcels.entry(&shipment.point).or_default() += shipment.parcels.len() as u32;
    }
    let at: Vec<_> = parcels.keys().map(|door| plane.metres(doors[door].location)).collect();
    let nearest = |one: &(f64, f64)| {
        let others = at.iter().map(|other| distance(*one, *other)).filter(|away| *away > 0.0);
        others.fold(f64::INFINITY, f64::min)
    };
    assert_like(at.iter().map(nearest).collect(), &NEAREST_METRES, 0.2, "nearest");
    let service = |(door, count): (&&str, &u32)| f64::from(doors[door].service.total(*count));
    assert_like(parcels.iter().map(service).collect(), &SERVICE_SECONDS, 0.15, "service");
    let single = parcels.values().filter(|count| **count == 1).count() as f64;
    let share = single / parcels.len() as f64;
    assert!((share - PARCELS[0]).abs() < 0.05, "{share} have one parcel");
}

#[test]
fn every_van_has_a_shift_for_sixty_to_a_hundred_and_eighty_stops() {
    for seed in 1..=5 {
        for stops_per_van in [60, 120, 180] {
            let targets = vans::targets(&DayOneParams { stops_per_van, ..params(seed) });
            assert!(targets.iter().all(|stops| (60..=180).contains(stops)), "{targets:?}");
        }
        let shifts = day(&params(seed)).manifests.into_iter();
        let hours = shifts.map(|shift| f64::from(shift.shift_end.0 - shift.departure.0) / 3_600.0);
        assert!(hours.into_iter().all(|hours| (3.0..=10.0).contains(&hours)));
    }
}

#[test]
fn windows_are_on_five_to_fifteen_per_cent_of_stops_and_as_wide_as_real_ones() {
    let (mut shares, mut widths) = (Vec::new(), Vec::new());
    for seed in 1..=6 {
        let day = day(&params(seed));
        let timed = day.shipments.iter().filter(|one| one.promise != [DAY_PROMISE]);
        let stops: BTreeSet<&str> = timed.clone().map(|one| &*one.point).collect();
        shares.push(stops.len() as f64 / day.recipients.len() as f64);
        widths.extend(timed.map(|one| {
            let window = one.promise[0];
            f64::from(window.close.0 - window.open.0) / 3_600.0
        }));
    }
    assert!(shares.iter().all(|share| (0.035..=0.175).contains(share)), "{shares:?}");
    let mean = shares.iter().sum::<f64>() / shares.len() as f64;
    assert!(mean > TIMED_SHARE_MEAN, "{mean}: more than in real routes, as asked for");
    assert_like(widths, &WINDOW_HOURS, 0.15, "width");
}

#[test]
fn wishes_come_before_the_sort_while_staged_and_once_loaded_two_one_and_two_of_five() {
    let day = day(&DayOneParams { wish_permille: Some(100), ..params(2) });
    assert_eq!(day.wishes.len(), (day.recipients.len() * 100 + 500) / 1000);
    let ready: BTreeMap<&str, DaySecond> =
        day.shipments.iter().map(|one| (&*one.id, one.parcels[0].ready)).collect();
    let mut stages = [0_usize; 3];
    for wish in &day.wishes {
        let stage = match wish.asked {
            asked if asked < ready[&*wish.shipment] => 0,
            asked if asked < vans::first_loading() => 1,
            asked if asked >= ALL_OUT => 2,
            asked => panic!("{asked} is none of them"),
        };
        stages[stage] += 1;
    }
    let expected = [0.4, 0.2, 0.4].map(|share| share * day.wishes.len() as f64);
    for (found, expected) in stages.iter().zip(expected) {
        assert!((*found as f64 - expected).abs() <= 1.0, "{stages:?}");
    }
    assert!(day.wishes.iter().any(|wish| matches!(wish.to, Some(Destination::Address(_)))));
}

#[test]
fn more_wishes_leave_the_day_and_the_wishes_there_were_as_they_are() {
    let few = day(&DayOneParams { wish_permille: Some(50), ..params(3) });
    let many = day(&DayOneParams { wish_permille: Some(300), ..params(3) });
    assert_eq!(few.shipments, many.shipments);
    assert_eq!(few.manifests, many.manifests);
    let nameless = |wish: &Wish| Wish { id: String::new(), ..wish.clone() };
    let all: Vec<Wish> = many.wishes.iter().map(nameless).collect();
    assert!(few.wishes.iter().all(|wish| all.contains(&nameless(wish))));
    assert_eq!(many.wishes.len(), (many.recipients.len() * 300 + 500) / 1000);
}

#[test]
fn the_same_seed_is_the_same_day_and_every_day_is_in_order() {
    assert_eq!(day(&params(4)), day(&params(4)));
    assert_ne!(day(&params(4)).shipments, day(&params(5)).shipments);
    for vans in [1, 2, 7] {
        for stops_per_van in [1, 9, 100] {
            let params = DayOneParams { vans, stops_per_van, ..params(9) };
            let day = day(&params);
            day.check().unwrap_or_else(|error| panic!("{vans} x {stops_per_van}: {error}"));
        }
    }
}

#[test]
fn parameters_out_of_range_are_named() {
    for (parameter, wrong) in [
        ("vans", DayOneParams { vans: 0, ..params(1) }),
        ("stops_per_van", DayOneParams { stops_per_van: 181, ..params(1) }),
        ("wish_permille", DayOneParams { wish_permille: Some(1001), ..params(1) }),
    ] {
        let said = generate(&wrong, places()).expect_err(parameter).to_string();
        assert!(said.starts_with(parameter), "{said}");
    }
    let vast = DayOneParams { vans: 5_000, stops_per_van: 90, ..params(1) };
    let said = generate(&vast, places()).expect_err("so many doors are not there").to_string();
    assert!(said.contains("places to deliver to"), "{said}");
}
