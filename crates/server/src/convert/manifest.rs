//! Manifests: duties and other planners' sequences in, stops with their times out.

use std::collections::BTreeSet;

use swerve_engine::ImportedManifest;
use swerve_model::{
    Duty, EtaInterval, Manifest, ManifestId, ManifestState, ParcelId, Shift, ShipmentId, Stop,
    StopState, Task, Ticks, TimeWindow,
};
use swerve_proto::v1;

use crate::convert::name::{name_of, name_under, named, named_under};
use crate::convert::quantity::{eta_message, lat_lng_message, told_message};
use crate::convert::time::{duration, moment, timestamp, window_messages};
use crate::convert::view::View;
use crate::fault::{Faults, Path, shown};

/// No law lets a driver work longer in one go.
const SHIFT_MAX: Ticks = Ticks::from_hours(24);
/// Manifests of one import: a large territory's day.
const IMPORTED_MAX: usize = 5_000;
const IMPORTED_STOPS_MAX: usize = 1_000;
const IMPORTED_TASKS_MAX: usize = 100;

/// Reads a manifest to be opened: its name and its duty. Everything else is output.
pub(crate) fn opened(
    message: Option<&v1::Manifest>,
    at: Path<'_>,
    faults: &mut Faults,
) -> Option<(ManifestId, Duty)> {
    let Some(message) = message else { return faults.none(at, "is required") };
    let id = named(&message.name, at.field("name"), faults);
    let driver = named(&message.driver, at.field("driver"), faults);
    let vehicle = named(&message.vehicle, at.field("vehicle"), faults);
    let depot = named(&message.depot, at.field("depot"), faults);
    let shift = shift(message.shift.as_ref(), at.field("shift"), faults);
    let duty = Duty { driver: driver?, vehicle: vehicle?, depot: depot?, shift: shift? };
    Some((id?, duty))
}

fn shift(message: Option<&v1::Shift>, at: Path<'_>, faults: &mut Faults) -> Option<Shift> {
    let Some(message) = message else { return faults.none(at, "is required") };
    let start = moment(message.start.as_ref(), at.field("start"), faults);
    let end = moment(message.end.as_ref(), at.field("end"), faults);
    let hard_end = moment(message.hard_end.as_ref(), at.field("hard_end"), faults);
    let shift = Shift { start: start?, end: end?, hard_end: hard_end? };
    if shift.end < shift.start || shift.hard_end < shift.end {
        return faults.none(at, "is not start <= end <= hard_end");
    }
    if shift.hard_end - shift.start > SHIFT_MAX {
        let length = shift.hard_end - shift.start;
        return faults.none(at, format!("lasts {length}; at most {SHIFT_MAX}"));
    }
    Some(shift)
}

/// Reads another planner's sequences. No manifest and no parcel twice.
pub(crate) fn imported(
    messages: &[v1::ImportedManifest],
    of: Path<'_>,
    faults: &mut Faults,
) -> Option<Vec<ImportedManifest>> {
    if messages.is_empty() || messages.len() > IMPORTED_MAX {
        let rule = format!("has {} manifests; 1 to {IMPORTED_MAX} are required", messages.len());
        return faults.none(of.field("manifests"), rule);
    }
    let mut seen = Seen::default();
    let mut imported = Vec::with_capacity(messages.len());
    for (index, message) in messages.iter().enumerate() {
        let at = of.item("manifests", index);
        let id: Option<ManifestId> = named(&message.manifest, at.field("manifest"), faults);
        if id.as_ref().is_some_and(|id| !seen.manifests.insert(id.clone())) {
            faults
                .add(at.field("manifest"), format!("{} is named twice", shown(&message.manifest)));
        }
        let stops = imported_stops(&message.stops, &mut seen, at, faults);
        if let (Some(manifest), Some(stops)) = (id, stops) {
            imported.push(ImportedManifest { manifest, stops });
        }
    }
    (imported.len() == messages.len()).then_some(imported)
}

/// What an import has named so far.
#[derive(Default)]
struct Seen {
    manifests: BTreeSet<ManifestId>,
    parcels: BTreeSet<(ShipmentId, ParcelId)>,
    /// Shipments named without their parcels, which means all of them.
    whole: BTreeSet<ShipmentId>,
    /// Shipments of which some parcel was named.
    parts: BTreeSet<ShipmentId>,
}

impl Seen {
    /// Notes a task; false if one of its parcels was named before.
    fn note(&mut self, task: &Task) -> bool {
        if self.whole.contains(&task.shipment) {
            return false;
        }
        if task.parcels.is_empty() {
            self.whole.insert(task.shipment.clone());
            return !self.parts.contains(&task.shipment);
        }
        self.parts.insert(task.shipment.clone());
        let mut fresh = true;
        for parcel in &task.parcels {
            fresh &= self.parcels.insert((task.shipment.clone(), parcel.clone()));
        }
        fresh
    }
}

fn imported_stops(
    messages: &[v1::ImportedStop],
    seen: &mut Seen,
    of: Path<'_>,
    faults: &mut Faults,
) -> Option<Vec<Vec<Task>>> {
    if messages.len() > IMPORTED_STOPS_MAX {
        let rule = format!("has {} stops; at most {IMPORTED_STOPS_MAX}", messages.len());
        return faults.none(of.field("stops"), rule);
    }
    let mut stops = Vec::with_capacity(messages.len());
    for (index, message) in messages.iter().enumerate() {
        let at = of.item("stops", index);
        let count = message.tasks.len();
        if count == 0 || count > IMPORTED_TASKS_MAX {
            let rule = format!("has {count} tasks; 1 to {IMPORTED_TASKS_MAX} are required");
            faults.add(at.field("tasks"), rule);
            continue;
        }
        let read = |(index, task)| imported_task(task, seen, at.item("tasks", index), faults);
        let tasks: Vec<Option<Task>> = message.tasks.iter().enumerate().map(read).collect();
        stops.extend(tasks.into_iter().collect::<Option<Vec<Task>>>());
    }
    (stops.len() == messages.len()).then_some(stops)
}

fn imported_task(
    message: &v1::Task,
    seen: &mut Seen,
    at: Path<'_>,
    faults: &mut Faults,
) -> Option<Task> {
    let shipment: ShipmentId = named(&message.shipment, at.field("shipment"), faults)?;
    let mut parcels = Vec::with_capacity(message.parcels.len());
    for (index, name) in message.parcels.iter().enumerate() {
        let at = at.item("parcels", index);
        match named_under::<ShipmentId, ParcelId>(name, at, faults) {
            Some((of, parcel)) if of == shipment => parcels.push(parcel),
            Some(_) => faults.add(at, format!("{} is not of {shipment}", shown(name))),
            None => {}
        }
    }
    let task = (parcels.len() == message.parcels.len()).then_some(Task { shipment, parcels })?;
    if seen.note(&task) {
        Some(task)
    } else {
        faults.none(at, format!("a parcel of {} is named twice", shown(&message.shipment)))
    }
}

/// What a stop's message needs besides the stop.
pub(crate) struct StopFacts {
    pub(crate) location: Option<swerve_model::LatLng>,
    pub(crate) windows: Vec<TimeWindow>,
    pub(crate) service: Option<Ticks>,
}

/// A manifest as it stands. `etas` are of its undone stops, in order.
pub(crate) fn manifest_message(
    manifest: &Manifest,
    etas: &[EtaInterval],
    facts: impl Fn(&Stop) -> StopFacts,
    view: &View<'_>,
) -> v1::Manifest {
    use v1::manifest::State;
    let (state, departed, closed) = match manifest.state {
        ManifestState::Loading => (State::Loading, None, None),
        ManifestState::Departed(at) => (State::Departed, Some(at), None),
        ManifestState::Closed(at) => (State::Closed, None, Some(at)),
    };
    let shift = manifest.duty.shift;
    let done = manifest.done_count();
    let stop = |(index, stop): (usize, &Stop)| {
        let eta = index.checked_sub(done).and_then(|undone| etas.get(undone)).copied();
        stop_message(&manifest.id, stop, eta, &facts(stop))
    };
    v1::Manifest {
        name: name_of(&manifest.id),
        driver: name_of(&manifest.duty.driver),
        vehicle: name_of(&manifest.duty.vehicle),
        depot: name_of(&manifest.duty.depot),
        shift: Some(v1::Shift {
            start: Some(timestamp(shift.start)),
            end: Some(timestamp(shift.end)),
            hard_end: Some(timestamp(shift.hard_end)),
        }),
        state: state.into(),
        depart_time: departed.map(timestamp),
        close_time: closed.map(timestamp),
        stops: manifest.stops.iter().enumerate().map(stop).collect(),
        sighting: manifest.sighting.map(|sighting| v1::Sighting {
            location: Some(lat_lng_message(sighting.location)),
            time: Some(timestamp(sighting.at)),
        }),
        revision: Some(view.revision(manifest.revision)),
        acknowledged_revision: Some(view.revision(manifest.acknowledged)),
    }
}

fn stop_message(
    manifest: &ManifestId,
    stop: &Stop,
    eta: Option<EtaInterval>,
    facts: &StopFacts,
) -> v1::Stop {
    use v1::stop::State;
    let (state, arrived, left) = match stop.state {
        StopState::Planned => (State::Planned, None, None),
        StopState::Arrived(at) => (State::Arrived, Some(at), None),
        StopState::Completed { arrived, left } => (State::Completed, Some(arrived), Some(left)),
        StopState::Failed { arrived, left } => (State::Failed, Some(arrived), Some(left)),
    };
    let stops_before = eta.map_or(0, |eta| eta.stops_before);
    v1::Stop {
        name: name_under(manifest, &stop.id),
        delivery_point: name_of(&stop.point),
        location: facts.location.map(lat_lng_message),
        tasks: stop.tasks.iter().map(task_message).collect(),
        state: state.into(),
        arrive_time: arrived.map(timestamp),
        leave_time: left.map(timestamp),
        pinned: stop.pinned,
        eta: eta.map(eta_message),
        told_eta: stop.told.map(|told| told_message(told, stops_before)),
        windows: window_messages(&facts.windows),
        service_duration: facts.service.map(duration),
    }
}

pub(crate) fn task_message(task: &Task) -> v1::Task {
    v1::Task {
        shipment: name_of(&task.shipment),
        parcels: task.parcels.iter().map(|parcel| name_under(&task.shipment, parcel)).collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::convert::test_terms::NOON;
    use crate::convert::view::test_view::with_view;
    use swerve_model::{LatLng, Moment, PointId, Revision, Role, StopId, ToldEta};

    fn a_manifest() -> v1::Manifest {
        v1::Manifest {
            name: "manifests/m1".into(),
            driver: "drivers/ada".into(),
            vehicle: "vehicles/van-1".into(),
            depot: "depots/north".into(),
            shift: Some(v1::Shift {
                start: Some(timestamp(NOON)),
                end: Some(timestamp(NOON + Ticks::from_hours(8))),
                hard_end: Some(timestamp(NOON + Ticks::from_hours(10))),
            }),
            ..v1::Manifest::default()
        }
    }

    fn fields_at_fault(read: impl FnOnce(&mut Faults) -> bool) -> Vec<String> {
        let mut faults = Faults::new();
        assert_eq!(read(&mut faults), faults.kept.is_empty());
        faults.kept.into_iter().map(|fault| fault.field).collect()
    }

    #[test]
    fn a_duty_is_read_and_written_back() {
        let sent = a_manifest();
        let mut faults = Faults::new();
        let (id, duty) = opened(Some(&sent), Path::Root, &mut faults).expect("fine");
        let manifest = Manifest {
            id,
            duty,
            state: ManifestState::Loading,
            stops: Vec::new(),
            sighting: None,
            revision: Revision(3),
            acknowledged: Revision(2),
        };
        let facts = |_: &Stop| StopFacts { location: None, windows: Vec::new(), service: None };
        let back = with_view(Role::Driver, |view| manifest_message(&manifest, &[], facts, view));
        assert_eq!(
            (back.driver, back.vehicle, back.shift),
            (sent.driver, sent.vehicle, sent.shift)
        );
        assert_eq!(back.revision.map(|revision| revision.number), Some(3));
        assert_eq!(back.state, i32::from(v1::manifest::State::Loading));
    }

    #[test]
    fn a_shift_that_ends_before_it_starts_or_never_is_refused() {
        let read = |change: &dyn Fn(&mut v1::Shift)| {
            let mut message = a_manifest();
            change(message.shift.as_mut().expect("it has one"));
            fields_at_fault(|faults| opened(Some(&message), Path::Root, faults).is_some())
        };
        assert_eq!(read(&|shift| shift.end = Some(timestamp(NOON - Ticks(1)))), ["shift"]);
        assert_eq!(read(&|shift| shift.hard_end = shift.start), ["shift"]);
        let late = Some(timestamp(NOON + Ticks::from_hours(24) + Ticks(1)));
        assert_eq!(read(&|shift| shift.hard_end = late), ["shift"]);
        assert_eq!(read(&|shift| shift.start = None), ["shift.start"]);
    }

    fn a_task(shipment: &str, parcels: &[&str]) -> v1::Task {
        let parcel = |parcel: &&str| format!("shipments/{shipment}/parcels/{parcel}");
        v1::Task {
            shipment: format!("shipments/{shipment}"),
            parcels: parcels.iter().map(parcel).collect(),
        }
    }

    fn an_import(stops: Vec<Vec<v1::Task>>) -> Vec<v1::ImportedManifest> {
        let stops = stops.into_iter().map(|tasks| v1::ImportedStop { tasks }).collect();
        vec![v1::ImportedManifest { manifest: "manifests/m1".into(), stops }]
    }

    #[test]
    fn an_import_keeps_the_order_it_came_in() {
        let messages = an_import(vec![
            vec![a_task("b", &["1", "2"])],
            vec![a_task("a", &[]), a_task("c", &["1"])],
        ]);
        let mut faults = Faults::new();
        let read = imported(&messages, Path::Root, &mut faults).expect("fine");
        let back: Vec<Vec<v1::Task>> =
            read[0].stops.iter().map(|tasks| tasks.iter().map(task_message).collect()).collect();
        let sent: Vec<Vec<v1::Task>> =
            messages[0].stops.iter().map(|stop| stop.tasks.clone()).collect();
        assert_eq!(back, sent);
    }

    #[test]
    fn no_parcel_is_imported_twice_in_any_spelling() {
        let twice = [
            vec![vec![a_task("a", &["1"])], vec![a_task("a", &["1"])]],
            vec![vec![a_task("a", &[])], vec![a_task("a", &["1"])]],
            vec![vec![a_task("a", &["1"])], vec![a_task("a", &[])]],
            vec![vec![a_task("a", &[])], vec![a_task("a", &[])]],
        ];
        for stops in twice {
            let messages = an_import(stops);
            let fields =
                fields_at_fault(|faults| imported(&messages, Path::Root, faults).is_some());
            assert_eq!(fields, ["manifests[0].stops[1].tasks[0]"]);
        }
    }

    #[test]
    fn all_faults_of_an_import_are_found_at_once() {
        let mut messages = an_import(vec![vec![], vec![a_task("a", &["1"])]]);
        messages[0].stops[1].tasks[0].parcels.push("shipments/other/parcels/1".into());
        messages.push(v1::ImportedManifest { manifest: "m2".into(), stops: Vec::new() });
        messages.push(messages[0].clone());
        let fields = fields_at_fault(|faults| imported(&messages, Path::Root, faults).is_some());
        assert_eq!(
            fields,
            [
                "manifests[0].stops[0].tasks",
                "manifests[0].stops[1].tasks[0].parcels[1]",
                "manifests[1].manifest",
                "manifests[2].manifest",
                "manifests[2].stops[0].tasks",
                "manifests[2].stops[1].tasks[0].parcels[1]",
            ]
        );
    }

    #[test]
    fn undone_stops_carry_their_arrival_and_done_ones_their_history() {
        let name = |text: &str| StopId::new(text).expect("a name");
        let stop = |id: &str, state| Stop {
            id: name(id),
            point: PointId::new("d").expect("a name"),
            tasks: Vec::new(),
            state,
            pinned: false,
            told: Some(ToldEta { expected: NOON, earliest: NOON, latest: NOON }),
        };
        let mut faults = Faults::new();
        let (id, duty) = opened(Some(&a_manifest()), Path::Root, &mut faults).expect("fine");
        let done = StopState::Completed { arrived: NOON, left: NOON + Ticks(5) };
        let manifest = Manifest {
            id,
            duty,
            state: ManifestState::Departed(Moment(1)),
            stops: vec![stop("s1", done), stop("s2", StopState::Planned)],
            sighting: None,
            revision: Revision(1),
            acknowledged: Revision(0),
        };
        let eta = EtaInterval {
            expected: NOON + Ticks(70),
            earliest: NOON,
            latest: NOON + Ticks(90),
            stops_before: 0,
        };
        let facts = |_: &Stop| StopFacts {
            location: LatLng::new(1.0, 2.0).ok(),
            windows: Vec::new(),
            service: Some(Ticks(30)),
        };
        let message =
            with_view(Role::Driver, |view| manifest_message(&manifest, &[eta], facts, view));
        assert!(message.stops[0].eta.is_none() && message.stops[0].leave_time.is_some());
        let expected = message.stops[1].eta.and_then(|eta| eta.expected);
        assert_eq!(expected, Some(timestamp(NOON + Ticks(70))));
        assert_eq!(message.stops[1].name, "manifests/m1/stops/s2");
    }
}
