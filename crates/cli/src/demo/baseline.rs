//! The same day and the same wishes, as a carrier without Swerve would have met them.
//!
//! The model, reckoned from the run without wishes, whose vans drive the same in both:
//!
//! - *Cut-off.* A change can be asked for by phone until the van that has the parcel begins to load.
//!   Only another address or a pickup point can be asked for: windows are not given on the day, and
//!   nothing is brought together. [`HONOURED_PERMILLE`] of such calls reach the dock in time; what is
//!   honoured costs no detour (which is generous), and its recipient is as likely to be there as one
//!   who chose.
//! - *Refused.* Everyone else is not where the parcel goes, with the probability the truth has for
//!   those who asked in vain; the same draw decides as in every other run. At a locker or shop nobody
//!   has to be.
//! - *Failed attempt, second trip.* A halt at which nobody opens is driven again the next day, at the
//!   mean driving, distance and cost of a halt of this day. Every run is charged so, Swerve's too.
//! - *Promises* are kept or broken as in the run without wishes: the van comes when it came there.

use swerve_model::Moment;
use swerve_scenario::day::{Accept, Destination, PointKind, WindowWish, Wish};
use swerve_scenario::truth::{Expectation, Key};

use super::figures::BaselineFigures;
use super::ledger::{Ledger, Outcome, Visit};
use super::plan::shipments_of;
use super::reckon;
use super::run::Record;
use super::scene::Scene;
use super::wishes::{Fate, Held, WishEntry};

/// Calls before the cut-off that are written down, found at the dock, and honoured.
pub(super) const HONOURED_PERMILLE: u32 = 600;

/// The day without Swerve, from the run without wishes.
pub(super) fn reckon(scene: &Scene, without_wishes: &Record) -> BaselineFigures {
    let ledger = &without_wishes.ledger;
    let mut wishes = Vec::new();
    let mut expectations = vec![Expectation::AsPromised; ledger.shipments.len()];
    for wish in &scene.day.wishes {
        let entry = answer(scene, ledger, wish, &mut expectations);
        wishes.push(entry.unwrap_or_else(|| WishEntry::new(scene, wish)));
    }
    let served = served(scene, ledger, &expectations);
    let (stops, parcels) = (reckon::stops(&served), reckon::parcels(&served));
    let (promises_kept, promises_broken) = ledger.promises();
    BaselineFigures {
        stops,
        parcels,
        promises_kept,
        promises_broken,
        wishes: reckon::wishes(&wishes),
        operation: reckon::operation(scene, &without_wishes.tally, &stops, &parcels),
    }
}

/// What a carrier answers on the phone; nothing for a wish that came too late to be uttered.
fn answer(
    scene: &Scene,
    ledger: &Ledger,
    wish: &Wish,
    expectations: &mut [Expectation],
) -> Option<WishEntry> {
    let shipment = scene.day.shipments.iter().position(|one| one.id == wish.shipment)?;
    let asked = scene.calendar.moment(wish.asked);
    let mut entry = WishEntry::new(scene, wish);
    if entry.kind.is_empty() || !is_open(ledger, shipment, asked) {
        return None;
    }
    let in_time = loading_begins(scene, ledger, shipment).is_none_or(|begins| asked < begins);
    entry.held = Some(if in_time { Held::AtDepot } else { Held::Loaded });
    let honoured = scene.whims.happens("phone", &wish.id, HONOURED_PERMILLE);
    entry.fate = if wish.accept == Accept::WalkAway {
        Fate::WalkedAway
    } else if !is_offered(wish) {
        Fate::Refused { reason: "NOT_OFFERED".to_owned() }
    } else if !in_time {
        Fate::Refused { reason: "CUTOFF_PASSED".to_owned() }
    } else if !honoured {
        Fate::Refused { reason: "NOT_PASSED_ON".to_owned() }
    } else {
        Fate::Granted
    };
    match entry.fate {
        Fate::Granted => expectations[shipment] = Expectation::AsChosen,
        Fate::Refused { .. } => expectations[shipment] = Expectation::AsRefused,
        _ => {}
    }
    Some(entry)
}

/// Whether anything of it had still to be handed over.
fn is_open(ledger: &Ledger, shipment: usize, asked: Moment) -> bool {
    let parcels = &ledger.shipments[shipment].parcels;
    parcels.iter().any(|parcel| parcel.outcome.is_none_or(|(_, start)| start > asked))
}

/// When the first van that took any of it began to load.
fn loading_begins(scene: &Scene, ledger: &Ledger, shipment: usize) -> Option<Moment> {
    let vans = ledger.shipments[shipment].parcels.iter().filter_map(|parcel| parcel.aboard);
    vans.map(|van| scene.calendar.moment(scene.day.manifests[van].loading_start)).min()
}

/// Another place, at the time that was promised.
fn is_offered(wish: &Wish) -> bool {
    let place = matches!(wish.to, Some(Destination::Address(_) | Destination::Point(_)));
    place && wish.windows == WindowWish::Keep && wish.together.is_none()
}

/// The day's halts again, with whoever was refused less likely to be there.
fn served(scene: &Scene, ledger: &Ledger, expectations: &[Expectation]) -> Ledger {
    let mut served = ledger.clone();
    served.visits.clear();
    for visit in &ledger.visits {
        let outcome = outcome(scene, visit, expectations);
        let point = visit.parcels.first().and_then(|parcel| ledger.parcel(*parcel).point.clone());
        served.visit(&point.unwrap_or_default(), Visit { outcome, ..visit.clone() });
    }
    served
}

fn outcome(scene: &Scene, visit: &Visit, expectations: &[Expectation]) -> Outcome {
    if matches!(visit.outcome, Outcome::Closed | Outcome::NotReached) {
        return visit.outcome;
    }
    let is_absent = |shipment: &usize| {
        let of = &scene.day.shipments[*shipment];
        let kind = scene.atlas.site(&of.point).map_or(PointKind::House, |site| site.kind);
        let key = Key::named(&of.id);
        !kind.is_pickup() && scene.truth.absent(key, 0, expectations[*shipment])
    };
    if shipments_of(&visit.parcels).iter().all(is_absent) {
        Outcome::Absent
    } else {
        Outcome::Delivered
    }
}

#[cfg(test)]
mod tests {
    use swerve_model::Ticks;
    use swerve_scenario::Day;
    use swerve_scenario::day::DayParams;
    use swerve_scenario::truth::TruthParams;

    use super::super::chronicle::Chronicle;
    use super::super::plan::ParcelRef;
    use super::super::scene::Ground;
    use super::super::tally::Tally;
    use super::*;

    /// A day on which everyone who asked in vain is out, and everyone else is in.
    fn scene() -> Scene {
        let params = DayParams { wish_permille: 400, ..DayParams::new(2, 4, 60) };
        let ground = Ground::load(None).expect("the sample city is built in");
        let day = Day::generate(&params, &ground.places).expect("the day can be drawn");
        let truth = TruthParams { absent_refused_permille: 1000, ..TruthParams::calm() };
        Scene::of(day, truth, ground).expect("it is on the roads")
    }

    /// Each shipment brought by the first van on a halt of its own, after every wish was uttered.
    fn all_delivered(scene: &Scene) -> Record {
        let mut ledger = Ledger::new(&scene.day, &scene.calendar);
        let last = scene.day.wishes.iter().map(|wish| wish.asked).max().expect("there are wishes");
        let start = scene.calendar.moment(last) + Ticks::from_minutes(1);
        for (shipment, of) in scene.day.shipments.iter().enumerate() {
            let parcels: Vec<ParcelRef> =
                (0..of.parcels.len()).map(|parcel| ParcelRef { shipment, parcel }).collect();
            for parcel in &parcels {
                ledger.load(*parcel, 0);
            }
            let outcome = Outcome::Delivered;
            ledger.visit(&of.point, Visit { van: 0, start, outcome, parcels });
        }
        let tally = Tally::new(scene.day.manifests.len());
        Record {
            ledger,
            tally,
            wishes: Vec::new(),
            losses: Vec::new(),
            morning: Vec::new(),
            chronicle: Chronicle::default(),
            atlas: scene.atlas.clone(),
        }
    }

    #[test]
    fn whoever_is_refused_is_out_and_costs_a_second_trip() {
        let scene = scene();
        let record = all_delivered(&scene);
        let day = reckon(&scene, &record);
        let refused_at_a_door = |wish: &&Wish| {
            let shipment =
                scene.day.shipments.iter().position(|one| one.id == wish.shipment).expect("it is");
            let mut expectations = vec![Expectation::AsPromised; scene.day.shipments.len()];
            let entry = answer(&scene, &record.ledger, wish, &mut expectations);
            let point = &scene.day.shipments[shipment].point;
            let is_door = scene.atlas.site(point).is_ok_and(|site| !site.kind.is_pickup());
            is_door && entry.is_some_and(|entry| matches!(entry.fate, Fate::Refused { .. }))
        };
        let out = scene.day.wishes.iter().filter(refused_at_a_door).count() as u32;
        assert!(out > 5, "{out}");
        assert_eq!(day.stops.absent, out);
        assert_eq!(day.operation.second_trips, out);
        assert_eq!(day.stops.served, scene.day.shipments.len() as u32);
        let (kept, broken) = record.ledger.promises();
        assert_eq!((day.promises_kept, day.promises_broken), (kept, broken));
    }

    #[test]
    fn only_another_place_asked_for_before_loading_is_ever_granted() {
        let scene = scene();
        let record = all_delivered(&scene);
        let begins = scene.calendar.moment(scene.day.manifests[0].loading_start);
        let mut granted = 0;
        for wish in &scene.day.wishes {
            let mut expectations = vec![Expectation::AsPromised; scene.day.shipments.len()];
            let entry = answer(&scene, &record.ledger, wish, &mut expectations);
            let entry = entry.expect("it was uttered before anything was delivered");
            if entry.fate == Fate::Granted {
                granted += 1;
                assert!(scene.calendar.moment(wish.asked) < begins && is_offered(wish));
                assert!(expectations.contains(&Expectation::AsChosen));
            }
        }
        assert!(granted > 0);
        assert_eq!(reckon(&scene, &record).wishes.granted, granted);
    }
}
