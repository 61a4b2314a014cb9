"""The independent reader: `reader.py FOLDER` reads `schemas.bin` and `material.json`, and writes `answers.json`.

It opens what the Rust code sealed and says what it found, refuses what has a fault and says by which rule, seals letters
of its own and makes receipts, honest ones and faulty ones. The judge is the Rust test that calls it: nothing here passes
or fails. Letters, ids and salts are drawn from the material's seed; the randomness inside HPKE is the library's own.
"""

import hashlib
import json
import pathlib
import random
import sys

import protocol
from protocol import Refused

unhex = bytes.fromhex


class World:
    """What the material says of the network."""

    def __init__(self, folder):
        self.material = json.loads((folder / "material.json").read_text())
        self.schemas = protocol.Schemas(folder / "schemas.bin")
        self.now = self.material["now"]
        self.random = random.Random(self.material["seed"])
        trust = self.schemas.read("v1.Trust", unhex(self.material["trust"]), "D-02")
        self.trust, self.directory = trust, None
        for document in self.material["directories"]:
            self.directory = self.follow(unhex(document), self.directory)
        self.seeds = {agency: unhex(seed) for agency, seed in self.material["identity"].items()}
        self.opening, self.cards = {}, {}
        for agency, opening in self.material["opening"].items():
            card = self.card(unhex(opening["card"]), unhex(opening["signature"]))
            self.cards[agency] = card
            self.opening[agency] = (card.key_id, protocol.opening_key(unhex(opening["seed"])))

    def follow(self, document, installed):
        document = self.schemas.read("v1.SignedDirectory", document, "D-02")
        return protocol.verify_directory(self.schemas, document, self.trust, installed, self.now)

    def card(self, card, signature):
        signed = self.schemas.new("v1.SignedKeyCard")
        signed.card, signed.signature = card, signature
        return protocol.verify_card(self.schemas, signed, self.directory, self.now)

    def open(self, row):
        me = row["me"]
        return protocol.open_envelope(
            self.schemas, unhex(row["envelope"]), row["peer"], me, self.opening[me], self.directory, self.now
        )

    def receipt(self, row, opened):
        """Verifies the receipt that a row carries, against what its envelope had inside."""
        me = row["me"]
        return protocol.verify_receipt(
            self.schemas,
            unhex(row["receipt"]),
            unhex(row["receipt_signature"]),
            me,
            self.directory.keys[me],
            opened.digest,
            opened.receipt_key,
            opened.letter,
        )


def judge(world, row):
    """What this reader makes of one faulty thing: the rule that refuses it, or `accepted`."""
    try:
        if row["kind"] == "envelope":
            world.open(row)
        elif row["kind"] == "card":
            world.card(unhex(row["card"]), unhex(row["signature"]))
        elif row["kind"] == "directory":
            world.follow(unhex(row["document"]), world.follow(unhex(row["installed"]), None))
        elif row["kind"] == "receipt":
            world.receipt(row, world.open(row))
        else:
            raise KeyError(row["kind"])
    except Refused as refused:
        return refused.rule
    return "accepted"


def make_receipt(world, row, opened, number, change=None, purpose="receipt", signer=None):
    """A receipt for what was opened; every third is a refusal given before the content key was open."""
    receipt = world.schemas.new("v1.Receipt")
    receipt.envelope_id = opened.header.envelope_id
    receipt.envelope_digest = opened.digest[:32]
    receipt.recipient = row["me"]
    receipt.time, receipt.store_epoch = world.now + number, 1 + number
    receipt.result = 1 + number % 3
    if receipt.result == 3:
        receipt.binding, receipt.code = bytes(32), 13
    else:
        receipt.binding = protocol.binding(opened.receipt_key, opened.letter)
    if change:
        change(receipt)
    data = receipt.SerializeToString()
    signature = protocol.sign(world.seeds[signer or row["me"]], purpose, data)
    return {"receipt": data.hex(), "signature": signature.hex()}


def faulty_receipts(world, row, opened, other):
    """Receipts with one fault each, and the code that must refuse them."""
    make = lambda *args, **kwargs: make_receipt(world, row, opened, 0, *args, **kwargs)
    letter = opened.letter

    def set_to(field, value):
        return lambda receipt: setattr(receipt, field, value)

    faults = [
        ("signed as a letter", "SIGNATURE", make(purpose="letter")),
        ("signed by another office", "SIGNATURE", make(signer=row["peer"])),
        ("of another envelope", "INCONSISTENT", make(set_to("envelope_digest", other.digest[:32]))),
        ("bound to another letter", "INCONSISTENT", make(set_to("binding", protocol.binding(opened.receipt_key, letter + b"\0")))),
        ("bound under another key", "INCONSISTENT", make(set_to("binding", protocol.binding(other.receipt_key, letter)))),
        ("delivered, without a binding", "INCONSISTENT", make(set_to("binding", bytes(32)))),
        ("delivered, with a code", "MALFORMED", make(set_to("code", 13))),
        ("in another's name", "INCONSISTENT", make(set_to("recipient", row["peer"]))),
    ]
    return [{"name": name, "code": code, **receipt} for name, code, receipt in faults]


class Draft:
    """A letter and its envelope on their way out, open to every change."""

    def __init__(self, world, number):
        agencies = sorted(world.cards)
        draw = world.random
        self.world, self.sender = world, agencies[number % len(agencies)]
        others = [agency for agency in agencies if agency != self.sender]
        self.me = draw.choice(others)
        self.header = header = world.schemas.new("v1.Header")
        header.version = header.suite = 1
        header.envelope_id = draw.randbytes(16)
        header.network_from = header.network_to = world.directory.network
        header.sender, header.recipient = self.sender, self.me
        header.key_id = world.cards[self.me].key_id
        header.directory_version, header.sent_at = world.directory.version, world.now
        self.letter = letter = world.schemas.new("casework.v1.Letter")
        letter.letter_id, letter.thread, letter.case_id = (draw.randbytes(16) for _ in range(3))
        letter.sender = self.sender
        letter.recipients.extend(others)
        letter.directory_version, letter.head_hash = world.directory.version, world.directory.hash
        letter.created, letter.store_epoch, letter.seq = world.now, 1, 1
        said = world.schemas.new("casework.v1.Segnalazione")
        length = draw.randrange(200_000) if number % 10 == 9 else draw.randrange(14_000)
        said.di_che_cosa_ha_bisogno = "è" * (length // 2)
        letter.kind, letter.payload, letter.operator = 16, said.SerializeToString(), "op-3f9a"

    def seal(self, purpose="letter", author=None, plain=None, labels=(b"cek", b"body"), change=None, signer=None):
        world, draw = self.world, self.world.random
        letter = self.letter.SerializeToString()
        padded = protocol.pad(letter, protocol.sign(world.seeds[author or self.sender], purpose, letter))
        envelope = protocol.seal_envelope(
            world.schemas,
            self.header.SerializeToString(),
            (plain or (lambda plain: plain))(padded),
            world.cards[self.me].ek,
            world.seeds[signer or self.sender],
            draw.randbytes(24),
            draw.randbytes(32),
            labels,
        )
        if change:
            change(envelope)
        return {
            "envelope": envelope.SerializeToString().hex(),
            "peer": self.sender,
            "me": self.me,
            "letter": hashlib.sha256(letter).hexdigest(),
        }


def flip(field, at, seed=None):
    """Another bit, and the outer signature anew if there is a seed for it."""

    def change(envelope):
        data = bytearray(getattr(envelope, field))
        data[at] ^= 1
        setattr(envelope, field, bytes(data))
        if seed:
            protocol.resign(envelope, seed)

    return change


def faulty_envelopes(world):
    """Envelopes with one fault each, and the code that must refuse them."""
    made = []

    def add(name, code, prepare=None, **how):
        draft = Draft(world, len(made))
        if prepare:
            prepare(draft)
        how = {key: value(draft) if key in ("change", "author") else value for key, value in how.items()}
        made.append({"name": name, "code": code, **draft.seal(**how)})

    def again(field, at):
        return lambda draft: flip(field, at, world.seeds[draft.sender])

    def once(field, at):
        return lambda draft: flip(field, at)

    def with_header(**fields):
        return lambda draft: [setattr(draft.header, field, value) for field, value in fields.items()]

    def with_letter(**fields):
        return lambda draft: [setattr(draft.letter, field, value) for field, value in fields.items()]

    def other(draft):
        return next(agency for agency in sorted(world.cards) if agency not in (draft.sender, draft.me))

    for field in ("header", "enc", "ct", "body", "signature"):
        add(f"a bit of {field}", "SIGNATURE", change=once(field, 10))
    add("another version", "VERSION", with_header(version=2))
    add("another suite", "SUITE", with_header(suite=2))
    add("sealed eleven minutes ago", "OUT_OF_TIME", with_header(sent_at=world.now - 660_000))
    add("a body of no class", "MALFORMED", plain=lambda plain: plain + b"\0")
    for field in ("enc", "ct"):
        add(f"a bit of {field}, signed again", "DECRYPTION", change=again(field, 10))
    for name, at in (("salt", 3), ("commitment", 30), ("first chunk", 60), ("last chunk", -1)):
        add(f"a bit of the {name}, signed again", "DECRYPTION", change=again("body", at))
    add("another label in info", "DECRYPTION", labels=(b"kek", b"body"))
    add("another label in the context", "DECRYPTION", labels=(b"cek", b"bodx"))
    add("padding that is not zeros", "PADDING", plain=lambda plain: plain[:-1] + b"\1")
    add("a length that does not fit", "PADDING", plain=lambda plain: b"\0\4\0\1" + plain[4:])
    add("a letter signed as a receipt", "SIGNATURE", purpose="receipt")
    add("a letter of another office's hand", "SIGNATURE", author=other)
    add("a letter that names another sender", "INCONSISTENT", lambda draft: rename(draft, other(draft)))
    add("a letter that was not for this office", "INCONSISTENT", lambda draft: draft.letter.recipients.remove(draft.me))
    add("a letter of a later directory", "INCONSISTENT", with_letter(directory_version=world.directory.version + 1))
    add("a kind that is not built", "KIND_NOT_ALLOWED", with_letter(kind=1))
    return made


def rename(draft, sender):
    draft.letter.recipients.remove(sender)
    draft.letter.sender = sender


def main(folder):
    world = World(folder)
    opened = [world.open(row) for row in world.material["envelopes"]]
    rows = list(zip(world.material["envelopes"], opened))
    answers = {
        "opened": [
            {
                "letter": hashlib.sha256(one.letter).hexdigest(),
                "receipt_key": one.receipt_key.hex(),
                "receipt_result": world.receipt(row, one).result,
                **make_receipt(world, row, one, number),
            }
            for number, (row, one) in enumerate(rows)
        ],
        "refused": [judge(world, row) for row in world.material["faults"]],
        "faulty_receipts": faulty_receipts(world, *rows[0], opened[1]),
        "sealed": [Draft(world, number).seal() for number in range(world.material["asked"])],
        "faulty_envelopes": faulty_envelopes(world),
    }
    (folder / "answers.json").write_text(json.dumps(answers))


if __name__ == "__main__":
    main(pathlib.Path(sys.argv[1]))
