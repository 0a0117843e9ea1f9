"""Sets a taskforce up in a workspace, and checks afterwards that what it was told is kept is kept.

Run by `taskforce.py` in processes of its own, as Django is set up once per process. Pictures are drawn
landscapes; none shows a person.

    python bench/taskforce_stage.py make WORKSPACE --series 300 --largest 5000 --officers 34
    python bench/taskforce_stage.py check WORKSPACE < confirmed.json
"""

from __future__ import annotations

import argparse
import hashlib
import json
import random
import secrets
import sys
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tests"))

from foureyes.engine import fingerprints, pipeline
from foureyes.engine.catalogue import Catalogue, Workspace
from foureyes.engine.model import (
    Digests,
    Fact,
    FactName,
    Media,
    MediaKind,
    Occurrence,
    Origin,
    Outcome,
    TakenIn,
    Times,
)
from foureyes.engine.settings import EngineSettings
from foureyes.workbench import serving

PASSWORD = "correct horse battery"  # noqa: S105 - of a server on loopback that lives for minutes
UNITS = 21
DRAWN = 60
"""Different pictures; each media is one of them with a comment of its own."""
BEGAN = datetime(2019, 7, 3, 14)  # noqa: DTZ001 - as cameras state it: without a zone
COUNTRIES = [
    "AT",
    "BE",
    "BG",
    "CY",
    "CZ",
    "DE",
    "DK",
    "EE",
    "ES",
    "FI",
    "FR",
    "GR",
    "HR",
    "HU",
    "IE",
    "IT",
    "LT",
    "LU",
    "LV",
    "NL",
    "PL",
]


def main() -> None:
    """Do one of both."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("what", choices=("make", "check"))
    parser.add_argument("workspace", type=Path)
    parser.add_argument("--series", type=int, default=300)
    parser.add_argument("--largest", type=int, default=5_000)
    parser.add_argument("--officers", type=int, default=34)
    arguments = parser.parse_args()
    if arguments.what == "make":
        if not arguments.workspace.exists():
            _fill(arguments.workspace, arguments.series, arguments.largest)
        serving.prepare(arguments.workspace)
        json.dump(_cast(arguments.officers), sys.stdout)
    else:
        serving.prepare(arguments.workspace)
        json.dump(_lost(json.load(sys.stdin)), sys.stdout)


def _fill(folder: Path, series: int, largest: int) -> None:
    """A workspace that the engine linked by the cameras that the media name: one camera a series."""
    workspace = Workspace.create(folder)
    with Catalogue.open(workspace, EngineSettings(), write=True) as catalogue:
        source = catalogue.source("Seized laptop", "/evidence/laptop", "folder")
        batch: list[TakenIn] = []
        for taken in _media(series, largest):
            batch.append(taken)
            if len(batch) == 2_000:
                catalogue.commit(source, batch)
                batch = []
        catalogue.commit(source, batch)
        pipeline.link(catalogue)


def _media(series: int, largest: int) -> Iterator[TakenIn]:
    from workbench.filled import scene  # noqa: PLC0415 - of the tests, which are on the path only here

    chance = random.Random(4)
    drawn = [(_jpeg(picture), fingerprints.preview(_pixels(picture))) for picture in map(scene, range(DRAWN))]
    number = 0
    for which in range(series):
        size = largest if which == 0 else chance.randrange(4, 40)
        for shot in range(size):
            number += 1
            jpeg, preview = drawn[number % DRAWN]
            yield _taken(number, which, shot, jpeg, preview)


def _taken(number: int, series: int, shot: int, jpeg: bytes, preview: Any) -> TakenIn:
    # A comment segment right after the first marker: another file, the same pixels.
    thumbnail = jpeg[:2] + b"\xff\xfe\x00\x06" + number.to_bytes(4, "big") + jpeg[2:]
    at = BEGAN + timedelta(days=3 * series, seconds=37 * shot)
    facts = (
        Fact(FactName.CAPTURED_AT, at.isoformat(), Origin.EXIF),
        Fact(FactName.CAMERA_MAKER, "NIKON", Origin.EXIF),
        Fact(FactName.CAMERA_MODEL, "NIKON D3200", Origin.EXIF),
        Fact(FactName.BODY_SERIAL, f"6{series:06}", Origin.MAKER_NOTE),
    )
    content = f"taskforce {number}".encode()
    digests = Digests(
        hashlib.sha256(content).hexdigest(),
        hashlib.sha1(content, usedforsecurity=False).hexdigest(),
        hashlib.md5(content, usedforsecurity=False).hexdigest(),
        3_000_000 + number,
    )
    media = Media(
        digests, MediaKind.PICTURE, "jpeg", 4000, 3000, None, thumbnail, preview, facts, fingerprints=()
    )
    occurrence = Occurrence(
        f"DCIM/{series:04}/IMG_{shot:05}.JPG", digests.size, Times(modified_ns=number * 10**9)
    )
    return TakenIn(occurrence, Outcome.MEDIA, digests.sha256, media)


def _pixels(picture: Any) -> Any:
    import numpy as np  # noqa: PLC0415 - only where pictures are drawn

    return np.asarray(picture)


def _jpeg(picture: Any) -> bytes:
    import io  # noqa: PLC0415 - as above

    buffer = io.BytesIO()
    picture.save(buffer, "JPEG", quality=80)
    return buffer.getvalue()


def _cast(count: int) -> dict[str, Any]:
    """Officers of 21 units with a seat in an open edition in which every series is everybody's, signed in.

    Sessions are opened here: checking 200 passwords would take a minute of CPU that is no part of the work.
    """
    from django.conf import settings  # noqa: PLC0415 - Django is set up by now
    from django.utils import timezone  # noqa: PLC0415 - as above

    from foureyes.workbench.access.models import Edition, Placed, Seat, TakesPart  # noqa: PLC0415 - as above
    from foureyes.workbench.accounts.actions import unit_named  # noqa: PLC0415 - as above
    from foureyes.workbench.accounts.models import Officer, Role  # noqa: PLC0415 - as above
    from foureyes.workbench.library.holdings import catalogue  # noqa: PLC0415 - as above

    serving.make_first_officer(("ida", PASSWORD), say=lambda _: None)
    ida = Officer.objects.get(username="ida")
    today = timezone.now().date()
    edition, new = Edition.objects.get_or_create(
        name="The edition of the benchmark",
        defaults={
            "opens": today,
            "closes": today + timedelta(days=14),
            "made_by": ida,
            "all_series_to_all": True,
            "reveals_soft": 50_000,
            "reveals_hard": 100_000,
        },
    )
    series = [one.id for one in catalogue().series_list(limit=100_000)]
    if new:
        Placed.objects.bulk_create(
            Placed(edition=edition, series=one, handling_code="H1", placed_by=ida) for one in series
        )
    units = [unit_named(f"Unit {number}", COUNTRIES[number])[0] for number in range(UNITS)]
    for unit in units:
        TakesPart.objects.get_or_create(edition=edition, unit=unit)
    officers = []
    for number in range(count):
        name = f"expert{number}"
        officer = Officer.objects.filter(username=name).first()
        if officer is None:
            officer = Officer.objects.make(
                name, secrets.token_hex(8), units[number % UNITS], roles=[Role.EXPERT]
            )
        Seat.objects.get_or_create(edition=edition, officer=officer)
        officers.append({"name": name, "session": _session(officer)})
    return {"officers": officers, "series": series, "cookie": settings.SESSION_COOKIE_NAME}


def _session(officer: Any) -> str:
    from django.conf import settings  # noqa: PLC0415 - Django is set up by now
    from django.contrib.auth import (  # noqa: PLC0415 - as above
        BACKEND_SESSION_KEY,
        HASH_SESSION_KEY,
        SESSION_KEY,
    )
    from django.contrib.sessions.backends.db import SessionStore  # noqa: PLC0415 - as above

    session = SessionStore()
    session[SESSION_KEY] = str(officer.pk)
    session[BACKEND_SESSION_KEY] = settings.AUTHENTICATION_BACKENDS[0]
    session[HASH_SESSION_KEY] = officer.get_session_auth_hash()
    session.save()
    return str(session.session_key)


def _lost(confirmed: dict[str, list[Any]]) -> dict[str, Any]:
    """What was confirmed to an expert and is not kept, and what channels did not tell."""
    from foureyes.workbench.audit.models import Entry  # noqa: PLC0415 - Django is set up by now
    from foureyes.workbench.audit.queries import verify  # noqa: PLC0415 - as above
    from foureyes.workbench.library.holdings import catalogue  # noqa: PLC0415 - as above
    from foureyes.workbench.live.models import Event  # noqa: PLC0415 - as above

    reasons = {one.reason for one in catalogue().decisions(active_only=False)}
    recorded = " ".join(Entry.objects.filter(action="series-named").values_list("detail", flat=True))
    seen = set(Entry.objects.filter(action="media-revealed").values_list("officer", "thing"))
    revealed = {(officer, thing[: len("media:") + 16]) for officer, thing in seen}
    notes = _notes()
    lost: dict[str, list[Any]] = {
        "notes": [text for text in confirmed["notes"] if text not in notes],
        "decisions": [reason for reason in confirmed["decisions"] if reason not in reasons],
        "names": [name for name in confirmed["names"] if name not in recorded],
        "reveals": [one for one in confirmed["reveals"] if (one[0], f"media:{one[1]}") not in revealed],
    }
    untold = []
    events = list(Event.objects.values_list("id", "series", "to"))
    for officer, about, first, last, told in confirmed["channels"]:
        heard = {
            n
            for n, series, to in events
            if first < n <= last and (to == officer or (not to and series == about))
        }
        missing = sorted(heard - set(told))
        if missing or len(told) != len(set(told)) or told != sorted(told):
            untold.append([officer, about, missing])
    lost["events"] = untold
    return {"lost": lost, "events": len(events), "record": verify().problem or "whole"}


def _notes() -> set[str]:
    try:
        from foureyes.workbench.findings.models import Note  # noqa: PLC0415 - as above
    except ImportError:
        return set()
    return set(Note.objects.values_list("text", flat=True))


if __name__ == "__main__":
    main()
