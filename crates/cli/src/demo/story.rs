//! The day told line by line, at a pace that can be followed.

use std::time::Duration;

use indicatif::ProgressBar;
use swerve_model::Moment;

use super::calendar::Calendar;
use super::run::Stopwatch;
use crate::args::Format;
use crate::output::Output;

/// Where the story goes.
enum Reader {
    /// Somebody reads along; this many simulated seconds pass in a real one.
    /// `began` is real time at the first look at the clock.
    Aloud { output: Output, speed: f64, began: Option<Duration> },
    /// Nobody does, but how far the day is can be seen.
    Silent { bar: ProgressBar },
}

/// One run's story.
pub(super) struct Story {
    calendar: Calendar,
    stopwatch: Stopwatch,
    reader: Reader,
}

impl Story {
    pub(super) fn aloud(
        calendar: Calendar,
        stopwatch: Stopwatch,
        output: &Output,
        speed: f64,
    ) -> Story {
        let reader = Reader::Aloud { output: output.clone(), speed, began: None };
        Story { calendar, stopwatch, reader }
    }

    /// `bar` counts simulated minutes.
    pub(super) fn silent(calendar: Calendar, stopwatch: Stopwatch, bar: ProgressBar) -> Story {
        Story { calendar, stopwatch, reader: Reader::Silent { bar } }
    }

    pub(super) fn tell(&self, at: Moment, words: impl FnOnce() -> String) {
        if let Reader::Aloud { output, .. } = &self.reader {
            say(output, &format!("{}  {}", self.calendar.clock(at), words()));
        }
    }

    /// Waits until the story may go on.
    pub(super) async fn keep_pace(&mut self, at: Moment, start: Moment) {
        match &mut self.reader {
            Reader::Aloud { speed, began, .. } => {
                let due = Duration::from_secs_f64((at - start).0.max(0) as f64 / 10.0 / *speed);
                let now = (self.stopwatch)();
                let passed = now.saturating_sub(*began.get_or_insert(now));
                tokio::time::sleep(due.saturating_sub(passed)).await;
            }
            Reader::Silent { bar } => bar.set_position((at - start).seconds().max(0) as u64 / 60),
        }
    }
}

impl Drop for Story {
    fn drop(&mut self) {
        if let Reader::Silent { bar } = &self.reader {
            bar.finish_and_clear();
        }
    }
}

/// To stdout, beside the table it ends with; where data is wanted there, to stderr.
pub(super) fn say(output: &Output, words: &str) {
    match output.format() {
        // A reader that has gone away misses the story; the figures will fail to be printed too.
        Format::Table => drop(Output::text(&format!("{words}\n"))),
        Format::Json | Format::Ndjson => output.say(words),
    }
}
