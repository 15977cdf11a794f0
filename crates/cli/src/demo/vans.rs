//! Drivers: they load what is planned, leave when their slot ends, drive as the roads really are,
//! serve as doors really open, and do what their app shows them.
//!
//! A driver follows the newest manifest, stop by stop. A recipient who is out has the parcel left
//! with a neighbour at the same stop, if one is in. Whoever cannot be back by the law's end of the
//! shift leaves the rest undone and goes home.

use std::sync::{Arc, OnceLock};

use swerve_client::{convert, names, v1};
use swerve_model::{LatLng, Moment, Ticks, TravelTimes as _, window};
use swerve_scenario::Day;
use swerve_scenario::truth::{Expectation, Key};

use super::agenda::Happening;
use super::atlas::Site;
use super::chronicle::Halt;
use super::ledger::{Outcome, Visit};
use super::plan::{ManifestView, ParcelRef, PlannedStop, shipments_of};
use super::run::Simulation;
use super::scene::Scene;
use super::stage::territory;

/// Most parcels are aboard this long before the slot ends; what is planned later comes at the gate.
const LOADED_BEFORE: Ticks = Ticks::from_minutes(12);

/// Scans in one message; the API takes five thousand.
const SCANS_AT_ONCE: usize = 2_000;

/// What a van is doing.
#[derive(Clone, Debug)]
enum Doing {
    Waiting,
    Driving(Leg),
    Serving {
        stop: PlannedStop,
        site: Arc<Site>,
        start: Moment,
        outcome: Outcome,
        /// By shipment, when the driver rang.
        expected: Vec<(usize, Expectation)>,
    },
    Homeward(Leg),
    Home,
}

/// A leg as it is really driven.
#[derive(Clone, Debug)]
pub(super) struct Leg {
    /// Name of the stop it leads to; none leads home.
    stop: Option<String>,
    pub(super) from: Arc<Site>,
    pub(super) to: Arc<Site>,
    pub(super) left: Moment,
    pub(super) arrives: Moment,
    /// Points along the way, drawn when first asked for; none where there is no way.
    pub(super) way: OnceLock<Vec<LatLng>>,
}

/// One manifest's van and driver.
#[derive(Clone, Debug)]
pub(super) struct Van {
    /// The manifest's id, for people.
    pub(super) name: String,
    driver: Key,
    pub(super) loads: Moment,
    pub(super) leaves: Moment,
    /// No parcel sorted later is aboard.
    loading_start: Moment,
    hard_end: Moment,
    /// Where it stands, or comes from.
    at: Arc<Site>,
    doing: Doing,
    /// The newest revision its driver was shown.
    pub(super) shown: u64,
}

impl Van {
    pub(super) fn of_the_day(scene: &Scene) -> Vec<Van> {
        let van = |manifest: &swerve_scenario::day::Manifest| {
            let slot = scene.calendar.moment(manifest.departure);
            Van {
                name: manifest.id.clone(),
                driver: Key::named(&manifest.driver),
                loads: slot - LOADED_BEFORE,
                leaves: slot + scene.truth.departure_delay(Key::named(&manifest.id)),
                loading_start: scene.calendar.moment(manifest.loading_start),
                hard_end: scene.calendar.moment(manifest.hard_end),
                at: Arc::clone(scene.atlas.depot()),
                doing: Doing::Waiting,
                shown: 0,
            }
        };
        scene.day.manifests.iter().map(van).collect()
    }

    pub(super) const fn is_out(&self) -> bool {
        matches!(self.doing, Doing::Driving(_) | Doing::Serving { .. } | Doing::Homeward(_))
    }

    pub(super) const fn is_home(&self) -> bool {
        matches!(self.doing, Doing::Home)
    }

    /// The leg it is on, if it is on one.
    pub(super) const fn driving(&self) -> Option<&Leg> {
        match &self.doing {
            Doing::Driving(leg) | Doing::Homeward(leg) => Some(leg),
            Doing::Waiting | Doing::Serving { .. } | Doing::Home => None,
        }
    }
}

impl Simulation<'_> {
    /// What the midday sort brought is seen at the dock.
    pub(super) async fn sorted(&mut self, at: Moment) -> anyhow::Result<()> {
        self.keep_up(at).await?;
        let scene = self.scene;
        let mut scans = Vec::new();
        for (shipment, of) in scene.day.shipments.iter().enumerate() {
            for (parcel, one) in of.parcels.iter().enumerate() {
                let untouched = self.ledger.parcel(ParcelRef { shipment, parcel }).aboard.is_none();
                if untouched && scene.calendar.moment(one.ready) == at {
                    scans.push((ParcelRef { shipment, parcel }, at_depot(&scene.day)));
                }
            }
        }
        self.scan(scans, at).await
    }

    /// Scans what is planned on a van, sorted by then, and not aboard yet.
    pub(super) async fn load(&mut self, van: usize, at: Moment) -> anyhow::Result<()> {
        self.keep_up(at).await?;
        let (scene, loading_start) = (self.scene, self.vans[van].loading_start);
        let is_here = |parcel: &ParcelRef| {
            let one = &scene.day.shipments[parcel.shipment].parcels[parcel.parcel];
            scene.calendar.moment(one.ready) <= loading_start
        };
        let planned = self.feed.manifest(van)?.undone().flat_map(|stop| &stop.parcels);
        let parcels: Vec<ParcelRef> = planned
            .filter(|parcel| self.ledger.parcel(**parcel).aboard.is_none() && is_here(parcel))
            .copied()
            .collect();
        let loaded = v1::Custody {
            state: v1::custody::State::Loaded.into(),
            manifest: names::manifest(&self.vans[van].name),
            ..Default::default()
        };
        for parcel in &parcels {
            self.ledger.load(*parcel, van);
            self.chronicle.loads.push((*parcel, van));
        }
        self.scan(parcels.into_iter().map(|parcel| (parcel, loaded.clone())).collect(), at).await
    }

    /// Records scans in the order they were made.
    async fn scan(
        &mut self,
        scans: Vec<(ParcelRef, v1::Custody)>,
        at: Moment,
    ) -> anyhow::Result<()> {
        let name = |parcel: &ParcelRef| {
            let shipment = &self.scene.day.shipments[parcel.shipment];
            names::parcel(&shipment.id, &shipment.parcels[parcel.parcel].id)
        };
        let scans: Vec<v1::Scan> = scans
            .into_iter()
            .map(|(parcel, custody)| v1::Scan { parcel: name(&parcel), custody: Some(custody) })
            .collect();
        for some in scans.chunks(SCANS_AT_ONCE) {
            let scans = some.to_vec();
            let request =
                v1::RecordScansRequest { territory: territory(), scans, ..Default::default() };
            let answer = self.callers.tms.record_scans(request).await?;
            self.heed(answer.plan_revision.as_ref(), at).await?;
        }
        Ok(())
    }

    pub(super) async fn depart(&mut self, van: usize, at: Moment) -> anyhow::Result<()> {
        self.load(van, at).await?;
        let request = v1::DepartManifestRequest {
            territory: territory(),
            manifest: names::manifest(&self.vans[van].name),
            time: Some(convert::timestamp(at)),
            ..Default::default()
        };
        let answer = self.callers.drivers[van].depart_manifest(request).await?;
        self.heed(answer.plan_revision.as_ref(), at).await?;
        self.tally.driven[van].departed = Some(at);
        let shown = answer.manifest.map(|one| ManifestView::read(one, &self.scene.register));
        let stops = shown.transpose()?.map(|view| view.undone().cloned().collect::<Vec<_>>());
        let stops = stops.unwrap_or_default();
        for stop in &stops {
            self.tally.forecast(van, stop);
        }
        self.story.tell(at, || {
            let last = stops.last().and_then(|stop| stop.eta);
            let last = last.map(|eta| self.scene.calendar.clock(eta.expected));
            let last = last.map_or(String::new(), |last| format!(", the last about {last}"));
            format!("{} leaves with {} stops{last}", self.vans[van].name, stops.len())
        });
        self.go_on(van, at).await
    }

    /// To the next stop of the manifest as it is now, or home.
    async fn go_on(&mut self, van: usize, at: Moment) -> anyhow::Result<()> {
        let next = self.feed.manifest(van)?.undone().next().cloned();
        let Some(stop) = next else {
            self.go_home(van, at);
            return Ok(());
        };
        let site = Arc::clone(self.atlas.site(&stop.point)?);
        if self.home_by(van, &site, stop.parcels.len(), at) > self.vans[van].hard_end {
            self.give_up(van, at).await?;
            self.go_home(van, at);
            return Ok(());
        }
        let leg = self.drive(van, &site, Some(stop.name), at);
        self.agenda.expect(leg.arrives, Happening::Arrive(van));
        self.vans[van].doing = Doing::Driving(leg);
        Ok(())
    }

    /// When the van would be back if it served one more stop and all went as on paper.
    fn home_by(&self, van: usize, site: &Site, parcels: usize, at: Moment) -> Moment {
        let roads = &self.scene.roads;
        let there = roads.leg(self.vans[van].at.place, site.place, at).duration();
        let back = roads.leg(site.place, self.scene.atlas.depot().place, at).duration();
        let service = Ticks::from_seconds(i64::from(site.service.total(parcels as u32)));
        at + there + service + back
    }

    /// The driver says of every stop left that it cannot be done.
    async fn give_up(&mut self, van: usize, at: Moment) -> anyhow::Result<()> {
        let left: Vec<PlannedStop> = self.feed.manifest(van)?.undone().cloned().collect();
        self.story.tell(at, || {
            format!("{} runs out of shift with {} stops left", self.vans[van].name, left.len())
        });
        for stop in left {
            self.fail(van, &stop, at, v1::FailureReason::NoAccess).await?;
            let (start, outcome) = (at, Outcome::NotReached);
            let site = Arc::clone(self.atlas.site(&stop.point)?);
            let visit = Visit { van, start, outcome, parcels: stop.parcels.clone() };
            self.note_visit(&stop, site, visit, Vec::new());
        }
        Ok(())
    }

    fn go_home(&mut self, van: usize, at: Moment) {
        let depot = Arc::clone(self.scene.atlas.depot());
        let leg = self.drive(van, &depot, None, at);
        self.agenda.expect(leg.arrives, Happening::Home(van));
        self.vans[van].doing = Doing::Homeward(leg);
    }

    /// Drives as the roads really are.
    fn drive(&mut self, van: usize, to: &Arc<Site>, stop: Option<String>, left: Moment) -> Leg {
        let (from, driver) = (Arc::clone(&self.vans[van].at), self.vans[van].driver);
        let nominal = self.scene.roads.leg(from.place, to.place, left);
        let took = self.scene.truth.travel(nominal.duration(), from.key, to.key, driver, left);
        let driven = &mut self.tally.driven[van];
        driven.driving += took;
        driven.meters += nominal.distance().0;
        let way = OnceLock::new();
        Leg { stop, from, to: Arc::clone(to), left, arrives: left + took, way }
    }

    pub(super) async fn arrive(&mut self, van: usize, at: Moment) -> anyhow::Result<()> {
        self.keep_up(at).await?;
        let Doing::Driving(leg) = std::mem::replace(&mut self.vans[van].doing, Doing::Waiting)
        else {
            return Ok(());
        };
        self.vans[van].at = Arc::clone(&leg.to);
        let planned = self.feed.manifest(van)?.undone();
        let stop = planned.into_iter().find(|stop| Some(&stop.name) == leg.stop.as_ref()).cloned();
        // A plan never takes away the stop that is driven to; should it, the driver looks again.
        let Some(stop) = stop else {
            self.note_vain(van, leg.to, at);
            return self.go_on(van, at).await;
        };
        let request = v1::ArriveStopRequest {
            territory: territory(),
            stop: stop.name.clone(),
            time: Some(convert::timestamp(at)),
            ..Default::default()
        };
        let answer = self.callers.drivers[van].arrive_stop(request).await?;
        self.heed(answer.plan_revision.as_ref(), at).await?;
        self.serve(van, stop, leg.to, at);
        Ok(())
    }

    /// Decides what happens at the door. An early van waits for the window it can still meet.
    fn serve(&mut self, van: usize, stop: PlannedStop, site: Arc<Site>, at: Moment) {
        let start = window::start_of_service(&stop.windows, at).unwrap_or(at);
        let shipments = shipments_of(&stop.parcels);
        let expectation = |shipment: &usize| self.ledger.shipments[*shipment].expectation;
        let expected: Vec<(usize, Expectation)> =
            shipments.iter().map(|shipment| (*shipment, expectation(shipment))).collect();
        let outcome = if site.is_closed(start) {
            Outcome::Closed
        } else if self.is_absent(&site, &expected) {
            Outcome::Absent
        } else {
            Outcome::Delivered
        };
        let parcels = if outcome == Outcome::Delivered { stop.parcels.len() } else { 0 };
        let nominal = Ticks::from_seconds(i64::from(site.service.total(parcels as u32)));
        let key = hand_over_key(&self.scene.day, site.key, &shipments);
        let driver = self.vans[van].driver;
        let took = self.scene.truth.service(key, driver, nominal, site.kind);
        self.agenda.expect(start + took, Happening::Leave(van));
        self.vans[van].doing = Doing::Serving { stop, site, start, outcome, expected };
    }

    /// Whether nobody is there to take anything: a locker always does, and neighbours do for each
    /// other.
    fn is_absent(&self, site: &Site, expected: &[(usize, Expectation)]) -> bool {
        let is_absent = |(shipment, expectation): &(usize, Expectation)| {
            let key = Key::named(&self.scene.day.shipments[*shipment].id);
            self.scene.truth.absent(key, 0, *expectation)
        };
        !site.kind.is_pickup() && expected.iter().all(is_absent)
    }

    pub(super) async fn leave(&mut self, van: usize, at: Moment) -> anyhow::Result<()> {
        self.keep_up(at).await?;
        let Doing::Serving { stop, site, start, outcome, expected } =
            std::mem::replace(&mut self.vans[van].doing, Doing::Waiting)
        else {
            return Ok(());
        };
        match outcome {
            Outcome::Delivered => self.complete(van, &stop, at).await?,
            Outcome::Absent => {
                self.fail(van, &stop, at, v1::FailureReason::RecipientAbsent).await?;
            }
            Outcome::Closed | Outcome::NotReached => {
                self.fail(van, &stop, at, v1::FailureReason::NoAccess).await?;
            }
        }
        if outcome != Outcome::Delivered {
            self.story.tell(at, || format!("nobody opens at {}", site.label));
        }
        let visit = Visit { van, start, outcome, parcels: stop.parcels.clone() };
        self.note_visit(&stop, site, visit, expected);
        self.go_on(van, at).await
    }

    fn note_visit(
        &mut self,
        stop: &PlannedStop,
        site: Arc<Site>,
        visit: Visit,
        expected: Vec<(usize, Expectation)>,
    ) {
        let promised =
            |shipment: usize| (shipment, self.ledger.shipments[shipment].promise.clone());
        self.chronicle.halts[visit.van].push(Halt {
            site,
            point: stop.point.clone(),
            parcels: visit.parcels.clone(),
            windows: stop.windows.clone(),
            promises: shipments_of(&visit.parcels).into_iter().map(promised).collect(),
            expected,
            start: visit.start,
            outcome: Some(visit.outcome),
        });
        self.tally.visited(&visit);
        self.ledger.visit(&stop.point, visit);
    }

    fn note_vain(&mut self, van: usize, site: Arc<Site>, start: Moment) {
        let (parcels, windows, promises, expected) = Default::default();
        let point = String::new();
        let halt = Halt { site, point, parcels, windows, promises, expected, start, outcome: None };
        self.chronicle.halts[van].push(halt);
    }

    async fn complete(&mut self, van: usize, stop: &PlannedStop, at: Moment) -> anyhow::Result<()> {
        let request = v1::CompleteStopRequest {
            territory: territory(),
            stop: stop.name.clone(),
            time: Some(convert::timestamp(at)),
            ..Default::default()
        };
        let answer = self.callers.drivers[van].complete_stop(request).await?;
        self.finish(van, &stop.name, answer.plan_revision.as_ref(), at).await
    }

    async fn fail(
        &mut self,
        van: usize,
        stop: &PlannedStop,
        at: Moment,
        reason: v1::FailureReason,
    ) -> anyhow::Result<()> {
        let request = v1::FailStopRequest {
            territory: territory(),
            stop: stop.name.clone(),
            time: Some(convert::timestamp(at)),
            reason: reason.into(),
            ..Default::default()
        };
        let answer = self.callers.drivers[van].fail_stop(request).await?;
        self.finish(van, &stop.name, answer.plan_revision.as_ref(), at).await
    }

    /// The driver's app strikes the stop off its list at once, and hears of anything newer.
    async fn finish(
        &mut self,
        van: usize,
        stop: &str,
        revision: Option<&v1::PlanRevision>,
        at: Moment,
    ) -> anyhow::Result<()> {
        self.feed.strike(van, stop);
        self.heed(revision, at).await
    }

    /// What is left aboard goes back onto the shelf.
    pub(super) async fn come_home(&mut self, van: usize, at: Moment) -> anyhow::Result<()> {
        self.advance(at).await?;
        let returned = v1::Custody {
            state: v1::custody::State::Returned.into(),
            depot: names::depot(&self.scene.day.depot.id),
            ..Default::default()
        };
        let back = self.ledger.returned(van);
        let count = back.len();
        self.scan(back.into_iter().map(|p| (p, returned.clone())).collect(), at).await?;
        let request = v1::CloseManifestRequest {
            territory: territory(),
            manifest: names::manifest(&self.vans[van].name),
            time: Some(convert::timestamp(at)),
            ..Default::default()
        };
        let answer = self.callers.drivers[van].close_manifest(request).await?;
        self.heed(answer.plan_revision.as_ref(), at).await?;
        self.tally.driven[van].back = Some(at);
        self.vans[van].doing = Doing::Home;
        self.story
            .tell(at, || format!("{} is home, {count} parcels undelivered", self.vans[van].name));
        Ok(())
    }

    /// Arrivals as shown now, for every van on the road.
    pub(super) async fn forecast_all(&mut self) -> anyhow::Result<()> {
        for van in 0..self.vans.len() {
            if !self.vans[van].is_out() {
                continue;
            }
            let name = names::manifest(&self.vans[van].name);
            let request = v1::GetManifestRequest { territory: territory(), name };
            let answer = self.callers.drivers[van].get_manifest(request).await?;
            let Some(manifest) = answer.manifest else { continue };
            for stop in ManifestView::read(manifest, &self.scene.register)?.undone() {
                self.tally.forecast(van, stop);
            }
        }
        Ok(())
    }
}

fn at_depot(day: &Day) -> v1::Custody {
    v1::Custody {
        state: v1::custody::State::AtDepot.into(),
        depot: names::depot(&day.depot.id),
        ..Default::default()
    }
}

/// Under which name the truth knows what is served at one halt: the shipment, or the place where
/// several are handed over at once.
pub(crate) fn hand_over_key(day: &Day, site: Key, shipments: &[usize]) -> Key {
    match shipments {
        [only] => Key::named(&day.shipments[*only].id),
        _ => site,
    }
}
