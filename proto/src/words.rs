//! Keys in words that can be read aloud on the phone: six of the 2,048 Italian words of BIP-39, which are the first 66 bits
//! of SHA-256 over a label and what is named. No two words of that list begin with the same four letters.
//!
//! Not here: whose key it is, and what a yes to it means.

use bip39::Language;
use sha2::{Digest as _, Sha256};

use crate::limits::FINGERPRINT_WORDS;

const BITS_PER_WORD: usize = 11;
const IDENTITY: &[u8] = b"raccordo/v1/fingerprint\0";
const TLS_KEY: &[u8] = b"raccordo/v1/fingerprint-tls\0";
const ADMIN_KEY: &[u8] = b"raccordo/v1/fingerprint-admin-key\0";
const NETWORK: &[u8] = b"raccordo/v1/fingerprint-network\0";

/// The fingerprint of an identity key.
pub fn words(ik: &[u8; 32]) -> String {
    of(IDENTITY, ik)
}

/// The fingerprint of a gateway's TLS key, by SHA-256 of its SubjectPublicKeyInfo.
pub fn tls_key_words(spki_sha256: &[u8; 32]) -> String {
    of(TLS_KEY, spki_sha256)
}

/// The fingerprint of an admin key, or of a confirm key.
pub fn admin_key_words(key: &[u8]) -> String {
    of(ADMIN_KEY, key)
}

/// The fingerprint of a network, by the bytes of its trust file.
pub fn network_words(trust: &[u8]) -> String {
    of(NETWORK, trust)
}

fn of(label: &[u8], named: &[u8]) -> String {
    let digest: [u8; 32] = Sha256::new().chain_update(label).chain_update(named).finalize().into();
    let bit = |at: usize| usize::from(digest[at / 8] >> (7 - at % 8) & 1);
    let word = |first: usize| (first..first + BITS_PER_WORD).fold(0, |index, at| index << 1 | bit(at));
    let list = Language::Italian.word_list();
    let words: Vec<&str> = (0..FINGERPRINT_WORDS).map(|number| list[word(number * BITS_PER_WORD)]).collect();
    words.join(" ")
}

/// Whether what somebody typed is this key's fingerprint.
pub fn says(typed: &str, ik: &[u8; 32]) -> bool {
    same(typed, &words(ik))
}

/// Whether what somebody typed are these words: case, spaces and marks between the words are nobody's mistake.
pub fn same(typed: &str, words: &str) -> bool {
    let typed: Vec<String> =
        typed.split(|c: char| !c.is_alphabetic()).filter(|word| !word.is_empty()).map(str::to_lowercase).collect();
    typed.join(" ") == words
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use bytes::Bytes;
    use ed25519_dalek::SigningKey;

    use super::*;
    use crate::enrolment::{Applicant, Request};
    use crate::ids;
    use crate::sign::Signer as _;
    use crate::time::Timestamp;

    #[test]
    fn the_words_are_the_digests_first_bits() {
        // By hand, for a key of zeros: the digest's first nine bytes, in elevens.
        let digest: [u8; 32] = Sha256::digest([IDENTITY, &[0; 32]].concat()).into();
        let bits: String = digest[..9].iter().map(|byte| format!("{byte:08b}")).collect();
        let expected: Vec<&str> = (0..FINGERPRINT_WORDS)
            .map(|n| usize::from_str_radix(&bits[n * 11..n * 11 + 11], 2).expect("bits"))
            .map(|index| Language::Italian.word_list()[index])
            .collect();
        assert_eq!(words(&[0; 32]), expected.join(" "));
        let three = [words(&[7; 32]), tls_key_words(&[7; 32]), network_words(&[7; 32])];
        assert_eq!(three.iter().collect::<BTreeSet<_>>().len(), 3, "one thing's words are not another's");
        let identity = SigningKey::from_bytes(&[1; 32]).public_key();
        let (made_at, hash) = (Timestamp::default(), ids::Digest::of(b"a request"));
        let asks = |applicant| Request { applicant, tls_key: Bytes::from_static(b"a key"), made_at, hash };
        assert_eq!(asks(Applicant::Agent(identity)).words(), words(identity.as_bytes()));
        assert_eq!(asks(Applicant::Gateway).words(), tls_key_words(ids::Digest::of(b"a key").as_bytes()));
    }

    #[test]
    fn typed_words_are_compared_without_their_dress_and_nothing_less() {
        let (key, other) = ([7; 32], [8; 32]);
        let said = words(&key);
        assert!(says(&said, &key) && says(&format!("  {} ", said.to_uppercase().replace(' ', ", ")), &key));
        assert!(!says(&said, &other) && !says("", &key));
        let short = said.rsplit_once(' ').expect("six words").0;
        assert!(!says(short, &key) && !says(&format!("{said} {}", &said[..4]), &key));
    }

    #[test]
    fn the_list_can_be_read_aloud() {
        let list = Language::Italian.word_list();
        assert!(list.iter().all(|word| word.bytes().all(|b| b.is_ascii_lowercase())));
        assert_eq!(list.iter().map(|word| &word[..4]).collect::<BTreeSet<_>>().len(), 2048);
    }
}
