//! The framing of a PBF file: one blob after another, unpacked, each knowing where it began.

use std::io::{self, Read};

use flate2::read::ZlibDecoder;
use prost::Message;

use super::format;
use crate::error::{PbfFault, RoadsError};
use crate::osm::SourceFile;

/// The format's limit on a blob's header.
pub const BLOB_HEADER_SIZE_MAX: u64 = 64 << 10;
/// The format's limit on a blob, packed and unpacked.
pub const BLOB_SIZE_MAX: u64 = 32 << 20;
/// Real blobs inflate 2 to 6 times, very regular ones 30 times; zlib could reach 1,000. The bound
/// keeps a small file from filling the memory with blobs that are each within the format's limit.
pub const INFLATE_RATIO_MAX: u64 = 200;

/// One blob, unpacked if it is of a known kind.
pub(super) struct RawBlob {
    /// Where its frame begins in the file, in bytes.
    pub(super) offset: u64,
    pub(super) kind: BlobKind,
    pub(super) data: Vec<u8>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum BlobKind {
    Header,
    Data,
    /// To be passed over, packed however it may be: the format may gain kinds.
    Unknown,
}

impl BlobKind {
    fn of(name: &str) -> BlobKind {
        match name {
            "OSMHeader" => BlobKind::Header,
            "OSMData" => BlobKind::Data,
            _ => BlobKind::Unknown,
        }
    }
}

impl RawBlob {
    pub(super) fn fault(&self, source: PbfFault) -> RoadsError {
        RoadsError::Pbf { offset: self.offset, source }
    }
}

/// Cuts a stream into blobs, counting and summing every byte it takes.
pub(super) struct BlobReader<R> {
    reader: R,
    offset: u64,
    crc32c: u32,
}

impl<R: Read> BlobReader<R> {
    pub(super) fn new(reader: R) -> Self {
        BlobReader { reader, offset: 0, crc32c: 0 }
    }

    /// What has been read so far.
    pub(super) fn source(&self) -> SourceFile {
        SourceFile { bytes: self.offset, crc32c: self.crc32c }
    }

    /// The next blob, or `None` where the file ends between two.
    pub(super) fn next(&mut self) -> Result<Option<RawBlob>, RoadsError> {
        let offset = self.offset;
        let at_offset = |source| RoadsError::Pbf { offset, source };
        let length = self.take_up_to(4)?;
        if length.is_empty() {
            return Ok(None);
        }
        let Ok(length) = <[u8; 4]>::try_from(length.as_slice()) else {
            return Err(at_offset(PbfFault::Truncated { missing: 4 - length.len() as u64 }));
        };
        let header_size = u64::from(u32::from_be_bytes(length));
        if header_size > BLOB_HEADER_SIZE_MAX {
            // Any other file's first bytes make an absurd length: say what is meant.
            return Err(at_offset(if offset == 0 {
                PbfFault::NotOsmPbf
            } else {
                PbfFault::HeaderSize { size: header_size, max: BLOB_HEADER_SIZE_MAX }
            }));
        }
        let header = self.take(header_size, offset)?;
        let header: format::BlobHeader = decode("blob header", &header).map_err(at_offset)?;
        let size = u64::try_from(header.data_size).ok().filter(|size| *size <= BLOB_SIZE_MAX);
        let Some(size) = size else {
            let size = i64::from(header.data_size);
            return Err(at_offset(PbfFault::BlobSize { size, max: BLOB_SIZE_MAX }));
        };
        let packed = self.take(size, offset)?;
        let kind = BlobKind::of(&header.kind);
        let data = match kind {
            BlobKind::Header | BlobKind::Data => unpack(&packed).map_err(at_offset)?,
            BlobKind::Unknown => Vec::new(),
        };
        Ok(Some(RawBlob { offset, kind, data }))
    }

    /// Exactly `size` bytes of the blob that began at `blob_offset`.
    fn take(&mut self, size: u64, blob_offset: u64) -> Result<Vec<u8>, RoadsError> {
        let bytes = self.take_up_to(size)?;
        match size - bytes.len() as u64 {
            0 => Ok(bytes),
            missing => {
                let source = PbfFault::Truncated { missing };
                Err(RoadsError::Pbf { offset: blob_offset, source })
            }
        }
    }

    /// Grows with what arrives, so that a declared size alone costs no memory.
    fn take_up_to(&mut self, size: u64) -> Result<Vec<u8>, io::Error> {
        let mut bytes = Vec::new();
        self.reader.by_ref().take(size).read_to_end(&mut bytes)?;
        self.offset += bytes.len() as u64;
        self.crc32c = crc32c::crc32c_append(self.crc32c, &bytes);
        Ok(bytes)
    }
}

/// Decodes a message, or says which one could not be.
pub(super) fn decode<M: Message + Default>(
    what: &'static str,
    bytes: &[u8],
) -> Result<M, PbfFault> {
    M::decode(bytes).map_err(|error| PbfFault::Undecodable { what, reason: error.to_string() })
}

fn unpack(bytes: &[u8]) -> Result<Vec<u8>, PbfFault> {
    let blob: format::Blob = decode("blob", bytes)?;
    if let Some(raw) = blob.raw {
        return Ok(raw);
    }
    let unsupported = [
        ("lzma", blob.lzma_data.is_some()),
        ("bzip2", blob.bzip2_data.is_some()),
        ("lz4", blob.lz4_data.is_some()),
        ("zstd", blob.zstd_data.is_some()),
    ];
    if let Some((name, _)) = unsupported.into_iter().find(|(_, present)| *present) {
        return Err(PbfFault::Compression(name));
    }
    let packed = blob.zlib_data.ok_or(PbfFault::NoData)?;
    inflate(&packed, blob.raw_size.unwrap_or(0))
}

/// Inflates to exactly the declared size, reading at most one byte beyond it.
fn inflate(packed: &[u8], declared: i32) -> Result<Vec<u8>, PbfFault> {
    let size = u64::try_from(declared).ok().filter(|size| *size <= BLOB_SIZE_MAX);
    let Some(size) = size else {
        return Err(PbfFault::BlobSize { size: i64::from(declared), max: BLOB_SIZE_MAX });
    };
    if size > INFLATE_RATIO_MAX * packed.len() as u64 {
        let (packed, max) = (packed.len() as u64, INFLATE_RATIO_MAX);
        return Err(PbfFault::Ratio { packed, raw: size, max });
    }
    let mut data = Vec::new();
    ZlibDecoder::new(packed)
        .take(size + 1)
        .read_to_end(&mut data)
        .map_err(|error| PbfFault::Inflate(error.to_string()))?;
    let actual = data.len() as u64;
    if actual == size { Ok(data) } else { Err(PbfFault::InflatedSize { declared: size, actual }) }
}
