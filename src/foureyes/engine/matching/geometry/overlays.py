"""Whether matched places are only a frame, a form or a logo that two pictures share around other contents.

Such a thing lies flat on the screen: it is moved and resized, never turned or seen aslant. Then what lies
between its places can be laid on each other and compared. Never looks at keypoints that did not match.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from foureyes.engine.model import Box

FLAT = 0.02
"""Turn, shear and perspective at most, of sides from 0 to 1."""
RESIZED = 4 / 3
"""At most, relative to the sides of the pictures: of a crop, 16 x 16 cells say too little to be compared. A
window in another size fills its screenshot all the same."""
CELLS_LEAST = 12
"""Of 256: with fewer between the matched places, there is nothing to tell."""
DIFFERS = 0.45
"""Mean difference of brightness between the matched places, in deviations of the picture, from which contents
are others. Of some 110 true pairs that lie flat none had more than 0.38; of 114 pairs of one player or logo
around different pictures none had less than 0.48."""
ALIKE = 0.6
"""Correlation of brightness between the matched places, below which contents are others, even dim ones."""
LEVELS = 4.0
"""Of 255: what differs by less is taken for the same, whatever its correlation."""
HIDDEN_AT_MOST = 0.5
"""Of what both show, the share that may not count: of a still picture hidden nearly whole, what is left may
be the frame of a player as well as a room."""
_LEAST_DEVIATION = 12.0
_GAINS = (0.4, 2.5)
"""What an edit does to brightness at most."""

Ground = tuple[NDArray[np.uint8], Sequence[Box]]
"""(16, 16), how bright a picture is, and its regions that do not count."""


def around_other_contents(
    a: Ground, b: Ground, homography: NDArray[np.float64], places: NDArray[np.float64]
) -> bool:
    """Whether two pictures that share matched places differ in what lies between them.

    Where regions that do not count take away most of what lies between, they are said to differ: a player's
    frame around two hidden pictures is no view.

    Args:
        a: the first picture.
        b: the second.
        homography: (3, 3) from `a` to `b`, sides from 0 to 1.
        places: (n, 4), the matched ones: x and y in `a`, x and y in `b`.
    """
    return flat(homography) and differs(a, b, homography, places) > DIFFERS


def flat(homography: NDArray[np.float64]) -> bool:
    """Whether a movement only shifts, and resizes little."""
    scaled = homography / homography[2, 2] if homography[2, 2] else homography
    others = (scaled[0, 1], scaled[1, 0], scaled[2, 0], scaled[2, 1])
    if not np.isfinite(scaled).all() or max(map(abs, others)) > FLAT:
        return False
    return all(1 / RESIZED <= scaled[side, side] <= RESIZED for side in (0, 1))


def differs(a: Ground, b: Ground, homography: NDArray[np.float64], places: NDArray[np.float64]) -> float:
    """How far brightness differs between the matched places, in deviations: 1 for what is not alike at all.

    0 where too little lies between.
    """
    import cv2  # noqa: PLC0415 - slow to import, and the command must start quickly

    (bright_a, hidden_a), (bright_b, hidden_b) = a, b
    cells = len(bright_b)
    rows, columns = np.mgrid[0:cells, 0:cells]
    ends = np.stack([(columns + 0.5) / cells, (rows + 0.5) / cells, np.ones_like(rows)], axis=-1)
    origin = ends @ np.linalg.inv(homography).T
    x, y = origin[..., 0] / origin[..., 2], origin[..., 1] / origin[..., 2]
    seen = (x > 0) & (x < 1) & (y > 0) & (y < 1)
    at = [(one * cells - 0.5).astype(np.float32) for one in (x, y)]
    bright = bright_a.astype(np.float32)
    laid = cv2.remap(bright, at[0], at[1], cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    matched = np.zeros((cells, cells), bool)
    where = np.clip((places[:, 2:] * cells).astype(int), 0, cells - 1)
    matched[where[:, 1], where[:, 0]] = True
    between = seen & ~matched
    if between.sum() < CELLS_LEAST or (seen & matched).sum() < 2:  # noqa: PLR2004 - two give a line
        return 0.0
    hidden = _under(hidden_b, ends[..., 0], ends[..., 1], 0.5 / cells) | _under(hidden_a, x, y, 1 / cells)
    between &= ~hidden
    if between.sum() < CELLS_LEAST or (seen & hidden).sum() > HIDDEN_AT_MOST * seen.sum():
        return 1.0
    one, two = laid.astype(np.float64), bright_b.astype(np.float64)
    gain, offset = _exposure(one[seen & matched], two[seen & matched])
    off = float(np.abs(gain * one + offset - two)[between].mean())
    if off > LEVELS and _alike(one[between], two[between]) < ALIKE:
        return 1.0
    return off / float(max(two[seen].std(), gain * one[seen].std(), _LEAST_DEVIATION))


def _under(
    boxes: Sequence[Box], x: NDArray[np.float64], y: NDArray[np.float64], reach: float
) -> NDArray[np.bool_]:
    """Which places some box comes so near to that their brightness is of what is in it."""
    under = np.zeros(x.shape, bool)
    for left, top, right, bottom in boxes:
        under |= (x > left - reach) & (x < right + reach) & (y > top - reach) & (y < bottom + reach)
    return under


def _alike(one: NDArray[np.float64], two: NDArray[np.float64]) -> float:
    """Correlation, 0 where one is plain."""
    if min(one.std(), two.std()) < 1:
        return 0.0
    return float(np.corrcoef(one, two)[0, 1])


def _exposure(one: NDArray[np.float64], two: NDArray[np.float64]) -> tuple[float, float]:
    """Gain and offset that bring one to the other."""
    spread = float(((one - one.mean()) ** 2).sum())
    gain = float(((one - one.mean()) * (two - two.mean())).sum()) / spread if spread > 1 else 1.0
    gain = min(max(gain, _GAINS[0]), _GAINS[1])
    return gain, float(two.mean() - gain * one.mean())
