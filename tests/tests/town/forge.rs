//! Letters made by hand (`raccordo_tests::forge`), put before the CPI as the gateway would. Not here: what is wrong with them.

use core::ops::{Deref, DerefMut};

use bytes::Bytes;
use ed25519_dalek::SigningKey;
use prost::Message;
use raccordo_casework::courier::Event;
use raccordo_casework::letter::SignedLetter;
use raccordo_casework::wire;
use raccordo_proto::Code;
use raccordo_proto::ids::{AgencyId, EnvelopeId};
use raccordo_proto::receipt::{Outcome, Receipt};
use raccordo_proto::sign::{self, LetterPurpose, Signer as _};
use raccordo_proto::wire::{Frame, Route, ToAgent, to_agent};
use raccordo_tests::forge::Forgery;
use raccordo_tests::town::{Town, agency};

pub const CAV: &str = "cav-ginestra";
pub const SOCIALE: &str = "sociale-rivabella";
pub const CPI: &str = "cpi-rivabella";
pub const SIL: &str = "sil-rivabella";

/// A town whose CPI is attached, and what is needed to write to it by hand.
pub struct Forge {
    pub town: Town,
    forgery: Forgery,
    /// Who signs the envelope, and so the letter.
    pub sender: AgencyId,
    /// Who signs the letter, when it is another.
    pub letter_by: AgencyId,
}

impl Deref for Forge {
    type Target = Forgery;

    fn deref(&self) -> &Forgery {
        &self.forgery
    }
}

impl DerefMut for Forge {
    fn deref_mut(&mut self) -> &mut Forgery {
        &mut self.forgery
    }
}

impl Forge {
    pub fn new() -> Self {
        let mut town = Town::new(11);
        town.attach(CPI);
        let mut forgery = Forgery::new(&agency(CAV), &town.cards[&agency(CPI)], &town.directory, town.now);
        forgery.letter.recipients = [CPI, SIL, SOCIALE].map(str::to_owned).to_vec();
        "cremona".clone_into(&mut forgery.letter.equipe);
        "op-3f9a".clone_into(&mut forgery.letter.operator);
        Self { town, forgery, sender: agency(CAV), letter_by: agency(CAV) }
    }

    /// Who signs its envelopes.
    pub fn key(&self) -> &SigningKey {
        &self.town.offices[&self.sender].key
    }

    pub fn seal(&mut self) -> (Bytes, [u8; 32]) {
        let Town { offices, rng, .. } = &mut self.town;
        self.forgery.seal(&offices[&self.letter_by].key, &offices[&self.sender].key, rng)
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

    /// Puts this letter before the CPI, in an envelope of its own.
    pub fn send_this(&mut self, letter: &SignedLetter) -> (Option<&'static str>, Option<Outcome>) {
        self.letter = wire::Letter::decode(letter.bytes()).expect("a letter");
        self.header.envelope_id = EnvelopeId::new(self.letter.letter_id[..].try_into().expect("16"));
        self.send()
    }

    /// Another office writes from now on, and signs everything.
    pub fn write_as(&mut self, office: &str) {
        (self.sender, self.letter_by) = (agency(office), agency(office));
        self.forgery.header.sender = agency(office);
        office.clone_into(&mut self.forgery.letter.sender);
    }

    /// The letter is one of transport to the CPI, of no case.
    pub fn transport(&mut self, kind: wire::Kind, payload: &impl Message) {
        self.letter = wire::Letter {
            case_id: vec![0; 16],
            recipients: vec![CPI.to_owned()],
            equipe: String::new(),
            kind: kind.into(),
            payload: payload.encode_to_vec(),
            operator: String::new(),
            ..self.letter.clone()
        };
    }

    /// A letter of the CAV's chain in the forge's thread, signed by the CAV.
    pub fn chained(&self, id: u8, seq: u64, previous: Option<&SignedLetter>) -> SignedLetter {
        let letter = wire::Letter {
            letter_id: vec![id; 16],
            seq,
            previous_hash: previous.map_or_else(Vec::new, |letter| letter.digest().as_bytes().to_vec()),
            ..self.letter.clone()
        };
        let cav = &self.town.office(CAV).key;
        let signed = sign::sign::<LetterPurpose>(letter.encode_to_vec(), cav);
        SignedLetter::verify(signed.bytes().to_vec(), signed.signature(), &cav.public_key()).expect("a letter")
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
