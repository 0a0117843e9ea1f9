"""Pictures made of nothing: like photographs in that detail falls with its frequency, each seed another."""

from __future__ import annotations

import io

import numpy as np
from PIL import Image

WIDTH, HEIGHT = 640, 480


def made_picture(
    seed: int, *, width: int = 320, turned: bool = False, quality: int = 85, exif: bytes = b""
) -> bytes:
    """A JPEG of the picture of this seed, in another size, orientation or quality where asked."""
    image = _scene(seed).resize((width, width * HEIGHT // WIDTH), Image.Resampling.LANCZOS)
    out = io.BytesIO()
    (image.transpose(Image.Transpose.ROTATE_90) if turned else image).save(
        out, "JPEG", quality=quality, exif=exif
    )
    return out.getvalue()


def _scene(seed: int) -> Image.Image:
    """Random patches from coarse to fine, each octave half as strong as the one before."""
    numbers = np.random.default_rng(seed)
    scene = np.zeros((HEIGHT, WIDTH, 3))
    for octave in range(6):
        patches = numbers.integers(0, 255, (3 << octave, 4 << octave, 3), dtype=np.uint8)
        layer = Image.fromarray(patches).resize((WIDTH, HEIGHT), Image.Resampling.BICUBIC)
        scene += (np.asarray(layer, dtype=float) - 127) * 0.75**octave
    scene -= scene.min()
    return Image.fromarray((scene * (255 / scene.max())).astype(np.uint8))
