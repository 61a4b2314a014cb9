//! Small directories and frames for the tests of this crate. Not here: certificates and real networks (`certs-dev`).

use std::sync::Arc;

use bytes::Bytes;
use prost::Message as _;
use raccordo_proto::directory::keycard::{self, CardOrder};
use raccordo_proto::ids::AgentId;
use raccordo_proto::limits::{EK_BYTES, PADDED_BYTES_MIN, SIGNATURE_BYTES};
use raccordo_proto::sign::{self, HeadPurpose, Signer as _};
use raccordo_proto::wire::{self, State};
use raccordo_proto::{AgencyId, Directory, Timestamp, ids::Digest, ids::KeyId, padding};

use crate::router::Peer;

/// When tests happen: the first instant of a minute and of a day.
pub const NOW: Timestamp = Timestamp::from_millis(1_700_006_400_000);

pub fn agency(id: &str) -> AgencyId {
    AgencyId::parse(id).expect("a slug")
}

pub fn key(seed: u8) -> ed25519_dalek::SigningKey {
    ed25519_dalek::SigningKey::from_bytes(&[seed; 32])
}

fn seed(id: &str) -> u8 {
    id.as_bytes()[0]
}

pub fn peer(id: &str) -> Peer {
    Peer { agency: agency(id), agent: AgentId::parse("a1").expect("a slug"), spki_sha256: [seed(id); 32] }
}

/// The length of a smallest envelope.
pub fn envelope_len() -> usize {
    padding::sealed(PADDED_BYTES_MIN) + 1120 + 48 + 64 + 200
}

pub fn entry(id: &str, state: State) -> wire::Agency {
    let agent = wire::Agent {
        id: "a1".into(),
        ik: Bytes::copy_from_slice(key(seed(id)).public_key().as_bytes()),
        spki_sha256: vec![Bytes::from(vec![seed(id); 32])],
        state: State::Active.into(),
        from: 0,
        until: u64::MAX,
        revoked_at: 0,
    };
    wire::Agency { id: id.into(), state: state.into(), agents: vec![agent], ..Default::default() }
}

fn root(admin: u8) -> wire::Root {
    let admin = key(admin).public_key();
    let id = Bytes::copy_from_slice(KeyId::of(admin.as_bytes()).as_bytes());
    let admin = wire::AdminKey { key_id: id, alg: 1, key: Bytes::copy_from_slice(admin.as_bytes()) };
    wire::Root { admin_keys: vec![admin], threshold: 1, ..Default::default() }
}

/// The trust file of [`document`].
pub fn trust() -> Vec<u8> {
    wire::Trust { network: "rete-prova.invalid".into(), root_version: 1, root: Some(root(1)) }.encode_to_vec()
}

/// A directory document, signed.
pub fn document(version: u64, previous: &[u8], body: &wire::Body) -> wire::SignedDirectory {
    let body = body.encode_to_vec();
    let head = wire::Head {
        spec: 1,
        network: "rete-prova.invalid".into(),
        version,
        root_version: 1,
        issued: NOW.as_millis() + version,
        expires: NOW.as_millis() + 86_400_000,
        previous_head: Bytes::copy_from_slice(previous),
        body_hash: Bytes::copy_from_slice(&sha512(&body)),
        root: Some(root(1)),
        supersedes: Vec::new(),
    };
    signed(&head, body.into(), &[key(1)])
}

/// A head signed by these keys.
pub fn signed(head: &wire::Head, body: Bytes, keys: &[ed25519_dalek::SigningKey]) -> wire::SignedDirectory {
    let head = Bytes::from(head.encode_to_vec());
    let signature = |key: &ed25519_dalek::SigningKey| {
        let signed = sign::sign::<HeadPurpose>(head.to_vec(), key);
        let key_id = Bytes::copy_from_slice(KeyId::of(key.public_key().as_bytes()).as_bytes());
        wire::Signature { key_id, alg: 1, sig: Bytes::copy_from_slice(signed.signature()) }
    };
    wire::SignedDirectory { signatures: keys.iter().map(signature).collect(), head, body }
}

/// The same document with this admin's key alone for its root, in that root's version, signed by these keys.
pub fn resigned(
    document: &wire::SignedDirectory,
    admin: u8,
    root_version: u64,
    keys: &[ed25519_dalek::SigningKey],
) -> wire::SignedDirectory {
    let head = wire::Head::decode(document.head.clone()).expect("a head");
    signed(&wire::Head { root_version, root: Some(root(admin)), ..head }, document.body.clone(), keys)
}

fn sha512(bytes: &[u8]) -> [u8; 64] {
    use sha2::Digest as _;
    sha2::Sha512::digest(bytes).into()
}

pub fn head_hash(document: &wire::SignedDirectory) -> [u8; 32] {
    *Digest::of(&document.head).as_bytes()
}

pub fn body(entries: Vec<wire::Agency>) -> wire::Body {
    wire::Body { agencies: entries, ..Default::default() }
}

pub fn read(document: &wire::SignedDirectory) -> Arc<Directory> {
    Arc::new(Directory::trusted_before(document).expect("a consistent document"))
}

/// A directory where everybody is active and any pair may write.
pub fn directory(version: u64, ids: &[&str]) -> Arc<Directory> {
    read(&document(version, &[], &body(ids.iter().map(|id| entry(id, State::Active)).collect())))
}

/// A directory where only `a` and `b` may write to each other.
pub fn restricted(ids: &[&str], a: &str, b: &str) -> Arc<Directory> {
    let mut body = body(ids.iter().map(|id| entry(id, State::Active)).collect());
    let pairs = vec![wire::Pair { a: a.into(), b: b.into() }];
    body.policy = Some(wire::Policy { restrict_pairs: true, pairs, ..Default::default() });
    read(&document(1, &[], &body))
}

pub fn card(id: &str, store_epoch: u64, counter: u64) -> wire::SignedKeyCard {
    let order = CardOrder { store_epoch, counter };
    keycard::issue(&agency(id), Bytes::from(vec![7; EK_BYTES]), order, 1, NOW, &key(seed(id)))
}

pub fn receipt(to: &str, id: u8) -> wire::SignedReceipt {
    let route = wire::Route { peer: to.into(), envelope_id: Bytes::from(vec![id; 16]) };
    let signature = Bytes::from(vec![0; SIGNATURE_BYTES]);
    wire::SignedReceipt { route: Some(route), receipt: Bytes::from_static(b"a receipt"), signature }
}

/// A folder of one test, removed with it.
pub struct Folder(std::path::PathBuf);

impl Folder {
    pub fn new(name: &str) -> Self {
        let path = std::env::temp_dir().join(format!("raccordo-gateway-{name}-{}", std::process::id()));
        std::fs::create_dir_all(&path).expect("a folder for temporary files");
        Self(path)
    }

    pub fn path(&self) -> &std::path::Path {
        &self.0
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _left_to_the_system = std::fs::remove_dir_all(&self.0);
    }
}
