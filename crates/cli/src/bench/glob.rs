//! Patterns of instance names: `*` for any letters, `?` for one.

/// Whether the whole of `name` is as `pattern` says. O(pattern × name) at worst.
pub(super) fn matches(pattern: &str, name: &str) -> bool {
    let pattern: Vec<char> = pattern.chars().collect();
    let name: Vec<char> = name.chars().collect();
    let (mut at, mut in_name) = (0, 0);
    // Where the last star stands, and what it covers so far: only that one is ever widened, since what
    // an earlier one could cover more, the last one covers as well.
    let mut star: Option<(usize, usize)> = None;
    while in_name < name.len() {
        match pattern.get(at) {
            Some('*') => {
                star = Some((at, in_name));
                at += 1;
            }
            Some(letter) if *letter == '?' || *letter == name[in_name] => {
                at += 1;
                in_name += 1;
            }
            _ => {
                let Some((back, covered)) = star else { return false };
                star = Some((back, covered + 1));
                (at, in_name) = (back + 1, covered + 1);
            }
        }
    }
    pattern[at..].iter().all(|letter| *letter == '*')
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// From the definition.
    fn plainly(pattern: &[u8], name: &[u8]) -> bool {
        match (pattern.first(), name.first()) {
            (None, None) => true,
            (Some(b'*'), _) => {
                plainly(&pattern[1..], name) || (!name.is_empty() && plainly(pattern, &name[1..]))
            }
            (Some(letter), Some(other)) if *letter == b'?' || letter == other => {
                plainly(&pattern[1..], &name[1..])
            }
            _ => false,
        }
    }

    proptest! {
        #[test]
        fn a_pattern_matches_as_it_is_defined(pattern in "[ab?*]{0,8}", name in "[ab]{0,8}") {
            let expected = plainly(pattern.as_bytes(), name.as_bytes());
            prop_assert_eq!(matches(&pattern, &name), expected);
        }
    }

    #[test]
    fn sizes_of_a_set_are_told_apart() {
        assert!(matches("*_2_*", "RC1_2_10") && !matches("*_2_*", "RC1_10_2"));
        assert!(matches("R1_*", "R1_2_1") && !matches("R1_*", "RC1_2_1"));
    }
}
