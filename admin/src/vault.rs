//! The admins' keys of one machine, in memory: they sign directory heads and nothing else. They are wiped when dropped.
//!
//! Deliberately not here: files and passphrases, keys of other machines (signatures travel, keys never do), rotation.

use bytes::Bytes;
use ed25519_dalek::SigningKey;
use prost::Message as _;
use raccordo_proto::directory::update::Trust;
use raccordo_proto::ids::{KeyId, NetworkId};
use raccordo_proto::sign::{self, HeadPurpose, Signer};
use raccordo_proto::wire;
use rand_core::CryptoRng;
use zeroize::Zeroizing;

/// The algorithm number of Ed25519 in directory documents.
const ED25519: u32 = 1;

/// Why a vault cannot be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum VaultFault {
    /// No key, or a threshold that the keys cannot reach.
    #[error("a network needs at least one admin key, and a threshold between one and their number")]
    Threshold,
    /// A key that is none of the root's.
    #[error("a key is not one of the network's admin keys")]
    ForeignKey,
}

/// Admin keys, and the root that they belong to.
pub struct Vault {
    network: NetworkId,
    root_version: u64,
    root: wire::Root,
    keys: Vec<SigningKey>,
}

impl Vault {
    /// Draws `keys` admin keys of which `threshold` must sign, for a network whose CA roots have these SPKI hashes.
    pub fn generate(
        network: NetworkId,
        keys: usize,
        threshold: usize,
        x509_roots: &[[u8; 32]],
        rng: &mut impl CryptoRng,
    ) -> Result<Self, VaultFault> {
        if threshold == 0 || threshold > keys {
            return Err(VaultFault::Threshold);
        }
        let keys: Vec<SigningKey> = (0..keys).map(|_| draw(rng)).collect();
        let threshold = u32::try_from(threshold).map_err(|_| VaultFault::Threshold)?;
        Ok(Self::of_keys(network, keys, threshold, x509_roots))
    }

    /// One key that rules alone, drawn elsewhere.
    pub fn with_key(network: NetworkId, key: SigningKey, x509_roots: &[[u8; 32]]) -> Self {
        Self::of_keys(network, vec![key], 1, x509_roots)
    }

    fn of_keys(network: NetworkId, keys: Vec<SigningKey>, threshold: u32, x509_roots: &[[u8; 32]]) -> Self {
        let root = wire::Root {
            admin_keys: keys.iter().map(admin_key).collect(),
            threshold,
            confirm_keys: Vec::new(),
            x509_roots: x509_roots.iter().map(|root| Bytes::copy_from_slice(root)).collect(),
        };
        Self { network, root_version: 1, root, keys }
    }

    /// Takes some of a root's keys: what one admin's machine holds.
    pub fn open(network: NetworkId, root_version: u64, root: wire::Root, keys: Vec<SigningKey>) -> Result<Self, VaultFault> {
        if root.threshold == 0 || root.threshold as usize > root.admin_keys.len() {
            return Err(VaultFault::Threshold);
        }
        let belongs = |key: &SigningKey| root.admin_keys.contains(&admin_key(key));
        if !keys.iter().all(belongs) {
            return Err(VaultFault::ForeignKey);
        }
        Ok(Self { network, root_version, root, keys })
    }

    /// Whose keys they are.
    pub fn network(&self) -> &NetworkId {
        &self.network
    }

    /// The version of [`Vault::root`].
    pub fn root_version(&self) -> u64 {
        self.root_version
    }

    /// Who may sign, how many must, and which CA roots count.
    pub fn root(&self) -> &wire::Root {
        &self.root
    }

    /// Whether one key alone rules the network: shown as a permanent warning.
    pub fn one_key_rules(&self) -> bool {
        self.root.threshold == 1 && self.root.admin_keys.len() == 1
    }

    /// Signs a head with as many of the keys held as the threshold asks; fewer, when fewer are held.
    pub fn sign(&self, head: &Bytes) -> Vec<wire::Signature> {
        self.keys.iter().take(self.root.threshold as usize).map(|key| signature(head, key)).collect()
    }

    /// The bytes of the trust file that every machine of the network starts from.
    pub fn trust_file(&self) -> Vec<u8> {
        let root = Some(self.root.clone());
        wire::Trust { network: self.network.as_str().to_owned(), root_version: self.root_version, root }.encode_to_vec()
    }

    /// The same, read.
    pub fn trust(&self) -> Trust {
        Trust::read(&self.trust_file()).expect("a vault's root has a threshold that its keys can reach")
    }
}

fn draw(rng: &mut impl CryptoRng) -> SigningKey {
    let mut seed = Zeroizing::new([0; 32]);
    rng.fill_bytes(&mut *seed);
    SigningKey::from_bytes(&seed)
}

fn admin_key(key: &SigningKey) -> wire::AdminKey {
    let key = key.public_key();
    let key_id = Bytes::copy_from_slice(KeyId::of(key.as_bytes()).as_bytes());
    wire::AdminKey { key_id, alg: ED25519, key: Bytes::copy_from_slice(key.as_bytes()) }
}

fn signature(head: &Bytes, key: &SigningKey) -> wire::Signature {
    let signed = sign::sign::<HeadPurpose>(head.clone(), key);
    wire::Signature { key_id: admin_key(key).key_id, alg: ED25519, sig: Bytes::copy_from_slice(signed.signature()) }
}

#[cfg(test)]
mod tests {
    use raccordo_machine::clock;

    use super::*;

    fn network() -> NetworkId {
        NetworkId::parse("rete-prova.invalid").expect("a name")
    }

    #[test]
    fn a_threshold_must_be_reachable() {
        let vault = |keys, threshold| Vault::generate(network(), keys, threshold, &[], &mut clock::rng()).err();
        assert_eq!(vault(0, 0), Some(VaultFault::Threshold));
        assert_eq!(vault(1, 2), Some(VaultFault::Threshold));
        assert_eq!(vault(3, 2), None);
    }

    #[test]
    fn a_key_of_another_root_is_refused() {
        let ours = Vault::generate(network(), 1, 1, &[], &mut clock::rng()).expect("1 of 1");
        assert!(ours.one_key_rules());
        let foreign = vec![draw(&mut clock::rng())];
        assert_eq!(Vault::open(network(), 1, ours.root().clone(), foreign).err(), Some(VaultFault::ForeignKey));
    }
}
