//! Wishes and what became of them, in the simulator's book.

use std::collections::BTreeSet;

use anyhow::Context as _;
use swerve_client::{names, v1};
use swerve_scenario::day::{Destination, Together, WindowWish, Wish};

use super::ledger::Promise;
use super::plan::Register;
use super::scene::Scene;
use super::wire;

/// Where the parcels were when the recipient asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Held {
    AtDepot,
    Loaded,
}

impl Held {
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Held::AtDepot => "at_depot",
            Held::Loaded => "loaded",
        }
    }
}

/// What became of a wish.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Fate {
    /// Its recipient has not asked.
    Unasked,
    /// An offer is being thought over.
    Thinking { offer: String, alternative: bool },
    /// Committed as it was wished.
    Granted,
    /// Committed as something else the server suggested.
    Alternative,
    /// There was an offer, and the recipient never meant to take one.
    WalkedAway,
    /// Why not, in the server's word.
    Refused { reason: String },
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct WishEntry {
    /// Kinds of change it asks for, joined by `+`; empty for a wish that asks for nothing.
    pub(crate) kind: String,
    pub(crate) held: Option<Held>,
    pub(crate) fate: Fate,
    /// A driver would not do it, or was not told in time.
    pub(crate) reverted: bool,
    /// Its recipient took it back.
    pub(crate) withdrawn: bool,
}

impl WishEntry {
    pub(crate) fn new(scene: &Scene, wish: &Wish) -> WishEntry {
        WishEntry {
            kind: kind(scene, wish),
            held: None,
            fate: Fate::Unasked,
            reverted: false,
            withdrawn: false,
        }
    }

    /// As it was wished, and so it stayed.
    pub(crate) fn is_granted(&self) -> bool {
        self.fate == Fate::Granted && !self.reverted
    }

    pub(crate) fn is_asked(&self) -> bool {
        self.fate != Fate::Unasked
    }
}

fn kind(scene: &Scene, wish: &Wish) -> String {
    let mut kinds = BTreeSet::new();
    match &wish.to {
        None => {}
        Some(Destination::Address(_)) => drop(kinds.insert("reroute")),
        Some(Destination::AnyPickup) => drop(kinds.insert("pickup")),
        Some(Destination::Point(point)) => {
            let is_pickup = scene.atlas.site(point).is_ok_and(|site| site.kind.is_pickup());
            kinds.insert(if is_pickup { "pickup" } else { "reroute" });
        }
    }
    if wish.windows != WindowWish::Keep {
        kinds.insert("window");
    }
    if wish.together.is_some() {
        kinds.insert("consolidation");
    }
    kinds.into_iter().collect::<Vec<_>>().join("+")
}

/// The wish as the API takes it.
pub(crate) fn message(scene: &Scene, wish: &Wish) -> v1::Wish {
    use v1::place::Kind;
    let place = match &wish.to {
        None | Some(Destination::AnyPickup) => None,
        Some(Destination::Point(point)) => Some(Kind::DeliveryPoint(names::delivery_point(point))),
        Some(Destination::Address(point)) => {
            let at = point.location.lat_lng();
            Some(Kind::Location(swerve_client::convert::lat_lng(at)))
        }
    };
    let windows = match &wish.windows {
        WindowWish::AnyOf(windows) => wire::windows_out(&scene.calendar.windows(windows)),
        WindowWish::Keep | WindowWish::Suggest => Vec::new(),
    };
    let together = wish.together.as_ref().map(|together| {
        let (Together::Own { shipments } | Together::Neighbours { shipments }) = together;
        v1::Consolidation { shipments: shipments.iter().map(names::shipment).collect() }
    });
    v1::Wish {
        place: place.map(|kind| v1::Place { kind: Some(kind) }),
        windows,
        suggest_windows: wish.windows == WindowWish::Suggest,
        suggest_pickup_points: wish.to == Some(Destination::AnyPickup),
        together,
    }
}

/// For the story: what is wished for.
pub(crate) fn in_words(scene: &Scene, wish: &Wish) -> String {
    let mut parts = Vec::new();
    let label = |point: &str| scene.atlas.site(point).map(|site| site.label.clone());
    match &wish.to {
        None => {}
        Some(Destination::Address(point)) => parts.push(format!("at {} instead", point.label)),
        Some(Destination::Point(point)) => {
            parts.push(format!("at {} instead", label(point).unwrap_or_else(|_| point.clone())));
        }
        Some(Destination::AnyPickup) => parts.push("at any pickup point nearby".to_owned()),
    }
    match &wish.windows {
        WindowWish::Keep => {}
        WindowWish::Suggest => parts.push("at a better time, whichever there is".to_owned()),
        WindowWish::AnyOf(windows) => {
            parts.push(scene.calendar.hours(&scene.calendar.windows(windows)));
        }
    }
    match &wish.together {
        None => {}
        Some(Together::Own { .. }) => parts.push("all of theirs in one delivery".to_owned()),
        Some(Together::Neighbours { .. }) => parts.push("together with a neighbour's".to_owned()),
    }
    parts.join(", ")
}

/// A change the server acknowledged.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Commit {
    pub(crate) wish: usize,
    /// What was promised before and what since, by shipment.
    pub(crate) promises: Vec<(usize, Promise, Promise)>,
    /// Who brings it.
    pub(crate) vans: Vec<usize>,
    pub(crate) state: v1::change::State,
}

impl Commit {
    pub(crate) fn read(
        wish: usize,
        change: &v1::Change,
        register: &Register,
    ) -> anyhow::Result<Commit> {
        let mut promises: Vec<(usize, Promise, Promise)> = Vec::new();
        let mut vans = BTreeSet::new();
        for effect in &change.effects {
            let shipment = register.shipment(&effect.shipment)?;
            let read = |promise: &Option<v1::Promise>| {
                Promise::read(promise.clone().context("the server left out a promise")?)
            };
            let (before, after) = (read(&effect.promise_before)?, read(&effect.promise_after)?);
            if promises.iter().all(|(known, _, _)| *known != shipment) {
                promises.push((shipment, before, after));
            }
            vans.insert(register.manifest(&effect.manifest)?);
        }
        let vans = vans.into_iter().collect();
        Ok(Commit { wish, promises, vans, state: change.state() })
    }

    /// Whether this driver has still to say yes to it.
    pub(crate) fn waits_for(&self, van: usize) -> bool {
        self.state == v1::change::State::Committed && self.vans.contains(&van)
    }
}
