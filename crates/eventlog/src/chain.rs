//! What ties a record to its bytes, and to every record before it.
//!
//! Two seals, for two questions. The CRC32C over the payload is made where the record is encoded
//! and asks whether these bytes are those bytes. The SHA-256 chain is made where the record is
//! placed: a record's hash covers its territory's name, its sequence, its payload and, through the
//! hash before it, all that came earlier. Whoever knows one head knows whether any record behind it
//! was changed, dropped, swapped, or moved here from another territory.

use std::fmt;

use sha2::{Digest as _, Sha256};
use swerve_model::{Record, TerritoryId};

use crate::convert::encode;

/// The SHA-256 hash of a record and of all before it.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ChainHash(pub [u8; 32]);

impl ChainHash {
    /// What the first record of `territory` hangs from.
    pub fn genesis(territory: &TerritoryId) -> ChainHash {
        let mut hasher = Sha256::new_with_prefix(b"swerve event log v1\n");
        hasher.update(territory.as_str());
        ChainHash(hasher.finalize().into())
    }

    /// The hash of the record at `sequence`, when `self` is the hash of the one before.
    /// O(payload), about a gigabyte a second.
    #[must_use]
    pub fn next(self, sequence: u64, payload: &[u8]) -> ChainHash {
        let mut hasher = Sha256::new_with_prefix(self.0);
        hasher.update(sequence.to_be_bytes());
        hasher.update(payload);
        ChainHash(hasher.finalize().into())
    }

    /// The hash that [`ChainHash`]'s `Display` printed; `None` for any other text.
    pub(crate) fn parse(text: &str) -> Option<ChainHash> {
        let lower_hex = |c: u8| c.is_ascii_digit() || (b'a'..=b'f').contains(&c);
        if text.len() != 64 || !text.bytes().all(lower_hex) {
            return None;
        }
        let mut hash = [0; 32];
        for (index, byte) in hash.iter_mut().enumerate() {
            *byte = u8::from_str_radix(&text[2 * index..2 * index + 2], 16).ok()?;
        }
        Some(ChainHash(hash))
    }
}

impl fmt::Display for ChainHash {
    /// 64 lower-case hexadecimal digits.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl fmt::Debug for ChainHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ChainHash({self})")
    }
}

/// How far a territory's log goes, and what it says up to there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Head {
    /// The newest record's; the first is 1, and 0 means there is none.
    pub sequence: u64,
    pub hash: ChainHash,
}

impl Head {
    /// Of a log without records.
    pub fn empty(territory: &TerritoryId) -> Head {
        Head { sequence: 0, hash: ChainHash::genesis(territory) }
    }

    /// After one more record.
    #[must_use]
    pub fn next(self, payload: &[u8]) -> Head {
        let sequence = self.sequence + 1;
        Head { sequence, hash: self.hash.next(sequence, payload) }
    }
}

/// A record's bytes, sealed where they were made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EncodedRecord {
    payload: Vec<u8>,
    checksum: u32,
}

impl EncodedRecord {
    /// O(record): a few microseconds a kilobyte.
    pub fn new(record: &Record) -> EncodedRecord {
        EncodedRecord::from_payload(encode(record))
    }

    /// Bytes that [`encode`] made.
    pub fn from_payload(payload: Vec<u8>) -> EncodedRecord {
        let checksum = crc32c::crc32c(&payload);
        EncodedRecord { payload, checksum }
    }

    pub fn payload(&self) -> &[u8] {
        &self.payload
    }

    /// CRC32C of the payload.
    pub const fn checksum(&self) -> u32 {
        self.checksum
    }
}

/// A record as the storage gave it back: nothing about it is believed yet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RawRecord {
    pub sequence: u64,
    pub checksum: u32,
    pub hash: ChainHash,
    pub payload: Vec<u8>,
}

/// Why a stored record cannot be believed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RecordFault {
    #[error("record {expected} is not there, the next is {found}")]
    Gap { expected: u64, found: u64 },
    #[error("records end at {end}, but the log's head is {head}")]
    EndsEarly { end: u64, head: u64 },
    #[error("its checksum is {stored:08x}, its bytes have {computed:08x}")]
    Checksum { stored: u32, computed: u32 },
    #[error("its hash is {stored}, but {computed} follows from the records before it")]
    Chain { stored: ChainHash, computed: ChainHash },
    #[error("it cannot be read: {0}")]
    Unreadable(#[from] crate::convert::Fault),
    #[error("its row is damaged: {0}")]
    Row(String),
}

impl RawRecord {
    /// The head it makes after `before`, if it is the record that was appended there.
    /// O(payload).
    pub fn verify(&self, before: Head) -> Result<Head, RecordFault> {
        let expected = before.sequence + 1;
        if self.sequence != expected {
            return Err(RecordFault::Gap { expected, found: self.sequence });
        }
        let computed = crc32c::crc32c(&self.payload);
        if self.checksum != computed {
            return Err(RecordFault::Checksum { stored: self.checksum, computed });
        }
        let head = before.next(&self.payload);
        if self.hash != head.hash {
            return Err(RecordFault::Chain { stored: self.hash, computed: head.hash });
        }
        Ok(head)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn territory(name: &str) -> TerritoryId {
        TerritoryId::new(name).expect("a name")
    }

    #[test]
    fn a_hash_prints_and_parses_and_nothing_else_does() {
        let hash = ChainHash::genesis(&territory("porto"));
        let text = hash.to_string();
        assert_eq!(ChainHash::parse(&text), Some(hash));
        assert_eq!(ChainHash::parse(&text.to_uppercase()), None);
        assert_eq!(ChainHash::parse(&text[1..]), None);
        assert_eq!(ChainHash::parse(&"é".repeat(32)), None);
    }

    #[test]
    fn the_chain_never_changes_its_definition() {
        let head = Head::empty(&territory("porto")).next(b"one").next(b"two");
        assert_eq!(
            head.hash.to_string(),
            // printf 'swerve event log v1\nporto' | sha256sum, then the same with the digest, the
            // sequence in eight bytes and the payload, twice.
            "f68e844f56857427ce8c074983041edf73987ae6d24a0f7c14b1ba4ccb6158d8"
        );
    }

    #[test]
    fn a_hash_depends_on_territory_sequence_and_every_record_before() {
        let porto = Head::empty(&territory("porto"));
        let two = porto.next(b"a").next(b"b");
        assert_ne!(two, porto.next(b"b").next(b"a"));
        assert_ne!(two, porto.next(b"ab").next(b""));
        assert_ne!(two, Head::empty(&territory("lisbon")).next(b"a").next(b"b"));
        assert_ne!(two.hash, porto.hash.next(1, b"a").next(3, b"b"));
    }

    #[test]
    fn a_record_is_believed_only_in_its_place_and_unchanged() {
        let before = Head::empty(&territory("porto")).next(b"first");
        let record = EncodedRecord::from_payload(b"second".to_vec());
        let after = before.next(record.payload());
        let good = RawRecord {
            sequence: 2,
            checksum: record.checksum(),
            hash: after.hash,
            payload: record.payload().to_vec(),
        };
        assert_eq!(good.verify(before), Ok(after));
        let moved = RawRecord { sequence: 3, ..good.clone() };
        assert_eq!(moved.verify(before), Err(RecordFault::Gap { expected: 2, found: 3 }));
        let changed = RawRecord { payload: b"Second".to_vec(), ..good.clone() };
        assert!(matches!(changed.verify(before), Err(RecordFault::Checksum { .. })));
        // Whoever mends the checksum too is still found out by the chain.
        let forged = RawRecord { checksum: crc32c::crc32c(b"Second"), ..changed };
        assert!(matches!(forged.verify(before), Err(RecordFault::Chain { .. })));
        let elsewhere = Head::empty(&territory("porto")).next(b"other");
        assert!(matches!(good.verify(elsewhere), Err(RecordFault::Chain { .. })));
    }
}
