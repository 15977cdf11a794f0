//! The figures of a day, as they are printed and given to programs.
//!
//! Every field is documented where it stands; `-o json` gives [`Figures`] as one object, field names
//! as here. Shares are between 0 and 1, money is in the day's currency.

use std::collections::BTreeMap;

use serde::Serialize;

/// The version of the object's layout.
pub(super) const FORMAT: u32 = 1;

/// Everything a demonstration found out.
#[derive(Clone, Debug, Serialize)]
pub(super) struct Figures {
    pub(super) format: u32,
    pub(super) scenario: ScenarioFigures,
    /// The day with wishes, answered by Swerve.
    pub(super) swerve: RunFigures,
    /// The same day without any wish.
    pub(super) without_wishes: RunFigures,
    /// With the same wishes, each put where it fits best and nothing else ever improved.
    pub(super) insertion_alone: RunFigures,
    /// With the same wishes, as a carrier without Swerve would have answered them; reckoned from the
    /// day without wishes. See `baseline`.
    pub(super) without_swerve: BaselineFigures,
    pub(super) harm: HarmFigures,
    pub(super) verification: Vec<VerificationFigures>,
    /// What has to hold for exit code 0.
    pub(super) conditions: Vec<Condition>,
    pub(super) passed: bool,
}

#[derive(Clone, Debug, Serialize)]
pub(super) struct ScenarioFigures {
    /// What the day was drawn over.
    pub(super) roads: String,
    pub(super) seed: u64,
    pub(super) date: String,
    pub(super) zone: String,
    /// ISO 4217; all money below is in it.
    pub(super) currency: String,
    pub(super) drivers: u32,
    pub(super) shipments: u32,
    pub(super) parcels: u32,
    /// Wishes in the day; recipients who were served before they meant to ask do not ask.
    pub(super) wishes: u32,
}

/// One run of the day.
#[derive(Clone, Debug, Serialize)]
pub(super) struct RunFigures {
    pub(super) stops: StopFigures,
    pub(super) parcels: ParcelFigures,
    pub(super) promises: PromiseFigures,
    pub(super) wishes: WishFigures,
    pub(super) operation: OperationFigures,
    pub(super) disturbance: DisturbanceFigures,
    pub(super) latency: LatencyFigures,
    /// What the server held at the end that does not fit what it had acknowledged, in words.
    pub(super) lost: Vec<String>,
}

/// Halts: one van at one place, for one or more shipments.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize)]
pub(super) struct StopFigures {
    /// Halts there were to make.
    pub(super) planned: u32,
    /// A van was there, whether or not anyone opened.
    pub(super) served: u32,
    /// `served` of `planned`.
    pub(super) served_share: f64,
    /// Nobody opened.
    pub(super) absent: u32,
    /// The gate or shop was closed when the van came.
    pub(super) closed: u32,
    /// No van came: its shift was over, or none had room.
    pub(super) not_reached: u32,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize)]
pub(super) struct ParcelFigures {
    /// Handed over today.
    pub(super) delivered: u32,
    /// Back at the depot after an attempt.
    pub(super) returned: u32,
    /// Never left the depot.
    pub(super) left: u32,
}

/// Promises as last told to each shipment's recipient.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize)]
pub(super) struct PromiseFigures {
    /// Service of all its parcels began inside the promise, at the promised place.
    pub(super) kept: u32,
    pub(super) broken: u32,
    /// Times a change of the plan moved a promise outside its window as planned, or a loaded parcel
    /// to another van, or dropped one. Must be 0.
    pub(super) broken_by_engine: u32,
}

#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub(super) struct WishFigures {
    pub(super) asked: u32,
    /// Committed as wished.
    pub(super) granted: u32,
    /// Of those who meant it: `granted` of `asked` without `walked_away`.
    pub(super) granted_share: f64,
    /// Committed as something else that was suggested.
    pub(super) alternatives_taken: u32,
    /// An offer was there, and its recipient only looked.
    pub(super) walked_away: u32,
    pub(super) refused: u32,
    /// By the first reason given.
    pub(super) refused_by_reason: BTreeMap<String, u32>,
    /// Kinds of change asked for, those of one wish joined by `+`.
    pub(super) by_kind: BTreeMap<String, Granted>,
    /// Where the parcels were when it was asked: `at_depot` or `loaded`.
    pub(super) by_custody: BTreeMap<String, Granted>,
    /// Granted, and undone because a driver refused or could not be told in time. Not in `granted`.
    pub(super) reverted: u32,
    /// Granted, and taken back by the recipient. In `granted`.
    pub(super) withdrawn: u32,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize)]
pub(super) struct Granted {
    pub(super) asked: u32,
    pub(super) granted: u32,
}

/// What the day took. Driving times are true ones, which the planner never sees.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize)]
pub(super) struct OperationFigures {
    pub(super) driving_hours: f64,
    pub(super) km: f64,
    pub(super) co2_kg: f64,
    /// Vans and drivers from leaving to being back, kilometres, overtime, and second trips.
    pub(super) cost: f64,
    /// Halts that failed or were not reached and are driven again the next day, each at this day's mean
    /// of a halt; counted in `cost`, `driving_hours`, `km` and `co2_kg`.
    pub(super) second_trips: u32,
    /// `cost` by parcels delivered, those of second trips included.
    pub(super) cost_per_delivered_parcel: f64,
}

/// What the plan's changes asked of people.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize)]
pub(super) struct DisturbanceFigures {
    /// Halts that came with another van than planned in the morning.
    pub(super) stops_changed_van: u32,
    /// Times an arrival was told anew more than five minutes from what had been told.
    pub(super) told_moved: u32,
    /// Revisions a driver was shown, per hour on the road.
    pub(super) driver_messages_per_hour: f64,
    /// Share of halts that began inside the 90 % interval shown for them at departure and at every
    /// full hour since, while van and promise stayed the same.
    pub(super) eta_coverage: f64,
    /// Intervals held against what happened.
    pub(super) eta_intervals: u32,
}

/// Real microseconds from a request to its durable answer, measured by the caller.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize)]
pub(super) struct LatencyFigures {
    pub(super) quotes: u32,
    pub(super) quote_p50_us: u64,
    pub(super) quote_p99_us: u64,
    pub(super) commits: u32,
    pub(super) commit_p50_us: u64,
    pub(super) commit_p99_us: u64,
}

/// The day as a carrier without Swerve would have run it.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub(super) struct BaselineFigures {
    pub(super) stops: StopFigures,
    pub(super) parcels: ParcelFigures,
    pub(super) promises_kept: u32,
    pub(super) promises_broken: u32,
    pub(super) wishes: WishFigures,
    pub(super) operation: OperationFigures,
}

/// The day with wishes against the day without, promise by promise.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize)]
pub(super) struct HarmFigures {
    /// Kept without wishes, broken with them.
    pub(super) harmed: u32,
    /// Broken without wishes, kept with them.
    pub(super) helped: u32,
    /// `harmed` of all promises.
    pub(super) harmed_share: f64,
}

/// One run's log, read back by the checker.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub(super) struct VerificationFigures {
    pub(super) run: &'static str,
    pub(super) records: u64,
    /// Plan revisions judged against the one before.
    pub(super) revisions: u64,
    /// Every replayed plan hash is the one that was acknowledged.
    pub(super) hashes_equal: bool,
    /// What the checker does not accept, in words; the first few.
    pub(super) violations: Vec<String>,
    pub(super) violation_count: u64,
}

/// Something that has to hold.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub(super) struct Condition {
    pub(super) name: &'static str,
    pub(super) value: f64,
    /// `at most` or `at least`.
    pub(super) bound: &'static str,
    pub(super) limit: f64,
    pub(super) met: bool,
}

impl Condition {
    pub(super) fn at_most(name: &'static str, value: f64, limit: f64) -> Condition {
        Condition { name, value, bound: "at most", limit, met: value <= limit }
    }

    pub(super) fn at_least(name: &'static str, value: f64, limit: f64) -> Condition {
        Condition { name, value, bound: "at least", limit, met: value >= limit }
    }
}
