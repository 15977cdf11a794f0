use proptest::prelude::*;
use swerve_model::TravelTimes;
use swerve_roads::{Network, Profile};

use super::*;
use crate::day::{Day, DayParams, Places};

prop_compose! {
    fn any_small()(seed: u64, stops in 1_u32..=8, vans in 1_u32..=3, rush: bool) -> SmallDay {
        SmallDay::new(SmallParams { seed, stops, vans, rush })
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(120))]

    #[test]
    fn a_small_day_is_well_formed(day in any_small()) {
        for stop in &day.stops {
            prop_assert!(!stop.windows.is_empty() && stop.windows.len() <= 3);
            prop_assert!(stop.windows.windows(2).all(|pair| pair[0].close() < pair[1].open()));
        }
        prop_assert!(day.vans.iter().all(|van| van.departs < van.ends));
        for wish in &day.wishes {
            prop_assert!(wish.stop < day.stops.len());
            prop_assert!(wish.place.is_some() || !wish.windows.is_empty());
            prop_assert!(wish.place.is_none_or(|place| (place.0 as usize) < day.table.place_count()));
        }
    }

    #[test]
    fn no_detour_is_a_short_cut_and_no_leg_beats_its_bound(day in any_small()) {
        let places: Vec<Place> = (0..day.table.place_count() as u32).map(Place).collect();
        for from in &places {
            for to in &places {
                let leg = day.table.nominal(*from, *to);
                prop_assert_eq!(leg == swerve_model::Leg::ZERO, from == to);
                let straight = day.table.position(*from).distance(day.table.position(*to));
                let bound = day.table.at_least(straight);
                let driven = day.table.leg(*from, *to, START);
                prop_assert!(bound.ticks <= driven.ticks && bound.meters <= driven.meters);
                for via in &places {
                    let detour = day.table.nominal(*from, *via).ticks + day.table.nominal(*via, *to).ticks;
                    prop_assert!(leg.ticks <= detour);
                }
            }
        }
    }

    #[test]
    fn leaving_later_never_arrives_earlier_and_the_inverse_is_exact(
        day in any_small(), from in 0_u32..4, to in 0_u32..4, at in -20_000_i64..80_000, later in 0_i64..9_000
    ) {
        let last = day.table.place_count() as u32 - 1;
        let (from, to) = (Place(from.min(last)), Place(to.min(last)));
        let arrival = |depart: Moment| depart + day.table.leg(from, to, depart).duration();
        let depart = START + Ticks(at);
        prop_assert!(arrival(depart) <= arrival(depart + Ticks(later)));
        let latest = day.table.latest_departure(from, to, depart);
        prop_assert!(arrival(latest) <= depart);
        prop_assert!(arrival(latest + Ticks(1)) > depart);
    }
}

#[test]
fn equal_parameters_give_an_equal_day_and_a_rush_slows_it() {
    let params = SmallParams { seed: 3, stops: 6, vans: 2, rush: true };
    let (one, other) = (SmallDay::new(params), SmallDay::new(params));
    assert_eq!((&one.stops, &one.vans, &one.wishes), (&other.stops, &other.vans, &other.wishes));
    assert_eq!(one.table, other.table);
    let slow = one.table.leg(Place(1), Place(2), START + Ticks::from_minutes(65));
    assert!(slow.ticks > one.table.nominal(Place(1), Place(2)).ticks);
}

#[test]
fn some_small_days_leave_no_room_and_some_leave_plenty() {
    // Whether the stops could fit by load alone: both must occur, or the instances teach nothing.
    let fits = (0..200).filter(|seed| {
        let day = SmallDay::new(SmallParams { seed: *seed, stops: 7, vans: 1, rush: false });
        let load: Load = day.stops.iter().map(|stop| stop.load).sum();
        load.fits(day.vans[0].capacity)
    });
    let fits = fits.count();
    assert!((20..180).contains(&fits), "{fits}");
}

#[test]
fn every_address_of_a_hamlet_can_be_driven_to_and_a_tiny_day_made_there() {
    for seed in 0..8 {
        let data = hamlet(seed);
        let network = Network::from_osm(&data, &Profile::van()).expect("a hamlet has roads");
        assert_eq!(network.origin().unconnected_roads, 0, "seed {seed}");
        assert!((25..60).contains(&network.junction_count()), "{}", network.junction_count());
        let places = Places::from_osm(&data);
        assert!(places.doors.len() >= 70 && places.lockers.len() == 1 && places.shops.len() == 1);
        let kept = places.clone().kept_near(&network);
        assert_eq!(kept.doors.len(), places.doors.len());
        let day = Day::generate(&DayParams::new(seed, 2, 8), &kept).expect("room for eight stops");
        day.check().expect("holds together");
    }
}

#[test]
fn a_hamlet_s_banks_are_joined_by_its_bridge_alone() {
    let mut data = hamlet(5);
    let before = data.ways.len();
    data.ways.retain(|way| way.tags.get("bridge").is_none());
    assert_eq!(data.ways.len(), before - 1);
    let network = Network::from_osm(&data, &Profile::van()).expect("half a hamlet");
    assert!(network.origin().unconnected_roads > 5);
}
