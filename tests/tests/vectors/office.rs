//! An office made from a vector's head alone: the real desk and the real courier, with the keys and the directory that the
//! file names. Not here: sending, a gateway, other offices.

use std::collections::VecDeque;
use std::convert::Infallible;
use std::sync::Arc;

use bytes::Bytes;
use ed25519_dalek::SigningKey;
use raccordo_casework::courier::{Courier, Event, Output};
use raccordo_casework::desk::{Desk, Input};
use raccordo_casework::record::MemoryJournal;
use raccordo_casework::step;
use raccordo_proto::directory::update::{self, Trust};
use raccordo_proto::ids::{AgencyId, AgentId};
use raccordo_proto::receipt::{Outcome, Receipt};
use raccordo_proto::sign::Signer as _;
use raccordo_proto::wire::{Frame, SignedDirectory, SignedReceipt, ToAgent, from_agent, to_agent};
use raccordo_proto::{Directory, Timestamp};
use rand_core::{TryCryptoRng, TryRng};

use crate::format::{Vector, unhex};

/// What an office made of a frame.
#[derive(Debug, PartialEq)]
pub struct Verdict {
    /// The code that it counted.
    pub counted: Option<&'static str>,
    /// What it signed.
    pub answered: Option<Outcome>,
}

/// The office.
pub struct Office {
    me: AgencyId,
    desk: Desk,
    courier: Courier,
    journal: MemoryJournal,
    key: SigningKey,
    now: Timestamp,
    rng: Given,
    receipts: Vec<SignedReceipt>,
}

impl Office {
    /// As the file says.
    pub fn open(vector: &Vector) -> Self {
        let me = AgencyId::parse(vector.one("me")).expect("an id");
        let now = instant(vector.one("now"));
        let directory = Arc::new(directory(vector, "directory", now));
        let key = SigningKey::from_bytes(&vector.hex("me-identity-secret")[..].try_into().expect("32 bytes"));
        let agent = AgentId::parse("a1").expect("an id");
        let trust = trust(vector);
        let desk = Desk::new(me.clone());
        let courier = Courier::new(&desk, agent, trust, Some(directory.clone()), now);
        let journal = MemoryJournal::default();
        let mut office = Self { me, desk, courier, journal, key, now, rng: Given::default(), receipts: Vec::new() };
        for first in [Input::Started, Input::DirectoryOffered(directory)] {
            office.ask(first).into_iter().for_each(|released| office.happens(released));
        }
        for opening in vector.all("opening-key") {
            let (seed, made) = opening.split_once(" made ").expect("seed made instant");
            office.now = instant(made);
            office.rng.0.extend(unhex(seed));
            office.happens(Event::LinkDown("UNREACHABLE"));
            office.happens(Event::LinkOpening);
            assert!(office.rng.0.is_empty(), "the seed became a key");
        }
        office.now = now;
        for before in vector.all("before") {
            let verdict = office.hears(&unhex(before));
            let accepted = Verdict { counted: None, answered: Some(Outcome::Delivered) };
            assert_eq!(verdict, accepted, "{}: what came before is honest", vector.name);
        }
        office
    }

    /// The gateway hands over a frame.
    pub fn hears(&mut self, frame: &[u8]) -> Verdict {
        let before = self.courier.rejections().clone();
        let said = self.receipts.len();
        let frame = <Frame as prost::Message>::decode(Bytes::copy_from_slice(frame)).expect("the gateway's frame is readable");
        self.happens(Event::Heard(ToAgent { frame: Some(to_agent::Frame::Envelope(frame)) }));
        let after = self.courier.rejections();
        let counted = after.iter().find(|(code, count)| before.get(*code) != Some(count)).map(|(code, _)| *code);
        let answered = self.receipts.get(said).map(|receipt| {
            let read = Receipt::verify(receipt.receipt.clone(), &receipt.signature, &self.me, &self.key.public_key());
            read.expect("its own signature").0.outcome
        });
        Verdict { counted, answered }
    }

    fn happens(&mut self, event: Event) {
        let mut events = VecDeque::from([event]);
        while let Some(event) = events.pop_front() {
            self.courier.handle(event, self.now, &mut self.rng);
            while let Some(output) = self.courier.poll() {
                match output {
                    Output::Ask(input) => events.extend(self.ask(input)),
                    Output::Work(job) => {
                        events.push_back(Event::Worked(job.run(&self.me, self.now, &self.key, &mut self.rng)));
                    }
                    Output::Say(said) => {
                        if let Some(from_agent::Frame::Receipt(receipt)) = said.frame {
                            self.receipts.push(receipt);
                        }
                    }
                    Output::Fetch { .. } | Output::Attached(_) | Output::Reattach => {}
                }
            }
        }
    }

    fn ask(&mut self, input: Input) -> Vec<Event> {
        let step = self.desk.decide(input, self.now, &self.key, &mut self.rng).ok().expect("no person asks here");
        let pending = step.stage(&mut self.desk);
        let effects = step::commit(vec![pending], &mut self.journal).expect("memory does not fail");
        effects.into_iter().map(Event::Released).collect()
    }
}

/// An instant, in milliseconds since 1970.
pub fn instant(text: &str) -> Timestamp {
    Timestamp::from_millis(text.parse().expect("milliseconds"))
}

/// The file's trust.
pub fn trust(vector: &Vector) -> Trust {
    Trust::read(&vector.hex("trust")).expect("a trust file")
}

/// A directory of the file, verified against its trust.
pub fn directory(vector: &Vector, key: &str, now: Timestamp) -> Directory {
    let document = <SignedDirectory as prost::Message>::decode(&vector.hex(key)[..]).expect("a document");
    update::verify(&[], &document, &trust(vector), None, now).expect("a directory that holds")
}

/// Exactly these bytes, and zeros after them.
#[derive(Default)]
struct Given(VecDeque<u8>);

impl TryRng for Given {
    type Error = Infallible;

    fn try_next_u32(&mut self) -> Result<u32, Infallible> {
        Ok(0)
    }

    fn try_next_u64(&mut self) -> Result<u64, Infallible> {
        Ok(0)
    }

    fn try_fill_bytes(&mut self, out: &mut [u8]) -> Result<(), Infallible> {
        out.iter_mut().for_each(|byte| *byte = self.0.pop_front().unwrap_or_default());
        Ok(())
    }
}

impl TryCryptoRng for Given {}
