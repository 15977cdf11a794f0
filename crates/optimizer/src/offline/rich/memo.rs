//! What was found out about pairs and routes, so that it need not be found out again.
//!
//! A round changes a few routes, and most rounds are taken back; the other routes answer as they did the
//! last time. A table of fixed size, in which one answer displaces another: an answer that is not there is
//! worked out anew and is the same.

use super::pair::PairPlace;

/// Entries at most: 24 MB.
const ENTRIES_MAX: usize = 1 << 20;

#[derive(Clone, Copy)]
struct Entry {
    /// The pair and the edition of the route.
    key: u64,
    /// That of the place; where there is none, no place costs less than this.
    cost: i64,
    /// [`NO_PLACE`] where there is none.
    first: u32,
    second: u32,
}

const NO_PLACE: u32 = u32::MAX;

/// Answers by pair and edition of a route.
pub(super) struct Memo {
    entries: Vec<Entry>,
    tasks: u64,
    slots: usize,
}

impl Memo {
    pub(super) fn new(tasks: usize, slots: usize) -> Memo {
        let count = tasks.saturating_mul(slots).clamp(1, ENTRIES_MAX).next_power_of_two();
        let none = Entry { key: u64::MAX, cost: 0, first: NO_PLACE, second: 0 };
        Memo { entries: vec![none; count], tasks: tasks as u64, slots }
    }

    /// The cheapest place of the pair with that pickup in the route of a slot, if it costs less than
    /// `limit`; worked out by `search` if it is not known.
    #[inline]
    pub(super) fn place(
        &mut self,
        pickup: u32,
        slot: u32,
        edition: u64,
        limit: i64,
        search: impl FnOnce() -> Option<PairPlace>,
    ) -> Option<PairPlace> {
        let key = edition * self.tasks + u64::from(pickup);
        let index = (pickup as usize * self.slots + slot as usize) & (self.entries.len() - 1);
        let entry = &mut self.entries[index];
        let is_known = entry.key == key && (entry.first != NO_PLACE || entry.cost >= limit);
        if !is_known {
            let found = search();
            let none = PairPlace { first: NO_PLACE, second: 0, cost: limit };
            let PairPlace { first, second, cost } = found.unwrap_or(none);
            *entry = Entry { key, cost, first, second };
        }
        let place = PairPlace { first: entry.first, second: entry.second, cost: entry.cost };
        (place.first != NO_PLACE && place.cost < limit).then_some(place)
    }
}
