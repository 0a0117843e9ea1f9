"""Scene vector: what a picture shows, as a direction; pictures of one room point nearly the same way.

A network sees the picture and its mirror image; the mean of what it makes of the two is taken to unit
length and stored as float16. Near vectors say that pictures look alike, never that they are of one place.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from functools import cached_property

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from foureyes.engine.errors import ModelUnusable
from foureyes.engine.fingerprints.networks import Network, Seeing, checked, lite0_file
from foureyes.engine.fingerprints.networks.lite0 import VALUES as LITE0_VALUES
from foureyes.engine.fingerprints.pdq import quality_of
from foureyes.engine.settings import EngineSettings, SceneModel

SCENE = "scene"
LITE0_SEES = Seeing(side=288, mean=(127.0, 127.0, 127.0), deviation=(128.0, 128.0, 128.0))
"""288: of the sizes tried, the smallest at which crops gain (docs/families/fingerprints/scene.md)."""
FRAMES_AT_MOST = 32
LEAST_QUALITY = 20
"""Below this there is nothing to see. Of 406 development media, walls lit evenly, blank frames and drawings
of a few lines have 0 to 11, the plainest photograph 30, nearly all of them 100."""
_ALIKE = 0.995
"""Cosine from which a film need not keep both. Two pictures of white noise have 0.993."""
_QUALITY_SIDE = 64


class Scene:
    """Member of the fingerprint family: one vector of unit length per picture, float16.

    Its network is loaded with the first picture. It raises ModelUnusable where that cannot be had.
    """

    version = 1
    frames_at_most = FRAMES_AT_MOST

    def __init__(
        self,
        name: str = SCENE,
        load: Callable[[], bytes] = lambda: lite0_file(None),
        seeing: Seeing = LITE0_SEES,
        values: int | None = LITE0_VALUES,
        output: str = "",
    ) -> None:
        """Name its network; nothing is read yet. Where `values` is None, the network is asked how many."""
        self.name = name
        self._load, self._seeing, self._values, self._output = load, seeing, values, output

    @property
    def value_bytes(self) -> int:
        """Two for each number of the vector."""
        if self._values is None:
            self.prepare()
        return 2 * (self._values or 0)

    @cached_property
    def network(self) -> Network:
        """The network, loaded. Raises ModelUnusable."""
        return Network(self._load(), output=self._output)

    def prepare(self) -> None:
        """Load the network now: some 0.3 CPU seconds.

        Raises ModelUnusable where it cannot be had, or what it gives of two drawn pictures is no vector of
        what they show.
        """
        made = [self.network.vectors(self._seeing.batch(one)).mean(axis=0) for one in _drawn()]
        lengths = [float(np.linalg.norm(one)) for one in made]
        if not np.isfinite(lengths).all():
            raise ModelUnusable("The network gives what is no number.")
        if min(lengths) == 0.0 or float(made[0] @ made[1]) / (lengths[0] * lengths[1]) > _ALIKE:
            raise ModelUnusable("The network gives the same of two pictures that have nothing in common.")
        values = len(made[0])
        if self._values not in {None, values}:
            raise ModelUnusable(f"The network gives {values} numbers, not {self._values}.")
        self._values = values

    def make(self, pixels: NDArray[np.uint8], full_size: tuple[int, int] | None = None) -> tuple[bytes, int]:
        """Vector and quality. `full_size` is not needed: the network sees a few hundred pixels at most.

        A picture with next to nothing in it has no direction: zeros, which are near nothing. Nor has one of a
        shape that the network does not take, or of which it makes no numbers.
        """
        del full_size
        quality = _quality(pixels)
        if quality < LEAST_QUALITY:
            return bytes(self.value_bytes), quality
        try:
            made = self.network.vectors(self._seeing.batch(pixels)).mean(axis=0)
        except ModelUnusable:
            return bytes(self.value_bytes), 0
        length = float(np.linalg.norm(made))
        if not np.isfinite(length) or length == 0.0 or 2 * len(made) != self.value_bytes:
            return bytes(self.value_bytes), 0
        return (made / length).astype("<f2").tobytes(), quality

    def alike(self, a: bytes, b: bytes) -> bool:
        """Whether the cosine of the two is 0.995 or more."""
        one, two = (np.frombuffer(value, "<f2").astype(np.float32) for value in (a, b))
        return bool(one @ two >= _ALIKE) or a == b


def scenes_of(settings: EngineSettings) -> tuple[Scene, ...]:
    """Those that are set, each once: the shipped network, or what stands for it, then those beside it."""
    first, beside = settings.scenes.model, settings.scenes.beside
    made = [Scene(load=lambda: lite0_file(settings.models)) if first is None else scene_of(first)]
    made += [scene_of(one) for one in beside]
    return tuple({one.name: one for one in made}.values()) if settings.scenes.on else ()


def scene_of(model: SceneModel) -> Scene:
    """Vectors by a network in a file. Raises nothing yet."""
    return Scene(
        kind_of(model), lambda: checked(model.path, model.sha256), Seeing.of(model), None, model.output
    )


def kind_of(model: SceneModel) -> str:
    """Kind of the vectors of a network: of its file, and of how pictures are shown to it.

    Where it lies and what its cosines mean changes no vector.
    """
    stated = repr((model.sha256.lower(), *Seeing.of(model), model.output))
    return f"{SCENE}-{hashlib.sha256(stated.encode()).hexdigest()[:8]}"


def _drawn() -> tuple[NDArray[np.uint8], NDArray[np.uint8]]:
    """Two pictures that show nothing in common, wider than high: tiles, and a slope from dark to bright.

    Neither is grey at the mean of itself and its mirror image.
    """
    high, wide = _QUALITY_SIDE, 2 * _QUALITY_SIDE
    tiles = np.random.default_rng(7).integers(0, 256, (high // 16, wide // 16, 3), np.uint8)
    slope = np.linspace(0, 255, high).astype(np.uint8)[:, None, None]
    return tiles.repeat(16, axis=0).repeat(16, axis=1), np.broadcast_to(slope, (high, wide, 3)).copy()


def _quality(pixels: NDArray[np.uint8]) -> int:
    """As PDQ counts it: significant steps of brightness, here over plain averages."""
    grey = Image.fromarray(pixels).convert("L").resize((_QUALITY_SIDE, _QUALITY_SIDE), Image.Resampling.BOX)
    return quality_of(np.asarray(grey, np.float32))
