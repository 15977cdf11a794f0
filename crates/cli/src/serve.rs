//! `swerve serve`: opens the log, replays it, and serves until it is told to stop.
//!
//! In order, and every step before the next: configuration, roads, log, territories (each replayed
//! and verified), clock, listener. Only then is the address printed. On the way out the other way
//! round: calls are drained, the writers decide what is queued, the log is closed.

mod node;
mod ticker;

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use serde::Serialize;
use swerve_server::{ServeError, ServerSettings};
use tokio::net::TcpListener;
use tokio::signal::unix::{Signal, SignalKind, signal};

use crate::args::Format;
use crate::config::{self, Config};
use crate::exit::{Exit, Failure, OrExit as _};
use crate::logs;
use crate::output::Output;
use node::Node;

#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// Address and port to listen on; port 0 takes any free one [config: listen]
    #[arg(long, env = "SWERVE_LISTEN", value_name = "ADDRESS")]
    listen: Option<SocketAddr>,
    #[arg(
        long,
        env = "SWERVE_DATA_DIR",
        value_name = "FOLDER",
        help = "Where the log is kept [config: data_dir]"
    )]
    data_dir: Option<PathBuf>,
    /// What to tell on stderr: `info`, `debug`, `info,swerve_server=debug` [config: log.filter]
    #[arg(long, env = "SWERVE_LOG", value_name = "FILTER")]
    log: Option<String>,
    /// Tell it as text for people or as JSON for machines [config: log.format]
    #[arg(long, env = "SWERVE_LOG_FORMAT", value_parser = ["text", "json"], value_name = "FORMAT")]
    log_format: Option<String>,
    /// Accept plain text from other machines: tokens and parcels are then readable on the way
    #[arg(long)]
    allow_plaintext_off_loopback: bool,
    /// Print a configuration to start from, and end
    #[arg(long)]
    example_config: bool,
}

/// Printed once calls are taken, so that whoever started it knows where.
#[derive(Debug, Serialize)]
struct Announcement {
    address: SocketAddr,
    territories: Vec<String>,
    log: PathBuf,
}

pub(crate) fn run(args: Args, config: Option<&Path>, output: &Output) -> anyhow::Result<ExitCode> {
    if args.example_config {
        Output::text(config::EXAMPLE)?;
        return Ok(ExitCode::SUCCESS);
    }
    let config = complete(Config::load(config)?, args, output)?;
    check_listen(&config)?;
    let filter = || format!("{:?} is no log filter", config.log.filter);
    logs::start(&config.log).or_exit(Exit::Usage, filter)?;
    let tokens = config::tokens(&config.tokens)?;
    let node = Node::open(&config, output)?;
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build();
    let runtime = runtime.or_exit(Exit::Internal, || "cannot start the runtime".to_owned())?;
    let mut settings = ServerSettings::new(tokens);
    settings.allow_plaintext_off_loopback = config.allow_plaintext_off_loopback;
    runtime.block_on(serve(&config, node, settings, output))?;
    Ok(ExitCode::SUCCESS)
}

/// What was typed or is in the environment wins over the file.
fn complete(mut config: Config, args: Args, output: &Output) -> anyhow::Result<Config> {
    config.listen = args.listen.unwrap_or(config.listen);
    config.data_dir = args.data_dir.unwrap_or(config.data_dir);
    config.log.filter = match (args.log, output.verbose()) {
        (Some(filter), _) => filter,
        (None, 0) => config.log.filter,
        (None, 1) => "debug".to_owned(),
        (None, _) => "trace".to_owned(),
    };
    config.log.json = args.log_format.map_or(config.log.json, |format| format == "json");
    config.allow_plaintext_off_loopback |= args.allow_plaintext_off_loopback;
    if output.is_quiet() {
        "error".clone_into(&mut config.log.filter);
    }
    let missing = match (config.territories.is_empty(), config.tokens.is_empty()) {
        (false, false) => return Ok(config),
        (true, _) => "territory to serve: add a [[territory]]",
        (false, true) => "caller to serve: add a [[token]]",
    };
    let place = match &config.path {
        Some(path) => path.display().to_string(),
        None => "no configuration (--config), so".to_owned(),
    };
    let hint = "`swerve serve --example-config` prints a whole one";
    Err(Failure::new(Exit::Invalid, format!("{place} has no {missing}; {hint}")).into())
}

/// Refused before anything is opened; the server would refuse it, too.
fn check_listen(config: &Config) -> Result<(), Failure> {
    let address = config.listen;
    if address.ip().is_loopback() || config.allow_plaintext_off_loopback {
        return Ok(());
    }
    let what = format!(
        "{address} can be reached from other machines, and calls would travel in plain text; \
         --allow-plaintext-off-loopback, or allow_plaintext_off_loopback in the configuration, \
         accepts that"
    );
    Err(Failure::new(Exit::Invalid, what))
}

async fn serve(
    config: &Config,
    node: Node,
    settings: ServerSettings,
    output: &Output,
) -> anyhow::Result<()> {
    let mut signals = Signals::listen()?;
    let tickers = ticker::start(node.hosted(), config.tick).await?;
    let listener = TcpListener::bind(config.listen)
        .await
        .or_exit(Exit::Connection, || format!("cannot listen on {}", config.listen))?;
    announce(config, &listener, output)?;
    let shutdown = async move {
        signals.next().await;
        // Whoever asks twice does not want to wait.
        tokio::spawn(async move {
            signals.next().await;
            tracing::warn!("interrupted while draining");
            std::process::exit(Exit::Interrupted as i32);
        });
    };
    let served = swerve_server::serve(listener, settings, node.hosted().to_vec(), shutdown).await;
    drop(tickers);
    let closed = node.close().await;
    served.map_err(|error| {
        let exit = exit_of(&error);
        Failure::caused(exit, "cannot serve".to_owned(), error.into())
    })?;
    closed
}

const fn exit_of(error: &ServeError) -> Exit {
    match error {
        ServeError::PlaintextOffLoopback { .. }
        | ServeError::TerritoryTwice { .. }
        | ServeError::SkillsTooMany { .. } => Exit::Invalid,
        ServeError::Listener(_) | ServeError::Transport(_) => Exit::Connection,
        ServeError::Reflection(_) => Exit::Internal,
    }
}

fn announce(config: &Config, listener: &TcpListener, output: &Output) -> anyhow::Result<()> {
    let address = listener.local_addr().or_exit(Exit::Connection, || "no address".to_owned())?;
    let territories = config.territories.iter().map(|entry| entry.id.to_string()).collect();
    let announcement = Announcement { address, territories, log: config.log_path() };
    match output.format() {
        Format::Table => {
            let served = announcement.territories.join(", ");
            Output::text(&format!("serving {served} on http://{address}\n"))?;
        }
        Format::Json | Format::Ndjson => Output::line_of(&announcement)?,
    }
    Ok(())
}

/// SIGINT and SIGTERM: both ask for an orderly end.
struct Signals {
    interrupt: Signal,
    terminate: Signal,
}

impl Signals {
    fn listen() -> anyhow::Result<Signals> {
        let on = |kind| signal(kind).or_exit(Exit::Internal, || "cannot take signals".to_owned());
        let (interrupt, terminate) = (on(SignalKind::interrupt())?, on(SignalKind::terminate())?);
        Ok(Signals { interrupt, terminate })
    }

    async fn next(&mut self) {
        tokio::select! {
            _ = self.interrupt.recv() => {}
            _ = self.terminate.recv() => {}
        }
    }
}
