from __future__ import annotations

from dataclasses import replace

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from engine.catalogue import made_up
from foureyes.engine.catalogue import Catalogue, FingerprintTable, Workspace, fingerprint_files
from foureyes.engine.errors import StorageFull
from foureyes.engine.model import Fingerprint, TakenIn
from foureyes.engine.settings import EngineSettings


def rows(table: FingerprintTable) -> set[tuple[bytes, bytes, int, float]]:
    columns = zip(table.sha256, table.values, table.quality, table.at_seconds, strict=True)
    return {(a.tobytes(), b.tobytes(), int(c), float(d)) for a, b, c, d in columns}


def made(seeds: range) -> set[tuple[bytes, bytes, int, float]]:
    return {
        (bytes.fromhex(media.digests.sha256), each.value, each.quality, each.at_seconds)
        for seed in seeds
        for media in [made_up.media(seed, video=seed % 10 == 0)]
        for each in media.fingerprints
    }


def commit_singly(catalogue: Catalogue, seeds: range) -> None:
    source = catalogue.source("s", "/s", "folder")
    for seed in seeds:
        catalogue.commit(source, [made_up.taken(f"{seed}.jpg", seed, video=seed % 10 == 0)])


def test_many_small_files_become_few(catalogue: Catalogue, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fingerprint_files, "MERGE_FILES", 4)
    commit_singly(catalogue, range(70))
    assert rows(catalogue.fingerprints("pdq")) == made(range(70))
    names = {path.name for path in catalogue.workspace.fingerprints.iterdir()}
    # 70 files: 64 of them in four files of the top level, 4 in one below, 2 as they came.
    assert len(names) == 4 + 1 + 2
    assert list(catalogue.verify()) == []
    with Catalogue.open(catalogue.workspace, catalogue_settings(catalogue)) as reader:
        assert rows(reader.fingerprints("pdq")) == made(range(70))


def catalogue_settings(catalogue: Catalogue) -> EngineSettings:
    engine = catalogue._store.database._engine
    sqlite = engine.dialect.name == "sqlite"
    return EngineSettings(database_url=None if sqlite else engine.url.render_as_string(hide_password=False))


def test_only_the_first_bytes_where_no_more_are_needed(catalogue: Catalogue) -> None:
    commit_singly(catalogue, range(5))
    whole, upright = catalogue.fingerprints("pdq"), catalogue.fingerprints("pdq", width=32)
    assert whole.values.shape == (8, 256)
    assert upright.values.shape == (8, 32)
    assert (whole.values[:, :32] == upright.values).all()


def test_rows_keep_their_number_whatever_is_merged(
    catalogue: Catalogue, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fingerprint_files, "MERGE_FILES", 3)
    source = catalogue.source("s", "/s", "folder")
    before = catalogue.fingerprints("pdq").sha256
    files = []
    for seed in range(1, 30):
        catalogue.commit(source, [made_up.taken(f"{seed}.jpg", seed, video=seed % 5 == 0)])
        now = catalogue.fingerprints("pdq")
        assert len(now) > len(before)
        assert (now.sha256[: len(before)] == before).all()
        between = [(0, 3), (2, None), (seed, seed + 1), (5, 5), (len(now), None), (3, 99), (seed, 2)]
        for first, last in between:
            part = catalogue.fingerprints("pdq", from_row=first, to_row=last, width=32)
            assert (part.sha256 == now.sha256[first:last]).all()
            assert (part.values == now.values[first:last, :32]).all()
            assert (part.at_seconds == now.at_seconds[first:last]).all()
        before = now.sha256
        files.append(len(list(catalogue.workspace.fingerprints.iterdir())))
    assert max(files) < 8


def test_rows_of_named_media_alone_are_read(catalogue: Catalogue, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fingerprint_files, "MERGE_FILES", 4)
    commit_singly(catalogue, range(12))
    film, still, stranger = (made_up.media(seed).digests.sha256 for seed in (10, 3, 99))
    for owners in ([still], [film, still], [stranger], []):
        few = catalogue.fingerprints("pdq", owners=[*owners, stranger], width=32)
        whole = catalogue.fingerprints("pdq", width=32)
        chosen = [row.tobytes().hex() in owners for row in whole.sha256]
        for column in ("sha256", "values", "quality", "at_seconds"):
            expected = getattr(whole, column)[chosen]
            assert getattr(few, column).shape == expected.shape
            assert (getattr(few, column) == expected).all()
    assert catalogue.fingerprints("nothing", owners=[still]).values.shape == (0, 0)


def test_values_of_other_media_are_not_read(catalogue: Catalogue, monkeypatch: pytest.MonkeyPatch) -> None:
    commit_singly(catalogue, range(6))
    read: list[object] = []
    real = pq.ParquetFile.read_row_group

    def note(file: pq.ParquetFile, number: int, columns: list[str] | None = None) -> pa.Table:
        read.append(columns)
        return real(file, number, columns)

    monkeypatch.setattr(pq.ParquetFile, "read_row_group", note)
    catalogue.fingerprints("pdq", owners=[made_up.media(3).digests.sha256])
    assert read.count(None) == 1


def test_kinds_and_versions_lie_apart(catalogue: Catalogue) -> None:
    item = made_up.taken("a.jpg", 1)
    assert item.media is not None
    prints = (
        Fingerprint("pdq", 1, b"1" * 256),
        Fingerprint("pdq", 2, b"2" * 256),
        Fingerprint("Scene Vector", 1, b"3" * 64),
    )
    changed: TakenIn = replace(item, media=replace(item.media, fingerprints=prints))
    catalogue.commit(catalogue.source("s", "/s", "folder"), [changed])
    assert catalogue.fingerprint_kinds() == [("Scene Vector", 1, 1), ("pdq", 1, 1), ("pdq", 2, 1)]
    assert catalogue.fingerprints("pdq").values.tobytes() == b"2" * 256
    assert catalogue.fingerprints("pdq", 1).values.tobytes() == b"1" * 256
    assert catalogue.fingerprints("Scene Vector").values.tobytes() == b"3" * 64


def test_a_reader_follows_when_files_are_merged_under_it(
    workspace: Workspace, settings: EngineSettings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fingerprint_files, "MERGE_FILES", 4)
    with Catalogue.open(workspace, settings, write=True) as writer:
        commit_singly(writer, range(3))
        with Catalogue.open(workspace, settings) as reader:
            real = fingerprint_files.recorded_files
            merged = False

            def list_then_merge(*arguments: object) -> list[fingerprint_files.FileRow]:
                nonlocal merged
                found = real(*arguments)  # type: ignore[arg-type]  # whatever the real one takes
                if not merged:
                    merged = True
                    commit_singly(writer, range(3, 4))
                return found

            monkeypatch.setattr("foureyes.engine.catalogue.asking.recorded_files", list_then_merge)
            assert rows(reader.fingerprints("pdq")) == made(range(4))


def test_no_room_to_merge_only_puts_it_off(catalogue: Catalogue, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fingerprint_files, "MERGE_FILES", 4)
    commit_singly(catalogue, range(3))
    real = fingerprint_files.merge_files

    def no_room(*arguments: object) -> fingerprint_files.FileRow:
        real(*arguments)  # type: ignore[arg-type]  # whatever the real one takes
        raise StorageFull("no room for the transaction after it")

    with monkeypatch.context() as patched:
        patched.setattr("foureyes.engine.catalogue.committing.merge_files", no_room)
        commit_singly(catalogue, range(3, 4))
    assert len(list(catalogue.workspace.fingerprints.iterdir())) == 4
    commit_singly(catalogue, range(4, 5))
    assert len(list(catalogue.workspace.fingerprints.iterdir())) == 1
    assert rows(catalogue.fingerprints("pdq")) == made(range(5))
    assert list(catalogue.verify()) == []


def test_wide_values_are_merged_without_holding_all_of_them(
    catalogue: Catalogue, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fingerprint_files, "MERGE_FILES", 6)
    monkeypatch.setattr(fingerprint_files, "_GROUP_BYTES", 2_000)
    source = catalogue.source("s", "/s", "folder")
    catalogue.commit(source, [made_up.taken(f"{seed}.jpg", seed) for seed in range(6)])
    owners = [made_up.media(seed).digests.sha256 for seed in range(6)]
    for number, owner in enumerate(owners):
        catalogue.record_fingerprints([(owner, Fingerprint("wide", 1, bytes([number]) * 1_000))])
    files = [path for path in catalogue.workspace.fingerprints.iterdir() if path.name.startswith("wide")]
    assert len(files) == 1
    assert pq.ParquetFile(files[0]).num_row_groups == 3
    table = catalogue.fingerprints("wide", owners=owners[2:4])
    assert sorted(int(value[0]) for value in table.values) == [2, 3]


def test_what_is_merged_again_keeps_its_rows_in_small_groups(
    catalogue: Catalogue, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fingerprint_files, "MERGE_FILES", 3)
    monkeypatch.setattr(fingerprint_files, "_GROUP_BYTES", 2_500)
    catalogue.commit(catalogue.source("s", "/s", "folder"), [made_up.taken("one.jpg", 1)])
    owner = made_up.media(1).digests.sha256
    for number in range(10):
        wide = [Fingerprint("wide", 1, bytes([number, part]) * 500, 0, part) for part in range(3)]
        catalogue.record_fingerprints([(owner, one) for one in wide])
    files = [path for path in catalogue.workspace.fingerprints.iterdir() if path.name.startswith("wide")]
    held = sorted((pq.ParquetFile(path).metadata for path in files), key=lambda one: one.num_rows)
    assert [one.num_rows for one in held] == [3, 27]
    assert max(held[1].row_group(number).num_rows for number in range(held[1].num_row_groups)) == 2
    values = catalogue.fingerprints("wide").values
    assert values[:, :2].tolist() == [[number, part] for number in range(10) for part in range(3)]
    assert list(catalogue.verify()) == []
