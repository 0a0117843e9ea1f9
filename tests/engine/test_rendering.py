"""Pictures and films rendered for viewing: in the cage, into a bounded cache, from real files."""

from __future__ import annotations

import errno
import hashlib
import io
import os
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import av
import numpy as np
import pytest
from PIL import Image

from films import make_film, make_sound
from foureyes.engine import pipeline
from foureyes.engine.catalogue import Catalogue, Workspace, films, tiles
from foureyes.engine.decoding import CannotRender, Renderer
from foureyes.engine.errors import OriginalAway, StorageFull, UsageError
from foureyes.engine.model import FaultCode
from foureyes.engine.settings import EngineSettings, RenderSettings
from foureyes.engine.steps import rendering
from foureyes.engine.steps.rendering import RenderKind, Rendition
from made_pictures import made_picture

SETTINGS = EngineSettings(workers=1, rendering=RenderSettings(part_seconds=2.0))


@pytest.fixture(scope="module")
def renderer() -> Iterator[Renderer]:
    """One caged worker for all: it takes a second to start."""
    made = Renderer(SETTINGS)
    yield made
    made.close()


@pytest.fixture
def seized(tmp_path: Path) -> Path:
    folder = tmp_path / "seized"
    folder.mkdir()
    return folder


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    return Workspace.open_or_create(tmp_path / "workspace")


def gradient(width: int, height: int) -> Image.Image:
    rows, columns = np.mgrid[0:height, 0:width]
    channels = [columns * 255 // width, rows * 255 // height, (rows + columns) % 256]
    return Image.fromarray(np.stack(channels, axis=2).astype(np.uint8))


def jpeg(image: Image.Image, orientation: int = 1) -> bytes:
    exif = Image.Exif()
    exif[0x0112] = orientation
    out = io.BytesIO()
    image.save(out, "JPEG", quality=95, exif=exif)
    return out.getvalue()


def take(folder: Path, workspace: Workspace) -> None:
    pipeline.ingest(folder, workspace, SETTINGS, with_linking=False)


def digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def rendered(
    workspace: Workspace, renderer: Renderer, wanted: Rendition, told: list[float] | None = None
) -> int:
    """A descriptor of the entry; the test's process ends soon enough to close it."""
    with Catalogue.open(workspace, SETTINGS) as catalogue:
        rendering.render(catalogue, renderer, wanted, SETTINGS, (told if told is not None else []).append)
        descriptor = rendering.cache(catalogue, SETTINGS).open(wanted.name)
    assert descriptor is not None
    return descriptor


def tile(descriptor: int, level: int, column: int, row: int) -> np.ndarray:
    content = tiles.tile_of(descriptor, level, column, row)
    assert content is not None
    return np.asarray(Image.open(io.BytesIO(content)).convert("RGB"))


def test_a_picture_is_cut_into_tiles_upright(seized: Path, workspace: Workspace, renderer: Renderer) -> None:
    path = seized / "a.jpg"
    path.write_bytes(jpeg(gradient(1300, 700), orientation=6))
    take(seized, workspace)
    told: list[float] = []
    descriptor = rendered(workspace, renderer, Rendition(digest(path), RenderKind.TILES), told)
    head = tiles.head_of(descriptor)
    assert head is not None
    assert (head.width, head.height, head.partial) == (700, 1300, False)
    assert head.grids() == [(2, 3), (1, 2), (1, 1)]
    shown = np.vstack([np.hstack([tile(descriptor, 0, x, y) for x in range(2)]) for y in range(3)])
    expected = np.asarray(gradient(1300, 700).transpose(Image.Transpose.ROTATE_270))
    assert np.abs(shown.astype(int) - expected)[:, :, :2].mean() < 3
    assert tile(descriptor, 2, 0, 0).shape == (325, 175, 3)
    assert told == sorted(told)
    assert told[-1] == 1.0
    for wrong in ((3, 0, 0), (0, 2, 0), (0, 0, 3), (-1, 0, 0)):
        assert tiles.tile_of(descriptor, *wrong) is None


def test_what_is_rendered_is_not_rendered_again(
    seized: Path, workspace: Workspace, renderer: Renderer
) -> None:
    path = seized / "a.jpg"
    path.write_bytes(jpeg(gradient(600, 500)))
    take(seized, workspace)
    wanted = Rendition(digest(path), RenderKind.TILES)
    rendered(workspace, renderer, wanted)
    path.unlink()
    rendered(workspace, renderer, wanted)
    (workspace.renders / wanted.name).unlink()
    with pytest.raises(OriginalAway):
        rendered(workspace, renderer, wanted)


def test_a_picture_too_large_is_reduced(seized: Path, workspace: Workspace) -> None:
    path = seized / "a.png"
    gradient(1200, 900).save(path)
    take(seized, workspace)
    small = replace(SETTINGS, rendering=RenderSettings(pixels_at_most=300_000))
    own = Renderer(small)
    with Catalogue.open(workspace, small) as catalogue:
        wanted = Rendition(digest(path), RenderKind.TILES)
        rendering.render(catalogue, own, wanted, small, lambda _: None)
        descriptor = rendering.cache(catalogue, small).open(wanted.name)
    own.close()
    assert descriptor is not None
    head = tiles.head_of(descriptor)
    assert head is not None
    assert (head.width, head.height, head.full_width, head.full_height) == (600, 450, 1200, 900)


@pytest.mark.parametrize("kept", [0.3, 0.02])
def test_a_damaged_picture_ends_in_words(
    seized: Path, workspace: Workspace, renderer: Renderer, kept: float
) -> None:
    path = seized / "a.jpg"
    whole = jpeg(gradient(800, 600))
    path.write_bytes(whole[: int(len(whole) * kept)])
    take(seized, workspace)
    wanted = Rendition(digest(path), RenderKind.TILES)
    if kept > 0.1:
        head = tiles.head_of(rendered(workspace, renderer, wanted))
        assert head is not None
        assert head.partial
    else:
        with pytest.raises(CannotRender) as refused:
            rendered(workspace, renderer, wanted)
        assert refused.value.fault.code is FaultCode.DAMAGED
        assert list(workspace.renders.iterdir()) == []


def test_a_film_is_outlined_and_rendered_in_parts(
    seized: Path, workspace: Workspace, renderer: Renderer
) -> None:
    path = make_film(seized / "a.mp4", [(1, 2.0), (2, 1.5)], options={"preset": "ultrafast", "g": "5"})
    take(seized, workspace)
    outline = films.outline_of(rendered(workspace, renderer, Rendition(digest(path), RenderKind.OUTLINE)))
    assert outline is not None
    assert (outline.outline.width, outline.outline.height, outline.outline.sound) == (320, 180, False)
    assert outline.outline.seconds == pytest.approx(3.5)
    assert len(outline.times) >= 6
    descriptor = rendered(workspace, renderer, Rendition(digest(path), RenderKind.PART, 1))
    part = films.part_of(descriptor)
    assert part is not None
    assert part.times == pytest.approx([2.0 + number / 10 for number in range(15)])
    with av.open(io.BytesIO(os.pread(descriptor, part.length, part.offset))) as film:
        assert film.streams.video[0].codec_context.name in {"vp8", "libvpx"}
        assert len(list(film.decode(video=0))) == 15


def test_sound_comes_along(seized: Path, workspace: Workspace, renderer: Renderer) -> None:
    path = sounding_film(seized / "a.mkv")
    take(seized, workspace)
    outline = films.outline_of(rendered(workspace, renderer, Rendition(digest(path), RenderKind.OUTLINE)))
    assert outline is not None
    assert outline.outline.sound
    descriptor = rendered(workspace, renderer, Rendition(digest(path), RenderKind.PART))
    part = films.part_of(descriptor)
    assert part is not None
    with av.open(io.BytesIO(os.pread(descriptor, part.length, part.offset))) as film:
        heard = sum(frame.samples for frame in film.decode(audio=0))
    assert heard > 0.8 * 48_000


def test_one_frame_is_had_at_full_size(seized: Path, workspace: Workspace, renderer: Renderer) -> None:
    path = make_film(seized / "a.mp4", [(1, 1.0), (2, 1.0)], size=(640, 360))
    take(seized, workspace)
    descriptor = rendered(workspace, renderer, Rendition(digest(path), RenderKind.FRAME, 1_000))
    before = rendered(workspace, renderer, Rendition(digest(path), RenderKind.FRAME, 990))
    head = tiles.head_of(descriptor)
    assert head is not None
    assert (head.width, head.height) == (640, 360)
    difference = np.abs(tile(descriptor, 0, 0, 0).astype(int) - tile(before, 0, 0, 0))
    assert difference.mean() > 10, "the cut lies between the two"


def test_a_film_damaged_halfway_plays_as_far_as_it_goes(
    seized: Path, workspace: Workspace, renderer: Renderer
) -> None:
    path = make_film(
        seized / "a.mkv", [(seed, 1.0) for seed in range(6)], container="matroska",
        options={"preset": "ultrafast", "g": "5"},
    )  # fmt: skip
    whole = path.read_bytes()
    path.write_bytes(whole[: len(whole) // 2])
    take(seized, workspace)
    part = films.part_of(rendered(workspace, renderer, Rendition(digest(path), RenderKind.PART)))
    assert part is not None
    assert len(part.times) > 5
    with pytest.raises(CannotRender):
        rendered(workspace, renderer, Rendition(digest(path), RenderKind.PART, 2))


def test_a_film_without_frames_ends_in_words(seized: Path, workspace: Workspace, renderer: Renderer) -> None:
    path = make_sound(seized / "a.mkv")
    take(seized, workspace)
    with pytest.raises((CannotRender, UsageError)):
        rendered(workspace, renderer, Rendition(digest(path), RenderKind.OUTLINE))


def test_a_picture_is_no_film_and_a_film_no_picture(
    seized: Path, workspace: Workspace, renderer: Renderer
) -> None:
    picture, film = seized / "a.jpg", make_film(seized / "b.mp4", [(1, 0.5)])
    picture.write_bytes(jpeg(gradient(100, 100)))
    take(seized, workspace)
    for path, kind in ((picture, RenderKind.PART), (picture, RenderKind.OUTLINE), (film, RenderKind.TILES)):
        with pytest.raises(UsageError):
            rendered(workspace, renderer, Rendition(digest(path), kind))


class Left(Exception):
    """Whoever asked went away."""


def test_a_rendering_is_cancelled_by_whoever_listens(
    seized: Path, workspace: Workspace, renderer: Renderer
) -> None:
    path = make_film(seized / "a.mp4", [(1, 2.0)])
    take(seized, workspace)

    def leave(_: float) -> None:
        raise Left

    wanted = Rendition(digest(path), RenderKind.PART)
    with Catalogue.open(workspace, SETTINGS) as catalogue, pytest.raises(Left):
        rendering.render(catalogue, renderer, wanted, SETTINGS, leave)
    assert list(workspace.renders.iterdir()) == []
    assert films.part_of(rendered(workspace, renderer, wanted)) is not None


TURNS = ((0, 0), (3, 0), (2, 0), (1, 0), (2, 1), (0, 1), (3, 1), (1, 1))
"""Quarters clockwise after mirroring or not, by the number that `turned` gives: as its words say."""


@pytest.mark.parametrize(("number", "how"), list(enumerate(TURNS)))
def test_how_a_picture_lies_on_another_is_known(
    seized: Path, workspace: Workspace, number: int, how: tuple[int, int]
) -> None:
    first = Image.open(io.BytesIO(made_picture(5, width=400)))
    quarters, mirrored = how
    other = first.rotate(90 * quarters, expand=True)
    other = other.transpose(Image.Transpose.FLIP_LEFT_RIGHT) if mirrored else other
    first.save(seized / "a.png")
    other.save(seized / "b.png", compress_level=1)
    (seized / "c.png").write_bytes(made_picture(6))
    take(seized, workspace)
    with Catalogue.open(workspace, SETTINGS) as catalogue:
        a, b, c = (digest(seized / name) for name in ("a.png", "b.png", "c.png"))
        assert pipeline.turned(catalogue, a, b) == number
        assert pipeline.turned(catalogue, a, c) is None


def test_what_was_not_looked_at_longest_goes_first(workspace: Workspace) -> None:
    held = rendering.Renders(workspace.renders, 250)
    names = [f"{number:064x}-tiles-1-0" for number in range(3)]
    for age, name in enumerate(reversed(names[:2]), start=1):
        with held.writing(name) as file:
            file.write(bytes(100))
        os.utime(workspace.renders / name, (age * 1000, age * 1000))
    opened = held.open(names[1])
    assert opened is not None
    os.close(opened)
    with held.writing(names[2]) as file:
        file.write(bytes(100))
    assert [held.has(name) for name in names] == [False, True, True]


def test_a_full_disk_leaves_nothing_behind(workspace: Workspace) -> None:
    held = rendering.Renders(workspace.renders, 250)
    name = f"{1:064x}-tiles-1-0"

    def write() -> None:
        with held.writing(name) as file:
            file.write(b"half")
            raise OSError(errno.ENOSPC, "No space left on device")

    with pytest.raises(StorageFull, match="full"):
        write()
    assert list(workspace.renders.iterdir()) == []


def sounding_film(path: Path) -> Path:
    with av.open(str(path), "w", format="matroska") as film:
        pictures = film.add_stream("libx264", rate=10, options={"preset": "ultrafast"})
        pictures.width, pictures.height, pictures.pix_fmt = 64, 64, "yuv420p"
        sound = film.add_stream("pcm_s16le", rate=8000, layout="mono")
        tone = (np.sin(np.arange(8000) * 0.3) * 9000).astype(np.int16)[None]
        heard = av.AudioFrame.from_ndarray(tone, format="s16", layout="mono")
        heard.rate = 8000
        film.mux(sound.encode(heard))
        for _ in range(10):
            film.mux(pictures.encode(av.VideoFrame.from_ndarray(np.full((64, 64, 3), 90, np.uint8), "rgb24")))
        film.mux(pictures.encode(None))
        film.mux(sound.encode(None))
    return path
