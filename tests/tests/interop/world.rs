//! The network that both readers know: two of three admins, two versions of the directory, four offices with a card each.

use std::collections::BTreeMap;

use bytes::Bytes;
use ed25519_dalek::SigningKey;
use prost::Message as _;
use raccordo_admin::roster::{Dates, Roster};
use raccordo_admin::vault::Vault;
use raccordo_casework::known_keys::KnownKeys;
use raccordo_casework::letter::{Letter, Payload, SignedLetter};
use raccordo_casework::seal::{Address, Opened, SealedFrame, SealingKey, open, seal};
use raccordo_casework::wire::Segnalazione;
use raccordo_proto::directory::keycard::{self, CardOrder};
use raccordo_proto::envelope::Framed;
use raccordo_proto::ids::{CaseId, LetterId, NetworkId, ThreadId};
use raccordo_proto::wire::SignedKeyCard;
use raccordo_proto::{AgencyId, Code, Directory};
use raccordo_tests::seeded::{Exactly, Seeded};
use raccordo_tests::town::{DAWN, Town, agency};
use rand_core::Rng as _;

pub const NETWORK: &str = "rete-prova.invalid";
pub const OFFICES: [&str; 4] = ["cav-ginestra", "cpi-rivabella", "sil-rivabella", "sociale-rivabella"];

pub struct World {
    pub vault: Vault,
    pub roster: Roster,
    /// The versions, oldest first; the last is in force.
    pub directories: Vec<Directory>,
    pub keys: BTreeMap<AgencyId, SigningKey>,
    pub openings: BTreeMap<AgencyId, Opening>,
    pub rng: Seeded,
}

pub struct Opening {
    pub seed: [u8; 32],
    pub key: SealingKey,
    pub card: SignedKeyCard,
}

/// A letter that was sealed here, and what its receipt must name.
pub struct Sent {
    pub letter: SignedLetter,
    pub frame: SealedFrame,
    pub peer: AgencyId,
    pub me: AgencyId,
}

impl World {
    pub fn new(seed: u64) -> Self {
        let Town { roster, offices, mut rng, .. } = Town::new(seed);
        let network = NetworkId::parse(NETWORK).expect("a name");
        let vault = Vault::generate(network, 3, 2, &[[9; 32]], &mut rng).expect("two of three");
        let first = roster.publish(&vault, None, Dates::from_now(DAWN), DAWN).expect("a directory");
        let mut changed = roster.clone();
        changed.offices[0].office = "Ufficio di via nuova (nome di fantasia)".to_owned();
        let second = changed.publish(&vault, Some(&first), Dates::from_now(DAWN), DAWN).expect("a directory");
        let keys: BTreeMap<_, _> = offices.into_iter().map(|(id, office)| (id, office.key)).collect();
        let mut openings = BTreeMap::new();
        for id in OFFICES.map(agency) {
            let mut seed = [0; 32];
            rng.fill_bytes(&mut seed);
            let key = SealingKey::generate(DAWN, &mut Exactly(seed));
            let order = CardOrder { store_epoch: 1, counter: 1 };
            let card = keycard::issue(&id, key.ek().clone(), order, second.version(), DAWN, &keys[&id]);
            openings.insert(id, Opening { seed, key, card });
        }
        Self { vault, roster: changed, directories: vec![first, second], keys, openings, rng }
    }

    pub fn directory(&self) -> &Directory {
        self.directories.last().expect("two versions")
    }

    /// A letter of `chars` characters from one office, to all the others.
    pub fn letter(&mut self, sender: &AgencyId, chars: usize) -> Letter {
        let mut ids = [[0; 16]; 3];
        ids.iter_mut().for_each(|id| self.rng.fill_bytes(id));
        let said = Segnalazione { urgenza: 1, di_che_cosa_ha_bisogno: "à".repeat(chars), ..Default::default() };
        Letter {
            letter_id: LetterId::new(ids[0]),
            thread: ThreadId::new(ids[1]),
            case_id: CaseId::new(ids[2]),
            sender: sender.clone(),
            recipients: OFFICES.map(agency).into_iter().filter(|id| id != sender).collect(),
            equipe: None,
            directory_version: self.directory().version(),
            head_hash: self.directory().head_hash(),
            created: DAWN,
            store_epoch: 1,
            seq: 1,
            previous: None,
            payload: Payload::Segnalazione(said),
            operator: "op-3f9a".to_owned(),
            in_reply_to: None,
        }
    }

    pub fn address(&self, peer: &AgencyId, me: &AgencyId) -> Address {
        let card = keycard::verify(self.openings[me].card.clone(), self.directory(), DAWN).expect("its own card");
        let network = NetworkId::parse(NETWORK).expect("a name");
        Address { network, sender: peer.clone(), card, directory_version: self.directory().version() }
    }

    /// The `number`th letter of the run: every office writes to every other, and every tenth letter is long.
    pub fn send(&mut self, number: usize) -> Sent {
        let peer = agency(OFFICES[number % 4]);
        let me = agency(OFFICES[(number + 1 + number / 4 % 3) % 4]);
        let longest = if number % 10 == 9 { 100_000 } else { 7_000 };
        let chars = self.rng.next_u64() as usize % longest;
        let letter = SignedLetter::write(self.letter(&peer, chars), &self.keys[&peer]);
        let address = self.address(&peer, &me);
        let frame = seal(&letter, &address, DAWN, &self.keys[&peer], &mut self.rng).expect("it seals");
        Sent { letter, frame, peer, me }
    }

    /// All the checks of a receiver that one envelope shows.
    pub fn open(&self, envelope: Bytes, me: &AgencyId) -> Result<Opened, Code> {
        let framed = Framed::parse(envelope)?;
        let sender = framed.header().sender.clone();
        let ik = self.directory().active_agent(&sender, DAWN)?.ik;
        let authentic = framed.authenticate(&ik)?;
        authentic.in_time(DAWN)?;
        open(authentic, &self.openings[me].key, &KnownKeys::default())
    }

    /// A third version, of which the second's reader knows nothing.
    pub fn third(&self) -> Vec<u8> {
        let third = self.roster.publish(&self.vault, Some(self.directory()), Dates::from_now(DAWN), DAWN);
        third.expect("a directory").document().encode_to_vec()
    }
}
