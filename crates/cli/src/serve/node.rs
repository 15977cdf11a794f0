//! What runs on one machine: the log, the search pool, and every territory of the configuration.

use std::fs;
use std::sync::Arc;

use swerve_engine::{Host, OpenError, Territory};
use swerve_eventlog::{EventLog, EventLogError, SqliteLog};
use swerve_server::Hosted;

use crate::clock;
use crate::config::{Config, TerritoryEntry};
use crate::exit::{Exit, Failure, OrExit as _};
use crate::output::Output;
use crate::settings::{self, RoadShelf};

/// An open log, and the territories that write to it.
pub(super) struct Node {
    log: Arc<SqliteLog>,
    hosted: Vec<Hosted>,
}

impl Node {
    /// Opens the log and replays every territory of the configuration.
    ///
    /// # Errors
    /// A file that is missing or wrong, a log that is in use, damaged or behind what was acknowledged,
    /// or one whose replay is not what was acknowledged.
    pub(super) fn open(config: &Config, output: &Output) -> anyhow::Result<Node> {
        let mut shelf = RoadShelf::default();
        let mut prepared = Vec::new();
        for entry in &config.territories {
            prepared.push((entry, settings::of_entry(entry)?, shelf.get(&entry.roads, output)?));
        }
        let log = open_log(config)?;
        let host = host(config)?;
        let mut hosted = Vec::new();
        for (entry, settings, roads) in prepared {
            let log = Arc::clone(&log) as Arc<dyn EventLog>;
            let opened = Territory::open(settings, roads.times, log, host.clone());
            let territory = opened.map_err(|error| opening(entry, error))?;
            tell_of(&territory);
            let (skills, road_fingerprint) = (entry.skills.clone(), roads.fingerprint);
            hosted.push(Hosted { territory, skills, road_fingerprint });
        }
        Ok(Node { log, hosted })
    }

    pub(super) fn hosted(&self) -> &[Hosted] {
        &self.hosted
    }

    /// Decides what is queued, joins the writers, closes the log.
    pub(super) async fn close(self) -> anyhow::Result<()> {
        for hosted in &self.hosted {
            hosted.territory.shutdown().await;
        }
        self.log.close().or_exit(Exit::Internal, || "the log was not closed in order".to_owned())
    }
}

fn open_log(config: &Config) -> anyhow::Result<Arc<SqliteLog>> {
    let folder = &config.data_dir;
    fs::create_dir_all(folder)
        .or_exit(Exit::Invalid, || format!("cannot create {}", folder.display()))?;
    let log = SqliteLog::open(&config.log_path());
    Ok(Arc::new(log.or_exit(Exit::Invalid, || "cannot open the log".to_owned())?))
}

fn host(config: &Config) -> anyhow::Result<Host> {
    // One a core, if none are named.
    let live = search_threads("live", config.search_threads.unwrap_or(0))?;
    let background = search_threads("background", config.background_threads)?;
    let fatal = Arc::new(|error: &EventLogError| {
        tracing::error!(%error, "ending: the log is read again on the next start");
        std::process::exit(Exit::Internal as i32);
    });
    Ok(Host { elapsed: clock::stopwatch(), live, background, fatal })
}

fn search_threads(name: &'static str, count: usize) -> anyhow::Result<Arc<rayon::ThreadPool>> {
    let pool = rayon::ThreadPoolBuilder::new()
        .num_threads(count)
        .thread_name(move |index| format!("{name}-{index}"))
        .build();
    let pool = pool.or_exit(Exit::Internal, || format!("cannot start the {name} threads"))?;
    Ok(Arc::new(pool))
}

fn opening(entry: &TerritoryEntry, error: OpenError) -> anyhow::Error {
    let exit = match error {
        OpenError::Settings(_) | OpenError::Log(_) => Exit::Invalid,
        OpenError::Replay { .. }
        | OpenError::Hash { .. }
        | OpenError::Thread(_)
        | OpenError::Pool(_) => Exit::Internal,
    };
    let what = format!("territory {} cannot be opened", entry.id);
    Failure::caused(exit, what, error.into()).into()
}

fn tell_of(territory: &Territory) {
    let snapshot = territory.snapshot();
    let (sequence, revision) = (snapshot.state.sequence, snapshot.state.revision.0);
    tracing::info!(territory = %territory.id(), sequence, revision, "territory replayed");
}
