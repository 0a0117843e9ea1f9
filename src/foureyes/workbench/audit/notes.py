"""Signed notes as C2SP writes them (signed-note, tlog-checkpoint): Ed25519 over size and root of the record.

Holds no key on disk: the settings hand the private one in as text.
"""

from __future__ import annotations

import base64
import hashlib
from dataclasses import dataclass

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

ED25519 = b"\x01"
"""The number of Ed25519 in C2SP's list of kinds of signature."""
ID_BYTES = 4
DASH = "\N{EM DASH}"


@dataclass(frozen=True, slots=True)
class Stated:
    """What a checkpoint states."""

    origin: str
    """Which record it is of."""
    size: int
    root: bytes
    at: str
    """ISO 8601 in UTC."""
    head: str
    """Hash of the last entry, hex."""

    def body(self) -> str:
        """The text that is signed. Time and head are extension lines, which other readers pass over."""
        root = base64.b64encode(self.root).decode("ascii")
        return f"{self.origin}\n{self.size}\n{root}\ntime {self.at}\nhead {self.head}\n"


class Signer:
    """Signs checkpoints of one record with one private key."""

    def __init__(self, untrusted_key: str, origin: str) -> None:
        """Take the key as base64 of its 32 bytes.

        Raises:
            ValueError: it is none.
        """
        self._key = Ed25519PrivateKey.from_private_bytes(base64.b64decode(untrusted_key, validate=True))
        self._origin = origin

    @property
    def public(self) -> str:
        """The public key in one line, as C2SP writes it: name, number, key."""
        return public_line(self._origin, self._key.public_key().public_bytes_raw())

    def sign(self, stated: Stated) -> str:
        """The note: the text, an empty line, the signature."""
        body = stated.body()
        public = self._key.public_key().public_bytes_raw()
        signature = key_id(self._origin, public) + self._key.sign(body.encode("utf-8"))
        return f"{body}\n{DASH} {self._origin} {base64.b64encode(signature).decode('ascii')}\n"


def key_id(name: str, public: bytes) -> bytes:
    """The first bytes of a hash that tell keys apart."""
    return hashlib.sha256(name.encode("utf-8") + b"\n" + ED25519 + public).digest()[:ID_BYTES]


def public_line(name: str, public: bytes) -> str:
    """A public key in one line: `name+id+base64`."""
    return f"{name}+{key_id(name, public).hex()}+{base64.b64encode(ED25519 + public).decode('ascii')}"


def is_signed(note: str, key_line: str) -> bool:
    """Whether the note bears a good signature of this public key."""
    body, _, signatures = note.partition("\n\n")
    name, number, key = key_line.split("+", 2)
    public = Ed25519PublicKey.from_public_bytes(base64.b64decode(key)[1:])
    for line in signatures.splitlines():
        match line.split(" "):
            case [dash, signer, text] if dash == DASH and signer == name:
                signature = base64.b64decode(text)
                if signature[:ID_BYTES].hex() != number:
                    continue
                try:
                    public.verify(signature[ID_BYTES:], (body + "\n").encode("utf-8"))
                except InvalidSignature:
                    return False
                return True
    return False
