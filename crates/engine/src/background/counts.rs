//! What background search has done since the territory was opened: for metrics, never for decisions.

use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};

use swerve_model::Cost;

/// Why a part of what a background search found is not published.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Discarded {
    /// A manifest was changed by somebody else while it was searched.
    BaseMoved,
    /// The clock has frozen, or custody has bound, what it moves: nothing of it is left.
    Overtaken,
    /// A limit would be broken, driven from where the vans are by now.
    Limit,
    /// It gains less than the change of a plan is worth.
    NotWorth,
    /// A driver has been told as often this hour as drivers may be.
    Interruptions,
    /// The checker would not have it.
    Checker,
}

impl Discarded {
    pub const ALL: [Discarded; 6] = [
        Discarded::BaseMoved,
        Discarded::Overtaken,
        Discarded::Limit,
        Discarded::NotWorth,
        Discarded::Interruptions,
        Discarded::Checker,
    ];

    pub const fn name(self) -> &'static str {
        match self {
            Discarded::BaseMoved => "base_moved",
            Discarded::Overtaken => "overtaken",
            Discarded::Limit => "limit",
            Discarded::NotWorth => "not_worth",
            Discarded::Interruptions => "interruptions",
            Discarded::Checker => "checker",
        }
    }
}

/// Counted so far.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct BackgroundFigures {
    /// Groups searched to their end.
    pub groups: u64,
    pub iterations: u64,
    /// Parts published: manifests that exchanged stops with each other, or one by itself.
    pub published: u64,
    /// What the published parts saved when they were.
    pub gain: Cost,
    /// In the order of [`Discarded::ALL`].
    pub discarded: [u64; 6],
}

impl BackgroundFigures {
    pub fn discarded_for(&self, why: Discarded) -> u64 {
        self.discarded[why as usize]
    }
}

/// Written by the writer, read by whoever asks.
#[derive(Debug, Default)]
pub(crate) struct Counts {
    groups: AtomicU64,
    iterations: AtomicU64,
    published: AtomicU64,
    gain: AtomicI64,
    discarded: [AtomicU64; 6],
}

impl Counts {
    pub(crate) fn searched(&self, iterations: u64) {
        self.groups.fetch_add(1, Ordering::Relaxed);
        self.iterations.fetch_add(iterations, Ordering::Relaxed);
    }

    pub(crate) fn published(&self, parts: u64, gain: Cost) {
        self.published.fetch_add(parts, Ordering::Relaxed);
        self.gain.fetch_add(gain.0, Ordering::Relaxed);
    }

    pub(crate) fn discarded(&self, why: Discarded) {
        self.discarded[why as usize].fetch_add(1, Ordering::Relaxed);
    }

    pub(crate) fn read(&self) -> BackgroundFigures {
        BackgroundFigures {
            groups: self.groups.load(Ordering::Relaxed),
            iterations: self.iterations.load(Ordering::Relaxed),
            published: self.published.load(Ordering::Relaxed),
            gain: Cost(self.gain.load(Ordering::Relaxed)),
            discarded: std::array::from_fn(|why| self.discarded[why].load(Ordering::Relaxed)),
        }
    }
}
