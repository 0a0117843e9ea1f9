"""A workspace whose series raise questions: scenes of one camera on one day, hours apart."""

from __future__ import annotations

import atexit
import shutil
import tempfile
from functools import cache
from pathlib import Path

from foureyes.engine import pipeline
from foureyes.engine.catalogue import Catalogue, Workspace
from foureyes.engine.model import Fact, FactName, Occurrence, Origin, Outcome, TakenIn, Times
from foureyes.engine.settings import EngineSettings
from workbench.filled import NOON_NS, media

SCENES = (("09", 12), ("13", 2), ("18", 8))
"""Hour and number of pictures: the two at 13 o'clock hang on the rest by the camera and the day alone."""


def fill_with_questions(folder: Path) -> Workspace:
    """Three scenes of one camera body on one day, in one folder: a copy of what is drawn once."""
    shutil.copytree(_filled(), folder)
    return Workspace.open(folder)


@cache
def _filled() -> Path:
    parent = Path(tempfile.mkdtemp(prefix="asked-"))
    atexit.register(shutil.rmtree, parent, ignore_errors=True)
    workspace = Workspace.create(parent / "workspace")
    with Catalogue.open(workspace, EngineSettings(), write=True) as catalogue:
        source = catalogue.source("Seized camera", "/evidence/camera", "folder")
        items = []
        for scene, (hour, count) in enumerate(SCENES):
            for number in range(count):
                one = media(9000 + 100 * scene + number, _facts(hour, number))
                times = Times(modified_ns=NOON_NS + number * 10**9)
                occurrence = Occurrence(f"DCIM/{hour}/IMG_{number:04}.JPG", one.digests.size, times)
                items.append(TakenIn(occurrence, Outcome.MEDIA, one.digests.sha256, one))
        catalogue.commit(source, items)
        pipeline.link(catalogue)
    return workspace.path


def _facts(hour: str, number: int) -> tuple[Fact, ...]:
    return (
        Fact(FactName.CAPTURED_AT, f"2019-05-04T{hour}:{number:02}:10", Origin.EXIF),
        Fact(FactName.CAMERA_MAKER, "Canon", Origin.EXIF),
        Fact(FactName.CAMERA_MODEL, "Canon EOS 70D", Origin.EXIF),
        Fact(FactName.BODY_SERIAL, "0830201", Origin.MAKER_NOTE),
    )
