//! The places asked about so far: a list that only grows, read without locks.
//!
//! Chunks of doubling size never move once made, so a reader holds plain references while others
//! add places. Adding takes a lock, to give each spot one number.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Mutex, OnceLock, PoisonError};

use swerve_model::{LatLng, Place, Planar};

use super::rows::Row;
use crate::error::RoadsError;
use crate::geometry::Plane;
use crate::network::Network;
use crate::search::Sense;
use crate::snap::{self, Ends, Spot};

const FIRST_CHUNK: u32 = 64;
const CHUNK_COUNT: usize = 14;

/// How many places there may be: a million, many days of a large territory. Each takes some 250
/// bytes, and 8 in every row filled later.
pub const PLACE_COUNT_MAX: usize = FIRST_CHUNK as usize * ((1 << CHUNK_COUNT) - 1);

/// All that is kept of a place.
#[derive(Debug)]
pub(super) struct Entry {
    pub(super) ends: Ends,
    pub(super) position: LatLng,
    pub(super) planar: Planar,
    /// Legs from here to all places known when it was filled.
    pub(super) forward: Row,
    /// Legs to here.
    pub(super) backward: Row,
}

impl Entry {
    pub(super) fn new(network: &Network, plane: &Plane, spot: Spot) -> Entry {
        let position = snap::position(network, spot);
        Entry {
            ends: Ends::new(network, spot),
            position,
            planar: plane.project(position),
            forward: Row::default(),
            backward: Row::default(),
        }
    }

    pub(super) fn slot(&self, sense: Sense) -> &Row {
        match sense {
            Sense::Forward => &self.forward,
            Sense::Backward => &self.backward,
        }
    }
}

/// Place `n` is the `n`th entry.
#[derive(Debug, Default)]
pub(super) struct Registry {
    chunks: [OnceLock<Box<[OnceLock<Entry>]>>; CHUNK_COUNT],
    /// Entries below this are there.
    len: AtomicU32,
    known: Mutex<BTreeMap<Spot, Place>>,
}

/// In which chunk an entry is, and where in it.
fn address(idx: u32) -> (usize, usize) {
    let chunk = (idx / FIRST_CHUNK + 1).ilog2();
    let start = FIRST_CHUNK * ((1 << chunk) - 1);
    (chunk as usize, (idx - start) as usize)
}

impl Registry {
    pub(super) fn len(&self) -> usize {
        self.len.load(Ordering::Acquire) as usize
    }

    /// # Panics
    /// If the place was never given out.
    pub(super) fn entry(&self, place: Place) -> &Entry {
        let (chunk, idx) = address(place.0);
        let entry =
            self.chunks.get(chunk).and_then(OnceLock::get).and_then(|chunk| chunk[idx].get());
        entry.expect("places are given out by the network they are asked of")
    }

    /// The number of a spot; `entry` is made if it is new. O(log places).
    pub(super) fn intern(
        &self,
        spot: Spot,
        entry: impl FnOnce() -> Entry,
    ) -> Result<Place, RoadsError> {
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(place) = known.get(&spot) {
            return Ok(*place);
        }
        let idx = self.len.load(Ordering::Acquire);
        if idx as usize >= PLACE_COUNT_MAX {
            return Err(RoadsError::TooManyPlaces { max: PLACE_COUNT_MAX });
        }
        let (chunk, place) = address(idx);
        let size = FIRST_CHUNK as usize * (1 << chunk);
        let chunk = self.chunks[chunk].get_or_init(|| (0..size).map(|_| OnceLock::new()).collect());
        chunk[place].get_or_init(entry);
        self.len.store(idx + 1, Ordering::Release);
        known.insert(spot, Place(idx));
        Ok(Place(idx))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_fill_chunk_after_chunk_without_gaps() {
        let mut expected = (0, 0);
        for idx in 0..PLACE_COUNT_MAX as u32 {
            assert_eq!(address(idx), expected);
            expected.1 += 1;
            if expected.1 == 64 << expected.0 {
                expected = (expected.0 + 1, 0);
            }
        }
        assert_eq!(expected, (CHUNK_COUNT, 0));
    }
}
