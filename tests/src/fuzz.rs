//! What a fuzzer calls: any bytes, read as each thing that comes from outside. They may be refused; they may not panic, and
//! what is read must be written and read again as the same. Where a signature or a seal would end it, the harness makes it
//! anew with the keys of the vectors (SHA-256 of a name), and says whether the bytes came behind it.
//! Not here: the fuzzer (`tests/fuzz`, a workspace of its own) and the corpus that the tests replay.

use std::sync::LazyLock;

use bytes::Bytes;
use ed25519_dalek::SigningKey;
use prost::Message as _;
use raccordo_casework::known_keys::KnownKeys;
use raccordo_casework::letter::SignedLetter;
use raccordo_casework::receipts::{Transmission, VerifiedReceipt, verify_evidence};
use raccordo_casework::seal::{self, Opened, ReceiptKey, SealingKey};
use raccordo_proto::certificate::{self, PeerFault};
use raccordo_proto::directory::keycard::CardOrder;
use raccordo_proto::directory::{Directory, DirectoryFault, keycard, update};
use raccordo_proto::envelope::{self, Framed, Header};
use raccordo_proto::ids::{Digest, EnvelopeId, KeyId, LetterId, NetworkId};
use raccordo_proto::padding::padded;
use raccordo_proto::receipt::Receipt;
use raccordo_proto::sign::{self, HeadPurpose, KeyCardPurpose, LetterPurpose, ReceiptPurpose, Signer as _};
use raccordo_proto::wire::{self, FetchResponse, FromAgent, SignedDirectory, SignedKeyCard, ToAgent, to_agent};
use raccordo_proto::{Code, Timestamp};
use sha2::Digest as _;

use crate::seeded::Seeded;
use crate::test_keys::{CAV, CPI, NETWORK, NOW, admin_key, key, opening_key, secret};
use crate::town::agency;

/// A target's name, and what it does: true when the bytes came behind a signature, a seal or the first reader.
pub type Target = (&'static str, fn(&[u8]) -> bool);

/// Every target.
pub const TARGETS: [Target; 8] = [
    ("frame", fuzz_frame),
    ("envelope", fuzz_envelope),
    ("plain", fuzz_plain),
    ("letter", fuzz_letter),
    ("directory", fuzz_directory),
    ("keycard", fuzz_keycard),
    ("receipt", fuzz_receipt),
    ("certificate", fuzz_certificate),
];

static OPENING: LazyLock<SealingKey> = LazyLock::new(|| opening_key("second", NOW));

/// Two offices, each with its key.
static DIRECTORY: LazyLock<Directory> = LazyLock::new(|| {
    let office = |id: &str| {
        let agent = wire::Agent {
            id: "a1".to_owned(),
            ik: Bytes::copy_from_slice(key(id).public_key().as_bytes()),
            state: wire::State::Active.into(),
            until: u64::MAX,
            ..Default::default()
        };
        wire::Agency { id: id.to_owned(), state: wire::State::Active.into(), agents: vec![agent], ..Default::default() }
    };
    let body = wire::Body { agencies: [CAV, CPI].map(office).to_vec(), ..Default::default() };
    let head = wire::Head { spec: 1, network: NETWORK.to_owned(), version: 1, ..Default::default() };
    let document =
        SignedDirectory { head: head.encode_to_vec().into(), signatures: Vec::new(), body: body.encode_to_vec().into() };
    Directory::trusted_before(&document).expect("it reads")
});

/// A message of the stream, in either direction; and the envelope in it.
pub fn fuzz_frame(bytes: &[u8]) -> bool {
    if let Ok(said) = FromAgent::decode(bytes) {
        assert!(FromAgent::decode(&said.encode_to_vec()[..]) == Ok(said));
    }
    let Ok(said) = ToAgent::decode(bytes) else { return false };
    assert!(ToAgent::decode(&said.encode_to_vec()[..]).as_ref() == Ok(&said));
    match said.frame {
        Some(to_agent::Frame::Envelope(frame)) => fuzz_envelope(&frame.envelope),
        _ => false,
    }
}

/// An envelope as it came, and signed again by its sender.
pub fn fuzz_envelope(bytes: &[u8]) -> bool {
    if let Ok(framed) = Framed::parse(Bytes::copy_from_slice(bytes)) {
        assert!(framed.authenticate(&key("a stranger").public_key()).is_err(), "nobody has signed with that key");
    }
    let Ok(wire::Envelope { header, enc, ct, body, .. }) = wire::Envelope::decode(bytes) else { return false };
    let again = envelope::assemble(header, enc, ct, body, &key(CAV)).0;
    Framed::parse(again).is_ok_and(|framed| open(framed).err() != Some(Code::Decryption))
}

fn open(framed: Framed) -> Result<Opened, Code> {
    let header = framed.header().clone();
    let authentic = framed.authenticate(&key(CAV).public_key()).expect("it was signed with that key");
    let opened = seal::open(authentic, &OPENING, &KnownKeys::default())?;
    assert_eq!(*opened.header(), header, "what is opened is of its header");
    assert!(opened.letter().letter().sender == header.sender, "and of its sender");
    Ok(opened)
}

/// What stands before the zeros of a padded plaintext, in an honest seal.
pub fn fuzz_plain(bytes: &[u8]) -> bool {
    let mut plain = bytes.to_vec();
    plain.resize(padded(bytes.len()), 0);
    let header = Header {
        envelope_id: EnvelopeId::new([1; 16]),
        network: NetworkId::parse(NETWORK).expect("a name"),
        sender: agency(CAV),
        recipient: agency(CPI),
        key_id: OPENING.key_id(),
        directory_version: 1,
        sent_at: NOW,
    };
    let sealed = seal::seal_plain(header.encode(), &plain, OPENING.ek(), &key(CAV), &mut Seeded::new(7)).expect("it seals").0;
    let Ok(framed) = Framed::parse(sealed) else { return false };
    let opened = open(framed);
    assert!(opened.as_ref().err() != Some(&Code::Decryption), "it was sealed to that key");
    opened.is_ok() || matches!(opened.err(), Some(code) if code != Code::Padding)
}

/// A letter whose signature holds, whatever it says; alone, and sealed.
pub fn fuzz_letter(bytes: &[u8]) -> bool {
    let signed = sign::sign::<LetterPurpose>(bytes.to_vec(), &key(CAV));
    let Ok(letter) = SignedLetter::verify(bytes.to_vec(), signed.signature(), &key(CAV).public_key()) else { return false };
    let again = SignedLetter::write(letter.letter().clone(), &key(CAV));
    assert!(again.letter() == letter.letter(), "what is read is written");
    let length = u32::try_from(bytes.len()).expect("a fuzzer's input").to_be_bytes();
    assert!(fuzz_plain(&[&length, bytes, signed.signature()].concat()), "what is read alone is read in its envelope");
    true
}

/// A document as a gateway hands it out: as it came, as if it had been signed, and signed by two admins.
pub fn fuzz_directory(bytes: &[u8]) -> bool {
    if let Ok(trust) = update::Trust::read(bytes) {
        assert!(!trust.network.as_str().is_empty());
    }
    let Ok(response) = FetchResponse::decode(bytes) else { return false };
    for document in response.heads.iter().chain(&response.newest) {
        read(document);
    }
    response.newest.is_some_and(|newest| signed_again(&newest))
}

fn read(document: &SignedDirectory) {
    if let Ok(directory) = Directory::trusted_before(document) {
        let active = directory.agencies().filter(|entry| directory.active_agent(&entry.id, directory.issued()).is_ok());
        assert!(active.count() <= directory.agencies().count());
    }
}

fn signed_again(document: &SignedDirectory) -> bool {
    let admins = ["admin one", "admin two"].map(key);
    let root = wire::Root { admin_keys: admins.iter().map(admin_key).collect(), threshold: 2, ..Default::default() };
    let trust = wire::Trust { network: NETWORK.to_owned(), root_version: 1, root: Some(root.clone()) };
    let trust = update::Trust::read(&trust.encode_to_vec()).expect("a trust file");
    let Ok(mut head) = wire::Head::decode(document.head.clone()) else { return false };
    (head.root, head.root_version) = (Some(root), 1);
    head.body_hash = Bytes::copy_from_slice(&sha2::Sha512::digest(&document.body));
    let written = Bytes::from(head.encode_to_vec());
    let signature = |key: &SigningKey| {
        let signed = sign::sign::<HeadPurpose>(written.clone(), key);
        wire::Signature { key_id: admin_key(key).key_id, alg: 1, sig: Bytes::copy_from_slice(signed.signature()) }
    };
    let signatures = admins.iter().map(signature).collect();
    let again = SignedDirectory { head: written.clone(), signatures, body: document.body.clone() };
    match update::verify(&[], &again, &trust, None, Timestamp::from_millis(head.issued)) {
        Ok(directory) => directory.version() == head.version && directory.document() == &again,
        Err(fault) => !matches!(fault, DirectoryFault::Size | DirectoryFault::Signatures | DirectoryFault::RootChanged),
    }
}

/// A key card: as it came, and signed again by the office that it names.
pub fn fuzz_keycard(bytes: &[u8]) -> bool {
    let Ok(card) = SignedKeyCard::decode(bytes) else { return false };
    let Ok((agency, order)) = keycard::peek(&card) else { return false };
    assert_eq!(keycard::peek(&card), Ok((agency.clone(), order)));
    let _as_it_came = keycard::verify(card.clone(), &DIRECTORY, NOW);
    let signed = sign::sign::<KeyCardPurpose>(card.card.clone(), &key(agency.as_str()));
    let again = SignedKeyCard { card: card.card, signature: Bytes::copy_from_slice(signed.signature()) };
    match keycard::verify(again, &DIRECTORY, NOW) {
        Ok(verified) => {
            assert!(verified.agency == agency && verified.order == order, "what is verified is what was read");
            assert_eq!(verified.key_id, KeyId::of(&verified.ek), "and its key is its own");
            true
        }
        Err(code) => {
            assert!(code != Code::Signature, "the office has signed");
            code != Code::UnknownRecipient
        }
    }
}

/// A receipt whose signature holds, whatever it says; and whether it counts.
pub fn fuzz_receipt(bytes: &[u8]) -> bool {
    let (me, mine) = (agency(CPI), key(CPI));
    let signed = sign::sign::<ReceiptPurpose>(bytes.to_vec(), &mine);
    let read = Receipt::verify(signed.bytes().clone(), signed.signature(), &me, &mine.public_key());
    let Ok((receipt, _)) = read else { return false };
    let again = receipt.sign(&mine);
    let again = Receipt::verify(again.bytes().clone(), again.signature(), &me, &mine.public_key());
    assert_eq!(again.ok().map(|(again, _)| again.envelope_id), Some(receipt.envelope_id), "what is read is written");
    let sent = Transmission {
        letter: LetterId::new([2; 16]),
        sent_at: NOW,
        letter_digest: Digest::of(b"a letter"),
        recipient: me,
        ik: mine.public_key(),
        envelope_digest: receipt.envelope_digest,
        receipt_key: ReceiptKey::from_bytes(&secret("a receipt key")).expect("32 bytes"),
        directory_version: 1,
        card: CardOrder::default(),
    };
    if let Ok(counts) = VerifiedReceipt::check(signed.bytes().clone(), signed.signature(), &sent) {
        let is_refusal = matches!(counts.outcome(), raccordo_proto::receipt::Outcome::Refused(_));
        let shown = verify_evidence(b"a letter", &counts.into_evidence(), &mine.public_key());
        assert!(shown.is_ok() != is_refusal, "what counts as delivered is evidence");
    }
    true
}

/// A TLS peer's leaf, as an agent's and as a gateway's.
pub fn fuzz_certificate(bytes: &[u8]) -> bool {
    let agent = certificate::admit_agent(bytes, &DIRECTORY, NOW);
    let gateway = certificate::admit_gateway(bytes, &DIRECTORY, NOW);
    assert!(agent.is_err() && gateway.is_err(), "the directory pins no key");
    let is_read = |fault: Option<&PeerFault>| fault.is_some_and(|fault| *fault != PeerFault::Unreadable);
    is_read(agent.as_ref().err())
}
