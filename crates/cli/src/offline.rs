//! Static instances from file to verdict: read, planned on so many threads, judged.
//!
//! What `solve` and `bench` do alike. How far a search may go each says for itself.

use std::path::Path;

use swerve_checker::solution::{Evaluation, evaluate};
use swerve_model::instance::{Instance, Objective, StaticRoute};
use swerve_optimizer::offline::{self, Pace, Solution};
use swerve_scenario::instance::{Assumed, InstanceFile};

use crate::exit::{Exit, OrExit as _};
use crate::files;

/// How many broken rules are told.
const BREACHES_TOLD: usize = 5;

/// Reads an instance that the user named.
pub(crate) fn read(path: &Path, assumed: Assumed) -> anyhow::Result<InstanceFile> {
    let text = files::read_text(path)?;
    let name = path.file_stem().unwrap_or_default().to_string_lossy();
    let file = InstanceFile::read(&text, &name, assumed);
    file.or_exit(Exit::Invalid, || path.display().to_string())
}

/// Plans an instance on so many threads, one worker for each pace.
pub(crate) fn search<P: Pace + Send>(
    instance: &Instance,
    objective: Objective,
    seed: u64,
    initial: &[StaticRoute],
    paces: Vec<P>,
    threads: usize,
) -> anyhow::Result<Solution> {
    let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build();
    let pool = pool.or_exit(Exit::Internal, || "cannot start the threads".to_owned())?;
    Ok(pool.install(|| offline::solve(instance, objective, seed, initial, paces)))
}

/// What the independent checker says of a solution that the search found.
///
/// # Errors
/// It breaks a rule, or costs something else than the search says: the search is wrong then.
pub(crate) fn judge(
    instance: &Instance,
    objective: Objective,
    found: &Solution,
) -> anyhow::Result<Evaluation> {
    let evaluation = evaluate(instance, objective, &found.routes);
    if let Some(faults) = faults(&evaluation) {
        anyhow::bail!("the solution found is none: {faults}");
    }
    let (true_ones, told) = ((evaluation.distance, evaluation.cost), (found.distance, found.cost));
    if true_ones != told {
        anyhow::bail!(
            "the solution found has distance and cost {true_ones:?}, not {told:?} as told"
        );
    }
    Ok(evaluation)
}

/// The first rules that a solution breaks, in words, if it breaks any.
pub(crate) fn faults(evaluation: &Evaluation) -> Option<String> {
    let told = evaluation.breaches.iter().take(BREACHES_TOLD).map(ToString::to_string);
    let told: Vec<String> = told.collect();
    (!told.is_empty()).then(|| told.join("; "))
}

/// Units of cost to one of the file's.
pub(crate) fn cost_scale(instance: &Instance, objective: Objective) -> i64 {
    match objective {
        Objective::Distance | Objective::Vehicles => instance.scale,
        Objective::Cost => instance.cost_scale,
    }
}

pub(crate) fn gap_percent(cost: f64, best_known: f64) -> f64 {
    (cost / best_known - 1.0) * 100.0
}
