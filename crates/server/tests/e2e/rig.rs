//! One server on a loopback port, one territory on a plain, its log on a simulated disk.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use swerve_auth::{Secret, TokenSetting, Tokens};
use swerve_client::{Client, convert, names, v1};
use swerve_engine::{
    ClockKind, Host, Roads, SearchBudget, Settings, SnapFault, Snapped, Territory,
};
use swerve_eventlog::sim::{SimDisk, SimLog};
use swerve_model::{
    Depot, DepotId, DriverId, LatLng, Leg, Meters, Moment, Pace, Place, Planar, Risk, Role,
    ShipmentId, TenantId, TerritoryId, Ticks, TimeWindow, TravelTimes,
};
use swerve_policy::Policy;
use swerve_server::{Hosted, ServeError, ServerSettings, serve};
use tokio::net::TcpListener;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

/// Eight in the morning of the day every test plays on, UTC.
const EIGHT: i64 = 1_795_075_200;

pub(crate) fn at(hour: i64, minute: i64) -> Moment {
    Moment::from_unix_seconds(EIGHT + (hour - 8) * 3600 + minute * 60)
}

pub(crate) fn window(from: (i64, i64), to: (i64, i64)) -> v1::TimeWindow {
    let window = TimeWindow::new(at(from.0, from.1), at(to.0, to.1)).expect("in order");
    convert::time_window(window)
}

/// A plane of 10 m to the ten-thousandth of a degree, driven straight at 10 m/s.
#[derive(Default)]
struct Plane {
    places: Mutex<Vec<Planar>>,
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
            let (distance, limit) = (Meters(123_456), Meters(1_000));
            return Err(SnapFault::OffNetwork { distance, limit });
        }
        let planar = Planar { x: location.longitude() * 1e5, y: location.latitude() * 1e5 };
        let mut places = self.places.lock().expect("not poisoned");
        let known = places.iter().position(|known| *known == planar);
        let index = known.unwrap_or_else(|| {
            places.push(planar);
            places.len() - 1
        });
        Ok(Snapped { place: Place(index as u32), location, walk: Meters(0) })
    }

    fn leg_from(&self, location: LatLng, to: Place) -> Option<Leg> {
        Some(self.leg(self.snap(location).ok()?.place, to, Moment::EPOCH))
    }

    fn prepare(&self, _places: &[Place]) {}
}

/// A place on the plane, in metres east and north of the depot.
pub(crate) fn spot(east: f64, north: f64) -> v1::LatLng {
    v1::LatLng { latitude: north / 1e5, longitude: east / 1e5 }
}

fn settings(clock: ClockKind) -> Settings {
    Settings {
        territory: TerritoryId::new("plain").expect("a name"),
        tenant: TenantId::new("acme").expect("a name"),
        currency: "EUR".into(),
        zone: "UTC".into(),
        depots: vec![Depot {
            id: DepotId::new("hub").expect("a name"),
            location: LatLng::new(0.0, 0.0).expect("on Earth"),
        }],
        clock,
        policy: Policy::default(),
        risk: Risk::default(),
        budget: SearchBudget::default(),
        seed: 7,
    }
}

pub(crate) const TERRITORY: &str = "territories/plain";

/// Tokens say whose they are; nothing outside these tests knows them.
pub(crate) fn token(of: &str) -> String {
    format!("not-a-real-token-of-{of}")
}

fn tokens() -> Tokens {
    let setting = |name: &str, tenant: &str, role: Role| TokenSetting {
        name: name.to_owned(),
        token: Secret::new(token(name)),
        tenant: TenantId::new(tenant).expect("a name"),
        role,
        driver: (role == Role::Driver)
            .then(|| DriverId::new(name.trim_start_matches("driver-")).expect("a name")),
        shipment: (role == Role::Recipient)
            .then(|| ShipmentId::new(name.trim_start_matches("link-")).expect("a name")),
    };
    Tokens::new(vec![
        setting("tms", "acme", Role::Tms),
        setting("dispatcher", "acme", Role::Dispatcher),
        setting("operator", "acme", Role::Operator),
        setting("driver-d1", "acme", Role::Driver),
        setting("driver-d2", "acme", Role::Driver),
        setting("link-s1", "acme", Role::Recipient),
        setting("link-s2", "acme", Role::Recipient),
        setting("rival", "other", Role::Tms),
    ])
    .expect("good tokens")
}

/// A running server and its callers.
pub(crate) struct Rig {
    pub(crate) address: SocketAddr,
    pub(crate) tms: Client,
    pub(crate) dispatcher: Client,
    pub(crate) operator: Client,
    pub(crate) territory: Territory,
    stop: Option<oneshot::Sender<()>>,
    serving: JoinHandle<Result<(), ServeError>>,
}

impl Rig {
    pub(crate) async fn start() -> Rig {
        Rig::with(ClockKind::Simulated, Duration::from_secs(5)).await
    }

    pub(crate) async fn with(clock: ClockKind, heartbeat: Duration) -> Rig {
        let disk = SimDisk::new(1);
        let log = Arc::new(SimLog::open(&disk).expect("the log opens"));
        let thread = || {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(1).build();
            Arc::new(pool.expect("a thread"))
        };
        let host = Host {
            elapsed: Arc::new(|| Duration::ZERO),
            live: thread(),
            background: thread(),
            fatal: Arc::new(|error| panic!("the log failed: {error}")),
        };
        let roads = Arc::new(Plane::default());
        let territory =
            Territory::open(settings(clock), roads, log, host).expect("the territory opens");
        let hosted = Hosted {
            territory: territory.clone(),
            skills: vec!["heavy".into(), "cold".into()],
            road_fingerprint: [7; 32],
        };
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("loopback has room");
        let address = listener.local_addr().expect("it is bound");
        let (stop, stopped) = oneshot::channel();
        let mut settings = ServerSettings::new(tokens());
        settings.heartbeat = heartbeat;
        let shutdown = async {
            let _ = stopped.await;
        };
        let serving = tokio::spawn(serve(listener, settings, vec![hosted], shutdown));
        let url = format!("http://{address}");
        let tms = Client::connect(&url, &token("tms")).await.expect("it serves");
        let dispatcher = tms.with_token(&token("dispatcher")).expect("a header");
        let operator = tms.with_token(&token("operator")).expect("a header");
        Rig { address, tms, dispatcher, operator, territory, stop: Some(stop), serving }
    }

    pub(crate) fn caller(&self, of: &str) -> Client {
        self.tms.with_token(&token(of)).expect("a header")
    }

    /// Tells the server to stop.
    pub(crate) fn signal(&mut self) {
        drop(self.stop.take());
    }

    /// How serving ended.
    pub(crate) async fn ended(&mut self) -> Result<(), ServeError> {
        (&mut self.serving).await.expect("it does not panic")
    }

    pub(crate) async fn tick(&self, hour: i64, minute: i64) {
        let time = Some(convert::timestamp(at(hour, minute)));
        let message = v1::AdvanceClockRequest { name: TERRITORY.into(), time };
        self.operator.advance_clock(message).await.expect("time moves on");
    }

    /// Two vans of drivers `d1` and `d2`, manifests `m1` and `m2`, open from eight to four.
    pub(crate) async fn open_vans(&self) {
        self.tick(7, 0).await;
        for number in 1..=2 {
            let vehicle = a_vehicle(number);
            let name = vehicle.name.clone();
            let message = v1::CreateVehicleRequest {
                territory: TERRITORY.into(),
                vehicle: Some(vehicle),
                ..Default::default()
            };
            self.tms.create_vehicle(message).await.expect("a vehicle");
            let manifest = v1::Manifest {
                name: names::manifest(format!("m{number}")),
                driver: names::driver(format!("d{number}")),
                vehicle: name,
                depot: names::depot("hub"),
                shift: Some(v1::Shift {
                    start: Some(convert::timestamp(at(8, 0))),
                    end: Some(convert::timestamp(at(16, 0))),
                    hard_end: Some(convert::timestamp(at(18, 0))),
                }),
                ..Default::default()
            };
            let message = v1::CreateManifestRequest {
                territory: TERRITORY.into(),
                manifest: Some(manifest),
                ..Default::default()
            };
            self.tms.create_manifest(message).await.expect("a manifest");
        }
    }

    pub(crate) async fn point(
        &self,
        id: &str,
        location: v1::LatLng,
        kind: v1::delivery_point::Kind,
    ) {
        let point = a_point(id, location, kind);
        let message = v1::CreateDeliveryPointRequest {
            territory: TERRITORY.into(),
            delivery_point: Some(point),
            ..Default::default()
        };
        self.tms.create_delivery_point(message).await.expect("a point");
    }

    pub(crate) async fn shipment(&self, shipment: v1::Shipment) -> v1::Shipment {
        let message = v1::CreateShipmentRequest {
            territory: TERRITORY.into(),
            shipment: Some(shipment),
            ..Default::default()
        };
        let answer = self.tms.create_shipment(message).await.expect("a shipment");
        answer.shipment.expect("it is there")
    }

    /// Doors `e1..` a kilometre apart to the east with shipments `s1..`, the whole day open, on `m1`
    /// in that order, as another planner would have it.
    pub(crate) async fn imported(&self, count: usize) {
        self.open_vans().await;
        let mut stops = Vec::new();
        for number in 1..=count {
            let door = format!("e{number}");
            let kind = v1::delivery_point::Kind::Door;
            self.point(&door, spot(1_000.0 * number as f64, 0.0), kind).await;
            self.shipment(a_shipment(number, &door, window((8, 0), (20, 0)))).await;
            let shipment = names::shipment(format!("s{number}"));
            stops
                .push(v1::ImportedStop { tasks: vec![v1::Task { shipment, parcels: Vec::new() }] });
        }
        let message = v1::ImportPlanRequest {
            territory: TERRITORY.into(),
            manifests: vec![v1::ImportedManifest { manifest: names::manifest("m1"), stops }],
            ..Default::default()
        };
        self.tms.import_plan(message).await.expect("a plan");
    }

    pub(crate) async fn manifest(&self, id: &str) -> v1::Manifest {
        let message =
            v1::GetManifestRequest { territory: TERRITORY.into(), name: names::manifest(id) };
        let answer = self.dispatcher.get_manifest(message).await.expect("it is there");
        answer.manifest.expect("it is there")
    }

    /// Scans all of `m1` aboard, and its driver leaves at eight.
    pub(crate) async fn depart(&self) {
        self.tick(8, 0).await;
        let manifest = self.manifest("m1").await;
        let tasks = manifest.stops.iter().flat_map(|stop| &stop.tasks);
        let scan = |parcel: &String| v1::Scan {
            parcel: parcel.clone(),
            custody: Some(v1::Custody {
                state: v1::custody::State::Loaded.into(),
                manifest: names::manifest("m1"),
                ..Default::default()
            }),
        };
        let scans = tasks.flat_map(|task| &task.parcels).map(scan).collect();
        let message =
            v1::RecordScansRequest { territory: TERRITORY.into(), scans, ..Default::default() };
        self.tms.record_scans(message).await.expect("scans");
        let message = v1::DepartManifestRequest {
            territory: TERRITORY.into(),
            manifest: names::manifest("m1"),
            ..Default::default()
        };
        self.caller("driver-d1").depart_manifest(message).await.expect("it leaves");
    }

    pub(crate) async fn quote(&self, shipment: &str, wish: v1::Wish) -> v1::QuoteChangeResponse {
        let message = v1::QuoteChangeRequest {
            shipment: names::shipment(shipment),
            wish: Some(wish),
            assurance: v1::Assurance::OneTimeCode.into(),
            ..Default::default()
        };
        self.tms.quote_change(message).await.expect("an answer")
    }
}

pub(crate) fn a_vehicle(number: usize) -> v1::Vehicle {
    let money = |units, nanos| Some(v1::Money { currency_code: "EUR".into(), units, nanos });
    v1::Vehicle {
        name: names::vehicle(format!("v{number}")),
        capacity: Some(v1::Load {
            weight_grams: 1_000_000,
            volume_milliliters: 10_000_000,
            count: 200,
        }),
        skills: vec!["heavy".into()],
        cost_per_hour: money(30, 0),
        cost_per_km: money(0, 300_000_000),
        co2_grams_per_km: 180,
    }
}

pub(crate) fn a_point(
    id: &str,
    location: v1::LatLng,
    kind: v1::delivery_point::Kind,
) -> v1::DeliveryPoint {
    v1::DeliveryPoint {
        name: names::delivery_point(id),
        kind: kind.into(),
        location: Some(location),
        opening: Vec::new(),
        compartments: (kind == v1::delivery_point::Kind::Locker).then_some(1),
        park: Some(convert::duration(Ticks::from_seconds(60))),
        per_stop: Some(convert::duration(Ticks::from_seconds(60))),
    }
}

/// Shipment `s{number}` of one parcel at the depot.
pub(crate) fn a_shipment(number: usize, door: &str, window: v1::TimeWindow) -> v1::Shipment {
    let id = format!("s{number}");
    v1::Shipment {
        name: names::shipment(&id),
        recipient: format!("r{number}"),
        parcels: vec![v1::Parcel {
            name: names::parcel(&id, "p1"),
            load: Some(v1::Load { weight_grams: 1_000, volume_milliliters: 5_000, count: 1 }),
            custody: Some(v1::Custody {
                state: v1::custody::State::AtDepot.into(),
                depot: names::depot("hub"),
                ..Default::default()
            }),
            planned: None,
            ..Default::default()
        }],
        promise: Some(v1::Promise {
            delivery_point: names::delivery_point(door),
            windows: vec![window],
            version: 0,
        }),
        consents: Some(v1::Consents { consolidation: true, neighbour: true }),
        service_per_parcel: Some(convert::duration(Ticks::from_seconds(20))),
        ..Default::default()
    }
}
