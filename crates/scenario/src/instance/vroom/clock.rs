//! Seconds of a file and units of an instance.

use swerve_model::instance::{QUANTITY_MAX, Span};

/// How a file's seconds become units: less an offset, times the scale.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Clock {
    pub(super) offset: i64,
    pub(super) scale: i64,
}

impl Clock {
    /// Offset 0 where the file's times are small, as relative ones are. Seconds since 1970 are counted
    /// from a while before the first window opens: long enough to drive there from anywhere.
    pub(super) fn for_windows(windows: &[Span], scale: i64) -> Clock {
        let horizon = QUANTITY_MAX / scale;
        let first = windows.iter().map(|window| window.open).min().unwrap_or(0);
        let last = windows.iter().map(|window| window.open).max().unwrap_or(0);
        let offset = if last <= horizon / 2 { 0 } else { (first - horizon / 4).max(0) };
        Clock { offset, scale }
    }

    /// A window that closes beyond the horizon closes with it.
    pub(super) fn units(self, window: Span) -> Result<Span, String> {
        let (open, close) = (window.open - self.offset, window.close - self.offset);
        let horizon = QUANTITY_MAX / self.scale;
        if open > horizon {
            let rule = format!("{horizon} s from {} on can be planned", self.offset);
            return Err(format!("opens at {}; {rule}", window.open));
        }
        Ok(Span { open: open * self.scale, close: close.min(horizon) * self.scale })
    }

    /// Cut to whole seconds, as VROOM does.
    pub(super) fn seconds(self, moment: i64) -> i64 {
        moment / self.scale + self.offset
    }
}
