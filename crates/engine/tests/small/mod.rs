//! A small territory on a plain: straight roads, one depot, a few vans, a log on a simulated disk.

#![allow(dead_code, unreachable_pub, reason = "each test target uses a part of it")]

pub mod after;
pub mod gate;

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use swerve_auth::{Principal, Scope};
use swerve_engine::{
    ClockKind, EngineError, Host, ImportedManifest, Mutation, Outcome, Request, Roads, Scan,
    SearchBudget, Settings, SnapFault, Snapped, Territory,
};
use swerve_eventlog::EventLog;
use swerve_eventlog::sim::{SimDisk, SimLog};
use swerve_model::{
    Actor, Answer, Assurance, Change, ChangeId, Consents, Cost, Custody, DeliveryPoint, Depot,
    DepotId, DriverId, Duty, GoodsClass, LatLng, Leg, Load, ManifestId, Meters, Moment, Pace,
    Parcel, ParcelId, Place, Planar, PointId, PointKind, Promise, Quote, RecipientId, RequestId,
    RequestKey, Risk, Role, Shift, Shipment, ShipmentId, Skills, StopId, Task, TenantId,
    TerritoryId, Ticks, TimeWindow, TravelTimes, Vehicle, VehicleId, Wish,
};
use swerve_policy::Policy;

/// Eight in the morning of the day every test plays on.
pub const EIGHT: i64 = 1_795_075_200;

pub fn at(hour: i64, minute: i64) -> Moment {
    Moment::from_unix_seconds(EIGHT + (hour - 8) * 3600 + minute * 60)
}

pub fn window(from: (i64, i64), to: (i64, i64)) -> TimeWindow {
    TimeWindow::new(at(from.0, from.1), at(to.0, to.1)).expect("in order")
}

/// A plane of 10 m to the ten-thousandth of a degree, driven straight at 10 m/s.
#[derive(Default)]
pub struct Plane {
    places: Mutex<Vec<Planar>>,
}

impl Plane {
    fn planar(location: LatLng) -> Planar {
        Planar { x: location.longitude() * 1e5, y: location.latitude() * 1e5 }
    }
}

impl TravelTimes for Plane {
    fn leg(&self, from: Place, to: Place, _depart: Moment) -> Leg {
        let meters = self.position(from).distance(self.position(to)).ceil() as i32;
        Leg { ticks: meters, meters }
    }

    fn position(&self, place: Place) -> Planar {
        self.places.lock().expect("not poisoned")[place.0 as usize]
    }

    fn pace(&self) -> Pace {
        Pace { ticks: 1.0, meters: 1.0 }
    }
}

impl Roads for Plane {
    fn snap(&self, location: LatLng) -> Result<Snapped, SnapFault> {
        if location.latitude().abs() > 1.0 {
            let (distance, limit) = (Meters(100_000), Meters(1_000));
            return Err(SnapFault::OffNetwork { distance, limit });
        }
        let planar = Plane::planar(location);
        let mut places = self.places.lock().expect("not poisoned");
        let known = places.iter().position(|known| *known == planar);
        let index = known.unwrap_or_else(|| {
            places.push(planar);
            places.len() - 1
        });
        Ok(Snapped { place: Place(index as u32), location, walk: Meters(0) })
    }

    fn leg_from(&self, location: LatLng, to: Place) -> Option<Leg> {
        let from = self.snap(location).ok()?.place;
        Some(self.leg(from, to, Moment::EPOCH))
    }

    fn prepare(&self, _places: &[Place]) {}
}

/// A place on the plane, in metres east and north of the depot.
pub fn spot(x: f64, y: f64) -> LatLng {
    LatLng::new(y / 1e5, x / 1e5).expect("near the equator")
}

pub fn settings() -> Settings {
    Settings {
        territory: TerritoryId::new("plain").expect("a name"),
        tenant: TenantId::new("acme").expect("a name"),
        currency: "EUR".into(),
        zone: "UTC".into(),
        depots: vec![Depot { id: depot(), location: spot(0.0, 0.0) }],
        clock: ClockKind::Simulated,
        policy: Policy::default(),
        risk: Risk::default(),
        budget: SearchBudget::default(),
        seed: 7,
    }
}

/// Rules that forbid nothing, so that only the plan decides.
pub fn lenient() -> Settings {
    let mut settings = settings();
    let policy = &mut settings.policy;
    policy.changes_per_shipment = 1_000;
    for kind in swerve_model::ChangeKind::ALL {
        let rules = policy.kinds.of_mut(kind);
        for stage in [&mut rules.waiting, &mut rules.loaded] {
            stage.allowed = true;
            stage.before_departure = None;
            stage.before_eta = None;
            stage.stops_before = 0;
        }
    }
    settings
}

pub fn depot() -> DepotId {
    DepotId::new("hub").expect("a name")
}

pub fn manifest(number: usize) -> ManifestId {
    ManifestId::new(&format!("m{number}")).expect("a name")
}

pub fn shipment_id(number: usize) -> ShipmentId {
    ShipmentId::new(&format!("s{number}")).expect("a name")
}

pub fn parcel_id(number: usize) -> ParcelId {
    ParcelId::new(&format!("p{number}")).expect("a name")
}

pub struct Small {
    pub territory: Territory,
    pub disk: SimDisk,
    pub roads: Arc<Plane>,
    requests: AtomicU64,
}

pub fn host() -> Host {
    host_with(2)
}

pub fn host_with(threads: usize) -> Host {
    let pool = || {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build();
        Arc::new(pool.expect("a few threads"))
    };
    Host {
        elapsed: Arc::new(|| Duration::ZERO),
        live: pool(),
        background: pool(),
        fatal: Arc::new(|_| {}),
    }
}

impl Small {
    pub fn open() -> Small {
        Small::on(&SimDisk::new(1))
    }

    pub fn on(disk: &SimDisk) -> Small {
        Small::with(disk, settings(), host())
    }

    pub fn with(disk: &SimDisk, settings: Settings, host: Host) -> Small {
        let log = Arc::new(SimLog::open(disk).expect("the log opens"));
        Small::over(log, disk, settings, host)
    }

    /// On a log of the test's own, whose disk is `disk`.
    pub fn over(log: Arc<dyn EventLog>, disk: &SimDisk, settings: Settings, host: Host) -> Small {
        let roads = Arc::new(Plane::default());
        let territory =
            Territory::open(settings, roads.clone(), log, host).expect("the territory opens");
        Small { territory, disk: disk.clone(), roads, requests: AtomicU64::new(0) }
    }

    pub fn key(&self) -> RequestKey {
        let number = self.requests.fetch_add(1, Ordering::Relaxed);
        let id = RequestId::new(&format!("request-{number}")).expect("a name");
        RequestKey { id, digest: [number as u8; 32] }
    }

    pub fn ask_as(&self, role: Role, request: Request) -> Result<Outcome, EngineError> {
        let actor = Actor {
            tenant: TenantId::new("acme").expect("a name"),
            role,
            subject: role.name().to_owned(),
        };
        let mutation = Mutation {
            principal: Principal { actor, scope: Scope::Tenant },
            key: Some(self.key()),
            budget: None,
            validate_only: false,
            request,
        };
        futures_block(self.territory.submit(mutation))
    }

    pub fn ask(&self, role: Role, request: Request) -> Outcome {
        let shown = format!("{request:?}");
        self.ask_as(role, request).unwrap_or_else(|error| panic!("{error}: {shown}"))
    }

    pub fn tick(&self, hour: i64, minute: i64) {
        self.ask(Role::Operator, Request::Tick(at(hour, minute)));
    }

    /// Vans that leave at eight.
    pub fn open_vans(&self, count: usize) {
        for number in 1..=count {
            self.open_van(number, at(8, 0));
        }
    }

    pub fn open_van(&self, number: usize, start: Moment) {
        let vehicle = VehicleId::new(&format!("v{number}")).expect("a name");
        self.ask(
            Role::Tms,
            Request::SetVehicle(Vehicle {
                id: vehicle.clone(),
                capacity: Load::new(1_000_000, 10_000_000, 200),
                skills: Skills::NONE,
                per_hour: Cost::from_units(30),
                per_km: Cost(300_000),
                co2_grams_per_km: 180,
            }),
        );
        let shift = Shift { start, end: at(16, 0), hard_end: at(18, 0) };
        let driver = DriverId::new(&format!("d{number}")).expect("a name");
        let duty = Duty { driver, vehicle, depot: depot(), shift };
        self.ask(Role::Tms, Request::OpenManifest { manifest: manifest(number), duty });
    }

    pub fn door(&self, name: &str, x: f64, y: f64) -> PointId {
        self.point(name, x, y, PointKind::Door, None)
    }

    pub fn point(
        &self,
        name: &str,
        x: f64,
        y: f64,
        kind: PointKind,
        compartments: Option<u32>,
    ) -> PointId {
        let id = PointId::new(name).expect("a name");
        self.ask(
            Role::Tms,
            Request::SetPoint(DeliveryPoint {
                id: id.clone(),
                kind,
                location: spot(x, y),
                opening: Vec::new(),
                compartments,
                park: Ticks::from_seconds(60),
                per_stop: Ticks::from_seconds(60),
            }),
        );
        id
    }

    /// Shipment `number` of one parcel, to `point`, in `windows` (the whole day if none).
    #[expect(clippy::unused_self, reason = "read beside its kin, which do use it")]
    pub fn shipment(&self, number: usize, point: &PointId, windows: &[TimeWindow]) -> Shipment {
        let windows =
            if windows.is_empty() { vec![window((8, 0), (20, 0))] } else { windows.to_vec() };
        Shipment {
            id: shipment_id(number),
            recipient: RecipientId::new(&format!("r{number}")).expect("a name"),
            parcels: vec![Parcel {
                id: parcel_id(1),
                load: Load::new(1_000, 5_000, 1),
                custody: Custody::AtDepot(depot()),
                ready: None,
            }],
            promise: Promise { point: point.clone(), windows, version: 1 },
            goods: GoodsClass::Normal,
            skills: Skills::NONE,
            consents: Consents { consolidation: true, neighbour: true },
            shipper_forbids_changes: false,
            per_parcel: Ticks::from_seconds(20),
            changes_used: 0,
            version: 1,
        }
    }

    pub fn create(&self, shipments: Vec<Shipment>) {
        self.ask(Role::Tms, Request::CreateShipments(shipments));
    }

    /// Imports sequences of shipments (one parcel each), one list a manifest, from m1 on.
    pub fn import(&self, sequences: &[&[usize]]) {
        let tasks = |number: &usize| {
            vec![Task { shipment: shipment_id(*number), parcels: vec![parcel_id(1)] }]
        };
        let manifests = (1..).zip(sequences).map(|(index, sequence)| ImportedManifest {
            manifest: manifest(index),
            stops: sequence.iter().map(tasks).collect(),
        });
        self.ask(Role::Tms, Request::ImportPlan(manifests.collect()));
    }

    /// Scans everything planned on a manifest as loaded, and departs.
    pub fn load_and_depart(&self, number: usize) {
        let snapshot = self.territory.snapshot();
        let found = &snapshot.state.manifests[&manifest(number)];
        let tasks = found.stops.iter().flat_map(|stop| stop.tasks.clone());
        let scans = tasks.flat_map(|task| {
            let custody = Custody::Loaded(manifest(number));
            let shipment = task.shipment;
            task.parcels.into_iter().map(move |parcel| Scan {
                shipment: shipment.clone(),
                parcel,
                custody: custody.clone(),
            })
        });
        self.ask(Role::Tms, Request::RecordScans(scans.collect()));
        let at = self.territory.snapshot().state.now;
        self.ask(Role::Dispatcher, Request::DepartManifest { manifest: manifest(number), at });
    }

    pub fn quote(&self, shipment: usize, wish: Wish) -> Quote {
        let assurance = Assurance::OneTimeCode;
        let shipment = shipment_id(shipment);
        let outcome =
            self.ask(Role::Tms, Request::Quote { shipment, wish, assurance, max_offers: 6 });
        match outcome.answer {
            Answer::Quoted(id) => (*outcome.snapshot.state.quotes[&id]).clone(),
            other => panic!("not a quote: {other:?}"),
        }
    }

    pub fn commit(&self, quote: &Quote, offer: u32) -> Outcome {
        let assurance = Assurance::OneTimeCode;
        self.ask(Role::Tms, Request::CommitOffer { quote: quote.id.clone(), offer, assurance })
    }

    pub fn committed(&self, quote: &Quote, offer: u32) -> Change {
        let outcome = self.commit(quote, offer);
        match outcome.answer {
            Answer::Committed(id) => self.change(&id),
            other => panic!("not committed: {other:?}"),
        }
    }

    pub fn change(&self, id: &ChangeId) -> Change {
        (*self.territory.snapshot().state.changes[id]).clone()
    }

    /// Every manifest's undone stops as `m1: s1 09:00, s2 09:10 | m2: ...`.
    pub fn plan(&self) -> String {
        let snapshot = self.territory.snapshot();
        let mut lines = Vec::new();
        for (id, found) in &snapshot.state.manifests {
            let live = snapshot.live(id).expect("derived");
            let undone = &found.stops[found.done_count()..];
            let stops: Vec<String> = undone
                .iter()
                .zip(&live.times)
                .map(|(stop, times)| {
                    let names: Vec<&str> =
                        stop.tasks.iter().map(|task| task.shipment.as_str()).collect();
                    let minutes = (times.start - at(0, 0)).seconds() / 60;
                    format!("{} {:02}:{:02}", names.join("+"), minutes / 60, minutes % 60)
                })
                .collect();
            lines.push(format!("{id}: {}", stops.join(", ")));
        }
        let left: BTreeMap<String, String> = (snapshot.state.unassigned.iter())
            .map(|((shipment, _), reason)| (shipment.to_string(), format!("{reason:?}")))
            .collect();
        for (shipment, reason) in left {
            lines.push(format!("unassigned: {shipment} {reason}"));
        }
        lines.join(" | ")
    }

    pub fn stop_of(&self, shipment: usize) -> (ManifestId, StopId) {
        let snapshot = self.territory.snapshot();
        let at = &snapshot.state.assignments[&(shipment_id(shipment), parcel_id(1))];
        (at.manifest.clone(), at.stop.clone())
    }
}

/// The engine's futures wait for its own threads only, so a plain runtime will do.
pub fn futures_block<T>(future: impl Future<Output = T>) -> T {
    let runtime = tokio::runtime::Builder::new_current_thread().build().expect("a runtime");
    runtime.block_on(future)
}
