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
pub mod osm;
pub mod pbf;

pub use error::{PbfFault, RoadsError};
pub use osm::{
    Address, AddressKind, Coord, Node, OsmData, Relation, SourceFile, Tags, Way, read_osm,
};
