//! One wave of vans alike in everything but how long they are out.

use super::shape::{STOPS_DEVIATION, STOPS_MEAN, VAN_LITRES};
use super::{DayOneParams, VAN_STOPS_MAX};
use crate::clock::DaySecond;
use crate::day::area::LOAD;
use crate::day::fleet::{FIRST_DEPARTURE, Fleet, LOADING_SECONDS, OVERTIME_SECONDS, SLOT_SECONDS};
use crate::day::{Driver, Manifest, Size, Vehicle};
use crate::dice::Dice;

/// No van is sent out for fewer stops, unless fewer are asked for.
const VAN_STOPS_MIN: u32 = 60;
/// A shift is whole quarters of an hour, within these.
const SHIFT_MINUTES_MIN: u32 = 120;
const SHIFT_MINUTES_MAX: u32 = 600;

/// The stops each van is sent out for, about: as real routes differ, around the number asked for.
pub(super) fn targets(params: &DayOneParams) -> Vec<u32> {
    let mut dice = Dice::new(params.seed, "targets", 0, 0);
    let mean = f64::from(params.stops_per_van);
    let (low, high) = (mean.min(f64::from(VAN_STOPS_MIN)), f64::from(VAN_STOPS_MAX));
    let target = |_| {
        let stops = mean * (1.0 + STOPS_DEVIATION / STOPS_MEAN * dice.normal());
        stops.round().clamp(low, high) as u32
    };
    (0..params.vans).map(target).collect()
}

/// Vans that can load at once: a sixth of them.
pub(super) fn docks(params: &DayOneParams) -> u32 {
    params.vans.div_ceil(6)
}

/// When the first van begins to load.
pub(super) const fn first_loading() -> DaySecond {
    FIRST_DEPARTURE.minus(LOADING_SECONDS)
}

/// `work` is what all vans together have to drive and to serve, in seconds; a shift is as long as
/// the van's part of it takes, with a sixth to spare.
pub(super) fn fleet(params: &DayOneParams, targets: &[u32], work: f64) -> Fleet {
    let width = params.vans.to_string().len().max(2);
    let id = |kind: &str, number: usize| format!("{kind}-{:0width$}", number + 1);
    let stops: u32 = targets.iter().sum();
    let per_stop = work / f64::from(stops.max(1));
    let vehicle = |number| vehicle(id("van", number), params);
    let manifest = |(number, target): (usize, &u32)| {
        let minutes = f64::from(*target) * per_stop / LOAD / 60.0;
        let quarters = ((minutes / 15.0).ceil() as u32).saturating_mul(15);
        let shift = quarters.clamp(SHIFT_MINUTES_MIN, SHIFT_MINUTES_MAX) * 60;
        let departure = FIRST_DEPARTURE.plus(number as u32 / docks(params) * SLOT_SECONDS);
        let loading_start = departure.minus(LOADING_SECONDS);
        let shift_end = departure.plus(shift);
        Manifest {
            id: id("manifest", number),
            driver: id("driver", number),
            vehicle: id("van", number),
            wave: 1,
            shift_start: loading_start,
            loading_start,
            departure,
            shift_end,
            hard_end: shift_end.plus(OVERTIME_SECONDS),
        }
    };
    Fleet {
        vehicles: (0..targets.len()).map(vehicle).collect(),
        drivers: (0..targets.len()).map(|number| Driver { id: id("driver", number) }).collect(),
        manifests: targets.iter().enumerate().map(manifest).collect(),
    }
}

fn vehicle(id: String, params: &DayOneParams) -> Vehicle {
    Vehicle {
        id,
        kind: "electric van".to_owned(),
        capacity: Size {
            weight_grams: 1_400_000,
            volume_milliliters: (VAN_LITRES * 1_000.0) as i64,
            count: 500,
        },
        skills: Vec::new(),
        cost_per_hour_micros: params.hour_micros,
        cost_per_km_micros: params.km_micros,
        co2_grams_per_km: 55,
    }
}
