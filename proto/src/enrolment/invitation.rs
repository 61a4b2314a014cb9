//! An invitation: what an office is given so that it can deposit its request at a gateway, and the one-time code in it.
//!
//! The code itself is shown to nobody: a gateway sees a token made from it, and the directory names the token's hash. So neither
//! whoever reads the directory nor the gateway can bind another request to the code. Not here: drawing the code, where the text
//! lies, pictures of it.

use core::fmt;

use bytes::Bytes;
use data_encoding::BASE32_NOPAD;
use hmac::{Hmac, KeyInit as _, Mac as _};
use prost::Message as _;
use sha2::Sha256;

use crate::endpoint::Endpoint;
use crate::ids::{AgencyId, Digest, NetworkId};
use crate::limits::{CODE_BYTES, INVITATION_CHARS_MAX, SPKI_MAX};
use crate::time::Timestamp;
use crate::wire;

const SPEC: u32 = 1;
const PREFIX: &str = "RACCORDO1:";
/// Of SHA-256 over what stands before them: a slip of whoever copied it is no other invitation.
const CHECK_BYTES: usize = 4;
const TOKEN: &[u8] = b"raccordo/v1/deposit\0";
const BINDING: &[u8] = b"raccordo/v1/binding\0";

/// Why a text is no invitation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum InvitationFault {
    ///
    #[error("A-19: the text is no invitation, or not all of it")]
    Unreadable,
    ///
    #[error("A-19: the invitation speaks another version of the format")]
    Version,
}

/// A one-time code of 80 bits. It cannot be printed by mistake.
#[derive(Clone)]
pub struct OneTimeCode([u8; CODE_BYTES]);

impl OneTimeCode {
    /// These bytes, freshly drawn.
    pub fn new(bytes: [u8; CODE_BYTES]) -> Self {
        Self(bytes)
    }

    /// What a gateway is shown.
    pub fn token(&self) -> [u8; 32] {
        *Digest::of(&[TOKEN, &self.0].concat()).as_bytes()
    }

    /// What the directory names.
    pub fn hash(&self) -> Digest {
        Digest::of(&self.token())
    }

    fn mac(&self, request: &[u8]) -> Hmac<Sha256> {
        let mac = Hmac::<Sha256>::new_from_slice(&self.0).expect("HMAC takes keys of every length");
        mac.chain_update(BINDING).chain_update(request)
    }

    /// Binds the file of a request to this code.
    pub fn bind(&self, request: &[u8]) -> [u8; 32] {
        self.mac(request).finalize().into_bytes().into()
    }

    /// whether this is the request that was made with this code.
    pub fn has_bound(&self, request: &[u8], binding: &[u8]) -> bool {
        self.mac(request).verify_slice(binding).is_ok()
    }
}

impl fmt::Debug for OneTimeCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("OneTimeCode")
    }
}

/// What an office is given.
#[derive(Clone, Debug)]
pub struct Invitation {
    /// The network.
    pub network: NetworkId,
    /// SHA-256 of its trust file.
    pub trust_hash: Digest,
    /// The gateway's authority port.
    pub gateway: Endpoint,
    /// SHA-256 of the gateway's TLS keys.
    pub spki_sha256: Vec<[u8; 32]>,
    /// The office's id.
    pub agency: AgencyId,
    /// The one-time code.
    pub code: OneTimeCode,
    /// Its last instant.
    pub until: Timestamp,
}

impl Invitation {
    /// One line of capitals, digits and a colon: a picture of it (QR) is smallest so.
    pub fn text(&self) -> String {
        let mut bytes = wire::InvitationText {
            spec: SPEC,
            network: self.network.to_string(),
            trust_hash: Bytes::copy_from_slice(self.trust_hash.as_bytes()),
            gateway: self.gateway.to_string(),
            spki_sha256: self.spki_sha256.iter().map(|hash| Bytes::copy_from_slice(hash)).collect(),
            agency: self.agency.to_string(),
            code: Bytes::copy_from_slice(&self.code.0),
            until: self.until.as_millis(),
        }
        .encode_to_vec();
        let check = Digest::of(&bytes);
        bytes.extend_from_slice(&check.as_bytes()[..CHECK_BYTES]);
        format!("{PREFIX}{}", BASE32_NOPAD.encode(&bytes))
    }

    /// Reads one. Spaces and broken lines are nobody's mistake.
    pub fn read(text: &str) -> Result<Self, InvitationFault> {
        if text.len() > INVITATION_CHARS_MAX {
            return Err(InvitationFault::Unreadable);
        }
        let text: String = text.split_whitespace().collect::<String>().to_ascii_uppercase();
        Self::parse(&text).ok_or(InvitationFault::Unreadable)?
    }

    fn parse(text: &str) -> Option<Result<Self, InvitationFault>> {
        let bytes = BASE32_NOPAD.decode(text.strip_prefix(PREFIX)?.as_bytes()).ok()?;
        let (bytes, check) = bytes.split_at_checked(bytes.len().checked_sub(CHECK_BYTES)?)?;
        if Digest::of(bytes).as_bytes()[..CHECK_BYTES] != *check {
            return None;
        }
        let said = wire::InvitationText::decode(bytes).ok()?;
        if said.spec != SPEC {
            return Some(Err(InvitationFault::Version));
        }
        let spki_sha256: Vec<[u8; 32]> = said.spki_sha256.iter().map(|hash| hash[..].try_into().ok()).collect::<Option<_>>()?;
        if spki_sha256.is_empty() || spki_sha256.len() > SPKI_MAX {
            return None;
        }
        Some(Ok(Self {
            network: NetworkId::parse(&said.network).ok()?,
            trust_hash: Digest::parse(&said.trust_hash).ok()?,
            gateway: Endpoint::parse(&said.gateway)?,
            spki_sha256,
            agency: AgencyId::parse(&said.agency).ok()?,
            code: OneTimeCode(said.code[..].try_into().ok()?),
            until: Timestamp::from_millis(said.until),
        }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn invitation() -> Invitation {
        Invitation {
            network: NetworkId::parse("rete-prova").expect("a name"),
            trust_hash: Digest::of(b"trust"),
            gateway: Endpoint::parse("gw.rete.example:444").expect("an endpoint"),
            spki_sha256: vec![[7; 32]],
            agency: AgencyId::parse("cpi-rivabella").expect("a slug"),
            code: OneTimeCode::new([3; CODE_BYTES]),
            until: Timestamp::from_millis(1_700_000_000_000),
        }
    }

    #[test]
    fn a_19_an_invitation_is_read_as_it_was_written_and_nothing_near_it() {
        let text = invitation().text();
        let read = Invitation::read(&format!(" {}\n{}\n", &text[..40], &text[40..].to_lowercase())).expect("the same");
        assert_eq!(read.text(), text);
        assert_eq!((read.agency.as_str(), read.gateway.to_string().as_str()), ("cpi-rivabella", "gw.rete.example:444"));
        for at in 0..text.len() {
            let mut other = text.clone().into_bytes();
            other[at] = if other[at] == b'A' { b'B' } else { b'A' };
            let other = String::from_utf8(other).expect("text");
            assert!(Invitation::read(&other).is_err(), "another sign at {at}");
            assert!(Invitation::read(&text[..at]).is_err(), "{at} of it");
        }
        assert_eq!(Invitation::read(&"A".repeat(INVITATION_CHARS_MAX + 1)).err(), Some(InvitationFault::Unreadable));
        let empty = |change: fn(&mut Invitation)| {
            let mut invitation = invitation();
            change(&mut invitation);
            Invitation::read(&invitation.text()).is_err()
        };
        assert!(empty(|one| one.spki_sha256.clear()) && empty(|one| one.spki_sha256 = vec![[1; 32]; SPKI_MAX + 1]));
        let mut other = wire::InvitationText { spec: 2, ..Default::default() }.encode_to_vec();
        let check = Digest::of(&other);
        other.extend_from_slice(&check.as_bytes()[..CHECK_BYTES]);
        let other = Invitation::read(&format!("{PREFIX}{}", BASE32_NOPAD.encode(&other)));
        assert_eq!(other.err(), Some(InvitationFault::Version));
    }

    #[test]
    fn a_26_a_code_binds_one_request_and_shows_itself_to_nobody() {
        let (ours, other) = (OneTimeCode::new([3; CODE_BYTES]), OneTimeCode::new([4; CODE_BYTES]));
        let binding = ours.bind(b"request");
        assert!(ours.has_bound(b"request", &binding));
        assert!(!ours.has_bound(b"another", &binding) && !other.has_bound(b"request", &binding));
        assert!(!ours.has_bound(b"request", &binding[..31]) && !ours.has_bound(b"request", b""));
        assert_eq!(ours.hash(), Digest::of(&ours.token()));
        assert_ne!(ours.token(), other.token());
        assert_eq!(format!("{ours:?}"), "OneTimeCode");
    }
}
