//! What happens next, in an order that depends on nothing but what happens.
//!
//! Events are taken by moment, then by kind, then by who they concern. The order in which they were
//! put in plays no part, so two runs that expect the same events meet them in the same order.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use swerve_model::Moment;

/// What can happen; what comes first at the same moment is listed first. Numbers are indices into
/// the day's manifests and wishes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Happening {
    /// The clock moves, positions are reported, drivers' apps are brought up to date.
    Tick,
    /// What was sorted by then lies at the dock.
    Sorted,
    /// A van is done at a stop.
    Leave(usize),
    /// A van stands before a door.
    Arrive(usize),
    /// A van is back in the yard.
    Home(usize),
    /// Parcels are scanned into a van.
    Load(usize),
    /// A van leaves the yard.
    Depart(usize),
    /// A driver looks at a new revision and says yes or no.
    Acknowledge(usize),
    /// A recipient asks.
    Ask(usize),
    /// A recipient who thought it over makes it so.
    Decide(usize),
    /// A recipient takes it back.
    Withdraw(usize),
}

/// Events to come.
#[derive(Debug, Default)]
pub(super) struct Agenda {
    heap: BinaryHeap<Reverse<(Moment, Happening)>>,
}

impl Agenda {
    pub(super) fn expect(&mut self, at: Moment, happening: Happening) {
        self.heap.push(Reverse((at, happening)));
    }

    /// O(log n).
    pub(super) fn next(&mut self) -> Option<(Moment, Happening)> {
        self.heap.pop().map(|Reverse(next)| next)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn any_happening() -> impl Strategy<Value = Happening> {
        prop_oneof![
            Just(Happening::Tick),
            Just(Happening::Sorted),
            (0usize..4).prop_map(Happening::Leave),
            (0usize..4).prop_map(Happening::Arrive),
            (0usize..4).prop_map(Happening::Ask),
        ]
    }

    fn drained(events: &[(i64, Happening)]) -> Vec<(Moment, Happening)> {
        let mut agenda = Agenda::default();
        for (at, happening) in events {
            agenda.expect(Moment(*at), *happening);
        }
        std::iter::from_fn(|| agenda.next()).collect()
    }

    proptest! {
        #[test]
        fn events_come_by_moment_kind_and_number_however_they_were_put_in(
            events in prop::collection::vec((0i64..6, any_happening()), 0..40), swap in any::<u64>(),
        ) {
            let mut sorted: Vec<_> = events.iter().map(|(at, what)| (Moment(*at), *what)).collect();
            sorted.sort();
            prop_assert_eq!(drained(&events), sorted.clone());
            let mut turned = events.clone();
            turned.rotate_left((swap % (events.len() as u64 + 1)) as usize % events.len().max(1));
            turned.reverse();
            prop_assert_eq!(drained(&turned), sorted);
        }
    }

    #[test]
    fn the_clock_moves_before_anything_else_of_its_moment() {
        let order =
            drained(&[(5, Happening::Ask(0)), (5, Happening::Tick), (4, Happening::Depart(2))]);
        let kinds: Vec<Happening> = order.into_iter().map(|(_, what)| what).collect();
        assert_eq!(kinds, [Happening::Depart(2), Happening::Tick, Happening::Ask(0)]);
    }
}
