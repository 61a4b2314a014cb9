//! Keys and names that the vectors and the fuzzers share: each key is SHA-256 of a name. Test keys, and nobody's.
//! Not here: the network of the vectors.

use bytes::Bytes;
use ed25519_dalek::SigningKey;
use raccordo_casework::seal::SealingKey;
use raccordo_proto::Timestamp;
use raccordo_proto::ids::{Digest, KeyId};
use raccordo_proto::sign::Signer as _;
use raccordo_proto::wire::AdminKey;

use crate::seeded::Exactly;

/// When everything is judged, unless it says otherwise.
pub const NOW: Timestamp = Timestamp::from_millis(1_795_000_000_000);
/// The network.
pub const NETWORK: &str = "rete-prova.invalid";
/// Who sends.
pub const CAV: &str = "cav-ginestra";
/// Who receives.
pub const CPI: &str = "cpi-rivabella";

/// 32 bytes from a name.
pub fn secret(name: &str) -> [u8; 32] {
    *Digest::of(format!("raccordo test key {name}").as_bytes()).as_bytes()
}

/// A signing key from a name.
pub fn key(name: &str) -> SigningKey {
    SigningKey::from_bytes(&secret(name))
}

/// The opening key that comes from a name, made at an instant.
pub fn opening_key(name: &str, made: Timestamp) -> SealingKey {
    SealingKey::generate(made, &mut Exactly(secret(name)))
}

/// An admin's public key, as a root lists it.
pub fn admin_key(key: &SigningKey) -> AdminKey {
    let public = key.public_key();
    let key_id = Bytes::copy_from_slice(KeyId::of(public.as_bytes()).as_bytes());
    AdminKey { key_id, alg: 1, key: Bytes::copy_from_slice(public.as_bytes()) }
}
