//! Tiny days, end to end through the real server.

use std::path::Path;

use clap::Parser as _;
use swerve_scenario::day::DayParams;

use super::figures::{Figures, LatencyFigures, RunFigures};
use super::scene::{Ground, Scene};
use super::show::figures_of;
use crate::args::{Cli, Command};
use crate::output::Output;

/// A day of four vans, one of them leaving at noon, and sixty stops; every third recipient wishes.
fn tiny(seed: u64) -> Scene {
    let params = DayParams { wish_permille: 330, ..DayParams::new(seed, 4, 60) };
    let ground = Ground::load(None).expect("the sample city is built in");
    Scene::new(&params, ground).expect("the day can be drawn")
}

fn run(scene: Scene, folder: &Path) -> Figures {
    let cli = Cli::parse_from(["swerve", "--quiet", "demo", "--once"]);
    let output = Output::new(&cli.global);
    let Command::Demo(args) = cli.command else { panic!("it is a demonstration") };
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build();
    let runtime = runtime.expect("there are threads");
    runtime.block_on(figures_of(scene, &args, folder, &output))
}

#[test]
fn a_tiny_day_breaks_nothing_loses_nothing_and_grants_most_wishes() {
    let folder = tempfile::tempdir().expect("a folder");
    let figures = run(tiny(3), folder.path());
    for name in ["broken by the engine", "not accepted by the checker", "acknowledged and lost"] {
        let condition = figures.conditions.iter().find(|one| one.name == name).expect(name);
        assert!(condition.met, "{condition:?}\n{figures:#?}");
    }
    let swerve = &figures.swerve;
    assert!(swerve.stops.served_share >= 0.99, "{:?}", swerve.stops);
    assert!(swerve.wishes.asked > 10, "{:?}", swerve.wishes);
    assert!(swerve.wishes.granted_share > 0.5, "{:?}", swerve.wishes);
    assert_eq!(figures.without_wishes.wishes.asked, 0);
    assert!(figures.verification.iter().all(|log| log.hashes_equal && log.revisions > 0));
    adds_up(&figures);
}

/// Every parcel, promise and wish is counted once.
fn adds_up(figures: &Figures) {
    for run in [&figures.swerve, &figures.without_wishes, &figures.insertion_alone] {
        let parcels = run.parcels.delivered + run.parcels.returned + run.parcels.left;
        assert_eq!(parcels, figures.scenario.parcels);
        assert_eq!(run.promises.kept + run.promises.broken, figures.scenario.shipments);
        let wishes = &run.wishes;
        let answered = wishes.granted
            + wishes.alternatives_taken
            + wishes.walked_away
            + wishes.refused
            + wishes.reverted;
        assert_eq!(answered, wishes.asked, "{wishes:?}");
        assert_eq!(wishes.refused_by_reason.values().sum::<u32>(), wishes.refused);
        assert_eq!(wishes.by_kind.values().map(|kind| kind.asked).sum::<u32>(), wishes.asked);
    }
    let day = &figures.without_swerve;
    assert_eq!(day.stops.planned, figures.without_wishes.stops.planned);
    assert!(day.stops.absent >= figures.without_wishes.stops.absent);
}

/// What must not depend on how fast the machine was.
fn timeless(run: &RunFigures) -> String {
    format!("{:?}", RunFigures { latency: LatencyFigures::default(), ..run.clone() })
}

#[test]
fn the_same_seed_is_the_same_day() {
    let folders = [(); 2].map(|()| tempfile::tempdir().expect("a folder"));
    let [one, other] = [0, 1].map(|index| run(tiny(5), folders[index].path()));
    assert_eq!(timeless(&one.swerve), timeless(&other.swerve));
    assert_eq!(timeless(&one.without_wishes), timeless(&other.without_wishes));
    assert_eq!(timeless(&one.insertion_alone), timeless(&other.insertion_alone));
    assert_eq!(one.without_swerve, other.without_swerve);
}

#[test]
fn a_folder_that_holds_a_log_is_not_written_over() {
    let folder = tempfile::tempdir().expect("a folder");
    let run = folder.path().join("with-wishes");
    std::fs::create_dir(&run).expect("it is writable");
    std::fs::write(run.join("events.sqlite"), b"somebody's").expect("it is writable");
    let error = super::world::new_log(&run).expect_err("it is taken").to_string();
    assert!(error.contains("holds a log"), "{error}");
    assert_eq!(std::fs::read(run.join("events.sqlite")).expect("it is there"), b"somebody's");
}
