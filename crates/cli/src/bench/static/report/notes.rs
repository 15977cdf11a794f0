//! What the report says of how it was made: the command, the machine, and what the figures mean.

use crate::bench::markup::Markup;
use crate::bench::page;
use crate::bench::r#static::Measured;

/// What was done, on what, and what the figures mean.
pub(super) fn how(markup: &mut Markup, measured: &Measured) {
    markup.leaf("h2", &[], "How it was measured");
    let machine = &measured.machine;
    let unknown = || "not known".to_owned();
    let cores = machine.cores.map_or_else(unknown, |cores| cores.to_string());
    let processor = machine.processor.clone().unwrap_or_else(unknown);
    let mut build = format!(
        "{}, {}",
        measured.version,
        if machine.release_build { "release build" } else { "development build" }
    );
    if let Some(digest) = &machine.executable_sha256 {
        build = format!("{build}, executable of SHA-256 {digest}");
    }
    let notes = [
        ("command", measured.command.clone()),
        ("build", build),
        ("machine", format!("{processor}; {cores} cores this process may use; {}", machine.system)),
        ("cores used", cores_used(measured)),
        (
            "CPU seconds",
            "CPU time of the whole process in user and system mode, all threads together, from before \
             an instance is read until its plan is there. A time limit is so many of them a thread. \
             Peers’ are as their own rows say, on one thread."
                .to_owned(),
        ),
        (
            "gap",
            "Cost by the independent checker over the best known cost, less 1. The best known is the \
             set’s bks.json, else the .sol file beside the instance; where fewer vehicles come first, \
             plans with as many vehicles alone are compared. Peers’ gaps are reckoned anew, from their \
             costs, to the same best known. Infeasible plans count in no mean."
                .to_owned(),
        ),
        (
            "intervals",
            "95 %. Of a mean gap: Student’s t over seeds, instances held fixed, each counting alike \
             (the variances of the instances’ means added, Satterthwaite’s degrees of freedom). Of a \
             difference to a peer: Student’s t over the instances both have solved, seeds averaged \
             before. With one seed, or one instance, there is none."
                .to_owned(),
        ),
        (
            "peers",
            "A peer’s budget is held against our runs of the same CPU seconds; if there are none, \
             against our longest that took no more CPU time than the peer. Won, tied and lost are \
             instances; a tie is nearer than 0.001 points."
                .to_owned(),
        ),
    ];
    page::terms(markup, "notes", &notes);
}

/// How much of the time asked for the machine gave.
fn cores_used(measured: &Measured) -> String {
    let cpu: f64 = measured.rows.iter().map(|row| row.cpu_seconds).sum();
    let wall: f64 = measured.rows.iter().map(|row| row.wall_seconds).sum();
    let share = 100.0 * cpu / (wall * measured.threads as f64).max(1e-9);
    let (threads, workers) = (measured.threads, measured.workers);
    format!(
        "threads of a run: {threads}, logical workers: {workers}, one run at a time. The runs got {share:.0} % of the \
         CPU time of so many cores; what is missing went to others on the machine, or to waiting."
    )
}
