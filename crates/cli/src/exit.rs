//! How a program ends: exit codes that scripts can branch on, and errors that name what is wrong.

use std::error::Error;
use std::fmt;
use std::io;
use std::process::ExitCode;

use crate::output::Output;

/// Why the program ends as it does. The numbers are published in `--help`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Exit {
    Internal = 1,
    /// clap's own; ours for what clap cannot see.
    Usage = 2,
    Invalid = 3,
    /// A rule is broken, or something is unserved where that was asked to count.
    Unserved = 4,
    Connection = 5,
    Conflict = 6,
    Interrupted = 130,
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> ExitCode {
        ExitCode::from(exit as u8)
    }
}

/// An error that knows how the program should end.
#[derive(Debug)]
pub(crate) struct Failure {
    exit: Exit,
    what: String,
    source: Option<anyhow::Error>,
}

impl Failure {
    pub(crate) fn new(exit: Exit, what: impl Into<String>) -> Failure {
        Failure { exit, what: what.into(), source: None }
    }

    pub(crate) fn caused(exit: Exit, what: String, source: anyhow::Error) -> Failure {
        Failure { exit, what, source: Some(source) }
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.what)
    }
}

impl Error for Failure {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        self.source.as_ref().map(|source| &**source as &(dyn Error + 'static))
    }
}

/// Says what was being done and how the program should end if it cannot be.
pub(crate) trait OrExit<T> {
    fn or_exit(self, exit: Exit, what: impl FnOnce() -> String) -> anyhow::Result<T>;
}

impl<T, E: Into<anyhow::Error>> OrExit<T> for Result<T, E> {
    fn or_exit(self, exit: Exit, what: impl FnOnce() -> String) -> anyhow::Result<T> {
        self.map_err(|error| Failure::caused(exit, what(), error.into()).into())
    }
}

/// Tells of an error on stderr, and how to end. A reader of stdout that went away is no error: it
/// has what it wanted.
pub(crate) fn report(error: &anyhow::Error, output: &Output) -> ExitCode {
    if is_broken_pipe(error) {
        return ExitCode::SUCCESS;
    }
    let exit = exit_of(error);
    output.error(&describe(error));
    if exit == Exit::Internal {
        output.error("this is a fault of swerve itself; please report it with the command");
    }
    exit.into()
}

fn exit_of(error: &anyhow::Error) -> Exit {
    let failure = error.chain().find_map(|cause| cause.downcast_ref::<Failure>());
    failure.map_or(Exit::Internal, |failure| failure.exit)
}

fn is_broken_pipe(error: &anyhow::Error) -> bool {
    let causes = error.chain().filter_map(|cause| cause.downcast_ref::<io::Error>());
    causes.into_iter().any(|cause| cause.kind() == io::ErrorKind::BrokenPipe)
}

/// The error and its causes, each said once: a cause that repeats what was said is left out.
fn describe(error: &anyhow::Error) -> String {
    let mut said = String::new();
    for cause in error.chain() {
        let words = cause.to_string();
        if said.is_empty() {
            said = words;
        } else if !said.contains(&words) {
            said.push_str(": ");
            said.push_str(&words);
        }
    }
    said
}

#[cfg(test)]
mod tests {
    use super::*;

    fn missing() -> io::Error {
        io::Error::new(io::ErrorKind::NotFound, "no such file")
    }

    #[test]
    fn the_outermost_failure_says_how_to_end() {
        let inner: anyhow::Result<()> = Err(missing()).or_exit(Exit::Invalid, || "a.pbf".into());
        let outer = inner.or_exit(Exit::Connection, || "asking".into());
        let error = outer.expect_err("it failed");
        assert_eq!(exit_of(&error), Exit::Connection);
        assert_eq!(describe(&error), "asking: a.pbf: no such file");
    }

    #[test]
    fn an_error_nobody_foresaw_is_internal() {
        assert_eq!(exit_of(&anyhow::Error::new(missing())), Exit::Internal);
    }

    #[test]
    fn a_cause_that_repeats_what_was_said_is_not_printed_twice() {
        let error: anyhow::Result<()> =
            Err(missing()).or_exit(Exit::Invalid, || "cannot read: no such file".into());
        assert_eq!(describe(&error.expect_err("it failed")), "cannot read: no such file");
    }
}
