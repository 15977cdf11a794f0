//! One day driven to its end by a server of its own, for commands that measure and tell no story.

use std::path::Path;
use std::sync::Arc;

use anyhow::Context as _;
use indicatif::ProgressBar;
use swerve_model::Moment;

use super::run::{Record, Simulation, Stopwatch};
use super::scene::Scene;
use super::stage::Planner;
use super::story::Story;
use super::world::{Callers, Searching, World};

/// What is asked of a run beside the day itself.
pub(crate) struct Asked<'a> {
    /// For the log; it must not hold one yet.
    pub(crate) folder: &'a Path,
    /// When the plan is to be sampled.
    pub(crate) samples: Vec<Moment>,
    pub(crate) stopwatch: &'a Stopwatch,
}

/// Serves, plans and drives the day, wishes and all.
///
/// # Errors
/// The folder holds a log, or the server refuses what a day cannot do without.
pub(crate) async fn drive(scene: &Scene, asked: Asked<'_>) -> anyhow::Result<Record> {
    let world = World::start(scene, Searching::AsConfigured, asked.folder, 0).await?;
    let callers = Callers::connect(&world.address(), &scene.day).await?;
    let stopwatch = Arc::clone(asked.stopwatch);
    let story = Story::silent(scene.calendar, Arc::clone(&stopwatch), ProgressBar::hidden());
    let prepared = Simulation::prepare(scene, callers, &Planner::Engine, story, stopwatch).await;
    let mut simulation = prepared.context("preparing the day")?;
    simulation.sample_at(asked.samples);
    let record = simulation.run(true).await.context("running the day")?;
    world.stop().await?;
    Ok(record)
}
