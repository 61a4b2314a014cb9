//! A letter and its envelope made by hand: with nothing wrong it is taken, so that what is refused is refused for its fault.
//! For the tests of a receiver and for the hostile member of the simulated world. Not here: what is wrong with them, and how
//! they come before anybody.

use bytes::Bytes;
use ed25519_dalek::SigningKey;
use prost::Message as _;
use raccordo_casework::seal;
use raccordo_casework::wire as letters;
use raccordo_proto::envelope::{self, Header};
use raccordo_proto::ids::{AgencyId, EnvelopeId, KeyId};
use raccordo_proto::sign::{self, LetterPurpose};
use raccordo_proto::wire::{self, SignedKeyCard};
use raccordo_proto::{Directory, Timestamp};
use rand_core::CryptoRng;

/// A letter, and the envelope around it.
pub struct Forgery {
    /// What the envelope says.
    pub header: Header,
    /// What the letter says.
    pub letter: letters::Letter,
    /// The key that opens it.
    pub ek: Bytes,
    /// The last byte of the padding.
    pub pad_with: u8,
}

impl Forgery {
    /// A segnalazione to whoever has shown this card; its other recipients, équipe and operator are the caller's to add.
    pub fn new(sender: &AgencyId, card: &SignedKeyCard, directory: &Directory, now: Timestamp) -> Self {
        let card = wire::KeyCard::decode(card.card.clone()).expect("a card");
        let recipient = AgencyId::parse(&card.agency).expect("a card");
        let header = Header {
            envelope_id: EnvelopeId::new([1; 16]),
            network: directory.network().clone(),
            sender: sender.clone(),
            recipient: recipient.clone(),
            key_id: KeyId::parse(&card.key_id).expect("eight bytes"),
            directory_version: directory.version(),
            sent_at: now,
        };
        let letter = letters::Letter {
            letter_id: vec![2; 16],
            thread: vec![3; 16],
            case_id: vec![4; 16],
            sender: sender.to_string(),
            recipients: vec![recipient.to_string()],
            directory_version: directory.version(),
            head_hash: directory.head_hash().as_bytes().to_vec(),
            created: now.as_millis(),
            store_epoch: 1,
            seq: 1,
            kind: letters::Kind::Segnalazione.into(),
            payload: letters::Segnalazione::default().encode_to_vec(),
            ..Default::default()
        };
        Self { header, letter, ek: card.ek, pad_with: 0 }
    }

    /// The envelope and its digest: the letter signed by one key, the envelope by another.
    pub fn seal(&self, letter_by: &SigningKey, by: &SigningKey, rng: &mut impl CryptoRng) -> (Bytes, [u8; 32]) {
        let letter = sign::sign::<LetterPurpose>(self.letter.encode_to_vec(), letter_by);
        let mut plain = seal::pad(letter.bytes(), letter.signature());
        *plain.last_mut().expect("16 KiB") = self.pad_with;
        let sealed = seal::seal_plain(self.header.encode(), &plain, &self.ek, by, rng);
        let (envelope, digest, _) = sealed.expect("it seals");
        (envelope, digest)
    }
}

/// The envelope with another header, signed again.
pub fn with_header(envelope: Bytes, by: &SigningKey, change: impl FnOnce(&mut wire::Header)) -> Bytes {
    changed(envelope, by, |envelope| {
        let mut header = wire::Header::decode(envelope.header.clone()).expect("its own");
        change(&mut header);
        envelope.header = header.encode_to_vec().into();
    })
}

/// The envelope with other parts, signed again.
pub fn changed(envelope: Bytes, by: &SigningKey, change: impl FnOnce(&mut wire::Envelope)) -> Bytes {
    let mut envelope = wire::Envelope::decode(envelope).expect("its own");
    change(&mut envelope);
    envelope::assemble(envelope.header, envelope.enc, envelope.ct, envelope.body, by).0
}

/// One bit of every byte turned.
pub fn damaged(bytes: &Bytes) -> Bytes {
    bytes.iter().map(|byte| byte ^ 1).collect()
}
