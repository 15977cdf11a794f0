//! `swerve bench`: measures what the search is worth, in a way that others can repeat.

mod best_known;
mod chart;
mod day;
mod dynamic;
mod glob;
mod machine;
mod markup;
mod page;
mod set;
mod r#static;
mod statistics;
mod words;

use std::process::ExitCode;

use clap::Subcommand;

use crate::output::Output;

#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Plan the instances of a benchmark set, and hold the plans against the best known
    Static(r#static::Args),
    Day(day::Args),
    /// Let customers become known one by one, or change, and follow them with the plan
    Dynamic(dynamic::Args),
}

pub(crate) fn run(args: &Args, output: &Output) -> anyhow::Result<ExitCode> {
    match &args.command {
        Command::Static(args) => r#static::run(args, output),
        Command::Day(args) => day::run(args, output),
        Command::Dynamic(args) => dynamic::run(args, output),
    }
}
