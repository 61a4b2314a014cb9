//! AES-256-GCM and HMAC-SHA-256 under keys that HKDF-SHA256 makes one per use.
//!
//! Not here: where keys live, and what is bound as associated data (each caller's).

use aes_gcm::aead::{Aead as _, KeyInit as _, Payload};
use aes_gcm::{Aes256Gcm, Nonce};
use hkdf::Hkdf;
use hmac::{Hmac, Mac as _};
use sha2::Sha256;
use zeroize::{Zeroize as _, Zeroizing};

use crate::AtRestFault;

/// Bytes of every key here.
pub const KEY_BYTES: usize = 32;
/// Bytes of a [`mac`].
pub const MAC_BYTES: usize = 32;
const NONCE_BYTES: usize = 12;
const TAG_BYTES: usize = 16;
/// What sealing adds: nonce and tag.
pub const OVERHEAD_BYTES: usize = NONCE_BYTES + TAG_BYTES;

/// Random bytes of the operating system.
pub fn random<const N: usize>() -> Result<[u8; N], AtRestFault> {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes).map_err(|_| AtRestFault::NoRandomness)?;
    Ok(bytes)
}

/// A 256-bit secret: it stays in one place of the heap, is wiped there, and has no `Debug`.
pub struct Secret(Box<[u8; KEY_BYTES]>);

impl Secret {
    /// A fresh one.
    pub fn random() -> Result<Self, AtRestFault> {
        let mut secret = Self(Box::new([0; KEY_BYTES]));
        getrandom::fill(&mut secret.0[..]).map_err(|_| AtRestFault::NoRandomness)?;
        Ok(secret)
    }

    /// A copy of these bytes.
    pub fn copy_of(bytes: &[u8; KEY_BYTES]) -> Self {
        let mut secret = Self(Box::new([0; KEY_BYTES]));
        secret.0.copy_from_slice(bytes);
        secret
    }

    /// Its bytes.
    pub fn bytes(&self) -> &[u8; KEY_BYTES] {
        &self.0
    }
}

impl Drop for Secret {
    fn drop(&mut self) {
        self.0.zeroize();
    }
}

/// What a derived key is for: HKDF's salt and info.
#[derive(Clone, Copy)]
pub struct Use<'a> {
    /// Fresh for a file that is rewritten whole; empty for a record.
    pub salt: &'a [u8],
    /// Which kind of thing is sealed: ends with a zero byte, so that no domain is the beginning of another.
    pub domain: &'static [u8],
    /// Which one of its kind.
    pub id: &'a [u8],
}

fn derive(key: &Secret, purpose: Use<'_>) -> Zeroizing<[u8; KEY_BYTES]> {
    let mut derived = Zeroizing::new([0; KEY_BYTES]);
    Hkdf::<Sha256>::new(Some(purpose.salt), &key.0[..])
        .expand_multi_info(&[purpose.domain, purpose.id], &mut derived[..])
        .expect("32 bytes are below HKDF's limit");
    derived
}

fn cipher(key: &Secret, purpose: Use<'_>) -> Aes256Gcm {
    Aes256Gcm::new_from_slice(&derive(key, purpose)[..]).expect("32 bytes are an AES-256 key")
}

/// What says who wrote these bytes, for bytes that need not be hidden.
pub fn mac(key: &Secret, purpose: Use<'_>, bytes: &[u8]) -> [u8; MAC_BYTES] {
    begin_mac(key, purpose, bytes).finalize().into_bytes().into()
}

/// Whether `found` is what [`mac`] would make. Takes as long whatever it finds.
pub fn mac_holds(key: &Secret, purpose: Use<'_>, bytes: &[u8], found: &[u8; MAC_BYTES]) -> bool {
    begin_mac(key, purpose, bytes).verify_slice(found).is_ok()
}

fn begin_mac(key: &Secret, purpose: Use<'_>, bytes: &[u8]) -> Hmac<Sha256> {
    let mut mac = Hmac::<Sha256>::new_from_slice(&derive(key, purpose)[..]).expect("HMAC takes any key");
    mac.update(bytes);
    mac
}

/// `nonce ‖ ciphertext ‖ tag`. The nonce is random although a derived key names one record: a record that a power cut
/// took before it was durable may have left its bytes on disk, and the next start gives its number to another record.
pub fn seal(key: &Secret, purpose: Use<'_>, bound: &[u8], plain: &[u8]) -> Result<Vec<u8>, AtRestFault> {
    let nonce = random::<NONCE_BYTES>()?;
    let payload = Payload { msg: plain, aad: bound };
    let sealed = cipher(key, purpose).encrypt(&Nonce::from(nonce), payload).map_err(|_| AtRestFault::TooLarge)?;
    Ok([&nonce[..], &sealed].concat())
}

/// Opens what [`seal`] made; `None` if any byte, the key or what is bound differs.
pub fn open(key: &Secret, purpose: Use<'_>, bound: &[u8], sealed: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
    let (nonce, body) = sealed.split_first_chunk::<NONCE_BYTES>()?;
    let payload = Payload { msg: body, aad: bound };
    cipher(key, purpose).decrypt(&Nonce::from(*nonce), payload).ok().map(Zeroizing::new)
}
