"""The contract of format decoders: hostile bytes to upright RGB pixels, inside the cage."""

from __future__ import annotations

from typing import Protocol

from foureyes.engine.decoding.untrusted import UntrustedInput
from foureyes.engine.model import Decoded, FaultCode
from foureyes.engine.settings import DecodingSettings


class CannotDecode(Exception):
    """A decoder's own words for a file that gives no pixels; the worker makes a Fault of it.

    `detail` must hold nothing that came unfiltered from the file.
    """

    def __init__(self, code: FaultCode, detail: str) -> None:
        super().__init__(detail)
        self.code = code
        self.detail = detail


class FormatDecoder(Protocol):
    """One way of decoding, for one or several formats.

    A member module holds one instance as `DECODER`. The heavy library behind it is imported in
    `prepare`, which the cage calls before it seals itself, never at import of the module.
    """

    @property
    def name(self) -> str:
        """Short and lower-case, the module's name."""
        ...

    @property
    def version(self) -> int:
        """Raised when the same bytes would give other pixels."""
        ...

    @property
    def formats(self) -> frozenset[str]:
        """Names of `ContentType.format` that it decodes."""
        ...

    def prepare(self) -> None:
        """Import and warm up what decoding needs; inside the cage nothing new can be loaded from elsewhere.

        Raises:
            ImportError: the library is not installed; its formats are then `unsupported`.
        """
        ...

    def decode(self, untrusted: UntrustedInput, settings: DecodingSettings) -> Decoded:
        """Upright pixels near `settings.side_pixels`, and facts that only the decoder knows.

        Raises:
            CannotDecode: with a code and words. Any other exception becomes `damaged`.
        """
        ...
