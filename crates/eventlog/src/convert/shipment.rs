//! Shipments, their parcels, custody and promise.

use swerve_model::{Consents, Custody, Moment, Parcel, Promise, Shipment, Skills, Ticks};
use swerve_proto::storage::v1;
use swerve_proto::storage::v1::custody::{Cancelled, Custody as Choice, Delivered};

use super::{Fault, Stored, field, list, messages, required, stored_enum};

stored_enum!(GoodsClass: Normal, Restricted, HighValue);

impl Stored for Shipment {
    type Message = v1::Shipment;

    fn to_message(&self) -> v1::Shipment {
        v1::Shipment {
            id: self.id.to_message(),
            recipient: self.recipient.to_message(),
            parcels: messages(&self.parcels),
            promise: Some(self.promise.to_message()),
            goods: self.goods.to_message(),
            skills: self.skills.0,
            consents: Some(self.consents.to_message()),
            shipper_forbids_changes: self.shipper_forbids_changes,
            per_parcel: self.per_parcel.0,
            changes_used: self.changes_used,
            version: self.version,
        }
    }

    fn from_message(message: v1::Shipment) -> Result<Shipment, Fault> {
        Ok(Shipment {
            id: field(message.id, "id")?,
            recipient: field(message.recipient, "recipient")?,
            parcels: list(message.parcels, "parcels")?,
            promise: required(message.promise, "promise")?,
            goods: field(message.goods, "goods")?,
            skills: Skills(message.skills),
            consents: required(message.consents, "consents")?,
            shipper_forbids_changes: message.shipper_forbids_changes,
            per_parcel: Ticks(message.per_parcel),
            changes_used: message.changes_used,
            version: message.version,
        })
    }
}

impl Stored for Parcel {
    type Message = v1::Parcel;

    fn to_message(&self) -> v1::Parcel {
        v1::Parcel {
            id: self.id.to_message(),
            load: Some(self.load.to_message()),
            custody: Some(self.custody.to_message()),
            ready: self.ready.map(|ready| ready.0),
        }
    }

    fn from_message(message: v1::Parcel) -> Result<Parcel, Fault> {
        Ok(Parcel {
            id: field(message.id, "id")?,
            load: required(message.load, "load")?,
            custody: required(message.custody, "custody")?,
            ready: message.ready.map(Moment),
        })
    }
}

impl Stored for Custody {
    type Message = v1::Custody;

    fn to_message(&self) -> v1::Custody {
        let custody = match self {
            Custody::Expected(depot) => Choice::Expected(depot.to_message()),
            Custody::AtDepot(depot) => Choice::AtDepot(depot.to_message()),
            Custody::Loaded(manifest) => Choice::Loaded(manifest.to_message()),
            Custody::Delivered { at, point } => {
                Choice::Delivered(Delivered { at: at.0, point: point.to_message() })
            }
            Custody::Returned(depot) => Choice::Returned(depot.to_message()),
            Custody::Cancelled => Choice::Cancelled(Cancelled {}),
        };
        v1::Custody { custody: Some(custody) }
    }

    fn from_message(message: v1::Custody) -> Result<Custody, Fault> {
        Ok(match message.custody.ok_or_else(Fault::missing)? {
            Choice::Expected(depot) => Custody::Expected(field(depot, "expected")?),
            Choice::AtDepot(depot) => Custody::AtDepot(field(depot, "at_depot")?),
            Choice::Loaded(manifest) => Custody::Loaded(field(manifest, "loaded")?),
            Choice::Delivered(Delivered { at, point }) => {
                Custody::Delivered { at: Moment(at), point: field(point, "delivered.point")? }
            }
            Choice::Returned(depot) => Custody::Returned(field(depot, "returned")?),
            Choice::Cancelled(Cancelled {}) => Custody::Cancelled,
        })
    }
}

impl Stored for Promise {
    type Message = v1::Promise;

    fn to_message(&self) -> v1::Promise {
        v1::Promise {
            point: self.point.to_message(),
            windows: messages(&self.windows),
            version: self.version,
        }
    }

    fn from_message(message: v1::Promise) -> Result<Promise, Fault> {
        Ok(Promise {
            point: field(message.point, "point")?,
            windows: list(message.windows, "windows")?,
            version: message.version,
        })
    }
}

impl Stored for Consents {
    type Message = v1::Consents;

    fn to_message(&self) -> v1::Consents {
        v1::Consents { consolidation: self.consolidation, neighbour: self.neighbour }
    }

    fn from_message(message: v1::Consents) -> Result<Consents, Fault> {
        Ok(Consents { consolidation: message.consolidation, neighbour: message.neighbour })
    }
}
