"""Everything that was committed is damaged in turn, and each damage is named."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path

import pytest

from engine.catalogue import made_up
from foureyes.engine.catalogue import Catalogue, Workspace
from foureyes.engine.errors import WorkspaceDamaged
from foureyes.engine.model import DecisionKind, Fact, FactName, Link, Origin, Series
from foureyes.engine.settings import EngineSettings

ONE, TWO = sorted(made_up.media(seed).digests.sha256 for seed in (1, 2))


@pytest.fixture
def whole(catalogue: Catalogue) -> Catalogue:
    source = catalogue.source("s", "/s", "folder")
    tag = Fact(FactName.TAG, "kitchen", Origin.SOURCE)
    first = made_up.taken("1.jpg", 1)
    first = replace(first, occurrence=replace(first.occurrence, facts=(tag,)))
    catalogue.commit(source, [first, made_up.taken("2.jpg", 2), made_up.fault("3.jpg")])
    catalogue.replace_linking(
        [Series("S-A", "n", named_by_person=False, members=(ONE, TWO))],
        [Link(ONE, TWO, "same-picture", 3.0, "0 bits apart")],
    )
    catalogue.rename_series("S-A", "sofa", "ana")
    for reason in ("first", "second", "third"):
        catalogue.record_decision(
            DecisionKind.BELONGS, series=["S-A"], media=[ONE], anchors=[TWO], officer="ana", reason=reason
        )
    catalogue.withdraw_decision(2, officer="bo", reason="wrong")
    assert problems(catalogue) == []
    return catalogue


def problems(catalogue: Catalogue) -> list[str]:
    return [f"{problem.where}: {problem.what}" for problem in catalogue.verify()]


def one_problem(catalogue: Catalogue) -> str:
    found = problems(catalogue)
    assert len(found) == 1, found
    return found[0]


def flip(path: Path, at: int) -> None:
    content = bytearray(path.read_bytes())
    content[at] ^= 1
    path.write_bytes(content)


def force(catalogue: Catalogue, *statements: str) -> None:
    """Change rows behind the catalogue's back, its own guards off."""
    database = catalogue._store.database
    with database.reading() as connection:
        driver = connection.connection.driver_connection
        assert driver is not None
        cursor = driver.cursor()
        if database.is_sqlite:
            cursor.execute("PRAGMA foreign_keys=OFF")
            triggers = "SELECT name FROM sqlite_master WHERE type = 'trigger'"
            for (name,) in cursor.execute(triggers).fetchall():
                cursor.execute(f"DROP TRIGGER {name}")
        else:
            cursor.execute("SET session_replication_role = replica")
        for statement in statements:
            cursor.execute(statement)
            assert cursor.rowcount > 0, statement
        driver.commit()
        if not database.is_sqlite:
            cursor.execute("SET session_replication_role = DEFAULT")
            driver.commit()


@pytest.mark.parametrize("what", ["thumbnail", "preview"])
def test_one_changed_bit_in_a_pack(whole: Catalogue, what: str) -> None:
    name = f"{what}s-000001.pack"
    flip(whole.workspace.packs / name, 5)
    said = one_problem(whole)
    assert said.startswith(name)
    assert f"the {what} of" in said
    with pytest.raises(WorkspaceDamaged, match=name):
        whole.thumbnails([ONE, TWO]) if what == "thumbnail" else whole.previews([ONE, TWO])


def test_a_pack_cut_short_or_missing(whole: Catalogue) -> None:
    pack = whole.workspace.packs / "previews-000001.pack"
    os.truncate(pack, 100)
    found = problems(whole)
    assert found[0] == "previews-000001.pack: the pack holds 100 bytes of 176 that were committed"
    assert len(found) == 2
    pack.unlink()
    assert problems(whole)[0] == "previews-000001.pack: the pack is missing"


def test_a_fingerprint_file_changed_or_missing(whole: Catalogue) -> None:
    (file,) = whole.workspace.fingerprints.iterdir()
    flip(file, file.stat().st_size // 2)
    assert one_problem(whole) == f"{file.name}: the file is not as it was committed"
    file.unlink()
    assert one_problem(whole) == f"{file.name}: the file is missing"
    with pytest.raises(WorkspaceDamaged, match="missing"):
        whole.fingerprints("pdq")


DAMAGES = {
    "UPDATE pack SET length = length - 1 WHERE family = 'previews'": "beyond the length",
    "UPDATE tally SET value = value + 1 WHERE name = 'occurrences'": "occurrences of source 1: 4 recorded",
    "UPDATE media SET sha_key = sha_key + 1 WHERE id = 1": "is not as it was committed",
    "UPDATE media SET size = size + 1 WHERE id = 1": "unique-bytes of all media",
    "UPDATE media SET md5 = sha1 WHERE id = 1": "is not as it was committed",
    "UPDATE media SET width = 7 WHERE id = 1": "is not as it was committed",
    "DELETE FROM fact WHERE media_id = 1": "is not as it was committed",
    "UPDATE fact SET value_text = 'Canon' WHERE media_id = 1 AND ordinal = 0": "is not as it was committed",
    "DELETE FROM occurrence_fact": "'1.jpg' is not as it was committed",
    "UPDATE occurrence SET path = '9.jpg' WHERE id = 3": "'9.jpg' is not as it was committed",
    "DELETE FROM occurrence WHERE id = 2": "occurrences of source 1: 3 recorded, 2 there",
    "UPDATE occurrence SET media_id = 99 WHERE id = 1": "media_id names no row of media",
    "UPDATE fact SET name = 99 WHERE media_id = 1": "name names no row of word",
    "UPDATE word SET text = 'camera' WHERE text = 'camera-model'": "'camera' is no name that",
    "UPDATE series SET size = 3": "S-A says 3 members and has 2",
    "DELETE FROM series_member WHERE media_id = 1": "S-A says 2 members and has 1",
    "UPDATE series_member SET series_id = 'S-B'": "series_id names no row of series",
    "UPDATE link SET b = 77": "b names no row of media",
    "UPDATE decision SET reason = 'other' WHERE id = 2": "decision: row 2 was changed",
    "DELETE FROM decision WHERE id = 1": "decision: row 2 was changed, or the one before",
    "UPDATE withdrawal SET officer = 'ana'": "withdrawal: row 1 was changed",
    "UPDATE series_name SET name = 'chair'": "series_name: row 1 was changed",
    "UPDATE media SET sha256 = (SELECT sha256 FROM media WHERE id = 2), "
    "sha_key = (SELECT sha_key FROM media WHERE id = 2)": "is there twice",
    "DELETE FROM media WHERE id = 1": "belong to no known media",
}


@pytest.mark.parametrize("settings", ["sqlite"], indirect=True)
@pytest.mark.parametrize("statement", DAMAGES)
def test_rows_changed_behind_its_back(whole: Catalogue, statement: str) -> None:
    force(whole, statement)
    found = problems(whole)
    assert any(DAMAGES[statement] in said for said in found), found


@pytest.mark.postgresql
@pytest.mark.parametrize("settings", ["postgresql"], indirect=True)
def test_rows_changed_on_a_server(whole: Catalogue) -> None:
    """All that can be told apart at once."""
    blurred = ("sha_key", "series_member")
    chosen = [one for one in DAMAGES if one.startswith("UPDATE") and not any(word in one for word in blurred)]
    force(whole, *chosen)
    found = "\n".join(problems(whole))
    for statement in chosen:
        if "is no name" not in DAMAGES[statement]:
            assert DAMAGES[statement] in found, found


def test_a_damaged_page_of_the_database(workspace: Workspace) -> None:
    with Catalogue.open(workspace, EngineSettings(), write=True) as catalogue:
        source = catalogue.source("s", "/s", "folder")
        for batch in made_up.batches(31, count=3, size=100):
            catalogue.commit(source, batch)
        with catalogue._store.database.reading() as connection:
            connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
            root = connection.exec_driver_sql(
                "SELECT rootpage FROM sqlite_master WHERE name = 'ix_media_sha_key'"
            ).scalar()
    assert root is not None
    with workspace.database.open("r+b") as stream:
        stream.seek((root - 1) * 4096)
        stream.write(b"\xff" * 4096)
    with Catalogue.open(workspace, EngineSettings()) as catalogue:
        found = problems(catalogue)
    assert any(said.startswith(("catalogue.sqlite", "database")) for said in found), found


def test_progress_is_told(whole: Catalogue) -> None:
    told: list[tuple[str, int, int]] = []
    assert list(whole.verify(lambda *step: told.append(step))) == []
    assert {what for what, _, _ in told} >= {"database", "packs", "thumbnails", "fingerprints", "counts"}
    assert all(0 <= done <= total for _, done, total in told)
