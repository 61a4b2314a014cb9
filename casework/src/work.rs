//! The expensive, pure steps between courier and desk: public-key work and hashing, one function per job, run by workers:
//! tasks of the agent's runtime, and inline in a simulation. A job carries everything that it needs; it changes nothing.

use std::sync::Arc;

use bytes::Bytes;
use raccordo_proto::directory::DirectoryFault;
use raccordo_proto::directory::confirm::{self, ConfirmFault, Confirmed};
use raccordo_proto::directory::keycard::{self, CardOrder, VerifiedCard};
use raccordo_proto::directory::update::{self, Trust};
use raccordo_proto::envelope::{Authentic, Framed};
use raccordo_proto::ids::{AgencyId, LetterId};
use raccordo_proto::receipt::Receipt;
use raccordo_proto::sign::{PublicKey, Signer};
use raccordo_proto::wire::{FetchResponse, SignedDirectory, SignedKeyCard, SignedReceipt};
use raccordo_proto::{Code, Directory, Timestamp};
use rand_core::CryptoRng;

use crate::desk::addressed;
use crate::known_keys::KnownKeys;
use crate::letter::SignedLetter;
use crate::receipts::{Transmission, VerifiedReceipt};
use crate::seal::{self, Address, Opened, SealedFrame, SealingKey};

/// Something for a worker.
pub enum Job {
    /// Make a sealing key and sign its card.
    MakeCard {
        /// The card's place, already durable.
        order: CardOrder,
        /// This office.
        agency: AgencyId,
        /// The directory it has.
        directory_version: u64,
    },
    /// Verify a peer's card.
    VerifyCard {
        /// As it came.
        card: SignedKeyCard,
        /// What it is verified against.
        directory: Arc<Directory>,
    },
    /// Seal a letter to a card.
    Seal {
        /// The letter.
        letter: Arc<SignedLetter>,
        /// Where to.
        address: Box<Address>,
    },
    /// Check an envelope's outer signature.
    Authenticate {
        /// The envelope.
        framed: Box<Framed>,
        /// Its sender's identity key, by this office's directory.
        ik: PublicKey,
        /// What it will be refused with, if the signature is good.
        refuse: Option<Code>,
    },
    /// Open an envelope.
    Open {
        /// The envelope.
        authentic: Box<Authentic>,
        /// The sealing key that its header names.
        key: Arc<SealingKey>,
        /// Whose keys this office has seen: for letters that are handed back.
        known: Arc<KnownKeys>,
    },
    /// Sign a refusal.
    Refuse {
        /// What it says.
        receipt: Box<Receipt>,
        /// To whom.
        to: AgencyId,
    },
    /// Verify a receipt.
    VerifyReceipt {
        /// As it came.
        receipt: Bytes,
        /// As it came.
        signature: Bytes,
        /// The transmission that it names.
        sent: Box<Transmission>,
    },
    /// Verify what a gateway says is the newest directory.
    VerifyDirectory {
        /// From which version it was asked for.
        since: u64,
        /// As it came.
        response: Box<FetchResponse>,
        /// Where trust starts.
        trust: Trust,
        /// What is installed.
        installed: Option<Arc<Directory>>,
    },
}

/// What a worker brings back.
pub enum Done {
    /// A card of our own.
    Card(SignedKeyCard, SealingKey),
    /// A peer's card.
    CardVerified(Result<VerifiedCard, Code>),
    /// A sealed letter.
    Sealed {
        /// The letter.
        letter: Arc<SignedLetter>,
        /// To whom, and under which directory.
        address: Box<Address>,
        /// The envelope, or why there is none.
        frame: Result<SealedFrame, Code>,
    },
    /// An envelope that its sender signed, or not.
    Authenticated {
        /// The envelope.
        result: Result<Box<Authentic>, Code>,
        /// What it is to be refused with.
        refuse: Option<Code>,
    },
    /// A letter out of its envelope.
    Opened(Result<Box<Opened>, Code>, Box<Receipt>, AgencyId),
    /// A signed refusal.
    Refused(SignedReceipt),
    /// A receipt.
    ReceiptVerified {
        /// The letter.
        letter: LetterId,
        /// From whom.
        recipient: AgencyId,
        /// The receipt, when it counts.
        result: Result<VerifiedReceipt, Code>,
    },
    /// What a gateway said of the directory.
    DirectoryVerified(Box<Looked>),
}

/// What there is to a gateway's answer about the directory.
pub struct Looked {
    /// From which version it was asked for.
    pub since: u64,
    /// A newer one, verified.
    pub directory: Result<Option<Arc<Directory>>, DirectoryFault>,
    /// A Confirm of it or, where there is none newer, of the installed one.
    pub confirmed: Option<Result<Confirmed, ConfirmFault>>,
    /// Another head of the installed version, and that version: signed by enough admins.
    pub rival: Option<(SignedDirectory, u64)>,
}

impl Looked {
    fn at(since: u64, response: FetchResponse, trust: &Trust, installed: Option<&Directory>, now: Timestamp) -> Self {
        let FetchResponse { heads, newest, confirm } = response;
        let verify = |document: &SignedDirectory| update::verify(&heads, document, trust, installed, now).map(Arc::new);
        let directory = newest.as_ref().map(verify).transpose();
        let held = directory.as_ref().ok().and_then(|newer| newer.as_deref()).or(installed);
        let confirmed = confirm.zip(held).map(|(confirm, held)| confirm::verify(&confirm, held, now));
        let other = match directory {
            Err(DirectoryFault::Equivocation) => newest.as_ref(),
            Err(DirectoryFault::Forked) => heads.first(),
            _ => None,
        };
        let rival =
            other.zip(installed).map(|(other, mine)| (SignedDirectory { body: Bytes::new(), ..other.clone() }, mine.version()));
        Self { since, directory, confirmed, rival }
    }
}

impl Job {
    /// Does it.
    pub fn run(self, me: &AgencyId, now: Timestamp, signer: &impl Signer, rng: &mut impl CryptoRng) -> Done {
        match self {
            Self::MakeCard { order, agency, directory_version } => {
                let key = SealingKey::generate(now, rng);
                Done::Card(keycard::issue(&agency, key.ek().clone(), order, directory_version, now, signer), key)
            }
            Self::VerifyCard { card, directory } => Done::CardVerified(keycard::verify(card, &directory, now)),
            Self::Seal { letter, address } => {
                let frame = seal::seal(&letter, &address, now, signer, rng);
                Done::Sealed { letter, address, frame }
            }
            Self::Authenticate { framed, ik, refuse } => {
                Done::Authenticated { result: framed.authenticate(&ik).map(Box::new), refuse }
            }
            Self::Open { authentic, key, known } => {
                let sender = authentic.header().sender.clone();
                let refusal = refusal(&authentic, me, Code::NotAccepted, now);
                Done::Opened(seal::open(*authentic, &key, &known).map(Box::new), Box::new(refusal), sender)
            }
            Self::Refuse { receipt, to } => Done::Refused(addressed(&receipt, &to, signer)),
            Self::VerifyReceipt { receipt, signature, sent } => {
                let result = VerifiedReceipt::check(receipt, &signature, &sent);
                Done::ReceiptVerified { letter: sent.letter, recipient: sent.recipient, result }
            }
            Self::VerifyDirectory { since, response, trust, installed } => {
                Done::DirectoryVerified(Box::new(Looked::at(since, *response, &trust, installed.as_deref(), now)))
            }
        }
    }
}

/// A refusal given before the content key was open: its binding is zeros. The store epoch is not known here and is
/// told only by receipts of letters that were taken.
pub(crate) fn refusal(authentic: &Authentic, me: &AgencyId, code: Code, now: Timestamp) -> Receipt {
    Receipt {
        envelope_id: authentic.header().envelope_id,
        envelope_digest: authentic.digest().first_half(),
        binding: [0; 32],
        recipient: me.clone(),
        time: now,
        store_epoch: 0,
        outcome: raccordo_proto::receipt::Outcome::Refused(code),
    }
}
