//! What a fuzzer calls: any bytes, read as each thing that comes from outside. They may be refused; they may not panic, and
//! what is read must be written and read again as the same. Not here: the fuzzer (`tests/fuzz`, a workspace of its own) and
//! the corpus that the tests replay.

use bytes::Bytes;
use ed25519_dalek::SigningKey;
use prost::Message as _;
use raccordo_casework::letter::SignedLetter;
use raccordo_proto::directory::{Directory, keycard, update};
use raccordo_proto::envelope::Framed;
use raccordo_proto::ids::AgencyId;
use raccordo_proto::receipt::Receipt;
use raccordo_proto::sign::{self, LetterPurpose, ReceiptPurpose, Signer as _};
use raccordo_proto::wire::{FetchResponse, FromAgent, SignedDirectory, SignedKeyCard, ToAgent};

/// A target's name and what it does.
pub type Target = (&'static str, fn(&[u8]));

/// Every target.
pub const TARGETS: [Target; 6] = [
    ("frame", fuzz_frame),
    ("envelope", fuzz_envelope),
    ("letter", fuzz_letter),
    ("directory", fuzz_directory),
    ("keycard", fuzz_keycard),
    ("receipt", fuzz_receipt),
];

fn key() -> SigningKey {
    SigningKey::from_bytes(&[7; 32])
}

/// A message of the stream, in either direction.
pub fn fuzz_frame(bytes: &[u8]) {
    if let Ok(said) = ToAgent::decode(bytes) {
        assert!(ToAgent::decode(&said.encode_to_vec()[..]) == Ok(said));
    }
    if let Ok(said) = FromAgent::decode(bytes) {
        assert!(FromAgent::decode(&said.encode_to_vec()[..]) == Ok(said));
    }
}

/// An envelope, and its signature if it has the shape of one.
pub fn fuzz_envelope(bytes: &[u8]) {
    if let Ok(framed) = Framed::parse(Bytes::copy_from_slice(bytes)) {
        assert!(framed.authenticate(&key().public_key()).is_err(), "nobody has signed with that key");
    }
}

/// A letter whose signature holds, whatever it says: what follows the signature's check is reached.
pub fn fuzz_letter(bytes: &[u8]) {
    let signed = sign::sign::<LetterPurpose>(bytes.to_vec(), &key());
    if let Ok(letter) = SignedLetter::verify(bytes.to_vec(), signed.signature(), &key().public_key()) {
        let again = SignedLetter::write(letter.letter().clone(), &key());
        assert!(again.letter() == letter.letter(), "what is read is written");
    }
}

/// A document as a gateway hands it out, and as if it had been signed.
pub fn fuzz_directory(bytes: &[u8]) {
    if let Ok(trust) = update::Trust::read(bytes) {
        assert!(!trust.network.as_str().is_empty());
    }
    let Ok(response) = FetchResponse::decode(bytes) else { return };
    for document in response.heads.iter().chain(&response.newest) {
        read(document);
    }
}

fn read(document: &SignedDirectory) {
    if let Ok(directory) = Directory::trusted_before(document) {
        let active = directory.agencies().filter(|entry| directory.active_agent(&entry.id, directory.issued()).is_ok());
        assert!(active.count() <= directory.agencies().count());
    }
}

/// A key card, without the directory that would believe it.
pub fn fuzz_keycard(bytes: &[u8]) {
    let Ok(card) = SignedKeyCard::decode(bytes) else { return };
    if let Ok((agency, order)) = keycard::peek(&card) {
        assert_eq!(keycard::peek(&card), Ok((agency, order)));
    }
}

/// A receipt whose signature holds, whatever it says.
pub fn fuzz_receipt(bytes: &[u8]) {
    let signed = sign::sign::<ReceiptPurpose>(bytes.to_vec(), &key());
    let me = AgencyId::parse("cpi-rivabella").expect("a slug");
    let read = Receipt::verify(signed.bytes().clone(), signed.signature(), &me, &key().public_key());
    if let Ok((receipt, _)) = read {
        let again = receipt.sign(&key());
        let again = Receipt::verify(again.bytes().clone(), again.signature(), &me, &key().public_key());
        let told = again.ok().map(|(receipt, _)| receipt.envelope_id);
        assert_eq!(told, Some(receipt.envelope_id), "what is read is written");
    }
}
