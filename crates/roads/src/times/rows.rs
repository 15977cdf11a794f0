//! Rows of legs, kept within bounds.
//!
//! The oldest rows go first. That is crude, but a row that is asked for again is filled again and
//! comes out the same, so the bound costs time at worst and never changes an answer.

use std::collections::VecDeque;
use std::sync::{Mutex, MutexGuard, PoisonError, RwLock, RwLockWriteGuard};

use swerve_model::{Leg, Place};

use crate::search::{Labels, Sense};

/// How many legs are kept at most: 8 bytes each, so 1.6 GB, enough for all pairs of 14,000 places.
pub const LEG_COUNT_MAX: usize = 200_000_000;

/// One place's legs to or from the first places of the registry; empty if not filled.
///
/// A lock of its own, held for a read of eight bytes: two threads meet only at the same row.
#[derive(Debug, Default)]
pub(super) struct Row(RwLock<Box<[Leg]>>);

impl Row {
    /// `None` if the row is not filled or too short.
    pub(super) fn get(&self, place: Place) -> Option<Leg> {
        let legs = self.0.read().unwrap_or_else(PoisonError::into_inner);
        legs.get(place.0 as usize).copied()
    }

    /// All legs of the row, while they are looked at: no other row may be filled meanwhile.
    pub(super) fn read<R>(&self, look: impl FnOnce(&[Leg]) -> R) -> R {
        look(&self.0.read().unwrap_or_else(PoisonError::into_inner))
    }

    pub(super) fn len(&self) -> usize {
        self.0.read().unwrap_or_else(PoisonError::into_inner).len()
    }

    pub(super) fn write(&self) -> RwLockWriteGuard<'_, Box<[Leg]>> {
        self.0.write().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Which rows are filled, oldest first, and memory for searches.
#[derive(Debug)]
pub(super) struct Rows {
    leg_count_max: usize,
    filled: Mutex<Filled>,
    /// Labels of past searches, to be overwritten; never more than searches have run at once.
    labels: Mutex<Vec<Labels>>,
}

#[derive(Debug, Default)]
struct Filled {
    rows: VecDeque<(Place, Sense, usize)>,
    leg_count: usize,
}

impl Rows {
    pub(super) fn new(leg_count_max: usize) -> Rows {
        Rows { leg_count_max, filled: Mutex::default(), labels: Mutex::default() }
    }

    /// Takes note of a filled row and returns those to be emptied for it.
    pub(super) fn keep(&self, place: Place, sense: Sense, leg_count: usize) -> Vec<(Place, Sense)> {
        let mut filled = self.filled.lock().unwrap_or_else(PoisonError::into_inner);
        filled.rows.push_back((place, sense, leg_count));
        filled.leg_count += leg_count;
        let mut emptied = Vec::new();
        while filled.leg_count > self.leg_count_max && filled.rows.len() > 1 {
            if let Some((place, sense, leg_count)) = filled.rows.pop_front() {
                filled.leg_count -= leg_count;
                emptied.push((place, sense));
            }
        }
        emptied
    }

    /// How many rows are filled.
    #[cfg(test)]
    pub(super) fn count(&self) -> usize {
        self.filled.lock().unwrap_or_else(PoisonError::into_inner).rows.len()
    }

    pub(super) fn borrow_labels(&self) -> Labels {
        self.spare_labels().pop().unwrap_or_default()
    }

    pub(super) fn return_labels(&self, labels: Labels) {
        self.spare_labels().push(labels);
    }

    fn spare_labels(&self) -> MutexGuard<'_, Vec<Labels>> {
        self.labels.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
