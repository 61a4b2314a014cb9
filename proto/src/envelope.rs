//! Envelopes: `Bytes → Framed → Authentic`, each step consuming the former (invariant 7). Opening is casework's.
//!
//! The steps cannot be skipped:
//!
//! ```compile_fail
//! # let framed: raccordo_proto::envelope::Framed = todo!();
//! let authentic = raccordo_proto::envelope::Authentic { framed }; // private: only `authenticate` makes one
//! ```
//!
//! Not here: what is inside, and any key that opens it.

use bytes::Bytes;
use prost::Message as _;
use sha2::Digest as _;

use crate::code::Code;
use crate::ids::{AgencyId, EnvelopeId, KeyId, NetworkId};
use crate::limits::{CT_BYTES, ENC_BYTES, ENVELOPE_BYTES_MAX, HEADER_BYTES_MAX, SIGNATURE_BYTES, SKEW_MAX};
use crate::padding;
use crate::sign::{self, EnvelopePurpose, PublicKey, Signer, Unverified};
use crate::time::Timestamp;
use crate::wire;

/// The protocol's version.
pub const VERSION: u32 = 1;
/// X-Wing, HKDF-SHA256, ChaCha20Poly1305; Cobblestone-256; Ed25519.
pub const SUITE: u32 = 1;

/// The envelope's own facts, read into types. Before [`Authentic`] they are only claims.
#[derive(Clone, Debug, PartialEq)]
pub struct Header {
    /// This transmission.
    pub envelope_id: EnvelopeId,
    /// The network of both ends.
    pub network: NetworkId,
    /// Who sent it.
    pub sender: AgencyId,
    /// Who can open it.
    pub recipient: AgencyId,
    /// The recipient's card.
    pub key_id: KeyId,
    /// The directory it was sealed under.
    pub directory_version: u64,
    /// When it was sealed.
    pub sent_at: Timestamp,
}

impl Header {
    /// The bytes that travel and are signed.
    pub fn encode(&self) -> Bytes {
        let header = wire::Header {
            version: VERSION,
            suite: SUITE,
            envelope_id: Bytes::copy_from_slice(self.envelope_id.as_bytes()),
            network_from: self.network.as_str().to_owned(),
            network_to: self.network.as_str().to_owned(),
            sender: self.sender.as_str().to_owned(),
            recipient: self.recipient.as_str().to_owned(),
            key_id: Bytes::copy_from_slice(self.key_id.as_bytes()),
            directory_version: self.directory_version,
            sent_at: self.sent_at.as_millis(),
            attachment_lengths: Vec::new(),
        };
        header.encode_to_vec().into()
    }

    /// E-03, E-04, E-05.
    fn read(bytes: &Bytes) -> Result<Self, Code> {
        let header = wire::Header::decode(bytes.clone()).map_err(|_| Code::Malformed)?;
        if header.version != VERSION || !header.attachment_lengths.is_empty() {
            return Err(Code::Version);
        }
        if header.suite != SUITE {
            return Err(Code::Suite);
        }
        if header.network_from != header.network_to {
            return Err(Code::Version); // federation is not spoken here
        }
        let id = |text: &str| AgencyId::parse(text).map_err(|_| Code::Malformed);
        Ok(Self {
            envelope_id: EnvelopeId::parse(&header.envelope_id).map_err(|_| Code::Malformed)?,
            network: NetworkId::parse(&header.network_from).map_err(|_| Code::Malformed)?,
            sender: id(&header.sender)?,
            recipient: id(&header.recipient)?,
            key_id: KeyId::parse(&header.key_id).map_err(|_| Code::Malformed)?,
            directory_version: header.directory_version,
            sent_at: Timestamp::from_millis(header.sent_at),
        })
    }
}

/// The 64 bytes that the outer signature covers and whose first half a receipt names.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct EnvelopeDigest([u8; 64]);

impl EnvelopeDigest {
    /// `D = SHA-512("raccordo/v1/envelope" ‖ 00 ‖ u32 len ‖ header ‖ u32 len ‖ enc ‖ u32 len ‖ ct ‖ u32 len ‖ body)`.
    fn of(parts: [&[u8]; 4]) -> Self {
        let mut hash = sha2::Sha512::new_with_prefix(b"raccordo/v1/envelope\0");
        for part in parts {
            hash.update(u32::try_from(part.len()).expect("parts are below 280 KiB").to_be_bytes());
            hash.update(part);
        }
        Self(hash.finalize().into())
    }

    /// The half that a receipt carries.
    pub fn first_half(&self) -> [u8; 32] {
        let mut half = [0; 32];
        half.copy_from_slice(&self.0[..32]);
        half
    }
}

/// An envelope of the right shape: sizes, version, padding class. Nobody's word has been checked.
pub struct Framed {
    header: Header,
    envelope: wire::Envelope,
}

impl Framed {
    /// The only way from bytes to an envelope (E-01 to E-06).
    pub fn parse(bytes: Bytes) -> Result<Self, Code> {
        if bytes.len() > ENVELOPE_BYTES_MAX {
            return Err(Code::TooLarge);
        }
        let len = bytes.len();
        let envelope = wire::Envelope::decode(bytes).map_err(|_| Code::Malformed)?;
        let sizes_hold = envelope.header.len() <= HEADER_BYTES_MAX
            && envelope.enc.len() == ENC_BYTES
            && envelope.ct.len() == CT_BYTES
            && envelope.signature.len() == SIGNATURE_BYTES;
        // One way to write an envelope: nothing beside the five fields, in their order and once.
        if !sizes_hold || envelope.encoded_len() != len {
            return Err(Code::Malformed);
        }
        let header = Header::read(&envelope.header)?;
        if !padding::is_sealed_class(envelope.body.len()) {
            return Err(Code::Malformed);
        }
        Ok(Self { header, envelope })
    }

    /// Its claims, to find the keys that check them.
    pub fn header(&self) -> &Header {
        &self.header
    }

    /// Checks the outer signature over the parts that came (E-11).
    pub fn authenticate(self, ik: &PublicKey) -> Result<Authentic, Code> {
        let e = &self.envelope;
        let digest = EnvelopeDigest::of([&e.header, &e.enc, &e.ct, &e.body]);
        let unverified = Unverified::<EnvelopePurpose>::new(digest.0.to_vec(), &e.signature)?;
        unverified.verify(ik)?;
        Ok(Authentic { header: self.header, envelope: self.envelope, digest, ik: *ik })
    }
}

/// An envelope that its sender signed. Nobody has opened it.
pub struct Authentic {
    header: Header,
    envelope: wire::Envelope,
    digest: EnvelopeDigest,
    ik: PublicKey,
}

impl Authentic {
    /// Its facts, now the sender's word.
    pub fn header(&self) -> &Header {
        &self.header
    }

    /// The header's bytes, as signed.
    pub fn header_bytes(&self) -> &Bytes {
        &self.envelope.header
    }

    /// HPKE encapsulated key, sealed content key, Cobblestone body.
    pub fn sealed_parts(&self) -> (&Bytes, &Bytes, &Bytes) {
        (&self.envelope.enc, &self.envelope.ct, &self.envelope.body)
    }

    /// What a receipt names.
    pub fn digest(&self) -> EnvelopeDigest {
        self.digest
    }

    /// The identity key that signed it.
    pub fn ik(&self) -> &PublicKey {
        &self.ik
    }

    /// E-12: `OUT_OF_TIME` when it was sealed more than ten minutes from now.
    pub fn in_time(&self, now: Timestamp) -> Result<(), Code> {
        if self.header.sent_at.distance(now) > SKEW_MAX { Err(Code::OutOfTime) } else { Ok(()) }
    }
}

/// Signs and writes an envelope around parts that were sealed under `header`.
pub fn assemble(header: Bytes, enc: Bytes, ct: Bytes, body: Bytes, signer: &impl Signer) -> (Bytes, EnvelopeDigest) {
    let digest = EnvelopeDigest::of([&header, &enc, &ct, &body]);
    let signed = sign::sign::<EnvelopePurpose>(digest.0.to_vec(), signer);
    let envelope = wire::Envelope { header, enc, ct, body, signature: Bytes::copy_from_slice(signed.signature()) };
    (envelope.encode_to_vec().into(), digest)
}
