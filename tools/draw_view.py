"""Draws two pictures side by side with the points that same-view matched, for the docs.

    python tools/draw_view.py A B OUT.jpg

Only for pictures that may be shown: the samples of this repository, say. Decodes them without a cage.
"""

from __future__ import annotations

import sys
from pathlib import Path

import cv2
import numpy as np
from PIL import Image

from foureyes.engine.steps.looks import look_of
from foureyes.engine.steps.viewing import best_view

HEIGHT = 330
GAP = 8
COLOURS = ((255, 196, 0), (0, 200, 255), (255, 80, 160), (120, 230, 80))


def main() -> None:
    """Draw what the arguments name."""
    if len(sys.argv) != 4:
        sys.exit(__doc__)
    first, second, out = map(Path, sys.argv[1:])
    a, b = (np.asarray(Image.open(path).convert("RGB")) for path in (first, second))
    seen = best_view(look_of("a", a, 0.0), look_of("b", b, 0.0))
    if seen is None:
        sys.exit("No view was found.")
    view = seen.view
    left, right = (
        cv2.resize(one, (round(one.shape[1] * HEIGHT / one.shape[0]), HEIGHT), interpolation=cv2.INTER_AREA)
        for one in (a, b)
    )
    sheet = np.full((HEIGHT, left.shape[1] + GAP + right.shape[1], 3), 255, np.uint8)
    sheet[:, : left.shape[1]] = left
    sheet[:, left.shape[1] + GAP :] = right
    for number, (x, y, u, v) in enumerate(view.points()):
        here = (round(x * left.shape[1]), round(y * HEIGHT))
        there = (left.shape[1] + GAP + round(u * right.shape[1]), round(v * HEIGHT))
        colour = COLOURS[number % len(COLOURS)]
        cv2.line(sheet, here, there, colour, 1, cv2.LINE_AA)
        for end in (here, there):
            cv2.circle(sheet, end, 3, colour, -1, cv2.LINE_AA)
    Image.fromarray(sheet).save(out, quality=80)
    print(f"{view.method}: {view.inliers} points, {view.share_a:.0%} and {view.share_b:.0%}")


if __name__ == "__main__":
    main()
