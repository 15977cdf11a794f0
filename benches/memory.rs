//! What a running territory keeps in memory: 1,000 manifests of 150 stops, all told and on the road.
//!
//! The real thing from end to end: requests through the writer's queue, the log on disk, the road
//! network of the sample city with a place for every door, the plan taken over from another planner,
//! scans, departures, ticks with background search, and readers' snapshots. Only driving is by straight
//! lines: rows of legs are a cache of a size of its own, whose bound is printed beside.
//!
//! Resident memory is read after every step; a step's difference is what it added. Without `--bench` a
//! small territory is made, to see that it works.

#[path = "shared/pair.rs"]
mod pair;

use std::fs::{self, File};
use std::io::BufReader;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use rand::{RngExt as _, SeedableRng as _};
use rand_chacha::ChaCha8Rng;
use swerve_auth::{Principal, Scope};
use swerve_engine::{
    ClockKind, Host, ImportedManifest, Mutation, QUEUE_MAX, Request, Roads, Scan, SearchBudget,
    Settings, SnapFault, Snapped, Territory,
};
use swerve_eventlog::{EventLog as _, SqliteLog};
use swerve_model::{
    Actor, Consents, Cost, Custody, DeliveryPoint, Depot, DepotId, DriverId, Duty, GoodsClass,
    LatLng, Leg, Load, ManifestId, Moment, Pace, Parcel, ParcelId, Place, Planar, PointId,
    PointKind, Promise, RecipientId, RequestId, RequestKey, Risk, Role, Shift, Shipment,
    ShipmentId, Skills, Task, TenantId, TerritoryId, Ticks, TimeWindow, TravelTimes, Vehicle,
    VehicleId,
};
use swerve_policy::Policy;
use swerve_roads::times::LEG_COUNT_MAX;
use swerve_roads::{Network, Profile, Purpose, RoadTimes, read_osm};
use tokio::runtime::Runtime;
use tokio::task::JoinSet;

const SEED: u64 = 1;
/// Shipments of one request, and manifests of one import.
const SHIPMENTS_PER_REQUEST: usize = 5_000;
const MANIFESTS_PER_IMPORT: usize = 50;
/// Minutes on the road at the end, a tick each.
const MINUTES: i64 = 5;
/// Eight in the morning.
const EIGHT: Moment = Moment::from_unix_seconds(1_795_075_200);

/// The sample city's network, where one drives straight at 8 m/s.
struct Straight(RoadTimes);

impl TravelTimes for Straight {
    fn leg(&self, from: Place, to: Place, _depart: Moment) -> Leg {
        let meters = self.position(from).distance(self.position(to)).ceil();
        Leg { ticks: (meters * 1.25).ceil() as i32, meters: meters as i32 }
    }

    fn position(&self, place: Place) -> Planar {
        self.0.position(place)
    }

    fn pace(&self) -> Pace {
        Pace { ticks: 1.25, meters: 1.0 }
    }
}

impl Roads for Straight {
    fn snap(&self, location: LatLng) -> Result<Snapped, SnapFault> {
        Roads::snap(&self.0, location)
    }

    fn leg_from(&self, location: LatLng, to: Place) -> Option<Leg> {
        Roads::leg_from(&self.0, location, to)
    }

    fn prepare(&self, _places: &[Place]) {}
}

fn network() -> Network {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../datasets/sample-city.osm.pbf");
    let file = File::open(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    let data = read_osm(BufReader::new(file)).expect("the sample city is an extract");
    Network::from_osm(&data, &Profile::van()).expect("it has roads")
}

/// Doors of each manifest, in the order it visits them: neighbours on the map, so that a day is enough.
fn doors(roads: &RoadTimes, manifests: usize, stops_each: usize) -> Vec<Vec<LatLng>> {
    let mut rng = ChaCha8Rng::seed_from_u64(SEED);
    let graph = roads.network().graph();
    let junctions: Vec<LatLng> =
        graph.node_weights().map(|junction| junction.at.lat_lng()).collect();
    let mut found = Vec::with_capacity(manifests * stops_each);
    while found.len() < manifests * stops_each {
        let near = junctions[rng.random_range(0..junctions.len())];
        let mut aside = || rng.random_range(-0.001..0.001);
        let at = LatLng::new(near.latitude() + aside(), near.longitude() + aside());
        let at = at.expect("a city is far from the poles");
        if roads.snap(at, Purpose::Halt).is_ok() {
            found.push(at);
        }
    }
    found.sort_by(|one, other| one.longitude().total_cmp(&other.longitude()));
    let strips = found.chunks_mut(stops_each * (manifests as f64).sqrt().ceil() as usize);
    for strip in strips {
        strip.sort_by(|one, other| one.latitude().total_cmp(&other.latitude()));
    }
    found.chunks(stops_each).map(<[LatLng]>::to_vec).collect()
}

/// Names as long as those a TMS makes.
fn name(kind: &str, number: usize) -> String {
    format!("{kind}-20261122-{number:06}")
}

fn manifest_id(number: usize) -> ManifestId {
    ManifestId::new(&name("van", number)).expect("a name")
}

fn shipment_id(number: usize) -> ShipmentId {
    ShipmentId::new(&name("shipment", number)).expect("a name")
}

fn point_id(number: usize) -> PointId {
    PointId::new(&name("door", number)).expect("a name")
}

fn parcel_id() -> ParcelId {
    ParcelId::new("1").expect("a name")
}

fn depot_id() -> DepotId {
    DepotId::new("hub").expect("a name")
}

fn point(number: usize, location: LatLng) -> DeliveryPoint {
    DeliveryPoint {
        id: point_id(number),
        kind: PointKind::Door,
        location,
        opening: Vec::new(),
        compartments: None,
        park: Ticks::from_seconds(30),
        per_stop: Ticks::from_seconds(30),
    }
}

fn vehicle(number: usize) -> Vehicle {
    Vehicle {
        id: VehicleId::new(&name("vehicle", number)).expect("a name"),
        capacity: Load::new(1_000_000, 10_000_000, 400),
        skills: Skills::NONE,
        per_hour: Cost::from_units(30),
        per_km: Cost(300_000),
        co2_grams_per_km: 180,
    }
}

fn duty(number: usize) -> Duty {
    let hours = |hours| EIGHT + Ticks::from_hours(hours);
    Duty {
        driver: DriverId::new(&name("driver", number)).expect("a name"),
        vehicle: vehicle(number).id,
        depot: depot_id(),
        shift: Shift { start: EIGHT, end: hours(9), hard_end: hours(11) },
    }
}

/// One parcel to each door; one in ten has a window of two hours, the others the day.
fn shipment(number: usize) -> Shipment {
    let open = if number.is_multiple_of(10) { number as i64 / 10 % 8 } else { 0 };
    let hours = if number.is_multiple_of(10) { 2 } else { 12 };
    let open = EIGHT + Ticks::from_hours(open);
    let window = TimeWindow::new(open, open + Ticks::from_hours(hours)).expect("in order");
    Shipment {
        id: shipment_id(number),
        recipient: RecipientId::new(&name("recipient", number)).expect("a name"),
        parcels: vec![Parcel {
            id: parcel_id(),
            load: Load::new(1_000, 5_000, 1),
            custody: Custody::AtDepot(depot_id()),
            ready: None,
        }],
        promise: Promise { point: point_id(number), windows: vec![window], version: 1 },
        goods: GoodsClass::Normal,
        skills: Skills::NONE,
        consents: Consents { consolidation: true, neighbour: true },
        shipper_forbids_changes: false,
        per_parcel: Ticks::from_seconds(10),
        changes_used: 0,
        version: 1,
    }
}

fn imported(number: usize, stops_each: usize) -> ImportedManifest {
    let first = number * stops_each;
    let task = |number| vec![Task { shipment: shipment_id(number), parcels: vec![parcel_id()] }];
    let stops = (first..first + stops_each).map(task).collect();
    ImportedManifest { manifest: manifest_id(number), stops }
}

fn loaded(number: usize, stops_each: usize) -> Vec<Scan> {
    let first = number * stops_each;
    let scan = |shipment| Scan {
        shipment: shipment_id(shipment),
        parcel: parcel_id(),
        custody: Custody::Loaded(manifest_id(number)),
    };
    (first..first + stops_each).map(scan).collect()
}

fn settings(depot: LatLng) -> Settings {
    Settings {
        territory: TerritoryId::new("memory").expect("a name"),
        tenant: TenantId::new("acme").expect("a name"),
        currency: "EUR".into(),
        zone: "UTC".into(),
        depots: vec![Depot { id: depot_id(), location: depot }],
        clock: ClockKind::Simulated,
        policy: Policy::default(),
        risk: Risk::default(),
        budget: SearchBudget::default(),
        seed: SEED,
    }
}

fn host() -> Host {
    let pool = || Arc::new(rayon::ThreadPoolBuilder::new().build().expect("a few threads"));
    Host {
        elapsed: Arc::new(|| Duration::ZERO),
        live: pool(),
        background: pool(),
        fatal: Arc::new(|error| panic!("the log: {error}")),
    }
}

/// Asks as a TMS does: many requests under way, each with an id that is remembered.
struct Desk {
    runtime: Runtime,
    territory: Territory,
    asked: u64,
}

impl Desk {
    fn ask(&mut self, requests: impl IntoIterator<Item = Request>) {
        let mut requests = requests.into_iter().peekable();
        while requests.peek().is_some() {
            let mutations: Vec<Mutation> = requests
                .by_ref()
                .take(QUEUE_MAX / 2)
                .map(|request| self.mutation(request))
                .collect();
            let territory = &self.territory;
            self.runtime.block_on(async {
                let mut under_way = JoinSet::new();
                for mutation in mutations {
                    let territory = territory.clone();
                    under_way.spawn(async move { territory.submit(mutation).await.map(drop) });
                }
                for answer in under_way.join_all().await {
                    answer.unwrap_or_else(|error| panic!("{error}"));
                }
            });
        }
    }

    fn mutation(&mut self, request: Request) -> Mutation {
        self.asked += 1;
        let id = format!("0b8a7c9e-3f52-4d1c-9a55-{:012}", self.asked);
        let id = RequestId::new(&id).expect("a name");
        let tenant = TenantId::new("acme").expect("a name");
        let role = match request {
            Request::Tick(_) => Role::Operator,
            Request::DepartManifest { .. } => Role::Dispatcher,
            _ => Role::Tms,
        };
        Mutation {
            principal: Principal {
                actor: Actor { tenant, role, subject: "desk".to_owned() },
                scope: Scope::Tenant,
            },
            key: Some(RequestKey { id, digest: [0; 32] }),
            budget: None,
            validate_only: false,
            request,
        }
    }
}

/// Resident memory after each step.
struct Ledger {
    stops: usize,
    first: u64,
    last: u64,
}

impl Ledger {
    fn new(stops: usize) -> Ledger {
        let first = status("VmRSS");
        pair::say(&format!("{stops} stops; {:.0} MiB before anything", mebibytes(first)));
        Ledger { stops, first, last: first }
    }

    fn note(&mut self, what: &str) {
        let now = status("VmRSS");
        let added = now.saturating_sub(self.last);
        let per_stop = added as f64 / self.stops as f64;
        pair::say(&format!("{what}: {:.1} MiB, {per_stop:.0} bytes a stop", mebibytes(added)));
        self.last = now;
    }

    fn close(&self) {
        let (now, peak) = (status("VmRSS"), status("VmHWM"));
        pair::say(&format!(
            "in all {:.0} MiB resident, {:.0} at the most; {:.0} bytes a stop",
            mebibytes(now),
            mebibytes(peak),
            (now - self.first) as f64 / self.stops as f64
        ));
    }
}

/// A field of `/proc/self/status`, in bytes; 0 where there is none.
fn status(field: &str) -> u64 {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix(field)?.strip_prefix(':'));
    let kibibytes = line.and_then(|line| line.trim().strip_suffix("kB")?.trim().parse().ok());
    kibibytes.unwrap_or(0) * 1024
}

fn mebibytes(bytes: u64) -> f64 {
    bytes as f64 / f64::from(1 << 20)
}

fn main() {
    let whole = std::env::args().any(|argument| argument == "--bench");
    let (manifests, stops_each) = if whole { (1_000, 150) } else { (10, 20) };
    let count = manifests * stops_each;
    let mut ledger = Ledger::new(count);
    let folder = tempfile::tempdir().expect("a folder");
    let roads = RoadTimes::new(Arc::new(network()));
    ledger.note("road network of the sample city");
    let doors = doors(&roads, manifests, stops_each);
    ledger.note("doors, as the bench keeps them");

    let log = Arc::new(SqliteLog::open(&folder.path().join("memory.log")).expect("it opens"));
    let settings = settings(doors[manifests / 2][0]);
    let territory = Territory::open(settings, Arc::new(Straight(roads)), log.clone(), host());
    let territory = territory.expect("it opens");
    let runtime = tokio::runtime::Builder::new_current_thread().build().expect("a runtime");
    let mut desk = Desk { runtime, territory, asked: 0 };
    ledger.note("log, territory and threads");

    desk.ask([Request::Tick(EIGHT - Ticks::from_hours(2))]);
    let points = (0..).zip(doors.into_iter().flatten());
    desk.ask(points.map(|(number, at)| Request::SetPoint(point(number, at))));
    ledger.note("delivery points with their places and answers");
    desk.ask((0..manifests).map(|number| Request::SetVehicle(vehicle(number))));
    let open = |number| Request::OpenManifest { manifest: manifest_id(number), duty: duty(number) };
    desk.ask((0..manifests).map(open));
    ledger.note("vehicles and manifests");
    let numbers: Vec<usize> = (0..count).collect();
    let batches = numbers.chunks(SHIPMENTS_PER_REQUEST);
    desk.ask(batches.map(|batch| {
        Request::CreateShipments(batch.iter().map(|number| shipment(*number)).collect())
    }));
    ledger.note("shipments");
    let batches = numbers[..manifests].chunks(MANIFESTS_PER_IMPORT);
    desk.ask(batches.map(|batch| {
        Request::ImportPlan(batch.iter().map(|number| imported(*number, stops_each)).collect())
    }));
    ledger.note("plan: manifests, assignments, arrivals, live routes, index");
    desk.ask([Request::Tick(EIGHT)]);
    ledger.note("first tick");
    desk.ask((0..manifests).map(|number| Request::RecordScans(loaded(number, stops_each))));
    let leave = |number| Request::DepartManifest { manifest: manifest_id(number), at: EIGHT };
    desk.ask((0..manifests).map(leave));
    ledger.note("custody, departures");
    for minute in 1..=MINUTES {
        desk.ask([Request::Tick(EIGHT + Ticks::from_minutes(minute))]);
    }
    ledger.note("five minutes on the road, with background search");
    ledger.close();

    let snapshot = desk.territory.snapshot();
    let live = snapshot.fleet().routes().iter().map(|route| route.stops().len()).sum::<usize>();
    pair::say(&format!(
        "{live} of {count} stops may still move; beside this, legs kept by the roads: at most {:.0} MiB",
        mebibytes(LEG_COUNT_MAX as u64 * size_of::<Leg>() as u64)
    ));
    drop(snapshot);
    desk.runtime.block_on(desk.territory.shutdown());
    log.close().expect("it closes");
}
