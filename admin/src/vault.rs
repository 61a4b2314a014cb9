//! The admins' keys of one machine, in memory: they sign directory heads, Confirms and their own offers, and nothing else. They
//! are wiped when dropped.
//!
//! Deliberately not here: files and passphrases, keys of other machines (signatures travel, keys never do).

use bytes::Bytes;
use ed25519_dalek::SigningKey;
use raccordo_proto::directory::proposal::{Proposal, admin_key, sign_head};
use raccordo_proto::directory::update::{Signers, Trust};
use raccordo_proto::ids::NetworkId;
use raccordo_proto::sign::Signer as _;
use raccordo_proto::wire;
use rand_core::CryptoRng;
use zeroize::Zeroizing;

/// An Ed25519 seed.
const SEED_BYTES: usize = 32;

/// Why a vault cannot be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum VaultFault {
    /// No key, or a threshold that the keys cannot reach.
    #[error("a network needs at least one admin key, and a threshold between one and their number")]
    Threshold,
}

/// Admin keys, and the root that they belong to.
pub struct Vault {
    network: NetworkId,
    signers: Signers,
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
            admin_keys: keys.iter().map(|key| admin_key(&key.public_key())).collect(),
            threshold,
            confirm_keys: Vec::new(),
            x509_roots: x509_roots.iter().map(|root| Bytes::copy_from_slice(root)).collect(),
        };
        Self { network, signers: Signers { version: 1, root }, keys }
    }

    /// The same root, and none of its keys.
    #[cfg(test)]
    pub(crate) fn without_keys(&self) -> Self {
        Self { network: self.network.clone(), signers: self.signers.clone(), keys: Vec::new() }
    }

    /// Whose keys they are.
    pub fn network(&self) -> &NetworkId {
        &self.network
    }

    /// Who may sign, how many must, and which CA roots count.
    pub fn signers(&self) -> &Signers {
        &self.signers
    }

    /// Signs a head with as many of the keys held as the threshold asks; fewer, when fewer are held.
    pub fn sign(&self, head: &Bytes) -> Vec<wire::Signature> {
        self.keys.iter().take(self.signers.root.threshold as usize).map(|key| sign_head(head, key)).collect()
    }

    /// The bytes of the trust file that every machine of the network starts from.
    pub fn trust_file(&self) -> Vec<u8> {
        self.signers.trust_file(&self.network)
    }

    /// The same, read.
    pub fn trust(&self) -> Trust {
        Trust::read(&self.trust_file()).expect("a vault's root has a threshold that its keys can reach")
    }
}

fn draw(rng: &mut impl CryptoRng) -> SigningKey {
    let mut seed = Zeroizing::new([0; SEED_BYTES]);
    rng.fill_bytes(&mut *seed);
    SigningKey::from_bytes(&seed)
}

/// Private keys of one machine: an admin's, or one that may only confirm.
pub struct OwnKeys(Vec<SigningKey>);

impl OwnKeys {
    /// Draws one.
    pub fn draw(rng: &mut impl CryptoRng) -> Self {
        Self(vec![draw(rng)])
    }

    /// Of their seeds; `None` when these are none.
    pub fn of_seeds(seeds: &[u8]) -> Option<Self> {
        let (seeds, rest) = seeds.as_chunks::<SEED_BYTES>();
        (rest.is_empty() && !seeds.is_empty()).then(|| Self(seeds.iter().map(SigningKey::from_bytes).collect()))
    }

    /// Their seeds, for a file that is sealed.
    pub fn seeds(&self) -> Zeroizing<Vec<u8>> {
        let mut seeds = Zeroizing::new(Vec::with_capacity(self.0.len() * SEED_BYTES));
        self.0.iter().for_each(|key| seeds.extend_from_slice(key.as_bytes()));
        seeds
    }

    /// Each of them.
    pub fn iter(&self) -> impl Iterator<Item = &SigningKey> {
        self.0.iter()
    }

    /// The first: there is one at least.
    pub fn first(&self) -> &SigningKey {
        &self.0[0]
    }

    /// The first, as roots list it.
    pub fn public(&self) -> wire::AdminKey {
        admin_key(&self.first().public_key())
    }

    /// Signs with each that counts for this proposal and has not signed yet.
    pub fn sign(&self, proposal: &Proposal) -> Vec<wire::Signature> {
        let counts = |key: &&SigningKey| {
            let key = key.public_key();
            proposal.may_be_signed_by(&key) && !proposal.is_signed_by(&key)
        };
        self.0.iter().filter(counts).map(|key| sign_head(&proposal.document().head, key)).collect()
    }
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
    fn keys_come_back_from_their_seeds_and_from_nothing_else() {
        let keys = OwnKeys::draw(&mut clock::rng());
        let again = OwnKeys::of_seeds(&keys.seeds()).expect("its own");
        assert_eq!(again.first().public_key(), keys.first().public_key());
        assert!(OwnKeys::of_seeds(&[]).is_none() && OwnKeys::of_seeds(&[1; 33]).is_none());
        assert_eq!(OwnKeys::of_seeds(&[1; 96]).map(|three| three.iter().count()), Some(3));
    }
}
