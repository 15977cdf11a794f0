//! Tokens that callers keep and give back unread: page and resume tokens, as hexadecimal text.
//!
//! They carry no secret and need no signature: a forged one reaches nothing that its bearer could not
//! ask for outright. What cannot be decoded is refused, never guessed at.

use std::fmt::Write as _;

/// Longer than any token we make: two names, a digest and a few numbers, in hexadecimal.
const TOKEN_LEN_MAX: usize = 512;

/// `bytes` as lower-case hexadecimal.
pub(crate) fn encode(bytes: &[u8]) -> String {
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut text, byte| {
        // Writing to a string cannot fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}

/// What [`encode`] was given; `None` for anything else.
pub(crate) fn decode(text: &str) -> Option<Vec<u8>> {
    if text.len() > TOKEN_LEN_MAX || !text.len().is_multiple_of(2) {
        return None;
    }
    let digit = |character: u8| match character {
        b'0'..=b'9' => Some(character - b'0'),
        b'a'..=b'f' => Some(character - b'a' + 10),
        _ => None,
    };
    text.as_bytes()
        .chunks_exact(2)
        .map(|pair| Some(digit(pair[0])? << 4 | digit(pair[1])?))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn what_was_encoded_is_decoded_again(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
            prop_assert_eq!(decode(&encode(&bytes)), Some(bytes));
        }

        #[test]
        fn no_text_makes_decoding_panic(text in ".{0,600}") {
            if let Some(bytes) = decode(&text) {
                prop_assert_eq!(encode(&bytes), text);
            }
        }
    }
}
