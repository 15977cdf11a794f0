//! A day's callers, side by side: drivers, recipients, the TMS. Each looks at the server before it
//! asks, so that it goes on after a restart as if nothing had been.

use std::sync::{Arc, Mutex};

use rand::{RngExt as _, SeedableRng as _};
use rand_chacha::ChaCha8Rng;
use swerve_client::{convert, v1};
use swerve_model::{Moment, Ticks};
use tokio::sync::watch;

use crate::asks::{Answer, Ask, Callers, Said, was_answered};
use crate::journal::{Fate, Journal, Sight};
use crate::town::{TERRITORY, Town};

/// The server is gone.
#[derive(Debug)]
pub(crate) struct Gone;

/// Decides when the server dies: with the request that brings `left` to nothing, and a moment later.
#[derive(Debug)]
pub(crate) struct Fuse {
    pub(crate) left: Mutex<u32>,
    pub(crate) lit: watch::Sender<bool>,
}

impl Fuse {
    fn burn(&self) {
        let mut left = self.left.lock().expect("nobody panics while holding it");
        if *left > 0 {
            *left -= 1;
            if *left == 0 {
                self.lit.send_replace(true);
            }
        }
    }
}

/// What the callers share during one life of the server.
pub(crate) struct Life {
    pub(crate) town: Arc<Town>,
    pub(crate) callers: Callers,
    pub(crate) journal: Arc<Mutex<Journal>>,
    pub(crate) fuse: Arc<Fuse>,
    pub(crate) ids: Arc<Mutex<ChaCha8Rng>>,
}

impl Life {
    /// Sends a mutation once, and notes what became of it. `None` when it was refused.
    pub(crate) async fn ask(&self, ask: impl Into<Ask>) -> Result<Option<Answer>, Gone> {
        let ask = ask.into().with_id(&self.fresh_id());
        let place = self.journal().note(ask.clone());
        self.fuse.burn();
        let (fate, answer) = match ask.send(&self.callers).await {
            Ok(answer) => (Fate::Answered(answer.clone()), Ok(Some(answer))),
            Err(error) if was_answered(&error) => (Fate::Refused, Ok(None)),
            Err(_) => (Fate::Open, Err(Gone)),
        };
        self.journal().entries[place].fate = fate;
        if answer.as_ref().is_ok_and(Option::is_some) {
            self.look().await?;
        }
        answer
    }

    /// Reads the plan's revision and hash: what was told must be durable.
    pub(crate) async fn look(&self) -> Result<v1::Territory, Gone> {
        let request = v1::GetTerritoryRequest { name: TERRITORY.into() };
        let answer = self.callers.operator.get_territory(request).await.map_err(|_| Gone)?;
        let territory = answer.territory.expect("it is served");
        self.journal().sights.push(sight(&territory));
        Ok(territory)
    }

    pub(crate) async fn advance(&self, to: Moment) -> Result<(), Gone> {
        self.fuse.burn();
        let time = Some(convert::timestamp(to));
        let request = v1::AdvanceClockRequest { name: TERRITORY.into(), time };
        self.callers.operator.advance_clock(request).await.map(drop).map_err(|_| Gone)
    }

    fn journal(&self) -> std::sync::MutexGuard<'_, Journal> {
        self.journal.lock().expect("nobody panics while holding it")
    }

    fn fresh_id(&self) -> String {
        let mut ids = self.ids.lock().expect("nobody panics while holding it");
        uuid::Builder::from_random_bytes(ids.random()).into_uuid().hyphenated().to_string()
    }

    pub(crate) fn dice(&self) -> ChaCha8Rng {
        let mut ids = self.ids.lock().expect("nobody panics while holding it");
        ChaCha8Rng::seed_from_u64(ids.random())
    }

    async fn manifest(&self, name: &str) -> Result<v1::Manifest, Gone> {
        let request = v1::GetManifestRequest { territory: TERRITORY.into(), name: name.to_owned() };
        let answer = self.callers.desk.get_manifest(request).await.map_err(|_| Gone)?;
        Ok(answer.manifest.expect("it is there"))
    }

    pub(crate) async fn shipments(&self) -> Result<Vec<v1::Shipment>, Gone> {
        let request = v1::ListShipmentsRequest {
            territory: TERRITORY.into(),
            page_size: 1_000,
            ..Default::default()
        };
        Ok(self.callers.tms.list_shipments(request).await.map_err(|_| Gone)?.shipments)
    }
}

pub(crate) fn sight(territory: &v1::Territory) -> Sight {
    Sight {
        sequence: territory.log_sequence as u64,
        revision: territory.plan_revision.as_ref().map_or(0, |revision| revision.number),
        hash: territory.plan_hash.as_slice().try_into().expect("SHA-256"),
    }
}

/// Fleet, points, the early shipments, and a plan.
pub(crate) async fn stock(life: &Life, early: usize) {
    let town = &life.town;
    life.advance(town.start()).await.expect("nobody kills it yet");
    let territory = || TERRITORY.to_owned();
    let day = &town.day;
    let mut asks: Vec<Ask> = Vec::new();
    for index in 0..day.vehicles.len() {
        let (territory, vehicle) = (territory(), Some(town.vehicle(index)));
        asks.push(v1::CreateVehicleRequest { territory, vehicle, ..Default::default() }.into());
    }
    for point in &day.points {
        let (territory, delivery_point) = (territory(), Some(town.point(point)));
        let request =
            v1::CreateDeliveryPointRequest { territory, delivery_point, ..Default::default() };
        asks.push(request.into());
    }
    for manifest in &day.manifests {
        let (territory, manifest) = (territory(), Some(town.manifest(manifest)));
        let request = v1::CreateManifestRequest { territory, manifest, ..Default::default() };
        asks.push(request.into());
    }
    let shipments = day.shipments[..early].iter().map(|one| town.shipment(one)).collect();
    let request =
        v1::BatchCreateShipmentsRequest { territory: territory(), shipments, ..Default::default() };
    asks.push(request.into());
    asks.push(v1::PlanDayRequest { territory: territory(), ..Default::default() }.into());
    for ask in asks {
        let answer = life.ask(ask.clone()).await.expect("nobody kills it yet");
        assert!(answer.is_some(), "refused: {ask:?}");
    }
}

/// A van loads and leaves when it is time, is where it is expected, and comes home.
pub(crate) async fn drive(life: &Life, index: usize, now: Moment) -> Result<(), Gone> {
    let plan = &life.town.day.manifests[index];
    let name = swerve_client::names::manifest(&plan.id);
    let mut dice = life.dice();
    loop {
        let manifest = life.manifest(&name).await?;
        let ask = match manifest.state() {
            v1::manifest::State::Loading if life.town.moment(plan.departure) <= now => {
                let scans = scans(&manifest);
                if !scans.is_empty() {
                    let territory = TERRITORY.into();
                    let scans = v1::RecordScansRequest { territory, scans, ..Default::default() };
                    life.ask(scans).await?;
                }
                let (territory, manifest) = (TERRITORY.into(), name.clone());
                v1::DepartManifestRequest { territory, manifest, ..Default::default() }.into()
            }
            v1::manifest::State::Departed => match next_of(&manifest, now, &mut dice) {
                Some(ask) => ask,
                None => return Ok(()),
            },
            _ => return Ok(()),
        };
        if life.ask(ask).await?.is_none() {
            return Ok(());
        }
    }
}

fn scans(manifest: &v1::Manifest) -> Vec<v1::Scan> {
    let tasks = manifest.stops.iter().flat_map(|stop| &stop.tasks);
    let scan = |parcel: &String| v1::Scan {
        parcel: parcel.clone(),
        custody: Some(v1::Custody {
            state: v1::custody::State::Loaded.into(),
            manifest: manifest.name.clone(),
            ..Default::default()
        }),
    };
    tasks.flat_map(|task| &task.parcels).map(scan).collect()
}

/// What the driver of a van on the road does next, if it is time for it.
fn next_of(manifest: &v1::Manifest, now: Moment, dice: &mut ChaCha8Rng) -> Option<Ask> {
    let territory = TERRITORY.to_owned();
    let seen = manifest.acknowledged_revision.as_ref().map_or(0, |revision| revision.number);
    if manifest.revision.as_ref().is_some_and(|revision| revision.number > seen) {
        let (manifest, revision) = (manifest.name.clone(), manifest.revision.clone());
        let acknowledge =
            v1::AcknowledgeRevisionRequest { manifest, revision, ..Default::default() };
        return Some(acknowledge.into());
    }
    let undone = |stop: &&v1::Stop| {
        matches!(stop.state(), v1::stop::State::Planned | v1::stop::State::Arrived)
    };
    let Some(stop) = manifest.stops.iter().find(undone) else {
        let manifest = manifest.name.clone();
        return Some(v1::CloseManifestRequest { territory, manifest, ..Default::default() }.into());
    };
    let name = stop.name.clone();
    if stop.state() == v1::stop::State::Arrived {
        return Some(if dice.random_bool(0.1) {
            let reason = v1::FailureReason::RecipientAbsent.into();
            v1::FailStopRequest { territory, stop: name, reason, ..Default::default() }.into()
        } else {
            v1::CompleteStopRequest { territory, stop: name, ..Default::default() }.into()
        });
    }
    let expected = stop.eta.as_ref().and_then(|eta| eta.expected.as_ref()).map(convert::moment);
    let is_due = expected.is_some_and(|expected| expected <= now);
    is_due.then(|| v1::ArriveStopRequest { territory, stop: name, ..Default::default() }.into())
}

/// A recipient asks, perhaps holds, perhaps takes, and perhaps takes back.
pub(crate) async fn wish(life: &Life, wishes: u32) -> Result<(), Gone> {
    let mut dice = life.dice();
    let all = life.shipments().await?;
    let open: Vec<&v1::Shipment> = all.iter().filter(|shipment| shipment.eta.is_some()).collect();
    for _ in 0..wishes.min(open.len() as u32) {
        let shipment = open[dice.random_range(0..open.len())];
        let quote = v1::QuoteChangeRequest {
            shipment: shipment.name.clone(),
            wish: Some(any_wish(life, shipment, &mut dice)),
            assurance: v1::Assurance::OneTimeCode.into(),
            ..Default::default()
        };
        let Some(Answer { said: Said::Quote(quote), .. }) = life.ask(quote).await? else {
            continue;
        };
        let offers: Vec<&v1::Offer> = quote.offers.iter().chain(&quote.alternatives).collect();
        if offers.is_empty() || dice.random_bool(0.2) {
            continue;
        }
        let offer = offers[dice.random_range(0..offers.len())].name.clone();
        if dice.random_bool(0.3) {
            let ttl = Some(prost_types::Duration { seconds: 300, nanos: 0 });
            life.ask(v1::HoldOfferRequest { offer: offer.clone(), ttl, ..Default::default() })
                .await?;
        }
        let assurance = v1::Assurance::OneTimeCode.into();
        let commit = v1::CommitChangeRequest { offer, assurance, ..Default::default() };
        if let Some(Answer { said: Said::Committed(name), .. }) = life.ask(commit).await?
            && dice.random_bool(0.3)
        {
            life.ask(v1::CancelChangeRequest { name, ..Default::default() }).await?;
        }
    }
    Ok(())
}

fn any_wish(life: &Life, shipment: &v1::Shipment, dice: &mut ChaCha8Rng) -> v1::Wish {
    let points = &life.town.day.points;
    match dice.random_range(0..4) {
        0 => v1::Wish { suggest_windows: true, ..Default::default() },
        1 => {
            let together = Some(v1::Consolidation { shipments: Vec::new() });
            v1::Wish { together, ..Default::default() }
        }
        2 => v1::Wish { suggest_pickup_points: true, ..Default::default() },
        _ => {
            let others: Vec<_> = (points.iter())
                .map(|point| swerve_client::names::delivery_point(&point.id))
                .filter(|name| {
                    shipment.promise.as_ref().is_none_or(|promise| promise.delivery_point != *name)
                })
                .collect();
            let point = others[dice.random_range(0..others.len())].clone();
            let kind = Some(v1::place::Kind::DeliveryPoint(point));
            v1::Wish { place: Some(v1::Place { kind }), ..Default::default() }
        }
    }
}

/// The TMS announces what came in late, and takes some back.
pub(crate) async fn announce(life: &Life, late: std::ops::Range<usize>) -> Result<(), Gone> {
    let mut dice = life.dice();
    let known = life.shipments().await?;
    for shipment in &life.town.day.shipments[late] {
        let shipment = life.town.shipment(shipment);
        let name = shipment.name.clone();
        if known.iter().any(|known| known.name == name) {
            continue;
        }
        let (territory, shipment) = (TERRITORY.into(), Some(shipment));
        life.ask(v1::CreateShipmentRequest { territory, shipment, ..Default::default() }).await?;
        if dice.random_bool(0.25) {
            life.ask(v1::CancelShipmentRequest { name, ..Default::default() }).await?;
        }
    }
    Ok(())
}

/// Everything of one stretch of time, side by side.
pub(crate) async fn stretch(life: &Arc<Life>, step: Step) -> Result<(), Gone> {
    life.advance(step.now).await?;
    let mut lanes = tokio::task::JoinSet::new();
    for index in 0..life.town.day.manifests.len() {
        let life = Arc::clone(life);
        lanes.spawn(async move { drive(&life, index, step.now).await });
    }
    for _ in 0..2 {
        let life = Arc::clone(life);
        lanes.spawn(async move { wish(&life, 1).await });
    }
    let announcing = Arc::clone(life);
    lanes.spawn(async move { announce(&announcing, step.late).await });
    let mut ended = Ok(());
    while let Some(lane) = lanes.join_next().await {
        ended = ended.and(lane.expect("no caller panics"));
    }
    ended
}

/// The same, one caller after the other: always in the same order.
pub(crate) async fn stretch_in_order(life: &Life, step: Step) -> Result<(), Gone> {
    life.advance(step.now).await?;
    for index in 0..life.town.day.manifests.len() {
        drive(life, index, step.now).await?;
    }
    wish(life, 2).await?;
    announce(life, step.late).await
}

/// A few minutes of the day.
#[derive(Clone, Debug)]
pub(crate) struct Step {
    pub(crate) now: Moment,
    /// Which of the day's shipments have been announced late by now.
    pub(crate) late: std::ops::Range<usize>,
}

/// The day in `count` steps, from its start to the last van's return.
pub(crate) fn steps(town: &Town, early: usize, count: usize) -> Vec<Step> {
    let end = town.day.manifests.iter().map(|manifest| town.moment(manifest.hard_end)).max();
    let length = end.expect("a day has vans") - town.start();
    let late = town.day.shipments.len() - early;
    // All are announced in the first half of the day, while a van may still be loading.
    let by = |step: usize| early + (late * step * 2 / count).min(late);
    (1..=count)
        .map(|step| Step {
            now: town.start() + Ticks(length.0 * step as i64 / count as i64),
            late: early..by(step),
        })
        .collect()
}
