//! `swerve demo`: a delivery day from the first scan to the last van home, against a real server.

use std::process::ExitCode;

use crate::exit::{Exit, Failure};
use crate::output::Output;

#[derive(Debug, clap::Args)]
pub(crate) struct Args {}

pub(crate) fn run(_args: Args, _output: &Output) -> anyhow::Result<ExitCode> {
    Err(Failure::new(Exit::Internal, "the demonstration is not part of this build").into())
}
