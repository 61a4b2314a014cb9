//! Proposals as they fill with signatures, what is refused of them, and offers of keys.

use ed25519_dalek::SigningKey;
use sha2::Digest as _;

use super::*;
use crate::limits::DIRECTORY_LIFE_MAX;

const NOW: Timestamp = Timestamp::from_millis(1_795_000_000_000);

fn key(seed: u8) -> SigningKey {
    SigningKey::from_bytes(&[seed; 32])
}

fn network() -> NetworkId {
    NetworkId::parse("rete-prova").expect("a name")
}

fn root(seeds: &[u8], threshold: u32) -> wire::Root {
    let admin_keys = seeds.iter().map(|seed| admin_key(&key(*seed).public_key())).collect();
    wire::Root { admin_keys, threshold, ..wire::Root::default() }
}

fn trust() -> Trust {
    let file = wire::Trust { network: network().to_string(), root_version: 1, root: Some(root(&[1, 2, 3], 2)) };
    Trust::read(&file.encode_to_vec()).expect("a trust file")
}

/// A version, its head changed, signed by these.
fn document(seeds: &[u8], change: impl FnOnce(&mut wire::Head)) -> wire::SignedDirectory {
    let body = Bytes::from(wire::Body::default().encode_to_vec());
    let mut head = wire::Head {
        spec: 1,
        network: network().to_string(),
        version: 1,
        root_version: 1,
        issued: NOW.as_millis(),
        expires: NOW.plus(DIRECTORY_LIFE_MAX).as_millis(),
        previous_head: Bytes::new(),
        body_hash: Bytes::copy_from_slice(&sha2::Sha512::digest(&body)),
        root: Some(root(&[1, 2, 3], 2)),
        supersedes: Vec::new(),
    };
    change(&mut head);
    let head = Bytes::from(head.encode_to_vec());
    let signatures = seeds.iter().map(|seed| sign_head(&head, &key(*seed))).collect();
    wire::SignedDirectory { head, signatures, body }
}

fn read(document: &wire::SignedDirectory) -> Result<Proposal, DirectoryFault> {
    Proposal::read(document, &trust(), None, NOW)
}

#[test]
fn a_proposal_is_complete_exactly_when_every_machine_would_take_it() {
    for seeds in [&[][..], &[1], &[2], &[1, 2], &[2, 3], &[1, 2, 3]] {
        let document = document(seeds, |_| {});
        let proposal = read(&document).expect("it keeps the rules");
        let taken = update::verify(&[], &document, &trust(), None, NOW);
        assert_eq!((proposal.is_complete(), taken.is_ok()), (seeds.len() >= 2, seeds.len() >= 2), "{seeds:?}");
        assert_eq!((proposal.old().signed.len(), proposal.old().missing.len()), (seeds.len(), 3 - seeds.len()));
    }
    let (one, other) = (document(&[1], |_| {}), document(&[3], |_| {}));
    let merged = read(&one).expect("good").merged(&read(&other).expect("good"));
    assert!(read(&merged).expect("good").is_complete() && merged.signatures.len() == 2);
    let again = read(&merged).expect("good").merged(&read(&one).expect("good"));
    assert_eq!(again.signatures.len(), 2, "each key once");
}

#[test]
fn a_change_of_admins_waits_for_the_old_and_for_the_new() {
    let next = |head: &mut wire::Head| (head.root_version, head.root) = (2, Some(root(&[1, 4, 5], 2)));
    for (seeds, old, new) in
        [(&[1, 2][..], true, false), (&[1, 4], false, true), (&[1, 2, 4], true, true), (&[4, 5], false, true)]
    {
        let document = document(seeds, next);
        let proposal = read(&document).expect("it keeps the rules");
        let new_root = proposal.new_root().expect("the root changes");
        assert_eq!((proposal.old().is_enough(), new_root.is_enough()), (old, new), "{seeds:?}");
        assert_eq!(proposal.is_complete(), update::verify(&[], &document, &trust(), None, NOW).is_ok(), "{seeds:?}");
        assert!(proposal.may_be_signed_by(&key(5).public_key()) && !proposal.may_be_signed_by(&key(9).public_key()));
    }
}

#[test]
fn a_proposal_that_breaks_a_rule_is_none() {
    let fault = |document: &wire::SignedDirectory| read(document).err();
    assert_eq!(fault(&document(&[9], |_| {})), Some(DirectoryFault::Signatures), "nobody's signature is not passed on");
    assert_eq!(fault(&document(&[1, 1], |_| {})), Some(DirectoryFault::Signatures), "once each");
    assert_eq!(fault(&document(&[1], |head| head.spec = 2)), Some(DirectoryFault::Spec));
    assert_eq!(fault(&document(&[1], |head| head.network = "altra".to_owned())), Some(DirectoryFault::Network));
    assert_eq!(fault(&document(&[1], |head| head.root_version = 3)), Some(DirectoryFault::RootChanged));
    assert_eq!(fault(&document(&[1], |head| head.version = 2)), Some(DirectoryFault::Chain), "not the first");
    assert_eq!(fault(&document(&[1], |head| head.previous_head = vec![1; 32].into())), Some(DirectoryFault::Chain));
    assert_eq!(fault(&document(&[1], |head| head.issued += 3_600_000)), Some(DirectoryFault::Issued));
    assert_eq!(fault(&document(&[1], |head| head.expires += 3_600_000)), Some(DirectoryFault::Expires));
    assert_eq!(fault(&document(&[1], |head| head.body_hash = Bytes::new())), Some(DirectoryFault::BodyHash));
    let first = update::verify(&[], &document(&[1, 2], |_| {}), &trust(), None, NOW).expect("signed");
    let after = |document: &wire::SignedDirectory| Proposal::read(document, &trust(), Some(&first), NOW).err();
    assert_eq!(after(&document(&[1], |_| {})), Some(DirectoryFault::Version));
    assert_eq!(after(&document(&[1], |head| head.version = 2)), Some(DirectoryFault::Chain));
    assert_eq!(after(&document(&[1], |head| head.version = 3)), Some(DirectoryFault::Chain));
}

#[test]
fn an_offer_that_breaks_a_rule_is_refused_for_it() {
    let file = offer(&network(), &key(1));
    assert_eq!(offered(&file, &network()), Ok(admin_key(&key(1).public_key())));
    let signed = |change: &dyn Fn(&mut wire::AdminKeyOffer)| {
        let mut offer =
            wire::AdminKeyOffer { spec: 1, network: network().to_string(), key: Some(admin_key(&key(1).public_key())) };
        change(&mut offer);
        let signed = sign::sign::<AdminKeyPurpose>(offer.encode_to_vec(), &key(1));
        let sig = Bytes::copy_from_slice(signed.signature());
        offered(&wire::SignedAdminKeyOffer { offer: signed.bytes().clone(), sig }.encode_to_vec(), &network()).err()
    };
    // O-01
    assert_eq!(offered(&[0; OFFER_BYTES_MAX + 1], &network()), Err(OfferFault::Unreadable));
    assert_eq!(offered(b"x", &network()), Err(OfferFault::Unreadable));
    assert_eq!(signed(&|offer| offer.key = None), Some(OfferFault::Unreadable));
    // O-02
    assert_eq!(signed(&|offer| offer.spec = 2), Some(OfferFault::Version));
    // O-03
    assert_eq!(signed(&|offer| offer.key = Some(admin_key(&key(2).public_key()))), Some(OfferFault::Key));
    assert_eq!(signed(&|offer| offer.key.as_mut().expect("its key").key_id = Bytes::new()), Some(OfferFault::Key));
    assert_eq!(signed(&|offer| offer.key.as_mut().expect("its key").alg = 2), Some(OfferFault::Key));
    // O-04
    assert_eq!(signed(&|offer| offer.network = "rete-altra".to_owned()), Some(OfferFault::Network));
    for at in 0..file.len() {
        let mut bad = file.clone();
        bad[at] ^= 1;
        assert!(offered(&bad, &network()).is_err(), "{at}");
    }
}
