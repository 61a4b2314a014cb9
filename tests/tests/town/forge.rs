//! A letter and its envelope made by hand, put before the CPI as the gateway would. Not here: what is wrong with them.

use bytes::Bytes;
use prost::Message as _;
use raccordo_casework::courier::Event;
use raccordo_casework::seal;
use raccordo_casework::wire as letters;
use raccordo_proto::Code;
use raccordo_proto::envelope::Header;
use raccordo_proto::ids::{AgencyId, EnvelopeId, KeyId, NetworkId};
use raccordo_proto::receipt::{Outcome, Receipt};
use raccordo_proto::sign::{self, LetterPurpose, Signer as _};
use raccordo_proto::wire::{self, Frame, Route, ToAgent, to_agent};
use raccordo_tests::town::{Town, agency};

pub const CAV: &str = "cav-ginestra";
pub const SOCIALE: &str = "sociale-rivabella";
pub const CPI: &str = "cpi-rivabella";
pub const SIL: &str = "sil-rivabella";

/// A town whose CPI is attached, and what is needed to write to it by hand.
pub struct Forge {
    pub town: Town,
    pub header: Header,
    pub letter: letters::Letter,
    pub ek: Bytes,
    /// Who signs the envelope, and so the letter.
    pub sender: AgencyId,
    /// Who signs the letter, when it is another.
    pub letter_by: AgencyId,
    pub pad_with: u8,
}

impl Forge {
    pub fn new() -> Self {
        let mut town = Town::new(11);
        town.attach(CPI);
        let card = wire::KeyCard::decode(town.cards[&agency(CPI)].card.clone()).expect("a card");
        let directory = town.directory.clone();
        let header = Header {
            envelope_id: EnvelopeId::new([1; 16]),
            network: NetworkId::parse("rete-demo.invalid").expect("a name"),
            sender: agency(CAV),
            recipient: agency(CPI),
            key_id: KeyId::parse(&card.key_id).expect("eight bytes"),
            directory_version: directory.version(),
            sent_at: town.now,
        };
        let letter = letters::Letter {
            letter_id: vec![2; 16],
            thread: vec![3; 16],
            case_id: vec![4; 16],
            sender: CAV.to_owned(),
            recipients: [CPI, SIL, SOCIALE].map(str::to_owned).to_vec(),
            equipe: "cremona".to_owned(),
            directory_version: directory.version(),
            head_hash: directory.head_hash().as_bytes().to_vec(),
            created: town.now.as_millis(),
            store_epoch: 1,
            seq: 1,
            kind: letters::Kind::Segnalazione.into(),
            payload: letters::Segnalazione::default().encode_to_vec(),
            operator: "op-3f9a".to_owned(),
            ..Default::default()
        };
        Self { town, header, letter, ek: card.ek, sender: agency(CAV), letter_by: agency(CAV), pad_with: 0 }
    }

    pub fn seal(&mut self) -> (Bytes, [u8; 32]) {
        let letter = sign::sign::<LetterPurpose>(self.letter.encode_to_vec(), &self.town.offices[&self.letter_by].key);
        let mut plain = seal::pad(letter.bytes(), letter.signature());
        *plain.last_mut().expect("16 KiB") = self.pad_with;
        let Town { offices, rng, .. } = &mut self.town;
        let sealed = seal::seal_plain(self.header.encode(), &plain, &self.ek, &offices[&self.sender].key, rng);
        let (envelope, digest, _) = sealed.expect("it seals");
        (envelope, digest)
    }

    /// Puts an envelope before the CPI as the gateway would: what it counted, and what it answered.
    pub fn deliver(&mut self, envelope: Bytes) -> (Option<&'static str>, Option<Outcome>) {
        let before = self.town.office(CPI).courier.rejections().clone();
        let said = self.town.receipts.len();
        let route = Route { peer: self.header.sender.to_string(), envelope_id: Bytes::copy_from_slice(&[1; 16]) };
        let frame = to_agent::Frame::Envelope(Frame { route: Some(route), envelope });
        self.town.happens(&agency(CPI), Event::Heard(ToAgent { frame: Some(frame) }));
        self.town.settle();
        let after = self.town.office(CPI).courier.rejections();
        let counted = after.iter().find(|(code, count)| before.get(*code) != Some(count)).map(|(code, _)| *code);
        let answered = self.town.receipts.get(said).map(|(from, receipt)| {
            assert_eq!(*from, agency(CPI));
            let key = self.town.office(CPI).key.public_key();
            let verified = Receipt::verify(receipt.receipt.clone(), &receipt.signature, &agency(CPI), &key);
            verified.expect("a signed receipt").0.outcome
        });
        (counted, answered)
    }

    pub fn send(&mut self) -> (Option<&'static str>, Option<Outcome>) {
        let (envelope, _) = self.seal();
        self.deliver(envelope)
    }
}

/// A refusal that is counted and signed.
pub fn refused(code: Code) -> (Option<&'static str>, Option<Outcome>) {
    (Some(code.name()), Some(Outcome::Refused(code.on_the_wire())))
}

/// A refusal that gets no answer: nobody has shown who sent it.
pub fn dropped(code: Code) -> (Option<&'static str>, Option<Outcome>) {
    (Some(code.name()), None)
}

/// A refusal by the desk: signed, and counted at the sender.
pub fn told(code: Code) -> (Option<&'static str>, Option<Outcome>) {
    (None, Some(Outcome::Refused(code.on_the_wire())))
}
