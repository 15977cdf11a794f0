//! What really happens on a day: the traffic, the drivers' pace, the doors.
//!
//! The planner works with nominal times; the simulator drives by these. Every figure is a pure
//! function of the seed and of *what* is asked about (which road, which door, which driver, when),
//! never of the order or number of questions. Two runs of one day with different plans therefore
//! meet the same world (common random numbers), and their difference is the plans' alone.
//!
//! | factor | distribution | mean | deviation |
//! |---|---|---|---|
//! | day traffic | lognormal, one per day | 1 | 4 % |
//! | city-wide wave | lognormal per quarter hour | 1 | 3 % |
//! | driver's pace | lognormal per driver | 1 | 4 % |
//! | road, lasting | lognormal per ordered pair of places | 1 | 5 % |
//! | road, passing | lognormal per pair and quarter hour | 1 | 8 % |
//! | jam | 0.5 % of pairs and quarter hours, x1.8 | compensated | |
//! | service | lognormal body, 2 % long ones x3-6 (apartments 4 %) | 1 | about 60 % (70 %) |
//! | departure | exponential delay, at most 25 min | 3 min | |
//! | absence | 3 % of first attempts | | |
//!
//! Travel is first in, first out exactly: the factors set a *speed* for each pair and quarter hour,
//! and a van on its way covers the leg's nominal time at those speeds (Ichoua, Gendreau & Potvin
//! 2003), in integers, so a later departure never arrives earlier, not by a tick.

use swerve_model::{LatLng, Moment, Place, Ticks};

use crate::day::PointKind;
use crate::dice::{self, Dice};
use crate::error::ScenarioError;
use crate::steady;

/// Traffic changes on the quarter hour.
pub const BUCKET: Ticks = Ticks::from_minutes(15);

/// Progress is counted in millionths of a nominal tick: fine enough that rounding a speed is far
/// below the noise, coarse enough that a week's leg fits an `i64`.
const SPEED_ONE: i64 = 1_000_000;
/// No factor slows a leg to less than a tenth or speeds it up more than threefold, whatever the
/// parameters: bounds the loop over quarter hours.
const SPEED_MIN: i64 = SPEED_ONE / 10;
const SPEED_MAX: i64 = SPEED_ONE * 3;
/// The longest leg driven, one day; longer nominal times are cut.
const NOMINAL_MAX: Ticks = Ticks::from_hours(24);
/// The longest service, three hours: someone will have been called by then.
const SERVICE_MAX: Ticks = Ticks::from_hours(3);
const DEPARTURE_DELAY_MAX: Ticks = Ticks::from_minutes(25);

/// How wild the world is. Deviations are relative, 0 to 1; `default()` is the table above.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct TruthParams {
    pub day_deviation: f64,
    pub wave_deviation: f64,
    pub pace_deviation: f64,
    pub road_deviation: f64,
    pub road_bucket_deviation: f64,
    /// Of a pair and quarter hour, per mille.
    pub jam_permille: u32,
    /// A jam multiplies travel time by this, 1 to 5.
    pub jam_factor: f64,
    /// Of the ordinary part of service times.
    pub service_deviation: f64,
    /// Services that take three to six times as long, per mille; twice that at apartments.
    pub service_long_permille: u32,
    /// Mean seconds a van leaves late.
    pub departure_delay_mean: f64,
    /// First attempts at which nobody answers, per mille.
    pub absent_permille: u32,
    /// The same where the recipient chose the place or the window themselves.
    pub absent_chosen_permille: u32,
    /// The same where the recipient had asked for something else and was refused.
    pub absent_refused_permille: u32,
}

impl Default for TruthParams {
    fn default() -> TruthParams {
        TruthParams {
            day_deviation: 0.04,
            wave_deviation: 0.03,
            pace_deviation: 0.04,
            road_deviation: 0.05,
            road_bucket_deviation: 0.08,
            jam_permille: 5,
            jam_factor: 1.8,
            service_deviation: 0.45,
            service_long_permille: 20,
            departure_delay_mean: 180.0,
            absent_permille: 30,
            absent_chosen_permille: 10,
            absent_refused_permille: 350,
        }
    }
}

impl TruthParams {
    /// A world that keeps exactly to nominal times: nobody is late, slow or absent.
    pub fn calm() -> TruthParams {
        TruthParams {
            day_deviation: 0.0,
            wave_deviation: 0.0,
            pace_deviation: 0.0,
            road_deviation: 0.0,
            road_bucket_deviation: 0.0,
            jam_permille: 0,
            jam_factor: 1.0,
            service_deviation: 0.0,
            service_long_permille: 0,
            departure_delay_mean: 0.0,
            absent_permille: 0,
            absent_chosen_permille: 0,
            absent_refused_permille: 0,
        }
    }

    /// # Errors
    /// A deviation outside [0, 1], a permille above 1000, a jam factor outside [1, 5], a mean delay
    /// outside [0, 1500] s.
    fn check(&self) -> Result<(), ScenarioError> {
        let deviations = [
            ("day_deviation", self.day_deviation),
            ("wave_deviation", self.wave_deviation),
            ("pace_deviation", self.pace_deviation),
            ("road_deviation", self.road_deviation),
            ("road_bucket_deviation", self.road_bucket_deviation),
            ("service_deviation", self.service_deviation),
        ];
        for (parameter, value) in deviations {
            within(parameter, value, (0.0, 1.0), "0 to 1 is allowed")?;
        }
        let shares = [
            ("jam_permille", self.jam_permille),
            ("service_long_permille", self.service_long_permille),
            ("absent_permille", self.absent_permille),
            ("absent_chosen_permille", self.absent_chosen_permille),
            ("absent_refused_permille", self.absent_refused_permille),
        ];
        for (parameter, value) in shares {
            within(parameter, f64::from(value), (0.0, 1000.0), "0 to 1000 is allowed")?;
        }
        within("jam_factor", self.jam_factor, (1.0, 5.0), "1 to 5 is allowed")?;
        within(
            "departure_delay_mean",
            self.departure_delay_mean,
            (0.0, 1500.0),
            "0 to 1500 is allowed",
        )
    }
}

fn within(
    parameter: &'static str,
    value: f64,
    (low, high): (f64, f64),
    rule: &'static str,
) -> Result<(), ScenarioError> {
    if (low..=high).contains(&value) {
        Ok(())
    } else {
        Err(ScenarioError::Parameter { parameter, value: value.to_string(), rule })
    }
}

/// What a figure is about: a place, a driver, a stop. Equal keys meet the same fate.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Key(u64);

impl Key {
    /// For anything with a name: a driver, a shipment, a point.
    pub fn named(name: &str) -> Key {
        Key(dice::hash_text(name))
    }

    /// For two names together, as a stop and a driver; the order matters.
    #[must_use]
    pub fn and(self, other: Key) -> Key {
        Key(dice::mix(self.0.rotate_left(23) ^ other.0))
    }

    /// For a spot on Earth, to a centimetre: the same in every run, whoever numbers the places.
    pub fn at(position: LatLng) -> Key {
        let e7 = |degrees: f64| (degrees * 1e7).round() as i64 as u64;
        Key(dice::mix(e7(position.latitude()))).and(Key(dice::mix(e7(position.longitude()))))
    }

    /// For a place by number: use it only where numbers are the same in every run compared.
    pub const fn place(place: Place) -> Key {
        Key(dice::mix(place.0 as u64 + 1))
    }
}

impl From<&str> for Key {
    fn from(name: &str) -> Key {
        Key::named(name)
    }
}

/// What the recipient was led to expect, which decides how likely they are to be there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Expectation {
    /// The delivery as first promised.
    AsPromised,
    /// A place or window of the recipient's own choice.
    AsChosen,
    /// The recipient asked for something else and did not get it.
    AsRefused,
}

/// The fate of one day.
#[derive(Clone, Copy, Debug)]
pub struct Truth {
    seed: u64,
    params: TruthParams,
    day_factor: f64,
}

impl Truth {
    /// # Errors
    /// [`ScenarioError::Parameter`], naming the first parameter outside its range.
    pub fn new(seed: u64, params: TruthParams) -> Result<Truth, ScenarioError> {
        params.check()?;
        let day_factor = unit_mean(&mut Dice::new(seed, "day", 0, 0), params.day_deviation);
        Ok(Truth { seed, params, day_factor })
    }

    /// How much longer than nominal everything takes today.
    pub fn day_factor(&self) -> f64 {
        self.day_factor
    }

    /// How much longer than nominal this driver takes on the road.
    pub fn pace(&self, driver: Key) -> f64 {
        unit_mean(&mut self.dice("pace", driver, 0), self.params.pace_deviation)
    }

    /// How long the leg really takes when left at `depart`, in [nominal / 3, nominal x 10].
    ///
    /// First in, first out per (`from`, `to`, `driver`): `depart + travel` never falls as `depart`
    /// grows, nor as `nominal` does. O(quarter hours spent on the way).
    pub fn travel(&self, nominal: Ticks, from: Key, to: Key, driver: Key, depart: Moment) -> Ticks {
        let lasting = self.lasting_factor(from, to, driver);
        let mut left = nominal.clamp(Ticks::ZERO, NOMINAL_MAX).0 * SPEED_ONE;
        let mut now = depart.0;
        while left > 0 {
            let bucket = now.div_euclid(BUCKET.0);
            let bucket_end = (bucket + 1) * BUCKET.0;
            let speed = speed(lasting * self.passing_factor(from, to, bucket));
            let covered = (bucket_end - now) * speed;
            if covered >= left {
                now += (left + speed - 1) / speed;
                break;
            }
            left -= covered;
            now = bucket_end;
        }
        Ticks(now - depart.0)
    }

    fn lasting_factor(&self, from: Key, to: Key, driver: Key) -> f64 {
        let road = unit_mean(&mut self.dice("road", from, to.0), self.params.road_deviation);
        self.day_factor * self.pace(driver) * road
    }

    fn passing_factor(&self, from: Key, to: Key, bucket: i64) -> f64 {
        let params = &self.params;
        let mut wave = Dice::new(self.seed, "wave", bucket as u64, 0);
        let mut dice = self.dice("passing", from.and(to), bucket as u64);
        let noise = unit_mean(&mut wave, params.wave_deviation)
            * unit_mean(&mut dice, params.road_bucket_deviation);
        let share = f64::from(params.jam_permille) / 1000.0;
        let jam = if dice.permille(params.jam_permille) { params.jam_factor } else { 1.0 };
        noise * jam / (1.0 + share * (params.jam_factor - 1.0))
    }

    /// How long serving the stop really takes, at most three hours.
    ///
    /// `stop` should name what is served (the shipment, or the point where several are handed over
    /// at once), so that the same hand-over meets the same trouble whoever drives; the driver adds a
    /// tenth of the spread.
    pub fn service(&self, stop: Key, driver: Key, nominal: Ticks, kind: PointKind) -> Ticks {
        let params = &self.params;
        let long_permille = match kind {
            PointKind::Apartments => (2 * params.service_long_permille).min(1000),
            _ => params.service_long_permille,
        };
        let mut dice = self.dice("service", stop, 0);
        let body = unit_mean(&mut dice, params.service_deviation);
        let (is_long, times) = (dice.permille(long_permille), dice.between(3.0, 6.0));
        let tail = if is_long { times } else { 1.0 };
        // A long one takes 4.5 times as long on average; dividing keeps the mean at the nominal.
        let tail_mean = 1.0 + 3.5 * f64::from(long_permille) / 1000.0;
        let hand = unit_mean(&mut self.dice("hand", driver, 0), params.service_deviation / 10.0);
        scaled(nominal, body * tail / tail_mean * hand, SERVICE_MAX)
    }

    /// Whether nobody answers at this attempt (0 is the first; later ones meet a fate of their own).
    ///
    /// One draw decides under every expectation: who is there as promised is there as chosen.
    pub fn absent(&self, stop: Key, attempt: u32, expectation: Expectation) -> bool {
        let permille = match expectation {
            Expectation::AsPromised => self.params.absent_permille,
            Expectation::AsChosen => self.params.absent_chosen_permille,
            Expectation::AsRefused => self.params.absent_refused_permille,
        };
        self.dice("absent", stop, u64::from(attempt)).permille(permille)
    }

    /// How long after its dock slot the van really leaves, at most 25 minutes.
    pub fn departure_delay(&self, manifest: Key) -> Ticks {
        let seconds =
            self.dice("departure", manifest, 0).exponential(self.params.departure_delay_mean);
        Ticks((seconds * Ticks::PER_SECOND as f64) as i64).min(DEPARTURE_DELAY_MAX)
    }

    /// Whether a recipient who cannot have their wish takes the first alternative.
    pub fn takes_alternative(&self, wish: Key, permille: u32) -> bool {
        self.dice("alternative", wish, 0).permille(permille)
    }

    /// Any other yes or no of a simulation, by what it is about and a name for the question.
    pub fn happens(&self, question: &str, about: Key, permille: u32) -> bool {
        self.dice("happens", about, dice::hash_text(question)).permille(permille)
    }

    fn dice(&self, purpose: &str, a: Key, b: u64) -> Dice {
        Dice::new(self.seed, purpose, a.0, b)
    }
}

/// Lognormal with mean 1 and this relative deviation.
fn unit_mean(dice: &mut Dice, deviation: f64) -> f64 {
    let variance = steady::ln(1.0 + deviation * deviation);
    dice.lognormal(steady::exp(-variance / 2.0), variance.sqrt())
}

fn speed(factor: f64) -> i64 {
    ((SPEED_ONE as f64 / factor) as i64).clamp(SPEED_MIN, SPEED_MAX)
}

fn scaled(nominal: Ticks, factor: f64, most: Ticks) -> Ticks {
    Ticks((nominal.0 as f64 * factor).round() as i64).clamp(Ticks::ZERO, most)
}

#[cfg(test)]
mod tests;
