//! A state as VROOM takes it, so that anybody's planner can be asked the same.
//!
//! Times are tenths of a second from the state's moment, costs hundredths of a cent. Custody is a
//! skill that one van has. What a shift may take is bounded where the engine's plan pays no overtime:
//! VROOM has no price for it.

use serde::Serialize;
use serde_json::{Value, json};
use swerve_model::{Moment, Ticks};

use super::state::{State, StateStop, StateVan};

/// Millionths in a hundredth of a cent.
const COST_UNIT: i64 = 100;

#[derive(Serialize)]
struct Problem {
    vehicles: Vec<Value>,
    jobs: Vec<Value>,
    matrices: Value,
    /// What VROOM does not ask for and others may want.
    swerve: Value,
}

/// # Errors
/// None in practice: every number has a JSON form.
pub(super) fn write(state: &State) -> serde_json::Result<String> {
    let vehicles = state.vans.iter().zip(1..).map(|(van, id)| vehicle(state, van, id));
    let jobs = state.stops.iter().zip(1..).map(|(stop, id)| job(state, stop, id));
    let sites = state.places.len().max(1);
    let rows = |table: &[i64]| table.chunks(sites).map(<[i64]>::to_vec).collect::<Vec<_>>();
    let whole = |table: &[i32]| table.iter().map(|entry| i64::from(*entry)).collect::<Vec<_>>();
    let (durations, distances) = (whole(&state.durations), whole(&state.distances));
    let rates = &state.rates;
    let cost = |(ticks, meters): (&i64, &i64)| {
        (ticks * rates.hour_tick + meters * rates.meter + COST_UNIT / 2) / COST_UNIT
    };
    let costs: Vec<i64> = durations.iter().zip(&distances).map(cost).collect();
    let planned: Vec<Vec<u32>> = (state.planned().into_iter())
        .map(|route| route.into_iter().map(|stop| stop + 1).collect())
        .collect();
    let problem = Problem {
        vehicles: vehicles.collect(),
        jobs: jobs.collect(),
        matrices: json!({ "car": {
            "durations": rows(&durations), "distances": rows(&distances), "costs": rows(&costs),
        }}),
        swerve: json!({
            "state": state.name, "seconds_per_unit": 0.1, "currency_per_cost": 0.0001,
            "planned": planned,
        }),
    };
    serde_json::to_string(&problem)
}

fn since(state: &State, moment: Moment) -> i64 {
    (moment - state.at).max(Ticks::ZERO).0
}

fn vehicle(state: &State, van: &StateVan, id: u32) -> Value {
    let (_, back) = state.starts(van, &van.planned);
    json!({
        "id": id,
        "description": van.id,
        "start_index": van.start,
        "end_index": van.end,
        "capacity": [van.litres],
        "skills": [id],
        "time_window": [since(state, van.free), since(state, van.shift_end.max(back))],
    })
}

fn job(state: &State, stop: &StateStop, id: u32) -> Value {
    let window = |window: &swerve_model::TimeWindow| {
        [since(state, window.open()), since(state, window.close())]
    };
    let mut job = json!({
        "id": id,
        "description": stop.id,
        "location_index": stop.place,
        "service": stop.service.0,
        "delivery": [stop.litres],
    });
    if let Some(van) = stop.only {
        job["skills"] = json!([van + 1]);
    }
    if !stop.windows.is_empty() {
        job["time_windows"] = stop.windows.iter().map(window).collect::<Vec<_>>().into();
    }
    job
}
