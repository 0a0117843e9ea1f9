"""How a program inside the cage says no, and how its words become harmless on the way out."""

from __future__ import annotations

from foureyes.engine.model import Fault, FaultCode

DETAIL_CHARACTERS = 200
_CODES = tuple(FaultCode)


class Refusal(Exception):
    """Raised by a program inside the cage: this file gives no answer, for this reason."""

    def __init__(self, code: FaultCode, detail: str = "") -> None:
        super().__init__(code, detail)
        self.code = code
        self.detail = detail


def fault_payload(code: FaultCode, detail: str) -> bytes:
    """One byte for the code, then the text: what the worker sends."""
    return bytes([_CODES.index(code)]) + plain(detail).encode("ascii")


def untrusted_fault(payload: bytes) -> Fault:
    """The fault that a worker's payload names; nonsense becomes `damaged`."""
    if not payload or payload[0] >= len(_CODES):
        return Fault(FaultCode.DAMAGED, "the decoder gave no reason")
    return Fault(_CODES[payload[0]], plain(payload[1:].decode("ascii", "replace")))


def plain(untrusted_text: str) -> str:
    """At most 200 printable ASCII characters, white space folded, all else as question marks."""
    cut = untrusted_text[: 4 * DETAIL_CHARACTERS]
    shown = "".join(c if c.isascii() and c.isprintable() else " " if c.isspace() else "?" for c in cut)
    return " ".join(shown.split())[:DETAIL_CHARACTERS]
