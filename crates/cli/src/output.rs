//! Data to stdout in the format asked for, words to stderr, progress only where someone looks.

use std::io::{self, IsTerminal as _, Write as _};
use std::time::Duration;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use serde::Serialize;

use crate::args::{Format, Global};

mod table;

pub(crate) use table::{Align, Table};

/// Where everything that is printed goes. Cheap to clone.
#[derive(Clone, Debug)]
pub(crate) struct Output {
    format: Format,
    quiet: bool,
    verbose: u8,
    /// Someone reads stdout and it may be painted over.
    screen: bool,
    words: Words,
}

/// How stderr is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Words {
    /// By a program, or not at all.
    Logged,
    Watched,
    WatchedInColor,
}

impl Words {
    fn new() -> Words {
        if !io::stderr().is_terminal() {
            return Words::Logged;
        }
        let colorful = std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty());
        if colorful { Words::WatchedInColor } else { Words::Watched }
    }
}

impl Output {
    pub(crate) fn new(global: &Global) -> Output {
        let screen = io::stdout().is_terminal();
        let default = if screen { Format::Table } else { Format::Json };
        // What is no format is a file's name: see `args::OutputFile`.
        let asked = global.output.as_deref().and_then(Format::from_name);
        Output {
            format: asked.unwrap_or(default),
            quiet: global.quiet,
            verbose: global.verbose,
            screen,
            words: Words::new(),
        }
    }

    pub(crate) const fn format(&self) -> Format {
        self.format
    }

    pub(crate) const fn verbose(&self) -> u8 {
        self.verbose
    }

    pub(crate) const fn is_quiet(&self) -> bool {
        self.quiet
    }

    /// Whether stdout is a terminal, which can be painted over.
    pub(crate) const fn is_screen(&self) -> bool {
        self.screen
    }

    /// Prints one result: as a table for people, else as JSON.
    pub(crate) fn emit<T: Serialize>(
        &self,
        value: &T,
        table: impl FnOnce() -> Table,
    ) -> io::Result<()> {
        match self.format {
            Format::Table => Output::text(&table().to_string()),
            Format::Json => Output::document(value),
            Format::Ndjson => Output::line_of(value),
        }
    }

    /// Prints several results: as one table, as one JSON array, or one a line.
    pub(crate) fn emit_all<T: Serialize>(
        &self,
        values: &[T],
        table: impl FnOnce() -> Table,
    ) -> io::Result<()> {
        match self.format {
            Format::Table => Output::text(&table().to_string()),
            Format::Json => Output::document(&values),
            Format::Ndjson => values.iter().try_for_each(|value| Output::line_of(value)),
        }
    }

    /// One JSON document over several lines, whatever the format.
    pub(crate) fn document<T: Serialize>(value: &T) -> io::Result<()> {
        let json = serde_json::to_string_pretty(value).map_err(io::Error::other)?;
        Output::text(&format!("{json}\n"))
    }

    /// One JSON document on a line of its own, whatever the format: for streams.
    pub(crate) fn line_of<T: Serialize>(value: &T) -> io::Result<()> {
        let json = serde_json::to_string(value).map_err(io::Error::other)?;
        Output::text(&format!("{json}\n"))
    }

    /// Data as it is. Flushed: whoever reads it may be waiting.
    pub(crate) fn text(text: &str) -> io::Result<()> {
        let mut stdout = io::stdout().lock();
        stdout.write_all(text.as_bytes())?;
        stdout.flush()
    }

    /// A remark for people, on stderr.
    pub(crate) fn say(&self, words: &str) {
        if !self.quiet {
            say(words);
        }
    }

    /// A remark for those who asked for more.
    pub(crate) fn explain(&self, words: &str) {
        if self.verbose > 0 {
            say(words);
        }
    }

    pub(crate) fn warn(&self, words: &str) {
        if !self.quiet {
            say(&self.painted("33", "warning:", words));
        }
    }

    pub(crate) fn error(&self, words: &str) {
        say(&self.painted("31", "error:", words));
    }

    fn painted(&self, color: &str, label: &str, words: &str) -> String {
        if self.words == Words::WatchedInColor {
            format!("\x1b[1;{color}m{label}\x1b[0m {words}")
        } else {
            format!("{label} {words}")
        }
    }

    /// A bar over `len` steps, drawn only if someone watches stderr.
    pub(crate) fn progress(&self, len: u64, what: &str) -> ProgressBar {
        let style = ProgressStyle::with_template(
            "{msg} {wide_bar} {human_pos}/{human_len} {elapsed} eta {eta}",
        );
        drawn(ProgressBar::with_draw_target(Some(len), self.target()), style, what)
    }

    /// A bar over bytes.
    pub(crate) fn progress_bytes(&self, len: u64, what: &str) -> ProgressBar {
        let style =
            ProgressStyle::with_template("{msg} {wide_bar} {bytes}/{total_bytes} {elapsed}");
        drawn(ProgressBar::with_draw_target(Some(len), self.target()), style, what)
    }

    /// For work whose end is not known.
    pub(crate) fn spinner(&self, what: &str) -> ProgressBar {
        let style = ProgressStyle::with_template("{spinner} {msg} {elapsed}");
        let spinner = drawn(ProgressBar::with_draw_target(None, self.target()), style, what);
        spinner.enable_steady_tick(Duration::from_millis(120));
        spinner
    }

    fn target(&self) -> ProgressDrawTarget {
        if self.quiet || self.words == Words::Logged {
            ProgressDrawTarget::hidden()
        } else {
            ProgressDrawTarget::stderr()
        }
    }
}

fn drawn<E: std::fmt::Debug>(
    bar: ProgressBar,
    style: Result<ProgressStyle, E>,
    what: &str,
) -> ProgressBar {
    bar.set_style(style.expect("the templates are tried by a test"));
    bar.set_message(what.to_owned());
    bar
}

/// Digests as everyone writes them.
pub(crate) fn hex(bytes: &[u8]) -> String {
    let digits: Vec<String> = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
    digits.concat()
}

/// Nothing can be told to someone who closed stderr.
fn say(words: &str) {
    drop(writeln!(io::stderr().lock(), "{words}"));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_progress_template_is_one() {
        let global = Global { output: None, config: None, quiet: true, verbose: 0 };
        let output = Output::new(&global);
        output.progress(1, "counting").finish_and_clear();
        output.progress_bytes(1, "reading").finish_and_clear();
        output.spinner("searching").finish_and_clear();
    }
}
