//! Vans, drivers and their shifts: two waves from one yard.
//!
//! The first wave leaves from eight o'clock, in dock slots of five minutes. The second loads at noon
//! what the midday sort brought, and leaves from half past twelve.

use super::{DayParams, Driver, Manifest, Size, Vehicle};
use crate::clock::DaySecond;
use crate::dice::Dice;

/// A cooled compartment.
pub const COLD: &str = "cold";
/// A tail lift and a strong back.
pub const HEAVY: &str = "heavy";

pub(super) const FIRST_DEPARTURE: DaySecond = DaySecond::hm(8, 0);
pub(super) const NOON_READY: DaySecond = DaySecond::hm(11, 30);
const NOON_DEPARTURE: DaySecond = DaySecond::hm(12, 30);
pub(super) const LOADING_SECONDS: u32 = 1_800;
pub(super) const SLOT_SECONDS: u32 = 300;
/// Paid overtime after the shift, and then the law.
pub(super) const OVERTIME_SECONDS: u32 = 3_600;
/// The second wave is back half an hour after the last promise of the day.
const AFTERNOON_SECONDS_MAX: u32 = 8 * 3_600;

pub(super) struct Fleet {
    pub(super) vehicles: Vec<Vehicle>,
    pub(super) drivers: Vec<Driver>,
    pub(super) manifests: Vec<Manifest>,
}

/// Vans that can load at once: a sixth of them.
pub(super) fn docks(params: &DayParams) -> u32 {
    params.drivers.div_ceil(6)
}

impl Fleet {
    pub(super) fn new(params: &DayParams, shift_minutes: u32) -> Fleet {
        let mut dice = Dice::new(params.seed, "fleet", 0, 0);
        let width = params.drivers.to_string().len().max(2);
        let id = |kind: &str, number: u32| format!("{kind}-{:0width$}", number + 1);
        let afternoon = params.second_wave();
        let morning = params.drivers - afternoon;
        let vehicles = (0..params.drivers).map(|number| {
            // Counted within the wave, so that both waves have every skill.
            let in_wave = if number < morning { number } else { number - morning };
            vehicle(id("van", number), in_wave, &mut dice)
        });
        let vehicles = vehicles.collect();
        let drivers =
            (0..params.drivers).map(|number| Driver { id: id("driver", number) }).collect();
        let manifests = (0..params.drivers).map(|number| {
            let (wave, in_wave) =
                if number < morning { (1, number) } else { (2, number - morning) };
            let slot = in_wave / docks(params) * SLOT_SECONDS;
            let crew = [id("driver", number), id("van", number)];
            manifest(id("manifest", number), crew, wave, slot, shift_minutes * 60)
        });
        Fleet { vehicles, drivers, manifests: manifests.collect() }
    }
}

fn manifest(
    id: String,
    [driver, vehicle]: [String; 2],
    wave: u8,
    slot: u32,
    shift: u32,
) -> Manifest {
    let (first, length) = match wave {
        1 => (FIRST_DEPARTURE, shift),
        _ => (NOON_DEPARTURE, shift.min(AFTERNOON_SECONDS_MAX)),
    };
    let departure = first.plus(slot);
    let loading_start = departure.minus(LOADING_SECONDS);
    let shift_end = departure.plus(length);
    Manifest {
        id,
        driver,
        vehicle,
        wave,
        shift_start: loading_start,
        loading_start,
        departure,
        shift_end,
        hard_end: shift_end.plus(OVERTIME_SECONDS),
    }
}

/// Every fourth van cools, every third lifts, two in five are electric.
fn vehicle(id: String, in_wave: u32, dice: &mut Dice) -> Vehicle {
    let mut skills = Vec::new();
    if in_wave.is_multiple_of(4) {
        skills.push(COLD.to_owned());
    }
    if in_wave.is_multiple_of(3) {
        skills.push(HEAVY.to_owned());
    }
    let electric = in_wave % 5 < 2;
    let large = in_wave.is_multiple_of(3);
    let (weight, volume, count) =
        if large { (1_150_000, 11_500_000, 260) } else { (850_000, 8_200_000, 200) };
    let capacity = Size { weight_grams: weight, volume_milliliters: volume, count };
    Vehicle {
        id,
        kind: if electric { "electric van" } else { "diesel van" }.to_owned(),
        capacity,
        skills,
        cost_per_hour_micros: dice.whole(260, 300) * 100_000,
        cost_per_km_micros: if electric { dice.whole(20, 24) } else { dice.whole(28, 34) } * 10_000,
        co2_grams_per_km: if electric { dice.whole(48, 60) } else { dice.whole(235, 275) },
    }
}
