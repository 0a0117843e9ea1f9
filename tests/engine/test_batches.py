"""A batch that is linked by itself leaves the catalogue as linking everything would, and touches nothing else."""

from __future__ import annotations

import random
import shutil
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from sqlalchemy import event

from engine.series.made_corpus import corpus
from engine.series.made_up import shot
from foureyes.engine import pipeline, series
from foureyes.engine.catalogue import Catalogue, Workspace, schema
from foureyes.engine.errors import StorageFull
from foureyes.engine.fingerprints import sound
from foureyes.engine.fingerprints.texts import packed
from foureyes.engine.model import (
    DecisionKind,
    Digests,
    Fingerprint,
    Link,
    Linkable,
    Media,
    Occurrence,
    Outcome,
    Progress,
    TakenIn,
    TextLine,
    Times,
)
from foureyes.engine.settings import EngineSettings
from foureyes.engine.steps import due, hearing, stated, texts

OLD, NEW = 60, 8
SAMPLES = Path(__file__).parents[2] / "samples/laptop/Pictures"


@pytest.fixture(autouse=True)
def _small_catalogues_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(due, "LEAST", 0)
    monkeypatch.setattr(due, "SHARE", 2)
    monkeypatch.setattr(due, "GROWN", 1)
    monkeypatch.setattr("foureyes.engine.steps.batches.PART_AT_MOST", 1)


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgresql)])
def catalogue(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Catalogue]:
    url = None if request.param == "sqlite" else request.getfixturevalue("postgresql_url")
    with opened(tmp_path / "w", url) as held:
        yield held


def opened(folder: Path, url: str | None = None) -> Catalogue:
    workspace = Workspace.open_or_create(folder)
    return Catalogue.open(workspace, EngineSettings(database_url=url), write=True, purpose="test")


def take_in(catalogue: Catalogue, held: Sequence[Linkable], prints: dict[str, bytes]) -> None:
    """Commit made-up media as an ingest would."""
    items: dict[int, list[TakenIn]] = {}
    for one in held:
        media = Media(
            Digests(one.sha256, one.sha256[:40], one.sha256[:32], 1000),
            one.kind,
            one.format,
            one.width,
            one.height,
            facts=one.facts,
            fingerprints=(Fingerprint("pdq", 1, prints[one.sha256]),),
        )
        times = Times(modified_ns=one.modified_ns)
        for path in one.paths:
            number = next(int(it.partition(":")[0]) for it in one.folders if path.startswith(it[2:]))
            taken = TakenIn(Occurrence(path, 1000, times), Outcome.MEDIA, one.sha256, media)
            items.setdefault(number, []).append(taken)
    for number in (1, 2):
        source = catalogue.source(f"source {number}", f"/source/{number}", "folder")
        assert source == number
        catalogue.commit(source, items.get(number, []))


def prints_of(seed: int, held: Sequence[Linkable]) -> dict[str, bytes]:
    """A hash for each, a third of them near that of another one."""
    chance, made = random.Random(seed), dict[str, bytes]()
    for one in held:
        value = bytearray(chance.randbytes(256))
        if made and chance.random() < 0.3:
            value[:] = made[chance.choice(list(made))]
            for turn in range(8):
                value[32 * turn + chance.randrange(32)] ^= chance.randrange(256)
        made[one.sha256] = bytes(value)
    return made


def rule(catalogue: Catalogue, chance: random.Random, held: Sequence[Linkable]) -> None:
    """Let somebody rule something that makes sense now, or withdraw what was ruled."""
    if (ruled := catalogue.decisions()) and chance.random() < 0.4:
        catalogue.withdraw_decision(chance.choice(ruled).id, officer="Ines", reason="seen again")
        return
    stood = [one for one in catalogue.all_series() if len(one.members) > 1]
    kind = chance.choice([one for one in DecisionKind if one is not DecisionKind.NEGATIVE])
    if len(stood) < 2:
        return
    chosen = chance.sample(stood, 2 if kind is DecisionKind.MERGE else 1)
    known = {one.digests.sha256 for one in catalogue.iterate_media()} - {*chosen[0].members}
    outside = [one.sha256 for one in held if one.sha256 in known]
    media = {
        DecisionKind.BELONGS: outside[:1],
        DecisionKind.DOES_NOT_BELONG: [chosen[0].members[0]],
        DecisionKind.MERGE: [],
        DecisionKind.SPLIT: [chosen[0].members[-1]],
    }[kind]
    ids = [one.id for one in chosen]
    pipeline.decide(catalogue, kind, ids, media, officer="Ines", reason="side by side")


def oracle(catalogue: Catalogue, stood: Stood, new: frozenset[str]) -> series.Built:
    """Everything linked at once, where links between media that were held before are as they stood."""
    near = pipeline.linking.near_media(catalogue)
    given_all = series.evidence(catalogue.linkable(series.FACTS), near.pairs)
    names = given_all.media.keys()
    links = [one for one in stood.links if not {one.a, one.b} & new and {one.a, one.b} <= names]
    links += [one for one in series.propose(given_all) if {one.a, one.b} & new]
    links.sort(key=lambda one: (one.a, one.b, one.kind))
    return series.build(given_all, catalogue.decisions(), stood.series, stood.given, links=links)


class Stood:
    """What stands at a moment."""

    def __init__(self, catalogue: Catalogue) -> None:
        self.links = list(catalogue.links())
        self.series = catalogue.all_series()
        self.given = catalogue.series_ids_given()


def by_ends(links: Sequence[Link]) -> list[Link]:
    return sorted(links, key=lambda one: (one.a, one.b, one.kind))


@settings(max_examples=12, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    seed=st.integers(0, 2**32),
    ruled=st.tuples(st.integers(0, 2), st.integers(0, 2)),
    before=st.integers(0, 20),
    files=st.integers(1, 3),
)
def test_it_is_as_if_everything_were_linked(
    seed: int, ruled: tuple[int, int], before: int, files: int, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """`before`: media that an earlier batch brought; `files` are kept at most of what all state."""
    chance = random.Random(seed)
    held = corpus(seed, OLD + NEW).held
    prints = prints_of(seed, held)
    with opened(tmp_path_factory.mktemp("w") / "w") as catalogue:
        take_in(catalogue, held[: OLD - before], prints)
        assert pipeline.link(catalogue).whole
        if before:
            with pytest.MonkeyPatch.context() as patched:
                patched.setattr(stated, "FILES_AT_MOST", files)
                for first in range(OLD - before, OLD, 6):
                    take_in(catalogue, held[first : min(first + 6, OLD)], prints)
                    assert not pipeline.link(catalogue).whole
        for _ in range(ruled[0]):
            rule(catalogue, chance, held[:OLD])
        assert not pipeline.link(catalogue).whole
        take_in(catalogue, held[OLD:], prints)
        for _ in range(ruled[1]):
            rule(catalogue, chance, held)
        stood = Stood(catalogue)
        since = catalogue.linked_as()
        assert since is not None
        came = catalogue.unlinked(since)
        expected = oracle(catalogue, stood, came.new | came.changed)
        report = pipeline.link(catalogue)
        assert not report.whole
        assert by_ends(list(catalogue.links())) == by_ends(expected.links)
        assert_stated_as_anew(catalogue)
        found = [catalogue.series(one.id) for one in catalogue.all_series()]
        assert found == list(expected.series)
        assert {old: catalogue.current_id(old) for old in expected.aliases} == expected.aliases
        assert report.series == len(expected.series)
        assert sum(report.links.values()) == len(expected.links)


def burst(serial: str, folder: str, seconds: Sequence[float]) -> list[Linkable]:
    """Shots of one body, that many seconds after noon."""
    return [
        replace(
            shot(f"{serial} {at}", at, serial=serial, path=f"{folder}/{serial}-{at}.jpg"),
            format="jpeg",
            width=800,
            height=600,
            folders=(f"1:{folder}",),
        )
        for at in seconds
    ]


def assert_stated_as_anew(catalogue: Catalogue) -> None:
    """What is kept of what media state is what they state; nothing else is kept."""
    since = catalogue.linked_as()
    assert since is not None
    files = since.by.stated
    assert {one.name for one in catalogue.workspace.stated.iterdir()} == {*files}
    kept = stated.read(catalogue, files)
    assert (kept is None) == (not files)
    if kept is not None:
        assert lines(kept) == lines(series.Columns.of(catalogue.linkable(series.FACTS)))


def lines(columns: series.Columns) -> list[list[object]]:
    """Each media with what it states, in one order."""
    claims: dict[int, list[object]] = {}
    for row, *said in zip(
        *(columns.of_claims[name].tolist() for name in ("row", "kind", "what")), strict=True
    ):
        claims.setdefault(row, []).append(said)
    fields = [column.tolist() for column in columns.of_media.values()]
    return sorted([*one, claims.get(row, [])] for row, one in enumerate(zip(*fields, strict=True)))


A, B, C = (burst(serial, serial, [0, 20, 40]) for serial in ("8964244", "7730915", "4419073"))
LATER = burst("8964244", "later", [60])


def taken_in(catalogue: Catalogue, *parts: Sequence[Linkable]) -> None:
    held = [one for part in parts for one in part]
    take_in(catalogue, held, {one.sha256: random.Random(one.sha256).randbytes(256) for one in held})


def homes(catalogue: Catalogue, part: Sequence[Linkable]) -> set[str]:
    return set(catalogue.series_ids_of([one.sha256 for one in part]).values())


def test_a_new_shot_joins_its_series_and_nothing_else_is_written(catalogue: Catalogue) -> None:
    taken_in(catalogue, A, B, C)
    pipeline.link(catalogue)
    before = {one.id: catalogue.series(one.id) for one in catalogue.all_series()}
    (home,) = homes(catalogue, A)
    taken_in(catalogue, LATER)
    report = pipeline.link(catalogue)
    assert (report.whole, report.series, report.media_in_series, report.largest) == (False, 3, 10, 4)
    assert homes(catalogue, [*A, *LATER]) == {home}
    now = {one.id: catalogue.series(one.id) for one in catalogue.all_series()}
    assert {key for key in now if now[key] != before[key]} == {home}
    assert any("linked what came since" in note for note in report.notes)
    assert pipeline.explain(catalogue, A[0].sha256, LATER[0].sha256).together


def test_what_is_read_and_written_does_not_grow_with_what_is_untouched(tmp_path: Path) -> None:
    counts = []
    for many in (2, 40):
        with opened(tmp_path / str(many)) as catalogue:
            others = [
                burst(f"55{number:03}31", f"other {number}", [9e5 * number, 9e5 * number + 9])
                for number in range(many)
            ]
            taken_in(catalogue, A, *others)
            pipeline.link(catalogue)
            taken_in(catalogue, LATER)
            counts.append(Counted(catalogue).link())
    assert counts[0] == counts[1]


class Counted:
    """Questions about links and series that one linking asks, and rows that it changes."""

    TABLES = ("link", "series", "series_member", "series_alias", "series_id_given")

    def __init__(self, catalogue: Catalogue) -> None:
        self._catalogue = catalogue
        self._engine = catalogue._store.database._engine

    def link(self) -> tuple[int, int]:
        asked: list[tuple[str, Any]] = []
        written = 0

        def hear(*told: Any) -> None:
            nonlocal written
            _, cursor, statement, given, *_ = told
            if not any(f" {one}" in " ".join(statement.split()) for one in self.TABLES):
                return
            if statement.startswith("SELECT"):
                asked.append((statement, given))
            else:
                written += max(cursor.rowcount, 0)

        event.listen(self._engine, "after_cursor_execute", hear)
        try:
            assert not pipeline.link(self._catalogue).whole
        finally:
            event.remove(self._engine, "after_cursor_execute", hear)
        scanned = {one for statement, given in asked for one in self._scanned(statement, given)}
        assert scanned <= {"SCAN series USING COVERING INDEX ix_series_size", "SCAN series_name"}, (
            "how many series there are is counted, and names that people gave are read: nothing else"
        )
        return len(asked), written

    def _scanned(self, statement: str, given: Any) -> list[str]:
        """Tables that a question reads from end to end, as the database plans it."""
        with self._engine.connect() as connection:
            plan = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", given).all()
        return [row[3] for row in plan if row[3].startswith("SCAN") and "CONSTANT ROW" not in row[3]]


def test_a_ruling_binds_without_linking_everything(catalogue: Catalogue) -> None:
    taken_in(catalogue, A, B, C)
    pipeline.link(catalogue)
    (one,), (other,) = homes(catalogue, A), homes(catalogue, B)
    merge = pipeline.decide(
        catalogue, DecisionKind.MERGE, [one, other], [], officer="Ines", reason="one room"
    )
    assert not pipeline.link(catalogue).whole
    assert len(homes(catalogue, [*A, *B])) == 1
    catalogue.withdraw_decision(merge.id, officer="Ines", reason="two rooms")
    assert not pipeline.link(catalogue).whole
    assert homes(catalogue, A) != homes(catalogue, B)
    assert len(catalogue.all_series()) == 3


def test_a_ruling_made_while_a_batch_is_linked_binds(catalogue: Catalogue) -> None:
    taken_in(catalogue, A, B)
    pipeline.link(catalogue)
    ids = [*homes(catalogue, A), *homes(catalogue, B)]
    taken_in(catalogue, LATER)
    ruled: list[str] = []

    def rule_once(progress: Progress) -> None:
        if progress.stage == "writing" and not ruled:
            ruled.append(progress.stage)
            pipeline.decide(catalogue, DecisionKind.MERGE, ids, [], officer="Ines", reason="one room")

    assert not pipeline.link(catalogue, rule_once).whole
    assert len(homes(catalogue, [*A, *B, *LATER])) == 1


def test_a_path_that_holds_another_content_now_is_linked_anew(catalogue: Catalogue) -> None:
    taken_in(catalogue, A, B)
    pipeline.link(catalogue)
    moved = replace(C[0], paths=A[2].paths, folders=A[2].folders)
    taken_in(catalogue, [moved])
    report = pipeline.link(catalogue)
    assert not report.whole
    assert not homes(catalogue, [A[2]]), "no path holds it any more"
    assert_stated_as_anew(catalogue)
    assert len(homes(catalogue, A[:2])) == 1
    assert not [one for one in catalogue.links() if A[2].sha256 in (one.a, one.b)]


def test_everything_is_linked_anew_where_that_is_due(
    catalogue: Catalogue, monkeypatch: pytest.MonkeyPatch
) -> None:
    taken_in(catalogue, A, B)
    assert pipeline.link(catalogue).whole, "nothing was linked before"
    taken_in(catalogue, LATER)
    assert pipeline.link(catalogue, whole=True).whole
    pipeline.kinds_of_links(catalogue.workspace, turn_off=["same-owner"])
    assert pipeline.link(catalogue).whole, "another kind counts"
    pipeline.decide(catalogue, DecisionKind.NEGATIVE, [], [A[0].sha256], officer="Ines", reason="a logo")
    assert pipeline.link(catalogue).whole, "a picture links nothing now"
    assert not pipeline.link(catalogue).whole
    catalogue.replace_linking([], [])
    assert pipeline.link(catalogue).whole, "whoever wrote that left no mark"
    monkeypatch.setattr(due, "SHARE", 10**6)
    taken_in(catalogue, C)
    assert pipeline.link(catalogue).whole, "the batch is too large"
    monkeypatch.setattr(due, "SHARE", 2)
    monkeypatch.setattr("foureyes.engine.steps.batches.PART_AT_MOST", 10**6)
    taken_in(catalogue, burst("4419073", "later", [80]))
    assert pipeline.link(catalogue).whole, "too much hangs together with it"
    monkeypatch.setattr(due, "LEAST", 1000)
    assert pipeline.link(catalogue).whole, "so little is held"


def test_whatever_breaks_it_leaves_what_stood(catalogue: Catalogue, monkeypatch: pytest.MonkeyPatch) -> None:
    taken_in(catalogue, A, B)
    pipeline.link(catalogue)
    taken_in(catalogue, LATER)
    before = list(catalogue.canonical())

    def killed(progress: Progress) -> None:
        if progress.stage == "writing":
            raise KeyboardInterrupt

    def fails(*_: object) -> None:
        raise OSError(28, "No space left on device")

    with pytest.raises(KeyboardInterrupt):
        pipeline.link(catalogue, killed)
    assert list(catalogue.canonical()) == before
    with monkeypatch.context() as patched:
        patched.setattr("foureyes.engine.catalogue.replacing_part.write_mark", fails)
        with pytest.raises(StorageFull):
            pipeline.link(catalogue)
    assert list(catalogue.canonical()) == before
    assert not pipeline.link(catalogue).whole
    assert homes(catalogue, LATER) == homes(catalogue, A)


@pytest.mark.parametrize(
    "text", ["", "[]", "{}", '{"by": {"rulings": []}}', '{"by": {"rulings": [], "odd": 1}}']
)
def test_a_mark_that_says_nothing_counts_as_none(catalogue: Catalogue, text: str) -> None:
    taken_in(catalogue, A, B)
    pipeline.link(catalogue)
    with catalogue._store.database.writing() as connection:
        here = schema.meta.c.key == "linked-as"
        connection.execute(schema.meta.update().where(here).values(value=text))
    assert pipeline.link(catalogue).whole
    assert not pipeline.link(catalogue).whole


def test_sounds_and_texts_of_what_came_are_those_of_comparing_all(catalogue: Catalogue) -> None:
    taken_in(catalogue, A, B, C, LATER)
    held = [one.sha256 for one in (*A, *B, *C, *LATER)]
    said = ["Pension Edelweiss", "Hotel Pension Edelweiss", "Freiwillige Feuerwehr", "Gasthof zur Feuerwehr"]
    heard = np.random.default_rng(5).integers(0, 2**32, (4, 40), dtype=np.uint32)
    owned = []
    for number, sha256 in enumerate(held):
        line = TextLine(said[number % 4], 0.9, ((0.1, 0.1), (0.4, 0.1), (0.4, 0.2), (0.1, 0.2)))
        items = np.concatenate([heard[number % 3], heard[3]]) if number % 2 else heard[number % 3]
        owned += [(sha256, one) for one in (*packed([line]), sounding(items))]
    catalogue.record_fingerprints(owned)
    new = {one.sha256 for one in LATER}
    for kept in (
        lambda some: hearing.kept(catalogue, (), some).pairs,
        lambda some: texts.kept(catalogue, new=some),
    ):
        every = kept(None)
        assert len(every) > len(kept(new)) > 0
        assert list(kept(new)) == [one for one in every if {one.a, one.b} & new]
        assert not kept({"00" * 32}), "nothing was read or heard of it"


def sounding(items: NDArray[np.uint32]) -> Fingerprint:
    """The fingerprint of a sound track, of its sub-fingerprints."""
    whole = np.zeros(sound.ITEMS, "<u4")
    whole[: len(items)] = items
    value = np.array([len(items), 0], "<u2").tobytes() + whole.tobytes()
    return Fingerprint(sound.Sound.name, sound.Sound.version, value, 100)


@pytest.mark.parametrize("broken", ["missing", "cut off", "altered"])
def test_where_what_media_state_is_not_kept_it_is_read_anew(catalogue: Catalogue, broken: str) -> None:
    taken_in(catalogue, A, B)
    pipeline.link(catalogue)
    taken_in(catalogue, LATER)
    pipeline.link(catalogue)
    (file,) = catalogue.workspace.stated.iterdir()
    content = file.read_bytes()
    file.unlink()
    if broken == "cut off":
        file.write_bytes(content[:-100])
    if broken == "altered":
        at = content.index(bytes.fromhex(A[0].sha256))
        file.write_bytes(content[:at] + bytes([content[at] ^ 1]) + content[at + 1 :])
    taken_in(catalogue, burst("8964244", "later", [80]))
    assert not pipeline.link(catalogue).whole
    assert len(homes(catalogue, [*A, *LATER])) == 1
    assert_stated_as_anew(catalogue)


def test_where_too_much_changed_in_place_everything_is_linked(
    catalogue: Catalogue, monkeypatch: pytest.MonkeyPatch
) -> None:
    taken_in(catalogue, A, B)
    pipeline.link(catalogue)
    monkeypatch.setattr("foureyes.engine.catalogue.marks.CHANGED_AT_MOST", 1)
    taken_in(catalogue, [replace(C[0], paths=A[2].paths, folders=A[2].folders)])
    assert pipeline.link(catalogue).whole


def test_dearer_signals_are_asked_of_what_came(tmp_path: Path) -> None:
    with_pixels = EngineSettings(workers=1, allow_uncaged=True)
    seized, more = tmp_path / "seized", tmp_path / "more"
    shutil.copytree(SAMPLES / "flight", seized / "flight")
    more.mkdir()
    for one in sorted((seized / "flight").iterdir())[:2]:
        shutil.move(one, more)
    workspace = Workspace.create(tmp_path / "w")
    pipeline.ingest(seized, workspace, with_pixels)
    report = pipeline.ingest(more, workspace, with_pixels).linking
    assert report is not None
    assert not report.whole
    with Catalogue.open(workspace, with_pixels, write=True) as catalogue:
        new = {one.sha256 for one in catalogue.iterate_occurrences() if one.source == "more"}
        found = [one for one in catalogue.links() if {one.a, one.b} & new]
        assert {"same-scene", "same-view"} & {one.kind for one in found}
        assert pipeline.link(catalogue, settings=with_pixels, whole=True).whole
        whole = [one for one in catalogue.links() if {one.a, one.b} & new]
    assert by_ends(found) == by_ends(whole)
