//! The world with one wish come true, as the twins of the search judge it.

use swerve_engine::Snapshot;
use swerve_model::{
    DeliveryPoint, Place, PointId, PointKind, Shipment, ShipmentId, Stop, StopId, StopState, Task,
    Ticks, Wish, WishedPlace, World,
};

use super::{parcel_id, shipment_id};

/// The snapshot with the wish come true: one promise and perhaps one point changed.
pub struct After<'a> {
    base: &'a Snapshot,
    pub shipment: Shipment,
    point: Option<(DeliveryPoint, Place)>,
}

impl World for After<'_> {
    fn shipment(&self, id: &ShipmentId) -> Option<&Shipment> {
        if *id == self.shipment.id { Some(&self.shipment) } else { self.base.shipment(id) }
    }

    fn point(&self, id: &PointId) -> Option<&DeliveryPoint> {
        match &self.point {
            Some((point, _)) if point.id == *id => Some(point),
            _ => self.base.point(id),
        }
    }

    fn place(&self, id: &PointId) -> Option<Place> {
        match &self.point {
            Some((point, place)) if point.id == *id => Some(*place),
            _ => self.base.place(id),
        }
    }
}

impl<'a> After<'a> {
    pub fn of(base: &'a Snapshot, number: usize, wish: &Wish) -> After<'a> {
        let mut shipment = base.state.shipments[&shipment_id(number)].as_ref().clone();
        let mut point = None;
        if let Some(WishedPlace::Location(location)) = wish.place {
            let snapped = base.roads.0.snap(location).expect("on the plane");
            let id = PointId::new("wished").expect("a name");
            let door = DeliveryPoint {
                id: id.clone(),
                kind: PointKind::Door,
                location,
                opening: Vec::new(),
                compartments: None,
                park: Ticks::from_seconds(60),
                per_stop: Ticks::from_seconds(60),
            };
            point = Some((door, snapped.place));
            shipment.promise.point = id;
        }
        if !wish.windows.is_empty() {
            shipment.promise.windows.clone_from(&wish.windows);
        }
        shipment.promise.version += 1;
        After { base, shipment, point }
    }

    /// The stop that is wished for.
    pub fn stop(&self) -> Stop {
        Stop {
            id: StopId::new("wished").expect("a name"),
            point: self.shipment.promise.point.clone(),
            tasks: vec![Task { shipment: self.shipment.id.clone(), parcels: vec![parcel_id(1)] }],
            state: StopState::Planned,
            pinned: false,
            told: None,
        }
    }
}
