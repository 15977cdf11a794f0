use std::collections::BTreeMap;
use std::io::Write as _;

use ordered_float::OrderedFloat;
use petgraph::algo::dijkstra;
use petgraph::graph::{DiGraph, NodeIndex};
use proptest::prelude::*;
use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;

use super::*;
use crate::geometry::distance;
use crate::network::{JunctionId, Road, RoadId};
use crate::osm::read_osm;
use crate::profile::Profile;
use crate::snap::Offset;
use crate::test_city::{Sketch, at, random_place, random_town};

const NOW: Moment = Moment(0);

/// Ticks, then decimetres: added and compared part by part, packed in nothing.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
struct Pair(u64, u64);

impl std::ops::Add for Pair {
    type Output = Pair;
    fn add(self, other: Pair) -> Pair {
        Pair(self.0 + other.0, self.1 + other.1)
    }
}

/// What has been driven so far, as the rule is worded: restricted, open, restricted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Driven {
    AtMostRestricted,
    ThenOpen,
    ThenRestricted,
}

impl Driven {
    const ALL: [Driven; 3] = [Driven::AtMostRestricted, Driven::ThenOpen, Driven::ThenRestricted];

    fn and(self, restricted: bool) -> Option<Driven> {
        match (self, restricted) {
            (Driven::AtMostRestricted, true) => Some(Driven::AtMostRestricted),
            (Driven::AtMostRestricted | Driven::ThenOpen, false) => Some(Driven::ThenOpen),
            (Driven::ThenOpen | Driven::ThenRestricted, true) => Some(Driven::ThenRestricted),
            (Driven::ThenRestricted, false) => None,
        }
    }
}

/// A junction, or a spot on a street.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Point {
    Junction(JunctionId),
    Spot(Spot),
}

/// The slow plain twin: every road cut at every place, every point once per state of what has been
/// driven, and petgraph's own Dijkstra over that.
struct Oracle {
    graph: DiGraph<(), Pair>,
    nodes: BTreeMap<(Point, Driven), NodeIndex>,
}

impl Oracle {
    fn new(network: &Network, spots: &[Spot]) -> Oracle {
        let mut oracle = Oracle { graph: DiGraph::new(), nodes: BTreeMap::new() };
        for (id, road) in network.roads() {
            let mut on_road: Vec<(Offset, Point)> = spots
                .iter()
                .filter(|spot| spot.road == network.street(id))
                .map(|spot| {
                    let along = spot.road == id;
                    let offset = if along { spot.offset } else { spot.offset.reversed() };
                    (offset, Point::Spot(*spot))
                })
                .collect();
            on_road.sort();
            on_road.dedup();
            let (from, to) = network.ends(id);
            let mut points = vec![(Offset::START, Point::Junction(from))];
            points.extend(on_road);
            points.push((Offset::END, Point::Junction(to)));
            for pair in points.windows(2) {
                let cost = until(road, pair[1].0) - until(road, pair[0].0);
                oracle.connect(pair[0].1, pair[1].1, cost, road.restricted);
            }
        }
        oracle
    }

    fn connect(&mut self, from: Point, to: Point, cost: Pair, restricted: bool) {
        for driven in Driven::ALL {
            if let Some(then) = driven.and(restricted) {
                let (tail, head) = (self.node(from, driven), self.node(to, then));
                self.graph.add_edge(tail, head, cost);
            }
        }
    }

    fn node(&mut self, point: Point, driven: Driven) -> NodeIndex {
        let graph = &mut self.graph;
        *self.nodes.entry((point, driven)).or_insert_with(|| graph.add_node(()))
    }

    fn legs(&self, from: Spot, spots: &[Spot]) -> Vec<Leg> {
        let start = self.nodes[&(Point::Spot(from), Driven::AtMostRestricted)];
        let costs = dijkstra(&self.graph, start, None, |edge| *edge.weight());
        let leg = |to: &Spot| {
            let ends = Driven::ALL.into_iter().filter_map(|driven| {
                let node = self.nodes.get(&(Point::Spot(*to), driven))?;
                costs.get(node)
            });
            ends.min().map_or(Leg::UNREACHABLE, |Pair(ticks, decimeters)| Leg {
                ticks: *ticks as i32,
                meters: ((decimeters + 5) / 10) as i32,
            })
        };
        spots.iter().map(leg).collect()
    }
}

impl std::ops::Sub for Pair {
    type Output = Pair;
    fn sub(self, other: Pair) -> Pair {
        Pair(self.0 - other.0, self.1 - other.1)
    }
}

/// What of a road lies before an offset, by its definition: each part rounded down.
fn until(road: &Road, offset: Offset) -> Pair {
    let share = |whole: u32| (f64::from(whole) * offset.share()).floor() as u64;
    Pair(share(road.ticks), share(road.decimeters))
}

/// A public extract's network; `None`, saying so, where the extract is absent.
fn extract(name: &str) -> Option<Arc<Network>> {
    let default = concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared/datasets");
    let folder = std::env::var("SWERVE_DATASETS").unwrap_or_else(|_| default.to_owned());
    let path = std::path::Path::new(&folder).join("osm").join(name);
    match std::fs::File::open(&path) {
        Ok(file) => {
            let data = read_osm(std::io::BufReader::new(file)).expect("a well-formed extract");
            Some(Arc::new(Network::from_osm(&data, &Profile::van()).expect("it has roads")))
        }
        Err(error) => {
            // Not `eprintln`, which a passing test keeps to itself.
            let _ = writeln!(std::io::stderr(), "skipped {}: {error}", path.display());
            None
        }
    }
}

fn times_with_places(network: Arc<Network>, seed: u64, count: usize) -> (RoadTimes, Vec<Place>) {
    let times = RoadTimes::new(network);
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    let places = (0..count)
        .map(|_| times.place(random_place(&times.network, &mut rng)).expect("near a road").place)
        .collect();
    (times, places)
}

fn table(times: &RoadTimes, places: &[Place]) -> Vec<Vec<Leg>> {
    let row = |from: &Place| places.iter().map(|to| times.leg(*from, *to, NOW)).collect();
    places.iter().map(row).collect()
}

fn spots(times: &RoadTimes, places: &[Place]) -> Vec<Spot> {
    places.iter().map(|place| times.spot(*place)).collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(40))]

    #[test]
    fn every_leg_is_the_shortest_way_of_a_plain_search(seed in any::<u64>()) {
        let (times, places) = times_with_places(random_town(seed), seed, 15);
        let spots = spots(&times, &places);
        let oracle = Oracle::new(times.network(), &spots);
        for (from, place) in places.iter().enumerate() {
            let expected = oracle.legs(spots[from], &spots);
            for (to, other) in places.iter().enumerate() {
                prop_assert_eq!(times.leg(*place, *other, NOW), expected[to], "{} to {}", from, to);
            }
        }
    }

    #[test]
    fn every_place_reaches_every_other(seed in any::<u64>()) {
        let (times, places) = times_with_places(random_town(seed), seed, 25);
        for leg in table(&times, &places).concat() {
            prop_assert!(leg.is_reachable());
        }
    }

    #[test]
    fn answers_do_not_depend_on_which_rows_are_kept_or_when_places_came(seed in any::<u64>()) {
        let network = random_town(seed);
        let (times, places) = times_with_places(Arc::clone(&network), seed, 20);
        times.prepare(&places);
        let expected = table(&times, &places);

        let tight = RoadTimes::with_leg_count_max(network, 50);
        let mut rng = ChaCha8Rng::seed_from_u64(seed);
        let mut added: Vec<Place> = Vec::new();
        for _ in 0..places.len() {
            added.push(tight.place(random_place(&tight.network, &mut rng)).expect("near a road").place);
            // Asked about at once, so that rows of every length come about.
            let (first, last) = (added[0], added[added.len() - 1]);
            tight.leg(first, last, NOW);
            tight.leg(last, first, NOW);
        }
        // Many at once, while rows come and go, or one by one.
        for from in &added {
            let one_by_one: Vec<Leg> = added.iter().map(|to| tight.leg(*from, *to, NOW)).collect();
            prop_assert_eq!(tight.legs(*from, &added, NOW), one_by_one);
        }
        prop_assert_eq!(table(&tight, &added), expected);
    }

    #[test]
    fn the_straight_line_is_never_slower_than_the_road(seed in any::<u64>()) {
        let (times, places) = times_with_places(random_town(seed), seed, 20);
        for from in &places {
            for to in &places {
                let straight = times.position(*from).distance(times.position(*to));
                let (bound, leg) = (times.at_least(straight), times.leg(*from, *to, NOW));
                prop_assert!(bound.ticks <= leg.ticks && bound.meters <= leg.meters);
            }
        }
    }

    #[test]
    fn no_detour_over_a_place_on_an_open_road_is_faster(seed in any::<u64>()) {
        let (times, places) = times_with_places(random_town(seed), seed, 15);
        let open = |place: &&Place| {
            let road = times.network().road(times.spot(**place).road);
            let twin = road.twin.map(|twin| times.network().road(twin));
            !road.restricted && twin.is_none_or(|twin| !twin.restricted)
        };
        for over in places.iter().filter(open) {
            for from in &places {
                for to in &places {
                    let ticks = |a, b| times.leg(a, b, NOW).ticks;
                    prop_assert!(ticks(*from, *to) <= ticks(*from, *over) + ticks(*over, *to));
                }
            }
        }
    }

    #[test]
    fn a_way_is_drawn_as_its_leg_is_measured(seed in any::<u64>()) {
        let (times, places) = times_with_places(random_town(seed), seed, 10);
        for from in &places {
            for to in &places {
                let path = times.path(*from, *to).expect("places reach each other");
                check_path(&times, *from, *to, &path);
            }
        }
    }

    #[test]
    fn a_spot_that_is_no_place_has_the_same_legs(seed in any::<u64>()) {
        let (times, places) = times_with_places(random_town(seed), seed, 10);
        for from in &places {
            for to in &places {
                let expected = times.leg(*from, *to, NOW);
                let leg = times.leg_from(times.spot(*from), *to);
                prop_assert_eq!(leg, if from == to { Leg::ZERO } else { expected });
            }
        }
    }
}

#[test]
fn legs_on_real_roads_are_those_of_a_plain_search() {
    for name in ["krems.osm.pbf", "monaco.osm.pbf", "helsinki.osm.pbf"] {
        let Some(network) = extract(name) else { continue };
        let (times, places) = times_with_places(network, 5, 40);
        let spots = spots(&times, &places);
        let oracle = Oracle::new(times.network(), &spots);
        for (from, row) in table(&times, &places).into_iter().enumerate() {
            assert_eq!(row, oracle.legs(spots[from], &spots), "{name}, from place {from}");
        }
        for to in &places {
            let path = times.path(places[0], *to).expect("places reach each other");
            check_path(&times, places[0], *to, &path);
        }
    }
}

#[test]
fn all_of_a_metropolitan_area_is_reachable_and_bounded_from_below() {
    let Some(network) = extract("porto.osm.pbf") else { return };
    let (times, places) = times_with_places(network, 9, 40);
    for (from, row) in places.iter().zip(table(&times, &places)) {
        for (to, leg) in places.iter().zip(row) {
            let bound = times.at_least(times.position(*from).distance(times.position(*to)));
            assert!(leg.is_reachable(), "{from:?} to {to:?}");
            assert!(bound.ticks <= leg.ticks && bound.meters <= leg.meters);
        }
    }
}

/// That a path leads from place to place over roads that follow each other by the rules, and that
/// its parts make up its leg.
fn check_path(times: &RoadTimes, from: Place, to: Place, path: &PathGeometry) {
    let network = times.network();
    assert_eq!(path.leg, times.leg(from, to, NOW));
    assert_eq!(path.points[0], times.lat_lng(from));
    assert!(distance(path.points[path.points.len() - 1], times.lat_lng(to)) < 0.01);
    let ticks: u32 = path.roads.iter().map(|road| road.ticks).sum();
    let decimeters: u32 = path.roads.iter().map(|road| road.decimeters).sum();
    assert_eq!(ticks, path.leg.ticks as u32);
    assert_eq!(decimeters.div_euclid(10) + u32::from(decimeters % 10 >= 5), path.leg.meters as u32);
    let mut driven = Some(Driven::AtMostRestricted);
    for road in &path.roads {
        driven = driven.and_then(|driven| driven.and(network.road(road.road).restricted));
        let points = &path.points[road.points.clone()];
        let drawn: f64 = points.windows(2).map(|pair| distance(pair[0], pair[1])).sum();
        assert!((drawn * 10.0 - f64::from(road.decimeters)).abs() < 2.0);
    }
    assert!(driven.is_some(), "the way goes through a restricted area");
    for pair in path.roads.windows(2) {
        assert_eq!(network.ends(pair[0].road).1, network.ends(pair[1].road).0);
        assert_eq!(pair[0].points.end(), pair[1].points.start());
    }
}

#[test]
fn a_place_added_later_costs_two_searches() {
    let (times, places) = times_with_places(random_town(11), 11, 30);
    times.prepare(&places);
    let prepared = times.rows.count();
    assert_eq!(prepared, times.place_count());
    let mut rng = ChaCha8Rng::seed_from_u64(12);
    while times.place_count() == prepared {
        times.place(random_place(times.network(), &mut rng)).expect("near a road");
    }
    let added = Place(prepared as u32);
    for place in places.iter().rev() {
        times.leg(*place, added, NOW);
        times.leg(added, *place, NOW);
    }
    assert_eq!(times.rows.count(), prepared + 2);
    times.prepare(&[&places[..], &[added]].concat());
    assert_eq!(times.rows.count(), prepared + 2);
}

#[test]
fn the_newest_rows_within_the_bound_are_kept() {
    let network = random_town(13);
    let (times, places) = times_with_places(Arc::clone(&network), 13, 30);
    let row_len = times.place_count();
    let bounded = RoadTimes::with_leg_count_max(network, 3 * row_len + 1);
    for place in 0..row_len as u32 {
        bounded.place(times.lat_lng(Place(place))).expect("on a road");
    }
    assert_eq!(bounded.place_count(), row_len);
    for from in 0..row_len as u32 {
        bounded.leg(Place(from), places[0], NOW);
        bounded.leg(Place(from), places[1], NOW);
    }
    let filled = |place: &u32| bounded.registry.entry(Place(*place)).forward.len() > 0;
    let kept: Vec<u32> = (0..row_len as u32).filter(filled).collect();
    assert_eq!(kept, [row_len as u32 - 3, row_len as u32 - 2, row_len as u32 - 1]);
}

#[test]
fn threads_that_add_places_and_read_see_the_same_legs() {
    let network = random_town(7);
    let (times, places) = times_with_places(Arc::clone(&network), 7, 200);
    let expected = table(&times, &places);
    let shared = RoadTimes::with_leg_count_max(network, 5_000);
    let tables: Vec<Vec<Vec<Leg>>> = std::thread::scope(|scope| {
        let run = || {
            let mut rng = ChaCha8Rng::seed_from_u64(7);
            let places: Vec<Place> = (0..places.len())
                .map(|_| random_place(&shared.network, &mut rng))
                .map(|location| shared.place(location).expect("near a road").place)
                .collect();
            table(&shared, &places)
        };
        let threads: Vec<_> = (0..4).map(|_| scope.spawn(run)).collect();
        threads.into_iter().map(|thread| thread.join().expect("no panic")).collect()
    });
    for table in tables {
        assert_eq!(table, expected);
    }
}

/// A ring road 1-2-3-4 and a private short cut 1-5-3 through its middle.
fn ring_with_private_middle(middle: &[(&str, &str)]) -> RoadTimes {
    let mut town = Sketch::default();
    town.nodes(&[(0.0, 0.0), (9.0, 3.0), (0.0, 6.0), (-9.0, 3.0), (0.0, 3.0)]);
    town.way(&[1, 2, 3, 4, 1], &[("highway", "residential")]);
    town.way(&[1, 5, 3], middle);
    RoadTimes::new(Arc::new(town.network()))
}

fn leg(times: &RoadTimes, from: (f64, f64), to: (f64, f64)) -> Leg {
    let place = |(x, y)| times.place(at(x, y)).expect("near a road").place;
    times.leg(place(from), place(to), NOW)
}

#[test]
fn a_private_road_is_no_short_cut_but_a_destination() {
    let open = ring_with_private_middle(&[("highway", "residential")]);
    let private = [("highway", "residential"), ("access", "private")];
    let private = ring_with_private_middle(&private);
    let (south, north, middle) = ((0.3, 0.1), (0.3, 5.9), (0.0, 2.5));
    let through = leg(&open, south, north);
    let around = leg(&private, south, north);
    assert!(around.meters > 2 * through.meters, "{around:?} against {through:?}");
    // In and out of the middle on either side, and all the way along it, nothing has changed.
    assert_eq!(leg(&private, south, middle), leg(&open, south, middle));
    assert_eq!(leg(&private, middle, north), leg(&open, middle, north));
    let (low, high) = ((0.0, 0.5), (0.0, 5.5));
    assert_eq!(leg(&private, low, high), leg(&open, low, high));
}

#[test]
fn a_place_on_a_one_way_street_is_passed_in_its_direction_only() {
    let mut town = Sketch::default();
    town.nodes(&[(0.0, 0.0), (10.0, 0.0), (10.0, 2.0), (0.0, 2.0)]);
    town.way(&[1, 2], &[("highway", "residential"), ("oneway", "yes")]);
    town.way(&[2, 3, 4, 1], &[("highway", "residential")]);
    let times = RoadTimes::new(Arc::new(town.network()));
    let (west, east) = ((3.0, 0.0), (6.0, 0.0));
    let ahead = leg(&times, west, east);
    let back = leg(&times, east, west);
    assert!((200..250).contains(&ahead.meters), "{ahead:?}");
    assert!(back.meters > 1500, "{back:?}");
    // Once around is every road once: the parts of the one-way street add up to all of it.
    let round: i64 = times
        .network()
        .roads()
        .filter(|(id, _)| times.network().street(*id) == *id)
        .map(|(_, road)| i64::from(road.ticks))
        .sum();
    assert_eq!(i64::from(ahead.ticks + back.ticks), round);
}

#[test]
fn places_on_one_street_are_driven_between_directly() {
    let mut town = Sketch::default();
    town.nodes(&[(0.0, 0.0), (10.0, 0.0)]);
    town.way(&[1, 2], &[("highway", "residential")]);
    let times = RoadTimes::new(Arc::new(town.network()));
    let there = leg(&times, (2.0, 0.1), (7.0, -0.1));
    let back = leg(&times, (7.0, -0.1), (2.0, 0.1));
    assert!((there.ticks - back.ticks).abs() <= 1, "{there:?} {back:?}");
    assert!((365..380).contains(&there.meters), "{there:?}");
    assert_eq!(leg(&times, (2.0, 0.1), (2.0, -0.1)), Leg::ZERO);
}

#[test]
fn a_gate_costs_a_minute() {
    let with_gate = |tags: &[(&str, &str)]| {
        let mut town = Sketch::default();
        town.nodes(&[(0.0, 0.0)]);
        town.node(5.0, 0.0, tags);
        town.nodes(&[(10.0, 0.0)]);
        town.way(&[1, 2, 3], &[("highway", "residential")]);
        let times = RoadTimes::new(Arc::new(town.network()));
        leg(&times, (1.0, 0.0), (9.0, 0.0))
    };
    let (free, gated) = (with_gate(&[]), with_gate(&[("barrier", "gate")]));
    let minute = gated.ticks - free.ticks;
    // The street is cut in two, and each half rounds up by itself.
    assert!((600..=601).contains(&minute), "{minute}");
}

#[test]
fn a_road_that_passes_a_van_everywhere_gives_the_tightest_bound() {
    let mut town = Sketch::default();
    town.nodes(&[(0.0, 0.0), (40.0, 0.0)]);
    town.way(&[1, 2], &[("highway", "primary")]);
    let times = RoadTimes::new(Arc::new(town.network()));
    let place = |x| times.place(at(x, 0.0)).expect("near a road").place;
    let (west, east) = (place(1.0), place(39.0));
    let leg = times.leg(west, east, NOW);
    let bound = times.at_least(times.position(west).distance(times.position(east)));
    assert!(bound.ticks <= leg.ticks && f64::from(bound.ticks) > 0.98 * f64::from(leg.ticks));
    assert_eq!(times.at_least(0.0), Leg::ZERO);
    assert_eq!(times.at_least(f64::MAX), Leg::UNREACHABLE);
}

#[test]
fn a_vehicle_in_a_tunnel_is_there_but_a_door_above_is_not() {
    let mut town = Sketch::default();
    town.nodes(&[(0.0, 0.0), (10.0, 0.0), (10.0, 3.0), (0.0, 3.0)]);
    town.way(&[1, 2], &[("highway", "primary"), ("tunnel", "yes")]);
    town.way(&[2, 3, 4, 1], &[("highway", "residential")]);
    let times = RoadTimes::new(Arc::new(town.network()));
    let above = at(5.0, 0.5);
    let walk = |info: Result<PlaceInfo, RoadsError>| info.expect("near a road").walk.0;
    assert!((50..60).contains(&walk(times.vehicle_place(above))));
    assert!((270..285).contains(&walk(times.place(above))));
}

#[test]
fn nobody_delivers_far_from_any_road() {
    let (times, _) = times_with_places(random_town(1), 1, 1);
    let far = at(60.0, 5.0);
    match times.place(far) {
        Err(RoadsError::OffNetwork { distance: meters, nearest, limit, .. }) => {
            assert!((meters - distance(far, nearest)).abs() < 0.001 * meters);
            assert!(meters > 3_000.0 && limit < meters);
        }
        other => panic!("{other:?}"),
    }
    assert_eq!(times.place_count(), 1, "a refused location must leave nothing behind");
}

/// The nearest by looking at every street in small steps.
fn nearest_by_scan(times: &RoadTimes, location: LatLng) -> OrderedFloat<f64> {
    let network = times.network();
    let streets = network.roads().filter(|(id, road)| road.halting && network.street(*id) == *id);
    let distances = streets.flat_map(|(road, _)| {
        (0..=1000).map(move |step| {
            let offset = Offset::from_share(f64::from(step) / 1000.0);
            OrderedFloat(distance(location, crate::snap::position(network, Spot { road, offset })))
        })
    });
    distances.min().expect("the town has streets")
}

#[test]
fn a_door_is_brought_to_the_nearest_street() {
    let times = RoadTimes::new(random_town(3));
    let mut rng = ChaCha8Rng::seed_from_u64(3);
    for _ in 0..40 {
        let location = random_place(&times.network, &mut rng);
        let snapped = times.snap(location, Purpose::Halt).expect("near a road");
        let (scanned, walk) = (nearest_by_scan(&times, location).0, snapped.walk_meters);
        // Steps of the scan are up to 0.2 m apart.
        assert!(walk <= scanned * 1.001 + 0.01 && walk >= scanned * 0.999 - 0.2);
        assert!((distance(location, snapped.position) - walk).abs() < 0.01 + 0.001 * walk);
        assert_eq!(times.snap(location, Purpose::Halt).expect("again"), snapped);
    }
}

#[test]
fn the_nearest_is_found_where_the_plane_is_narrow() {
    let mut land = Sketch::default();
    // From 48° to 68° north: on the plane, east and west are drawn together by two fifths.
    land.nodes(&[(0.0, 0.0), (0.0, 1.0), (0.8, 1.0), (0.9, 20_000.0)]);
    land.way(&[1, 2], &[("highway", "residential"), ("name", "West")]);
    land.way(&[2, 3], &[("highway", "residential"), ("name", "North")]);
    land.way(&[3, 4], &[("highway", "motorway"), ("oneway", "no"), ("maxspeed", "none")]);
    let times = RoadTimes::new(Arc::new(land.network()));
    // 27 m east of one street, but 15 m on the plane; 23 m south of the other on either.
    let snapped = times.snap(at(0.36, 0.79), Purpose::Halt).expect("near a road");
    assert_eq!(times.network().name(snapped.spot.road), Some("North"));
}

#[test]
fn between_equally_near_roads_the_lower_wins() {
    let mut town = Sketch::default();
    town.nodes(&[(0.0, 0.0), (10.0, 0.0), (5.0, 4.0)]);
    // Two streets drawn over each other.
    town.way(&[1, 2], &[("highway", "residential"), ("name", "High Street")]);
    town.way(&[1, 2], &[("highway", "tertiary")]);
    town.way(&[1, 3], &[("highway", "residential")]);
    let times = RoadTimes::new(Arc::new(town.network()));
    let snapped = times.snap(at(6.0, -0.5), Purpose::Halt).expect("near a road");
    assert_eq!(times.network().name(snapped.spot.road), Some("High Street"));
    assert_eq!(snapped.spot.road, RoadId::new(0));
}
