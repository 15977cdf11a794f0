use proptest::prelude::*;
use swerve_model::schedule::{anchor_of, times_of};
use swerve_model::{LatLng, Sighting};

use super::*;
use crate::fixtures::*;

fn timetable(town: &Town, manifest: &str) -> Timetable {
    let side = town.side();
    let route = side.route(&manifest_id(manifest)).expect("the manifest is shown").clone();
    drive(&route, town, town, town.now).expect("every name is known")
}

#[test]
fn an_early_van_waits_serves_and_comes_home() {
    let mut town = Town::new();
    town.add_shipment("a", 600, 0).promise.windows = vec![window(at(12, 0), at(13, 0))];
    town.add_shipment("b", 600, 300);
    town.add_manifest("m", &["a", "b"]);

    let times = timetable(&town, "m");
    // Leaves at 11:00, 10 min east, waits for 12:00, 2 min there; 10 min north, 2 min; home 15 min.
    assert_eq!(times.known, at(11, 0));
    let waits = StopTimes { arrival: at(11, 10), start: at(12, 0), departure: at(12, 2) };
    let next = StopTimes { arrival: at(12, 12), start: at(12, 12), departure: at(12, 14) };
    assert_eq!(times.stops, [waits, next]);
    assert_eq!(times.back, Some(at(12, 29)));
}

#[test]
fn a_van_with_nothing_to_bring_stays_at_the_depot() {
    let mut town = Town::new();
    town.add_manifest("m", &[]);
    assert_eq!(timetable(&town, "m").back, None);
    town.of("m").state = ManifestState::Departed(at(9, 0));
    assert_eq!(timetable(&town, "m").back, Some(at(9, 0)));
    // And one that is back does not come back again.
    town.of("m").state = ManifestState::Closed(at(9, 30));
    assert_eq!(timetable(&town, "m").back, None);
}

#[test]
fn a_stop_that_reality_has_overtaken_moves_with_the_clock() {
    let mut town = three_vans();
    // From `a` it is 2,600 s east and 100 north: 46:40 after 9:25, which is 10:11:40.
    let as_planned = at(9, 25) + Ticks::from_seconds(2_800);
    assert_eq!(timetable(&town, "m1").stops[0].arrival, as_planned);
    town.now = at(10, 30);
    assert_eq!(timetable(&town, "m1").stops[0].arrival, at(10, 30));
    assert_eq!(timetable(&town, "m1").known, at(10, 30));
}

#[test]
fn the_stop_being_served_is_not_over_before_now() {
    let mut town = three_vans();
    town.of("m1").stops[1].state = StopState::Arrived(at(9, 50));
    let served = timetable(&town, "m1").stops[0];
    assert_eq!((served.arrival, served.start, served.departure), (at(9, 50), at(9, 50), at(10, 0)));
}

#[test]
fn several_rules_bind_a_start_together() {
    let mut town = Town::new();
    town.add_shipment("a", 0, 0).promise.windows =
        vec![window(at(11, 0), at(12, 0)), window(at(14, 0), at(15, 0))];
    town.add_shipment("b", 0, 0).promise.windows = vec![window(at(12, 30), at(17, 0))];
    town.add_manifest("m", &[]);
    let stop = town.stop(&["a", "b"]);
    town.put("m", 0, stop);
    assert_eq!(timetable(&town, "m").stops[0].start, at(14, 0));

    town.point_of("p-a").opening = vec![window(at(9, 0), at(13, 0))];
    // No moment suits all three: service starts on arrival, and is at fault.
    assert_eq!(timetable(&town, "m").stops[0].start, at(11, 0));
}

#[test]
fn a_name_that_stands_for_nothing_is_named() {
    let mut town = three_vans();
    town.shipments.remove(&shipment_id("f"));
    let side = town.side();
    let error = drive(&side.routes[1], &town, &town, town.now).expect_err("a name is unknown");
    assert_eq!(error, NameUnknown { stop: stop_id("s-f"), name: "shipment f".to_owned() });
    town.points.remove(&point_id("p-e"));
    let side = town.side();
    let error = drive(&side.routes[1], &town, &town, town.now).expect_err("a name is unknown");
    assert_eq!(error.name, "delivery point p-e");
}

fn frozen(town: &Town, manifest: &str) -> usize {
    let times = timetable(town, manifest);
    let ahead = Ticks::from_minutes(10);
    frozen_count(&town.manifests[&manifest_id(manifest)], &times.stops, town.now, ahead)
}

#[test]
fn the_stop_driven_to_is_frozen_however_far() {
    let mut town = three_vans();
    assert_eq!(frozen(&town, "m1"), 1);
    town.now = at(9, 30);
    assert_eq!(frozen(&town, "m1"), 1);
}

#[test]
fn stops_reached_within_the_look_ahead_are_frozen() {
    let mut town = three_vans();
    // Five minutes beyond `b`.
    town.places[3] = (3_900, 100);
    let second = timetable(&town, "m1").stops[1].arrival;
    town.now = second - Ticks::from_minutes(10) - Ticks(1);
    assert_eq!(frozen(&town, "m1"), 1);
    town.now += Ticks(1);
    assert_eq!(frozen(&town, "m1"), 2);
    // A van about to leave freezes what it will reach soon, and no more.
    town.now = at(11, 0);
    assert_eq!(frozen(&town, "m2"), 1);
    town.now = at(10, 0);
    assert_eq!(frozen(&town, "m2"), 0);
}

#[test]
fn the_stop_being_served_is_frozen_and_the_next_is_not() {
    let mut town = three_vans();
    town.of("m1").stops[1].state = StopState::Arrived(at(9, 59));
    assert_eq!(frozen(&town, "m1"), 1);
}

#[test]
fn nothing_on_a_closed_manifest_moves() {
    let mut town = three_vans();
    town.of("m1").state = ManifestState::Closed(at(9, 55));
    assert_eq!(frozen(&town, "m1"), 3);
}

prop_compose! {
    /// One van in any state, with any windows, overtaken by reality or not.
    fn any_day()(
        stops in prop::collection::vec(
            (-2_000i64..2_000, -2_000i64..2_000, prop::collection::vec((0i64..600, 0i64..200), 1..3)),
            0..6,
        ),
        opening in prop::option::of((0i64..500, 10i64..600)),
        done in 0usize..4, served: bool, left in 0i64..700, departed: bool,
        sighted in prop::option::of((-500i64..500, 0i64..700)), now in 0i64..900,
    ) -> Town {
        let mut town = Town::new();
        town.now = at(8, now);
        let mut names = Vec::new();
        for (index, (x, y, spans)) in stops.iter().enumerate() {
            let name = format!("n{index}");
            let mut open = 0;
            let windows = spans.iter().map(|(gap, length)| {
                let opens = open + gap;
                open = opens + length + 1;
                window(at(8, opens), at(8, opens + length))
            });
            town.add_shipment(&name, *x, *y).promise.windows = windows.collect();
            names.push(name);
        }
        let names: Vec<&str> = names.iter().map(String::as_str).collect();
        town.add_manifest("m", &names);
        if let (Some((open, length)), Some(name)) = (opening, names.last()) {
            town.point_of(&format!("p-{name}")).opening =
                vec![window(at(8, open), at(8, open + length))];
        }
        let done = done.min(stops.len());
        let manifest = town.of("m");
        if departed || done > 0 {
            manifest.state = ManifestState::Departed(at(8, left / 2));
        }
        for stop in &mut manifest.stops[..done] {
            stop.state = StopState::Completed { arrived: at(8, left), left: at(8, left) };
        }
        if let Some(next) = manifest.stops.get_mut(done).filter(|_| served && departed) {
            next.state = StopState::Arrived(at(8, left));
        }
        if let Some((x, seen)) = sighted {
            let location = LatLng::new(0.0, 0.0).expect("on Earth");
            manifest.sighting = Some(Sighting { location, at: at(8, seen) });
            let place = town.add_place(x, x);
            town.sighted.insert(manifest_id("m"), place);
        }
        town
    }
}

proptest! {
    /// Two independent readings of one definition: the times recipients are told are these (I13).
    #[test]
    fn the_judges_times_are_the_models_times(town in any_day()) {
        let side = town.side();
        let route = &side.routes[0];
        let found = drive(route, &town, &town, town.now).expect("every name is known");
        let anchor = anchor_of(&town, route.manifest, route.depot, route.sighted, town.now);
        let anchor = anchor.expect("every name is known");
        let model = times_of(&town, &town, route.undone(), anchor, town.now);
        prop_assert_eq!(Some(found.stops), model);
    }
}
