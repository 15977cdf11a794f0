//! `swerve bench static`: instances planned from nothing, beside the best known and other solvers.

use std::process::ExitCode;

use crate::exit::{Exit, Failure};
use crate::output::Output;

#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// What to plan
    #[arg(long, value_name = "NAME", required = true)]
    set: String,
}

pub(crate) fn run(args: &Args, _output: &Output) -> anyhow::Result<ExitCode> {
    let what = format!("there is no set {:?}", args.set);
    Err(Failure::new(Exit::Usage, what).into())
}
