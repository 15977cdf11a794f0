//! One day of the benchmark, from its seed to its row.

use std::collections::BTreeMap;
use std::path::Path;

use anyhow::Context as _;
use swerve_model::Moment;
use swerve_policy::Prices;
use swerve_scenario::Day;
use swerve_scenario::clock::{DaySecond, Window};
use swerve_scenario::day::one::{DayOneParams, generate};
use swerve_scenario::truth::TruthParams;

use super::hindsight::{self, Custody};
use super::judge::{self, VanCalls, Verdict};
use super::peers::{self, Answers};
use super::row::{Hindsight, Latency, Micros, Reference, Row, StateRow, Wishes};
use super::search::{self, Aim};
use super::state::{self, Price, State};
use super::vroom;
use crate::demo::driven::{self, Asked};
use crate::demo::folder::Folder;
use crate::demo::reckon;
use crate::demo::run::{Record, Stopwatch};
use crate::demo::scene::{Ground, Scene};
use crate::exit::{Exit, OrExit as _};
use crate::files;

/// What nobody is promised who has no window of their own.
const ALL_DAY: Window = Window::hours(8, 20);
/// When the plan is sampled: once staged, and every hour of the drive.
const SAMPLED: [DaySecond; 11] = [
    DaySecond::hm(7, 25),
    DaySecond::hm(9, 0),
    DaySecond::hm(10, 0),
    DaySecond::hm(11, 0),
    DaySecond::hm(12, 0),
    DaySecond::hm(13, 0),
    DaySecond::hm(14, 0),
    DaySecond::hm(15, 0),
    DaySecond::hm(16, 0),
    DaySecond::hm(17, 0),
    DaySecond::hm(18, 0),
];
/// A state with fewer stops says nothing.
const STATE_STOPS_MIN: usize = 10;
/// If all wishes are known beforehand, they are asked within an hour from then on.
const KNOWN_FROM: DaySecond = DaySecond::hm(4, 30);
const KNOWN_WITHIN: u32 = 3_600;
const FAULTS_TOLD: usize = 10;

/// What is asked of every day.
pub(super) struct Course<'a> {
    pub(super) ground: &'a Ground,
    pub(super) roads: String,
    pub(super) vans: u32,
    pub(super) stops_per_van: u32,
    pub(super) command: String,
    pub(super) reference_seconds: f64,
    pub(super) states: Option<&'a Path>,
    pub(super) peers: &'a Answers,
    pub(super) stopwatch: &'a Stopwatch,
}

/// How much is made of a day.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Depth {
    /// The day alone.
    Day,
    /// With hindsight and every state's references.
    Whole,
}

impl Course<'_> {
    /// # Errors
    /// A day that cannot be drawn or run, a file that cannot be written.
    pub(super) async fn run(
        &self,
        seed: u64,
        wish_permille: Option<u32>,
        depth: Depth,
    ) -> anyhow::Result<Row> {
        let day = self.draw(seed, wish_permille)?;
        let scene = self.scene(day)?;
        let samples = if depth == Depth::Whole { self.samples(&scene) } else { Vec::new() };
        let record = self.drive(&scene, samples).await?;
        let mut row = Row { wish_permille, ..self.row(&scene, &record) };
        if depth == Depth::Whole {
            row.hindsight = Some(self.hindsight(&scene, &record, &row.day).await?);
            self.compare_states(&scene, &record, &mut row)?;
        }
        Ok(row)
    }

    fn draw(&self, seed: u64, wish_permille: Option<u32>) -> anyhow::Result<Day> {
        let prices = Prices::default();
        let params = DayOneParams {
            seed,
            name: self.roads.clone(),
            vans: self.vans,
            stops_per_van: self.stops_per_van,
            wish_permille,
            hour_micros: prices.driving_hour.0,
            km_micros: prices.km.0,
        };
        generate(&params, &self.ground.places)
            .or_exit(Exit::Invalid, || "the day cannot be drawn".to_owned())
    }

    fn scene(&self, day: Day) -> anyhow::Result<Scene> {
        Scene::of(day, TruthParams::default(), self.ground.afresh())
    }

    fn samples(&self, scene: &Scene) -> Vec<Moment> {
        let wanted =
            self.reference_seconds > 0.0 || self.states.is_some() || !self.peers.is_empty();
        let sampled = SAMPLED.iter().filter(|_| wanted);
        sampled.map(|second| scene.calendar.moment(*second)).collect()
    }

    async fn drive(&self, scene: &Scene, samples: Vec<Moment>) -> anyhow::Result<Record> {
        let folder = Folder::new(None)?;
        let log = folder.of_run("day");
        let asked = Asked { folder: &log, samples, stopwatch: self.stopwatch };
        driven::drive(scene, asked).await
    }

    fn row(&self, scene: &Scene, record: &Record) -> Row {
        let vans = judge::calls_of(record);
        let (day, ways) = judge::judge(scene, &vans);
        let mut faults = judge::contradictions(scene, record, &ways);
        let breaches = record.tally.breaches.iter().take(FAULTS_TOLD);
        faults.extend(
            breaches.map(|(at, breach)| format!("{}: {breach:?}", scene.calendar.clock(*at))),
        );
        faults.extend(record.losses.iter().take(FAULTS_TOLD).cloned());
        let delivered = day.service.delivered;
        Row {
            benchmark: "day-1",
            swerve: env!("CARGO_PKG_VERSION"),
            command: self.command.clone(),
            roads: self.roads.clone(),
            seed: scene.day.seed,
            vans: scene.day.manifests.len() as u32,
            stops: scene.day.recipients.len() as u32,
            timed_share: timed_share(&scene.day),
            wish_share: scene.day.wishes.len() as f64 / scene.day.recipients.len().max(1) as f64,
            wish_permille: None,
            wishes: wishes(scene, record),
            disturbance: judge::disturbance(&record.chronicle, delivered, day.hours_out),
            day,
            hindsight: None,
            states: Vec::new(),
            latency: latency(record),
            faults,
        }
    }

    async fn hindsight(
        &self,
        scene: &Scene,
        record: &Record,
        day: &Verdict,
    ) -> anyhow::Result<Hindsight> {
        let vans = judge::calls_of(record);
        let planned = |custody| {
            let (plan, unserved): (Vec<Option<VanCalls>>, u32) =
                hindsight::plan(scene, &vans, custody, self.reference_seconds);
            (judge::judge(scene, &plan).0, unserved)
        };
        let (same_custody, unserved_same) = planned(Custody::AsScanned);
        let (free, unserved_free) = planned(Custody::Free);
        let known = self.scene(known_beforehand(&scene.day))?;
        let known = reckon::wishes(&self.drive(&known, Vec::new()).await?.wishes);
        let above = |other: &Verdict| (day.bill.per_parcel / other.bill.per_parcel - 1.0) * 100.0;
        Ok(Hindsight {
            reference_seconds: self.reference_seconds,
            gap_percent: above(&same_custody),
            gap_free_percent: above(&free),
            same_custody,
            free,
            unserved: [unserved_same, unserved_free],
            granted_if_known: known.granted,
            asked_if_known: known.asked,
        })
    }

    /// Exports every sampled state, and holds the engine's plan against what others make of it.
    fn compare_states(&self, scene: &Scene, record: &Record, row: &mut Row) -> anyhow::Result<()> {
        for sample in &record.chronicle.samples {
            let clock = scene.calendar.clock(sample.at).replace(':', "");
            let name = format!("seed-{}-{clock}", scene.day.seed);
            let (state, strange) = state::of_sample(name, scene, record, sample)?;
            row.faults.extend(strange.into_iter().take(FAULTS_TOLD));
            if state.stops.len() < STATE_STOPS_MIN {
                continue;
            }
            if let Some(folder) = self.states {
                export(&state, folder)?;
            }
            match state.judge(&state.planned()) {
                Ok(price) => row.states.push(self.compare(&state, price)),
                Err(broken) => row.faults.push(format!("{}: {}", state.name, broken.join("; "))),
            }
        }
        Ok(())
    }

    fn compare(&self, state: &State, engine: Price) -> StateRow {
        let mut references = Vec::new();
        if self.reference_seconds > 0.0 {
            for (aim, of) in [(Aim::Operation, "operation"), (Aim::AllPrices, "all prices")] {
                let (routes, _) = search::solve(state, aim, self.reference_seconds, 1);
                let name = format!("swerve offline {}, {of}", env!("CARGO_PKG_VERSION"));
                references.push(reference(name, self.reference_seconds, state.judge(&routes)));
            }
        }
        for answer in self.peers.get(&state.name).into_iter().flatten() {
            let judged = peers::routes(answer, state).and_then(|routes| state.judge(&routes));
            references.push(reference(answer.solver.clone(), answer.seconds, judged));
        }
        let units = |micros: i64| micros as f64 / 1e6;
        let best = |of: fn(&Reference) -> Option<f64>| {
            references.iter().filter_map(of).min_by(f64::total_cmp)
        };
        let gap = |ours: i64, best: Option<f64>| {
            best.filter(|best| *best > 0.0).map(|best| (units(ours) / best - 1.0) * 100.0)
        };
        StateRow {
            state: state.name.clone(),
            vans: state.vans.len(),
            stops: state.stops.len(),
            operation: units(engine.operation),
            total: units(engine.total()),
            gap_operation_percent: gap(engine.operation, best(|one| one.operation)),
            gap_percent: gap(engine.total(), best(|one| one.total)),
            references,
        }
    }
}

fn reference(solver: String, seconds: f64, judged: Result<Price, Vec<String>>) -> Reference {
    let units = |micros: i64| micros as f64 / 1e6;
    let (price, mut faults) = match judged {
        Ok(price) => (Some(price), Vec::new()),
        Err(faults) => (None, faults),
    };
    faults.truncate(FAULTS_TOLD);
    Reference {
        solver,
        seconds,
        operation: price.map(|price| units(price.operation)),
        total: price.map(|price| units(price.total())),
        faults,
    }
}

fn export(state: &State, folder: &Path) -> anyhow::Result<()> {
    let made = std::fs::create_dir_all(folder);
    made.or_exit(Exit::Invalid, || format!("cannot make folder {}", folder.display()))?;
    let path = folder.join(format!("{}.json", state.name));
    let text = vroom::write(state).context("writing a state")?;
    files::write_whole(&path, |writer| Ok(std::io::Write::write_all(writer, text.as_bytes())?))
}

/// The same day, with everybody asking before the sort.
fn known_beforehand(day: &Day) -> Day {
    let mut known = day.clone();
    for wish in &mut known.wishes {
        wish.asked = KNOWN_FROM.plus(wish.asked.0 % KNOWN_WITHIN);
    }
    known.wishes.sort_by(|a, b| a.asked.cmp(&b.asked).then_with(|| a.recipient.cmp(&b.recipient)));
    known
}

fn timed_share(day: &Day) -> f64 {
    let timed = day.shipments.iter().filter(|one| one.promise != [ALL_DAY]);
    let stops: std::collections::BTreeSet<&str> = timed.map(|one| &*one.point).collect();
    stops.len() as f64 / day.recipients.len().max(1) as f64
}

fn wishes(scene: &Scene, record: &Record) -> Wishes {
    let figures = reckon::wishes(&record.wishes);
    let mut by_stage: BTreeMap<&'static str, crate::demo::figures::Granted> = BTreeMap::new();
    for (wish, entry) in scene.day.wishes.iter().zip(&record.wishes) {
        if !entry.is_asked() {
            continue;
        }
        let stage = by_stage.entry(stage(&scene.day, wish)).or_default();
        stage.asked += 1;
        stage.granted += u32::from(entry.is_granted());
    }
    Wishes {
        asked: figures.asked,
        granted: figures.granted,
        granted_share: figures.granted_share,
        alternatives_taken: figures.alternatives_taken,
        refused_by_reason: figures.refused_by_reason,
        by_stage,
    }
}

/// Where the parcels are when a wish is uttered, by the day's timetable.
fn stage(day: &Day, wish: &swerve_scenario::day::Wish) -> &'static str {
    let loading = day.manifests.iter().map(|manifest| manifest.loading_start).min();
    let parcels = day.shipments.iter().filter(|one| one.id == wish.shipment);
    let ready = parcels.flat_map(|one| &one.parcels).map(|parcel| parcel.ready).max();
    if ready.is_some_and(|ready| wish.asked < ready) {
        "before_sort"
    } else if loading.is_some_and(|loading| wish.asked < loading) {
        "staged"
    } else {
        "loaded"
    }
}

fn latency(record: &Record) -> Latency {
    use crate::demo::tally::percentile;
    let (quotes, commits) = (&record.tally.quote_micros, &record.tally.commit_micros);
    let micros = |of: &[u64]| Micros { p50: percentile(of, 0.5), p99: percentile(of, 0.99) };
    Latency { quotes: micros(quotes), commits: micros(commits) }
}
