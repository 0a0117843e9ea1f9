"""What an officer asks about: a hash as text, or a picture, which becomes fingerprints and is gone.

Never opens a picture itself (the cage does), never asks what is held.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from django.conf import settings
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from foureyes.engine import fingerprints
from foureyes.engine.decoding import HEAD_BYTES, ContentType, Family, sniff
from foureyes.engine.errors import CageError
from foureyes.engine.matching import LEAST_QUALITY
from foureyes.engine.model import Decoded, Digest, Fault
from foureyes.workbench.library import caged
from foureyes.workbench.library.uploads import Held
from foureyes.workbench.pages.codes import words_of_code
from foureyes.workbench.pages.numbers import grouped

DIGEST_OF = {64: Digest.SHA256, 40: Digest.SHA1, 32: Digest.MD5}
HEXADECIMAL = re.compile(r"[0-9a-f]+")
BETWEEN_DIGITS = str.maketrans("", "", " \t\r\n:-")
LABEL = re.compile(r"^(?:pdq|sha-?256|sha-?1|md5)\s*[:=]\s*")
RADII = re.compile(r"[0-9]{1,2}")
FARTHEST = 63
"""Bits; the index answers exactly up to here."""
FRAMES_AT_MOST = 32
"""Frames of an animation that are asked about."""


class NoQuestion(Exception):
    """Nothing can be looked for; the message says why, and what to do."""

    status = 422


class NotNow(NoQuestion):
    """Nothing can be looked for at the moment."""

    status = 503


@dataclass(frozen=True, slots=True)
class Question:
    """What is looked for. Holds no pixel."""

    digests: Mapping[Digest, str]
    """Lower-case hex; for a hash of 64 digits it may be a PDQ as well, and is looked for as both."""
    pdq: tuple[bytes, ...]
    """Fingerprints: 8 x 32 bytes each of a picture, 32 of a hash; none where it has too little in it."""
    name: str
    """Names it in the record: `pdq:<hex>`, `sha256:<hex>`, ..."""
    said: str
    """What was asked, in words."""
    notes: tuple[str, ...] = ()
    """What the officer must know to read the answer, in words."""


def radius_of(untrusted_text: str) -> int:
    """Bits that may differ, from the field of the form.

    Raises:
        NoQuestion: it is no whole number from 0 to 63.
    """
    typed = untrusted_text.strip()
    if RADII.fullmatch(typed) and int(typed) <= FARTHEST:
        return int(typed)
    raise NoQuestion(
        _("The number of bits that may differ is a whole number from 0 to %(most)s.") % {"most": FARTHEST}
    )


def of_text(untrusted_text: str) -> Question:
    """The question that a hash is.

    Raises:
        NoQuestion: it is no hash of a known length.
    """
    typed = untrusted_text.strip().strip("\"'").lower()
    digits = LABEL.sub("", typed).removeprefix("0x").translate(BETWEEN_DIGITS)
    kind = DIGEST_OF.get(len(digits))
    if kind is None or not HEXADECIMAL.fullmatch(digits):
        raise NoQuestion(_no_hash(digits))
    if kind is Digest.SHA256:
        said = _("the hash %(hash)s, as a PDQ and as a SHA-256") % {"hash": digits}
        return Question({kind: digits}, (bytes.fromhex(digits),), f"hash:{digits}", said)
    said = _("the %(digest)s %(hash)s") % {"digest": _spoken(kind), "hash": digits}
    return Question({kind: digits}, (), f"{kind}:{digits}", said)


def of_file(upload: Held) -> Question:
    """The question that a picture is: its digests, and its fingerprints made of pixels from the cage.

    Raises:
        NoQuestion: it is too large or no picture.
        NotNow: it cannot be decoded here or now.
    """
    if upload.too_large:
        most = settings.FOUREYES_UPLOAD_BYTES // 1024**2
        raise NoQuestion(
            _("This file is too large: a question has at most %(most)s MB. Nothing of it was kept.")
            % {"most": most}
        )
    upload.seek(0)
    untrusted_head = upload.read(HEAD_BYTES)
    if not untrusted_head:
        raise NoQuestion(_("This is no picture: the file holds no bytes."))
    content = sniff(untrusted_head)
    if content.family is not Family.PICTURE:
        raise NoQuestion(_no_picture(content))
    return _of_picture(upload, content)


def _of_picture(upload: Held, content: ContentType) -> Question:
    try:
        decoded = caged.decoded(upload.untrusted_fd(), content)
    except caged.Busy as busy:
        raise NotNow(_("Others' pictures are being looked at just now. Ask again in a moment.")) from busy
    except CageError as error:
        raise NotNow(
            _("Pictures cannot be opened safely on this machine: %(error)s Hashes work.") % {"error": error}
        ) from error
    digests = _digests(upload)
    if isinstance(decoded, Fault) or not decoded.frames:
        notes: tuple[str, ...] = (
            _("It could not be read (%(why)s): only the same file, byte for byte, was looked for.")
            % {"why": _why(decoded)},
        )
        values: tuple[bytes, ...] = ()
    else:
        values, notes = _fingerprints(decoded)
    sha256 = digests[Digest.SHA256]
    name = f"pdq:{values[0][:32].hex()}" if values else f"sha256:{sha256}"
    said = _("a picture (%(format)s), which was not kept") % {"format": content.format}
    return Question(digests, values, name, said, notes)


def _fingerprints(decoded: Decoded) -> tuple[tuple[bytes, ...], tuple[str, ...]]:
    """Fingerprints of a picture that are sure enough to be compared, and what to say of them."""
    made = [one for one in fingerprints.compute(decoded) if one.kind == "pdq"]
    sure = [one.value for one in made if one.quality >= LEAST_QUALITY][:FRAMES_AT_MOST]
    notes = []
    if not sure:
        best = max((one.quality for one in made), default=0)
        notes.append(
            _(
                "It is too plain for a sure fingerprint (quality %(best)s of 100, %(least)s is needed): "
                "only the same file, byte for byte, was looked for."
            )
            % {"best": best, "least": LEAST_QUALITY}
        )
    if decoded.fault:
        notes.append(_("It was readable only in part (%(why)s).") % {"why": _why(decoded)})
    return tuple(sure), tuple(notes)


def _digests(upload: Held) -> dict[Digest, str]:
    upload.seek(0)
    taking = fingerprints.DigestPass()
    for untrusted_chunk in upload.chunks(1 << 20):
        taking.update(untrusted_chunk)
    made = taking.result()
    return {Digest.SHA256: made.sha256, Digest.SHA1: made.sha1, Digest.MD5: made.md5}


def _why(decoded: Decoded | Fault) -> str:
    fault = decoded if isinstance(decoded, Fault) else decoded.fault
    if fault is None:
        return _("there are no pixels in it")
    return ": ".join(filter(None, [words_of_code(fault.code), fault.detail]))


def _no_picture(content: ContentType) -> str:
    if content.family is Family.VIDEO:
        return _("This is a video (%(format)s). Search takes one picture: take a frame of it.") % {
            "format": content.format
        }
    if content.format == "unknown":
        return _("This is no picture. Drop a picture, or paste a hash as text.")
    return _("This is no picture. It is of the kind %(format)s. Drop a picture, or paste a hash as text.") % {
        "format": content.format
    }


def _no_hash(digits: str) -> str:
    if not digits:
        return _("Drop or choose a picture, or paste a hash first.")
    if HEXADECIMAL.fullmatch(digits):
        said = ngettext(
            "This is no hash: a PDQ or SHA-256 has 64 hexadecimal digits, a SHA-1 40, an MD5 32. "
            "What was pasted has %(count)s.",
            "This is no hash: a PDQ or SHA-256 has 64 hexadecimal digits, a SHA-1 40, an MD5 32. "
            "What was pasted has %(count)s.",
            len(digits),
        )
    else:
        said = ngettext(
            "This is no hash: a PDQ or SHA-256 has 64 hexadecimal digits, a SHA-1 40, an MD5 32. "
            "What was pasted has %(count)s and has signs that are no hexadecimal digits.",
            "This is no hash: a PDQ or SHA-256 has 64 hexadecimal digits, a SHA-1 40, an MD5 32. "
            "What was pasted has %(count)s and has signs that are no hexadecimal digits.",
            len(digits),
        )
    return said % {"count": grouped(len(digits))}


def _spoken(kind: Digest) -> str:
    return {Digest.SHA256: "SHA-256", Digest.SHA1: "SHA-1", Digest.MD5: "MD5"}[kind]
