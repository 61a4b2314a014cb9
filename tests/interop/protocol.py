"""Version 1 of the protocol, written from docs/PROTOCOL.md and from the schemas alone. Rules by their numbers.

Not here: an office (desk, courier, what was seen before), TLS, the session. Ed25519 is OpenSSL's, which is less strict
about points of small order than S-01 asks; nothing here depends on such points.
"""

import hashlib
import hmac
import pathlib

from cryptography.exceptions import InvalidSignature, InvalidTag
from cryptography.hazmat.primitives import hashes, hpke
from cryptography.hazmat.primitives.asymmetric import ed25519, mlkem, x25519
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF, HKDFExpand
from google.protobuf import descriptor_pb2, descriptor_pool, message_factory
from google.protobuf.message import DecodeError

LETTER_BYTES_MAX = 256 * 1024
ENVELOPE_BYTES_MAX = 280 * 1024
CHUNK = 16 * 1024
TAG = 16
TEN_MINUTES = 600_000
DAY = 86_400_000
SUITE = hpke.Suite(hpke.KEM.MLKEM768_X25519, hpke.KDF.HKDF_SHA256, hpke.AEAD.CHACHA20_POLY1305)


class Refused(Exception):
    """A rule does not hold."""

    def __init__(self, rule):
        super().__init__(rule)
        self.rule = rule


def hold(rule, condition):
    """The rule holds, or the bytes are refused."""
    if not condition:
        raise Refused(rule)


class Schemas:
    """The messages, from the descriptors that the schemas compile to."""

    def __init__(self, path):
        described = descriptor_pb2.FileDescriptorSet.FromString(pathlib.Path(path).read_bytes())
        self.pool = descriptor_pool.DescriptorPool()
        for file in described.file:
            self.pool.Add(file)

    def new(self, name):
        """An empty message: `v1.Envelope`, `casework.v1.Letter`."""
        return message_factory.GetMessageClass(self.pool.FindMessageTypeByName("raccordo." + name))()

    def read(self, name, data, rule):
        """A message, or the rule refuses it."""
        message = self.new(name)
        try:
            message.ParseFromString(data)
        except DecodeError:
            raise Refused(rule) from None
        return message


# Signatures: S-01, S-02.


def _signed(purpose, data):
    tag = b"raccordo/v1/" + purpose.encode()
    return bytes([len(tag)]) + tag + hashlib.sha512(data).digest()


def sign(seed, purpose, data):
    return ed25519.Ed25519PrivateKey.from_private_bytes(seed).sign(_signed(purpose, data))


def public(seed):
    return ed25519.Ed25519PrivateKey.from_private_bytes(seed).public_key().public_bytes_raw()


def verifies(key, purpose, data, signature):
    try:
        ed25519.Ed25519PublicKey.from_public_bytes(key).verify(signature, _signed(purpose, data))
    except (InvalidSignature, ValueError):
        return False
    return True


# Padding: P-01, P-02.


def padme(length):
    if length < 2:
        return length
    e = length.bit_length() - 1
    s = e.bit_length() if e else 1
    mask = (1 << max(e - s, 0)) - 1
    return (length + mask) & ~mask


def padded(length):
    return max(16_384, padme(length))


def pad(letter, signature):
    plain = len(letter).to_bytes(4, "big") + letter + signature
    return plain + bytes(padded(len(plain)) - len(plain))


def unpad(plain):
    """E-16: the letter and its signature."""
    hold("E-16", len(plain) >= 68)
    length = int.from_bytes(plain[:4], "big")
    used = 4 + length + 64
    hold("E-16", length <= LETTER_BYTES_MAX and used <= len(plain) == padded(used))
    hold("E-16", not any(plain[used:]))
    return plain[4 : 4 + length], plain[4 + length : used]


# Cobblestone-256: C2SP chunked-encryption with HKDF-SHA512 and AES-256-GCM.


def _cobblestone(key, context, salt):
    info = b"c2sp.org/chunked-encryption@v1+AEAD_AES_256_GCM\0" + salt + context
    derived = HKDFExpand(hashes.SHA512(), 76, info).derive(key)
    return AESGCM(derived[:32]), derived[32:44], derived[44:]


def _nonce(base, number):
    return base[:4] + (int.from_bytes(base[4:], "big") ^ number).to_bytes(8, "big")


def cobblestone_seal(key, context, salt, plain):
    cipher, base, commitment = _cobblestone(key, context, salt)
    chunks = [plain[at : at + CHUNK] for at in range(0, len(plain) + 1, CHUNK)]
    return salt + commitment + b"".join(cipher.encrypt(_nonce(base, n), chunk, None) for n, chunk in enumerate(chunks))


def cobblestone_open(key, context, sealed):
    """E-15, the commitment first."""
    hold("E-15", len(sealed) >= 56 + TAG)
    cipher, base, commitment = _cobblestone(key, context, sealed[:24])
    hold("E-15", hmac.compare_digest(commitment, sealed[24:56]))
    body, plain = sealed[56:], b""
    for number, at in enumerate(range(0, len(body), CHUNK + TAG)):
        try:
            chunk = cipher.decrypt(_nonce(base, number), body[at : at + CHUNK + TAG], None)
        except (InvalidTag, ValueError):
            raise Refused("E-15") from None
        is_last = at + CHUNK + TAG >= len(body)
        hold("E-15", (len(chunk) < CHUNK) == is_last)
        plain += chunk
    hold("E-15", len(body) % (CHUNK + TAG) != 0)
    return plain


def is_body_class(length):
    """E-06: the body of a padded plaintext."""
    chunks, rest = divmod(length - 56, CHUNK + TAG)
    plain = chunks * CHUNK + rest - TAG
    return length > 56 and rest >= TAG and plain == padded(plain)


# Keys.


def opening_key(drawn):
    """An X-Wing private key from the 32 bytes that were drawn for it: HPKE's DeriveKeyPair, then X-Wing's own expansion."""
    labelled = drawn + b"HPKE-v1" + b"KEM\x64\x7a" + b"\0\x0dDeriveKeyPair" + b"\0\x20"
    seed = hashlib.shake_256(labelled).digest(32)
    expanded = hashlib.shake_256(seed).digest(96)
    return hpke.MLKEM768X25519PrivateKey(
        mlkem.MLKEM768PrivateKey.from_seed_bytes(expanded[:64]),
        x25519.X25519PrivateKey.from_private_bytes(expanded[64:]),
    )


def sealing_key(ek):
    return hpke.MLKEM768X25519PublicKey(
        mlkem.MLKEM768PublicKey.from_public_bytes(ek[:1184]),
        x25519.X25519PublicKey.from_public_bytes(ek[1184:]),
    )


def key_id(key):
    return hashlib.sha256(key).digest()[:8]


def header_hash(header):
    return hashlib.sha512(header).digest()[:32]


def receipt_key(cek, header):
    """K."""
    return HKDF(hashes.SHA256(), 32, None, b"raccordo/v1/receipt\0" + header_hash(header)).derive(cek)


def binding(key, letter):
    return hmac.digest(key, hashlib.sha256(letter).digest(), "sha256")


def envelope_digest(*parts):
    """D."""
    framed = b"".join(len(part).to_bytes(4, "big") + part for part in parts)
    return hashlib.sha512(b"raccordo/v1/envelope\0" + framed).digest()


# Directory: D-01 to D-12, and the identity keys in it.


class Directory:
    """A verified document."""

    def __init__(self, head, head_bytes, body):
        self.version, self.network, self.issued = head.version, head.network, head.issued
        self.hash = hashlib.sha256(head_bytes).digest()
        self.keys = {agency.id: agent.ik for agency in body.agencies for agent in agency.agents if (agency.state, agent.state) == (1, 1)}


def verify_head(schemas, document, trust):
    hold("D-01", len(document.head) <= 4096)
    known = {key.key_id: key.key for key in trust.root.admin_keys if key.alg == 1}
    signers = {
        key_id(known[s.key_id])
        for s in document.signatures
        if s.alg == 1 and s.key_id in known and verifies(known[s.key_id], "head", document.head, s.sig)
    }
    hold("D-03", len(signers) >= trust.root.threshold > 0)
    head = schemas.read("v1.Head", document.head, "D-02")
    hold("D-12", head.spec == 1)
    hold("D-05", head.network == trust.network)
    hold("D-04", head.root_version == trust.root_version and head.root == trust.root)
    return head


def verify_directory(schemas, document, trust, installed, now):
    """A document after the installed one (or the first), links not needed."""
    hold("D-01", document.ByteSize() <= 4 * 1024 * 1024)
    head = verify_head(schemas, document, trust)
    if installed:
        same = hashlib.sha256(document.head).digest() == installed.hash
        hold("D-06", head.version >= installed.version and not same)
        hold("D-07", head.version > installed.version)
        hold("D-08", head.version == installed.version + 1 and head.previous_head == installed.hash)
    newest = installed.issued if installed else 0
    hold("D-09", newest <= head.issued <= max(now, newest) + TEN_MINUTES)
    hold("D-10", head.issued < head.expires <= head.issued + 400 * DAY)
    hold("D-11", hashlib.sha512(document.body).digest() == head.body_hash)
    return Directory(head, document.head, schemas.read("v1.Body", document.body, "D-02"))


# Key cards: K-01 to K-05.


def verify_card(schemas, signed, directory, now):
    card = schemas.read("v1.KeyCard", signed.card, "K-01")
    hold("K-01", card.agency in directory.keys)
    hold("K-02", verifies(directory.keys[card.agency], "keycard", signed.card, signed.signature))
    hold("K-03", len(card.ek) == 1216 and card.key_id == key_id(card.ek))
    hold("K-04", getattr(card, "from") < card.until)
    hold("K-04", card.until <= getattr(card, "from") + DAY)
    hold("K-05", getattr(card, "from") - TEN_MINUTES <= now <= card.until)
    return card


# Envelope and letter: E-01 to E-16, then L-01 to L-04.


class Opened:
    """What came out of an envelope."""

    def __init__(self, header, digest, cek, header_bytes, letter):
        self.header, self.digest, self.letter = header, digest, letter
        self.receipt_key = receipt_key(cek, header_bytes)


def open_envelope(schemas, data, peer, me, opening, directory, now):
    """Checks all that one envelope shows. `opening` is (key id, private key)."""
    hold("E-01", len(data) <= ENVELOPE_BYTES_MAX)
    envelope = schemas.read("v1.Envelope", data, "E-02")
    envelope.DiscardUnknownFields()
    sizes = (len(envelope.enc), len(envelope.ct), len(envelope.signature))
    hold("E-02", sizes == (1120, 48, 64) and len(envelope.header) <= 512 and envelope.ByteSize() == len(data))
    header = schemas.read("v1.Header", envelope.header, "E-05")
    hold("E-03", header.version == 1 and not header.attachment_lengths and header.network_from == header.network_to)
    hold("E-04", header.suite == 1)
    hold("E-05", len(header.envelope_id) == 16 and len(header.key_id) == 8)
    hold("E-06", is_body_class(len(envelope.body)))
    hold("E-07", (header.sender, header.recipient, header.network_to) == (peer, me, directory.network))
    hold("E-10", header.sender in directory.keys)
    digest = envelope_digest(envelope.header, envelope.enc, envelope.ct, envelope.body)
    sender = directory.keys[header.sender]
    hold("E-11", verifies(sender, "envelope", digest, envelope.signature))
    hold("E-08", header.key_id == opening[0])
    hold("E-09", header.directory_version <= directory.version)
    hold("E-12", abs(now - header.sent_at) <= TEN_MINUTES)
    bound = header_hash(envelope.header)
    try:
        cek = SUITE.decrypt(envelope.enc + envelope.ct, opening[1], b"raccordo/v1/cek\0" + bound)
    except (InvalidTag, ValueError):
        raise Refused("E-14") from None
    plain = cobblestone_open(cek, b"raccordo/v1/body\0" + bound, envelope.body)
    letter, signature = unpad(plain)
    hold("L-01", verifies(sender, "letter", letter, signature))
    said = schemas.read("casework.v1.Letter", letter, "L-07")
    hold("L-07", list(said.recipients) == sorted(set(said.recipients)) and said.sender not in said.recipients)
    hold("L-02", said.sender == header.sender)
    hold("L-03", header.recipient in said.recipients)
    hold("L-04", said.directory_version <= header.directory_version)
    return Opened(header, digest, cek, envelope.header, letter)


def seal_envelope(schemas, header, plain, ek, seed, salt, cek, labels=(b"cek", b"body")):
    """An envelope around any plaintext, its half of D, and K."""
    bound = header_hash(header)
    sealed = SUITE.encrypt(cek, sealing_key(ek), b"raccordo/v1/" + labels[0] + b"\0" + bound)
    envelope = schemas.new("v1.Envelope")
    envelope.header, envelope.enc, envelope.ct = header, sealed[:1120], sealed[1120:]
    envelope.body = cobblestone_seal(cek, b"raccordo/v1/" + labels[1] + b"\0" + bound, salt, plain)
    resign(envelope, seed)
    return envelope


def resign(envelope, seed):
    """The outer signature, by whoever has this seed."""
    digest = envelope_digest(envelope.header, envelope.enc, envelope.ct, envelope.body)
    envelope.signature = sign(seed, "envelope", digest)


# Receipts.


def verify_receipt(schemas, data, signature, recipient, ik, digest, key, letter):
    hold("R-01", verifies(ik, "receipt", data, signature))
    receipt = schemas.read("v1.Receipt", data, "R-02")
    hold("R-02", receipt.recipient == recipient and receipt.result in (1, 2, 3) and (receipt.result == 3) == (receipt.code != 0))
    hold("R-03", hmac.compare_digest(receipt.envelope_digest, digest[:32]))
    bound = hmac.compare_digest(receipt.binding, binding(key, letter))
    hold("R-04", bound or (receipt.result == 3 and receipt.binding == bytes(32)))
    return receipt
