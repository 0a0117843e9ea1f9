"""Pictures that bear text, drawn with the letters that come with Pillow."""

from __future__ import annotations

import io
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

import made_pictures


def bearing(
    seed: int, *texts: tuple[str, float, float], high: float = 0.06, upside_down: bool = False
) -> bytes:
    """A JPEG of the picture of a seed with texts drawn over it, each at x and y (0 to 1 of the frame)."""
    picture = Image.open(io.BytesIO(made_pictures.made_picture(seed, width=512))).convert("RGB")
    for text, x, y in texts:
        drawn(picture, text, (x, y), high)
    out = io.BytesIO()
    (picture.transpose(Image.Transpose.ROTATE_180) if upside_down else picture).save(out, "JPEG", quality=90)
    return out.getvalue()


def page(lines: Sequence[str], *, width: int = 512, height: int = 700) -> NDArray[np.uint8]:
    """A white page with lines of small text."""
    picture = Image.new("RGB", (width, height), "white")
    draw = ImageDraw.Draw(picture)
    font = ImageFont.load_default(size=13)
    for number, line in enumerate(lines):
        draw.text((12, 10 + 15 * number), line, fill="black", font=font)
    return np.asarray(picture)


def drawn(picture: Image.Image, text: str, at: tuple[float, float], high: float) -> None:
    """White letters with a dark edge, as programs lay them over pictures."""
    font = ImageFont.load_default(size=high * picture.height)
    place = (at[0] * picture.width, at[1] * picture.height)
    ImageDraw.Draw(picture).text(place, text, fill="white", font=font, stroke_width=2, stroke_fill="black")


def pixels_of(content: bytes) -> NDArray[np.uint8]:
    """RGB pixels of an encoded picture."""
    return np.asarray(Image.open(io.BytesIO(content)).convert("RGB"))
