//! Names, places, windows and loads: what every other message is made of.

use swerve_model::{
    ChangeId, DepotId, DriverId, LatLng, Load, ManifestId, Moment, ParcelId, PointId, ProposalId,
    QuoteId, RecipientId, RequestId, ShipmentId, StopId, TenantId, TimeWindow, VehicleId,
};
use swerve_proto::storage::v1;

use super::{Fault, Stored};

macro_rules! stored_names {
    ($($name:ident),+ $(,)?) => {$(
        impl Stored for $name {
            type Message = String;

            fn to_message(&self) -> String {
                self.as_str().to_owned()
            }

            fn from_message(text: String) -> Result<$name, Fault> {
                $name::new(&text).map_err(|error| Fault::new(error.to_string()))
            }
        }
    )+};
}
stored_names!(
    ChangeId,
    DepotId,
    DriverId,
    ManifestId,
    ParcelId,
    PointId,
    ProposalId,
    QuoteId,
    RecipientId,
    RequestId,
    ShipmentId,
    StopId,
    TenantId,
    VehicleId,
);

/// A SHA-256 digest.
impl Stored for [u8; 32] {
    type Message = Vec<u8>;

    fn to_message(&self) -> Vec<u8> {
        self.to_vec()
    }

    fn from_message(bytes: Vec<u8>) -> Result<[u8; 32], Fault> {
        let len = bytes.len();
        bytes.try_into().map_err(|_| Fault::new(format!("has {len} bytes; a digest has 32")))
    }
}

impl Stored for LatLng {
    type Message = v1::LatLng;

    fn to_message(&self) -> v1::LatLng {
        v1::LatLng { latitude: Some(self.latitude()), longitude: Some(self.longitude()) }
    }

    fn from_message(message: v1::LatLng) -> Result<LatLng, Fault> {
        let latitude = message.latitude.ok_or_else(|| Fault::missing().within("latitude"))?;
        let longitude = message.longitude.ok_or_else(|| Fault::missing().within("longitude"))?;
        LatLng::new(latitude, longitude).map_err(|error| Fault::new(error.to_string()))
    }
}

impl Stored for TimeWindow {
    type Message = v1::TimeWindow;

    fn to_message(&self) -> v1::TimeWindow {
        v1::TimeWindow { open: self.open().0, close: self.close().0 }
    }

    fn from_message(message: v1::TimeWindow) -> Result<TimeWindow, Fault> {
        TimeWindow::new(Moment(message.open), Moment(message.close))
            .map_err(|error| Fault::new(error.to_string()))
    }
}

impl Stored for Load {
    type Message = v1::Load;

    fn to_message(&self) -> v1::Load {
        v1::Load {
            weight_grams: self.weight_grams(),
            volume_milliliters: self.volume_milliliters(),
            count: self.count(),
        }
    }

    fn from_message(message: v1::Load) -> Result<Load, Fault> {
        Ok(Load::new(message.weight_grams, message.volume_milliliters, message.count))
    }
}
