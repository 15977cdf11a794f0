//! Load along a run of stops, joinable in constant time.
//!
//! A delivery is aboard from departure, so what counts is not the sum along the way but the most that
//! is ever aboard. For a run that is three numbers, here per dimension: what must be aboard when it
//! begins, how the load has changed when it ends, and the highest rise over its beginning. Deliveries
//! alone never rise; the triple is what lets pickups join them without another structure.
//!
//! Source: the equivalent of the (delivery, pickup, maximum) segment of Vidal et al.

use swerve_model::{LOAD_DIMENSIONS, Load};

/// Load data of consecutive stops.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct LoadSpan {
    /// Aboard when the run begins, for it.
    pub initial: Load,
    /// Aboard at its end less aboard at its beginning.
    pub change: Load,
    /// The most ever aboard, over what was aboard at the beginning; never below zero.
    pub rise: Load,
}

impl LoadSpan {
    /// One stop that hands over `load`.
    pub fn delivery(load: Load) -> LoadSpan {
        LoadSpan { initial: load, change: Load::ZERO - load, rise: Load::ZERO }
    }

    /// One stop that takes `load` aboard, to the end of the route.
    pub fn pickup(load: Load) -> LoadSpan {
        LoadSpan { initial: Load::ZERO, change: load, rise: load }
    }

    /// This run, then `next`. O(1).
    #[must_use]
    pub fn join(self, next: LoadSpan) -> LoadSpan {
        // What the next run needs at its start is aboard from the very beginning.
        LoadSpan {
            initial: self.initial + next.initial,
            change: self.change + next.change,
            rise: max(self.rise, self.change + next.rise),
        }
    }

    /// The most ever aboard.
    pub fn peak(self) -> Load {
        self.initial + self.rise
    }
}

fn max(one: Load, other: Load) -> Load {
    Load(std::array::from_fn(|dimension| one.0[dimension].max(other.0[dimension])))
}

/// The dimensions of `peak` that exceed `capacity`, as amounts; zero where it fits.
pub(crate) fn excess(peak: Load, capacity: Load) -> Load {
    max(peak - capacity, Load::ZERO)
}

/// The room a van has: its capacity, or what it carries already where that is more. An overloaded
/// van that was published so stays legal as it stands, and takes nothing more in that dimension.
pub(crate) fn room(capacity: Load, aboard: Load) -> Load {
    max(capacity, aboard)
}

const _: () = assert!(LOAD_DIMENSIONS > 0);

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// From the definition: load everything that will be delivered, then walk and look.
    fn walked_peak(stops: &[(bool, i64)]) -> i64 {
        let mut aboard: i64 = stops.iter().filter(|stop| stop.0).map(|stop| stop.1).sum();
        let mut most = aboard;
        for (is_delivery, amount) in stops {
            aboard += if *is_delivery { -amount } else { *amount };
            most = most.max(aboard);
        }
        most
    }

    fn joined(stops: &[(bool, i64)]) -> LoadSpan {
        stops.iter().fold(LoadSpan::default(), |run, (is_delivery, amount)| {
            let load = Load::new(*amount, 0, 1);
            run.join(if *is_delivery { LoadSpan::delivery(load) } else { LoadSpan::pickup(load) })
        })
    }

    proptest! {
        #[test]
        fn joined_runs_carry_what_a_walk_counts(
            stops in prop::collection::vec((any::<bool>(), 0i64..100), 0..12), cut in 0usize..12,
        ) {
            let cut = cut.min(stops.len());
            let whole = joined(&stops);
            prop_assert_eq!(whole.peak().weight_grams(), walked_peak(&stops));
            prop_assert_eq!(joined(&stops[..cut]).join(joined(&stops[cut..])), whole);
        }
    }
}
