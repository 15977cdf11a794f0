//! Driving times on the sample city: a leg that is kept, a row that is filled, beside petgraph's own
//! Dijkstra from the same junction.

use std::fs::File;
use std::hint::black_box;
use std::io::BufReader;
use std::path::Path;
use std::sync::Arc;

use criterion::{BatchSize, Criterion, criterion_group, criterion_main};
use petgraph::algo::dijkstra;
use rand::{RngExt as _, SeedableRng as _};
use rand_chacha::ChaCha8Rng;
use swerve_model::{LatLng, Moment, Place, TravelTimes as _};
use swerve_roads::{JunctionId, Network, Profile, RoadTimes, read_osm};

const SEED: u64 = 1;
const PLACES: usize = 200;

fn network() -> Arc<Network> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../datasets/sample-city.osm.pbf");
    let file = File::open(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    let data = read_osm(BufReader::new(file)).expect("the sample city is an extract");
    Arc::new(Network::from_osm(&data, &Profile::van()).expect("it has roads"))
}

/// Locations on the network, and the junctions nearest to where they were drawn.
fn locations(network: &Network) -> (Vec<LatLng>, Vec<JunctionId>) {
    let mut rng = ChaCha8Rng::seed_from_u64(SEED);
    let junctions: Vec<JunctionId> = network.graph().node_indices().collect();
    let drawn: Vec<JunctionId> =
        (0..PLACES).map(|_| junctions[rng.random_range(0..junctions.len())]).collect();
    (drawn.iter().map(|junction| network.graph()[*junction].at.lat_lng()).collect(), drawn)
}

fn bench(criterion: &mut Criterion) {
    let network = network();
    let (locations, junctions) = locations(&network);
    let mut group = criterion.benchmark_group("travel");

    let times = RoadTimes::new(Arc::clone(&network));
    let places: Vec<Place> =
        locations.iter().filter_map(|at| times.place(*at).ok()).map(|info| info.place).collect();
    times.prepare(&places);
    let mut pairs = (0..places.len()).cycle();
    group.bench_function("leg_of_a_kept_row", |bencher| {
        bencher.iter(|| {
            let from = pairs.next().expect("a circle does not end");
            let to = (from * 7 + 3) % places.len();
            black_box(times.leg(places[from], places[to], Moment::EPOCH))
        });
    });

    let mut next = 0;
    group.bench_function("row_filled_for_200_places", |bencher| {
        bencher.iter_batched(
            || {
                // Nothing is kept yet, but every place is known.
                let times = RoadTimes::new(Arc::clone(&network));
                let places: Vec<Place> = locations
                    .iter()
                    .filter_map(|at| times.place(*at).ok())
                    .map(|info| info.place)
                    .collect();
                next = (next + 1) % places.len();
                (times, places[next], places[(next + 1) % places.len()])
            },
            |(times, from, to)| black_box(times.leg(from, to, Moment::EPOCH)),
            BatchSize::PerIteration,
        );
    });

    let mut starts = junctions.iter().cycle();
    group.bench_function("petgraph_dijkstra_from_one_junction", |bencher| {
        bencher.iter(|| {
            let start = starts.next().expect("a circle does not end");
            black_box(dijkstra(network.graph(), *start, None, |road| road.weight().ticks))
        });
    });
    group.finish();
}

criterion_group!(benches, bench);
criterion_main!(benches);
