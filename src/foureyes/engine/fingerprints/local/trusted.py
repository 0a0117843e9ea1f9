"""Opens a network that is trusted by its SHA-256: a file that is missing or altered is said so, never run."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import TYPE_CHECKING

from foureyes.engine.errors import ModelUnusable

if TYPE_CHECKING:
    from onnxruntime import InferenceSession


def session_of(path: Path, sha256: str) -> InferenceSession:
    """The network, ready to run on one core.

    Raises:
        ModelUnusable: the file is missing, or its bytes are not the ones that were checked.
    """
    try:
        content = path.read_bytes()
    except OSError as error:
        raise ModelUnusable(
            f"The network {path.name} is missing ({error.strerror}): install Foureyes anew."
        ) from error
    found = hashlib.sha256(content).hexdigest()
    if found != sha256:
        raise ModelUnusable(
            f"The network {path.name} is not the one that was checked: its SHA-256 begins with {found[:12]}, "
            f"not {sha256[:12]}. It is not run: install Foureyes anew."
        )
    import onnxruntime  # noqa: PLC0415 - 200 ms of each start that only features need

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    options.inter_op_num_threads = 1
    options.log_severity_level = 3
    return onnxruntime.InferenceSession(content, options, providers=["CPUExecutionProvider"])
