//! The messages of the PBF format, derived by hand from its published field numbers.
//!
//! Writing the dozen structs out keeps `protoc` and generated code out of the build. Fields that
//! neither reader nor writer uses (authors, timestamps, changesets) are left out: protobuf passes
//! over what it does not know.

/// What a blob is and how long.
#[derive(Clone, PartialEq, prost::Message)]
pub struct BlobHeader {
    /// `OSMHeader` or `OSMData`.
    #[prost(string, tag = "1")]
    pub kind: String,
    /// Length of the [`Blob`] that follows, in bytes.
    #[prost(int32, tag = "3")]
    pub data_size: i32,
}

/// The payload, packed in one of several ways.
#[derive(Clone, PartialEq, prost::Message)]
pub struct Blob {
    #[prost(bytes = "vec", optional, tag = "1")]
    pub raw: Option<Vec<u8>>,
    /// Length once inflated; only with packed data.
    #[prost(int32, optional, tag = "2")]
    pub raw_size: Option<i32>,
    #[prost(bytes = "vec", optional, tag = "3")]
    pub zlib_data: Option<Vec<u8>>,
    #[prost(bytes = "vec", optional, tag = "4")]
    pub lzma_data: Option<Vec<u8>>,
    #[prost(bytes = "vec", optional, tag = "5")]
    pub bzip2_data: Option<Vec<u8>>,
    #[prost(bytes = "vec", optional, tag = "6")]
    pub lz4_data: Option<Vec<u8>>,
    #[prost(bytes = "vec", optional, tag = "7")]
    pub zstd_data: Option<Vec<u8>>,
}

/// First blob of every file.
#[derive(Clone, PartialEq, prost::Message)]
pub struct HeaderBlock {
    #[prost(message, optional, tag = "1")]
    pub bbox: Option<HeaderBox>,
    /// What a reader must understand to read the file at all.
    #[prost(string, repeated, tag = "4")]
    pub required_features: Vec<String>,
    #[prost(string, repeated, tag = "5")]
    pub optional_features: Vec<String>,
    #[prost(string, optional, tag = "16")]
    pub writing_program: Option<String>,
    #[prost(string, optional, tag = "17")]
    pub source: Option<String>,
}

/// In nanodegrees.
#[derive(Clone, Copy, PartialEq, prost::Message)]
pub struct HeaderBox {
    #[prost(sint64, tag = "1")]
    pub left: i64,
    #[prost(sint64, tag = "2")]
    pub right: i64,
    #[prost(sint64, tag = "3")]
    pub top: i64,
    #[prost(sint64, tag = "4")]
    pub bottom: i64,
}

/// Up to some thousand elements and the strings they share.
#[derive(Clone, PartialEq, prost::Message)]
pub struct PrimitiveBlock {
    #[prost(message, required, tag = "1")]
    pub strings: StringTable,
    #[prost(message, repeated, tag = "2")]
    pub groups: Vec<PrimitiveGroup>,
    /// Nanodegrees per unit of the coordinates; 100 if absent.
    #[prost(int32, optional, tag = "17")]
    pub granularity: Option<i32>,
    /// Nanodegrees added to every latitude.
    #[prost(int64, optional, tag = "19")]
    pub latitude_offset: Option<i64>,
    /// Nanodegrees added to every longitude.
    #[prost(int64, optional, tag = "20")]
    pub longitude_offset: Option<i64>,
}

/// Index 0 is reserved as a delimiter and holds the empty string.
#[derive(Clone, PartialEq, prost::Message)]
pub struct StringTable {
    #[prost(bytes = "vec", repeated, tag = "1")]
    pub strings: Vec<Vec<u8>>,
}

#[derive(Clone, PartialEq, prost::Message)]
pub struct PrimitiveGroup {
    #[prost(message, repeated, tag = "1")]
    pub nodes: Vec<PlainNode>,
    #[prost(message, optional, tag = "2")]
    pub dense: Option<DenseNodes>,
    #[prost(message, repeated, tag = "3")]
    pub ways: Vec<PackedWay>,
    #[prost(message, repeated, tag = "4")]
    pub relations: Vec<PackedRelation>,
}

#[derive(Clone, PartialEq, prost::Message)]
pub struct PlainNode {
    #[prost(sint64, tag = "1")]
    pub id: i64,
    #[prost(uint32, repeated, tag = "2")]
    pub keys: Vec<u32>,
    #[prost(uint32, repeated, tag = "3")]
    pub values: Vec<u32>,
    #[prost(sint64, tag = "8")]
    pub latitude: i64,
    #[prost(sint64, tag = "9")]
    pub longitude: i64,
}

/// Nodes in columns, each value the difference to the one before.
#[derive(Clone, PartialEq, prost::Message)]
pub struct DenseNodes {
    #[prost(sint64, repeated, tag = "1")]
    pub ids: Vec<i64>,
    #[prost(sint64, repeated, tag = "8")]
    pub latitudes: Vec<i64>,
    #[prost(sint64, repeated, tag = "9")]
    pub longitudes: Vec<i64>,
    /// Per node its (key, value) indices, then 0; empty if no node of the block has a tag.
    #[prost(int32, repeated, tag = "10")]
    pub keys_values: Vec<i32>,
}

#[derive(Clone, PartialEq, prost::Message)]
pub struct PackedWay {
    #[prost(int64, tag = "1")]
    pub id: i64,
    #[prost(uint32, repeated, tag = "2")]
    pub keys: Vec<u32>,
    #[prost(uint32, repeated, tag = "3")]
    pub values: Vec<u32>,
    /// Node ids, each the difference to the one before.
    #[prost(sint64, repeated, tag = "8")]
    pub node_refs: Vec<i64>,
}

#[derive(Clone, PartialEq, prost::Message)]
pub struct PackedRelation {
    #[prost(int64, tag = "1")]
    pub id: i64,
    #[prost(uint32, repeated, tag = "2")]
    pub keys: Vec<u32>,
    #[prost(uint32, repeated, tag = "3")]
    pub values: Vec<u32>,
    #[prost(int32, repeated, tag = "8")]
    pub roles: Vec<i32>,
    /// Member ids, each the difference to the one before.
    #[prost(sint64, repeated, tag = "9")]
    pub member_ids: Vec<i64>,
    /// 0 node, 1 way, 2 relation.
    #[prost(int32, repeated, tag = "10")]
    pub member_types: Vec<i32>,
}
