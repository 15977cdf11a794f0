//! A table that is painted over itself.

/// How much of it fits.
pub(super) struct Screen {
    rows: usize,
}

impl Screen {
    pub(super) const fn new(rows: usize) -> Screen {
        Screen { rows }
    }

    /// What to write so that the terminal shows the title and the table and nothing else: from the
    /// upper left corner, each line cleared to its end, and whatever is below.
    pub(super) fn frame(&self, title: &str, table: &str) -> String {
        // The header is no row.
        let lines: Vec<&str> = table.lines().collect();
        let shown = lines.len().min(self.rows + 1);
        let mut frame = format!("\x1b[H{title}\x1b[K\n\x1b[K\n");
        for line in &lines[..shown] {
            frame.push_str(&format!("{line}\x1b[K\n"));
        }
        if lines.len() > shown {
            frame.push_str(&format!("... and {} more (--rows)\x1b[K\n", lines.len() - shown));
        }
        frame.push_str("\x1b[J");
        frame
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_frame_clears_what_was_there_and_counts_what_does_not_fit() {
        let frame = Screen::new(1).frame("now", "head\none\ntwo\nthree\n");
        let expected = "\x1b[Hnow\x1b[K\n\x1b[K\nhead\x1b[K\none\x1b[K\n\
                        ... and 2 more (--rows)\x1b[K\n\x1b[J";
        assert_eq!(frame, expected);
        assert!(!Screen::new(3).frame("now", "head\none\ntwo\nthree\n").contains("more"));
    }
}
