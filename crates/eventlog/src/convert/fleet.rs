//! Vehicles, delivery points and duties.

use swerve_model::{Cost, DeliveryPoint, Duty, Moment, Shift, Skills, Ticks, Vehicle};
use swerve_proto::storage::v1;

use super::{Fault, Stored, field, list, messages, required, stored_enum};

stored_enum!(PointKind: Door, Locker, Shop);

impl Stored for Vehicle {
    type Message = v1::Vehicle;

    fn to_message(&self) -> v1::Vehicle {
        v1::Vehicle {
            id: self.id.to_message(),
            capacity: Some(self.capacity.to_message()),
            skills: self.skills.0,
            per_hour: self.per_hour.0,
            per_km: self.per_km.0,
            co2_grams_per_km: self.co2_grams_per_km,
        }
    }

    fn from_message(message: v1::Vehicle) -> Result<Vehicle, Fault> {
        Ok(Vehicle {
            id: field(message.id, "id")?,
            capacity: required(message.capacity, "capacity")?,
            skills: Skills(message.skills),
            per_hour: Cost(message.per_hour),
            per_km: Cost(message.per_km),
            co2_grams_per_km: message.co2_grams_per_km,
        })
    }
}

impl Stored for DeliveryPoint {
    type Message = v1::DeliveryPoint;

    fn to_message(&self) -> v1::DeliveryPoint {
        v1::DeliveryPoint {
            id: self.id.to_message(),
            kind: self.kind.to_message(),
            location: Some(self.location.to_message()),
            opening: messages(&self.opening),
            compartments: self.compartments,
            park: self.park.0,
            per_stop: self.per_stop.0,
        }
    }

    fn from_message(message: v1::DeliveryPoint) -> Result<DeliveryPoint, Fault> {
        Ok(DeliveryPoint {
            id: field(message.id, "id")?,
            kind: field(message.kind, "kind")?,
            location: required(message.location, "location")?,
            opening: list(message.opening, "opening")?,
            compartments: message.compartments,
            park: Ticks(message.park),
            per_stop: Ticks(message.per_stop),
        })
    }
}

impl Stored for Shift {
    type Message = v1::Shift;

    fn to_message(&self) -> v1::Shift {
        v1::Shift { start: self.start.0, end: self.end.0, hard_end: self.hard_end.0 }
    }

    fn from_message(message: v1::Shift) -> Result<Shift, Fault> {
        Ok(Shift {
            start: Moment(message.start),
            end: Moment(message.end),
            hard_end: Moment(message.hard_end),
        })
    }
}

impl Stored for Duty {
    type Message = v1::Duty;

    fn to_message(&self) -> v1::Duty {
        v1::Duty {
            driver: self.driver.to_message(),
            vehicle: self.vehicle.to_message(),
            depot: self.depot.to_message(),
            shift: Some(self.shift.to_message()),
        }
    }

    fn from_message(message: v1::Duty) -> Result<Duty, Fault> {
        Ok(Duty {
            driver: field(message.driver, "driver")?,
            vehicle: field(message.vehicle, "vehicle")?,
            depot: field(message.depot, "depot")?,
            shift: required(message.shift, "shift")?,
        })
    }
}
