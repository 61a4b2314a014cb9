//! Evidence that verifies, and each way in which it does not.

use raccordo_casework::letter::{Letter, Payload};
use raccordo_casework::wire::Riscontro;
use raccordo_machine::clock::now;
use raccordo_proto::ids::{CaseId, EnvelopeId, LetterId, ThreadId};

use super::*;
use crate::cast::{self, Cast};
use crate::network::Network;
use crate::temp::TempFolder;

struct World {
    _folder: TempFolder,
    network: Network,
}

fn world() -> World {
    let folder = TempFolder::create("raccordo-test").expect("a folder");
    let network = Network::create(folder.path(), &Cast::demo()).expect("a network");
    World { _folder: folder, network }
}

impl World {
    /// A riscontro of the CPI to the CAV and the social service.
    fn letter(&self) -> SignedLetter {
        let letter = Letter {
            letter_id: LetterId::new([1; 16]),
            thread: ThreadId::new([2; 16]),
            case_id: CaseId::new([3; 16]),
            sender: cast::cpi(),
            recipients: vec![cast::cav(), cast::sociale()],
            equipe: None,
            directory_version: 1,
            head_hash: self.network.directory().head_hash(),
            created: now(),
            store_epoch: 1,
            seq: 1,
            previous: None,
            payload: Payload::Riscontro(Riscontro::default()),
            operator: "op-0be4".to_owned(),
            in_reply_to: None,
        };
        SignedLetter::write(letter, &self.network.identity(&cast::cpi()).expect("a key"))
    }

    /// A receipt of `recipient`, signed by `signer`, bound to `digest`.
    fn receipt(&self, recipient: &AgencyId, signer: &AgencyId, digest: Digest) -> LetterDelivered {
        let key = ReceiptKey::from_bytes(&[9; 32]).expect("32 bytes");
        let receipt = Receipt {
            envelope_id: EnvelopeId::new([4; 16]),
            envelope_digest: [5; 32],
            binding: key.binding(digest),
            recipient: recipient.clone(),
            time: now(),
            store_epoch: 1,
            outcome: Outcome::Delivered,
        };
        let signed = receipt.sign(&self.network.identity(signer).expect("a key"));
        LetterDelivered {
            letter_id: vec![1; 16],
            recipient: recipient.to_string(),
            receipt: signed.bytes().to_vec(),
            signature: signed.signature().to_vec(),
            binding_key: key.as_bytes().to_vec(),
            ..Default::default()
        }
    }

    fn export(&self, holder: &AgencyId, letters: &[(&SignedLetter, Vec<LetterDelivered>)]) -> Vec<u8> {
        let letter = |(letter, receipts): &(&SignedLetter, Vec<LetterDelivered>)| ExportedLetter {
            letter: letter.bytes().to_vec(),
            signature: letter.signature().to_vec(),
            receipts: receipts.clone(),
        };
        let network = self.network.cast().network.to_string();
        let letters = letters.iter().map(letter).collect();
        CaseExport { network, agency: holder.to_string(), case_id: vec![3; 16], letters }.encode_to_vec()
    }

    fn fault(&self, holder: &AgencyId, letters: &[(&SignedLetter, Vec<LetterDelivered>)]) -> String {
        let taken = Evidence::default().take(&self.export(holder, letters), self.network.directory());
        taken.err().map(|fault| format!("{fault:#}")).unwrap_or_default()
    }
}

#[test]
fn a_letter_is_whole_when_everybody_has_signed_for_it_and_shows_it() {
    let world = world();
    let letter = world.letter();
    let receipts = [cast::cav(), cast::sociale()].map(|office| world.receipt(&office, &office, letter.digest()));
    let mut evidence = Evidence::default();
    let directory = world.network.directory();
    evidence.take(&world.export(&cast::cpi(), &[(&letter, receipts.to_vec())]), directory).expect("good");
    assert_eq!((evidence.letters(), evidence.recipients(), evidence.receipts()), (1, 2, 2));
    assert!(!evidence.is_whole(), "the recipients have not shown it yet");
    for recipient in [cast::cav(), cast::sociale()] {
        evidence.take(&world.export(&recipient, &[(&letter, Vec::new())]), directory).expect("good");
    }
    assert!(evidence.is_whole());
    assert_eq!((evidence.of_kind(Kind::Riscontro), evidence.of_kind(Kind::Segnalazione)), ((2, 2), (0, 0)));
    evidence.take(&world.export(&cast::cav(), &[(&letter, vec![]), (&letter, vec![])]), directory).expect("good");
    assert!(evidence.duplicates == 1 && !evidence.is_whole());
}

#[test]
fn what_does_not_verify_is_an_error_and_no_lower_count() {
    let world = world();
    let letter = world.letter();
    let forged = world.receipt(&cast::cav(), &cast::cpi(), letter.digest());
    assert!(world.fault(&cast::cpi(), &[(&letter, vec![forged])]).contains("SIGNATURE"));
    let of_another = world.receipt(&cast::cav(), &cast::cav(), Digest::of(b"another letter"));
    assert!(world.fault(&cast::cpi(), &[(&letter, vec![of_another])]).contains("bound to another"));
    let uninvited = world.receipt(&cast::sil(), &cast::sil(), letter.digest());
    assert!(world.fault(&cast::cpi(), &[(&letter, vec![uninvited])]).contains("no recipient"));
    assert!(world.fault(&cast::sil(), &[(&letter, Vec::new())]).contains("not addressed"));
}
