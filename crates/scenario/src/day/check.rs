//! What must hold in a day file, judged in one pass that names every fault.
//!
//! A day comes from disk, so nothing is trusted: names must be names, references must lead
//! somewhere, windows must not be reversed, loads not negative. What only the engine can judge
//! (whether it can be driven) is not asked here.

use std::collections::{BTreeMap, BTreeSet};

use swerve_model::StopId;

use super::{
    Accept, DAY_FORMAT, Day, Destination, Manifest, Point, PointKind, Shipment, Size, Together,
    Urgency, WindowWish, Wish,
};
use crate::clock::{DaySecond, Window};
use crate::error::ScenarioError;

/// Faults listed before reading stops: enough to correct a file by, short enough to read.
pub const FAULTS_MAX: usize = 20;

/// More than any vehicle holds or any parcel weighs; keeps every sum of a day far from overflow.
const SIZE_MAX: i64 = 1_000_000_000_000;
const SKILLS_MAX: usize = 64;
const SECONDS_MAX: u32 = 86_400;

impl Day {
    /// # Errors
    /// [`ScenarioError::Inconsistent`], naming each fault, at most [`FAULTS_MAX`]. O(n log n).
    pub fn check(&self) -> Result<(), ScenarioError> {
        let mut faults = Faults::default();
        self.check_head(&mut faults);
        let names = Names::collect(self, &mut faults);
        self.check_fleet(&names, &mut faults);
        self.points.iter().for_each(|point| check_point(point, &mut faults));
        let last_loading = self.manifests.iter().map(|manifest| manifest.loading_start).max();
        for shipment in &self.shipments {
            self.check_shipment(shipment, &names, last_loading, &mut faults);
        }
        let owners = self.shipments.iter().map(|one| (&*one.id, &*one.recipient)).collect();
        for wish in &self.wishes {
            check_wish(wish, &names, &owners, &mut faults);
        }
        faults.into_result()
    }

    fn check_head(&self, faults: &mut Faults) {
        faults.unless(self.format == DAY_FORMAT, || {
            format!("format {} is not {DAY_FORMAT}, the only one this build reads", self.format)
        });
        let currency =
            self.currency.len() == 3 && self.currency.bytes().all(|b| b.is_ascii_uppercase());
        faults.unless(currency, || format!("currency {:?} is not an ISO 4217 code", self.currency));
        faults.unless(self.skills.len() <= SKILLS_MAX, || {
            format!("{} skills are named; at most {SKILLS_MAX} are allowed", self.skills.len())
        });
        faults.unless(self.depot.docks > 0, || "the depot has no docks".to_owned());
        check_windows("depot", &self.depot.id, &[self.depot.open], faults);
    }

    fn check_fleet(&self, names: &Names, faults: &mut Faults) {
        faults.unless(!self.manifests.is_empty(), || "there is no manifest".to_owned());
        for vehicle in &self.vehicles {
            check_size("vehicle", &vehicle.id, vehicle.capacity, faults);
            self.check_skills("vehicle", &vehicle.id, &vehicle.skills, faults);
            let figures = [
                vehicle.cost_per_hour_micros,
                vehicle.cost_per_km_micros,
                vehicle.co2_grams_per_km,
            ];
            faults.unless(figures.iter().all(|figure| (0..=SIZE_MAX).contains(figure)), || {
                format!("vehicle {}: costs and CO2 must be 0 to {SIZE_MAX}", vehicle.id)
            });
        }
        for manifest in &self.manifests {
            names.refer(("manifest", &manifest.id), ("driver", &manifest.driver), faults);
            names.refer(("manifest", &manifest.id), ("vehicle", &manifest.vehicle), faults);
            check_shift(manifest, faults);
        }
    }

    fn check_skills(&self, kind: &str, id: &str, skills: &[String], faults: &mut Faults) {
        for skill in skills {
            faults.unless(self.skills.contains(skill), || {
                format!("{kind} {id}: skill {skill:?} is not among the day's skills")
            });
        }
    }

    fn check_shipment(
        &self,
        shipment: &Shipment,
        names: &Names,
        last_loading: Option<DaySecond>,
        faults: &mut Faults,
    ) {
        let id = shipment.id.as_str();
        names.refer(("shipment", id), ("recipient", &shipment.recipient), faults);
        names.refer(("shipment", id), ("point", &shipment.point), faults);
        faults.unless(!shipment.parcels.is_empty(), || format!("shipment {id} has no parcel"));
        faults.unless(!shipment.promise.is_empty(), || format!("shipment {id} promises no window"));
        check_windows("shipment", id, &shipment.promise, faults);
        for parcel in &shipment.parcels {
            check_size("parcel", &parcel.id, parcel.size, faults);
            self.check_skills("parcel", &parcel.id, &parcel.skills, faults);
            faults.unless(Some(parcel.ready) <= last_loading, || {
                format!(
                    "parcel {}: ready at {}, after every van has loaded",
                    parcel.id, parcel.ready
                )
            });
        }
    }
}

/// Which names there are of each kind.
struct Names<'a> {
    known: BTreeMap<&'static str, BTreeSet<&'a str>>,
}

impl<'a> Names<'a> {
    fn collect(day: &'a Day, faults: &mut Faults) -> Names<'a> {
        let mut names = Names { known: BTreeMap::new() };
        let mut add = |kind, id: &'a String| names.add(kind, id, faults);
        add("depot", &day.depot.id);
        day.vehicles.iter().for_each(|vehicle| add("vehicle", &vehicle.id));
        day.drivers.iter().for_each(|driver| add("driver", &driver.id));
        day.manifests.iter().for_each(|manifest| add("manifest", &manifest.id));
        day.points.iter().for_each(|point| add("point", &point.id));
        day.recipients.iter().for_each(|recipient| add("recipient", &recipient.id));
        day.shipments.iter().for_each(|shipment| add("shipment", &shipment.id));
        let parcels = day.shipments.iter().flat_map(|shipment| &shipment.parcels);
        parcels.for_each(|parcel| add("parcel", &parcel.id));
        day.wishes.iter().for_each(|wish| add("wish", &wish.id));
        names
    }

    fn add(&mut self, kind: &'static str, id: &'a str, faults: &mut Faults) {
        if let Err(error) = StopId::new(id) {
            faults.add(format!("{kind} name {:?} {error}", shortened(id)));
        }
        let is_new = self.known.entry(kind).or_default().insert(id);
        faults.unless(is_new, || format!("{kind} {} is there twice", shortened(id)));
    }

    fn refer(&self, from: (&str, &str), to: (&'static str, &str), faults: &mut Faults) {
        let found = self.known.get(to.0).is_some_and(|ids| ids.contains(to.1));
        faults
            .unless(found, || format!("{} {}: no {} {:?}", from.0, from.1, to.0, shortened(to.1)));
    }
}

fn shortened(text: &str) -> String {
    text.chars().take(80).collect()
}

fn check_shift(manifest: &Manifest, faults: &mut Faults) {
    let times = [
        manifest.shift_start,
        manifest.loading_start,
        manifest.departure,
        manifest.shift_end,
        manifest.hard_end,
    ];
    faults.unless(times.is_sorted() && manifest.departure < manifest.shift_end, || {
        format!(
            "manifest {}: shift start {}, loading {}, departure {}, shift end {} and hard end {} \
             are not in order",
            manifest.id, times[0], times[1], times[2], times[3], times[4]
        )
    });
    faults.unless(manifest.hard_end <= DaySecond::MAX, || {
        format!(
            "manifest {}: hard end {} is past {}",
            manifest.id,
            manifest.hard_end,
            DaySecond::MAX
        )
    });
}

fn check_size(kind: &str, id: &str, size: Size, faults: &mut Faults) {
    let sound = size.load().0.iter().all(|amount| (0..=SIZE_MAX).contains(amount));
    faults
        .unless(sound, || format!("{kind} {id}: weight, volume and count must be 0 to {SIZE_MAX}"));
}

fn check_windows(kind: &str, id: &str, windows: &[Window], faults: &mut Faults) {
    for window in windows {
        faults.unless(window.open <= window.close && window.close <= DaySecond::MAX, || {
            format!("{kind} {id}: window {}-{} is reversed or too late", window.open, window.close)
        });
    }
    let disjoint = windows.windows(2).all(|pair| pair[0].close < pair[1].open);
    faults.unless(disjoint, || format!("{kind} {id}: windows overlap or are out of order"));
}

fn check_point(point: &Point, faults: &mut Faults) {
    check_windows("point", &point.id, &point.hours, faults);
    let seconds = [point.service.park, point.service.stop, point.service.parcel];
    faults.unless(seconds.iter().all(|part| *part <= SECONDS_MAX), || {
        format!("point {}: a part of its service is longer than a day", point.id)
    });
    if let PointKind::Locker { compartments, occupied } = point.kind {
        faults.unless(occupied <= compartments, || {
            format!("point {}: {occupied} of {compartments} compartments are occupied", point.id)
        });
    }
}

fn check_wish(wish: &Wish, names: &Names, owners: &BTreeMap<&str, &str>, faults: &mut Faults) {
    let from = ("wish", wish.id.as_str());
    names.refer(from, ("recipient", &wish.recipient), faults);
    names.refer(from, ("shipment", &wish.shipment), faults);
    let owner = owners.get(wish.shipment.as_str());
    faults.unless(owner.is_none_or(|owner| *owner == wish.recipient), || {
        format!("wish {}: shipment {} is another recipient's", wish.id, wish.shipment)
    });
    faults.unless(wish.asked <= DaySecond::MAX, || format!("wish {}: asked too late", wish.id));
    if let Urgency::Thinks { seconds } = wish.urgency {
        faults.unless(seconds <= SECONDS_MAX, || format!("wish {}: thinks too long", wish.id));
    }
    match &wish.to {
        Some(Destination::Address(point)) => check_point(point, faults),
        Some(Destination::Point(id)) => names.refer(from, ("point", id), faults),
        Some(Destination::AnyPickup) | None => {}
    }
    if let WindowWish::AnyOf(windows) = &wish.windows {
        check_windows("wish", &wish.id, windows, faults);
        faults.unless(!windows.is_empty(), || format!("wish {}: any of no windows", wish.id));
    }
    match &wish.together {
        Some(Together::Own { shipments } | Together::Neighbours { shipments }) => {
            for id in shipments {
                names.refer(from, ("shipment", id), faults);
            }
        }
        None => {}
    }
    if let Accept::OrAlternative { permille } = wish.accept {
        faults.unless(permille <= 1000, || format!("wish {}: {permille} permille", wish.id));
    }
}

/// The faults found so far, up to the limit.
#[derive(Default)]
struct Faults(Vec<String>);

impl Faults {
    fn add(&mut self, fault: String) {
        if self.0.len() < FAULTS_MAX {
            self.0.push(fault);
        }
    }

    fn unless(&mut self, holds: bool, fault: impl FnOnce() -> String) {
        if !holds {
            self.add(fault());
        }
    }

    fn into_result(self) -> Result<(), ScenarioError> {
        if self.0.is_empty() { Ok(()) } else { Err(ScenarioError::Inconsistent { faults: self.0 }) }
    }
}
