//! The few best insertions found so far, at most one per route.

use swerve_model::{Cost, Moment};

/// One stop in one position of one route.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Insertion {
    /// The route's number in the fleet.
    pub route: u32,
    /// Its van's key, which breaks ties.
    pub route_key: u32,
    /// The position the stop takes: 1 is right after the anchor.
    pub position: u32,
    /// Planned start of its service.
    pub start: Moment,
    /// Change of the route's cost, exact.
    pub delta: Cost,
}

impl Insertion {
    fn rank(&self) -> (Cost, u32, u32) {
        (self.delta, self.route_key, self.position)
    }
}

/// Sorted by rank, no route twice.
#[derive(Clone, Debug)]
pub(super) struct Best {
    keep: usize,
    found: Vec<Insertion>,
}

impl Best {
    /// Keeps the best of each of the `keep` best routes; at least one.
    pub(super) fn new(keep: usize) -> Best {
        Best { keep: keep.max(1), found: Vec::new() }
    }

    /// Whatever costs more than this cannot get in. What costs as much may, by its rank.
    pub(super) fn threshold(&self) -> Cost {
        if self.found.len() < self.keep { Cost(i64::MAX) } else { self.found[self.keep - 1].delta }
    }

    /// The same for one route, of which only the best position counts.
    pub(super) fn threshold_on(&self, route: u32) -> Cost {
        let listed = self.found.iter().find(|known| known.route == route);
        listed.map_or(self.threshold(), |known| known.delta)
    }

    pub(super) fn offer(&mut self, candidate: Insertion) {
        let listed = self.found.iter().position(|known| known.route == candidate.route);
        match listed {
            Some(index) if self.found[index].rank() <= candidate.rank() => return,
            Some(index) => {
                self.found.remove(index);
            }
            None => {}
        }
        let index = self.found.partition_point(|known| known.rank() < candidate.rank());
        self.found.insert(index, candidate);
        self.found.truncate(self.keep);
    }

    pub(super) fn into_vec(self) -> Vec<Insertion> {
        self.found
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn insertion(route: u32, position: u32, delta: i64) -> Insertion {
        let route_key = 100 - route;
        Insertion { route, route_key, position, start: Moment(0), delta: Cost(delta) }
    }

    proptest! {
        #[test]
        fn it_keeps_the_best_of_each_of_the_best_routes(
            offers in prop::collection::vec((0u32..5, 1u32..4, 0i64..6), 0..30), keep in 1usize..4,
        ) {
            let offers: Vec<Insertion> = offers
                .into_iter()
                .map(|(route, position, delta)| insertion(route, position, delta))
                .collect();
            let mut best = Best::new(keep);
            for offer in &offers {
                best.offer(*offer);
            }
            let per_route = |route: u32| {
                offers.iter().filter(|o| o.route == route).min_by_key(|o| o.rank()).copied()
            };
            let mut expected: Vec<Insertion> = (0..5).filter_map(per_route).collect();
            expected.sort_by_key(Insertion::rank);
            expected.truncate(keep);
            let full = expected.len() == keep;
            let threshold = if full { expected[keep - 1].delta } else { Cost(i64::MAX) };
            prop_assert_eq!(best.threshold(), threshold);
            prop_assert_eq!(best.into_vec(), expected);
        }
    }
}
