//! One day, driven from the first scan to the last van home.
//!
//! The simulator moves the server's clock and acts in its own time: it takes the next event, lets
//! whoever it concerns call the server, and waits for the answer before it goes on. Time stands still
//! while a request is under way, so the day does not depend on how fast anything is.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context as _;
use swerve_client::{convert, v1};
use swerve_model::{Moment, Ticks};

use super::agenda::{Agenda, Happening};
use super::atlas::Atlas;
use super::breach::{self, Side};
use super::chronicle::{Chronicle, Sample};
use super::feed::{Feed, News};
use super::ledger::{Ledger, Promise};
use super::plan::ManifestView;
use super::scene::Scene;
use super::stage::{self, Planner, territory};
use super::story::Story;
use super::tally::Tally;
use super::vans::Van;
use super::wishes::{Commit, WishEntry};
use super::world::Callers;

/// While vans are out the clock moves at least this often, and the planner hears where they are.
const TICK: Ticks = Ticks::from_minutes(1);
/// While none is.
const TICK_QUIET: Ticks = Ticks::from_minutes(5);
/// How far ahead of the server's clock a report may be; the server allows two minutes.
const AHEAD_MAX: Ticks = TICK;

/// Real time since the program began.
pub(crate) type Stopwatch = Arc<dyn Fn() -> Duration + Send + Sync>;

/// What became of a day.
pub(crate) struct Record {
    pub(crate) ledger: Ledger,
    pub(crate) tally: Tally,
    pub(crate) wishes: Vec<WishEntry>,
    /// What the server said that does not fit the ledger.
    pub(crate) losses: Vec<String>,
    /// The plan of the morning, for other runs to begin with.
    pub(super) morning: Vec<v1::ImportedManifest>,
    pub(crate) chronicle: Chronicle,
    /// The day's places, with the server's names for those made while it ran.
    pub(crate) atlas: Atlas,
}

/// A day under way.
pub(super) struct Simulation<'a> {
    pub(super) scene: &'a Scene,
    pub(super) callers: Callers,
    pub(super) story: Story,
    pub(super) stopwatch: Stopwatch,
    pub(super) atlas: Atlas,
    pub(super) feed: Feed,
    pub(super) agenda: Agenda,
    pub(super) vans: Vec<Van>,
    pub(super) wishes: Vec<WishEntry>,
    /// Changes that were acknowledged, by name.
    pub(super) commits: BTreeMap<String, Commit>,
    pub(super) ledger: Ledger,
    pub(super) tally: Tally,
    pub(super) chronicle: Chronicle,
    /// The server's time.
    now: Moment,
    morning: Vec<v1::ImportedManifest>,
}

impl<'a> Simulation<'a> {
    /// Tells the server of the day and has it planned.
    ///
    /// # Errors
    /// Whatever the server refuses.
    pub(super) async fn prepare(
        scene: &'a Scene,
        callers: Callers,
        planner: &Planner<'_>,
        story: Story,
        stopwatch: Stopwatch,
    ) -> anyhow::Result<Simulation<'a>> {
        stage::set(scene, &callers).await?;
        stage::plan(&callers, planner).await?;
        let morning = stage::as_import(&stage::all_manifests(&callers.dispatcher).await?);
        let vans = Van::of_the_day(scene);
        let mut simulation = Simulation {
            scene,
            story,
            stopwatch,
            atlas: scene.atlas.clone(),
            feed: Feed::new(callers.dispatcher.clone()),
            agenda: Agenda::default(),
            tally: Tally::new(vans.len()),
            chronicle: Chronicle::new(vans.len()),
            vans,
            wishes: scene.day.wishes.iter().map(|wish| WishEntry::new(scene, wish)).collect(),
            commits: BTreeMap::new(),
            ledger: Ledger::new(&scene.day, &scene.calendar),
            now: scene.start,
            morning,
            callers,
        };
        simulation.read_news(scene.start).await?;
        simulation.note_morning();
        Ok(simulation)
    }

    /// Who was to bring what, before anything happened.
    fn note_morning(&mut self) {
        for manifest in self.feed.manifests() {
            for parcel in manifest.undone().flat_map(|stop| &stop.parcels) {
                self.tally.planned_van.insert(*parcel, manifest.index);
            }
        }
    }

    /// Runs the day to its end.
    ///
    /// # Errors
    /// Whatever the server refuses that a day cannot do without.
    pub(super) async fn run(mut self, with_wishes: bool) -> anyhow::Result<Record> {
        self.expect_the_day(with_wishes);
        while self.vans.iter().any(|van| !van.is_home()) {
            let (at, happening) = self.agenda.next().context("vans are out and nothing follows")?;
            let happened = self.take(at, happening).await;
            happened.with_context(|| format!("{} {happening:?}", self.scene.calendar.clock(at)))?;
        }
        let losses = self.losses().await?;
        Ok(Record {
            ledger: self.ledger,
            tally: self.tally,
            wishes: self.wishes,
            losses,
            morning: self.morning,
            chronicle: self.chronicle,
            atlas: self.atlas,
        })
    }

    fn expect_the_day(&mut self, with_wishes: bool) {
        let calendar = &self.scene.calendar;
        let mut sorted: Vec<Moment> = (self.scene.day.shipments.iter())
            .flat_map(|shipment| &shipment.parcels)
            .map(|parcel| calendar.moment(parcel.ready))
            .filter(|ready| *ready > self.scene.start)
            .collect();
        sorted.sort_unstable();
        sorted.dedup();
        for ready in sorted {
            self.agenda.expect(ready, Happening::Sorted);
        }
        for (index, van) in self.vans.iter().enumerate() {
            self.agenda.expect(van.loads, Happening::Load(index));
            self.agenda.expect(van.leaves, Happening::Depart(index));
        }
        if with_wishes {
            for (index, wish) in self.scene.day.wishes.iter().enumerate() {
                self.agenda.expect(calendar.moment(wish.asked), Happening::Ask(index));
            }
        }
        self.agenda.expect(self.scene.start + TICK_QUIET, Happening::Tick);
    }

    async fn take(&mut self, at: Moment, happening: Happening) -> anyhow::Result<()> {
        match happening {
            Happening::Tick => self.tick(at).await,
            Happening::Sorted => self.sorted(at).await,
            Happening::Load(van) => self.load(van, at).await,
            Happening::Depart(van) => self.depart(van, at).await,
            Happening::Arrive(van) => self.arrive(van, at).await,
            Happening::Leave(van) => self.leave(van, at).await,
            Happening::Home(van) => self.come_home(van, at).await,
            Happening::Acknowledge(van) => self.acknowledge(van, at).await,
            Happening::Ask(wish) => self.ask(wish, at).await,
            Happening::Decide(wish) => self.decide(wish, at).await,
            Happening::Withdraw(wish) => self.withdraw(wish, at).await,
        }
    }

    async fn tick(&mut self, at: Moment) -> anyhow::Result<()> {
        self.story.keep_pace(at, self.scene.start).await;
        let out = self.vans.iter().any(Van::is_out);
        if out {
            self.report_positions(at).await?;
        }
        self.advance(at).await?;
        self.read_news(at).await?;
        if (at - self.scene.start).0 % Ticks::from_hours(1).0 == 0 {
            self.forecast_all().await?;
        }
        self.take_sample(at).await?;
        self.agenda.expect(at + if out { TICK } else { TICK_QUIET }, Happening::Tick);
        Ok(())
    }

    /// Asks for a sample of the plan at the first tick from each of these moments on.
    pub(super) fn sample_at(&mut self, mut moments: Vec<Moment>) {
        moments.sort_unstable();
        self.chronicle.wanted = moments.into();
    }

    async fn take_sample(&mut self, at: Moment) -> anyhow::Result<()> {
        let wanted = &mut self.chronicle.wanted;
        let due = wanted.iter().take_while(|moment| **moment <= at).count();
        if due == 0 {
            return Ok(());
        }
        wanted.drain(..due);
        let manifests = self.plan_now().await?;
        let aboard = self.ledger.aboard();
        self.chronicle.samples.push(Sample { at, manifests, aboard });
        Ok(())
    }

    /// Moves the server's clock.
    pub(super) async fn advance(&mut self, at: Moment) -> anyhow::Result<()> {
        if at <= self.now {
            return Ok(());
        }
        let time = Some(convert::timestamp(at));
        let request = v1::AdvanceClockRequest { name: territory(), time };
        let answer = self.callers.operator.advance_clock(request).await?;
        self.now = at;
        self.heed(answer.plan_revision.as_ref(), at).await
    }

    /// Sees to it that a report of `at` is not too far ahead of the server's clock.
    pub(super) async fn keep_up(&mut self, at: Moment) -> anyhow::Result<()> {
        if at - self.now > AHEAD_MAX { self.advance(at).await } else { Ok(()) }
    }

    /// Every answer says which revision the plan is at; a newer one is looked at before anyone acts.
    pub(super) async fn heed(
        &mut self,
        revision: Option<&v1::PlanRevision>,
        at: Moment,
    ) -> anyhow::Result<()> {
        if revision.is_some_and(|revision| revision.number > self.feed.revision) {
            self.read_news(at).await?;
        }
        Ok(())
    }

    /// What the server has told since: to recipients, to drivers, of changes.
    async fn read_news(&mut self, at: Moment) -> anyhow::Result<News> {
        let news = self.feed.read(&self.scene.register).await?;
        for index in &news.manifests {
            let view = self.feed.manifest(*index)?;
            for stop in view.undone() {
                self.tally.told(stop);
            }
            self.chronicle.seen(view, at);
            self.show_driver(*index, at)?;
        }
        for change in &news.changes {
            self.hear_of(change, at);
        }
        Ok(news)
    }

    /// The plan as it is at this moment, for holding a change of it against.
    pub(super) async fn plan_now(&self) -> anyhow::Result<Vec<ManifestView>> {
        let manifests = stage::all_manifests(&self.callers.dispatcher).await?;
        let view = |manifest| ManifestView::read(manifest, &self.scene.register);
        manifests.into_iter().map(view).collect()
    }

    /// Judges a change of the plan that has just been made. `promised` are the promises as they were,
    /// of the shipments it made new ones to.
    pub(super) async fn judge(
        &mut self,
        before: &[ManifestView],
        promised: &BTreeMap<usize, Promise>,
        at: Moment,
    ) -> anyhow::Result<()> {
        let news = self.read_news(at).await?;
        let touched: Vec<ManifestView> = (news.manifests.iter())
            .map(|index| self.feed.manifest(*index).cloned())
            .collect::<anyhow::Result<_>>()?;
        let now = |shipment: usize| self.ledger.shipments[shipment].promise.clone();
        let then =
            |shipment: usize| promised.get(&shipment).cloned().unwrap_or_else(|| now(shipment));
        let before = Side { manifests: before, promise: &then };
        let after = Side { manifests: &touched, promise: &now };
        let found = breach::breaches(&before, &after, &|parcel| self.ledger.holder(parcel));
        self.tally.breaches.extend(found.into_iter().map(|breach| (at, breach)));
        Ok(())
    }
}
