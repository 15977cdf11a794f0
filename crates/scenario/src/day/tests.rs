use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::sync::LazyLock;

use proptest::prelude::*;
use serde_json::Value;
use swerve_roads::{Network, OsmData, Profile, read_osm};

use super::*;
use crate::city;
use crate::plane::{LocalPlane, distance};

static CITY: LazyLock<OsmData> = LazyLock::new(|| city::generate(city::SAMPLE_SEED));
static PLACES: LazyLock<Places> = LazyLock::new(|| Places::from_osm(&CITY));
static DAY: LazyLock<Day> = LazyLock::new(|| sample(&DayParams::new(1, 20, 1_500)));

fn sample(params: &DayParams) -> Day {
    Day::generate(params, &PLACES).expect("the sample city is large enough")
}

/// Halts by point, sort and hand-over, with what is handed over there.
fn stops(day: &Day) -> BTreeMap<(&str, bool, u8), u32> {
    let mut stops = BTreeMap::new();
    for shipment in &day.shipments {
        for parcel in &shipment.parcels {
            let noon = parcel.ready == fleet::NOON_READY;
            *stops.entry((&*shipment.point, noon, parcel.hand_over)).or_default() += 1;
        }
    }
    stops
}

fn share(part: usize, whole: usize) -> f64 {
    part as f64 / whole as f64
}

#[test]
fn equal_parameters_give_equal_bytes_and_they_read_back() {
    let again = sample(&DayParams::new(1, 20, 1_500));
    let text = DAY.to_json().expect("a day has a JSON form");
    assert_eq!(text, again.to_json().expect("a day has a JSON form"));
    assert_eq!(Day::from_json(&text).expect("what was written"), *DAY);
    assert_ne!(sample(&DayParams::new(2, 20, 1_500)).shipments, DAY.shipments);
}

#[test]
fn days_of_all_sizes_hold_together() {
    for (seed, drivers, stops_wanted) in
        [(1, 1, 1), (2, 1, 30), (3, 3, 40), (4, 4, 300), (5, 60, 4_500)]
    {
        let day = sample(&DayParams::new(seed, drivers, stops_wanted));
        day.check().expect("a generated day holds together");
        let made = stops(&day).len();
        let wanted = stops_wanted as usize;
        assert!((wanted..=wanted + 12).contains(&made), "{made} stops for {wanted}");
        assert_eq!(day.manifests.len(), drivers as usize);
    }
}

#[test]
fn a_fifth_to_a_quarter_of_the_vans_leave_after_noon_and_slots_are_kept() {
    let (first, second): (Vec<&Manifest>, Vec<&Manifest>) =
        DAY.manifests.iter().partition(|manifest| manifest.wave == 1);
    assert_eq!((first.len(), second.len()), (16, 4));
    for manifests in [&first, &second] {
        let mut at_dock: BTreeMap<DaySecond, u32> = BTreeMap::new();
        for manifest in manifests {
            *at_dock.entry(manifest.departure).or_default() += 1;
        }
        assert!(at_dock.values().all(|vans| *vans <= DAY.depot.docks));
        assert!(at_dock.keys().all(|departure| departure.0 % 300 == 0));
    }
    assert!(
        first.iter().all(|m| (DaySecond::hm(8, 0)..DaySecond::hm(8, 30)).contains(&m.departure))
    );
    assert!(
        second.iter().all(|m| (DaySecond::hm(12, 30)..DaySecond::hm(13, 0)).contains(&m.departure))
    );
}

#[test]
fn what_is_sorted_at_noon_fits_the_second_wave_and_only_it() {
    let noon = stops(&DAY).into_keys().filter(|(_, noon, _)| *noon).count();
    assert!((0.1..0.2).contains(&share(noon, stops(&DAY).len())), "{noon}");
    let offers: BTreeMap<&str, &Vec<String>> =
        DAY.vehicles.iter().map(|vehicle| (&*vehicle.id, &vehicle.skills)).collect();
    for shipment in &DAY.shipments {
        for parcel in &shipment.parcels {
            for manifest in &DAY.manifests {
                let noon = parcel.ready == fleet::NOON_READY;
                let can = Day::can_load(parcel, manifest);
                assert_eq!(can, !noon || manifest.wave == 2, "{} in {}", parcel.id, manifest.id);
            }
            let able = DAY.manifests.iter().any(|manifest| {
                let offered = offers[&*manifest.vehicle];
                Day::can_load(parcel, manifest)
                    && parcel.skills.iter().all(|skill| offered.contains(skill))
            });
            assert!(able, "nobody can carry {}", parcel.id);
        }
    }
}

#[test]
fn a_tenth_of_the_stops_are_timed_some_with_a_choice() {
    let timed: Vec<&Shipment> =
        DAY.shipments.iter().filter(|one| one.promise != [demand::DAY_PROMISE]).collect();
    let at: BTreeSet<&str> = timed.iter().map(|shipment| &*shipment.point).collect();
    let points: BTreeSet<&str> = DAY.shipments.iter().map(|shipment| &*shipment.point).collect();
    assert!(
        (0.05..0.15).contains(&share(at.len(), points.len())),
        "{} of {}",
        at.len(),
        points.len()
    );
    let windows = timed.iter().flat_map(|shipment| &shipment.promise);
    assert!(windows.clone().all(|window| window.close.0 - window.open.0 == 7_200));
    let two = timed.iter().filter(|shipment| shipment.promise.len() == 2).count();
    assert!((0.05..0.35).contains(&share(two, timed.len())), "{two} of {}", timed.len());
}

#[test]
fn shipments_are_of_one_to_four_parcels_a_few_apart_and_neighbours_share_doors() {
    let counts: BTreeSet<usize> = DAY.shipments.iter().map(|one| one.parcels.len()).collect();
    assert_eq!(counts, BTreeSet::from([1, 2, 3, 4]));
    let apart = DAY.shipments.iter().filter(|s| s.parcels.iter().any(|p| p.hand_over > 1)).count();
    assert!((0.02..0.08).contains(&share(apart, DAY.shipments.len())), "{apart}");
    let mut behind: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    let mut own: BTreeMap<&str, u32> = BTreeMap::new();
    for shipment in &DAY.shipments {
        behind.entry(&shipment.point).or_default().insert(&shipment.recipient);
        *own.entry(&shipment.recipient).or_default() += 1;
    }
    assert!(behind.values().filter(|recipients| recipients.len() > 1).count() > 100);
    assert!(own.values().filter(|count| **count > 1).count() > 100);
}

#[test]
fn no_locker_is_promised_more_than_it_has_room_for() {
    let mut taken: BTreeMap<&str, u32> = BTreeMap::new();
    for shipment in &DAY.shipments {
        *taken.entry(&shipment.point).or_default() += shipment.parcels.len() as u32;
    }
    let mut used = 0;
    for point in &DAY.points {
        if let PointKind::Locker { compartments, occupied } = point.kind {
            let taken = taken.get(&*point.id).copied().unwrap_or(0);
            assert!(occupied + taken <= compartments, "{}", point.id);
            used += taken;
        }
    }
    assert!(
        used > 10 && DAY.points.iter().filter(|point| point.kind == PointKind::Shop).count() > 5
    );
}

#[test]
fn a_twelfth_of_the_recipients_wish_and_over_a_third_of_them_in_time() {
    for seed in 1..6 {
        let day = sample(&DayParams::new(seed, 20, 1_500));
        let wishes = day.wishes.len();
        assert!((0.078..0.082).contains(&share(wishes, day.recipients.len())), "{wishes}");
        let early = day.wishes.iter().filter(|wish| day.is_surely_unloaded(wish)).count();
        assert!((0.38..0.48).contains(&share(early, wishes)), "seed {seed}: {early} of {wishes}");
        assert!(day.wishes.is_sorted_by_key(|wish| wish.asked));
        let one_each: BTreeSet<&str> = day.wishes.iter().map(|wish| &*wish.recipient).collect();
        assert_eq!(one_each.len(), wishes);
    }
}

#[test]
fn late_wishes_come_once_the_van_that_could_carry_the_parcel_is_out() {
    let first_out = DAY.manifests[0].departure;
    for wish in DAY.wishes.iter().filter(|wish| !DAY.is_surely_unloaded(wish)) {
        assert!(wish.asked > first_out, "{} at {}", wish.id, wish.asked);
        assert!(wish.asked < DaySecond::hm(17, 30), "{} at {}", wish.id, wish.asked);
    }
}

#[test]
fn every_kind_of_wish_is_uttered() {
    let day = sample(&DayParams { wish_permille: 400, ..DayParams::new(3, 20, 1_500) });
    let mut seen = BTreeSet::new();
    for wish in &day.wishes {
        seen.insert(match &wish.to {
            Some(Destination::Address(_)) => "address",
            Some(Destination::Point(id)) if id.starts_with("door") => "neighbour's or known door",
            Some(Destination::Point(_)) => "named pickup",
            Some(Destination::AnyPickup) => "any pickup",
            None => "stay",
        });
        seen.insert(match &wish.windows {
            WindowWish::Keep => "keep",
            WindowWish::AnyOf(windows) if windows.len() > 1 => "any of several",
            WindowWish::AnyOf(_) => "this window",
            WindowWish::Suggest => "which windows",
        });
        seen.insert(match &wish.together {
            Some(Together::Own { .. }) => "own together",
            Some(Together::Neighbours { .. }) => "neighbours together",
            None => "alone",
        });
        seen.insert(match wish.accept {
            Accept::BestOffer => "best",
            Accept::OrAlternative { .. } => "or alternative",
            Accept::WalkAway => "walk away",
        });
        if wish.to.is_some() && wish.windows != WindowWish::Keep {
            seen.insert("combined");
        }
    }
    assert_eq!(seen.len(), 16, "{seen:?}");
}

#[test]
fn neighbours_are_asked_for_only_with_consent_and_at_most_next_door() {
    let day = sample(&DayParams { wish_permille: 500, ..DayParams::new(4, 20, 1_500) });
    let shipments: BTreeMap<&str, &Shipment> =
        day.shipments.iter().map(|shipment| (&*shipment.id, shipment)).collect();
    let agrees: BTreeMap<&str, bool> =
        day.recipients.iter().map(|one| (&*one.id, one.consents.neighbour)).collect();
    let plane = LocalPlane::around(day.depot.location);
    let points: BTreeMap<&str, &Point> =
        day.points.iter().map(|point| (&*point.id, point)).collect();
    let at = |shipment: &Shipment| plane.metres(points[&*shipment.point].location);
    let mut asked = 0;
    for wish in &day.wishes {
        let mine = shipments[&*wish.shipment];
        match &wish.together {
            Some(Together::Neighbours { shipments: others }) => {
                assert!(agrees[&*mine.recipient]);
                for other in others.iter().map(|id| shipments[&**id]) {
                    let apart = distance(at(mine), at(other));
                    assert!(agrees[&*other.recipient] && apart <= 80.0, "{apart} m");
                    assert_ne!(other.recipient, mine.recipient);
                }
                asked += 1;
            }
            Some(Together::Own { shipments: others }) => {
                assert!(others.iter().all(|id| shipments[&**id].recipient == mine.recipient));
            }
            None => {}
        }
    }
    assert!(asked > 20, "{asked}");
}

#[test]
fn new_addresses_are_near_home_and_nearer_once_the_van_is_out() {
    let day = sample(&DayParams { wish_permille: 600, ..DayParams::new(5, 20, 1_500) });
    let plane = LocalPlane::around(day.depot.location);
    let points: BTreeMap<&str, &Point> =
        day.points.iter().map(|point| (&*point.id, point)).collect();
    let shipments: BTreeMap<&str, &Shipment> =
        day.shipments.iter().map(|shipment| (&*shipment.id, shipment)).collect();
    let mut metres = [Vec::new(), Vec::new()];
    for wish in &day.wishes {
        let to = match &wish.to {
            Some(Destination::Address(point)) => point,
            Some(Destination::Point(id)) if points[&**id].kind.is_pickup() => continue,
            Some(Destination::Point(id)) => points[&**id],
            _ => continue,
        };
        let home = points[&*shipments[&*wish.shipment].point];
        if !home.kind.is_pickup() {
            let away = distance(plane.metres(home.location), plane.metres(to.location));
            metres[usize::from(day.is_surely_unloaded(wish))].push(away);
        }
    }
    let [late, early] = metres.map(|mut metres| {
        metres.sort_by(f64::total_cmp);
        (metres[metres.len() / 2], metres[metres.len() - 1])
    });
    assert!(
        (900.0..1_900.0).contains(&early.0) && (500.0..1_300.0).contains(&late.0),
        "{early:?} {late:?}"
    );
    assert!(early.1 < 7_500.0 && late.0 < early.0, "{early:?} {late:?}");
}

#[test]
fn the_same_day_without_wishes_is_otherwise_the_same() {
    let silent = sample(&DayParams { wish_permille: 0, ..DayParams::new(1, 20, 1_500) });
    assert!(silent.wishes.is_empty());
    assert_eq!(Day { wishes: DAY.wishes.clone(), ..silent }, *DAY);
}

#[test]
fn the_depot_stands_on_the_industrial_estate() {
    let near = PLACES.depots.iter().filter(|site| site.location == DAY.depot.location).count();
    assert_eq!(near, 1);
    assert!(PLACES.depots.len() > 20);
}

/// Where the public extracts are; their absence is said by name.
fn extract(name: &str) -> Option<OsmData> {
    let beside = concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared/datasets");
    let datasets = std::env::var_os("SWERVE_DATASETS").map_or(PathBuf::from(beside), PathBuf::from);
    let path = datasets.join("osm").join(name);
    let Ok(file) = std::fs::File::open(&path) else {
        eprintln!("skipped: {name} is not in SWERVE_DATASETS ({})", path.display());
        return None;
    };
    Some(read_osm(std::io::BufReader::new(file)).expect("an ordinary extract"))
}

#[test]
fn a_day_can_be_made_over_extracts_with_few_or_no_addresses() {
    for (name, wanted) in [("krems.osm.pbf", 200), ("helsinki.osm.pbf", 400)] {
        let Some(data) = extract(name) else { continue };
        let network = Network::from_osm(&data, &Profile::van()).expect("an extract with roads");
        let mapped = Places::from_osm(&data).kept_near(&network);
        let bare = Places::from_network(&network).kept_near(&network);
        for places in [mapped, bare] {
            let day =
                Day::generate(&DayParams::new(7, 4, wanted), &places).expect("room for a day");
            day.check().expect("holds together");
            assert!(stops(&day).len() >= wanted as usize, "{name}");
        }
    }
}

#[test]
fn every_place_of_the_sample_city_is_near_a_street_connected_with_all_others() {
    let network = Network::from_osm(&CITY, &Profile::van()).expect("a city with roads");
    assert_eq!(network.origin().unconnected_roads, 0);
    let kept = PLACES.clone().kept_near(&network);
    assert_eq!(kept.doors.len(), PLACES.doors.len());
    assert!(kept.depots.iter().any(|site| site.location == DAY.depot.location));
}

#[test]
fn parameters_out_of_range_and_maps_too_small_are_refused_by_name() {
    let refused =
        |params: DayParams| Day::generate(&params, &PLACES).expect_err("refused").to_string();
    assert_eq!(refused(DayParams::new(1, 0, 0)), "drivers is 0; 1 to 5000 are allowed");
    let few = "stops is 3; at least one for each driver and at most 500000 are allowed";
    assert_eq!(refused(DayParams::new(1, 9, 3)), few);
    let params = DayParams { currency: "euro".to_owned(), ..DayParams::new(1, 2, 20) };
    assert_eq!(refused(params), "currency is euro; an ISO 4217 code is three capital letters");
    let too_many = refused(DayParams::new(1, 5_000, 400_000));
    assert!(too_many.starts_with("the map offers"), "{too_many}");
    let nowhere = Day::generate(&DayParams::new(1, 1, 1), &Places::default());
    assert!(matches!(nowhere, Err(ScenarioError::TooFewPlaces { found: 0, needed: 1 })));
}

#[test]
fn a_file_that_contradicts_itself_is_refused_with_every_fault() {
    let mut day = sample(&DayParams::new(1, 4, 40));
    day.format = 9;
    day.manifests[0].driver = "nobody".to_owned();
    day.manifests[1].departure = DaySecond(5);
    day.shipments[0].promise.clear();
    day.shipments[1].parcels[0].size.weight_grams = -1;
    day.shipments[2].id = "no/such name".to_owned();
    day.wishes[0].shipment = "s-99999".to_owned();
    let text = day.to_json().expect("a JSON form");
    let Err(ScenarioError::Inconsistent { faults }) = Day::from_json(&text) else {
        panic!("accepted")
    };
    for expected in [
        "format 9",
        "no driver \"nobody\"",
        "not in order",
        "promises no window",
        "must be 0 to",
        "at position 2",
        "no shipment \"s-99999\"",
    ] {
        assert!(faults.iter().any(|fault| fault.contains(expected)), "{expected}: {faults:#?}");
    }
}

#[test]
fn faults_are_listed_up_to_a_limit() {
    let mut day = sample(&DayParams::new(1, 4, 40));
    day.points.clear();
    let Err(ScenarioError::Inconsistent { faults }) = day.check() else { panic!("accepted") };
    assert_eq!(faults.len(), FAULTS_MAX);
}

/// Replaces the `target`-th value of a JSON tree, counted depth first.
fn mutate(value: &mut Value, target: &mut usize, with: &Value) {
    if *target == 0 {
        *value = with.clone();
    }
    *target = target.wrapping_sub(1);
    match value {
        Value::Array(items) => items.iter_mut().for_each(|item| mutate(item, target, with)),
        Value::Object(fields) => fields.values_mut().for_each(|field| mutate(field, target, with)),
        _ => {}
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn no_damage_to_a_file_makes_reading_it_panic(
        target in 0_usize..900,
        with in prop_oneof![
            Just(Value::Null),
            Just(Value::from(-1)),
            Just(Value::from(1e300)),
            Just(Value::from(u64::MAX)),
            Just(Value::from("")),
            Just(Value::from("x".repeat(10_000))),
            Just(Value::Array(Vec::new())),
            Just(Value::Object(serde_json::Map::new())),
        ]
    ) {
        static TINY: LazyLock<Value> = LazyLock::new(|| {
            let day = sample(&DayParams { wish_permille: 500, ..DayParams::new(1, 4, 12) });
            serde_json::to_value(&day).expect("a JSON form")
        });
        let mut value = TINY.clone();
        mutate(&mut value, &mut target.clone(), &with);
        // Either it still is a day that holds together, or it is refused; never a panic.
        if let Ok(day) = Day::from_json(&value.to_string()) {
            prop_assert!(day.check().is_ok());
        }
    }
}
