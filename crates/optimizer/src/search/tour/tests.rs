//! A shift of times against the rest of the tour driven from its definition.

use proptest::prelude::*;

use super::*;
use crate::fixtures::{Instance, Shape};
use crate::promise;
use crate::search::draft::Draft;
use crate::search::legs::Table;

/// What times cost from `position` on, reached at `arrival`: waits, moments of stops, overtime.
fn times_driven(tour: &Tour, position: usize, arrival: Moment, space: &Space<Table>) -> Cost {
    let prices = &space.rules.prices;
    let (mut cost, mut arrival) = (Cost::ZERO, arrival);
    for here in position..tour.end() {
        let node = tour.at[here].node;
        let windows = space.windows(tour.van, node);
        let start = promise::start(windows, arrival).expect("an arrival not after the latest");
        let stop = &space.nodes[node as usize];
        cost += prices.waiting(start - arrival) + stop.moment.at(start);
        arrival = start + stop.service + tour.at[here + 1].leg.duration();
    }
    cost + prices.overtime(space.vans[tour.van as usize].shift_end, arrival)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn a_shift_costs_what_driving_it_costs_and_is_refused_only_beyond_the_limit(
        seed: u64, careless: bool, limit in -20_000_000i64..20_000_000,
        shifts in prop::collection::vec(-60_000i64..40_000, 8),
    ) {
        let shape = Shape { vans: 3, stops_per_van: 8, varying: false, careless, islands: false };
        let instance = Instance::random(seed, shape);
        let (travel, rules) = (&instance.travel, &instance.rules);
        let space = Space::new(&instance.routes, &[], travel, rules, |places| {
            let never = std::sync::atomic::AtomicBool::new(false);
            Table::fill(travel, &places, Moment(0), &never)
        });
        let draft = Draft::new(&space.standing, &space);
        for tour in draft.tours.iter().filter(|tour| !tour.is_empty()) {
            for position in 1..=tour.end() {
                let at = &tour.at[position];
                let before = times_driven(tour, position, at.arrival, &space);
                let arrivals = shifts.iter().map(|shift| (at.arrival + Ticks(*shift)).min(at.latest));
                for arrival in arrivals {
                    let change = times_driven(tour, position, arrival, &space) - before;
                    prop_assert_eq!(tour.shift(position, arrival, Cost(i64::MAX), &space), Some(change));
                    let found = tour.shift(position, arrival, Cost(limit), &space);
                    prop_assert!(found == Some(change) || found.is_none() && change > Cost(limit));
                }
            }
        }
    }
}
