//! `swerve log`: a node's log, verified and shown, without serving or changing it.

mod dump;
mod verify;

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::Subcommand;
use swerve_eventlog::SqliteReader;

use crate::config::Config;
use crate::exit::{Exit, OrExit as _};
use crate::output::Output;

#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Verify every record's checksum and hash chain, the anchor, and the file
    ///
    /// Ends with exit code 4 if anything in it is not as it was acknowledged.
    Verify(VerifyArgs),
    /// Print what each record is about, verified on the way
    Dump(dump::DumpArgs),
}

#[derive(Debug, clap::Args)]
struct VerifyArgs {
    #[command(flatten)]
    file: LogFile,
}

/// Which log.
#[derive(Debug, clap::Args)]
pub(crate) struct LogFile {
    #[arg(
        long = "log",
        env = "SWERVE_LOG_FILE",
        value_name = "FILE",
        help = "The log's file [default: swerve.db in the configuration's data_dir]"
    )]
    path: Option<PathBuf>,
}

impl LogFile {
    pub(crate) fn path(&self, config: &Config) -> PathBuf {
        self.path.clone().unwrap_or_else(|| config.log_path())
    }

    /// Opens it for reading alone; a server has to be stopped first.
    ///
    /// # Errors
    /// Not there, in use, not a log, of another version, or damaged.
    pub(crate) fn open(&self, config: &Config) -> anyhow::Result<SqliteReader> {
        let reader = SqliteReader::open(&self.path(config));
        reader.or_exit(Exit::Invalid, || "cannot open the log".to_owned())
    }
}

pub(crate) fn run(args: &Args, config: Option<&Path>, output: &Output) -> anyhow::Result<ExitCode> {
    let config = Config::load(config)?;
    match &args.command {
        Command::Verify(args) => verify::run(&args.file, &config, output),
        Command::Dump(args) => dump::run(args, &config, output),
    }
}
