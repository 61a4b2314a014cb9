//! Properties of the codecs and rules that a gateway and an agent share: whatever comes, it is read as it was written or
//! refused, and never panics. Not here: letters and seals (`casework/tests`), one fault at a time (`tests/vectors`).

mod policy;
mod roots;

// Beside its own room: results are written alike everywhere, and a room links none above it.
#[path = "../../../tests/src/results.rs"]
mod results;

use bytes::Bytes;
use core::time::Duration;
use ed25519_dalek::SigningKey;
use proptest::collection::vec;
use proptest::prelude::*;
use prost::Message as _;
use raccordo_proto::directory::keycard::{self, CardOrder};
use raccordo_proto::directory::{Directory, update};
use raccordo_proto::envelope::{self, Framed, Header};
use raccordo_proto::identity::SpiffeId;
use raccordo_proto::ids::{AgencyId, Digest, EnvelopeId, KeyId, LetterId, NetworkId};
use raccordo_proto::limits::{CARD_LIFE_MAX, CT_BYTES, DIRECTORY_LIFE_MAX, ENC_BYTES, LETTER_BYTES_MAX, SKEW_MAX};
use raccordo_proto::padding::{is_envelope_class, is_sealed_class, padded, padme, sealed};
use raccordo_proto::receipt::{Outcome, Receipt};
use raccordo_proto::sign::{self, EnvelopePurpose, HeadPurpose, LetterPurpose, PublicKey, Signer as _, Unverified};
use raccordo_proto::{Code, Timestamp, wire};
use sha2::Digest as _;

const CASES: u32 = 1_000;
const NOW: Timestamp = Timestamp::from_millis(1_795_000_000_000);
const NETWORK: &str = "rete-prova.invalid";

/// One more case of a property (T6).
fn held(property: &str) {
    results::case("T6", &format!("property {property}"), CASES as usize, file!());
}

fn key(seed: u8) -> SigningKey {
    SigningKey::from_bytes(&[seed; 32])
}

fn agency() -> impl Strategy<Value = AgencyId> {
    "[a-z0-9-]{2,40}".prop_map(|id| AgencyId::parse(&id).expect("a slug"))
}

fn header() -> impl Strategy<Value = Header> {
    (any::<[u8; 16]>(), agency(), agency(), any::<[u8; 8]>(), any::<u64>(), any::<u64>()).prop_map(
        |(id, sender, recipient, key_id, directory_version, at)| Header {
            envelope_id: EnvelopeId::new(id),
            network: NetworkId::parse(NETWORK).expect("a name"),
            sender,
            recipient,
            key_id: KeyId::new(key_id),
            directory_version,
            sent_at: Timestamp::from_millis(at),
        },
    )
}

/// An envelope whose sealed parts are zeros.
fn assembled(header: &Header, plain: usize, seed: u8) -> Bytes {
    let zeros = |len: usize| Bytes::from(vec![0; len]);
    envelope::assemble(header.encode(), zeros(ENC_BYTES), zeros(CT_BYTES), zeros(sealed(padded(plain))), &key(seed)).0
}

fn receipt() -> impl Strategy<Value = Receipt> {
    let outcome = prop_oneof![
        Just(Outcome::Delivered),
        Just(Outcome::Duplicate),
        (1i32..=30).prop_map(|code| Outcome::Refused(Code::try_from(code).expect("a code"))),
    ];
    (any::<[u8; 16]>(), any::<[u8; 32]>(), any::<[u8; 32]>(), agency(), any::<(u64, u64)>(), outcome).prop_map(
        |(id, envelope_digest, binding, recipient, (time, store_epoch), outcome)| Receipt {
            envelope_id: EnvelopeId::new(id),
            envelope_digest,
            binding,
            recipient,
            time: Timestamp::from_millis(time),
            store_epoch,
            outcome,
        },
    )
}

fn root() -> wire::Root {
    let public = key(1).public_key();
    let key_id = Bytes::copy_from_slice(KeyId::of(public.as_bytes()).as_bytes());
    let admin = wire::AdminKey { key_id, alg: 1, key: Bytes::copy_from_slice(public.as_bytes()) };
    wire::Root { admin_keys: vec![admin], threshold: 1, ..Default::default() }
}

fn trust() -> update::Trust {
    let trust = wire::Trust { network: NETWORK.to_owned(), root_version: 1, root: Some(root()) };
    update::Trust::read(&trust.encode_to_vec()).expect("a trust file")
}

/// A signed document of one office.
fn document(version: u64, previous: Option<&wire::SignedDirectory>, issued: u64, expires: u64) -> wire::SignedDirectory {
    let agent = wire::Agent {
        id: "a1".to_owned(),
        ik: Bytes::copy_from_slice(key(2).public_key().as_bytes()),
        state: wire::State::Active.into(),
        until: u64::MAX,
        ..Default::default()
    };
    let office = wire::Agency {
        id: "cpi-rivabella".to_owned(),
        state: wire::State::Active.into(),
        agents: vec![agent],
        ..Default::default()
    };
    let body = Bytes::from(wire::Body { agencies: vec![office], ..Default::default() }.encode_to_vec());
    let head = wire::Head {
        spec: 1,
        network: NETWORK.to_owned(),
        version,
        root_version: 1,
        issued,
        expires,
        previous_head: previous.map(|p| Bytes::copy_from_slice(Digest::of(&p.head).as_bytes())).unwrap_or_default(),
        body_hash: Bytes::copy_from_slice(&sha2::Sha512::digest(&body)),
        root: Some(root()),
        supersedes: Vec::new(),
    };
    let signed = sign::sign::<HeadPurpose>(head.encode_to_vec(), &key(1));
    let key_id = root().admin_keys[0].key_id.clone();
    let signature = wire::Signature { key_id, alg: 1, sig: Bytes::copy_from_slice(signed.signature()) };
    wire::SignedDirectory { head: signed.bytes().clone(), signatures: vec![signature], body }
}

fn chain(versions: usize) -> Vec<wire::SignedDirectory> {
    let mut chain: Vec<wire::SignedDirectory> = Vec::new();
    for version in 1..=versions as u64 {
        chain.push(document(version, chain.last(), NOW.as_millis(), NOW.as_millis() + 1));
    }
    chain
}

fn links(chain: &[wire::SignedDirectory]) -> Vec<wire::SignedDirectory> {
    chain.iter().map(|link| wire::SignedDirectory { body: Bytes::new(), ..link.clone() }).collect()
}

fn directory() -> Directory {
    update::verify(&[], &chain(1)[0], &trust(), None, NOW).expect("it holds")
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(CASES))]

    #[test]
    fn a_header_is_read_as_it_was_written(header in header(), plain in 0usize..LETTER_BYTES_MAX) {
        let envelope = assembled(&header, plain % 40_000, 3);
        let framed = Framed::parse(envelope).map_err(|code| TestCaseError::fail(code.name()))?;
        prop_assert_eq!(framed.header(), &header);
        held("a_header_is_read_as_it_was_written");
    }

    #[test]
    fn an_envelope_is_its_signers_and_nobody_elses(header in header()) {
        let parse = || Framed::parse(assembled(&header, 0, 3)).expect("it frames");
        prop_assert!(parse().authenticate(&key(3).public_key()).is_ok());
        prop_assert_eq!(parse().authenticate(&key(4).public_key()).err(), Some(Code::Signature));
        held("an_envelope_is_its_signers_and_nobody_elses");
    }

    #[test]
    fn bytes_of_chance_are_no_envelope(bytes in vec(any::<u8>(), 0..2_000)) {
        prop_assert!(Framed::parse(bytes.into()).is_err());
        held("bytes_of_chance_are_no_envelope");
    }

    #[test]
    fn an_envelopes_length_is_its_bodys_class(header in header(), plain in 0usize..200_000) {
        prop_assert!(is_envelope_class(assembled(&header, plain, 3).len()));
        held("an_envelopes_length_is_its_bodys_class");
    }

    #[test]
    fn envelopes_of_one_class_and_header_are_of_one_length(header in header(), a in 0usize..16_384, b in 0usize..16_384) {
        prop_assert_eq!(assembled(&header, a, 3).len(), assembled(&header, b, 4).len());
        held("envelopes_of_one_class_and_header_are_of_one_length");
    }

    #[test]
    fn only_padded_lengths_have_a_body(plain in 0usize..LETTER_BYTES_MAX) {
        prop_assert_eq!(is_sealed_class(sealed(plain)), padded(plain) == plain);
        prop_assert!(padded(plain) >= plain && padded(plain) == padded(padded(plain)));
        prop_assert!(padme(plain) <= padded(plain));
        held("only_padded_lengths_have_a_body");
    }

    #[test]
    fn an_id_is_a_slug_and_reads_back(text in "[a-zA-Z0-9_. -]{0,45}") {
        let is_slug = (2..=40).contains(&text.len()) && text.bytes().all(|b| b"abcdefghijklmnopqrstuvwxyz0123456789-".contains(&b));
        prop_assert_eq!(AgencyId::parse(&text).map(|id| id.to_string()).ok(), is_slug.then_some(text));
        held("an_id_is_a_slug_and_reads_back");
    }

    #[test]
    fn an_id_of_bytes_has_its_length(bytes in vec(any::<u8>(), 0..40)) {
        prop_assert_eq!(LetterId::parse(&bytes).is_ok(), bytes.len() == 16);
        prop_assert_eq!(KeyId::parse(&bytes).is_ok(), bytes.len() == 8);
        prop_assert_eq!(Digest::parse(&bytes).is_ok(), bytes.len() == 32);
        let (id, digest) = (KeyId::of(&bytes), Digest::of(&bytes));
        prop_assert_eq!(&id.as_bytes()[..], &digest.as_bytes()[..8]);
        held("an_id_of_bytes_has_its_length");
    }

    #[test]
    fn an_identity_has_one_spelling(text in "(spiffe|SPIFFE|https)://[a-z.]{1,12}(:443)?(/agency/[a-zA-Z]{1,8})?(/(agent|gateway)/[a-z0-9]{1,8}){0,2}(/|\\?q)?") {
        if let Ok(id) = SpiffeId::parse(&text) {
            prop_assert_eq!(id.to_string(), text);
        }
        held("an_identity_has_one_spelling");
    }

    #[test]
    fn every_identity_reads_back(network in "[a-z]{2,20}(\\.invalid)?", agency in "[a-z0-9-]{2,40}", agent in "[a-z0-9-]{2,40}") {
        let text = format!("spiffe://{network}/agency/{agency}/agent/{agent}");
        prop_assert_eq!(SpiffeId::parse(&text).map(|id| id.to_string()).ok(), Some(text));
        held("every_identity_reads_back");
    }

    #[test]
    fn a_receipt_is_read_as_it_was_signed(receipt in receipt()) {
        let signed = receipt.sign(&key(5));
        let bytes = signed.bytes().clone();
        let read = Receipt::verify(bytes.clone(), signed.signature(), &receipt.recipient, &key(5).public_key());
        let told = match receipt.outcome {
            Outcome::Refused(code) => Outcome::Refused(code.on_the_wire()),
            other => other,
        };
        let read = read.map_err(|code| TestCaseError::fail(code.name()))?.0;
        prop_assert_eq!(read, Receipt { outcome: told, ..receipt.clone() });
        let other = Receipt::verify(bytes, signed.signature(), &receipt.recipient, &key(6).public_key());
        prop_assert_eq!(other.err(), Some(Code::Signature));
        held("a_receipt_is_read_as_it_was_signed");
    }

    #[test]
    fn a_receipt_with_a_bit_changed_is_none(receipt in receipt(), at in any::<prop::sample::Index>(), bit in 0u8..8) {
        let signed = receipt.sign(&key(5));
        let mut bytes = signed.bytes().to_vec();
        let at = at.index(bytes.len());
        bytes[at] ^= 1 << bit;
        let read = Receipt::verify(bytes.into(), signed.signature(), &receipt.recipient, &key(5).public_key());
        prop_assert_eq!(read.err(), Some(Code::Signature));
        held("a_receipt_with_a_bit_changed_is_none");
    }

    #[test]
    fn a_signature_is_for_its_purpose_bytes_and_key(bytes in vec(any::<u8>(), 0..300), seed in 1u8..200) {
        let signed = sign::sign::<LetterPurpose>(bytes.clone(), &key(seed));
        let again = |bytes: Vec<u8>| Unverified::<LetterPurpose>::new(bytes, signed.signature()).expect("64 bytes");
        prop_assert!(again(bytes.clone()).verify(&key(seed).public_key()).is_ok());
        prop_assert!(again(bytes.clone()).verify(&key(seed + 1).public_key()).is_err());
        prop_assert!(again([&bytes[..], &[0]].concat()).verify(&key(seed).public_key()).is_err());
        let abused = Unverified::<EnvelopePurpose>::new(bytes, signed.signature()).expect("64 bytes");
        prop_assert!(abused.verify(&key(seed).public_key()).is_err());
        held("a_signature_is_for_its_purpose_bytes_and_key");
    }

    #[test]
    fn a_public_key_reads_back_or_is_none(bytes in vec(any::<u8>(), 31..=33)) {
        if let Ok(key) = PublicKey::parse(&bytes) {
            prop_assert_eq!(&key.as_bytes()[..], &bytes[..]);
        }
        held("a_public_key_reads_back_or_is_none");
    }

    #[test]
    fn instants_never_overflow(at: u64, other: u64, wait: u64) {
        let (at, other, wait) = (Timestamp::from_millis(at), Timestamp::from_millis(other), Duration::from_millis(wait));
        prop_assert!(at.plus(wait) >= at && at.minus(wait) <= at);
        prop_assert_eq!(at.distance(other), other.distance(at));
        prop_assert_eq!(at.distance(other), at.since(other).max(other.since(at)));
        held("instants_never_overflow");
    }

    #[test]
    fn a_card_is_good_for_its_life(made in 0u64..100_000_000, wait in 0u64..100_000_000, epoch: u64, counter: u64) {
        let me = AgencyId::parse("cpi-rivabella").expect("a slug");
        let made = NOW.plus(Duration::from_millis(made));
        let order = CardOrder { store_epoch: epoch, counter };
        let card = keycard::issue(&me, Bytes::from(vec![7; 1216]), order, 1, made, &key(2));
        let later = made.plus(Duration::from_millis(wait));
        let verified = keycard::verify(card.clone(), &directory(), later);
        let is_over = later > made.plus(CARD_LIFE_MAX);
        prop_assert_eq!(verified.as_ref().err(), is_over.then_some(&Code::ExpiredKey));
        prop_assert!(verified.is_err() || verified.is_ok_and(|card| card.order == order));
        let sooner = keycard::verify(card, &directory(), made.minus(Duration::from_millis(wait)));
        prop_assert_eq!(sooner.is_ok(), Duration::from_millis(wait) <= SKEW_MAX);
        held("a_card_is_good_for_its_life");
    }

    #[test]
    fn cards_are_ordered_by_epoch_and_then_by_counter(a: (u64, u64), b: (u64, u64)) {
        let order = |(store_epoch, counter)| CardOrder { store_epoch, counter };
        prop_assert_eq!(order(a).cmp(&order(b)), a.cmp(&b));
        held("cards_are_ordered_by_epoch_and_then_by_counter");
    }

    #[test]
    fn a_card_with_a_bit_changed_is_none(at in any::<prop::sample::Index>(), bit in 0u8..8) {
        let me = AgencyId::parse("cpi-rivabella").expect("a slug");
        let card = keycard::issue(&me, Bytes::from(vec![7; 1216]), CardOrder::default(), 1, NOW, &key(2));
        let mut bytes = card.card.to_vec();
        let at = at.index(bytes.len());
        bytes[at] ^= 1 << bit;
        let card = wire::SignedKeyCard { card: bytes.into(), ..card };
        prop_assert!(keycard::verify(card, &directory(), NOW).is_err());
        held("a_card_with_a_bit_changed_is_none");
    }

    #[test]
    fn a_chain_of_directories_leads_only_whole_and_in_order(versions in 3usize..8, lost in any::<prop::sample::Index>()) {
        let chain = chain(versions);
        let installed = directory();
        let newest = &chain[versions - 1];
        let between = links(&chain[1..versions - 1]);
        let verify = |links: &[wire::SignedDirectory]| update::verify(links, newest, &trust(), Some(&installed), NOW);
        prop_assert_eq!(verify(&between).map(|directory| directory.version()).ok(), Some(versions as u64));
        let mut holed = between.clone();
        holed.remove(lost.index(between.len()));
        prop_assert_eq!(verify(&holed).err().map(|fault| fault.code()), Some(Code::Inconsistent));
        let mut turned = between.clone();
        turned.reverse();
        prop_assert_eq!(verify(&turned).is_ok(), between.len() == 1);
        held("a_chain_of_directories_leads_only_whole_and_in_order");
    }

    #[test]
    fn a_directorys_dates_are_as_written(ahead in -2_000_000i64..2_000_000, life in -1_000i64..40_000_000_000) {
        let issued = NOW.as_millis().saturating_add_signed(ahead);
        let expires = issued.saturating_add_signed(life);
        let verified = update::verify(&[], &document(1, None, issued, expires), &trust(), None, NOW);
        let life_max = i64::try_from(DIRECTORY_LIFE_MAX.as_millis()).expect("400 days");
        let holds = ahead <= 600_000 && life > 0 && life <= life_max;
        prop_assert_eq!(verified.is_ok(), holds);
        held("a_directorys_dates_are_as_written");
    }

    #[test]
    fn a_document_with_a_bit_changed_is_none(at in any::<prop::sample::Index>(), bit in 0u8..8) {
        let mut bytes = chain(1)[0].encode_to_vec();
        let at = at.index(bytes.len());
        bytes[at] ^= 1 << bit;
        let refused = wire::SignedDirectory::decode(&bytes[..])
            .map_or(true, |document| update::verify(&[], &document, &trust(), None, NOW).is_err());
        prop_assert!(refused);
        held("a_document_with_a_bit_changed_is_none");
    }

    #[test]
    fn what_is_read_of_a_stream_is_written_and_read_the_same(bytes in vec(any::<u8>(), 0..300)) {
        if let Ok(said) = wire::ToAgent::decode(&bytes[..]) {
            prop_assert!(wire::ToAgent::decode(&said.encode_to_vec()[..]).ok() == Some(said));
        }
        if let Ok(said) = wire::FromAgent::decode(&bytes[..]) {
            prop_assert!(wire::FromAgent::decode(&said.encode_to_vec()[..]).ok() == Some(said));
        }
        held("what_is_read_of_a_stream_is_written_and_read_the_same");
    }

    #[test]
    fn bytes_of_chance_are_no_trust_and_no_card(bytes in vec(any::<u8>(), 0..300)) {
        prop_assert!(update::Trust::read(&bytes).is_err());
        let card = wire::SignedKeyCard { card: bytes.clone().into(), signature: Bytes::from(vec![0; 64]) };
        prop_assert!(keycard::verify(card, &directory(), NOW).is_err());
        held("bytes_of_chance_are_no_trust_and_no_card");
    }

    #[test]
    fn what_a_peer_is_told_is_told_once(code in 0i32..=30) {
        let code = Code::try_from(code).expect("a code");
        prop_assert_eq!(code.on_the_wire().on_the_wire(), code.on_the_wire());
        prop_assert_eq!(Code::from_str_name(code.as_str_name()), Some(code));
        held("what_a_peer_is_told_is_told_once");
    }
}
