//! What the program tells about itself, on stderr: structured, filtered, never with a token in it.

use std::io::IsTerminal as _;

use tracing_subscriber::EnvFilter;
use tracing_subscriber::filter::ParseError;

use crate::config::LogSettings;

/// # Errors
/// What is wrong with it.
pub(crate) fn parse_filter(text: &str) -> Result<EnvFilter, ParseError> {
    EnvFilter::builder().parse(text)
}

/// Starts telling. Called once, by `serve` and `demo`; a second call changes nothing.
///
/// # Errors
/// The filter is none.
pub(crate) fn start(settings: &LogSettings) -> Result<(), ParseError> {
    let colors = std::io::stderr().is_terminal()
        && std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty());
    let told = tracing_subscriber::fmt()
        .with_env_filter(parse_filter(&settings.filter)?)
        .with_writer(std::io::stderr)
        .with_ansi(colors);
    let started = if settings.json {
        told.json().flatten_event(true).try_init()
    } else {
        told.with_target(false).try_init()
    };
    // It is started already, which is what was wanted.
    drop(started);
    Ok(())
}
