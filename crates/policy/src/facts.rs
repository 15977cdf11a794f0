//! What is known of a wish when it is judged.

use swerve_model::{Assurance, ChangeKind, GoodsClass, Meters, Moment, TimeWindow};

/// How far a delivery has come, as far as changing it goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Stage {
    /// None of its open parcels is in a van.
    Waiting,
    /// In a van, and its stop may still move.
    Loaded,
    /// Its stop is being served, driven to, or frozen.
    InProgress,
    /// Delivered, returned or cancelled.
    Terminal,
}

impl Stage {
    pub const fn name(self) -> &'static str {
        match self {
            Stage::Waiting => "waiting",
            Stage::Loaded => "loaded",
            Stage::InProgress => "in_progress",
            Stage::Terminal => "terminal",
        }
    }
}

/// Everything a policy may ask about a wish. No names: rules are the same for everyone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Facts {
    pub now: Moment,
    /// What is asked for; [`crate::options`] looks at every kind instead.
    pub kinds: Vec<ChangeKind>,
    pub stage: Stage,
    /// When it is planned to be served; `None` while it is on no manifest.
    pub eta: Option<Moment>,
    /// Undone stops before its own.
    pub stops_before: Option<u32>,
    /// When its manifest left its depot, or leaves: a van that should have left by now leaves now.
    /// `None` while it is on no manifest.
    pub departure: Option<Moment>,
    pub goods: GoodsClass,
    pub shipper_forbids: bool,
    /// Changes committed before this one.
    pub changes_used: u32,
    /// How sure it is who asks.
    pub assurance: Assurance,
    /// In a straight line from the promised place to the wished one; `None` if the place stays.
    pub reroute_distance: Option<Meters>,
    /// Any one of these is wished for; empty if the time stays.
    pub windows: Vec<TimeWindow>,
    /// The end of the planned day, beyond which no plan reaches; `None` while no day is planned, when
    /// nothing can be said of a window.
    pub horizon: Option<Moment>,
}
