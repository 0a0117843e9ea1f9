"""Encrypts the secrets of second factors for the database, under a key made of the settings' secret key."""

from __future__ import annotations

import base64
import hashlib

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django.conf import settings

DOMAIN = b"foureyes second factor 1"


class SecretUnreadable(Exception):
    """A second factor was encrypted under another secret key: it must be reset."""


def seal(text: str) -> str:
    """Encrypted text, as ASCII."""
    return _box().encrypt(text.encode()).decode("ascii")


def unseal(sealed: str) -> str:
    """The text again.

    Raises:
        SecretUnreadable: the secret key was changed since. Never a text in its place: a code made of an empty
            secret could be guessed.
    """
    try:
        return _box().decrypt(sealed.encode("ascii")).decode()
    except InvalidToken as error:
        raise SecretUnreadable from error


def _box() -> MultiFernet:
    keys = [settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS]
    digests = (hashlib.sha256(DOMAIN + str(key).encode()).digest() for key in keys)
    return MultiFernet([Fernet(base64.urlsafe_b64encode(digest)) for digest in digests])
