//! The seal: one letter, one recipient, one transmission. HPKE carries the content key, Cobblestone-256 the padded letter,
//! and everything is bound to the header (docs/PROTOCOL.md, envelope). Pure; run by workers.
//!
//! Opening continues `Framed → Authentic → Opened`: only [`open`] makes an [`Opened`], and it consumes an `Authentic`:
//!
//! ```compile_fail
//! # fn framed() -> raccordo_proto::envelope::Framed { unimplemented!() }
//! # fn key() -> raccordo_casework::seal::SealingKey { unimplemented!() }
//! raccordo_casework::seal::open(framed(), &key()); // a Framed is no Authentic
//! ```
//!
//! Not here: which letters may be sealed to whom (`desk`), cards' signatures (`raccordo-proto`).

use bytes::Bytes;
use hkdf::Hkdf;
use hmac::{Hmac, KeyInit as _, Mac as _};
use hpke::aead::ChaCha20Poly1305;
use hpke::kdf::HkdfSha256;
use hpke::kem::XWing;
use hpke::{Deserializable as _, Kem as _, OpModeR, OpModeS, Serializable as _};
use raccordo_proto::Code;
use raccordo_proto::directory::keycard::VerifiedCard;
use raccordo_proto::envelope::{self, Authentic, Header};
use raccordo_proto::ids::{AgencyId, Digest, EnvelopeId, KeyId, NetworkId};
use raccordo_proto::limits::{CARD_LIFE_MAX, LETTER_BYTES_MAX, SEALING_KEY_GRACE, SIGNATURE_BYTES};
use raccordo_proto::padding::padded;
use raccordo_proto::sign::Signer;
use raccordo_proto::time::Timestamp;
use rand_core::CryptoRng;
use sha2::{Digest as _, Sha256, Sha512};
use subtle::ConstantTimeEq as _;
use zeroize::Zeroizing;

use crate::cobblestone;
use crate::known_keys::KnownKeys;
use crate::letter::{Payload, SignedLetter};

/// The private half of a key card: in memory only, never on a disk.
pub struct SealingKey {
    private: <XWing as hpke::Kem>::PrivateKey,
    ek: Bytes,
    key_id: KeyId,
    until: Timestamp,
}

impl SealingKey {
    /// A fresh one.
    pub fn generate(now: Timestamp, rng: &mut impl CryptoRng) -> Self {
        let (private, public) = XWing::gen_keypair_with_rng(rng);
        let ek = Bytes::copy_from_slice(&public.to_bytes());
        Self { private, key_id: KeyId::of(&ek), ek, until: now.plus(CARD_LIFE_MAX) }
    }

    /// Its id.
    pub fn key_id(&self) -> KeyId {
        self.key_id
    }

    /// The public half.
    pub fn ek(&self) -> &Bytes {
        &self.ek
    }

    /// E-08: `EXPIRED_KEY` once its card is over.
    pub fn is_live(&self, now: Timestamp) -> Result<(), Code> {
        if now > self.until.plus(SEALING_KEY_GRACE) { Err(Code::ExpiredKey) } else { Ok(()) }
    }
}

/// K: what ties a receipt to a content key, so that only who opened the envelope can have made it (R-04).
#[derive(Clone)]
pub struct ReceiptKey(Zeroizing<[u8; 32]>);

impl ReceiptKey {
    /// `HKDF-SHA-256(CEK, "raccordo/v1/receipt" ‖ 00 ‖ H)`.
    fn derive(cek: &[u8; 32], header_hash: &[u8]) -> Self {
        let mut key = Zeroizing::new([0; 32]);
        let info = [&b"raccordo/v1/receipt\0"[..], header_hash];
        Hkdf::<Sha256>::new(None, cek).expand_multi_info(&info, &mut key[..]).expect("32 bytes are below HKDF's limit");
        Self(key)
    }

    /// From an export.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, Code> {
        Ok(Self(Zeroizing::new(bytes.try_into().map_err(|_| Code::Malformed)?)))
    }

    /// To keep as evidence.
    pub fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }

    /// `HMAC-SHA-256(K, letter digest)`.
    pub fn binding(&self, letter: Digest) -> [u8; 32] {
        let mut mac = Hmac::<Sha256>::new_from_slice(&self.0[..]).expect("HMAC takes any key");
        mac.update(letter.as_bytes());
        mac.finalize().into_bytes().into()
    }

    /// Whether a receipt's binding is this letter's, in constant time.
    pub fn binds(&self, letter: Digest, binding: &[u8; 32]) -> bool {
        self.binding(letter)[..].ct_eq(&binding[..]).into()
    }
}

/// Where a letter is sealed to, and under which directory.
#[derive(Clone)]
pub struct Address {
    /// The network of both ends.
    pub network: NetworkId,
    /// The sender: the letter's own.
    pub sender: AgencyId,
    /// The recipient's card.
    pub card: VerifiedCard,
    /// The sender's directory.
    pub directory_version: u64,
}

/// A sealed letter on its way.
pub struct SealedFrame {
    /// The envelope's bytes.
    pub envelope: Bytes,
    /// This transmission.
    pub envelope_id: EnvelopeId,
    /// What its receipt must name.
    pub envelope_digest: [u8; 32],
    /// What its receipt must be bound with.
    pub receipt_key: ReceiptKey,
}

/// Seals a letter to one recipient.
pub fn seal(
    letter: &SignedLetter,
    address: &Address,
    now: Timestamp,
    signer: &impl Signer,
    rng: &mut impl CryptoRng,
) -> Result<SealedFrame, Code> {
    let mut envelope_id = [0; 16];
    rng.fill_bytes(&mut envelope_id);
    let header = Header {
        envelope_id: EnvelopeId::new(envelope_id),
        network: address.network.clone(),
        sender: address.sender.clone(),
        recipient: address.card.agency.clone(),
        key_id: address.card.key_id,
        directory_version: address.directory_version,
        sent_at: now,
    };
    if letter.bytes().len() > LETTER_BYTES_MAX {
        return Err(Code::TooLarge);
    }
    let plain = pad(letter.bytes(), letter.signature());
    let (envelope, envelope_digest, receipt_key) = seal_plain(header.encode(), &plain, &address.card.ek, signer, rng)?;
    Ok(SealedFrame { envelope, envelope_id: header.envelope_id, envelope_digest, receipt_key })
}

/// The seal itself: any plaintext, under any header. [`seal`] is its only caller outside tests, which make with it what
/// no honest agent would. Gives the envelope, the first half of D, and K.
pub fn seal_plain(
    header: Bytes,
    plain: &[u8],
    ek: &[u8],
    signer: &impl Signer,
    rng: &mut impl CryptoRng,
) -> Result<(Bytes, [u8; 32], ReceiptKey), Code> {
    let header_hash = header_hash(&header);
    let mut cek = Zeroizing::new([0; 32]);
    rng.fill_bytes(&mut cek[..]);
    let mut salt = [0; 24];
    rng.fill_bytes(&mut salt);
    let public = <XWing as hpke::Kem>::PublicKey::from_bytes(ek).map_err(|_| Code::Malformed)?;
    let (enc, ct) = hpke::single_shot_seal_with_rng::<ChaCha20Poly1305, HkdfSha256, XWing>(
        &OpModeS::Base,
        &public,
        &bound(b"raccordo/v1/cek\0", &header_hash),
        &cek[..],
        b"",
        rng,
    )
    .map_err(|_| Code::Malformed)?;
    let body = cobblestone::seal(&cek, &bound(b"raccordo/v1/body\0", &header_hash), salt, plain);
    let enc = Bytes::copy_from_slice(&enc.to_bytes());
    let (envelope, digest) = envelope::assemble(header, enc, ct.into(), body.into(), signer);
    Ok((envelope, digest.first_half(), ReceiptKey::derive(&cek, &header_hash)))
}

/// A letter out of its envelope: unsealed, padding checked, inner signature verified, and its own facts agree with the
/// header's. Whether this desk takes it is the desk's to say.
pub struct Opened {
    header: Header,
    letter: SignedLetter,
    returned: Option<SignedLetter>,
    envelope_digest: [u8; 32],
    receipt_key: ReceiptKey,
}

impl Opened {
    /// The envelope's facts.
    pub fn header(&self) -> &Header {
        &self.header
    }

    /// The letter.
    pub fn letter(&self) -> &SignedLetter {
        &self.letter
    }

    /// What a RETURNED letter hands back, verified.
    pub fn returned(&self) -> Option<&SignedLetter> {
        self.returned.as_ref()
    }

    /// The letter, to be kept, and what it hands back.
    pub fn into_letters(self) -> (SignedLetter, Option<SignedLetter>) {
        (self.letter, self.returned)
    }

    /// What the receipt names.
    pub fn envelope_digest(&self) -> [u8; 32] {
        self.envelope_digest
    }

    /// What the receipt is bound with.
    pub fn binding(&self) -> [u8; 32] {
        self.receipt_key.binding(self.letter.digest())
    }
}

/// E-14 to E-16, then L-01, L-07 and the kinds of L-06, then L-02 to L-04, and the signature of L-11.
pub fn open(authentic: Authentic, key: &SealingKey, known: &KnownKeys) -> Result<Opened, Code> {
    let header_hash = header_hash(authentic.header_bytes());
    let (enc, ct, body) = authentic.sealed_parts();
    let enc = <XWing as hpke::Kem>::EncappedKey::from_bytes(enc).map_err(|_| Code::Decryption)?;
    let cek = hpke::single_shot_open::<ChaCha20Poly1305, HkdfSha256, XWing>(
        &OpModeR::Base,
        &key.private,
        &enc,
        &bound(b"raccordo/v1/cek\0", &header_hash),
        ct,
        b"",
    )
    .map(Zeroizing::new)
    .map_err(|_| Code::Decryption)?; // E-14
    let cek: Zeroizing<[u8; 32]> = Zeroizing::new(cek[..].try_into().map_err(|_| Code::Decryption)?);
    let context = bound(b"raccordo/v1/body\0", &header_hash);
    let padded = cobblestone::open(&cek, &context, body).map_err(|_| Code::Decryption)?; // E-15
    let (letter, signature) = unpad(&padded)?;
    let letter = SignedLetter::verify(letter.to_vec(), signature, authentic.ik())?;
    consistent(&letter, authentic.header())?;
    let returned = handed_back(&letter, known)?;
    Ok(Opened {
        header: authentic.header().clone(),
        letter,
        returned,
        envelope_digest: authentic.digest().first_half(),
        receipt_key: ReceiptKey::derive(&cek, &header_hash),
    })
}

/// L-11: the letter in a RETURNED one was signed by its own sender, with the key that it had when it wrote it.
fn handed_back(letter: &SignedLetter, known: &KnownKeys) -> Result<Option<SignedLetter>, Code> {
    let Payload::Returned(returned) = &letter.letter().payload else { return Ok(None) };
    let claimed = SignedLetter::claimed(&returned.letter)?;
    let mut verified = Err(Code::Signature);
    for ik in known.at(&claimed.sender, claimed.directory_version) {
        verified = SignedLetter::verify(returned.letter.clone(), &returned.signature, ik);
        if verified.is_ok() {
            break;
        }
    }
    verified.map(Some)
}

/// L-02, L-03, L-04.
fn consistent(letter: &SignedLetter, header: &Header) -> Result<(), Code> {
    let letter = letter.letter();
    let agrees = letter.sender == header.sender
        && letter.recipients.contains(&header.recipient)
        && letter.directory_version <= header.directory_version;
    if agrees { Ok(()) } else { Err(Code::Inconsistent) }
}

fn header_hash(header: &[u8]) -> [u8; 32] {
    let mut half = [0; 32];
    half.copy_from_slice(&Sha512::digest(header)[..32]);
    half
}

fn bound(label: &[u8], header_hash: &[u8; 32]) -> Vec<u8> {
    [label, header_hash].concat()
}

/// `u32 length ‖ letter ‖ signature(64) ‖ zeros`, to a Padmé class of at least 16 KiB (E-16).
pub fn pad(letter: &[u8], signature: &[u8]) -> Zeroizing<Vec<u8>> {
    let used = 4 + letter.len() + signature.len();
    let mut plain = Zeroizing::new(Vec::with_capacity(padded(used)));
    plain.extend_from_slice(&u32::try_from(letter.len()).expect("letters are at most 256 KiB").to_be_bytes());
    plain.extend_from_slice(letter);
    plain.extend_from_slice(signature);
    plain.resize(padded(used), 0);
    plain
}

fn unpad(plain: &[u8]) -> Result<(&[u8], &[u8]), Code> {
    let (len, rest) = plain.split_first_chunk::<4>().ok_or(Code::Padding)?;
    let len = usize::try_from(u32::from_be_bytes(*len)).map_err(|_| Code::Padding)?;
    if len > LETTER_BYTES_MAX || rest.len() < len + SIGNATURE_BYTES {
        return Err(Code::Padding);
    }
    let (letter, rest) = rest.split_at(len);
    let (signature, zeros) = rest.split_at(SIGNATURE_BYTES);
    let exact = padded(4 + len + SIGNATURE_BYTES) == plain.len() && zeros.iter().all(|byte| *byte == 0);
    if exact { Ok((letter, signature)) } else { Err(Code::Padding) }
}
