//! What scanners saw, positions, and failed drops: the day's reports.

use swerve_engine::{Position, Scan};
use swerve_model::{Custody, FailureReason, ManifestId, Moment, ParcelId, ShipmentId};
use swerve_proto::v1;

use crate::convert::name::{named, named_under};
use crate::convert::quantity::lat_lng;
use crate::convert::time::moment_if_set;
use crate::fault::{Faults, Path};

/// Scans of one call: a depot's morning.
const SCANS_MAX: usize = 5_000;
/// Positions of one call: a fleet's minute.
const POSITIONS_MAX: usize = 1_000;

pub(crate) fn scans(
    messages: &[v1::Scan],
    now: Moment,
    of: Path<'_>,
    faults: &mut Faults,
) -> Option<Vec<Scan>> {
    if messages.is_empty() || messages.len() > SCANS_MAX {
        let rule = format!("has {} scans; 1 to {SCANS_MAX} are required", messages.len());
        return faults.none(of.field("scans"), rule);
    }
    let read = |(index, message)| scan(message, now, of.item("scans", index), faults);
    let scans: Vec<Option<Scan>> = messages.iter().enumerate().map(read).collect();
    scans.into_iter().collect()
}

fn scan(message: &v1::Scan, now: Moment, at: Path<'_>, faults: &mut Faults) -> Option<Scan> {
    let parcel = named_under::<ShipmentId, ParcelId>(&message.parcel, at.field("parcel"), faults);
    let custody = scanned(message.custody.as_ref(), now, at.field("custody"), faults);
    let (shipment, parcel) = parcel?;
    Some(Scan { shipment, parcel, custody: custody? })
}

fn scanned(
    message: Option<&v1::Custody>,
    now: Moment,
    at: Path<'_>,
    faults: &mut Faults,
) -> Option<Custody> {
    use v1::custody::State;
    let Some(message) = message else { return faults.none(at, "is required") };
    let Ok(state) = State::try_from(message.state) else {
        return faults.none(at.field("state"), format!("{} is no custody state", message.state));
    };
    match state {
        State::AtDepot => named(&message.depot, at.field("depot"), faults).map(Custody::AtDepot),
        State::Loaded => {
            named(&message.manifest, at.field("manifest"), faults).map(Custody::Loaded)
        }
        State::Delivered => {
            let point = named(&message.delivery_point, at.field("delivery_point"), faults);
            let time = moment_if_set(message.time.as_ref(), at.field("time"), faults);
            Some(Custody::Delivered { at: time?.unwrap_or(now), point: point? })
        }
        State::Returned => named(&message.depot, at.field("depot"), faults).map(Custody::Returned),
        State::Unspecified | State::Expected | State::Cancelled => faults.none(
            at.field("state"),
            "must be STATE_AT_DEPOT, STATE_LOADED, STATE_DELIVERED or STATE_RETURNED",
        ),
    }
}

pub(crate) fn positions(
    messages: &[v1::PositionReport],
    now: Moment,
    of: Path<'_>,
    faults: &mut Faults,
) -> Option<Vec<(ManifestId, Position)>> {
    if messages.is_empty() || messages.len() > POSITIONS_MAX {
        let rule = format!("has {} reports; 1 to {POSITIONS_MAX} are required", messages.len());
        return faults.none(of.field("positions"), rule);
    }
    let read = |(index, message)| position(message, now, of.item("positions", index), faults);
    let positions: Vec<Option<_>> = messages.iter().enumerate().map(read).collect();
    positions.into_iter().collect()
}

fn position(
    message: &v1::PositionReport,
    now: Moment,
    at: Path<'_>,
    faults: &mut Faults,
) -> Option<(ManifestId, Position)> {
    let manifest = named(&message.manifest, at.field("manifest"), faults);
    let location = lat_lng(message.location, at.field("location"), faults);
    let time = moment_if_set(message.time.as_ref(), at.field("time"), faults);
    Some((manifest?, Position { location: location?, at: time?.unwrap_or(now) }))
}

pub(crate) fn failure(number: i32, at: Path<'_>, faults: &mut Faults) -> Option<FailureReason> {
    use v1::FailureReason as Wire;
    match Wire::try_from(number) {
        Ok(Wire::RecipientAbsent) => Some(FailureReason::RecipientAbsent),
        Ok(Wire::Refused) => Some(FailureReason::Refused),
        Ok(Wire::NoAccess) => Some(FailureReason::NoAccess),
        Ok(Wire::PointFull) => Some(FailureReason::PointFull),
        Ok(Wire::Damaged) => Some(FailureReason::Damaged),
        Ok(Wire::Unspecified) => faults.none(at.field("reason"), "is required"),
        Err(_) => faults.none(at.field("reason"), format!("{number} is no failure reason")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::convert::test_terms::NOON;

    fn a_scan(custody: v1::Custody) -> v1::Scan {
        v1::Scan { parcel: "shipments/s/parcels/p".into(), custody: Some(custody) }
    }

    #[test]
    fn a_scan_without_a_time_happened_now() {
        let delivered = v1::Custody {
            state: v1::custody::State::Delivered.into(),
            delivery_point: "deliveryPoints/d".into(),
            ..v1::Custody::default()
        };
        let mut faults = Faults::new();
        let read = scans(&[a_scan(delivered)], NOON, Path::Root, &mut faults).expect("fine");
        assert!(matches!(&read[0].custody, Custody::Delivered { at, .. } if *at == NOON));
    }

    #[test]
    fn faults_of_all_scans_are_found_at_once() {
        let loaded_where = v1::Custody {
            state: v1::custody::State::Loaded.into(),
            depot: "depots/wrong-field".into(),
            ..v1::Custody::default()
        };
        let messages = [a_scan(loaded_where), a_scan(v1::Custody::default()), v1::Scan::default()];
        let mut faults = Faults::new();
        assert!(scans(&messages, NOON, Path::Root, &mut faults).is_none());
        let fields: Vec<&str> = faults.kept.iter().map(|fault| fault.field.as_str()).collect();
        assert_eq!(
            fields,
            [
                "scans[0].custody.manifest",
                "scans[1].custody.state",
                "scans[2].parcel",
                "scans[2].custody",
            ]
        );
    }

    #[test]
    fn a_number_that_names_nothing_is_named() {
        let custody = v1::Custody { state: 77, ..v1::Custody::default() };
        let mut faults = Faults::new();
        assert!(scans(&[a_scan(custody)], NOON, Path::Root, &mut faults).is_none());
        assert!(failure(88, Path::Root, &mut faults).is_none());
        let told: Vec<&str> = faults.kept.iter().map(|fault| fault.description.as_str()).collect();
        assert_eq!(told, ["77 is no custody state", "88 is no failure reason"]);
    }

    #[test]
    fn a_position_without_numbers_is_no_position() {
        let report = v1::PositionReport {
            manifest: "manifests/m".into(),
            location: Some(v1::LatLng { latitude: f64::NAN, longitude: 0.0 }),
            time: None,
        };
        let mut faults = Faults::new();
        assert!(positions(&[report], NOON, Path::Root, &mut faults).is_none());
        assert_eq!(faults.kept[0].field, "positions[0].location");
        assert!(positions(&[], NOON, Path::Root, &mut faults).is_none());
    }
}
