//! A town small enough to see at a glance, for this crate's tests.
//!
//! Places lie on a plane where a unit east or west takes a second, a unit north takes two and a unit
//! south one: asymmetric, as towns are. The depot `depot` is place 0, at the origin. Shipment `a` is
//! one parcel `a1` for the door `p-a`, on stop `s-a`.

use std::collections::{BTreeMap, BTreeSet};

use swerve_model::{
    Consents, Cost, Custody, DeliveryPoint, DepotId, DriverId, Duty, GoodsClass, Leg, Load,
    Manifest, ManifestId, ManifestState, Moment, Pace, Parcel, ParcelId, Place, Planar, PointId,
    PointKind, Promise, RecipientId, Revision, Risk, Shift, Shipment, ShipmentId, Skills, Stop,
    StopId, StopState, Task, Ticks, TimeWindow, TravelTimes, Vehicle, VehicleId, World,
};

use crate::scene::{Conditions, Latitude, ParcelRef, Route, Side};
use crate::{Flag, Violation, inspect, judge};

macro_rules! names {
    ($($function:ident: $kind:ident;)*) => {$(
        pub(crate) fn $function(name: &str) -> $kind {
            $kind::new(name).expect("a valid name")
        }
    )*};
}
names! {
    manifest_id: ManifestId;
    stop_id: StopId;
    shipment_id: ShipmentId;
    parcel_id: ParcelId;
    point_id: PointId;
    depot_id: DepotId;
    driver_id: DriverId;
    vehicle_id: VehicleId;
    recipient_id: RecipientId;
}

/// A moment of the day, as `at(10, 30)`.
pub(crate) fn at(hour: i64, minute: i64) -> Moment {
    Moment::EPOCH + Ticks::from_hours(hour) + Ticks::from_minutes(minute)
}

pub(crate) fn window(open: Moment, close: Moment) -> TimeWindow {
    TimeWindow::new(open, close).expect("open before close")
}

#[derive(Clone, Debug)]
pub(crate) struct Town {
    pub(crate) now: Moment,
    pub(crate) risk: Risk,
    pub(crate) places: Vec<(i64, i64)>,
    /// No road leads to or from these.
    pub(crate) islands: BTreeSet<Place>,
    pub(crate) points: BTreeMap<PointId, (DeliveryPoint, Place)>,
    pub(crate) shipments: BTreeMap<ShipmentId, Shipment>,
    pub(crate) vehicles: BTreeMap<VehicleId, Vehicle>,
    pub(crate) manifests: BTreeMap<ManifestId, Manifest>,
    pub(crate) unassigned: Vec<(ShipmentId, ParcelId)>,
    pub(crate) sighted: BTreeMap<ManifestId, Place>,
    /// Parcels in points that no shipment here tells of.
    pub(crate) elsewhere: BTreeMap<PointId, u32>,
}

impl World for Town {
    fn shipment(&self, id: &ShipmentId) -> Option<&Shipment> {
        self.shipments.get(id)
    }

    fn point(&self, id: &PointId) -> Option<&DeliveryPoint> {
        self.points.get(id).map(|(point, _)| point)
    }

    fn place(&self, id: &PointId) -> Option<Place> {
        self.points.get(id).map(|(_, place)| *place)
    }
}

impl TravelTimes for Town {
    fn leg(&self, from: Place, to: Place, _: Moment) -> Leg {
        if from != to && (self.islands.contains(&from) || self.islands.contains(&to)) {
            return Leg::UNREACHABLE;
        }
        let (a, b) = (self.places[from.0 as usize], self.places[to.0 as usize]);
        let north = b.1 - a.1;
        let seconds = (b.0 - a.0).abs() + if north > 0 { 2 * north } else { -north };
        Leg { ticks: (seconds * Ticks::PER_SECOND) as i32, meters: (seconds * 10) as i32 }
    }

    fn position(&self, place: Place) -> Planar {
        let (x, y) = self.places[place.0 as usize];
        Planar { x: x as f64, y: y as f64 }
    }

    fn pace(&self) -> Pace {
        Pace::NONE
    }
}

impl Town {
    /// Nobody yet, at ten in the morning.
    pub(crate) fn new() -> Town {
        Town {
            now: at(10, 0),
            risk: Risk::default(),
            places: vec![(0, 0)],
            islands: BTreeSet::new(),
            points: BTreeMap::new(),
            shipments: BTreeMap::new(),
            vehicles: BTreeMap::new(),
            manifests: BTreeMap::new(),
            unassigned: Vec::new(),
            sighted: BTreeMap::new(),
            elsewhere: BTreeMap::new(),
        }
    }

    pub(crate) fn add_place(&mut self, x: i64, y: i64) -> Place {
        self.places.push((x, y));
        Place(self.places.len() as u32 - 1)
    }

    /// A door where a halt takes two minutes.
    pub(crate) fn add_door(&mut self, name: &str, x: i64, y: i64) -> PointId {
        let place = self.add_place(x, y);
        let id = point_id(name);
        let location = swerve_model::LatLng::new(0.0, 0.0).expect("on Earth");
        let point = DeliveryPoint {
            id: id.clone(),
            kind: PointKind::Door,
            location,
            opening: Vec::new(),
            compartments: None,
            park: Ticks::from_minutes(1),
            per_stop: Ticks::from_seconds(30),
        };
        self.points.insert(id.clone(), (point, place));
        id
    }

    /// Shipment `name`, expected at the depot, for its own door at (x, y) seconds, 9 to 17 o'clock.
    pub(crate) fn add_shipment(&mut self, name: &str, x: i64, y: i64) -> &mut Shipment {
        let point = self.add_door(&format!("p-{name}"), x, y);
        let parcel = Parcel {
            id: parcel_id(&format!("{name}1")),
            load: Load::new(1_000, 2_000, 1),
            custody: Custody::Expected(depot_id("depot")),
            ready: None,
        };
        let shipment = Shipment {
            id: shipment_id(name),
            recipient: recipient_id(&format!("r-{name}")),
            parcels: vec![parcel],
            promise: Promise { point, windows: vec![window(at(9, 0), at(17, 0))], version: 1 },
            goods: GoodsClass::Normal,
            skills: Skills::NONE,
            consents: Consents::default(),
            shipper_forbids_changes: false,
            per_parcel: Ticks::from_seconds(30),
            changes_used: 0,
            version: 1,
        };
        self.shipments.entry(shipment_id(name)).or_insert(shipment)
    }

    /// A van of its own name that loads until 11 o'clock, with a stop for each shipment.
    pub(crate) fn add_manifest(&mut self, name: &str, shipments: &[&str]) {
        let vehicle = vehicle_id(&format!("v-{name}"));
        self.vehicles.insert(
            vehicle.clone(),
            Vehicle {
                id: vehicle.clone(),
                capacity: Load::new(10_000, 20_000, 10),
                skills: Skills::NONE,
                per_hour: Cost::from_units(30),
                per_km: Cost(300_000),
                co2_grams_per_km: 200,
            },
        );
        let shift = Shift { start: at(11, 0), end: at(18, 0), hard_end: at(19, 0) };
        let duty = Duty { driver: driver_id(name), vehicle, depot: depot_id("depot"), shift };
        let stops = shipments.iter().map(|shipment| self.stop(&[shipment])).collect();
        let id = manifest_id(name);
        self.manifests.insert(
            id.clone(),
            Manifest {
                id,
                duty,
                state: ManifestState::Loading,
                stops,
                sighting: None,
                revision: Revision(1),
                acknowledged: Revision(1),
            },
        );
    }

    /// A stop for all parcels of these shipments, named for and at the point of the first.
    pub(crate) fn stop(&self, shipments: &[&str]) -> Stop {
        let task = |name: &&str| {
            let shipment = &self.shipments[&shipment_id(name)];
            let parcels = shipment.parcels.iter().map(|parcel| parcel.id.clone()).collect();
            Task { shipment: shipment.id.clone(), parcels }
        };
        Stop {
            id: stop_id(&format!("s-{}", shipments[0])),
            point: self.shipments[&shipment_id(shipments[0])].promise.point.clone(),
            tasks: shipments.iter().map(task).collect(),
            state: StopState::Planned,
            pinned: false,
            told: None,
        }
    }

    /// The van leaves at nine with everything on its stops.
    pub(crate) fn depart(&mut self, name: &str) {
        let manifest = self.manifests.get_mut(&manifest_id(name)).expect("a manifest");
        manifest.duty.shift.start = at(9, 0);
        manifest.state = ManifestState::Departed(at(9, 0));
        for task in manifest.stops.iter().flat_map(|stop| &stop.tasks) {
            let shipment = self.shipments.get_mut(&task.shipment).expect("a shipment");
            for parcel in &mut shipment.parcels {
                parcel.custody = Custody::Loaded(manifest.id.clone());
            }
        }
    }

    pub(crate) fn of(&mut self, name: &str) -> &mut Manifest {
        self.manifests.get_mut(&manifest_id(name)).expect("a manifest")
    }

    pub(crate) fn about(&mut self, name: &str) -> &mut Shipment {
        self.shipments.get_mut(&shipment_id(name)).expect("a shipment")
    }

    pub(crate) fn point_of(&mut self, name: &str) -> &mut DeliveryPoint {
        &mut self.points.get_mut(&point_id(name)).expect("a point").0
    }

    pub(crate) fn vehicle_of(&mut self, name: &str) -> &mut Vehicle {
        self.vehicles.get_mut(&vehicle_id(&format!("v-{name}"))).expect("a vehicle")
    }

    pub(crate) fn custody(&mut self, name: &str, custody: Custody) {
        self.about(name).parcels[0].custody = custody;
    }

    /// Takes a stop off its manifest.
    pub(crate) fn take(&mut self, manifest: &str, stop: &str) -> Stop {
        let manifest = self.of(manifest);
        let found = manifest.stops.iter().position(|other| other.id == stop_id(stop));
        manifest.stops.remove(found.expect("the stop is on this manifest"))
    }

    pub(crate) fn put(&mut self, manifest: &str, position: usize, stop: Stop) {
        self.of(manifest).stops.insert(position, stop);
    }

    pub(crate) fn unassign(&mut self, stop: &Stop) {
        for task in &stop.tasks {
            let parcels = task.parcels.iter();
            self.unassigned.extend(parcels.map(|parcel| (task.shipment.clone(), parcel.clone())));
        }
    }

    /// Everything that scans say is in a van.
    fn aboard(&self, manifest: &ManifestId) -> Vec<ParcelRef<'_>> {
        let parcels = self
            .shipments
            .values()
            .flat_map(|shipment| shipment.parcels.iter().map(move |parcel| (&shipment.id, parcel)));
        parcels
            .filter(|(_, parcel)| parcel.custody == Custody::Loaded(manifest.clone()))
            .map(|(shipment, parcel)| (shipment, &parcel.id))
            .collect()
    }

    pub(crate) fn side(&self) -> Side<'_, Town> {
        let route = |manifest: &'_ ManifestId| {
            let manifest = &self.manifests[manifest];
            Route {
                manifest,
                vehicle: &self.vehicles[&manifest.duty.vehicle],
                depot: Place(0),
                sighted: self.sighted.get(&manifest.id).copied(),
                aboard: self.aboard(&manifest.id),
            }
        };
        Side {
            world: self,
            routes: self.manifests.keys().map(route).collect(),
            unassigned: self
                .unassigned
                .iter()
                .map(|(shipment, parcel)| (shipment, parcel))
                .collect(),
        }
    }

    fn occupied(&self) -> BTreeMap<PointId, u32> {
        let mut occupied = crate::occupancy_of(self.shipments.values());
        for (point, count) in &self.elsewhere {
            *occupied.entry(point.clone()).or_insert(0) += count;
        }
        occupied
    }

    /// Runs `judged` under this town's conditions.
    pub(crate) fn under<R>(&self, judged: impl FnOnce(&Conditions<'_, Town>) -> R) -> R {
        let occupied = self.occupied();
        judged(&Conditions {
            travel: self,
            risk: self.risk,
            now: self.now,
            frozen_ahead: Ticks::from_minutes(10),
            occupied: &|point| occupied.get(point).copied().unwrap_or(0),
        })
    }

    pub(crate) fn flags(&self) -> Vec<Flag> {
        self.under(|conditions| inspect(&self.side(), conditions))
    }

    /// What is wrong with `after`, seen from here.
    pub(crate) fn judged(&self, after: &Town) -> Vec<Violation> {
        self.judged_with(after, &Latitude::default())
    }

    pub(crate) fn judged_with(&self, after: &Town, latitude: &Latitude) -> Vec<Violation> {
        // The change may bring new places: roads are those of the town after it.
        let occupied = self.occupied();
        let conditions = Conditions {
            travel: after,
            risk: self.risk,
            now: self.now,
            frozen_ahead: Ticks::from_minutes(10),
            occupied: &|point| occupied.get(point).copied().unwrap_or(0),
        };
        judge(&self.side(), &after.side(), &conditions, latitude)
    }
}

/// Three vans at ten o'clock, and nothing wrong:
/// - `m1` left at nine; `a` is delivered, `b` is driven to, `c` and `d` are half an hour and more away;
/// - `m2` loads `e`, `f` and `g` until eleven;
/// - `m3` loads `h`, and has skill 1.
pub(crate) fn three_vans() -> Town {
    let mut town = Town::new();
    for (name, x, y) in [
        ("a", 1_000, 0),
        ("b", 3_600, 100),
        ("c", 6_000, -300),
        ("d", 7_000, 500),
        ("e", -600, 0),
        ("f", -1_200, 300),
        ("g", -1_200, -300),
        ("h", 0, 900),
    ] {
        town.add_shipment(name, x, y);
    }
    town.add_manifest("m1", &["a", "b", "c", "d"]);
    town.add_manifest("m2", &["e", "f", "g"]);
    town.add_manifest("m3", &["h"]);
    town.depart("m1");
    town.of("m1").stops[0].state = StopState::Completed { arrived: at(9, 20), left: at(9, 25) };
    town.custody("a", Custody::Delivered { at: at(9, 25), point: point_id("p-a") });
    town.vehicle_of("m3").skills = Skills(1);
    town
}
