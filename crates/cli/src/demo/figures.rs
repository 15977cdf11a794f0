//! The figures of a day, as they are printed and given to programs.
//!
//! Every field is documented where it stands; `-o json` gives [`Figures`] as one object, field names
//! as here. Shares are between 0 and 1, money is in the day's currency.

use std::collections::BTreeMap;

use serde::Serialize;

/// The version of the object's layout.
pub(crate) const FORMAT: u32 = 1;

/// Everything a demonstration found out.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Figures {
    pub(crate) format: u32,
    pub(crate) scenario: ScenarioFigures,
    /// The day with wishes, answered by Swerve.
    pub(crate) swerve: RunFigures,
    /// The same day without any wish.
    pub(crate) without_wishes: RunFigures,
    /// With the same wishes, each put where it fits best and nothing else ever improved.
    pub(crate) insertion_alone: RunFigures,
    /// With the same wishes, as a carrier without Swerve would have answered them; reckoned from the
    /// day without wishes. See `baseline`.
    pub(crate) without_swerve: BaselineFigures,
    pub(crate) harm: HarmFigures,
    pub(crate) verification: Vec<VerificationFigures>,
    /// What has to hold for exit code 0.
    pub(crate) conditions: Vec<Condition>,
    pub(crate) passed: bool,
}

#[derive(Clone, Debug, Serialize)]
pub(crate) struct ScenarioFigures {
    /// What the day was drawn over.
    pub(crate) roads: String,
    pub(crate) seed: u64,
    pub(crate) date: String,
    pub(crate) zone: String,
    /// ISO 4217; all money below is in it.
    pub(crate) currency: String,
    pub(crate) drivers: u32,
    pub(crate) shipments: u32,
    pub(crate) parcels: u32,
    /// Wishes in the day; recipients who were served before they meant to ask do not ask.
    pub(crate) wishes: u32,
}

/// One run of the day.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct RunFigures {
    pub(crate) stops: StopFigures,
    pub(crate) parcels: ParcelFigures,
    pub(crate) promises: PromiseFigures,
    pub(crate) wishes: WishFigures,
    pub(crate) operation: OperationFigures,
    pub(crate) disturbance: DisturbanceFigures,
    pub(crate) latency: LatencyFigures,
    /// What the server held at the end that does not fit what it had acknowledged, in words.
    pub(crate) lost: Vec<String>,
}

/// Halts: one van at one place, for one or more shipments.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize)]
pub(crate) struct StopFigures {
    /// Halts there were to make.
    pub(crate) planned: u32,
    /// A van was there, whether or not anyone opened.
    pub(crate) served: u32,
    /// `served` of `planned`.
    pub(crate) served_share: f64,
    /// Nobody opened.
    pub(crate) absent: u32,
    /// The gate or shop was closed when the van came.
    pub(crate) closed: u32,
    /// No van came: its shift was over, or none had room.
    pub(crate) not_reached: u32,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize)]
pub(crate) struct ParcelFigures {
    /// Handed over today.
    pub(crate) delivered: u32,
    /// Back at the depot after an attempt.
    pub(crate) returned: u32,
    /// Never left the depot.
    pub(crate) left: u32,
}

/// Promises as last told to each shipment's recipient.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize)]
pub(crate) struct PromiseFigures {
    /// Service of all its parcels began inside the promise, at the promised place.
    pub(crate) kept: u32,
    pub(crate) broken: u32,
    /// Times a change of the plan moved a promise outside its window as planned, or a loaded parcel
    /// to another van, or dropped one. Must be 0.
    pub(crate) broken_by_engine: u32,
}

#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub(crate) struct WishFigures {
    pub(crate) asked: u32,
    /// Committed as wished.
    pub(crate) granted: u32,
    /// Of those who meant it: `granted` of `asked` without `walked_away`.
    pub(crate) granted_share: f64,
    /// Committed as something else that was suggested.
    pub(crate) alternatives_taken: u32,
    /// An offer was there, and its recipient only looked.
    pub(crate) walked_away: u32,
    pub(crate) refused: u32,
    /// By the first reason given.
    pub(crate) refused_by_reason: BTreeMap<String, u32>,
    /// Kinds of change asked for, those of one wish joined by `+`.
    pub(crate) by_kind: BTreeMap<String, Granted>,
    /// Where the parcels were when it was asked: `at_depot` or `loaded`.
    pub(crate) by_custody: BTreeMap<String, Granted>,
    /// Granted, and undone because a driver refused or could not be told in time. Not in `granted`.
    pub(crate) reverted: u32,
    /// Granted, and taken back by the recipient. In `granted`.
    pub(crate) withdrawn: u32,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize)]
pub(crate) struct Granted {
    pub(crate) asked: u32,
    pub(crate) granted: u32,
}

/// What the day took. Driving times are true ones, which the planner never sees.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize)]
pub(crate) struct OperationFigures {
    pub(crate) driving_hours: f64,
    pub(crate) km: f64,
    pub(crate) co2_kg: f64,
    /// Vans and drivers from leaving to being back, kilometres, overtime, and second trips.
    pub(crate) cost: f64,
    /// Halts that failed or were not reached and are driven again the next day, each at this day's mean
    /// of a halt; counted in `cost`, `driving_hours`, `km` and `co2_kg`.
    pub(crate) second_trips: u32,
    /// `cost` by parcels delivered, those of second trips included.
    pub(crate) cost_per_delivered_parcel: f64,
}

/// What the plan's changes asked of people.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize)]
pub(crate) struct DisturbanceFigures {
    /// Halts that came with another van than planned in the morning.
    pub(crate) stops_changed_van: u32,
    /// Times an arrival was told anew more than five minutes from what had been told.
    pub(crate) told_moved: u32,
    /// Revisions a driver was shown, per hour on the road.
    pub(crate) driver_messages_per_hour: f64,
    /// Share of halts that began inside the 90 % interval shown for them at departure and at every
    /// full hour since, while van and promise stayed the same.
    pub(crate) eta_coverage: f64,
    /// Intervals held against what happened.
    pub(crate) eta_intervals: u32,
}

/// Real microseconds from a request to its durable answer, measured by the caller.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize)]
pub(crate) struct LatencyFigures {
    pub(crate) quotes: u32,
    pub(crate) quote_p50_us: u64,
    pub(crate) quote_p99_us: u64,
    pub(crate) commits: u32,
    pub(crate) commit_p50_us: u64,
    pub(crate) commit_p99_us: u64,
}

/// The day as a carrier without Swerve would have run it.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub(crate) struct BaselineFigures {
    pub(crate) stops: StopFigures,
    pub(crate) parcels: ParcelFigures,
    pub(crate) promises_kept: u32,
    pub(crate) promises_broken: u32,
    pub(crate) wishes: WishFigures,
    pub(crate) operation: OperationFigures,
}

/// The day with wishes against the day without, promise by promise.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize)]
pub(crate) struct HarmFigures {
    /// Kept without wishes, broken with them.
    pub(crate) harmed: u32,
    /// Broken without wishes, kept with them.
    pub(crate) helped: u32,
    /// `harmed` of all promises.
    pub(crate) harmed_share: f64,
}

/// One run's log, read back by the checker.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub(crate) struct VerificationFigures {
    pub(crate) run: &'static str,
    pub(crate) records: u64,
    /// Plan revisions judged against the one before.
    pub(crate) revisions: u64,
    /// Every replayed plan hash is the one that was acknowledged.
    pub(crate) hashes_equal: bool,
    /// What the checker does not accept, in words; the first few.
    pub(crate) violations: Vec<String>,
    pub(crate) violation_count: u64,
}

/// Something that has to hold.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub(crate) struct Condition {
    pub(crate) name: &'static str,
    pub(crate) value: f64,
    /// `at most` or `at least`.
    pub(crate) bound: &'static str,
    pub(crate) limit: f64,
    pub(crate) met: bool,
}

impl Condition {
    pub(crate) fn at_most(name: &'static str, value: f64, limit: f64) -> Condition {
        Condition { name, value, bound: "at most", limit, met: value <= limit }
    }

    pub(crate) fn at_least(name: &'static str, value: f64, limit: f64) -> Condition {
        Condition { name, value, bound: "at least", limit, met: value >= limit }
    }
}
