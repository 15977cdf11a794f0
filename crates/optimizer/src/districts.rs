//! Routes in groups of neighbours, small enough to be searched one by one.
//!
//! The routes are cut in two at the middle stop along a random direction, and the halves again, until
//! every group is small enough; other directions next time put other routes together. Groups share no
//! route, so what one finds cannot disturb another. (`research/algorithms.md` §3.2)

use std::sync::Arc;

use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

use crate::route::Route;

/// Cuts `routes` into groups of neighbours with at most `stops_max` stops each, or one route. Each
/// route is in exactly one, by its number, ascending; the seed turns the borders.
///
/// O(routes log routes) a cut.
pub fn districts(routes: &[Arc<Route>], stops_max: usize, seed: u64) -> Vec<Vec<usize>> {
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    let weights = routes.iter().map(|route| route.stops().len()).collect();
    Cutting::new(routes, weights).cut(stops_max, &mut rng)
}

/// What a cut looks at, by route.
pub(crate) struct Cutting {
    /// How many stops each counts for.
    weights: Vec<usize>,
    centers: Vec<(f64, f64)>,
}

impl Cutting {
    pub(crate) fn new(routes: &[Arc<Route>], weights: Vec<usize>) -> Cutting {
        Cutting { weights, centers: routes.iter().map(|route| route.center()).collect() }
    }

    pub(crate) fn cut(&self, stops_max: usize, rng: &mut ChaCha8Rng) -> Vec<Vec<usize>> {
        let mut groups = Vec::new();
        self.halve((0..self.weights.len()).collect(), stops_max, rng, &mut groups);
        groups
    }

    /// Halves `numbers` by stops along a random direction until each group is small enough.
    fn halve(
        &self,
        mut numbers: Vec<usize>,
        stops_max: usize,
        rng: &mut ChaCha8Rng,
        groups: &mut Vec<Vec<usize>>,
    ) {
        let stops: usize = numbers.iter().map(|number| self.weights[*number]).sum();
        if stops <= stops_max || numbers.len() < 2 {
            numbers.sort_unstable();
            groups.extend(Some(numbers).filter(|group| !group.is_empty()));
            return;
        }
        // Integer components: every direction, and no library's sine.
        let (x, y) = (rng.random_range(-1000i32..=1000), rng.random_range(-1000i32..=1000));
        let along = |number: &usize| {
            let (east, north) = self.centers[*number];
            east * f64::from(x) + north * f64::from(y)
        };
        numbers.sort_by(|a, b| along(a).total_cmp(&along(b)).then(a.cmp(b)));
        let mut before = 0;
        let middle = numbers.iter().position(|number| {
            before += self.weights[*number];
            2 * before >= stops
        });
        let middle = (middle.unwrap_or(0) + 1).min(numbers.len() - 1);
        let beyond = numbers.split_off(middle);
        self.halve(numbers, stops_max, rng, groups);
        self.halve(beyond, stops_max, rng, groups);
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::fixtures::{Instance, Shape};

    proptest! {
        #[test]
        fn every_route_is_in_exactly_one_group_and_no_group_is_too_large(
            seed: u64, turn: u64, vans in 1u32..9, stops_per_van in 0u32..6, stops_max in 1usize..12,
        ) {
            let (varying, careless, islands) = (false, true, true);
            let shape = Shape { vans, stops_per_van, varying, careless, islands };
            let routes = Instance::random(seed, shape).routes;
            let groups = districts(&routes, stops_max, turn);
            let mut numbers: Vec<usize> = groups.iter().flatten().copied().collect();
            numbers.sort_unstable();
            prop_assert_eq!(numbers, (0..routes.len()).collect::<Vec<_>>());
            for group in &groups {
                let stops: usize = group.iter().map(|number| routes[*number].stops().len()).sum();
                prop_assert!(stops <= stops_max || group.len() == 1, "{} stops", stops);
            }
            prop_assert_eq!(groups, districts(&routes, stops_max, turn));
        }
    }
}
