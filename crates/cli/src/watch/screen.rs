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
        let more = lines.len() - shown;
        let more = (more > 0).then(|| format!("... and {more} more (--rows)"));
        let drawn = [title, ""].into_iter().chain(lines[..shown].iter().copied());
        let drawn: Vec<&str> = drawn.chain(more.as_deref()).collect();
        format!("\x1b[H{}\x1b[K\n\x1b[J", drawn.join("\x1b[K\n"))
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
