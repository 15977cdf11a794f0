//! Shipments: as they are announced, and as they stand.

use std::collections::BTreeSet;

use swerve_model::{
    Consents, Custody, EtaInterval, GoodsClass, Load, Parcel, ParcelId, Promise, Shipment,
    ShipmentId, Ticks, UnassignedReason,
};
use swerve_proto::v1;

use crate::convert::Terms;
use crate::convert::name::{name_of, name_under, named, named_under, recipient};
use crate::convert::quantity::{eta_message, load, load_message, skill_names, skills};
use crate::convert::time::{
    duration, moment_if_set, not_past, span, timestamp, window_messages, windows,
};
use crate::convert::view::View;
use crate::fault::{Faults, Path, shown};

/// A shipment of more is freight.
const PARCELS_MAX: usize = 100;
/// Windows of one promise, or of one wish.
pub(crate) const WINDOWS_MAX: usize = 16;
const PER_PARCEL_MAX: Ticks = Ticks::from_hours(1);
/// The version of a shipment or a promise that has never changed.
const FIRST_VERSION: u64 = 1;

pub(crate) fn shipment(
    message: Option<&v1::Shipment>,
    terms: &Terms<'_>,
    at: Path<'_>,
    faults: &mut Faults,
) -> Option<Shipment> {
    let Some(message) = message else { return faults.none(at, "is required") };
    let id: Option<ShipmentId> = named(&message.name, at.field("name"), faults);
    let recipient = recipient(&message.recipient, at.field("recipient"), faults);
    let parcels = parcels(&message.parcels, id.as_ref(), at, faults);
    let promise = promise(message.promise.as_ref(), terms, at.field("promise"), faults);
    let goods = goods(message.goods_class(), message.goods_class, at.field("goods_class"), faults);
    let skills = skills(&message.skills, terms, at, faults);
    let service = message.service_per_parcel.as_ref();
    let per_parcel = span(service, PER_PARCEL_MAX, at.field("service_per_parcel"), faults);
    let consents = message.consents.unwrap_or_default();
    Some(Shipment {
        id: id?,
        recipient: recipient?,
        parcels: parcels?,
        promise: promise?,
        goods: goods?,
        skills: skills?,
        consents: Consents { consolidation: consents.consolidation, neighbour: consents.neighbour },
        shipper_forbids_changes: message.shipper_forbids_changes,
        per_parcel: per_parcel?,
        changes_used: 0,
        version: FIRST_VERSION,
    })
}

fn parcels(
    messages: &[v1::Parcel],
    shipment: Option<&ShipmentId>,
    of: Path<'_>,
    faults: &mut Faults,
) -> Option<Vec<Parcel>> {
    if messages.is_empty() || messages.len() > PARCELS_MAX {
        let rule = format!("has {} parcels; 1 to {PARCELS_MAX} are required", messages.len());
        return faults.none(of.field("parcels"), rule);
    }
    let mut seen = BTreeSet::new();
    let mut parcels = Vec::with_capacity(messages.len());
    for (index, message) in messages.iter().enumerate() {
        let at = of.item("parcels", index);
        let Some(parcel) = parcel(message, shipment, at, faults) else { continue };
        if seen.insert(parcel.id.clone()) {
            parcels.push(parcel);
        } else {
            faults.add(at.field("name"), format!("{} is named twice", shown(&message.name)));
        }
    }
    (parcels.len() == messages.len()).then_some(parcels)
}

fn parcel(
    message: &v1::Parcel,
    shipment: Option<&ShipmentId>,
    at: Path<'_>,
    faults: &mut Faults,
) -> Option<Parcel> {
    let id = own_parcel(&message.name, shipment, at.field("name"), faults);
    let load = load(message.load.as_ref(), at.field("load"), faults);
    if load == Some(Load::ZERO) {
        faults.add(at.field("load"), "is 0 in every dimension; a parcel takes up something");
    }
    let custody = starting_custody(message.custody.as_ref(), at.field("custody"), faults);
    let ready = moment_if_set(message.ready_time.as_ref(), at.field("ready_time"), faults);
    Some(Parcel { id: id?, load: load?, custody: custody?, ready: ready? })
}

/// Reads a parcel's name and sees that it is of its shipment.
fn own_parcel(
    name: &str,
    shipment: Option<&ShipmentId>,
    at: Path<'_>,
    faults: &mut Faults,
) -> Option<ParcelId> {
    let (of, id) = named_under::<ShipmentId, ParcelId>(name, at, faults)?;
    match shipment {
        Some(shipment) if of != *shipment => {
            faults.none(at, format!("{} is of another shipment than {shipment}", shown(name)))
        }
        _ => Some(id),
    }
}

/// A parcel begins expected or at a depot; all else is for scans to say.
fn starting_custody(
    message: Option<&v1::Custody>,
    at: Path<'_>,
    faults: &mut Faults,
) -> Option<Custody> {
    let Some(message) = message else { return faults.none(at, "is required") };
    let depot = |faults: &mut Faults| named(&message.depot, at.field("depot"), faults);
    match message.state() {
        v1::custody::State::Expected => depot(faults).map(Custody::Expected),
        v1::custody::State::AtDepot => depot(faults).map(Custody::AtDepot),
        v1::custody::State::Unspecified
        | v1::custody::State::Loaded
        | v1::custody::State::Delivered
        | v1::custody::State::Returned
        | v1::custody::State::Cancelled => faults.none(
            at.field("state"),
            "must be STATE_EXPECTED or STATE_AT_DEPOT; what follows is for scans to say",
        ),
    }
}

fn promise(
    message: Option<&v1::Promise>,
    terms: &Terms<'_>,
    at: Path<'_>,
    faults: &mut Faults,
) -> Option<Promise> {
    let Some(message) = message else { return faults.none(at, "is required") };
    let point = named(&message.delivery_point, at.field("delivery_point"), faults);
    if message.windows.is_empty() {
        return faults.none(at.field("windows"), "is required: at least one window");
    }
    let windows = windows(&message.windows, WINDOWS_MAX, at, "windows", faults)?;
    not_past(&windows, terms.now, at.field("windows"), faults)?;
    Some(Promise { point: point?, windows, version: FIRST_VERSION })
}

fn goods(
    class: v1::GoodsClass,
    number: i32,
    at: Path<'_>,
    faults: &mut Faults,
) -> Option<GoodsClass> {
    match class {
        v1::GoodsClass::Unspecified if number != 0 => {
            faults.none(at, format!("{number} is no goods class"))
        }
        v1::GoodsClass::Unspecified | v1::GoodsClass::Normal => Some(GoodsClass::Normal),
        v1::GoodsClass::Restricted => Some(GoodsClass::Restricted),
        v1::GoodsClass::HighValue => Some(GoodsClass::HighValue),
    }
}

/// Where an open parcel is planned.
pub(crate) type Planned = v1::parcel::Planned;

/// A shipment as it stands. `planned` says where a parcel is, `eta` when the next ones come.
pub(crate) fn shipment_message(
    shipment: &Shipment,
    eta: Option<EtaInterval>,
    planned: impl Fn(&ParcelId) -> Option<Planned>,
    view: &View<'_>,
) -> v1::Shipment {
    let goods_class = match shipment.goods {
        GoodsClass::Normal => v1::GoodsClass::Normal,
        GoodsClass::Restricted => v1::GoodsClass::Restricted,
        GoodsClass::HighValue => v1::GoodsClass::HighValue,
    };
    let parcel = |parcel: &Parcel| v1::Parcel {
        name: name_under(&shipment.id, &parcel.id),
        load: Some(load_message(parcel.load)),
        custody: Some(custody_message(&parcel.custody, view)),
        ready_time: parcel.ready.map(timestamp),
        planned: planned(&parcel.id).filter(|_| !view.is_recipient()),
    };
    v1::Shipment {
        name: name_of(&shipment.id),
        recipient: shipment.recipient.as_str().to_owned(),
        parcels: shipment.parcels.iter().map(parcel).collect(),
        promise: Some(promise_message(&shipment.promise)),
        goods_class: goods_class.into(),
        skills: skill_names(shipment.skills, view.skills),
        consents: Some(v1::Consents {
            consolidation: shipment.consents.consolidation,
            neighbour: shipment.consents.neighbour,
        }),
        shipper_forbids_changes: shipment.shipper_forbids_changes,
        service_per_parcel: Some(duration(shipment.per_parcel)),
        changes_used: i32::try_from(shipment.changes_used).unwrap_or(i32::MAX),
        eta: eta.map(eta_message),
        territory: name_of(view.territory),
        etag: etag(shipment.version),
    }
}

pub(crate) fn promise_message(promise: &Promise) -> v1::Promise {
    v1::Promise {
        delivery_point: name_of(&promise.point),
        windows: window_messages(&promise.windows),
        version: promise.version as i64,
    }
}

pub(crate) fn custody_message(custody: &Custody, view: &View<'_>) -> v1::Custody {
    use v1::custody::State;
    let empty = v1::Custody::default();
    match custody {
        Custody::Expected(depot) => {
            v1::Custody { state: State::Expected.into(), depot: name_of(depot), ..empty }
        }
        Custody::AtDepot(depot) => {
            v1::Custody { state: State::AtDepot.into(), depot: name_of(depot), ..empty }
        }
        Custody::Loaded(manifest) => {
            let manifest = if view.is_recipient() { String::new() } else { name_of(manifest) };
            v1::Custody { state: State::Loaded.into(), manifest, ..empty }
        }
        Custody::Delivered { at, point } => v1::Custody {
            state: State::Delivered.into(),
            delivery_point: name_of(point),
            time: Some(timestamp(*at)),
            ..empty
        },
        Custody::Returned(depot) => {
            v1::Custody { state: State::Returned.into(), depot: name_of(depot), ..empty }
        }
        Custody::Cancelled => v1::Custody { state: State::Cancelled.into(), ..empty },
    }
}

pub(crate) const fn unassigned_reason(reason: UnassignedReason) -> v1::UnassignedReason {
    match reason {
        UnassignedReason::NotYetPlanned => v1::UnassignedReason::NotYetPlanned,
        UnassignedReason::CapacityExceeded => v1::UnassignedReason::CapacityExceeded,
        UnassignedReason::NoVehicleWithSkills => v1::UnassignedReason::NoVehicleWithSkills,
        UnassignedReason::WindowUnreachable => v1::UnassignedReason::WindowUnreachable,
        UnassignedReason::ShiftLimit => v1::UnassignedReason::ShiftLimit,
        UnassignedReason::PointUnreachable => v1::UnassignedReason::PointUnreachable,
        UnassignedReason::PromiseWouldBreak => v1::UnassignedReason::PromiseWouldBreak,
        UnassignedReason::NoVanAtDepot => v1::UnassignedReason::NoVanAtDepot,
        UnassignedReason::NotFoundInTime => v1::UnassignedReason::NotFoundInTime,
        UnassignedReason::AttemptFailed => v1::UnassignedReason::AttemptFailed,
        UnassignedReason::Cancelled => v1::UnassignedReason::Cancelled,
    }
}

pub(crate) fn etag(version: u64) -> String {
    version.to_string()
}

/// Reads an etag that may be empty.
pub(crate) fn etag_if_set(text: &str, at: Path<'_>, faults: &mut Faults) -> Option<Option<u64>> {
    if text.is_empty() {
        return Some(None);
    }
    match text.parse() {
        Ok(version) => Some(Some(version)),
        Err(_) => faults.none(at.field("etag"), format!("{} is no etag", shown(text))),
    }
}

#[cfg(test)]
mod tests;
