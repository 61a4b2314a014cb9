//! Key cards: fresh opening keys, signed by the identity key of the agency that hands them out (K-01 to K-07).
//! Not here: the private halves, which live in an agent's memory only.

use bytes::Bytes;
use prost::Message as _;

use super::{AgencyEntry, Directory};
use crate::code::Code;
use crate::ids::{AgencyId, KeyId};
use crate::limits::{CARD_LIFE_MAX, EK_BYTES, SKEW_MAX};
use crate::sign::{self, KeyCardPurpose, PublicKey, Signer, Unverified};
use crate::time::Timestamp;
use crate::wire;

/// Where a card stands among those of one identity key: a lower one is refused (K-06).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Default)]
pub struct CardOrder {
    /// The store's life.
    pub store_epoch: u64,
    /// Spent before the card is shown.
    pub counter: u64,
}

/// A card whose signature, agency, size and dates are good. Whether it is newer than the last one seen is the desk's to say.
#[derive(Clone)]
pub struct VerifiedCard {
    /// Who opens what is sealed to it.
    pub agency: AgencyId,
    /// The identity key that signed it.
    pub ik: PublicKey,
    /// Its id.
    pub key_id: KeyId,
    /// X-Wing encapsulation key.
    pub ek: Bytes,
    /// Last instant of use.
    pub until: Timestamp,
    /// Its place.
    pub order: CardOrder,
    /// The directory version that its agency has.
    pub directory_version: u64,
}

impl VerifiedCard {
    /// Whether the key that signed it is the one that its agency has under this directory.
    pub fn is_of_todays_key(&self, directory: &Directory) -> bool {
        let agent = directory.agency(&self.agency).and_then(AgencyEntry::active_agent);
        agent.is_some_and(|agent| agent.ik == self.ik)
    }
}

/// Reads a card's own facts without believing them: enough for a gateway to order attachments (its peers verify).
pub fn peek(card: &wire::SignedKeyCard) -> Result<(AgencyId, CardOrder), Code> {
    let card = wire::KeyCard::decode(card.card.clone()).map_err(|_| Code::Malformed)?;
    let agency = AgencyId::parse(&card.agency).map_err(|_| Code::Malformed)?;
    Ok((agency, CardOrder { store_epoch: card.store_epoch, counter: card.counter }))
}

/// Verifies a card (K-01 to K-05).
pub fn verify(card: wire::SignedKeyCard, directory: &Directory, now: Timestamp) -> Result<VerifiedCard, Code> {
    let (agency, order) = peek(&card)?;
    let ik = directory.active_agent(&agency, now)?.ik; // K-01
    let signed = Unverified::<KeyCardPurpose>::new(card.card, &card.signature)?.verify(&ik)?; // K-02
    let card = wire::KeyCard::decode(signed.bytes().clone()).map_err(|_| Code::Malformed)?;
    let key_id = KeyId::parse(&card.key_id).map_err(|_| Code::Malformed)?;
    if card.ek.len() != EK_BYTES || key_id != KeyId::of(&card.ek) {
        return Err(Code::Malformed); // K-03
    }
    let (from, until) = (Timestamp::from_millis(card.from), Timestamp::from_millis(card.until));
    if until <= from || until > from.plus(CARD_LIFE_MAX) {
        return Err(Code::Malformed); // K-04
    }
    if now > until || from > now.plus(SKEW_MAX) {
        return Err(Code::ExpiredKey); // K-05
    }
    Ok(VerifiedCard { agency, ik, key_id, ek: card.ek, until, order, directory_version: card.directory_version })
}

/// Signs a card of one's own.
pub fn issue(
    agency: &AgencyId,
    ek: Bytes,
    order: CardOrder,
    directory_version: u64,
    now: Timestamp,
    signer: &impl Signer,
) -> wire::SignedKeyCard {
    let card = wire::KeyCard {
        agency: agency.as_str().to_owned(),
        key_id: Bytes::copy_from_slice(KeyId::of(&ek).as_bytes()),
        ek,
        from: now.as_millis(),
        until: now.plus(CARD_LIFE_MAX).as_millis(),
        store_epoch: order.store_epoch,
        counter: order.counter,
        directory_version,
    };
    let signed = sign::sign::<KeyCardPurpose>(card.encode_to_vec(), signer);
    wire::SignedKeyCard { card: signed.bytes().clone(), signature: Bytes::copy_from_slice(signed.signature()) }
}
