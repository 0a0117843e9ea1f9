"""The samples are what their tables say: provenance, truth and size."""

from __future__ import annotations

import json
import re
import zipfile
from collections.abc import Iterator
from io import BytesIO
from itertools import chain
from pathlib import Path

import numpy as np
import pdqhash
import pytest
from PIL import Image, ImageOps

from films import decode
from foureyes.engine.model import FactName

SAMPLES = Path(__file__).resolve().parents[2] / "samples"
OWN = {"README.md", "truth.json"}
LICENCES = re.compile(r"MIT|BSD-[23]-Clause|Apache-2\.0|CC0-1\.0|CC-BY(-SA)?(-[34]\.0)?")
TRUTH = json.loads((SAMPLES / "truth.json").read_text(encoding="utf-8"))


def files() -> set[str]:
    return {path.relative_to(SAMPLES).as_posix() for path in SAMPLES.rglob("*") if path.is_file()}


def table() -> Iterator[list[str]]:
    for line in (SAMPLES / "README.md").read_text(encoding="utf-8").splitlines():
        if line.startswith("| `"):
            yield [cell.strip() for cell in line.strip("|").split(" | ")]


def names_in(path: str) -> set[str]:
    """The path, or what leads to it through archives."""
    first, *rest = path.split("!/")
    if not rest:
        return {first} & files()
    content = (SAMPLES / first).read_bytes()
    for member in rest:
        with zipfile.ZipFile(BytesIO(content)) as archive:
            content = archive.read(member)
    return {path} if content else set()


def hashes(picture: Image.Image) -> np.ndarray:
    """The eight orientations of a picture."""
    pixels = np.ascontiguousarray(ImageOps.exif_transpose(picture).convert("RGB"))
    return np.array(pdqhash.compute_dihedral(pixels)[0])


def test_provenance_lists_exactly_the_files_there() -> None:
    listed = [row[0].strip("`") for row in table()]
    assert len(listed) == len(set(listed))
    assert set(listed) == files() - OWN


def test_every_sample_has_source_author_change_and_an_open_licence() -> None:
    for row in table():
        path, source, author, licence, change = row
        assert source, path
        assert author, path
        assert change, path
        assert LICENCES.fullmatch(licence), (path, licence)


def test_samples_are_small() -> None:
    assert sum((SAMPLES / path).stat().st_size for path in files()) <= 12_000_000


def test_truth_names_files_that_are_there() -> None:
    named = [*chain(*TRUTH["series"].values()), *chain(*TRUTH["copies"]), *TRUTH["unrelated"], *TRUTH["odd"]]
    assert [path for path in named if not names_in(path)] == []
    in_a_series = list(chain(*TRUTH["series"].values()))
    assert len(in_a_series) == len(set(in_a_series))
    assert not set(in_a_series) & set(TRUTH["unrelated"])
    assert len([name for name, paths in TRUTH["series"].items() if len(paths) >= 5]) >= 5


def test_truth_leaves_no_sample_out() -> None:
    named = {
        path.split("!/")[0] for path in chain(*TRUTH["series"].values(), TRUTH["unrelated"], TRUTH["odd"])
    }
    assert files() - OWN - named == {"case/case.json"}


@pytest.mark.parametrize(("original", "edit"), TRUTH["copies"])
def test_copies_are_copies(original: str, edit: str) -> None:
    with Image.open(SAMPLES / original) as one, Image.open(SAMPLES / edit) as other:
        distances = (hashes(one)[0] != hashes(other)).sum(axis=1)
    assert int(distances.min()) <= 31


def test_stills_are_frames_of_the_clip() -> None:
    chair = TRUTH["series"]["chair in a room"]
    clip = next(path for path in chair if path.endswith(".mp4") and not path.startswith("odd/"))
    decoded = decode(SAMPLES / clip)
    frames = np.array([pdqhash.compute(frame.pixels)[0] for frame in decoded.frames])
    for still in (path for path in chair if path.endswith(".jpg")):
        with Image.open(SAMPLES / still) as picture:
            distances = [int((frames != bits).sum(axis=1).min()) for bits in hashes(picture)]
        assert min(distances) <= 31, still


def test_the_case_names_its_media_and_one_that_is_missing() -> None:
    case = json.loads((SAMPLES / "case/case.json").read_text(encoding="utf-8"))
    paths = ["case/" + media["RelativeFilePath"].replace("\\", "/") for media in case["value"][0]["Media"]]
    assert [path for path in paths if path not in files()] == ["case/Files/missing.jpg"]


def test_the_second_clip_is_a_clip() -> None:
    told = {fact.name: fact.value for fact in decode(SAMPLES / "usb-stick/new/door.mp4").facts}
    assert told[FactName.DURATION] == pytest.approx(4.0, abs=0.1)
