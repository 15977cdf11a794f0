//! What belongs together: pairs, choices, and what is left out.

use std::collections::BTreeSet;

use swerve_model::instance::{Instance, Role, StaticRoute};

use super::Breach;

/// What a task is to its pair.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Part {
    Alone,
    Pickup,
    /// Of the pickup of this index.
    DeliveryOf(u32),
}

/// The tasks of an instance by what belongs together.
#[derive(Clone, Debug)]
pub(super) struct Orders {
    parts: Vec<Part>,
    /// For a pickup its delivery, for any other task itself.
    last: Vec<u32>,
    /// Of each order the tasks of which one is to be done, a pair standing by its pickup; in order of
    /// their first tasks.
    alternatives: Vec<Vec<u32>>,
    breaks: Vec<u32>,
}

/// Where a task is done first, and how many times in all.
#[derive(Clone, Copy, Debug, Default)]
struct Done {
    route: Option<usize>,
    times: u32,
}

impl Orders {
    pub(super) fn new(instance: &Instance) -> Orders {
        let count = instance.tasks.len();
        let mut parts = vec![Part::Alone; count];
        let mut last: Vec<u32> = (0..count as u32).collect();
        for pair in &instance.pairs {
            parts[pair.pickup as usize] = Part::Pickup;
            parts[pair.delivery as usize] = Part::DeliveryOf(pair.pickup);
            last[pair.pickup as usize] = pair.delivery;
        }
        let mut is_chosen = vec![false; count];
        for index in instance.choices.iter().flatten() {
            is_chosen[*index as usize] = true;
        }
        let is_order = |index: &u32| {
            let index = *index as usize;
            instance.tasks[index].role == Role::Visit
                && !matches!(parts[index], Part::DeliveryOf(_))
                && !is_chosen[index]
        };
        let single = (0..count as u32).filter(is_order).map(|index| vec![index]);
        // A choice among nothing asks for nothing.
        let choices = instance.choices.iter().filter(|choice| !choice.is_empty()).cloned();
        let mut alternatives: Vec<Vec<u32>> = single.chain(choices).collect();
        alternatives.sort_by_key(|tasks| tasks[0]);
        let is_break = |index: &u32| instance.tasks[*index as usize].role == Role::Break;
        let breaks = (0..count as u32).filter(is_break).collect();
        Orders { parts, last, alternatives, breaks }
    }

    pub(super) fn part(&self, index: u32) -> Part {
        self.parts[index as usize]
    }

    /// All breaks, whosever they are.
    pub(super) fn breaks(&self) -> &[u32] {
        &self.breaks
    }

    /// Pickups and deliveries of one route in which the delivery comes first.
    pub(super) fn reversed(&self, tasks: &[u32]) -> Vec<(u32, u32)> {
        let mut reversed = Vec::new();
        let mut seen = BTreeSet::new();
        let all: BTreeSet<u32> = tasks.iter().copied().collect();
        for index in tasks {
            if let Part::DeliveryOf(pickup) = self.part(*index)
                && !seen.contains(&pickup)
                && all.contains(&pickup)
            {
                reversed.push((pickup, *index));
            }
            seen.insert(*index);
        }
        reversed
    }

    /// The first task of each order of which nothing is done as a whole.
    pub(super) fn unserved(&self, instance: &Instance, routes: &[StaticRoute]) -> Vec<u32> {
        let done = done(instance, routes);
        let is_done = |index: &u32| {
            let last = self.last[*index as usize];
            done[*index as usize].times > 0 && done[last as usize].times > 0
        };
        let left_out = self.alternatives.iter().filter(|tasks| !tasks.iter().any(is_done));
        left_out.map(|tasks| tasks[0]).collect()
    }

    /// What is broken by who does what, in whatever order.
    pub(super) fn breaches(&self, instance: &Instance, routes: &[StaticRoute]) -> Vec<Breach> {
        let done = done(instance, routes);
        let mut breaches = Vec::new();
        for (task, done) in instance.tasks.iter().zip(&done) {
            if done.times > 1 {
                breaches.push(Breach::ServedTwice { task: task.number, times: done.times });
            }
        }
        for pair in &instance.pairs {
            let [pickup, delivery] = [pair.pickup, pair.delivery].map(|index| index as usize);
            if done[pickup].route != done[delivery].route {
                let pickup = instance.tasks[pickup].number;
                let delivery = instance.tasks[delivery].number;
                breaches.push(Breach::PairApart { pickup, delivery });
            }
        }
        for tasks in &self.alternatives {
            let is_begun = |index: &&u32| {
                let last = self.last[**index as usize];
                done[**index as usize].times > 0 || done[last as usize].times > 0
            };
            let begun = tasks.iter().filter(is_begun).count();
            if begun > 1 {
                let first = instance.tasks[tasks[0] as usize].number;
                breaches.push(Breach::ChosenTwice { first, done: begun });
            }
        }
        breaches
    }
}

/// By task. A route of a vehicle that there is not does nothing.
fn done(instance: &Instance, routes: &[StaticRoute]) -> Vec<Done> {
    let mut done = vec![Done::default(); instance.tasks.len()];
    for (route, way) in routes.iter().enumerate() {
        if way.kind as usize >= instance.fleet.len() {
            continue;
        }
        for index in &way.tasks {
            let Some(done) = done.get_mut(*index as usize) else { continue };
            done.route.get_or_insert(route);
            done.times += 1;
        }
    }
    done
}
