//! A hamlet with a depot and a day to be delivered there, and a folder from which it is served.

use std::fs::{File, OpenOptions};
use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Child, Stdio};

use serde_json::Value;
use swerve_client::{convert, names, v1};
use swerve_model::{Load, Moment, Ticks, TimeWindow};
use swerve_roads::pbf::write_osm;
use swerve_roads::{Network, Profile};
use swerve_scenario::Day;
use swerve_scenario::clock::{DaySecond, Window};
use swerve_scenario::day::{DayParams, Goods, Manifest, Places, Point, PointKind, Shipment};
use swerve_scenario::small::hamlet;
use tempfile::TempDir;

use crate::fixture::{DESK, OPERATOR, TMS, run, swerve};

pub(crate) const TERRITORY: &str = "territories/hamlet";
/// Vienna in March.
const OFFSET_SECONDS: i32 = 3600;

/// A site on disk and the day that is played on it.
pub(crate) struct Town {
    pub(crate) folder: TempDir,
    pub(crate) day: Day,
}

impl Town {
    /// A day of `stops` stops; its server searches on `threads` threads, with two logical workers
    /// however many there are.
    pub(crate) fn new(seed: u64, drivers: u32, stops: u32, threads: usize) -> Town {
        let data = hamlet(seed);
        let network = Network::from_osm(&data, &Profile::van()).expect("a hamlet has roads");
        let places = Places::from_osm(&data).kept_near(&network);
        let params = DayParams::new(seed, drivers, stops);
        let day = Day::generate(&params, &places).expect("a hamlet has room for a day");
        let folder = tempfile::tempdir().expect("a folder");
        let extract = folder.path().join("hamlet.osm.pbf");
        let file = File::create(&extract).expect("the folder is writable");
        write_osm(&data, file).expect("it is written");
        run(folder.path(), &["roads", "build", "hamlet.osm.pbf", "-o", "hamlet.roads"]).ended(0);
        std::fs::write(folder.path().join("swerve.toml"), config(&day, threads))
            .expect("it is writable");
        Town { folder, day }
    }

    pub(crate) fn path(&self) -> &Path {
        self.folder.path()
    }

    /// The first van loads, or the first recipient asks, soon after.
    pub(crate) fn start(&self) -> Moment {
        let first = self.day.manifests.iter().map(|manifest| manifest.loading_start).min();
        self.moment(first.expect("a day has vans")) - Ticks::from_minutes(15)
    }

    pub(crate) fn moment(&self, second: DaySecond) -> Moment {
        self.day.date.moment(second, OFFSET_SECONDS)
    }

    fn windows(&self, windows: &[Window]) -> Vec<v1::TimeWindow> {
        let window = |window: &Window| {
            let (open, close) = (self.moment(window.open), self.moment(window.close));
            convert::time_window(TimeWindow::new(open, close).expect("a day's windows are right"))
        };
        windows.iter().map(window).collect()
    }

    pub(crate) fn vehicle(&self, index: usize) -> v1::Vehicle {
        let vehicle = &self.day.vehicles[index];
        v1::Vehicle {
            name: names::vehicle(&vehicle.id),
            capacity: Some(convert::load(vehicle.capacity.load())),
            skills: vehicle.skills.clone(),
            cost_per_hour: Some(self.money(vehicle.cost_per_hour_micros)),
            cost_per_km: Some(self.money(vehicle.cost_per_km_micros)),
            co2_grams_per_km: vehicle.co2_grams_per_km,
        }
    }

    fn money(&self, micros: i64) -> v1::Money {
        v1::Money {
            currency_code: self.day.currency.clone(),
            units: micros / 1_000_000,
            nanos: (micros % 1_000_000) as i32 * 1_000,
        }
    }

    pub(crate) fn point(&self, point: &Point) -> v1::DeliveryPoint {
        use v1::delivery_point::Kind;
        let (kind, compartments) = match point.kind {
            PointKind::House | PointKind::Apartments | PointKind::Business => (Kind::Door, None),
            PointKind::Locker { compartments, occupied } => {
                (Kind::Locker, Some(compartments.saturating_sub(occupied) as i32))
            }
            PointKind::Shop => (Kind::Shop, None),
        };
        v1::DeliveryPoint {
            name: names::delivery_point(&point.id),
            kind: kind.into(),
            location: Some(convert::lat_lng(point.location.lat_lng())),
            opening: self.windows(&point.hours),
            compartments,
            park: Some(seconds(point.service.park)),
            per_stop: Some(seconds(point.service.stop)),
        }
    }

    pub(crate) fn manifest(&self, manifest: &Manifest) -> v1::Manifest {
        let moment = |second| Some(convert::timestamp(self.moment(second)));
        v1::Manifest {
            name: names::manifest(&manifest.id),
            driver: names::driver(&manifest.driver),
            vehicle: names::vehicle(&manifest.vehicle),
            depot: names::depot(&self.day.depot.id),
            shift: Some(v1::Shift {
                start: moment(manifest.departure),
                end: moment(manifest.shift_end),
                hard_end: moment(manifest.hard_end),
            }),
            ..Default::default()
        }
    }

    pub(crate) fn shipment(&self, shipment: &Shipment) -> v1::Shipment {
        let recipient = self.day.recipients.iter().find(|one| one.id == shipment.recipient);
        let consents = recipient.expect("a shipment's recipient is one of the day's").consents;
        let goods = match shipment.goods {
            Goods::Normal => v1::GoodsClass::Normal,
            Goods::Medicine => v1::GoodsClass::Restricted,
            Goods::HighValue => v1::GoodsClass::HighValue,
        };
        let mut skills: Vec<String> =
            shipment.parcels.iter().flat_map(|parcel| parcel.skills.clone()).collect();
        skills.sort_unstable();
        skills.dedup();
        let parcel = |id: &str, load: Load| v1::Parcel {
            name: names::parcel(&shipment.id, id),
            load: Some(convert::load(load)),
            custody: Some(v1::Custody {
                state: v1::custody::State::AtDepot.into(),
                depot: names::depot(&self.day.depot.id),
                ..Default::default()
            }),
            ..Default::default()
        };
        v1::Shipment {
            name: names::shipment(&shipment.id),
            recipient: shipment.recipient.clone(),
            parcels: (shipment.parcels.iter())
                .map(|one| parcel(&one.id, one.size.load()))
                .collect(),
            promise: Some(v1::Promise {
                delivery_point: names::delivery_point(&shipment.point),
                windows: self.windows(&shipment.promise),
                version: 0,
            }),
            goods_class: goods.into(),
            skills,
            consents: Some(v1::Consents {
                consolidation: consents.consolidation,
                neighbour: consents.neighbour,
            }),
            service_per_parcel: Some(seconds(20)),
            ..Default::default()
        }
    }
}

const fn seconds(seconds: u32) -> prost_types::Duration {
    prost_types::Duration { seconds: seconds as i64, nanos: 0 }
}

/// Searches little: what is tried here is what becomes of answers, not how good they are.
fn config(day: &Day, threads: usize) -> String {
    let at = day.depot.location.lat_lng();
    let (depot, skills) = (&day.depot.id, &day.skills);
    format!(
        r#"
listen = "127.0.0.1:0"
data_dir = "data"
search_threads = {threads}

[log]
filter = "warn"

[[token]]
name = "tms"
role = "tms"
tenant = "acme"
token = "{TMS}"

[[token]]
name = "desk"
role = "dispatcher"
tenant = "acme"
token = "{DESK}"

[[token]]
name = "operator"
role = "operator"
tenant = "acme"
token = "{OPERATOR}"

[[territory]]
id = "hamlet"
tenant = "acme"
currency = "{currency}"
zone = "{zone}"
roads = "hamlet.roads"
clock = "simulated"
skills = {skills:?}

[[territory.depots]]
id = "{depot}"
lat = {lat}
lng = {lng}

[territory.search]
workers = 2
before_answer = 10
after_answer = 20
repair = 50
day_per_stop = 10
"#,
        currency = day.currency,
        zone = day.zone,
        lat = at.latitude(),
        lng = at.longitude(),
    )
}

/// A server of the town, in a process of its own. What it tells goes to a file, so that nobody has
/// to read it while it runs.
pub(crate) struct Served {
    pub(crate) child: Child,
    pub(crate) address: String,
}

pub(crate) const TOLD: &str = "told.txt";

impl Served {
    /// Starts it and waits until it says where it serves.
    pub(crate) fn start(town: &Town) -> Served {
        let told = OpenOptions::new().create(true).append(true).open(town.path().join(TOLD));
        let mut child = swerve(town.path())
            .args(["serve", "--config", "swerve.toml", "-o", "json"])
            .stdout(Stdio::piped())
            .stderr(told.expect("the folder is writable"))
            .spawn()
            .expect("the binary runs");
        let mut line = String::new();
        let stdout = child.stdout.take().expect("it is piped");
        BufReader::new(stdout).read_line(&mut line).expect("it is text");
        let Ok(announced) = serde_json::from_str::<Value>(&line) else {
            let told = std::fs::read_to_string(town.path().join(TOLD)).unwrap_or_default();
            panic!("it does not serve: {line}{told}");
        };
        let address = announced["address"].as_str().expect("an address");
        Served { child, address: format!("http://{address}") }
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        // It has ended already, but in a test that failed.
        drop(self.child.kill());
        drop(self.child.wait());
    }
}
