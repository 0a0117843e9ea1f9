"""The way of a file from a path to the catalogue, on real files."""

from __future__ import annotations

import io
import json
import os
import threading
import zipfile
import zlib
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from foureyes.engine import pipeline, series
from foureyes.engine.catalogue import Catalogue, LockHolder, Workspace
from foureyes.engine.errors import NothingToDo, UsageError, WorkspaceBusy
from foureyes.engine.model import DecisionKind, FaultCode, IngestReport, Progress
from foureyes.engine.settings import EngineSettings
from made_pictures import made_picture

SETTINGS = EngineSettings(workers=1)


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    return Workspace.open_or_create(tmp_path / "workspace")


@pytest.fixture
def seized(tmp_path: Path) -> Path:
    folder = tmp_path / "seized"
    folder.mkdir()
    return folder


def test_copies_are_one_media_and_every_path_is_kept(seized: Path, workspace: Workspace) -> None:
    (seized / "a.jpg").write_bytes(made_picture(1))
    (seized / "b.jpg").write_bytes(made_picture(1))
    (seized / "c.jpg").write_bytes(made_picture(2))
    report = take(seized, workspace)
    assert report.outcomes == {"media": 3}
    assert report.media_new == 2
    with Catalogue.open(workspace, SETTINGS) as catalogue:
        (sha,) = catalogue.find("a.jpg")
        assert [one.occurrence.path for one in catalogue.occurrences(sha)] == ["a.jpg", "b.jpg"]


def test_what_cannot_be_read_is_recorded_and_stops_nothing(seized: Path, workspace: Workspace) -> None:
    (seized / "cut.jpg").write_bytes(made_picture(1)[:300])
    (seized / "empty.jpg").write_bytes(b"")
    (seized / "flood.png").write_bytes(flood())
    (seized / "good.jpg").write_bytes(made_picture(2))
    (seized / "text.jpg").write_text("a name is not a content")
    (seized / "link.jpg").symlink_to("good.jpg")
    os.mkfifo(seized / "pipe.jpg")
    report = take(seized, workspace)
    assert report.outcomes == {"media": 3, "fault": 3, "other": 1}
    assert report.faults == {
        "damaged": 1,
        "empty": 1,
        "too-many-pixels": 1,
        "symbolic-link": 1,
        "special-file": 1,
    }
    with Catalogue.open(workspace, SETTINGS) as catalogue:
        assert {fault.path for fault in catalogue.faults()} == {
            "cut.jpg",
            "empty.jpg",
            "flood.png",
            "link.jpg",
            "pipe.jpg",
        }


def test_a_second_run_decodes_nothing_again(seized: Path, workspace: Workspace) -> None:
    (seized / "a.jpg").write_bytes(made_picture(1))
    take(seized, workspace)
    again = take(seized, workspace)
    assert (again.files, again.skipped, again.media_new) == (0, 1, 0)


def test_a_changed_file_is_taken_in_anew(seized: Path, workspace: Workspace) -> None:
    (seized / "a.jpg").write_bytes(made_picture(1))
    take(seized, workspace)
    (seized / "a.jpg").write_bytes(made_picture(2))
    assert take(seized, workspace).media_new == 1


def test_a_name_that_is_not_utf8_comes_back_exactly(seized: Path, workspace: Workspace) -> None:
    name = b"caf\xe9.jpg"
    (seized / os.fsdecode(name)).write_bytes(made_picture(1))
    take(seized, workspace)
    with Catalogue.open(workspace, SETTINGS) as catalogue:
        (row,) = catalogue.media_index()
        assert os.fsencode(row.path) == name


def test_a_large_member_of_an_archive_is_the_same_media_as_the_file(
    seized: Path, workspace: Workspace
) -> None:
    content = made_picture(1) + bytes(300_000)
    (seized / "a.jpg").write_bytes(content)
    with zipfile.ZipFile(seized / "b.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("in/a.jpg", content)
    settings = replace(SETTINGS, memory_bytes=100_000)
    report = pipeline.ingest(seized, workspace, settings, with_linking=False)
    assert report.media_new == 1
    with Catalogue.open(workspace, SETTINGS) as catalogue:
        (sha,) = catalogue.find("a.jpg")
        assert len(catalogue.occurrences(sha)) == 2


def test_a_wish_to_stop_commits_what_is_done_and_the_next_run_goes_on(
    seized: Path, workspace: Workspace
) -> None:
    for number in range(12):
        (seized / f"{number:02d}.jpg").write_bytes(made_picture(number))
    stop = threading.Event()

    def stop_at_the_first_commit(progress: Progress) -> None:
        if progress.files:
            stop.set()

    settings = replace(SETTINGS, reading=replace(SETTINGS.reading, unit_files=1))
    first = pipeline.ingest(seized, workspace, settings, progress=stop_at_the_first_commit, stop=stop)
    assert first.interrupted
    assert 0 < first.files < 12
    second = pipeline.ingest(seized, workspace, settings)
    assert first.files + second.files == 12


def test_a_second_writer_is_refused_with_the_name_of_the_first(seized: Path, workspace: Workspace) -> None:
    (seized / "a.jpg").write_bytes(made_picture(1))
    with (
        Catalogue.open(workspace, SETTINGS, write=True, purpose="ingest of case 17"),
        pytest.raises(WorkspaceBusy, match="ingest of case 17"),
    ):
        take(seized, workspace)


def test_a_second_writer_may_wait_for_the_first(seized: Path, workspace: Workspace) -> None:
    (seized / "a.jpg").write_bytes(made_picture(1))
    done, waited_for = threading.Event(), []

    def first_writer() -> None:
        with Catalogue.open(workspace, SETTINGS, write=True, purpose="ingest of case 17"):
            held.set()
            done.wait(60)

    def waiting(holder: LockHolder | None) -> None:
        waited_for.append(holder.purpose if holder else "")
        done.set()

    held = threading.Event()
    first = threading.Thread(target=first_writer)
    first.start()
    assert held.wait(60)
    report = pipeline.ingest(seized, workspace, SETTINGS, with_linking=False, on_wait=waiting)
    first.join()
    assert (waited_for, report.media_new) == (["ingest of case 17"], 1)


def test_nothing_to_take_in_and_no_path_are_said_in_words(seized: Path, workspace: Workspace) -> None:
    with pytest.raises(NothingToDo, match="no files"):
        take(seized, workspace)
    with pytest.raises(UsageError, match="does not exist"):
        take(seized / "gone", workspace)


def test_copies_become_a_series_that_decisions_bind(seized: Path, workspace: Workspace) -> None:
    (seized / "a.jpg").write_bytes(made_picture(1))
    (seized / "smaller.jpg").write_bytes(made_picture(1, width=240))
    (seized / "turned.jpg").write_bytes(made_picture(1, turned=True))
    (seized / "other.jpg").write_bytes(made_picture(2))
    report = take(seized, workspace, with_linking=True)
    assert report.linking is not None
    assert (report.linking.series, report.linking.media_in_series) == (1, 3)
    with Catalogue.open(workspace, SETTINGS, write=True) as catalogue:
        (before,) = catalogue.series_list()
        (turned,), (other,) = catalogue.find("turned.jpg"), catalogue.find("other.jpg")
        pipeline.decide(
            catalogue,
            DecisionKind.DOES_NOT_BELONG,
            [before.id],
            [turned],
            officer="ada",
            reason="another day",
        )
        pipeline.decide(
            catalogue, DecisionKind.BELONGS, [before.id], [other], officer="ada", reason="same room"
        )
        pipeline.link(catalogue)
        ruled = catalogue.series(before.id)
        assert ruled is not None
        assert turned not in ruled.members
        assert other in ruled.members
        for decision in catalogue.decisions():
            catalogue.withdraw_decision(decision.id, officer="ada", reason="I was wrong")
        pipeline.link(catalogue)
        free = catalogue.series(before.id)
        assert free is not None
        assert turned in free.members
        assert other not in free.members


def test_a_name_outlives_the_merge_of_its_series_and_every_run_after(
    seized: Path, workspace: Workspace
) -> None:
    two_series(seized, workspace)
    with Catalogue.open(workspace, SETTINGS, write=True) as catalogue:
        heir, merged = sorted(one.id for one in catalogue.series_list())
        catalogue.rename_series(merged, "the red room", "ada")
        pipeline.decide(catalogue, DecisionKind.MERGE, [heir, merged], [], officer="ada", reason="one room")
        for _ in range(3):
            pipeline.link(catalogue)
            (one,) = catalogue.series_list()
            assert (one.id, one.name, one.named_by_person) == (heir, "the red room", True)


def test_a_ruling_made_while_linking_runs_binds_when_it_is_done(
    seized: Path, workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    two_series(seized, workspace)
    build = series.build
    ruled: list[int] = []
    with Catalogue.open(workspace, SETTINGS, write=True) as catalogue:
        ids = [one.id for one in catalogue.series_list()]

        def ruling_meanwhile(*given: Any) -> series.Built:
            built = build(*given)
            if not ruled:
                merge = pipeline.decide(catalogue, DecisionKind.MERGE, ids, [], officer="ada", reason="one")
                ruled.append(merge.id)
            return built

        monkeypatch.setattr(series, "build", ruling_meanwhile)
        assert pipeline.link(catalogue).series == 1
        assert len(catalogue.series_list()) == 1


def test_plain_pictures_in_other_bytes_are_linked_unless_they_are_blank(
    seized: Path, workspace: Workspace
) -> None:
    dull = np.linspace(90, 160, 64, dtype=np.uint8)[None].repeat(64, axis=0)
    for form in ("png", "bmp"):
        Image.fromarray(dull).save(seized / f"dull.{form}")
        Image.new("L", (64, 64), 255).save(seized / f"white.{form}")
    report = take(seized, workspace, with_linking=True)
    assert report.linking is not None
    assert "2 have the size and thumbnail of another" in report.linking.notes[1]
    assert "2 blank ones" in report.linking.notes[1]
    with Catalogue.open(workspace, SETTINGS) as catalogue:
        (link,) = catalogue.links()
        linked = {catalogue.occurrences(one)[0].occurrence.path for one in (link.a, link.b)}
    assert linked == {"dull.png", "dull.bmp"}
    assert "one thumbnail" in link.evidence


def test_plain_pictures_are_counted_and_never_called_near(seized: Path, workspace: Workspace) -> None:
    for name, shade in (("white.png", 255), ("grey.png", 128)):
        Image.new("L", (64, 64), shade).save(seized / name)
    report = take(seized, workspace, with_linking=True)
    assert report.linking is not None
    assert (report.linking.series, report.linking.notes) == (
        0,
        (
            "2 pictures and frames are too plain for PDQ (quality below 50)",
            (
                "Of 2 media with nothing PDQ can compare, 0 have the size and thumbnail of another and are "
                "linked by that; 0 blank ones and 0 whose thumbnail more than 32 share link nothing; "
                "2 are like no other"
            ),
        ),
    )
    with Catalogue.open(workspace, SETTINGS) as catalogue:
        (white,), (grey,) = catalogue.find("white.png"), catalogue.find("grey.png")
        assert "31 count as one picture" not in pipeline.explain(catalogue, white, grey).sentence


def test_links_do_not_depend_on_the_order_in_which_files_came(seized: Path, tmp_path: Path) -> None:
    for name, turned in (("a.jpg", False), ("b.jpg", True)):
        (seized / name).write_bytes(made_picture(1, turned=turned))
    told = []
    for order in (("a.jpg", "b.jpg"), ("b.jpg", "a.jpg")):
        workspace = Workspace.open_or_create(tmp_path / order[0])
        for name in order:
            report = pipeline.ingest(seized / name, workspace, SETTINGS)
        assert report.linking is not None
        with Catalogue.open(workspace, SETTINGS) as catalogue:
            told.append(list(catalogue.links()))
    assert len(told[0]) == 1
    assert told[0] == told[1]


def two_series(seized: Path, workspace: Workspace) -> None:
    for number in (1, 5):
        (seized / f"{number}.jpg").write_bytes(made_picture(number))
        (seized / f"{number}-small.jpg").write_bytes(made_picture(number, width=240))
    report = take(seized, workspace, with_linking=True)
    assert report.linking is not None
    assert report.linking.series == 2


def take(path: Path, workspace: Workspace, *, with_linking: bool = False) -> IngestReport:
    return pipeline.ingest(path, workspace, SETTINGS, source="seized", with_linking=with_linking)


def flood() -> bytes:
    """A PNG whose header declares 60,000 x 60,000 pixels."""
    out = io.BytesIO()
    Image.new("L", (1, 1)).save(out, "PNG")
    content = bytearray(out.getvalue())
    content[16:24] = (60_000).to_bytes(4, "big") * 2

    content[29:33] = zlib.crc32(bytes(content[12:29])).to_bytes(4, "big")
    return bytes(content)


@pytest.mark.postgresql
def test_postgresql_ends_with_the_same_catalogue_as_sqlite(
    seized: Path, tmp_path: Path, postgresql_url: str
) -> None:
    (seized / "a.jpg").write_bytes(made_picture(1))
    (seized / "smaller.jpg").write_bytes(made_picture(1, width=240))
    (seized / "cut.jpg").write_bytes(made_picture(2)[:300])
    canonical = []
    for name, url in (("sqlite", None), ("postgresql", postgresql_url)):
        settings = replace(SETTINGS, database_url=url)
        workspace = Workspace.open_or_create(tmp_path / name)
        pipeline.ingest(seized, workspace, settings, source="seized")
        with Catalogue.open(workspace, settings) as catalogue:
            assert list(catalogue.verify()) == []
            assert catalogue.counts().series == 1
            canonical.append(list(catalogue.canonical()))
    assert canonical[0] == canonical[1]


def test_a_merged_series_is_found_by_its_earlier_id_and_keeps_its_name(
    seized: Path, workspace: Workspace
) -> None:
    for number in (1, 3):
        (seized / f"{number}.jpg").write_bytes(made_picture(number))
        (seized / f"{number}-again.jpg").write_bytes(made_picture(number, quality=60))
    take(seized, workspace, with_linking=True)
    with Catalogue.open(workspace, SETTINGS, write=True) as catalogue:
        first, second = (one.id for one in catalogue.series_list("id"))
        merged = [first, second]
        catalogue.rename_series(second, "the harbour", "ada")
        pipeline.decide(catalogue, DecisionKind.MERGE, merged, [], officer="ada", reason="one harbour")
        for _ in range(2):
            pipeline.link(catalogue)
            (one,) = catalogue.series_list()
            assert {catalogue.current_id(old) for old in merged} == {one.id}
            assert one.name == "the harbour"


def test_an_archive_that_is_done_is_unpacked_again_only_when_it_changed(
    seized: Path, workspace: Workspace
) -> None:
    archive = seized / "a.zip"
    with zipfile.ZipFile(archive, "w") as members:
        members.writestr("1.jpg", made_picture(1))
    assert take(archive, workspace).media_new == 1
    again = take(archive, workspace)
    assert (again.files, again.skipped) == (0, 1)
    with zipfile.ZipFile(archive, "a") as members:
        members.writestr("2.jpg", made_picture(2))
    changed = take(archive, workspace)
    assert (changed.files, changed.skipped, changed.media_new) == (1, 1, 1)


def test_undecoded_content_is_decoded_later_where_asked_in_finished_archives_too(
    seized: Path, workspace: Workspace
) -> None:
    """A limit stands for a busy machine here: both give a fault, and facts at most."""
    (seized / "a.jpg").write_bytes(made_picture(1))
    (seized / "copy.jpg").write_bytes(made_picture(1))
    (seized / "empty.jpg").write_bytes(b"")
    archive = seized.parent / "a.zip"
    with zipfile.ZipFile(archive, "w") as members:
        members.writestr("b.jpg", made_picture(2))
    strict = replace(SETTINGS, decoding=replace(SETTINGS.decoding, pixels_at_most=100))
    for path in (seized, archive):
        pipeline.ingest(path, workspace, strict, source="seized", with_linking=False)
    assert [take(path, workspace).files for path in (seized, archive)] == [0, 0]
    again = [FaultCode.TOO_MANY_PIXELS]
    for path, files, skipped in ((seized, 2, 1), (archive, 1, 0)):
        done = pipeline.ingest(path, workspace, SETTINGS, source="seized", with_linking=False, again=again)
        assert (done.files, done.skipped, done.media_new, done.faults) == (files, skipped, 1, {})
    with Catalogue.open(workspace, SETTINGS) as catalogue:
        assert [one.path for one in catalogue.faults()] == ["empty.jpg"]
        assert (catalogue.counts().pictures, catalogue.counts().undecoded) == (2, 0)
        assert len(catalogue.fingerprints("pdq")) == 2
        assert list(catalogue.verify()) == []
    assert [take(path, workspace).files for path in (seized, archive)] == [0, 0]


def test_a_digest_that_its_record_misstates_is_listed(seized: Path, workspace: Workspace) -> None:
    content = made_picture(1)
    (seized / "a.jpg").write_bytes(content)
    record = {
        "MediaID": 1,
        "Category": 1,
        "MD5": "0" * 32,
        "MediaSize": len(content),
        "RelativeFilePath": "a.jpg",
    }
    case = {
        "@odata.context": "http://github.com/VICSDATAMODEL/ProjectVic/DataModels/2.0.xml/US/$metadata#Cases",
        "value": [{"CaseID": "1", "Media": [record]}],
    }
    (seized / "case.json").write_text(json.dumps(case))
    assert take(seized / "case.json", workspace).faults == {"hash-mismatch": 1}
    with Catalogue.open(workspace, SETTINGS) as catalogue:
        (listed,) = catalogue.faults(code="hash-mismatch")
        assert (listed.partial, listed.fault.detail) == (True, "the bytes have another stated-md5")
        assert catalogue.counts().pictures == 1


def test_an_id_that_a_series_lost_is_not_given_to_one_that_comes_later(
    seized: Path, workspace: Workspace
) -> None:
    for number in (1, 2):
        (seized / f"{number}.jpg").write_bytes(made_picture(1, width=200 * number))
    take(seized, workspace, with_linking=True)
    with Catalogue.open(workspace, SETTINGS, write=True) as catalogue:
        (gone,) = (one.id for one in catalogue.series_list())
        catalogue.replace_linking([], [])
        pipeline.link(catalogue)
        (later,) = (one.id for one in catalogue.series_list())
        assert later != gone
