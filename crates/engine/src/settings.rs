//! What a territory is told once, at start: where it is, and by which rules and prices it plans.

use swerve_model::{Cost, Depot, Risk, TenantId, TerritoryId, Ticks};
use swerve_optimizer::{Assurance, Prices, Rules, Tariff};
use swerve_policy::Policy;

/// Who moves engine time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ClockKind {
    /// The server ticks from the real clock.
    Real,
    /// An operator on loopback advances it: demonstrations and tests.
    Simulated,
}

/// How much searching each occasion is worth, in iterations of each logical worker: milliseconds
/// would make plans depend on the machine. Figures are for about 100-stop manifests.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SearchBudget {
    /// Logical workers; a setting, never the core count, so that plans do not depend on it.
    pub workers: u32,
    /// Before a commit is answered: on eight manifests of 150 stops that still load some six
    /// milliseconds of each worker, less where fewer manifests may take a stop.
    pub before_answer: u32,
    /// After it, when nothing else waits: tens of milliseconds.
    pub after_answer: u32,
    /// When plain insertion fails, before "not found in time" is said.
    pub repair: u32,
    /// A dispatcher's re-plan.
    pub replan: u32,
    /// The initial plan, per stop; on a large day less, unless more is asked for.
    pub day_per_stop: u32,
    /// While nobody waits.
    pub background: Background,
}

/// How much is searched while nobody waits, and what is worth publishing of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Background {
    /// Iterations for each free stop of a group, each time it is searched; none switches it off.
    pub per_stop: u32,
    /// Stops in a group at most: between 800 and 2,500 makes little difference per second of search,
    /// and a table of their legs still fits the caches.
    pub group_stops: u32,
    /// Groups searched side by side between two ticks.
    pub groups: u32,
    /// A round over all manifests begins no sooner after the last one began; up to eight times later
    /// where rounds find nothing.
    pub rest: Ticks,
    /// What changing one manifest has to save.
    pub gain_min: Cost,
    /// What it has to save on top where a driver on the road has to be told.
    pub message_gain: Cost,
}

impl Default for SearchBudget {
    fn default() -> SearchBudget {
        SearchBudget {
            workers: 2,
            before_answer: 60,
            after_answer: 400,
            repair: 400,
            replan: 20_000,
            day_per_stop: 30,
            background: Background::default(),
        }
    }
}

impl Default for Background {
    fn default() -> Background {
        Background {
            per_stop: 2,
            group_stops: 1_500,
            groups: 2,
            rest: Ticks::from_minutes(15),
            gain_min: Cost(100_000),
            message_gain: Cost(1_500_000),
        }
    }
}

#[derive(Clone, Debug)]
pub struct Settings {
    pub territory: TerritoryId,
    pub tenant: TenantId,
    /// ISO 4217.
    pub currency: String,
    /// IANA name of the territory's civil time.
    pub zone: String,
    pub depots: Vec<Depot>,
    pub clock: ClockKind,
    pub policy: Policy,
    pub risk: Risk,
    pub budget: SearchBudget,
    /// Seeds every search, with the log's sequence number.
    pub seed: u64,
}

impl Settings {
    pub fn rules(&self) -> Rules {
        let prices = &self.policy.prices;
        let tariff = Tariff {
            driving_hour: prices.driving_hour,
            // An hour of a van and its driver is paid, whatever it is spent on.
            waiting_hour: prices.driving_hour,
            km: prices.km,
            overtime_hour: prices.overtime_hour,
            late_minute: prices.late_minute,
            told_minute: prices.told_minute,
            moved_van: prices.moved_van,
        };
        Rules {
            prices: Prices::new(&tariff),
            assurance: Assurance { risk: self.risk, ..Assurance::default() },
            travel_varies: false,
        }
    }

    pub fn frozen_ahead(&self) -> Ticks {
        self.policy.frozen_ahead
    }
}
