//! Letters: signed once, at the act, and never changed. The same bytes go to every recipient at every transmission.
//!
//! `verify` reads a letter only after its signature; [`SignedLetter::trusted_before`] reads back what this machine had
//! verified or written. Not here: sealing (`seal`), what a letter does to a case (`case`).

mod transport;

use prost::Message as _;
use raccordo_proto::ids::{AgencyId, CaseId, Digest, EquipeId, LetterId, ThreadId};
use raccordo_proto::limits::{LETTER_BYTES_MAX, RECIPIENTS_MAX, SEQ_MAX};
use raccordo_proto::sign::{self, LetterPurpose, PublicKey, Signed, Signer, Unverified};
use raccordo_proto::{Code, Timestamp};

use crate::threads::{Head, Missing};
use crate::wire;

/// The case of letters that belong to none (L-10).
pub const NO_CASE: CaseId = CaseId::new([0; 16]);

/// What a letter says.
#[derive(Clone, PartialEq)]
pub enum Payload {
    /// A referral: the scheda minima.
    Segnalazione(wire::Segnalazione),
    /// Who she is.
    ParteRiservata(wire::ParteRiservata),
    /// A person has read it.
    Riscontro(wire::Riscontro),
    /// The office takes its part.
    PresaInCarico(wire::PresaInCarico),
    /// Asks for what a restored store, or a thread, lacks.
    Resync(Resync),
    /// A letter handed back: as signed by its own sender.
    Returned(wire::Returned),
    /// Where threads have come.
    Heads(Vec<Head>),
}

/// What is asked for.
#[derive(Clone, PartialEq)]
pub enum Resync {
    /// Everything since a backup was made.
    Restored(wire::Restored),
    /// One chain's letters.
    Missing(Missing),
}

impl Payload {
    /// Its kind on the wire.
    pub fn kind(&self) -> wire::Kind {
        match self {
            Self::Segnalazione(_) => wire::Kind::Segnalazione,
            Self::ParteRiservata(_) => wire::Kind::ParteRiservata,
            Self::Riscontro(_) => wire::Kind::Riscontro,
            Self::PresaInCarico(_) => wire::Kind::PresaInCarico,
            Self::Resync(_) => wire::Kind::Resync,
            Self::Returned(_) => wire::Kind::Returned,
            Self::Heads(_) => wire::Kind::Heads,
        }
    }

    /// Whether it is transport's own: it belongs to no case, and nobody reads it.
    pub fn is_transport(&self) -> bool {
        match self {
            Self::Resync(_) | Self::Returned(_) | Self::Heads(_) => true,
            Self::Segnalazione(_) | Self::ParteRiservata(_) | Self::Riscontro(_) | Self::PresaInCarico(_) => false,
        }
    }

    /// Whether it says something of the woman: what waits for her authorisation and for a directory that holds.
    pub fn is_of_the_woman(&self) -> bool {
        match self {
            Self::Segnalazione(_) | Self::ParteRiservata(_) => true,
            Self::Riscontro(_) | Self::PresaInCarico(_) | Self::Resync(_) | Self::Returned(_) | Self::Heads(_) => false,
        }
    }

    fn encode(&self) -> Vec<u8> {
        match self {
            Self::Segnalazione(payload) => payload.encode_to_vec(),
            Self::ParteRiservata(payload) => payload.encode_to_vec(),
            Self::Riscontro(payload) => payload.encode_to_vec(),
            Self::PresaInCarico(payload) => payload.encode_to_vec(),
            Self::Resync(resync) => transport::encode_resync(resync),
            Self::Returned(returned) => returned.encode_to_vec(),
            Self::Heads(heads) => transport::encode_heads(heads),
        }
    }

    fn read(kind: wire::Kind, bytes: &[u8]) -> Result<Self, Code> {
        let bad = |_| Code::Malformed;
        match kind {
            wire::Kind::Segnalazione => wire::Segnalazione::decode(bytes).map(Self::Segnalazione).map_err(bad),
            wire::Kind::ParteRiservata => wire::ParteRiservata::decode(bytes).map(Self::ParteRiservata).map_err(bad),
            wire::Kind::Riscontro => wire::Riscontro::decode(bytes).map(Self::Riscontro).map_err(bad),
            wire::Kind::PresaInCarico => wire::PresaInCarico::decode(bytes).map(Self::PresaInCarico).map_err(bad),
            wire::Kind::Resync => transport::read_resync(bytes).map(Self::Resync),
            wire::Kind::Returned => wire::Returned::decode(bytes).map(Self::Returned).map_err(bad),
            wire::Kind::Heads => transport::read_heads(bytes).map(Self::Heads),
            // L-06: kinds of the schema that are not built yet.
            wire::Kind::Unspecified | wire::Kind::Nulla => Err(Code::KindNotAllowed),
        }
    }
}

/// A letter's facts (L-07).
#[derive(Clone, PartialEq)]
pub struct Letter {
    /// The exactly-once mechanism.
    pub letter_id: LetterId,
    /// One thread, one audience.
    pub thread: ThreadId,
    /// The case.
    pub case_id: CaseId,
    /// Who signs.
    pub sender: AgencyId,
    /// Everybody else who has it: ascending, complete, without the sender.
    pub recipients: Vec<AgencyId>,
    /// The équipe it is addressed to.
    pub equipe: Option<EquipeId>,
    /// The directory it was written under.
    pub directory_version: u64,
    /// That directory's head.
    pub head_hash: Digest,
    /// When.
    pub created: Timestamp,
    /// The sender's store epoch.
    pub store_epoch: u64,
    /// From 1, per thread, sender and epoch.
    pub seq: u64,
    /// The sender's previous letter in this thread and epoch.
    pub previous: Option<Digest>,
    /// What it says.
    pub payload: Payload,
    /// Pseudonym of the person who acted.
    pub operator: String,
    /// The letter answered.
    pub in_reply_to: Option<Digest>,
}

impl Letter {
    /// Everybody who has it: sender and recipients, ascending.
    pub fn audience(&self) -> Vec<AgencyId> {
        let mut audience = self.recipients.clone();
        audience.push(self.sender.clone());
        audience.sort();
        audience
    }

    fn encode(&self) -> Vec<u8> {
        let digest = |digest: Option<Digest>| digest.map_or_else(Vec::new, |digest| digest.as_bytes().to_vec());
        wire::Letter {
            letter_id: self.letter_id.as_bytes().to_vec(),
            thread: self.thread.as_bytes().to_vec(),
            case_id: self.case_id.as_bytes().to_vec(),
            sender: self.sender.to_string(),
            recipients: self.recipients.iter().map(ToString::to_string).collect(),
            equipe: self.equipe.as_ref().map_or_else(String::new, ToString::to_string),
            directory_version: self.directory_version,
            head_hash: self.head_hash.as_bytes().to_vec(),
            created: self.created.as_millis(),
            store_epoch: self.store_epoch,
            seq: self.seq,
            previous_hash: digest(self.previous),
            voided: Vec::new(),
            kind: self.payload.kind().into(),
            payload: self.payload.encode(),
            attachments: Vec::new(),
            operator: self.operator.clone(),
            in_reply_to: digest(self.in_reply_to),
        }
        .encode_to_vec()
    }

    fn read(bytes: &[u8]) -> Result<Self, Code> {
        let letter = wire::Letter::decode(bytes).map_err(|_| Code::Malformed)?;
        if !letter.voided.is_empty() || !letter.attachments.is_empty() {
            return Err(Code::Version);
        }
        let agency = |text: &String| AgencyId::parse(text).map_err(|_| Code::Malformed);
        let digest = |bytes: &[u8]| match bytes {
            [] => Ok(None),
            bytes => Digest::parse(bytes).map(Some).map_err(|_| Code::Malformed),
        };
        let sender = agency(&letter.sender)?;
        let recipients = letter.recipients.iter().map(agency).collect::<Result<Vec<_>, _>>()?;
        if recipients.is_empty()
            || recipients.len() > RECIPIENTS_MAX
            || !recipients.is_sorted_by(|a, b| a < b)
            || recipients.contains(&sender)
        {
            return Err(Code::Malformed);
        }
        let equipe = match letter.equipe.as_str() {
            "" => None,
            id => Some(EquipeId::parse(id).map_err(|_| Code::Malformed)?),
        };
        let read = Self {
            letter_id: LetterId::parse(&letter.letter_id).map_err(|_| Code::Malformed)?,
            thread: ThreadId::parse(&letter.thread).map_err(|_| Code::Malformed)?,
            case_id: CaseId::parse(&letter.case_id).map_err(|_| Code::Malformed)?,
            sender,
            recipients,
            equipe,
            directory_version: letter.directory_version,
            head_hash: Digest::parse(&letter.head_hash).map_err(|_| Code::Malformed)?,
            created: Timestamp::from_millis(letter.created),
            store_epoch: letter.store_epoch,
            seq: letter.seq,
            previous: digest(&letter.previous_hash)?,
            payload: Payload::read(letter.kind(), &letter.payload)?,
            operator: letter.operator,
            in_reply_to: digest(&letter.in_reply_to)?,
        };
        if (1..=SEQ_MAX).contains(&read.seq) && read.is_shaped() { Ok(read) } else { Err(Code::Malformed) }
    }

    /// L-10: a letter of transport goes to one office and answers nothing; only one that hands back a letter is of a case.
    fn is_shaped(&self) -> bool {
        let of_no_case = self.case_id == NO_CASE;
        match self.payload {
            Payload::Resync(_) | Payload::Heads(_) => of_no_case && self.is_bare(),
            Payload::Returned(_) => !of_no_case && self.is_bare(),
            Payload::Segnalazione(_) | Payload::ParteRiservata(_) | Payload::Riscontro(_) | Payload::PresaInCarico(_) => {
                !of_no_case
            }
        }
    }

    fn is_bare(&self) -> bool {
        self.recipients.len() == 1 && self.equipe.is_none() && self.in_reply_to.is_none()
    }
}

/// A letter with its signature: made here, or verified here.
pub struct SignedLetter {
    signed: Signed<LetterPurpose>,
    letter: Letter,
    digest: Digest,
}

impl PartialEq for SignedLetter {
    fn eq(&self, other: &Self) -> bool {
        self.digest == other.digest && self.signed.signature() == other.signed.signature()
    }
}

impl SignedLetter {
    /// Signs a letter of one's own.
    pub fn write(letter: Letter, signer: &impl Signer) -> Self {
        let signed = sign::sign::<LetterPurpose>(letter.encode(), signer);
        Self { digest: Digest::of(signed.bytes()), signed, letter }
    }

    /// L-01, then L-07: the signature over the bytes that came, and only then what they say.
    pub fn verify(bytes: Vec<u8>, signature: &[u8], ik: &PublicKey) -> Result<Self, Code> {
        if bytes.len() > LETTER_BYTES_MAX {
            return Err(Code::TooLarge);
        }
        let signed = Unverified::<LetterPurpose>::new(bytes, signature)?.verify(ik)?;
        Ok(Self { letter: Letter::read(signed.bytes())?, digest: Digest::of(signed.bytes()), signed })
    }

    /// What an unverified letter says of itself: only to find the key that it must verify with.
    pub(crate) fn claimed(bytes: &[u8]) -> Result<Letter, Code> {
        Letter::read(bytes)
    }

    /// Reads back a letter from one's own journal. No signature is checked: never for anything that came from outside.
    pub fn trusted_before(bytes: &[u8], signature: &[u8]) -> Result<Self, Code> {
        let letter = Letter::read(bytes)?;
        let signed = Signed::trusted_before(bytes.to_vec(), signature)?;
        Ok(Self { letter, digest: Digest::of(bytes), signed })
    }

    /// Its facts.
    pub fn letter(&self) -> &Letter {
        &self.letter
    }

    /// SHA-256 of the bytes as signed: what `seen`, chains, replies and bindings name.
    pub fn digest(&self) -> Digest {
        self.digest
    }

    /// The bytes as signed.
    pub fn bytes(&self) -> &[u8] {
        self.signed.bytes()
    }

    /// The signature.
    pub fn signature(&self) -> &[u8] {
        self.signed.signature()
    }
}
