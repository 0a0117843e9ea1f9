"""Scenes drawn from a seed, with corners enough to be found again, and what cameras and editors do to them."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

Pixels = NDArray[np.uint8]
WIDTH, HEIGHT = 560, 420


def scene(seed: int, *, width: int = WIDTH, height: int = HEIGHT, shapes: int = 140) -> Pixels:
    """Patches, lines and letters in no order: each seed another wall."""
    numbers = np.random.default_rng(seed)
    picture = np.full((height, width, 3), numbers.integers(90, 170, 3), np.uint8)
    for _ in range(shapes):
        colour = [int(one) for one in numbers.integers(0, 255, 3)]
        at = numbers.integers(0, (width, height))
        size = numbers.integers(8, 60, 2)
        kind = numbers.integers(0, 4)
        to = (int(at[0] + size[0]), int(at[1] + size[1]))
        here = (int(at[0]), int(at[1]))
        if kind == 0:
            cv2.rectangle(picture, here, to, colour, -1)
        elif kind == 1:
            cv2.ellipse(
                picture, here, (int(size[0]) // 2, int(size[1]) // 2), float(size[0]), 0, 300, colour, -1
            )
        elif kind == 2:
            cv2.line(picture, here, to, colour, int(numbers.integers(1, 6)))
        else:
            letter = chr(int(numbers.integers(65, 91)))
            cv2.putText(picture, letter, here, cv2.FONT_HERSHEY_SIMPLEX, float(size[0]) / 30, colour, 2)
    noise = numbers.normal(0, 3, picture.shape)
    return np.clip(picture + noise, 0, 255).astype(np.uint8)


def seen_aslant(
    picture: Pixels, *, amount: float = 0.15, turn: float = 0.0
) -> tuple[Pixels, NDArray[np.float64]]:
    """The same wall from another place, and the homography in pixels that brought it there."""
    height, width = picture.shape[:2]
    before = np.array([[0, 0], [width, 0], [width, height], [0, height]], np.float32)
    after = before + np.array(
        [
            [amount * width, amount * height * 0.6],
            [0, 0],
            [-amount * width * 0.2, -amount * height * 0.3],
            [0, 0],
        ],
        np.float32,
    )
    bent = cv2.getPerspectiveTransform(before, after)
    turned = np.vstack([cv2.getRotationMatrix2D((width / 2, height / 2), turn, 1.0), [0, 0, 1]])
    homography = turned @ bent
    return np.asarray(cv2.warpPerspective(picture, homography, (width, height)), np.uint8), homography


def cropped(picture: Pixels, left: float, top: float, right: float, bottom: float) -> Pixels:
    height, width = picture.shape[:2]
    rows, columns = (
        slice(int(top * height), int(bottom * height)),
        slice(int(left * width), int(right * width)),
    )
    return np.ascontiguousarray(picture[rows, columns])


def mirrored(picture: Pixels) -> Pixels:
    return np.ascontiguousarray(picture[:, ::-1])


def in_a_player(picture: Pixels, *, width: int = 640, height: int = 480) -> Pixels:
    """A screenshot: the picture inside a window with buttons, names and a bar."""
    screen = scene(999, width=width, height=height, shapes=60)
    screen[60 : height - 60, 40 : width - 40] = cv2.resize(
        picture, (width - 80, height - 120), interpolation=cv2.INTER_AREA
    )
    return screen


def tiled(seed: int, *, side: int = 56) -> Pixels:
    """A wall of one tile, over and over."""
    tile = scene(seed, width=side, height=side, shapes=12)
    return np.ascontiguousarray(np.tile(tile, (HEIGHT // side, WIDTH // side, 1)))


def with_logo(picture: Pixels, seed: int = 5) -> Pixels:
    """A logo in the lower right corner."""
    logo = scene(seed, width=110, height=60, shapes=25)
    marked = picture.copy()
    marked[-70:-10, -120:-10] = logo
    return marked


def seen_by_a_camera(seed: int) -> Pixels:
    """A wall with the softness and the noise of a lens and a sensor: no two pixels of one colour."""
    noise = np.random.default_rng(seed).normal(0, 6, (HEIGHT, WIDTH, 3))
    soft = cv2.GaussianBlur(scene(seed).astype(np.float32) + noise, (0, 0), 1.0)
    return np.clip(soft, 0, 255).astype(np.uint8)


def window(*labels: str) -> Pixels:
    """A window of a program: its own labels and fields between a title and buttons that all of them have."""
    pixels = np.full((420, 360, 3), 226, np.uint8)
    pixels[:34] = (70, 90, 160)
    written = [("Filter settings", 90, 24, 0.6)]
    for number, label in enumerate(labels):
        top = 62 + number * 52
        cv2.rectangle(pixels, (170, top), (340, top + 26), (255, 255, 255), -1)
        cv2.rectangle(pixels, (170, top), (340, top + 26), (120, 120, 120), 1)
        written.append((label, 16, top + 18, 0.5))
    written += [
        (text, 16, 330 + 18 * row, 0.45) for row, text in enumerate(("Preview", "Split view", "Clip"))
    ]
    written += [(text, 20 + 87 * place, 397, 0.5) for place, text in enumerate(("Help", "Reset", "No", "OK"))]
    for text, x, y, size in written:
        cv2.putText(pixels, text, (x, y), cv2.FONT_HERSHEY_SIMPLEX, size, (20, 20, 20), 1, cv2.LINE_AA)
    return pixels


def with_a_hole(picture: Pixels) -> Pixels:
    """Half its width and height painted over."""
    painted = picture.copy()
    height, width = picture.shape[:2]
    painted[height // 4 : 3 * height // 4, 3 * width // 10 : 8 * width // 10] = 0
    return painted


def with_a_banner(picture: Pixels) -> Pixels:
    """White at its lower edge, with words on it."""
    painted = picture.copy()
    painted[-90:] = 255
    at = (20, len(painted) - 30)
    cv2.putText(painted, "WHEN IT IS MONDAY", at, cv2.FONT_HERSHEY_SIMPLEX, 1.2, (0, 0, 0), 2, cv2.LINE_AA)
    return painted
