//! C2SP chunked-encryption, instance Cobblestone-256 (SHA-512, AES-256-GCM, 16 KiB chunks, key commitment), as written at
//! c2sp.org/chunked-encryption, over messages that fit in memory. The primitives are crates'; wycheproof's vectors
//! are asked in `casework/tests/outside.rs`.
//!
//! Not here: streaming and random access (attachments will want them), and any key's origin.

use aes_gcm::aead::{Aead as _, KeyInit as _};
use aes_gcm::{Aes256Gcm, Nonce};
use hkdf::Hkdf;
use raccordo_proto::limits::{CHUNK_BYTES, CHUNK_TAG_BYTES, COBBLESTONE_PREFIX_BYTES};
use sha2::Sha512;
use subtle::ConstantTimeEq as _;
use zeroize::Zeroizing;

const SALT_BYTES: usize = 24;
const KEY_BYTES: usize = 32;
const NONCE_BYTES: usize = 12;
const COMMITMENT_BYTES: usize = 32;

/// The seal does not open: wrong key, wrong context, or bytes that were changed, cut or added.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NotOpened;

/// Seals `message`. `salt` must be fresh and random.
pub fn seal(key: &[u8; 32], context: &[u8], salt: [u8; SALT_BYTES], message: &[u8]) -> Vec<u8> {
    let derived = Derived::new(key, context, &salt);
    let chunks = message.len() / CHUNK_BYTES + 1;
    let mut sealed = Vec::with_capacity(COBBLESTONE_PREFIX_BYTES + message.len() + chunks * CHUNK_TAG_BYTES);
    sealed.extend_from_slice(&salt);
    sealed.extend_from_slice(derived.commitment());
    for index in 0..chunks {
        // The last chunk is always shorter than 16 KiB, and may be empty: that is how a cut message is recognised.
        let start = index * CHUNK_BYTES;
        let chunk = &message[start..message.len().min(start + CHUNK_BYTES)];
        let sealed_chunk = derived.cipher().encrypt(&derived.nonce(index), chunk);
        sealed.extend_from_slice(&sealed_chunk.expect("AES-GCM seals any chunk of 16 KiB"));
    }
    sealed
}

/// Opens what [`seal`] made, whole; the commitment first.
pub fn open(key: &[u8; 32], context: &[u8], sealed: &[u8]) -> Result<Zeroizing<Vec<u8>>, NotOpened> {
    let (salt, rest) = sealed.split_first_chunk::<SALT_BYTES>().ok_or(NotOpened)?;
    let (commitment, body) = rest.split_first_chunk::<COMMITMENT_BYTES>().ok_or(NotOpened)?;
    let derived = Derived::new(key, context, salt);
    if !bool::from(commitment[..].ct_eq(derived.commitment())) {
        return Err(NotOpened);
    }
    let mut message = Zeroizing::new(Vec::with_capacity(body.len()));
    let mut chunks = body.chunks(CHUNK_BYTES + CHUNK_TAG_BYTES).enumerate().peekable();
    let mut last = CHUNK_BYTES;
    while let Some((index, chunk)) = chunks.next() {
        let opened = Zeroizing::new(derived.cipher().decrypt(&derived.nonce(index), chunk).map_err(|_| NotOpened)?);
        last = opened.len();
        if chunks.peek().is_some() && last < CHUNK_BYTES {
            return Err(NotOpened);
        }
        message.extend_from_slice(&opened);
    }
    if last < CHUNK_BYTES { Ok(message) } else { Err(NotOpened) }
}

/// `key ‖ base nonce ‖ commitment`.
struct Derived(Zeroizing<[u8; KEY_BYTES + NONCE_BYTES + COMMITMENT_BYTES]>);

impl Derived {
    fn new(key: &[u8; 32], context: &[u8], salt: &[u8; SALT_BYTES]) -> Self {
        // The crate wants a prk as long as the hash; HMAC pads a short key with zeros anyway, so this is the same key.
        let mut prk = Zeroizing::new([0; 64]);
        prk[..32].copy_from_slice(key);
        let hkdf = Hkdf::<Sha512>::from_prk(&prk[..]).expect("64 bytes are enough for SHA-512");
        let mut okm = Zeroizing::new([0; KEY_BYTES + NONCE_BYTES + COMMITMENT_BYTES]);
        let info = [b"c2sp.org/chunked-encryption@v1+AEAD_AES_256_GCM\0", &salt[..], context];
        hkdf.expand_multi_info(&info, &mut okm[..]).expect("76 bytes are below HKDF's limit");
        Self(okm)
    }

    fn cipher(&self) -> Aes256Gcm {
        Aes256Gcm::new_from_slice(&self.0[..KEY_BYTES]).expect("32 bytes are an AES-256 key")
    }

    fn nonce(&self, index: usize) -> Nonce<aes_gcm::aead::consts::U12> {
        let mut nonce = [0; NONCE_BYTES];
        nonce.copy_from_slice(&self.0[KEY_BYTES..KEY_BYTES + NONCE_BYTES]);
        let counter = (index as u64).to_be_bytes();
        nonce[NONCE_BYTES - 8..].iter_mut().zip(counter).for_each(|(byte, count)| *byte ^= count);
        nonce.into()
    }

    fn commitment(&self) -> &[u8] {
        &self.0[KEY_BYTES + NONCE_BYTES..]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_sealed_opens_only_under_its_key_and_context() {
        for len in [0, 1, 16_383, 16_384, 16_385, 40_000] {
            let message = vec![7; len];
            let sealed = seal(&[1; 32], b"context", [9; 24], &message);
            assert_eq!(sealed.len(), raccordo_proto::padding::sealed(len));
            assert_eq!(open(&[1; 32], b"context", &sealed).as_deref(), Ok(&message));
            assert!(open(&[2; 32], b"context", &sealed).is_err());
            assert!(open(&[1; 32], b"other", &sealed).is_err());
        }
    }
}
