"""What a passphrase opens, from docs/PROTOCOL.md §8 alone: `unlock.py FILE PASSPHRASE` prints the store key in hexadecimal;
`--make` before them writes the fixture of agent/src/store/tests, with salts and nonce from chance.

Not here: any other file of the store.
"""

import hashlib
import pathlib
import secrets
import struct
import sys

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.argon2 import Argon2id
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

HEAD = b"raccordo" + b"u" + b"\x01"
DOMAIN = b"raccordo/store/v1/unlock\x00"
MEMORY_KIB, PASSES, LANES = 262_144, 3, 1
CLEAR = len(HEAD) + 12 + 16
SALT, NONCE, DIGEST = 32, 12, 32


def cipher(clear, salt, passphrase):
    """The cipher of the file that begins so."""
    memory, passes, lanes, argon2_salt = struct.unpack(">III16s", clear[len(HEAD) :])
    assert (memory, passes, lanes) == (MEMORY_KIB, PASSES, LANES), "version 1 knows one cost"
    slow = Argon2id(salt=argon2_salt, length=32, iterations=passes, lanes=lanes, memory_cost=memory)
    key = slow.derive(passphrase.encode())
    return AESGCM(HKDF(hashes.SHA256(), 32, salt, DOMAIN).derive(key))


def make(passphrase, store_key):
    """The file's bytes."""
    clear = HEAD + struct.pack(">III", MEMORY_KIB, PASSES, LANES) + secrets.token_bytes(16)
    salt, nonce = secrets.token_bytes(SALT), secrets.token_bytes(NONCE)
    file = clear + salt + nonce + cipher(clear, salt, passphrase).encrypt(nonce, store_key, clear)
    return file + hashlib.sha256(file).digest()


def read(file, passphrase):
    """The store key in it; an exception when it does not open."""
    covered = file[:-DIGEST]
    assert hashlib.sha256(covered).digest() == file[-DIGEST:], "damaged"
    assert covered.startswith(HEAD), "another file, or another version"
    clear, salt = covered[:CLEAR], covered[CLEAR : CLEAR + SALT]
    nonce, sealed = covered[CLEAR + SALT :][:NONCE], covered[CLEAR + SALT + NONCE :]
    return cipher(clear, salt, passphrase).decrypt(nonce, sealed, clear)


if __name__ == "__main__":
    *option, path, phrase = sys.argv[1:]
    if option == ["--make"]:
        pathlib.Path(path).write_bytes(make(phrase, bytes(range(32))))
    print(read(pathlib.Path(path).read_bytes(), phrase).hex())
