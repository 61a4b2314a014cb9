//! A frame as a sender would make it, open to every change. The same draft with nothing changed is the honest one, sealed
//! with the same randomness: what differs is the fault and what follows from it.

use bytes::Bytes;
use prost::Message as _;
use raccordo_casework::{seal, wire as letters};
use raccordo_proto::ids::Digest;
use raccordo_proto::sign::{self, LetterPurpose};
use raccordo_proto::wire::{Envelope, Frame, Header, Route};
use raccordo_proto::{Timestamp, envelope};
use raccordo_tests::seeded::Seeded;

use super::world::{CAV, CPI, NETWORK, NOW, SIL, SOCIALE, first, key, opening_key, secret, trust};
use super::{Fault, Vector};
use crate::format::hex;

/// The Ed25519 signature stands at the end of every frame.
const SIGNATURE_AT_END: usize = 64;

/// The first opening key is a second past its hour of grace; when the second one was made, the first still opened.
pub const FIRST_MADE: Timestamp = Timestamp::from_millis(NOW.as_millis() - 25 * 3_600_000 - 1000);
const SECOND_MADE: Timestamp = Timestamp::from_millis(NOW.as_millis() - 3_600_000);

/// Everything that makes a frame.
pub struct Draft {
    pub peer: String,
    pub header: Header,
    pub letter: letters::Letter,
    /// Who signs the envelope.
    pub sender: &'static str,
    /// Who signs the letter.
    pub author: &'static str,
    /// Changes the padded plaintext.
    pub pad: fn(&mut Vec<u8>),
}

impl Draft {
    pub fn new() -> Self {
        let directory = first();
        let key_id = opening_key("second", NOW).key_id();
        let header = Header {
            version: 1,
            suite: 1,
            envelope_id: Bytes::from_static(&[1; 16]),
            network_from: NETWORK.to_owned(),
            network_to: NETWORK.to_owned(),
            sender: CAV.to_owned(),
            recipient: CPI.to_owned(),
            key_id: Bytes::copy_from_slice(key_id.as_bytes()),
            directory_version: 1,
            sent_at: NOW.as_millis(),
            attachment_lengths: Vec::new(),
        };
        let letter = letters::Letter {
            letter_id: vec![2; 16],
            thread: vec![3; 16],
            case_id: vec![4; 16],
            sender: CAV.to_owned(),
            recipients: [CPI, SIL, SOCIALE].map(str::to_owned).to_vec(),
            equipe: "cremona".to_owned(),
            directory_version: 1,
            head_hash: Digest::of(&directory.head).as_bytes().to_vec(),
            created: NOW.as_millis(),
            store_epoch: 1,
            seq: 1,
            kind: letters::Kind::Segnalazione.into(),
            payload: letters::Segnalazione { urgenza: 1, ..Default::default() }.encode_to_vec(),
            operator: "op-3f9a".to_owned(),
            ..Default::default()
        };
        Self { peer: CAV.to_owned(), header, letter, sender: CAV, author: CAV, pad: |_| {} }
    }

    /// The letter of another sender, to the rest of the équipe.
    pub fn from(sender: &'static str) -> Self {
        let mut draft = Self::new();
        let others = [CAV, CPI, SIL, SOCIALE].into_iter().filter(|id| *id != sender);
        draft.letter.recipients = others.map(str::to_owned).collect();
        draft.letter.sender = sender.to_owned();
        draft.header.sender = sender.to_owned();
        draft.peer = sender.to_owned();
        (draft.sender, draft.author) = (sender, sender);
        draft
    }

    pub fn envelope(&self) -> Envelope {
        let letter = sign::sign::<LetterPurpose>(self.letter.encode_to_vec(), &key(self.author));
        let mut plain = seal::pad(letter.bytes(), letter.signature()).to_vec();
        (self.pad)(&mut plain);
        let header = Bytes::from(self.header.encode_to_vec());
        let ek = opening_key("second", NOW);
        let sealed = seal::seal_plain(header, &plain, ek.ek(), &key(self.sender), &mut Seeded::new(7));
        Envelope::decode(sealed.expect("it seals").0).expect("its own")
    }

    /// Signed again after a change, by its sender.
    pub fn again(&self, change: impl FnOnce(&mut Envelope)) -> Vec<u8> {
        let mut envelope = self.envelope();
        change(&mut envelope);
        let Envelope { header, enc, ct, body, .. } = envelope;
        self.frame(envelope::assemble(header, enc, ct, body, &key(self.sender)).0)
    }

    /// The honest seal under another header, signed again.
    pub fn under(&self, change: impl FnOnce(&mut Header)) -> Vec<u8> {
        let mut header = self.header.clone();
        change(&mut header);
        self.again(|envelope| envelope.header = header.encode_to_vec().into())
    }

    pub fn frame(&self, envelope: Bytes) -> Vec<u8> {
        let route = Route { peer: self.peer.clone(), envelope_id: Bytes::from_static(&[1; 16]) };
        Frame { route: Some(route), envelope }.encode_to_vec()
    }

    pub fn seal(&self) -> Vec<u8> {
        self.frame(self.envelope().encode_to_vec().into())
    }
}

/// What the receiver is: the CPI, with an opening key that is over and one that is not.
pub fn receiver(answer: &str) -> Vec<(&'static str, String)> {
    let opening = |name: &str, made: Timestamp| format!("{} made {}", hex(&secret(name)), made.as_millis());
    vec![
        ("answer", answer.to_owned()),
        ("now", NOW.as_millis().to_string()),
        ("me", CPI.to_owned()),
        ("me-identity-secret", hex(key(CPI).as_bytes())),
        ("opening-key", opening("first", FIRST_MADE)),
        ("opening-key", opening("second", SECOND_MADE)),
        ("trust", trust()),
        ("directory", hex(&first().encode_to_vec())),
    ]
}

/// What the gateway is that an envelope of the CAV's passes through, towards the CPI.
pub fn admission() -> Vec<(&'static str, String)> {
    vec![
        ("now", NOW.as_millis().to_string()),
        ("sender", CAV.to_owned()),
        ("recipient", CPI.to_owned()),
        ("trust", trust()),
        ("directory", hex(&first().encode_to_vec())),
    ]
}

/// A frame with one fault, beside the honest one.
pub fn vector(fault: Fault, answer: &str, faulty: Vec<u8>, right: &[u8]) -> Vector {
    let seams = [(faulty.len() - SIGNATURE_AT_END, right.len() - SIGNATURE_AT_END)];
    fault.vector("frame", receiver(answer), faulty, right, &seams)
}
