//! How much of a plan people know is left in the plan that takes its place.

use std::collections::BTreeSet;

use swerve_model::instance::StaticRoute;

/// What changed between two plans.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Disturbed {
    /// Tasks whose company left them: of each new route those that were not on the old route that most of
    /// it were on. Tasks new to the plan do not count.
    pub(super) moved: usize,
    /// Old routes that are not there any more as they were.
    pub(super) routes_changed: usize,
}

/// O(tasks · log routes).
pub(super) fn between(tasks: usize, old: &[StaticRoute], new: &[StaticRoute]) -> Disturbed {
    let mut home = vec![None; tasks];
    for (number, route) in old.iter().enumerate() {
        for task in &route.tasks {
            home[*task as usize] = Some(number);
        }
    }
    let stayed: BTreeSet<&StaticRoute> = new.iter().collect();
    let mut disturbed = Disturbed {
        routes_changed: old.iter().filter(|route| !stayed.contains(route)).count(),
        moved: 0,
    };
    for route in new {
        let homes = route.tasks.iter().filter_map(|task| home[*task as usize]);
        let mut homes: Vec<usize> = homes.collect();
        homes.sort_unstable();
        let most = homes.chunk_by(|one, other| one == other).map(<[usize]>::len).max();
        disturbed.moved += homes.len() - most.unwrap_or(0);
    }
    disturbed
}

#[cfg(test)]
mod tests {
    use super::*;

    fn routes(tasks: &[&[u32]]) -> Vec<StaticRoute> {
        tasks.iter().map(|tasks| StaticRoute { kind: 0, tasks: tasks.to_vec() }).collect()
    }

    #[test]
    fn the_fewer_of_a_route_are_those_that_moved() {
        let old = routes(&[&[0, 1, 2], &[3, 4], &[5]]);
        assert_eq!(between(7, &old, &old), Disturbed::default());
        // One joins others, and a new one comes.
        let one = between(7, &old, &routes(&[&[0, 1, 2, 3], &[4, 6], &[5]]));
        assert_eq!(one, Disturbed { moved: 1, routes_changed: 2 });
        // Another order moves nobody.
        let order = between(7, &old, &routes(&[&[2, 1, 0], &[5], &[3, 4]]));
        assert_eq!(order, Disturbed { moved: 0, routes_changed: 1 });
        // A route that is split keeps everyone's company as far as there is any.
        let split = between(7, &old, &routes(&[&[0], &[1, 2], &[3, 4, 5]]));
        assert_eq!(split, Disturbed { moved: 1, routes_changed: 3 });
    }
}
