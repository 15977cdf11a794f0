//! OpenStreetMap's binary exchange format, read and written.
//!
//! A file is a sequence of blobs: a length, a small header, and up to 32 MiB of zlib-packed
//! protobuf. One blob is held at a time, so a file of any size is read in the memory of its largest
//! blob; what is kept of it is the caller's choice ([`read_elements`]).
//!
//! Files come from anywhere, so nothing in them is believed: every size is bounded before it is
//! used, every index and id is checked, and a fault names the byte its blob begins at.
//!
//! Source: <https://wiki.openstreetmap.org/wiki/PBF_Format>, for the numbers and the limits.

mod blob;
mod block;
pub mod format;
mod wire;
mod write;

use std::io::Read;

pub use blob::{BLOB_HEADER_SIZE_MAX, BLOB_SIZE_MAX, INFLATE_RATIO_MAX};
pub use block::{Element, MemberKind, MemberRef, TagsRef};
pub use wire::MESSAGE_COUNT_MAX;
pub use write::write_osm;

use crate::error::{PbfFault, RoadsError};
use crate::osm::SourceFile;
use blob::{BlobKind, BlobReader};

/// Hands every node, way and relation of an OSM PBF file to `visit`, in the file's order.
///
/// Memory: one blob and its decoded block, whatever the size of the file. Returns the file's length
/// and checksum, by which a road file remembers its source.
///
/// # Errors
/// The stream's, the first fault found in the file, or the first error of `visit`.
pub fn read_elements(
    reader: impl Read,
    mut visit: impl FnMut(Element<'_>) -> Result<(), RoadsError>,
) -> Result<SourceFile, RoadsError> {
    let mut blobs = BlobReader::new(reader);
    let first = blobs.next()?.filter(|blob| blob.kind == BlobKind::Header);
    let Some(header) = first else {
        return Err(RoadsError::Pbf { offset: 0, source: PbfFault::NotOsmPbf });
    };
    block::check_header(&header.data).map_err(|source| header.fault(source))?;
    while let Some(blob) = blobs.next()? {
        match blob.kind {
            BlobKind::Data => block::visit_block(&blob, &mut visit)?,
            BlobKind::Header => {
                block::check_header(&blob.data).map_err(|source| blob.fault(source))?;
            }
            BlobKind::Unknown => {}
        }
    }
    Ok(blobs.source())
}
