//! Wishes, offers, quotes, holds and changes.

use std::collections::BTreeMap;

use swerve_model::{
    Change, Cost, CustodyStep, EtaInterval, Hold, Impact, Meters, Moment, Offer, Quote, Refusal,
    Revision, ShipmentEffect, Ticks, Together, Wish, WishedPlace,
};
use swerve_proto::storage::v1;
use swerve_proto::storage::v1::custody_step::{LoadAtDepot, Step};
use swerve_proto::storage::v1::refusal::Fact;
use swerve_proto::storage::v1::wish;

use super::{Fault, Stored, field, list, messages, required, stored_enum};

stored_enum!(ChangeKind: Reroute, Pickup, Window, Consolidation);
stored_enum!(Proof: Impossible, NotFoundInTime);
stored_enum!(Assurance: Link, Account, OneTimeCode);

stored_enum!(ChangeState:
    Refused,
    Committed,
    DriverAcknowledged,
    DriverRejected,
    Executed,
    NotExecuted,
    Superseded,
    Cancelled,
);

stored_enum!(RefusalReason:
    CutoffPassed,
    StopInProgress,
    ParcelOnOtherVehicle,
    PromiseWouldBreak,
    CapacityExceeded,
    ShiftLimit,
    WindowUnreachable,
    WindowBeyondHorizon,
    PointUnreachable,
    PointClosed,
    LockerFull,
    NoVehicleWithSkills,
    NoVanAtDepot,
    GoodsRestricted,
    ShipperForbids,
    IdentityLevelTooLow,
    ChangeLimitReached,
    ShipmentTerminal,
    NothingToConsolidate,
    ConsentMissing,
    QuoteExpired,
    PlanMovedOn,
    NotFoundInTime,
);

impl Stored for Wish {
    type Message = v1::Wish;

    fn to_message(&self) -> v1::Wish {
        v1::Wish {
            place: self.place.as_ref().map(Stored::to_message),
            windows: messages(&self.windows),
            suggest_windows: self.suggest_windows,
            suggest_points: self.suggest_points,
            together: self.together.as_ref().map(Stored::to_message),
        }
    }

    fn from_message(message: v1::Wish) -> Result<Wish, Fault> {
        Ok(Wish {
            place: message.place.map(Stored::from_message).transpose()?,
            windows: list(message.windows, "windows")?,
            suggest_windows: message.suggest_windows,
            suggest_points: message.suggest_points,
            together: message.together.map(Stored::from_message).transpose()?,
        })
    }
}

impl Stored for WishedPlace {
    type Message = wish::Place;

    fn to_message(&self) -> wish::Place {
        match self {
            WishedPlace::Point(point) => wish::Place::Point(point.to_message()),
            WishedPlace::Location(location) => wish::Place::Location(location.to_message()),
        }
    }

    fn from_message(message: wish::Place) -> Result<WishedPlace, Fault> {
        Ok(match message {
            wish::Place::Point(point) => WishedPlace::Point(field(point, "point")?),
            wish::Place::Location(location) => WishedPlace::Location(field(location, "location")?),
        })
    }
}

impl Stored for Together {
    type Message = wish::Together;

    fn to_message(&self) -> wish::Together {
        match self {
            Together::Find => wish::Together::Find(wish::Find {}),
            Together::These(shipments) => {
                wish::Together::These(wish::These { shipments: messages(shipments) })
            }
        }
    }

    fn from_message(message: wish::Together) -> Result<Together, Fault> {
        Ok(match message {
            wish::Together::Find(wish::Find {}) => Together::Find,
            wish::Together::These(wish::These { shipments }) => {
                Together::These(list(shipments, "these.shipments")?)
            }
        })
    }
}

impl Stored for Refusal {
    type Message = v1::Refusal;

    fn to_message(&self) -> v1::Refusal {
        let fact =
            |(name, value): (&String, &String)| Fact { name: name.clone(), value: value.clone() };
        v1::Refusal {
            reason: self.reason.to_message(),
            proof: self.proof.to_message(),
            cutoff: self.cutoff.map(|cutoff| cutoff.0),
            facts: self.facts.iter().map(fact).collect(),
        }
    }

    fn from_message(message: v1::Refusal) -> Result<Refusal, Fault> {
        let mut facts = BTreeMap::new();
        for Fact { name, value } in message.facts {
            if facts.contains_key(&name) {
                return Err(Fault::new(format!("{name:?} is told twice")).within("facts"));
            }
            facts.insert(name, value);
        }
        Ok(Refusal {
            reason: field(message.reason, "reason")?,
            proof: field(message.proof, "proof")?,
            cutoff: message.cutoff.map(Moment),
            facts,
        })
    }
}

impl Stored for EtaInterval {
    type Message = v1::EtaInterval;

    fn to_message(&self) -> v1::EtaInterval {
        v1::EtaInterval {
            expected: self.expected.0,
            earliest: self.earliest.0,
            latest: self.latest.0,
            stops_before: self.stops_before,
        }
    }

    fn from_message(message: v1::EtaInterval) -> Result<EtaInterval, Fault> {
        Ok(EtaInterval {
            expected: Moment(message.expected),
            earliest: Moment(message.earliest),
            latest: Moment(message.latest),
            stops_before: message.stops_before,
        })
    }
}

impl Stored for ShipmentEffect {
    type Message = v1::ShipmentEffect;

    fn to_message(&self) -> v1::ShipmentEffect {
        v1::ShipmentEffect {
            shipment: self.shipment.to_message(),
            parcels: messages(&self.parcels),
            promise_before: Some(self.promise_before.to_message()),
            promise_after: Some(self.promise_after.to_message()),
            manifest: self.manifest.to_message(),
            eta: Some(self.eta.to_message()),
        }
    }

    fn from_message(message: v1::ShipmentEffect) -> Result<ShipmentEffect, Fault> {
        Ok(ShipmentEffect {
            shipment: field(message.shipment, "shipment")?,
            parcels: list(message.parcels, "parcels")?,
            promise_before: required(message.promise_before, "promise_before")?,
            promise_after: required(message.promise_after, "promise_after")?,
            manifest: field(message.manifest, "manifest")?,
            eta: required(message.eta, "eta")?,
        })
    }
}

impl Stored for CustodyStep {
    type Message = v1::CustodyStep;

    fn to_message(&self) -> v1::CustodyStep {
        let step = match self {
            CustodyStep::SameVan(manifest) => Step::SameVan(manifest.to_message()),
            CustodyStep::LoadAtDepot { depot, manifest } => Step::LoadAtDepot(LoadAtDepot {
                depot: depot.to_message(),
                manifest: manifest.to_message(),
            }),
            CustodyStep::DropAtPoint(point) => Step::DropAtPoint(point.to_message()),
        };
        v1::CustodyStep { step: Some(step) }
    }

    fn from_message(message: v1::CustodyStep) -> Result<CustodyStep, Fault> {
        Ok(match message.step.ok_or_else(Fault::missing)? {
            Step::SameVan(manifest) => CustodyStep::SameVan(field(manifest, "same_van")?),
            Step::LoadAtDepot(LoadAtDepot { depot, manifest }) => CustodyStep::LoadAtDepot {
                depot: field(depot, "load_at_depot.depot")?,
                manifest: field(manifest, "load_at_depot.manifest")?,
            },
            Step::DropAtPoint(point) => CustodyStep::DropAtPoint(field(point, "drop_at_point")?),
        })
    }
}

impl Stored for Impact {
    type Message = v1::Impact;

    fn to_message(&self) -> v1::Impact {
        v1::Impact {
            cost: self.cost.0,
            driving: self.driving.0,
            distance: self.distance.0,
            co2_grams: self.co2_grams,
            stops_shifted: self.stops_shifted,
            max_shift: self.max_shift.0,
            stops_reassigned: self.stops_reassigned,
            risk_to_others_permille: self.risk_to_others_permille,
            on_time_permille: u32::from(self.on_time_permille),
        }
    }

    fn from_message(message: v1::Impact) -> Result<Impact, Fault> {
        let permille = message.on_time_permille;
        Ok(Impact {
            cost: Cost(message.cost),
            driving: Ticks(message.driving),
            distance: Meters(message.distance),
            co2_grams: message.co2_grams,
            stops_shifted: message.stops_shifted,
            max_shift: Ticks(message.max_shift),
            stops_reassigned: message.stops_reassigned,
            risk_to_others_permille: message.risk_to_others_permille,
            on_time_permille: u16::try_from(permille).map_err(|_| {
                Fault::new(format!("{permille} is over 65535")).within("on_time_permille")
            })?,
        })
    }
}

impl Stored for Offer {
    type Message = v1::Offer;

    fn to_message(&self) -> v1::Offer {
        v1::Offer {
            resolved: Some(self.resolved.to_message()),
            effects: messages(&self.effects),
            fee: self.fee.0,
            path: messages(&self.path),
            impact: Some(self.impact.to_message()),
        }
    }

    fn from_message(message: v1::Offer) -> Result<Offer, Fault> {
        Ok(Offer {
            resolved: required(message.resolved, "resolved")?,
            effects: list(message.effects, "effects")?,
            fee: Cost(message.fee),
            path: list(message.path, "path")?,
            impact: required(message.impact, "impact")?,
        })
    }
}

impl Stored for Quote {
    type Message = v1::Quote;

    fn to_message(&self) -> v1::Quote {
        v1::Quote {
            id: self.id.to_message(),
            shipment: self.shipment.to_message(),
            wish: Some(self.wish.to_message()),
            assurance: self.assurance.to_message(),
            kinds: messages(&self.kinds),
            offers: messages(&self.offers),
            refusals: messages(&self.refusals),
            alternatives: messages(&self.alternatives),
            revision: self.revision.0,
            made: self.made.0,
            expires: self.expires.0,
        }
    }

    fn from_message(message: v1::Quote) -> Result<Quote, Fault> {
        Ok(Quote {
            id: field(message.id, "id")?,
            shipment: field(message.shipment, "shipment")?,
            wish: required(message.wish, "wish")?,
            assurance: field(message.assurance, "assurance")?,
            kinds: list(message.kinds, "kinds")?,
            offers: list(message.offers, "offers")?,
            refusals: list(message.refusals, "refusals")?,
            alternatives: list(message.alternatives, "alternatives")?,
            revision: Revision(message.revision),
            made: Moment(message.made),
            expires: Moment(message.expires),
        })
    }
}

impl Stored for Hold {
    type Message = v1::Hold;

    fn to_message(&self) -> v1::Hold {
        v1::Hold { quote: self.quote.to_message(), offer: self.offer, until: self.until.0 }
    }

    fn from_message(message: v1::Hold) -> Result<Hold, Fault> {
        Ok(Hold {
            quote: field(message.quote, "quote")?,
            offer: message.offer,
            until: Moment(message.until),
        })
    }
}

impl Stored for Change {
    type Message = v1::Change;

    fn to_message(&self) -> v1::Change {
        v1::Change {
            id: self.id.to_message(),
            quote: self.quote.to_message(),
            shipment: self.shipment.to_message(),
            wish: Some(self.wish.to_message()),
            kinds: messages(&self.kinds),
            state: self.state.to_message(),
            effects: messages(&self.effects),
            refusals: messages(&self.refusals),
            fee: self.fee.0,
            revision: self.revision.0,
            asked: self.asked.0,
            committed: self.committed.map(|at| at.0),
            acknowledged: self.acknowledged.map(|at| at.0),
            ended: self.ended.map(|at| at.0),
        }
    }

    fn from_message(message: v1::Change) -> Result<Change, Fault> {
        Ok(Change {
            id: field(message.id, "id")?,
            quote: field(message.quote, "quote")?,
            shipment: field(message.shipment, "shipment")?,
            wish: required(message.wish, "wish")?,
            kinds: list(message.kinds, "kinds")?,
            state: field(message.state, "state")?,
            effects: list(message.effects, "effects")?,
            refusals: list(message.refusals, "refusals")?,
            fee: Cost(message.fee),
            revision: Revision(message.revision),
            asked: Moment(message.asked),
            committed: message.committed.map(Moment),
            acknowledged: message.acknowledged.map(Moment),
            ended: message.ended.map(Moment),
        })
    }
}
