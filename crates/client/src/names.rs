//! Resource names from ids: `vehicles/van-1`.
//!
//! Ids are chosen by the caller, 1 to 64 characters of `[A-Za-z0-9._~-]`; the server refuses others.

use std::fmt::Display;

/// The id a resource's name ends with: `s-1` of `shipments/s-1`.
pub fn id(name: &str) -> &str {
    name.rsplit_once('/').map_or(name, |(_, id)| id)
}

pub fn territory(id: impl Display) -> String {
    format!("territories/{id}")
}

pub fn depot(id: impl Display) -> String {
    format!("depots/{id}")
}

pub fn vehicle(id: impl Display) -> String {
    format!("vehicles/{id}")
}

pub fn driver(id: impl Display) -> String {
    format!("drivers/{id}")
}

pub fn delivery_point(id: impl Display) -> String {
    format!("deliveryPoints/{id}")
}

pub fn shipment(id: impl Display) -> String {
    format!("shipments/{id}")
}

pub fn parcel(shipment: impl Display, id: impl Display) -> String {
    format!("shipments/{shipment}/parcels/{id}")
}

pub fn manifest(id: impl Display) -> String {
    format!("manifests/{id}")
}

pub fn stop(manifest: impl Display, id: impl Display) -> String {
    format!("manifests/{manifest}/stops/{id}")
}
