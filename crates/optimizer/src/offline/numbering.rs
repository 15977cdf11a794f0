//! Numbers under which neighbours lie side by side in memory.
//!
//! What the search waits for is the legs of one task to all that are near it. In the file's order they
//! are scattered over a row of the table; numbered along a way through the neighbours they fill a few
//! cache lines. A thousand customers then search 1.4 to 1.6 times as fast (measured on the instances of
//! Gehring and Homberger).

use swerve_model::instance::Instance;

/// The search's numbers: what each stands for in the instance.
pub(super) struct Numbering {
    /// Indices of tasks.
    pub(super) tasks: Vec<u32>,
    /// Sites: where vehicles start and end first, then those of the tasks in order, then the rest.
    pub(super) sites: Vec<u32>,
}

impl Numbering {
    /// From the first vehicle's start always on to the nearest task not yet numbered. O(tasks²).
    pub(super) fn along_neighbours(instance: &Instance) -> Numbering {
        let site = |index: u32| instance.tasks[index as usize].site;
        let mut left: Vec<u32> = (0..instance.tasks.len() as u32).collect();
        let mut tasks = Vec::with_capacity(left.len());
        let mut here = instance.fleet[0].start.unwrap_or(0);
        while !left.is_empty() {
            let far = |place: &usize| {
                (instance.travel[0].distance(here, site(left[*place])), left[*place])
            };
            let nearest = (0..left.len()).min_by_key(far).expect("some are left");
            let next = left.swap_remove(nearest);
            here = site(next);
            tasks.push(next);
        }
        let ends =
            instance.fleet.iter().flat_map(|kind| [kind.start.unwrap_or(0), kind.end.unwrap_or(0)]);
        let all = ends.chain(tasks.iter().map(|task| site(*task)));
        let all = all.chain(0..instance.travel[0].sites() as u32);
        let mut is_numbered = vec![false; instance.travel[0].sites()];
        let is_new = |site: &u32| !std::mem::replace(&mut is_numbered[*site as usize], true);
        let sites = all.filter(is_new).collect();
        Numbering { tasks, sites }
    }

    /// The search's numbers of the instance's `of`: the inverse of one of the lists.
    pub(super) fn inverse(of: &[u32]) -> Vec<u32> {
        let mut inverse = vec![0; of.len()];
        for (number, index) in of.iter().enumerate() {
            inverse[*index as usize] = number as u32;
        }
        inverse
    }
}
