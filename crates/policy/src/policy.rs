//! The rules of one carrier, and those a European parcel carrier might start with.

use swerve_model::{Assurance, ChangeKind, Cost, GoodsClass, Meters, Ticks};

use crate::parse::version_of;

/// The default rules as a commented file, to start one's own from.
pub const DEFAULT_TEXT: &str = include_str!("../policy.default.toml");

/// All rules of one carrier.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Policy {
    /// A digest of the text it was read from: every audit record names it (I14).
    pub version: String,
    /// How long a quote is honoured.
    pub quote_ttl: Ticks,
    /// How long an offer's place may be held while the recipient pays.
    pub hold_max: Ticks,
    /// Stops due within this span do not move any more.
    pub frozen_ahead: Ticks,
    pub changes_per_shipment: u32,
    /// A bare link may send a shipment no farther than this.
    pub link_reroute_max: Meters,
    /// How often an hour a driver's plan may change, unless a promise is at stake.
    pub interruptions_per_hour: u32,
    pub prices: Prices,
    pub kinds: PerKind<KindRules>,
    pub goods: PerGoods<GoodsRules>,
}

/// What planning trades with, in the territory's currency. Vehicles have their own running costs;
/// these are what all have in common, and what a vehicle without its own is taken to cost.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Prices {
    pub driving_hour: Cost,
    pub km: Cost,
    /// On top, per hour after the end of the shift.
    pub overtime_hour: Cost,
    /// Per minute after the last promised close, where a promise is lost already.
    pub late_minute: Cost,
    /// Disturbance: per minute by which an arrival leaves what was told.
    pub told_minute: Cost,
    /// Disturbance: per stop that comes with another van than was told.
    pub moved_van: Cost,
}

/// One value for each kind of change.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct PerKind<T> {
    pub reroute: T,
    pub pickup: T,
    pub window: T,
    pub consolidation: T,
}

impl<T> PerKind<T> {
    pub const fn of(&self, kind: ChangeKind) -> &T {
        match kind {
            ChangeKind::Reroute => &self.reroute,
            ChangeKind::Pickup => &self.pickup,
            ChangeKind::Window => &self.window,
            ChangeKind::Consolidation => &self.consolidation,
        }
    }

    pub const fn of_mut(&mut self, kind: ChangeKind) -> &mut T {
        match kind {
            ChangeKind::Reroute => &mut self.reroute,
            ChangeKind::Pickup => &mut self.pickup,
            ChangeKind::Window => &mut self.window,
            ChangeKind::Consolidation => &mut self.consolidation,
        }
    }
}

/// One value for each class of goods.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PerGoods<T> {
    pub normal: T,
    pub restricted: T,
    pub high_value: T,
}

impl<T> PerGoods<T> {
    pub const fn of(&self, goods: GoodsClass) -> &T {
        match goods {
            GoodsClass::Normal => &self.normal,
            GoodsClass::Restricted => &self.restricted,
            GoodsClass::HighValue => &self.high_value,
        }
    }

    pub const fn of_mut(&mut self, goods: GoodsClass) -> &mut T {
        match goods {
            GoodsClass::Normal => &mut self.normal,
            GoodsClass::Restricted => &mut self.restricted,
            GoodsClass::HighValue => &mut self.high_value,
        }
    }
}

/// The rules of one kind of change, by where the parcels are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct KindRules {
    pub waiting: StageRules,
    pub loaded: StageRules,
}

/// Until when, and for how much. Every rule that is set must hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct StageRules {
    pub allowed: bool,
    /// At least this long before the manifest leaves; `None` for no such rule.
    pub before_departure: Option<Ticks>,
    /// At least this long before the planned arrival; `None` for no such rule.
    pub before_eta: Option<Ticks>,
    /// At least so many stops before its own.
    pub stops_before: u32,
    pub fee: Cost,
}

/// What a class of goods forbids, and who must ask.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct GoodsRules {
    pub forbidden: PerKind<bool>,
    /// How sure it must be who asks, at least.
    pub assurance: PerKind<Assurance>,
}

impl Default for Prices {
    fn default() -> Prices {
        Prices {
            driving_hour: Cost::from_units(30),
            km: cents(30),
            overtime_hour: Cost::from_units(15),
            late_minute: Cost::from_units(1),
            told_minute: cents(2),
            moved_van: cents(50),
        }
    }
}

const fn cents(cents: i64) -> Cost {
    Cost(cents * 10_000)
}

/// Free to change until the van leaves; once loaded, until half an hour and two stops before.
const fn kind_rules(fee_waiting: Cost, fee_loaded: Cost, minutes_before_eta: i64) -> KindRules {
    KindRules {
        waiting: StageRules {
            allowed: true,
            before_departure: Some(Ticks::ZERO),
            before_eta: None,
            stops_before: 0,
            fee: fee_waiting,
        },
        loaded: StageRules {
            allowed: true,
            before_departure: None,
            before_eta: Some(Ticks::from_minutes(minutes_before_eta)),
            stops_before: 2,
            fee: fee_loaded,
        },
    }
}

const fn default_kinds() -> PerKind<KindRules> {
    PerKind {
        reroute: kind_rules(cents(99), cents(299), 30),
        pickup: kind_rules(Cost::ZERO, Cost::ZERO, 30),
        window: kind_rules(Cost::ZERO, cents(149), 45),
        consolidation: kind_rules(Cost::ZERO, Cost::ZERO, 30),
    }
}

fn default_goods() -> PerGoods<GoodsRules> {
    use Assurance::{Account, Link, OneTimeCode};
    PerGoods {
        normal: GoodsRules::default(),
        restricted: GoodsRules {
            forbidden: PerKind { pickup: true, consolidation: true, ..PerKind::default() },
            assurance: PerKind { reroute: Account, ..PerKind::default() },
        },
        high_value: GoodsRules {
            forbidden: PerKind::default(),
            assurance: PerKind {
                reroute: OneTimeCode,
                pickup: OneTimeCode,
                window: Link,
                consolidation: Account,
            },
        },
    }
}

impl Default for Policy {
    fn default() -> Policy {
        Policy {
            version: version_of(DEFAULT_TEXT),
            quote_ttl: Ticks::from_minutes(2),
            hold_max: Ticks::from_minutes(15),
            frozen_ahead: Ticks::from_minutes(10),
            changes_per_shipment: 3,
            link_reroute_max: Meters(2_000),
            interruptions_per_hour: 2,
            prices: Prices::default(),
            kinds: default_kinds(),
            goods: default_goods(),
        }
    }
}
