"""Networks in ONNX files: found, checked by SHA-256, converted once, run on pixels.

Their files are trusted by digest alone, and no pixel that comes here was decoded outside the cage.
"""

from __future__ import annotations

from foureyes.engine.fingerprints.networks.model_file import checked, lite0_file
from foureyes.engine.fingerprints.networks.network import Network, Taken
from foureyes.engine.fingerprints.networks.seeing import Seeing

__all__ = ["Network", "Seeing", "Taken", "checked", "lite0_file"]
