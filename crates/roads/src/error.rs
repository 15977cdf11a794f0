//! Why roads could not be read, built, written or asked.

use std::io;

use swerve_model::LatLng;

/// A variant per thing a caller would do differently.
#[derive(Debug, thiserror::Error)]
pub enum RoadsError {
    /// The stream itself failed; nothing is known of the data.
    #[error("cannot read or write")]
    Io(#[from] io::Error),
    /// The extract is not what it claims to be. `offset` is where the faulty blob begins.
    #[error("unusable OSM PBF data at byte {offset}")]
    Pbf { offset: u64, source: PbfFault },
    /// The extract is well formed, but contradicts itself.
    #[error("{kind} {id} occurs twice in the OSM data; history files are not supported")]
    Duplicate { kind: &'static str, id: i64 },
    /// Nothing of the extract can be driven on.
    #[error("no road in the OSM data that a van may drive on and return from")]
    NoRoads,
    /// The road file cannot be used; build it again from its extract.
    #[error("unusable road file")]
    RoadFile(#[from] RoadFileFault),
    /// Nobody drives there. The nearest road is `nearest`, `distance` metres away.
    #[error(
        "{latitude:.6},{longitude:.6} is {distance:.0} m from the nearest road, at \
         {:.6},{:.6}; at most {limit:.0} m are allowed",
        nearest.latitude(), nearest.longitude()
    )]
    OffNetwork { latitude: f64, longitude: f64, distance: f64, nearest: LatLng, limit: f64 },
    /// More distinct places than are kept.
    #[error("more than {max} distinct places")]
    TooManyPlaces { max: usize },
}

/// What is wrong with a road file.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RoadFileFault {
    #[error("not a road file")]
    NotARoadFile,
    #[error("format version {found}; this build reads version {supported}")]
    Version { found: u32, supported: u32 },
    #[error("file is {missing} bytes short")]
    Truncated { missing: u64 },
    #[error("checksum {actual:08x} instead of {expected:08x}: the file was damaged")]
    Checksum { expected: u32, actual: u32 },
    #[error("it holds {0}")]
    Malformed(&'static str),
}

/// What is wrong with a piece of an OSM PBF file.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PbfFault {
    #[error("not an OSM PBF file: it does not begin with an OSMHeader blob")]
    NotOsmPbf,
    #[error("file ends inside a blob, {missing} bytes short")]
    Truncated { missing: u64 },
    #[error("blob header of {size} bytes; the format allows {max}")]
    HeaderSize { size: u64, max: u64 },
    #[error("blob of {size} bytes; the format allows 0 to {max}")]
    BlobSize { size: i64, max: u64 },
    #[error("undecodable {what}: {reason}")]
    Undecodable { what: &'static str, reason: String },
    #[error("blob without data")]
    NoData,
    #[error("{0} compression is not supported; re-write the file with zlib")]
    Compression(&'static str),
    #[error("blob does not inflate: {0}")]
    Inflate(String),
    #[error("blob inflates to {actual} bytes or more, {declared} were declared")]
    InflatedSize { declared: u64, actual: u64 },
    #[error("{packed} bytes declare {raw} inflated bytes, more than {max} times as many")]
    Ratio { packed: u64, raw: u64, max: u64 },
    #[error("file requires feature {0:?}, which this reader does not know")]
    Feature(String),
    #[error("block of more than {max} messages")]
    MessageCount { max: usize },
    #[error("{what} has {left} of one and {right} of another field that go in pairs")]
    Unpaired { what: &'static str, left: usize, right: usize },
    #[error("string {index} of a table of {len}")]
    StringIndex { index: i64, len: usize },
    #[error("string {index} is not UTF-8")]
    StringText { index: usize },
    #[error("{what} id out of range after {last}")]
    Id { what: &'static str, last: i64 },
    #[error("node {id} lies off Earth")]
    OffEarth { id: i64 },
    #[error("granularity {0}; it must be positive")]
    Granularity(i32),
    #[error("relation member of unknown type {0}")]
    MemberType(i32),
}
