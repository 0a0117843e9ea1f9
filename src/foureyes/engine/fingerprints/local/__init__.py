"""Local features of a picture: places that can be found again in another. It must not compare any."""

from foureyes.engine.fingerprints.local.packing import KEYPOINTS, VERSION, packed, unpacked, value_bytes
from foureyes.engine.fingerprints.local.sift import mirrored, sift
from foureyes.engine.fingerprints.local.xfeat import xfeat

__all__ = ["KEYPOINTS", "VERSION", "mirrored", "packed", "sift", "unpacked", "value_bytes", "xfeat"]
