//! What is aboard when.

use std::collections::BTreeSet;

use swerve_model::instance::{Instance, Role};

use super::orders::{Orders, Part};

/// What is aboard at the start of a route, and after each of its tasks; by dimension. All of `tasks` are
/// of the instance.
///
/// At a task, what is delivered is off before what is picked up comes aboard; at a reload, everything that
/// goes off is off before anything comes aboard. A pair's delivery before its pickup takes nothing off.
///
/// O(tasks · dimensions).
pub(super) fn loads(
    instance: &Instance,
    orders: &Orders,
    tasks: &[u32],
) -> (Vec<i64>, Vec<Vec<i64>>) {
    let at_start = brought(instance, orders, tasks);
    let mut aboard = at_start.clone();
    // Of that, what the next reload takes off.
    let mut collected = vec![0; instance.dimensions()];
    let mut picked_up = BTreeSet::new();
    let mut after = Vec::new();
    for (position, index) in tasks.iter().enumerate() {
        let task = &instance.tasks[*index as usize];
        match (task.role, orders.part(*index)) {
            (Role::Break, _) => {}
            (Role::Reload, _) => {
                take_off(&mut aboard, &collected);
                collected.fill(0);
                put_on(&mut aboard, &brought(instance, orders, &tasks[position + 1..]));
            }
            (Role::Visit, Part::Alone) => {
                take_off(&mut aboard, &task.delivery);
                put_on(&mut aboard, &task.pickup);
                put_on(&mut collected, &task.pickup);
            }
            (Role::Visit, Part::Pickup) => {
                put_on(&mut aboard, &task.pickup);
                picked_up.insert(*index);
            }
            (Role::Visit, Part::DeliveryOf(pickup)) => {
                if picked_up.contains(&pickup) {
                    take_off(&mut aboard, &task.delivery);
                }
            }
        }
        after.push(aboard.clone());
    }
    (at_start, after)
}

/// What tasks deliver until the next reload, but for pairs, which bring their own.
fn brought(instance: &Instance, orders: &Orders, tasks: &[u32]) -> Vec<i64> {
    let mut load = vec![0; instance.dimensions()];
    for index in tasks {
        let task = &instance.tasks[*index as usize];
        if task.role == Role::Reload {
            break;
        }
        if orders.part(*index) == Part::Alone {
            put_on(&mut load, &task.delivery);
        }
    }
    load
}

/// Who brings or takes nothing need not say it by dimension.
fn put_on(load: &mut [i64], more: &[i64]) {
    for (load, more) in load.iter_mut().zip(more) {
        *load += more;
    }
}

fn take_off(load: &mut [i64], less: &[i64]) {
    for (load, less) in load.iter_mut().zip(less) {
        *load -= less;
    }
}
