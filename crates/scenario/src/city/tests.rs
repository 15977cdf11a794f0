use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::sync::LazyLock;

use swerve_roads::{Coord, Way};

use super::*;

/// Made once for all tests: a second's work.
static SAMPLE: LazyLock<OsmData> = LazyLock::new(|| generate(SAMPLE_SEED));

fn is_road(way: &Way) -> bool {
    way.tags.get("highway").is_some_and(|class| class != "pedestrian")
}

fn roads(data: &OsmData) -> impl Iterator<Item = &Way> {
    data.ways.iter().filter(|way| is_road(way))
}

fn position(data: &OsmData, id: i64) -> (f64, f64) {
    let at = data.node(id).expect("ways name only nodes that are there");
    (at.longitude() * 74_060.0, at.latitude() * 111_200.0)
}

/// Directed arcs of the drivable network, read from the tags as any router would.
fn arcs(data: &OsmData) -> BTreeMap<i64, Vec<i64>> {
    let bollards: BTreeSet<i64> = data
        .node_tags
        .iter()
        .filter(|(_, tags)| tags.is("barrier", "bollard"))
        .map(|(id, _)| *id)
        .collect();
    let mut arcs: BTreeMap<i64, Vec<i64>> = BTreeMap::new();
    for way in roads(data) {
        let oneway = way.tags.is("oneway", "yes") || way.tags.is("junction", "roundabout");
        for pair in way.nodes.windows(2).filter(|pair| !pair.iter().any(|id| bollards.contains(id)))
        {
            arcs.entry(pair[0]).or_default().push(pair[1]);
            arcs.entry(pair[1]).or_default();
            if !oneway {
                arcs.entry(pair[1]).or_default().push(pair[0]);
            }
        }
    }
    arcs
}

fn reachable(arcs: &BTreeMap<i64, Vec<i64>>, from: i64) -> BTreeSet<i64> {
    let (mut seen, mut stack) = (BTreeSet::from([from]), vec![from]);
    while let Some(node) = stack.pop() {
        for next in &arcs[&node] {
            if seen.insert(*next) {
                stack.push(*next);
            }
        }
    }
    seen
}

fn reversed(arcs: &BTreeMap<i64, Vec<i64>>) -> BTreeMap<i64, Vec<i64>> {
    let mut back: BTreeMap<i64, Vec<i64>> = arcs.keys().map(|node| (*node, Vec::new())).collect();
    for (from, ends) in arcs {
        for to in ends {
            back.entry(*to).or_default().push(*from);
        }
    }
    back
}

/// Nodes used by two roads or ending one.
fn junctions(data: &OsmData) -> usize {
    let mut uses: BTreeMap<i64, u32> = BTreeMap::new();
    for way in roads(data) {
        for id in &way.nodes {
            *uses.entry(*id).or_default() += 1;
        }
        for end in [way.nodes.first(), way.nodes.last()].into_iter().flatten() {
            *uses.entry(*end).or_default() += 1;
        }
    }
    uses.values().filter(|count| **count > 1).count()
}

fn checked_in() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../datasets/sample-city.osm.pbf")
}

#[test]
fn the_checked_in_city_is_what_its_seed_makes() {
    let mut bytes = Vec::new();
    swerve_roads::pbf::write_osm(&SAMPLE, &mut bytes).expect("writing to memory");
    assert!(bytes.len() <= 500_000, "{} bytes", bytes.len());
    if std::env::var_os("UPDATE_EXPECT").is_some() {
        std::fs::write(checked_in(), &bytes).expect("datasets/ can be written");
    }
    let file = std::fs::read(checked_in()).expect("datasets/sample-city.osm.pbf is checked in");
    assert!(file == bytes, "run the tests with UPDATE_EXPECT=1 if the city was meant to change");
}

#[test]
fn the_readme_tells_the_file_s_size_and_checksum() {
    use sha2::Digest as _;
    let file = std::fs::read(checked_in()).expect("datasets/sample-city.osm.pbf is checked in");
    let digest = sha2::Sha256::digest(&file);
    let hex = digest.iter().fold(String::new(), |hex, byte| hex + &format!("{byte:02x}"));
    let readme = checked_in().with_file_name("README.md");
    let readme = std::fs::read_to_string(readme).expect("datasets/README.md is checked in");
    let row = format!("| seed {SAMPLE_SEED} | {} | `{hex}` |", file.len());
    assert!(readme.contains(&row), "datasets/README.md should say {row}");
}

#[test]
fn the_file_reads_back_as_the_city_s_roads_and_doors() {
    let file =
        std::fs::File::open(checked_in()).expect("datasets/sample-city.osm.pbf is checked in");
    let read = swerve_roads::read_osm(std::io::BufReader::new(file)).expect("an ordinary PBF");
    let written: Vec<&Way> = roads(&SAMPLE).collect();
    assert_eq!(roads(&read).collect::<Vec<_>>(), written);
    assert_eq!(read.nodes, SAMPLE.nodes);
    assert_eq!(read.addresses().len(), SAMPLE.addresses().len());
    assert_eq!(read.relations, SAMPLE.relations);
}

#[test]
fn every_seed_makes_a_town_one_can_drive_through_from_anywhere_to_anywhere() {
    for seed in [SAMPLE_SEED, 17, 90_210] {
        let data = if seed == SAMPLE_SEED { SAMPLE.clone() } else { generate(seed) };
        let count = junctions(&data);
        assert!((3_000..=6_000).contains(&count), "seed {seed}: {count} junctions");
        assert!(data.addresses().len() > 8_000, "seed {seed}: {}", data.addresses().len());
        let arcs = arcs(&data);
        let hub = *arcs.keys().next().expect("a town has streets");
        let there = reachable(&arcs, hub);
        let back = reachable(&reversed(&arcs), hub);
        let both = there.intersection(&back).count();
        // A bollard may leave a stub between it and the next bend.
        assert!(both as f64 >= 0.998 * arcs.len() as f64, "seed {seed}: {both} of {}", arcs.len());
    }
}

#[test]
fn streets_meet_only_at_nodes() {
    let pieces: Vec<(i64, i64)> = SAMPLE
        .ways
        .iter()
        .filter(|way| way.tags.get("highway").is_some())
        .flat_map(|way| way.nodes.windows(2).map(|pair| (pair[0], pair[1])))
        .collect();
    let corner = |id: i64| {
        let (x, y) = position(&SAMPLE, id);
        geometry::v(x, y)
    };
    let mut cells: BTreeMap<(i64, i64), Vec<usize>> = BTreeMap::new();
    for (number, (a, b)) in pieces.iter().enumerate() {
        let (a, b) = (corner(*a), corner(*b));
        let cell = |value: f64| (value / 100.0).floor() as i64;
        for column in cell(a.x.min(b.x))..=cell(a.x.max(b.x)) {
            for row in cell(a.y.min(b.y))..=cell(a.y.max(b.y)) {
                cells.entry((column, row)).or_default().push(number);
            }
        }
    }
    let mut crossings = BTreeSet::new();
    for inside in cells.values() {
        for (position, one) in inside.iter().enumerate() {
            for other in &inside[..position] {
                let ((a, b), (c, d)) = (pieces[*one], pieces[*other]);
                let apart = a != c && a != d && b != c && b != d;
                if apart && geometry::crossing(corner(a), corner(b), corner(c), corner(d)).is_some()
                {
                    crossings.insert((*other, *one));
                }
            }
        }
    }
    assert!(crossings.is_empty(), "{} pieces cross without a node", crossings.len());
}

#[test]
fn the_river_is_crossed_by_a_few_bridges_and_without_them_not_at_all() {
    let mut data = SAMPLE.clone();
    let river = Site::new(SAMPLE_SEED).river;
    let is_north = |id: i64| {
        let at: Coord = data.node(id).expect("there");
        let (x, y) = ((at.longitude() - 15.13) * 74_060.0, (at.latitude() - 48.28) * 111_200.0);
        river.offset(geometry::v(x, y)) > 0.0
    };
    let crosses =
        |way: &Way| way.nodes.windows(2).any(|pair| is_north(pair[0]) != is_north(pair[1]));
    let bridges: Vec<i64> = roads(&data).filter(|way| crosses(way)).map(|way| way.id).collect();
    assert!((4..=9).contains(&bridges.len()), "{} bridges", bridges.len());
    let tagged =
        |id: &i64| data.ways.iter().any(|way| way.id == *id && way.tags.is("bridge", "yes"));
    assert!(bridges.iter().all(tagged));
    let hub = *arcs(&data).keys().next().expect("streets");
    let hub_is_north = is_north(hub);
    data.ways.retain(|way| !bridges.contains(&way.id));
    let seen = reachable(&arcs(&data), hub);
    let sides: BTreeSet<bool> = seen
        .iter()
        .map(|id| {
            let at = SAMPLE.node(*id).expect("there");
            let (x, y) = ((at.longitude() - 15.13) * 74_060.0, (at.latitude() - 48.28) * 111_200.0);
            river.offset(geometry::v(x, y)) > 0.0
        })
        .collect();
    assert_eq!(sides, BTreeSet::from([hub_is_north]));
}

#[test]
fn streets_run_in_all_directions_and_blocks_have_all_sizes() {
    let mut bearings = [0_u32; 18];
    let mut lengths = Vec::new();
    for way in roads(&SAMPLE).filter(|way| way.tags.is("highway", "residential")) {
        for pair in way.nodes.windows(2) {
            let (a, b) = (position(&SAMPLE, pair[0]), position(&SAMPLE, pair[1]));
            let turn = (b.1 - a.1).atan2(b.0 - a.0).rem_euclid(std::f64::consts::PI);
            bearings[(turn / std::f64::consts::PI * 18.0) as usize % 18] += 1;
        }
        lengths.push(
            way.nodes
                .windows(2)
                .map(|pair| {
                    let (a, b) = (position(&SAMPLE, pair[0]), position(&SAMPLE, pair[1]));
                    (a.0 - b.0).hypot(a.1 - b.1)
                })
                .sum::<f64>(),
        );
    }
    // A grid has two bearings that hold everything; here no sixth of a right angle is rare.
    let total: u32 = bearings.iter().sum();
    assert!(bearings.iter().all(|count| *count * 50 > total), "{bearings:?}");
    let mean = lengths.iter().sum::<f64>() / lengths.len() as f64;
    let spread = lengths.iter().map(|l| (l - mean).powi(2)).sum::<f64>() / lengths.len() as f64;
    assert!(spread.sqrt() / mean > 0.5, "mean {mean}, deviation {}", spread.sqrt());
}

#[test]
fn the_town_has_what_towns_have() {
    let count =
        |key: &str, value: &str| SAMPLE.ways.iter().filter(|way| way.tags.is(key, value)).count();
    for class in [
        "trunk",
        "primary",
        "secondary",
        "tertiary",
        "unclassified",
        "residential",
        "living_street",
        "pedestrian",
        "service",
    ] {
        assert!(count("highway", class) >= 3, "{class}: {}", count("highway", class));
    }
    assert!(count("junction", "roundabout") >= 4);
    assert!(count("oneway", "yes") >= 100);
    assert!(count("access", "private") >= 50);
    let nodes = |key: &str, value: &str| {
        SAMPLE.node_tags.values().filter(|tags| tags.is(key, value)).count()
    };
    assert!(nodes("barrier", "gate") >= 20 && nodes("barrier", "bollard") >= 3);
    assert!(nodes("amenity", "parcel_locker") >= 12 && nodes("amenity", "post_office") >= 3);
    assert!(SAMPLE.node_tags.values().filter(|tags| tags.get("shop").is_some()).count() >= 40);
    assert!(SAMPLE.relations.len() >= 10);
}

#[test]
fn a_name_belongs_to_one_street() {
    let town = Town::build(SAMPLE_SEED);
    let names: Vec<&str> =
        town.streets.iter().map(|street| &*street.name).filter(|name| !name.is_empty()).collect();
    let distinct: BTreeSet<&str> = names.iter().copied().collect();
    assert_eq!(names.len(), distinct.len());
}
