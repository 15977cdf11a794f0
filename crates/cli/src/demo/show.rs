//! The demonstration from beginning to end: one map, one day, three runs, one table.

use std::future::Future;
use std::process::ExitCode;
use std::sync::Arc;

use anyhow::Context as _;
use indicatif::ProgressBar;
use swerve_client::v1;
use swerve_eventlog::RecordSource;

use super::args::Args;
use super::baseline;
use super::figures::{Condition, FORMAT, Figures, ScenarioFigures, VerificationFigures};
use super::folder::Folder;
use super::run::{Record, Simulation, Stopwatch};
use super::scene::{Ground, Scene};
use super::stage::Planner;
use super::story::{self, Story};
use super::world::{Callers, Searching, TERRITORY, World, settings, token};
use super::{reckon, report};
use crate::exit::Exit;
use crate::output::Output;
use crate::{clock, verify};

/// Violations told by words; all are counted.
const VIOLATIONS_TOLD: usize = 20;
/// What has to hold for exit code 0.
const HARM_MAX: f64 = 0.005;
const SERVED_MIN: f64 = 0.99;
const GRANTED_MIN: f64 = 0.70;

/// One of the runs of a day.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Plan {
    name: &'static str,
    wishes: bool,
    searching: Searching,
}

const SWERVE: Plan = Plan { name: "with-wishes", wishes: true, searching: Searching::AsConfigured };
const WITHOUT_WISHES: Plan =
    Plan { name: "without-wishes", wishes: false, searching: Searching::AsConfigured };
const INSERTION_ALONE: Plan =
    Plan { name: "insertion-alone", wishes: true, searching: Searching::InsertionAlone };

/// # Errors
/// Bad input, or something that went wrong on the way; a day that does not meet its conditions is an
/// exit code, not an error.
pub(crate) fn run(args: &Args, output: &Output) -> anyhow::Result<ExitCode> {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build();
    let runtime = runtime.context("starting the runtime")?;
    runtime.block_on(show(args, output))
}

async fn show(args: &Args, output: &Output) -> anyhow::Result<ExitCode> {
    let folder = Folder::new(args.data_dir.as_deref())?;
    let (figures, world) = tokio::select! {
        produced = produce(args, output, &folder) => produced?,
        interrupted = tokio::signal::ctrl_c() => {
            interrupted.context("waiting for Ctrl-C")?;
            return Ok(Exit::Interrupted.into());
        }
    };
    output.emit(&figures, || report::table(&figures))?;
    story::say(output, &report::verdict(&figures));
    if !args.once {
        stay(&world, output).await?;
    }
    world.stop().await?;
    let good = figures.passed || !args.once;
    Ok(if good { ExitCode::SUCCESS } else { Exit::Unserved.into() })
}

/// Runs the day three times. The server of the first still serves.
async fn produce(
    args: &Args,
    output: &Output,
    folder: &Folder,
) -> anyhow::Result<(Figures, World)> {
    let ground = Ground::load(args.roads.as_deref())?;
    let scene = Arc::new(Scene::new(&args.day(), ground)?);
    let shown = Shown { scene, args, output, folder, stopwatch: clock::stopwatch() };
    let (swerve, world) = shown.main_run().await?;
    let (without, insertion) = shown.other_runs(&swerve.record.morning).await?;
    Ok((figures(&shown.scene, &swerve, &without, &insertion), world))
}

/// A run, and its log judged.
struct Done {
    record: Record,
    verification: VerificationFigures,
}

/// What all runs of a demonstration share.
struct Shown<'a> {
    scene: Arc<Scene>,
    args: &'a Args,
    output: &'a Output,
    folder: &'a Folder,
    stopwatch: Stopwatch,
}

impl Shown<'_> {
    /// The day with wishes, told aloud unless it is run at once. Its server stays up.
    async fn main_run(&self) -> anyhow::Result<(Done, World)> {
        let folder = self.folder.of_run(SWERVE.name);
        let world = World::start(&self.scene, SWERVE.searching, &folder, self.args.port).await?;
        let story = if self.args.once {
            self.silent(self.output.progress(self.scene.minutes(), SWERVE.name))
        } else {
            story::say(self.output, &welcome(&world, &self.scene));
            let (calendar, stopwatch) = (self.scene.calendar, Arc::clone(&self.stopwatch));
            Story::aloud(calendar, stopwatch, self.output, self.args.speed)
        };
        let record =
            drive(&self.scene, &world, SWERVE, &Planner::Engine, story, &self.stopwatch).await?;
        let verification = judged(&self.scene, &world, SWERVE).await?;
        Ok((Done { record, verification }, world))
    }

    /// The same day without wishes and with insertion alone, at the same time: nothing in them
    /// depends on how long anything takes.
    async fn other_runs(&self, morning: &[v1::ImportedManifest]) -> anyhow::Result<(Done, Done)> {
        if !self.args.once {
            story::say(
                self.output,
                "\nthe same day twice more: without wishes, and with insertion alone ...",
            );
        }
        let bar = self.output.progress(self.scene.minutes(), "twice more");
        let (one_story, other_story) = (self.silent(bar), self.silent(ProgressBar::hidden()));
        let one = tokio::spawn(self.other_run(WITHOUT_WISHES, morning.to_vec(), one_story));
        let other = tokio::spawn(self.other_run(INSERTION_ALONE, morning.to_vec(), other_story));
        let (one, other) = tokio::try_join!(one, other).context("joining the runs")?;
        Ok((one?, other?))
    }

    fn other_run(
        &self,
        plan: Plan,
        morning: Vec<v1::ImportedManifest>,
        story: Story,
    ) -> impl Future<Output = anyhow::Result<Done>> + Send + 'static {
        let scene = Arc::clone(&self.scene);
        let folder = self.folder.of_run(plan.name);
        let stopwatch = Arc::clone(&self.stopwatch);
        async move {
            let world = World::start(&scene, plan.searching, &folder, 0).await?;
            let planner = Planner::Import(&morning);
            let record = drive(&scene, &world, plan, &planner, story, &stopwatch).await?;
            let verification = judged(&scene, &world, plan).await?;
            world.stop().await?;
            Ok(Done { record, verification })
        }
    }

    fn silent(&self, bar: ProgressBar) -> Story {
        Story::silent(self.scene.calendar, Arc::clone(&self.stopwatch), bar)
    }
}

async fn drive(
    scene: &Scene,
    world: &World,
    plan: Plan,
    planner: &Planner<'_>,
    story: Story,
    stopwatch: &Stopwatch,
) -> anyhow::Result<Record> {
    let callers = Callers::connect(&world.address(), &scene.day).await?;
    let stopwatch = Arc::clone(stopwatch);
    let prepared = Simulation::prepare(scene, callers, planner, story, stopwatch).await;
    let driven = prepared.with_context(|| format!("preparing {}", plan.name))?.run(plan.wishes);
    driven.await.with_context(|| format!("running {}", plan.name))
}

/// Replays a run's log and has the checker judge every change of its plan.
async fn judged(
    scene: &Arc<Scene>,
    world: &World,
    plan: Plan,
) -> anyhow::Result<VerificationFigures> {
    let (scene, log) = (Arc::clone(scene), world.log());
    let judged = tokio::task::spawn_blocking(move || judge(&scene, &*log, plan)).await;
    judged.context("joining the checker")?
}

fn judge(scene: &Scene, log: &dyn RecordSource, plan: Plan) -> anyhow::Result<VerificationFigures> {
    let settings = Arc::new(settings(&scene.day, plan.searching)?);
    let verdict = verify::verify(settings, scene.roads.clone(), log, |_| {})?;
    let hashes_equal =
        !verdict.findings.iter().any(|finding| matches!(finding.wrong, verify::Wrong::Hash));
    let told = verdict.findings.iter().take(VIOLATIONS_TOLD);
    Ok(VerificationFigures {
        run: plan.name,
        records: verdict.records,
        revisions: verdict.judged.values().sum(),
        hashes_equal,
        violations: told
            .map(|finding| format!("record {}: {}", finding.sequence, finding.wrong))
            .collect(),
        violation_count: verdict.findings.len() as u64,
    })
}

fn figures(scene: &Scene, swerve: &Done, without: &Done, insertion: &Done) -> Figures {
    let day = &scene.day;
    let mut figures = Figures {
        format: FORMAT,
        scenario: ScenarioFigures {
            roads: day.name.clone(),
            seed: day.seed,
            date: day.date.to_string(),
            zone: day.zone.clone(),
            currency: day.currency.clone(),
            drivers: day.drivers.len() as u32,
            shipments: day.shipments.len() as u32,
            parcels: reckon::parcel_count(day),
            wishes: day.wishes.len() as u32,
        },
        swerve: reckon::run(scene, &swerve.record),
        without_wishes: reckon::run(scene, &without.record),
        insertion_alone: reckon::run(scene, &insertion.record),
        without_swerve: baseline::reckon(scene, &without.record),
        harm: reckon::harm(&swerve.record.ledger, &without.record.ledger),
        verification: [swerve, without, insertion].map(|done| done.verification.clone()).to_vec(),
        conditions: Vec::new(),
        passed: false,
    };
    figures.conditions = conditions(&figures);
    figures.passed = figures.conditions.iter().all(|condition| condition.met);
    figures
}

fn conditions(figures: &Figures) -> Vec<Condition> {
    let runs = [&figures.swerve, &figures.without_wishes, &figures.insertion_alone];
    let broken: u32 = runs.iter().map(|run| run.promises.broken_by_engine).sum();
    let lost: usize = runs.iter().map(|run| run.lost.len()).sum();
    let violations: u64 = figures.verification.iter().map(|log| log.violation_count).sum();
    vec![
        Condition::at_most("broken by the engine", f64::from(broken), 0.0),
        Condition::at_most("harmed by wishes", figures.harm.harmed_share, HARM_MAX),
        Condition::at_most("not accepted by the checker", violations as f64, 0.0),
        Condition::at_most("acknowledged and lost", lost as f64, 0.0),
        Condition::at_least("stops served", figures.swerve.stops.served_share, SERVED_MIN),
        Condition::at_least("wishes granted", figures.swerve.wishes.granted_share, GRANTED_MIN),
    ]
}

fn welcome(world: &World, scene: &Scene) -> String {
    let (address, day) = (world.address(), &scene.day);
    format!(
        "serving at {address}, territory {TERRITORY}: {} drivers, {} shipments, {} wishes to come\n\
         {}",
        day.drivers.len(),
        day.shipments.len(),
        day.wishes.len(),
        examples(&address, scene),
    )
}

/// Commands to try from another terminal.
fn examples(address: &str, scene: &Scene) -> String {
    let token = token("dispatcher");
    let shipment = scene.day.shipments.first().map_or("", |shipment| shipment.id.as_str());
    let at = format!("--address {address} --token {token}");
    format!(
        "try, in another terminal:\n  \
         swerve call GetPlan '{{\"territory\": \"territories/{TERRITORY}\"}}' {at}\n  \
         swerve call GetShipment '{{\"name\": \"shipments/{shipment}\"}}' {at}\n  \
         swerve watch --territory {TERRITORY} {at}\n"
    )
}

/// Serves on until somebody has seen enough.
async fn stay(world: &World, output: &Output) -> anyhow::Result<()> {
    story::say(output, &format!("still serving at {}; Ctrl-C ends it", world.address()));
    tokio::signal::ctrl_c().await.context("waiting for Ctrl-C")
}

/// All runs of a given day, for tests.
#[cfg(test)]
pub(super) async fn figures_of(
    scene: Scene,
    args: &Args,
    folder: &std::path::Path,
    output: &Output,
) -> Figures {
    let folder = Folder::new(Some(folder)).expect("it is named");
    let stopwatch = clock::stopwatch();
    let shown = Shown { scene: Arc::new(scene), args, output, folder: &folder, stopwatch };
    let (swerve, world) = shown.main_run().await.expect("the day can be run");
    let morning = &swerve.record.morning;
    let (without, insertion) = shown.other_runs(morning).await.expect("and run again");
    world.stop().await.expect("the server ends");
    figures(&shown.scene, &swerve, &without, &insertion)
}
