//! Words and numbers as rows of a benchmark have them.

/// As a shell takes it for one word.
pub(super) fn quoted(word: &str) -> String {
    let is_plain = |letter: char| letter.is_ascii_alphanumeric() || "-_./:=,+@%".contains(letter);
    if !word.is_empty() && word.chars().all(is_plain) {
        return word.to_owned();
    }
    format!("'{}'", word.replace('\'', r"'\''"))
}

/// To so many decimals.
pub(super) fn rounded(value: f64, digits: i32) -> f64 {
    let unit = 10f64.powi(digits);
    (value * unit).round() / unit
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_quoted_as_a_shell_needs_it() {
        assert_eq!(quoted("../sets/R1_2_1.txt"), "../sets/R1_2_1.txt");
        assert_eq!(quoted("it's here"), r"'it'\''s here'");
        assert_eq!(quoted("R1_*"), "'R1_*'");
        assert_eq!(quoted(""), "''");
    }
}
