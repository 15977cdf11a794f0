//! The road network and what it costs to drive it.
//!
//! From an OpenStreetMap extract ([`pbf`], [`osm`]) a [`profile`] makes the network of record
//! ([`network`]), on which locations are snapped ([`snap`]) and driving is answered ([`times`])
//! behind the optimizer's `TravelTimes`.
//!
//! No file names, no sockets, no clock: everything is read from an `impl Read` and written to an
//! `impl Write`.
#![forbid(unsafe_code)]

pub mod error;
pub mod geometry;
pub mod network;
pub mod osm;
pub mod pbf;
pub mod profile;
mod search;
pub mod snap;
#[cfg(test)]
mod test_city;
pub mod times;

pub use error::{PbfFault, RoadFileFault, RoadsError};
pub use network::{Junction, JunctionId, Network, NetworkStats, Road, RoadId};
pub use osm::{
    Address, AddressKind, Coord, Node, OsmData, Relation, SourceFile, Tags, Way, read_osm,
};
pub use profile::{Profile, RoadClass};
pub use snap::{Purpose, Snapped, Spot};
pub use times::{PathGeometry, PathRoad, PlaceInfo, RoadTimes};
