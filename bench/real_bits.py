"""Fingerprints that are distributed like real ones: correlated bits, repeated pictures, clusters of edits.

    python bench/real_bits.py --data FOLDER --fit FILE          fit to pictures, and show the fit
    python bench/real_bits.py --fit FILE --rows N --out FILE.npy

What is fitted: to PDQ of the pictures and of crops of them (quality 50 and more), each bit's share of ones
and the correlation of each two bits; to the pictures alone, how many near each other there are (components
within 31 bits), and how many bits each is from the middle one. Rows are drawn from correlated normals cut
at each bit's threshold (a Gaussian copula); an edit adds noise to the same normals, so bits near their
threshold flip first. What is assumed, for 400 pictures cannot tell: one picture in 20,000 is popular, with
64 to 1,000 copies. Same seed, same rows, in chunks of bounded memory.
"""

from __future__ import annotations

import argparse
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components
from scipy.stats import norm

from foureyes.engine import fingerprints
from foureyes.engine.fingerprints.pdq import pdq
from foureyes.engine.matching import LEAST_QUALITY, near_pairs

CROPS = 8
SETS = ("camera", "country", "distractors", "metadata", "neardup", "series")
"""Folders of the ground truth with pictures that people made; `hostile` was made to break decoders."""
POPULAR = 1 / 20_000
COPIES = (64, 1_000)
CHUNK = 1 << 17
SIDE = 512


class Fit(NamedTuple):
    """What was learned; kept as an .npz file."""

    factor: NDArray[np.float32]
    """Shape (256, 256): independent normals times this are correlated as the bits are."""
    threshold: NDArray[np.float32]
    """Of each bit, above what its normal makes a one."""
    sizes: NDArray[np.int64]
    """Of each component of near pictures, how many it has; ones among them."""
    distances: NDArray[np.int64]
    """Of each picture of a larger component, bits from the middle one."""
    samples: NDArray[np.int64]
    """How many pictures and crops were fitted to."""


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--data", type=Path)
    parser.add_argument("--fit", type=Path, required=True)
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--out", type=Path)
    asked = parser.parse_args()
    if asked.data:
        save(fitted(asked.data), asked.fit)
    fit = load(asked.fit)
    show(fit)
    if asked.out:
        np.save(asked.out, rows(fit, asked.rows, asked.seed))


def fitted(data: Path) -> Fit:
    """Learn from every picture under the sets of a data folder."""
    whole, crops = hashes(data)
    bits = np.unpackbits(np.concatenate([whole, crops]), axis=1).astype(np.float64)
    share = bits.mean(axis=0).clip(0.02, 0.98)
    correlation = np.sin(np.pi / 2 * np.corrcoef(bits, rowvar=False))
    values, vectors = np.linalg.eigh(correlation)
    factor = (vectors * np.sqrt(values.clip(0))).T
    factor /= np.linalg.norm(factor, axis=0)
    sizes, distances = clusters(whole)
    return Fit(
        factor.astype(np.float32),
        norm.ppf(1 - share).astype(np.float32),
        sizes,
        distances,
        np.array([len(whole), len(crops)]),
    )


def hashes(data: Path) -> tuple[NDArray[np.uint8], NDArray[np.uint8]]:
    """PDQ of all pictures of quality 50 and more, and of crops of 30 to 90 % of their sides."""
    fingerprints.prepare()
    rng = np.random.default_rng(7)
    whole, crops = [], []
    for path in sorted(path for name in SETS for path in (data / name).rglob("*") if path.is_file()):
        picture = opened(path)
        if picture is None:
            continue
        whole.append(pdq(picture))
        for _ in range(CROPS):
            height, width = (int(side * rng.uniform(0.3, 0.9)) for side in picture.shape[:2])
            top, left = rng.integers(picture.shape[0] - height), rng.integers(picture.shape[1] - width)
            crops.append(pdq(np.ascontiguousarray(picture[top : top + height, left : left + width])))
    return tuple(
        np.array([list(value[:32]) for value, quality in made if quality >= LEAST_QUALITY], np.uint8)
        for made in (whole, crops)
    )


def opened(path: Path) -> NDArray[np.uint8] | None:
    try:
        with warnings.catch_warnings(), Image.open(path) as image:
            warnings.simplefilter("ignore")
            image.draft("RGB", (SIDE, SIDE))
            image.thumbnail((SIDE, SIDE))
            pixels = np.asarray(image.convert("RGB"))
    except (OSError, ValueError, SyntaxError, EOFError):
        return None
    return pixels if min(pixels.shape[:2]) >= 64 else None


def clusters(whole: NDArray[np.uint8]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Sizes of components of near pictures, and bits between each picture and its component's middle."""
    pairs = near_pairs(whole)
    graph = coo_array((np.ones(len(pairs.a)), (pairs.a, pairs.b)), shape=(len(whole),) * 2)
    label = connected_components(graph, directed=False)[1]
    distances = []
    for component in np.flatnonzero(np.bincount(label) > 1):
        values = whole[label == component]
        apart = np.bitwise_count(values[:, None] ^ values[None]).sum(axis=2, dtype=np.int64)
        middle = apart.sum(axis=0).argmin()
        distances.append(np.delete(apart[middle], middle))
    return np.bincount(label), np.concatenate(distances or [np.zeros(1, np.int64)])


def rows(fit: Fit, count: int, seed: int) -> NDArray[np.uint8]:
    """So many fingerprints, uint8 of shape (count, 32)."""
    made = np.empty((count, 32), np.uint8)
    at = 0
    for chunk in chunks(fit, seed):
        taken = min(len(chunk), count - at)
        made[at : at + taken] = chunk[:taken]
        at += taken
        if at == count:
            return made
    return made


def chunks(fit: Fit, seed: int) -> Iterator[NDArray[np.uint8]]:
    """Endless chunks of rows; copies and edits of a picture lie within one chunk, in any order."""
    number = 0
    while True:
        rng = np.random.Generator(np.random.SFC64([seed, number]))
        sizes = rng.choice(fit.sizes, CHUNK)
        popular = rng.random(CHUNK) < POPULAR
        sizes[popular] = rng.integers(*COPIES, popular.sum(), endpoint=True)
        pictures = int(np.searchsorted(np.cumsum(sizes), CHUNK)) + 1
        yield chunk(fit, rng, sizes[:pictures])
        number += 1


def chunk(fit: Fit, rng: np.random.Generator, sizes: NDArray[np.int64]) -> NDArray[np.uint8]:
    normal = rng.standard_normal((len(sizes), 256), np.float32) @ fit.factor
    of = np.repeat(np.arange(len(sizes)), sizes)
    bits = np.packbits(normal > fit.threshold, axis=1)[of]
    copy = np.flatnonzero(np.diff(of, prepend=-1) == 0)
    apart = rng.choice(fit.distances, len(copy))
    edit, apart = copy[apart > 0], apart[apart > 0]
    strength = np.tan(np.pi * apart / 256).astype(np.float32)[:, None]
    noise = rng.standard_normal((len(edit), 256), np.float32) @ fit.factor
    bits[edit] = np.packbits(normal[of[edit]] + strength * noise > fit.threshold, axis=1)
    return bits[rng.permutation(len(bits))]


def save(fit: Fit, path: Path) -> None:
    np.savez_compressed(path, **fit._asdict())


def load(path: Path) -> Fit:
    with np.load(path) as held:
        return Fit(*(held[name] for name in Fit._fields))


def show(fit: Fit) -> None:
    correlation = np.abs(fit.factor.T @ fit.factor)[~np.eye(256, dtype=bool)]
    sizes = fit.sizes
    print(
        f"fitted to {fit.samples[0]} pictures and {fit.samples[1]} crops of quality {LEAST_QUALITY} and more"
    )
    print(
        f"correlation of two bits: mean {correlation.mean():.3f}, 99 % {np.quantile(correlation, 0.99):.3f}"
    )
    print(
        f"pictures near another: {sizes[sizes > 1].sum()} of {sizes.sum()}, largest component {sizes.max()}"
    )
    print(
        f"bits from the middle one: median {np.median(fit.distances):g}, "
        f"90 % {np.quantile(fit.distances, 0.9):g}"
    )


if __name__ == "__main__":
    main()
