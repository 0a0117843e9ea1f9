"""Scene vectors: what they are near, what says nothing, and how a film's frames are chosen."""

from __future__ import annotations

import hashlib
import io
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from foureyes.engine import fingerprints
from foureyes.engine.errors import ModelUnusable
from foureyes.engine.fingerprints.networks import lite0_file
from foureyes.engine.fingerprints.networks.seeing import own_shape
from foureyes.engine.fingerprints.scene import FRAMES_AT_MOST, Scene
from foureyes.engine.model import Decoded, Frame, MediaKind
from foureyes.engine.settings import EngineSettings, SceneModel, SceneSettings
from made_pictures import made_picture

SAMPLES = Path(__file__).parents[3] / "samples"
SCENE = Scene()


def sample(name: str) -> NDArray[np.uint8]:
    with Image.open(SAMPLES / name) as image:
        image.thumbnail((512, 512))
        return np.asarray(image.convert("RGB"))


def made(seed: int) -> NDArray[np.uint8]:
    return np.asarray(Image.open(io.BytesIO(made_picture(seed))).convert("RGB"))


def cosine(a: NDArray[np.uint8], b: NDArray[np.uint8], scene: Scene = SCENE) -> float:
    one, two = (np.frombuffer(scene.make(pixels)[0], "<f2").astype(float) for pixels in (a, b))
    return float(one @ two)


def test_one_place_is_nearer_than_another() -> None:
    here, there = sample("laptop/Pictures/kite/img_4854.jpg"), sample("laptop/Pictures/kite/img_4873.jpg")
    elsewhere = sample("laptop/Pictures/flight/medium03.jpg")
    assert cosine(here, there) > cosine(here, elsewhere) + 0.1


def test_mirror_images_have_one_vector() -> None:
    pixels = sample("laptop/Pictures/flight/medium03.jpg")
    assert cosine(pixels, pixels[:, ::-1]) > 0.995


def test_a_vector_has_unit_length() -> None:
    assert cosine(made(3), made(3)) == pytest.approx(1.0, abs=2e-3)


@pytest.mark.parametrize("level", [0, 127, 255])
def test_a_blank_picture_is_near_nothing(level: int) -> None:
    noise = np.random.default_rng(level).integers(-2, 3, (300, 400, 3))
    blank = np.clip(level + noise, 0, 255).astype(np.uint8)
    value, quality = SCENE.make(blank)
    assert quality < 20
    assert not any(value)


def test_a_film_gives_its_most_different_frames_in_order() -> None:
    scenes = [made(seed) for seed in range(40)]
    frames = [Frame(scenes[min(number // 5, 39)], float(number)) for number in range(200)]
    decoded = Decoded(MediaKind.VIDEO, "mp4", 320, 240, tuple(frames))
    seen: list[NDArray[np.uint8]] = []

    class Counting(Scene):
        def make(
            self, pixels: NDArray[np.uint8], full_size: tuple[int, int] | None = None
        ) -> tuple[bytes, int]:
            del full_size
            seen.append(pixels)
            return len(seen).to_bytes(8, "little"), 100

        def alike(self, a: bytes, b: bytes) -> bool:
            return a == b

    values = [
        one for one in fingerprints.compute(decoded, (*fingerprints.PLAIN, Counting())) if one.kind == "scene"
    ]
    assert len(values) == FRAMES_AT_MOST
    assert [one.at_seconds for one in values] == sorted({one.at_seconds for one in values})
    assert len({int(one.at_seconds) // 5 for one in values}) == FRAMES_AT_MOST


def test_a_film_of_one_view_gives_one_vector_and_one_of_nothing_still_one() -> None:
    for pixels in (made(1), np.zeros((240, 320, 3), np.uint8)):
        frames = tuple(Frame(pixels, float(number)) for number in range(9))
        decoded = Decoded(MediaKind.VIDEO, "mp4", 320, 240, frames)
        values = fingerprints.compute(decoded, (*fingerprints.PLAIN, SCENE))
        assert sum(one.kind == "scene" for one in values) == 1


def test_it_can_be_switched_off_and_is_left_out_where_its_file_is_missing(tmp_path: Path) -> None:
    off = EngineSettings(scenes=SceneSettings(on=False))
    gone = EngineSettings(scenes=SceneSettings(model=SceneModel(tmp_path / "no.onnx", "0" * 64, 224)))
    for settings in (off, gone):
        assert [maker.name for maker in fingerprints.makers_of(settings)] == ["pdq"]


def test_another_network_has_a_kind_of_its_own_name(tmp_path: Path) -> None:
    path = tmp_path / "other.onnx"
    path.write_bytes(lite0_file(None))
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    model = SceneModel(path, digest, 64, mirrored=False)
    settings = EngineSettings(scenes=SceneSettings(model=model))
    (scene,) = fingerprints.scenes_of(settings)
    assert scene.name == fingerprints.kind_of(model) != "scene"
    assert scene.value_bytes == 2560
    assert [maker.name for maker in fingerprints.makers_of(settings)] == ["pdq", scene.name]
    assert cosine(made(1), made(1)[:, ::-1], scene) < cosine(made(1), made(1)[:, ::-1])


def test_a_network_of_another_layout_is_left_out(tmp_path: Path) -> None:
    path = tmp_path / "other.onnx"
    path.write_bytes(lite0_file(None))
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    wrong = SceneModel(path, digest, 64, layout="nhwc-uint8")
    with pytest.raises(ModelUnusable):
        fingerprints.scene_of(wrong).prepare()


@pytest.mark.parametrize(
    ("width", "height", "shape"),
    [
        (512, 384, (320, 256)),
        (512, 512, (288, 288)),
        (384, 512, (256, 320)),
        (9000, 1, (576, 128)),
        (1, 1, (288, 288)),
    ],
)
def test_it_sees_pictures_in_their_own_shape(width: int, height: int, shape: tuple[int, int]) -> None:
    assert own_shape(width, height, 288) == shape
