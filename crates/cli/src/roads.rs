//! `swerve roads`: from an OpenStreetMap extract to a road file, and what is in one.

mod info;
mod load;

use std::path::PathBuf;
use std::process::ExitCode;

use clap::Subcommand;

use crate::args::OutputFile;
use crate::exit::{Exit, OrExit as _};
use crate::files;
use crate::output::Output;

pub(crate) use load::{Loaded, LoadedRoads, load, load_any};

#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Build a road file for vans from an OpenStreetMap extract (.osm.pbf)
    Build(BuildArgs),
    /// What a road file, or an extract, holds
    Info(InfoArgs),
}

#[derive(Debug, clap::Args)]
struct BuildArgs {
    /// OpenStreetMap extract, PBF with raw or zlib blobs
    #[arg(value_name = "EXTRACT")]
    extract: PathBuf,
    #[command(flatten)]
    file: OutputFile,
}

#[derive(Debug, clap::Args)]
struct InfoArgs {
    /// A road file (.roads), or an extract (.osm.pbf) to be built in memory
    #[arg(value_name = "FILE")]
    file: PathBuf,
}

pub(crate) fn run(args: Args, output: &Output) -> anyhow::Result<ExitCode> {
    match args.command {
        Command::Build(args) => build(&args, output)?,
        Command::Info(args) => {
            let roads = load(&args.file, output)?;
            info::print(&args.file, &roads, output)?;
        }
    }
    Ok(ExitCode::SUCCESS)
}

fn build(args: &BuildArgs, output: &Output) -> anyhow::Result<()> {
    let path = args.file.path();
    let built = load::build(&args.extract, output)?;
    files::write_whole(path, |writer| {
        let saved = built.network.save(writer);
        saved.or_exit(Exit::Invalid, || format!("cannot write {}", path.display()))
    })?;
    // Read back as it will be served: what cannot be read should not be called built.
    info::print(path, &load(path, output)?, output)?;
    Ok(())
}
