//! Breaks and reloads, after the visits around them have changed.

use super::insert::Inserter;
use super::model::Model;
use super::plan::{Change, Plan};

/// Moves the breaks of the routes touched to where they add least, and leaves out reloads no longer worth
/// it. O(stops²) for each.
pub(super) fn settle(plan: &mut Plan, change: &mut Change, model: &Model, inserter: &mut Inserter) {
    let mut touched: Vec<u32> = change.touched().collect();
    touched.sort_unstable();
    for slot in touched {
        let kind = &model.kinds[plan.routes[slot as usize].kind as usize];
        if plan.routes[slot as usize].stops.is_empty() {
            continue;
        }
        for rest in &kind.breaks {
            let route = &plan.routes[slot as usize];
            let mut whole = route.stops.clone();
            whole.retain(|stop| stop != rest);
            let moved = inserter.with_one_more(model, route, &mut whole, *rest);
            if moved.is_some_and(|added| added < 0) {
                change.set(plan, model, slot, |stops| *stops = whole);
            }
        }
        let halts = plan.routes[slot as usize].stops.iter().copied();
        let halts: Vec<u32> =
            halts.filter(|stop| model.tasks[*stop as usize].is_reload()).collect();
        for halt in halts {
            let route = &plan.routes[slot as usize];
            let without = |stops: &mut Vec<u32>| stops.retain(|stop| *stop != halt);
            if inserter.tried(model, route, without).is_some_and(|added| added <= 0) {
                change.set(plan, model, slot, without);
            }
        }
    }
}
