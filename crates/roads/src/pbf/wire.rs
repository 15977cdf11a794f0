//! How many messages a block holds, counted before any of them is decoded.
//!
//! An empty message takes two bytes on the wire and over a hundred once decoded, so a block within
//! the format's 32 MiB could still fill gigabytes. Counting first costs a walk over tags and
//! lengths and no memory at all.

use crate::error::PbfFault;

/// Strings, nodes, ways and relations of one block together. Writers put 8,000 elements in a block;
/// with their strings that stays below a tenth of this. At some 120 bytes each it bounds what a
/// hostile block decodes to at about 128 MiB, beside the up to 8 bytes each byte of a packed column
/// becomes.
pub const MESSAGE_COUNT_MAX: usize = 1 << 20;

/// The two fields of a block that nest messages of their own.
const STRING_TABLE: u64 = 1;
const GROUP: u64 = 2;

/// Refuses a primitive block of more than [`MESSAGE_COUNT_MAX`] messages. O(bytes).
///
/// What is not wire format at all is left for the decoder to refuse, with its own words.
pub(super) fn check_message_count(block: &[u8]) -> Result<(), PbfFault> {
    let mut count = 0;
    for (field, content) in Fields(block) {
        count += 1;
        if field == STRING_TABLE || field == GROUP {
            count += Fields(content).take(MESSAGE_COUNT_MAX).count();
        }
        if count > MESSAGE_COUNT_MAX {
            return Err(PbfFault::MessageCount { max: MESSAGE_COUNT_MAX });
        }
    }
    Ok(())
}

/// The fields of a message, with the content of those that have a length. Ends at the first fault.
struct Fields<'a>(&'a [u8]);

impl<'a> Iterator for Fields<'a> {
    type Item = (u64, &'a [u8]);

    fn next(&mut self) -> Option<(u64, &'a [u8])> {
        let key = self.varint()?;
        let content = match key & 7 {
            0 => {
                self.varint()?;
                &[]
            }
            1 => self.bytes(8)?,
            2 => {
                let len = self.varint()?;
                self.bytes(usize::try_from(len).ok()?)?
            }
            5 => self.bytes(4)?,
            _ => return None,
        };
        Some((key >> 3, content))
    }
}

impl<'a> Fields<'a> {
    fn bytes(&mut self, len: usize) -> Option<&'a [u8]> {
        let (content, rest) = self.0.split_at_checked(len)?;
        self.0 = rest;
        Some(content)
    }

    fn varint(&mut self) -> Option<u64> {
        let mut value = 0;
        for shift in (0..64).step_by(7) {
            let byte = *self.bytes(1)?.first()?;
            value |= u64::from(byte & 0x7f) << shift;
            if byte & 0x80 == 0 {
                return Some(value);
            }
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_million_empty_ways_are_refused_before_they_are_decoded() {
        let ways = [0x1a, 0x00].repeat(2 << 20);
        let mut block = vec![0x0a, 0x00, 0x12];
        prost::encode_length_delimiter(ways.len(), &mut block).expect("vectors grow");
        block.extend(ways);
        let refused = Err(PbfFault::MessageCount { max: MESSAGE_COUNT_MAX });
        assert_eq!(check_message_count(&block), refused);
    }

    #[test]
    fn two_million_empty_groups_are_refused_too() {
        let block = [0x12, 0x00].repeat(2 << 20);
        assert!(check_message_count(&block).is_err());
        assert_eq!(check_message_count(&block[..1000]), Ok(()));
    }
}
