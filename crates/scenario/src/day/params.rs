//! What a generated day is asked to be like.

use crate::clock::CivilDate;
use crate::error::ScenarioError;

/// More drivers than any one territory has.
pub const DRIVERS_MAX: u32 = 5_000;
pub const STOPS_MAX: u32 = 500_000;

/// What a generated day is asked to be like. `new` gives the defaults.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DayParams {
    pub seed: u64,
    /// What the day is made from, for people.
    pub name: String,
    /// 1 to [`DRIVERS_MAX`]; one van and one manifest each.
    pub drivers: u32,
    /// About how many, at least `drivers`; at most [`STOPS_MAX`].
    pub stops: u32,
    pub date: CivilDate,
    /// IANA name.
    pub zone: String,
    /// ISO 4217.
    pub currency: String,
    /// Recipients with a wish, per mille.
    pub wish_permille: u32,
    /// Of the wishes, those about parcels no van can have loaded yet; the others come once the vans
    /// are out.
    pub unloaded_permille: u32,
    /// Stops promised within two hours, per mille; the others within the day.
    pub timed_permille: u32,
    /// Manifests that load at noon, per mille; fewer than four drivers have no second wave.
    pub second_wave_permille: u32,
    /// Minutes from leaving the depot to being back, paid at the normal rate; `None`: what the
    /// day's work needs with a sixth of it to spare, between 7 and 9 hours.
    pub shift_minutes: Option<u32>,
}

impl DayParams {
    /// A weekday in March in Central Europe: 8 % of recipients with a wish, 42 % of these early
    /// enough; a tenth of the stops timed; 22 % of the vans in the second wave; shifts as long as the work needs.
    pub fn new(seed: u64, drivers: u32, stops: u32) -> DayParams {
        DayParams {
            seed,
            name: "generated day".to_owned(),
            drivers,
            stops,
            date: CivilDate::new(2026, 3, 17).expect("a Tuesday"),
            zone: "Europe/Vienna".to_owned(),
            currency: "EUR".to_owned(),
            wish_permille: 80,
            unloaded_permille: 420,
            timed_permille: 100,
            second_wave_permille: 220,
            shift_minutes: None,
        }
    }

    /// # Errors
    /// [`ScenarioError::Parameter`], naming the first one outside its range.
    pub fn check(&self) -> Result<(), ScenarioError> {
        let ranges = [
            ("drivers", self.drivers, 1..=DRIVERS_MAX, "1 to 5000 are allowed"),
            (
                "stops",
                self.stops,
                self.drivers..=STOPS_MAX,
                "at least one for each driver and at most 500000 are allowed",
            ),
            ("wish_permille", self.wish_permille, 0..=1000, "0 to 1000 is allowed"),
            ("unloaded_permille", self.unloaded_permille, 0..=1000, "0 to 1000 is allowed"),
            ("timed_permille", self.timed_permille, 0..=1000, "0 to 1000 is allowed"),
            ("second_wave_permille", self.second_wave_permille, 0..=500, "0 to 500 is allowed"),
            ("shift_minutes", self.shift_minutes.unwrap_or(60), 60..=600, "60 to 600 is allowed"),
        ];
        for (parameter, value, range, rule) in ranges {
            if !range.contains(&value) {
                return Err(ScenarioError::Parameter { parameter, value: value.to_string(), rule });
            }
        }
        let currency =
            self.currency.len() == 3 && self.currency.bytes().all(|b| b.is_ascii_uppercase());
        if !currency {
            let rule = "an ISO 4217 code is three capital letters";
            return Err(ScenarioError::Parameter {
                parameter: "currency",
                value: self.currency.clone(),
                rule,
            });
        }
        Ok(())
    }

    /// Manifests of the second wave.
    pub(super) fn second_wave(&self) -> u32 {
        if self.drivers < 4 { 0 } else { (self.drivers * self.second_wave_permille + 500) / 1000 }
    }
}
