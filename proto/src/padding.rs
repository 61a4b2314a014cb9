//! Padmé: few size classes, little waste. A segnalazione, an answer and a refusal look alike on the wire (P-01 to P-03).
//! Not here: what is padded.

use crate::limits::{
    CHUNK_BYTES, CHUNK_TAG_BYTES, COBBLESTONE_PREFIX_BYTES, CT_BYTES, ENC_BYTES, ENVELOPE_BYTES_MAX, HEADER_BYTES_MAX,
    PADDED_BYTES_MIN, SIGNATURE_BYTES,
};

/// The Padmé class of a length: `E = ⌊log2 L⌋, S = ⌊log2 E⌋ + 1`, the low `E − S` bits rounded up (P-01).
pub fn padme(len: usize) -> usize {
    if len < 2 {
        return len;
    }
    let e = len.ilog2();
    let s = e.checked_ilog2().unwrap_or(0) + 1;
    let mask = (1usize << e.saturating_sub(s)) - 1;
    (len + mask) & !mask
}

/// The padded length of a plaintext: at least 16 KiB (P-02).
pub fn padded(len: usize) -> usize {
    padme(len).max(PADDED_BYTES_MIN)
}

/// The length of a Cobblestone body over `plain` bytes.
pub fn sealed(plain: usize) -> usize {
    COBBLESTONE_PREFIX_BYTES + plain + (plain / CHUNK_BYTES + 1) * CHUNK_TAG_BYTES
}

/// Whether a body of this length holds a padded plaintext (E-06).
pub fn is_sealed_class(body_len: usize) -> bool {
    let Some(inside) = body_len.checked_sub(COBBLESTONE_PREFIX_BYTES) else { return false };
    let chunk = CHUNK_BYTES + CHUNK_TAG_BYTES;
    let (full, rest) = (inside / chunk, inside % chunk);
    let Some(last) = rest.checked_sub(CHUNK_TAG_BYTES) else { return false };
    let plain = full * CHUNK_BYTES + last;
    plain >= PADDED_BYTES_MIN && padded(plain) == plain
}

/// Whether an envelope of this length can hold one padded body and one header (P-03): all that a gateway checks of it.
pub fn is_envelope_class(envelope_len: usize) -> bool {
    const FIXED: usize = ENC_BYTES + CT_BYTES + SIGNATURE_BYTES;
    const FRAMING: usize = 24; // tags and lengths of five fields
    if envelope_len > ENVELOPE_BYTES_MAX {
        return false;
    }
    let mut plain = PADDED_BYTES_MIN;
    loop {
        let least = sealed(plain) + FIXED;
        if envelope_len < least {
            return false;
        }
        if envelope_len <= least + HEADER_BYTES_MAX + FRAMING {
            return true;
        }
        plain = padme(plain + 1);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn padme_grows_is_idempotent_and_wastes_little(len in 16_384usize..300_000) {
            let class = padme(len);
            prop_assert!(class >= len);
            prop_assert_eq!(padme(class), class);
            prop_assert!((class - len) * 100 <= len * 7, "{} for {}", class, len);
            prop_assert!(padme(len + 1) >= class);
        }

        #[test]
        fn sealed_lengths_are_recognised_and_their_neighbours_are_not(len in 0usize..262_144) {
            let body = sealed(padded(len));
            prop_assert!(is_sealed_class(body));
            prop_assert!(!is_sealed_class(body + 1));
            prop_assert!(!is_sealed_class(body - 1));
        }
    }

    #[test]
    fn the_floor_is_sixteen_kibibytes() {
        assert_eq!(padded(0), 16_384);
        assert_eq!(padded(16_384), 16_384);
        assert!(padded(16_385) > 16_384);
    }

    #[test]
    fn short_and_odd_envelopes_are_no_class() {
        let smallest = sealed(PADDED_BYTES_MIN) + ENC_BYTES + CT_BYTES + SIGNATURE_BYTES;
        assert!(is_envelope_class(smallest + 200));
        assert!(!is_envelope_class(smallest - 1));
        assert!(!is_envelope_class(0));
        assert!(!is_envelope_class(ENVELOPE_BYTES_MAX + 1));
    }
}
