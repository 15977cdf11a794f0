use petgraph::algo::kosaraju_scc;
use petgraph::visit::{Dfs, EdgeFiltered, Reversed};
use proptest::prelude::*;

use super::*;
use crate::error::{RoadFileFault, RoadsError};
use crate::geometry;
use crate::osm::OsmData;
use crate::profile::Profile;
use crate::test_city::{Sketch, at, random_town};

const STREET: (&str, &str) = ("highway", "residential");

/// A square of residential streets, corners 1 to 4, and what else a test adds.
fn square() -> Sketch {
    let mut town = Sketch::default();
    town.nodes(&[(0.0, 0.0), (10.0, 0.0), (10.0, 10.0), (0.0, 10.0)]);
    town.way(&[1, 2, 3, 4, 1], &[STREET]);
    town
}

/// Lengths of all streets in metres, shortest first.
fn street_lengths(network: &Network) -> Vec<u32> {
    let streets = network.roads().filter(|(id, _)| network.street(*id) == *id);
    let mut lengths: Vec<u32> = streets.map(|(_, road)| road.decimeters / 10).collect();
    lengths.sort_unstable();
    lengths
}

#[test]
fn ways_of_one_street_become_one_road_and_keep_their_bends() {
    let mut town = Sketch::default();
    town.nodes(&[(0.0, 0.0), (3.0, 1.0), (6.0, -1.0), (9.0, 0.0)]);
    town.way(&[1, 2, 3], &[STREET]);
    // Drawn the other way round: the same street nevertheless.
    town.way(&[4, 3], &[STREET]);
    let network = town.network();
    assert_eq!((network.junction_count(), network.road_count()), (2, 2));
    let (there, road) = network.roads().next().expect("two roads");
    let corners: Vec<Coord> = town.data.nodes.iter().map(|node| node.at).collect();
    let mut shape = network.shape(there);
    if shape[0] != corners[0] {
        shape.reverse();
    }
    assert_eq!(shape, corners);
    let meters = geometry::length(&corners);
    assert_eq!(road.decimeters, (meters * 10.0).ceil() as u32);
    assert_eq!(road.ticks, (meters * 10.0 / (25.0 / 3.6)).ceil() as u32);
    let back = road.twin.expect("a two-way street");
    assert_eq!(network.road(back).twin, Some(there));
    assert_eq!(network.shape(back), network.shape(there).into_iter().rev().collect::<Vec<_>>());
}

#[test]
fn time_and_length_are_rounded_up() {
    for east in 1..20 {
        let mut town = Sketch::default();
        town.nodes(&[(0.0, 0.0), (f64::from(east) * 0.37, 0.1)]);
        town.way(&[1, 2], &[("highway", "primary")]);
        let network = town.network();
        let meters = geometry::length(&network.shape(RoadId::new(0)));
        let (exact_ticks, road) = (meters * 36.0 / 65.0, network.road(RoadId::new(0)));
        assert_eq!(road.ticks, exact_ticks.ceil() as u32);
        assert_eq!(road.decimeters, (meters * 10.0).ceil() as u32);
    }
}

#[test]
fn a_road_ends_where_its_speed_class_or_name_changes() {
    let changes: [&[(&str, &str)]; 3] = [
        &[STREET, ("maxspeed", "30")],
        &[("highway", "tertiary")],
        &[STREET, ("name", "Low Street")],
    ];
    for change in changes {
        let mut town = Sketch::default();
        town.nodes(&[(0.0, 0.0), (5.0, 0.0), (10.0, 0.0)]);
        town.way(&[1, 2], &[STREET, ("name", "High Street")]);
        town.way(&[2, 3], change);
        assert_eq!(town.network().junction_count(), 3, "{change:?}");
    }
}

#[test]
fn a_backward_one_way_street_runs_against_its_nodes() {
    let mut town = square();
    town.way(&[1, 3], &[STREET, ("oneway", "-1"), ("name", "Diagonal")]);
    let network = town.network();
    let diagonals: Vec<RoadId> =
        network.roads().map(|(id, _)| id).filter(|id| network.name(*id).is_some()).collect();
    let [diagonal] = diagonals[..] else { panic!("one road, not {diagonals:?}") };
    let (from, to) = network.ends(diagonal);
    let corner = |idx: usize| town.data.nodes[idx].at;
    assert_eq!(network.graph()[from].at, corner(2));
    assert_eq!(network.graph()[to].at, corner(0));
    assert_eq!(network.shape(diagonal), [corner(2), corner(0)]);
}

#[test]
fn a_roundabout_is_driven_one_way_only() {
    let mut town = Sketch::default();
    town.nodes(&[(0.0, 0.0), (1.0, 0.0), (1.0, 1.0), (0.0, 1.0), (-5.0, 0.0), (6.0, 1.0)]);
    town.way(&[1, 2, 3, 4, 1], &[("highway", "tertiary"), ("junction", "roundabout")]);
    town.way(&[1, 5], &[STREET]);
    town.way(&[3, 6], &[STREET]);
    let network = town.network();
    let one_way = network.roads().filter(|(_, road)| road.twin.is_none());
    assert_eq!(one_way.count(), 2);
    assert_eq!(network.road_count(), 6);
}

#[test]
fn a_loop_at_the_end_of_a_street_stays() {
    let mut town = Sketch::default();
    town.nodes(&[(0.0, 0.0), (10.0, 0.0), (12.0, 1.0), (12.0, -1.0)]);
    town.way(&[1, 2], &[STREET]);
    town.way(&[2, 3, 4, 2], &[STREET]);
    let network = town.network();
    assert_eq!((network.junction_count(), network.road_count()), (2, 4));
    // A circle on its own too: nothing is decided on it, and yet one must begin somewhere.
    assert_eq!(square().network().junction_count(), 1);
}

#[test]
fn a_bollard_cuts_a_street_and_a_gate_joins_it() {
    let with = |tags: &[(&str, &str)]| {
        let mut town = square();
        let barrier = town.node(5.0, 5.0, tags);
        town.way(&[1, barrier, 3], &[("highway", "service")]);
        town.network()
    };
    let (free, cut) = (with(&[]), with(&[("barrier", "bollard")]));
    let gate = with(&[("barrier", "gate")]);
    assert_eq!(free.junction_count() + 2, cut.junction_count());
    assert_eq!(free.road_count() + 2, cut.road_count());
    assert_eq!(cut.road_count() + 2, gate.road_count());
    let gates: Vec<&Road> =
        gate.roads().map(|(_, road)| road).filter(|road| road.class == RoadClass::Gate).collect();
    assert_eq!(gates.len(), 2);
    assert!(gates.iter().all(|gate| (gate.ticks, gate.decimeters) == (600, 0)));
    assert_eq!(gate.stats().gates, 1);
}

#[test]
fn what_cannot_be_returned_from_is_left_out_and_counted() {
    let mut town = square();
    town.nodes(&[(5.0, -5.0), (20.0, 20.0), (21.0, 20.0)]);
    town.way(&[1, 5], &[STREET, ("oneway", "yes")]);
    town.way(&[6, 7], &[STREET]);
    let network = town.network();
    assert_eq!(network.road_count(), 2);
    let origin = network.origin();
    assert_eq!(origin.unconnected_roads, 3);
    assert!(origin.unconnected_decimeters > 2 * 740 + 6_000);
}

#[test]
fn a_street_behind_a_private_gate_is_kept_for_those_who_go_there() {
    let mut town = square();
    let gate = town.node(12.0, 0.0, &[("barrier", "gate"), ("access", "private")]);
    let (turn, end) = (town.node(15.0, 0.0, &[]), town.node(15.0, 3.0, &[]));
    town.way(&[2, gate, turn], &[STREET]);
    town.way(&[turn, end], &[STREET, ("name", "Inner Yard")]);
    let network = town.network();
    let yard = network.roads().filter(|(id, _)| network.name(*id).is_some());
    let yard: Vec<bool> = yard.map(|(_, road)| road.restricted).collect();
    assert_eq!(yard, [true, true], "reached through private ground alone");
}

#[test]
fn a_private_site_without_public_roads_has_no_through_traffic_to_keep_out() {
    let mut site = Sketch::default();
    site.nodes(&[(0.0, 0.0), (5.0, 0.0)]);
    site.way(&[1, 2], &[STREET, ("access", "private")]);
    let network = site.network();
    assert_eq!(network.road_count(), 2);
    assert!(network.roads().all(|(_, road)| !road.restricted));
}

#[test]
fn a_way_is_cut_where_the_extract_does_not_hold_its_nodes() {
    let mut town = Sketch::default();
    town.nodes(&[(0.0, 0.0), (1.0, 0.0), (2.0, 0.0), (3.0, 0.0), (4.0, 0.0)]);
    town.way(&[1, 2, 777, 4, 5], &[STREET]);
    town.way(&[1, 3, 5], &[("highway", "service")]);
    let network = town.network();
    assert_eq!(network.origin().missing_node_refs, 1);
    // Both halves, and not the gap between them.
    assert_eq!(street_lengths(&network), [74, 74, 297]);
}

#[test]
fn a_map_without_roads_is_refused() {
    let nothing = OsmData::default();
    assert!(matches!(Network::from_osm(&nothing, &Profile::van()), Err(RoadsError::NoRoads)));
    let mut town = Sketch::default();
    town.nodes(&[(0.0, 0.0), (5.0, 0.0)]);
    town.way(&[1, 2], &[("highway", "footway")]);
    town.way(&[1, 999], &[STREET]);
    town.way(&[1, 1], &[STREET]);
    town.way(&[], &[STREET]);
    assert!(matches!(Network::from_osm(&town.data, &Profile::van()), Err(RoadsError::NoRoads)));
}

#[test]
fn a_road_of_more_than_a_day_is_a_mistake() {
    let mut town = square();
    town.node(-170_000.0, 0.0, &[]);
    town.data.nodes[4].at = Coord::from_e7(0, -1_700_000_000).expect("on Earth");
    town.way(&[1, 5], &[STREET]);
    assert_eq!(town.network().road_count(), 2);
}

#[test]
fn a_ferry_takes_as_long_as_it_says() {
    let mut town = square();
    town.nodes(&[(60.0, 0.0), (70.0, 0.0)]);
    let ferry = [("route", "ferry"), ("motor_vehicle", "yes"), ("duration", "00:30")];
    town.way(&[2, 5], &ferry);
    town.way(&[5, 6], &[STREET]);
    let network = town.network();
    let ferries = network.roads().filter(|(_, road)| road.class == RoadClass::Ferry);
    let ticks: Vec<u32> = ferries.map(|(_, road)| road.ticks).collect();
    assert!(ticks.len() == 2 && ticks.iter().all(|ticks| (18_000..=18_001).contains(ticks)));
}

#[test]
fn statistics_count_streets_once() {
    let mut town = square();
    town.way(&[1, 3], &[("highway", "primary"), ("oneway", "yes")]);
    town.way(&[2, 4], &[STREET, ("access", "private")]);
    let stats = town.network().stats();
    assert_eq!((stats.junctions, stats.roads, stats.one_way_streets), (4, 11, 1));
    let diagonal = geometry::distance(at(0.0, 0.0), at(10.0, 10.0)) / 1000.0;
    assert!((stats.km_by_class[&RoadClass::Primary] - diagonal).abs() < 0.001);
    assert!((stats.km_restricted - diagonal).abs() < 0.001);
    let around = 2.0 * geometry::distance(at(0.0, 0.0), at(0.0, 10.0)) / 1000.0
        + 2.0 * geometry::distance(at(0.0, 0.0), at(10.0, 0.0)) / 1000.0;
    assert!((stats.km_total - 2.0 * diagonal - around).abs() < 0.002);
    assert!((stats.speed_max_kmh - 65.0).abs() < 0.1);
}

/// The module's invariants, each by its definition.
fn check_invariants(network: &Network) {
    let graph = network.graph();
    let open = EdgeFiltered::from_fn(graph, |edge| !edge.weight().restricted);
    let has_open =
        |junction: JunctionId| graph.edges(junction).any(|road| !road.weight().restricted);
    let parts = kosaraju_scc(&open);
    let open_parts = parts.iter().filter(|part| has_open(part[0]));
    assert_eq!(open_parts.count(), 1, "open roads are strongly connected");
    let restricted = EdgeFiltered::from_fn(graph, |edge| edge.weight().restricted);
    for (id, road) in network.roads() {
        assert!(road.ticks >= 1 && road.decimeters <= SPEED_MAX * road.ticks);
        if let Some(twin) = road.twin {
            assert_eq!(network.road(twin).twin, Some(id));
            assert_eq!(id.index().abs_diff(twin.index()), 1);
        }
        let shape = network.shape(id);
        let (from, to) = network.ends(id);
        assert_eq!((shape[0], shape[shape.len() - 1]), (graph[from].at, graph[to].at));
        if road.restricted {
            let mut walk = Dfs::new(&restricted, to);
            let leads_back = std::iter::from_fn(|| walk.next(&restricted)).any(has_open);
            let against = Reversed(&restricted);
            let mut walk = Dfs::new(against, from);
            let is_reached = std::iter::from_fn(|| walk.next(against)).any(has_open);
            assert!(leads_back && is_reached, "{id:?} is cut off from the core");
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(30))]

    #[test]
    fn a_network_keeps_its_invariants(seed in any::<u64>()) {
        check_invariants(&random_town(seed));
    }

    #[test]
    fn a_road_file_gives_the_same_network_back(seed in any::<u64>()) {
        let network = random_town(seed);
        let bytes = saved(&network);
        let loaded = Network::load(bytes.as_slice()).expect("just saved");
        prop_assert_eq!(saved(&loaded), bytes);
        prop_assert_eq!(loaded.stats(), network.stats());
        for (id, road) in network.roads() {
            prop_assert_eq!(loaded.ends(id), network.ends(id));
            prop_assert_eq!(loaded.name(id), network.name(id));
            prop_assert_eq!(loaded.shape(id), network.shape(id));
            let same = Road { points: road.points.clone(), name: road.name, ..loaded.road(id).clone() };
            prop_assert_eq!(&same, road);
        }
    }

    /// Damage that the checksum cannot see, as a hostile writer would do it.
    #[test]
    fn a_forged_road_file_is_refused_or_harmless(
        seed in 0..20_u64,
        forgeries in proptest::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..4),
    ) {
        let mut bytes = saved(&random_town(seed));
        for (idx, byte) in forgeries {
            let idx = 24 + idx.index(bytes.len() - 24);
            bytes[idx] = byte;
        }
        let checksum = crc32c::crc32c(&bytes[24..]).to_le_bytes();
        bytes[20..24].copy_from_slice(&checksum);
        if let Ok(network) = Network::load(bytes.as_slice()) {
            use_everything(network);
        }
    }
}

fn saved(network: &Network) -> Vec<u8> {
    let mut bytes = Vec::new();
    network.save(&mut bytes).expect("vectors grow");
    bytes
}

/// Whatever a network says, asking it must not panic.
fn use_everything(network: Network) {
    use swerve_model::{Moment, TravelTimes};
    network.stats();
    let times = crate::times::RoadTimes::new(std::sync::Arc::new(network));
    let places: Vec<_> = (0..6)
        .filter_map(|step| times.place(at(f64::from(step) * 2.0, f64::from(step) * 2.0)).ok())
        .map(|info| info.place)
        .collect();
    times.prepare(&places);
    for from in &places {
        for to in &places {
            times.leg(*from, *to, Moment(0));
            times.path(*from, *to);
            times.at_least(times.position(*from).distance(times.position(*to)));
        }
    }
}

fn fault(bytes: &[u8]) -> RoadFileFault {
    match Network::load(bytes) {
        Err(RoadsError::RoadFile(fault)) => fault,
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_damaged_road_file_is_refused_by_the_name_of_its_fault() {
    let bytes = saved(&random_town(1));
    assert_eq!(fault(b""), RoadFileFault::NotARoadFile);
    assert_eq!(fault(b"PK\x03\x04 something else"), RoadFileFault::NotARoadFile);
    for len in 8..bytes.len() {
        let missing = if len < 24 { 24 - len } else { bytes.len() - len } as u64;
        assert_eq!(fault(&bytes[..len]), RoadFileFault::Truncated { missing }, "{len} bytes");
    }
    let mut newer = bytes.clone();
    newer[8] = 99;
    assert_eq!(fault(&newer), RoadFileFault::Version { found: 99, supported: FORMAT_VERSION });
    let mut longer = bytes.clone();
    longer.push(0);
    assert_eq!(fault(&longer), RoadFileFault::Malformed("bytes after its end"));
    for idx in (20..bytes.len()).step_by(7) {
        let mut flipped = bytes.clone();
        flipped[idx] ^= 1 << (idx % 8);
        assert!(matches!(fault(&flipped), RoadFileFault::Checksum { .. }), "byte {idx}");
    }
}

#[test]
fn a_declared_length_costs_no_memory() {
    let mut bytes = saved(&random_town(1));
    bytes[12..20].copy_from_slice(&u64::MAX.to_le_bytes());
    assert!(matches!(fault(&bytes), RoadFileFault::Truncated { .. }));
}
