"""Pictures that look alike and do not belong together, to be mixed in by `bench/series.py --similar N`.

What is true of them, decided before anything was measured:
- crop (3 in 10): a part of one wallpaper of the data, 30 to 70 % of its sides, other colours. Two parts of
  one wallpaper, and a part and its wallpaper, are neither right nor wrong: they do show one picture. A part
  and anything else is wrong.
- texture (2 in 10): a small patch of a wallpaper, laid out as tiles over the whole picture. As for crops.
- room (2 in 10): a part of a picture of openpano_NSH. All of the building is one: rooms of it linked with
  each other or with the series are neither right nor wrong, linked with anything else they are wrong.
- pattern (3 in 10): wallpaper as shops sell it: stripes, checks, dots or bricks in colours, seen at an angle.
  Each was drawn for itself: any link is wrong.
None carries metadata. They are JPEG, 480 pixels wide, the same for the same seed.
"""

from __future__ import annotations

import csv
import io
import random
from collections.abc import Callable
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw, ImageEnhance
from series_truth import BUILDING

WIDTH, HEIGHT = 480, 360


def make(data: Path, folder: Path, count: int, seed: int = 8) -> dict[str, str]:
    """Draw `count` pictures into a folder; gives by path what each was cut from."""
    numbers = random.Random(seed)
    wallpapers = [one for one in _rows(data) if one.startswith("distractors/wallpapers/")]
    rooms = [one for one, group in _rows(data).items() if group == BUILDING]
    whole: dict[str, Image.Image] = {}

    def opened(path: str) -> Image.Image:
        if path not in whole:
            whole[path] = Image.open(data / path).convert("RGB")
            whole[path].thumbnail((1600, 1600))
        return whole[path]

    folder.mkdir(parents=True)
    cut_from = {}
    for number in range(count):
        path, kind = f"similar-{number:05}.jpg", number % 10
        if kind < 3:
            cut_from[path] = numbers.choice(wallpapers)
            picture = _crop(opened(cut_from[path]), numbers)
        elif kind < 5:
            cut_from[path] = numbers.choice(wallpapers)
            picture = _tiles(opened(cut_from[path]), numbers)
        elif kind < 7:
            cut_from[path] = BUILDING
            picture = _crop(opened(numbers.choice(rooms)), numbers)
        else:
            cut_from[path] = path
            picture = _pattern(numbers)
        (folder / path).write_bytes(_bytes(_jittered(picture, numbers), numbers))
    return cut_from


def _rows(data: Path) -> dict[str, str]:
    with (data / "manifest.csv").open(encoding="utf-8", newline="") as stream:
        return {row["path"]: row["group"] for row in csv.DictReader(stream)}


def _crop(whole: Image.Image, numbers: random.Random) -> Image.Image:
    share = numbers.uniform(0.3, 0.7)
    width, height = int(whole.width * share), int(whole.height * share)
    left, top = numbers.randrange(whole.width - width), numbers.randrange(whole.height - height)
    return whole.crop((left, top, left + width, top + height)).resize((WIDTH, HEIGHT))


def _tiles(whole: Image.Image, numbers: random.Random) -> Image.Image:
    side = numbers.randrange(60, 160)
    left, top = numbers.randrange(whole.width - side), numbers.randrange(whole.height - side)
    patch = np.asarray(whole.crop((left, top, left + side, top + side)))
    tile = np.concatenate(
        [np.concatenate([patch, patch[:, ::-1]], 1), np.concatenate([patch[::-1], patch[::-1, ::-1]], 1)]
    )
    times = (HEIGHT // tile.shape[0] + 2, WIDTH // tile.shape[1] + 2, 1)
    laid = np.tile(tile, times)
    right, down = numbers.randrange(tile.shape[1]), numbers.randrange(tile.shape[0])
    return Image.fromarray(laid[down : down + HEIGHT, right : right + WIDTH])


def _pattern(numbers: random.Random) -> Image.Image:
    """Drawn twice as large, then seen at an angle."""
    colours = [tuple(numbers.randrange(256) for _ in range(3)) for _ in range(3)]
    picture = Image.new("RGB", (2 * WIDTH, 2 * HEIGHT), colours[0])
    draw = ImageDraw.Draw(picture)
    step = numbers.randrange(24, 96)
    drawn: Callable[..., None] = numbers.choice((_stripes, _checks, _dots, _bricks))
    drawn(draw, step, colours)
    bent = [numbers.uniform(-0.15, 0.15) for _ in range(4)] + [numbers.uniform(-2e-4, 2e-4) for _ in range(2)]
    way = (1 + bent[0], bent[1], WIDTH / 2, bent[2], 1 + bent[3], HEIGHT / 2, bent[4], bent[5])
    return picture.transform((WIDTH, HEIGHT), Image.Transform.PERSPECTIVE, way, Image.Resampling.BILINEAR)


Colours = list[tuple[int, ...]]


def _stripes(draw: ImageDraw.ImageDraw, step: int, colours: Colours) -> None:
    for at in range(0, 2 * WIDTH, step):
        draw.rectangle((at, 0, at + step // 2, 2 * HEIGHT), fill=colours[1 + at // step % 2])


def _checks(draw: ImageDraw.ImageDraw, step: int, colours: Colours) -> None:
    for x in range(0, 2 * WIDTH, step):
        for y in range(0, 2 * HEIGHT, step):
            if (x // step + y // step) % 2:
                draw.rectangle((x, y, x + step, y + step), fill=colours[1])


def _dots(draw: ImageDraw.ImageDraw, step: int, colours: Colours) -> None:
    for x in range(0, 2 * WIDTH, step):
        for y in range(0, 2 * HEIGHT, step):
            shift = step // 2 if y // step % 2 else 0
            draw.ellipse(
                (x + shift, y, x + shift + step // 2, y + step // 2), fill=colours[1 + x // step % 2]
            )


def _bricks(draw: ImageDraw.ImageDraw, step: int, colours: Colours) -> None:
    for row, y in enumerate(range(0, 2 * HEIGHT, step // 2)):
        for x in range(-step, 2 * WIDTH, step):
            left = x + (step // 2 if row % 2 else 0)
            draw.rectangle(
                (left, y, left + step - 4, y + step // 2 - 4), fill=colours[1 + (x // step + row) % 2]
            )


def _jittered(picture: Image.Image, numbers: random.Random) -> Image.Image:
    for change in (ImageEnhance.Brightness, ImageEnhance.Color, ImageEnhance.Contrast):
        picture = change(picture).enhance(numbers.uniform(0.7, 1.3))
    return picture


def _bytes(picture: Image.Image, numbers: random.Random) -> bytes:
    out = io.BytesIO()
    picture.save(out, "JPEG", quality=numbers.randrange(60, 95))
    return out.getvalue()
