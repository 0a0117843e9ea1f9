"""Hash lists on real pictures: what they hit, what that causes, and that all of it is taken back."""

from __future__ import annotations

import hashlib
import json
import shutil
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from engine.catalogue import made_lists
from engine.catalogue.made_lists import Record
from foureyes.engine import pipeline
from foureyes.engine.catalogue import Catalogue, Workspace
from foureyes.engine.errors import HashListError, UsageError
from foureyes.engine.model import (
    ChangeKind,
    DecisionKind,
    Digest,
    Fingerprint,
    HashList,
    ListFault,
    ListKind,
    NewList,
    Outcome,
    TakenIn,
)
from foureyes.engine.settings import EngineSettings
from foureyes.engine.steps.listing import Reading
from made_pictures import made_picture

SAMPLES = Path(__file__).resolve().parents[2] / "samples"
FLIGHT = sorted((SAMPLES / "usb-stick" / "DJI").glob("*.JPG"))
ANOTHER = sorted((SAMPLES / "laptop" / "Pictures" / "2015").glob("*.JPG"))[:3]
HARBOUR = SAMPLES / "phone" / "DCIM" / "harbour.jpg"
KILLED = "killed midway"


@pytest.fixture(scope="module")
def taken(tmp_path_factory: pytest.TempPathFactory) -> list[TakenIn]:
    """Nine photos of a flight and a walk, and a logo in three files: decoded once for all tests."""
    seized = tmp_path_factory.mktemp("seized")
    for path in (*FLIGHT, *ANOTHER):
        shutil.copy(path, seized)
    (seized / "logo.jpg").write_bytes(made_picture(1))
    (seized / "logo-small.jpg").write_bytes(made_picture(1, width=200))
    (seized / "logo-turned.jpg").write_bytes(made_picture(1, turned=True))
    return decoded(seized, tmp_path_factory.mktemp("decoded"))


@pytest.fixture(scope="module")
def taken_later(tmp_path_factory: pytest.TempPathFactory) -> list[TakenIn]:
    seized = tmp_path_factory.mktemp("later")
    shutil.copy(HARBOUR, seized)
    (seized / "logo-again.jpg").write_bytes(made_picture(1, width=260))
    return decoded(seized, tmp_path_factory.mktemp("decoded-later"))


def decoded(seized: Path, folder: Path) -> list[TakenIn]:
    """Everything in a folder as an ingest commits it, to be committed to other catalogues too."""
    workspace, settings = Workspace.create(folder / "workspace"), EngineSettings(workers=1)
    pipeline.ingest(seized, workspace, settings, with_linking=False)
    with Catalogue.open(workspace, settings) as catalogue:
        table = catalogue.fingerprints("pdq")
        prints: dict[str, list[Fingerprint]] = defaultdict(list)
        for owner, value, quality, at in zip(
            table.sha256, table.values, table.quality, table.at_seconds, strict=True
        ):
            one = Fingerprint("pdq", table.version, value.tobytes(), int(quality), float(at))
            prints[owner.tobytes().hex()].append(one)
        items = []
        for record in catalogue.iterate_occurrences():
            assert record.sha256 is not None
            media = catalogue.media(record.sha256)
            assert media is not None
            media = replace(media, fingerprints=tuple(prints[record.sha256]))
            items.append(TakenIn(record.occurrence, Outcome.MEDIA, record.sha256, media))
        return items


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgresql)])
def settings(request: pytest.FixtureRequest) -> EngineSettings:
    if request.param == "sqlite":
        return EngineSettings(workers=1)
    return EngineSettings(workers=1, database_url=request.getfixturevalue("postgresql_url"))


@pytest.fixture
def catalogue(taken: list[TakenIn], tmp_path: Path, settings: EngineSettings) -> Iterator[Catalogue]:
    with Catalogue.open(Workspace.create(tmp_path / "workspace"), settings, write=True) as opened:
        opened.commit(opened.source("seized", "/seized", "folder"), taken)
        pipeline.link(opened)
        yield opened


Listed = Callable[..., HashList]


@pytest.fixture
def listed(catalogue: Catalogue, settings: EngineSettings, tmp_path: Path) -> Listed:
    """Add a list of digests as a file, and link."""

    def add(*lines: str, kind: ListKind = ListKind.KNOWN, name: str = "list", **meta: str) -> HashList:
        file = tmp_path / f"{name}{meta.get('version', '')}.txt"
        file.write_text("\n".join(lines) + "\n")
        added = pipeline.add_list(catalogue, file, NewList(name, kind, "", "ana", **meta), settings)
        pipeline.link(catalogue)
        return added

    return add


def digest(path: Path, kind: str = "md5") -> str:
    return hashlib.new(kind, path.read_bytes()).hexdigest()


def sha(catalogue: Catalogue, name: str) -> str:
    (found,) = catalogue.find(name)
    return found


def sizes(catalogue: Catalogue) -> list[int]:
    return sorted(one.size for one in catalogue.series_list())


def since(catalogue: Catalogue, last: int) -> Counter[str]:
    return Counter(one.kind.value for one in pipeline.changes(catalogue, last))


def test_a_known_list_tells_of_its_media_and_moves_nothing(catalogue: Catalogue, listed: Listed) -> None:
    before = catalogue.all_series()
    held = listed(digest(FLIGHT[0]), digest(FLIGHT[1], "sha256"), digest(ANOTHER[0], "sha1"), "ab" * 16)
    hits = {one.sha256: one.by for one in pipeline.hits_of_list(catalogue, held.id)}
    assert hits == {
        digest(FLIGHT[0], "sha256"): Digest.MD5,
        digest(FLIGHT[1], "sha256"): Digest.SHA256,
        digest(ANOTHER[0], "sha256"): Digest.SHA1,
    }
    assert [one.list_id for one in pipeline.list_hits(catalogue, digest(FLIGHT[0], "sha256"))] == [held.id]
    assert catalogue.all_series() == before
    assert catalogue.irrelevant() == frozenset()


def test_irrelevant_media_leave_the_series_and_come_back(catalogue: Catalogue, listed: Listed) -> None:
    before, last = catalogue.all_series(), catalogue.last_change()
    assert sizes(catalogue) == [3, 3, 6]
    held = listed(digest(FLIGHT[0]), kind=ListKind.IRRELEVANT)
    gone = digest(FLIGHT[0], "sha256")
    assert catalogue.irrelevant() == {gone}
    assert catalogue.irrelevant_among([gone, digest(FLIGHT[1], "sha256")]) == {gone}
    assert sizes(catalogue) == [3, 3, 5]
    assert catalogue.series_of(gone) is None
    assert catalogue.links_of(gone) == []
    assert since(catalogue, last) == {"list-added": 1, "listed": 1, "series-shrank": 1}

    last = catalogue.last_change()
    pipeline.withdraw_list(catalogue, held.id, officer="bo", reason="not irrelevant at all")
    assert catalogue.irrelevant() == frozenset()
    pipeline.link(catalogue)
    assert catalogue.all_series() == before
    assert since(catalogue, last) == {"list-withdrawn": 1, "unlisted": 1, "series-grew": 1}
    assert list(catalogue.verify()) == []


def test_a_picture_near_an_irrelevant_one_is_set_aside_in_any_orientation(catalogue: Catalogue) -> None:
    add(catalogue, "logo.jpg", ListKind.IRRELEVANT)
    pipeline.link(catalogue)
    names = ("logo.jpg", "logo-small.jpg", "logo-turned.jpg")
    assert catalogue.irrelevant() == {sha(catalogue, name) for name in names}
    (turned,) = catalogue.list_hits(sha(catalogue, "logo-turned.jpg"))
    assert (turned.by, turned.category) == (Digest.PDQ, 7)
    assert turned.orientation != 0
    assert turned.distance_bits <= 31


def test_what_a_person_put_into_a_series_is_never_set_aside(catalogue: Catalogue, listed: Listed) -> None:
    home = catalogue.series_of(digest(ANOTHER[0], "sha256"))
    assert home is not None
    logo = sha(catalogue, "logo.jpg")
    pipeline.decide(catalogue, DecisionKind.BELONGS, [home.id], [logo], officer="ana", reason="on the wall")
    pipeline.link(catalogue)
    listed(logo, kind=ListKind.IRRELEVANT)
    assert catalogue.irrelevant() == frozenset()
    now = catalogue.series_of(logo)
    assert now is not None
    assert now == catalogue.series_of(digest(ANOTHER[0], "sha256"))
    assert [one.list_id for one in catalogue.list_hits(logo)] == [1]


@pytest.mark.parametrize("by", ["digests", "pdq"])
def test_a_negative_list_stops_pictures_from_linking_and_hides_nothing(
    catalogue: Catalogue, listed: Listed, by: str
) -> None:
    before = catalogue.all_series()
    if by == "pdq":
        add(catalogue, "logo.jpg", ListKind.NEGATIVE)
        pipeline.link(catalogue)
    else:
        listed(sha(catalogue, "logo.jpg"), sha(catalogue, "logo-small.jpg"), kind=ListKind.NEGATIVE)
    assert sizes(catalogue) == [3, 6]
    assert catalogue.irrelevant() == frozenset()
    assert {one.sha256 for one in catalogue.linkable(())} >= {sha(catalogue, "logo.jpg")}
    pipeline.withdraw_list(catalogue, 1, officer="bo", reason="no logo")
    pipeline.link(catalogue)
    assert {one.members for one in catalogue.all_series()} == {one.members for one in before}


def test_a_media_on_a_negative_list_still_links_by_its_camera(catalogue: Catalogue, listed: Listed) -> None:
    listed(digest(FLIGHT[0]), kind=ListKind.NEGATIVE)
    assert sizes(catalogue) == [3, 3, 6]
    kinds = {one.kind for one in catalogue.links_of(digest(FLIGHT[0], "sha256"))}
    assert kinds
    assert "same-picture" not in kinds


def test_a_negative_ruling_works_on_all_that_is_like_its_media(catalogue: Catalogue) -> None:
    before, last = catalogue.all_series(), catalogue.last_change()
    logo = sha(catalogue, "logo-small.jpg")
    ruling = pipeline.decide(
        catalogue, DecisionKind.NEGATIVE, [], [logo], officer="ana", reason="a logo of the maker"
    )
    report = pipeline.link(catalogue)
    assert sizes(catalogue) == [3, 6]
    assert any("3 pictures and frames link nothing" in note for note in report.notes)
    assert since(catalogue, last) == {"ruled-negative": 1, "series-gone": 1}
    last = catalogue.last_change()
    catalogue.withdraw_decision(ruling.id, officer="bo", reason="it is no logo")
    pipeline.link(catalogue)
    assert {one.members for one in catalogue.all_series()} == {one.members for one in before}
    assert since(catalogue, last) == {"ruling-withdrawn": 1, "series-new": 1}


def test_a_negative_ruling_names_media_and_no_series(catalogue: Catalogue) -> None:
    home = catalogue.series_list()[0].id
    for series, media in (([home], [digest(FLIGHT[0], "sha256")]), ([], [])):
        with pytest.raises(UsageError, match="about media"):
            pipeline.decide(catalogue, DecisionKind.NEGATIVE, series, media, officer="ana", reason="logo")


def test_media_that_come_later_are_checked_too_and_old_ones_told_of(
    catalogue: Catalogue, listed: Listed, taken_later: list[TakenIn]
) -> None:
    held = listed(digest(HARBOUR), digest(FLIGHT[0]))
    last = catalogue.last_change()
    catalogue.commit(catalogue.source("later", "/later", "folder"), taken_later)
    pipeline.link(catalogue)
    changed = list(pipeline.changes(catalogue, last))
    assert Counter(one.kind for one in changed) == {
        ChangeKind.LISTED: 1,
        ChangeKind.SERIES_GREW: 1,
        ChangeKind.MATCHED: 3,
    }
    told = {one.kind: one for one in changed}
    assert told[ChangeKind.LISTED].sha256 == digest(HARBOUR, "sha256")
    assert told[ChangeKind.LISTED].list_id == held.id
    matched = {one.sha256 for one in changed if one.kind is ChangeKind.MATCHED}
    assert matched == {sha(catalogue, n) for n in ("logo.jpg", "logo-small.jpg", "logo-turned.jpg")}
    assert list(catalogue.verify()) == []


def test_a_tombstone_of_a_later_version_takes_a_record_back_until_that_is_withdrawn(
    catalogue: Catalogue,
) -> None:
    first, second = (hashlib.md5(path.read_bytes()).digest() for path in FLIGHT[:2])  # noqa: S324  the digest that lists are of
    one = hold(catalogue, [Record(md5=first, identity=5), Record(md5=second)], version="1")
    assert hits(catalogue, one) == 2
    by_name = hold(catalogue, [Record(identity=5, removed=True)], version="2")
    assert hits(catalogue, one) == 1
    by_digest = hold(catalogue, [Record(md5=second, removed=True)], version="3")
    assert hits(catalogue, one) == 0
    hold(catalogue, [Record(md5=second, removed=True)], name="another list")
    last = catalogue.last_change()
    pipeline.withdraw_list(catalogue, by_digest, officer="bo", reason="mistaken")
    pipeline.link(catalogue)
    assert hits(catalogue, one) == 1
    (change,) = (each for each in pipeline.changes(catalogue, last) if each.kind is ChangeKind.LISTED)
    assert change.sha256 == digest(FLIGHT[1], "sha256")
    pipeline.withdraw_list(catalogue, by_name, officer="bo", reason="mistaken too")
    pipeline.link(catalogue)
    assert hits(catalogue, one) == 2


def test_a_tombstone_takes_back_what_came_before_it_in_its_own_list(catalogue: Catalogue) -> None:
    first, second = (hashlib.md5(path.read_bytes()).digest() for path in FLIGHT[:2])  # noqa: S324  the digest that lists are of
    records = [
        Record(md5=first, category=1),
        Record(md5=second, category=1),
        Record(md5=first, removed=True),
        Record(md5=second, removed=True),
        Record(md5=second, category=2),
    ]
    number = hold(catalogue, records)
    (hit,) = catalogue.hits_of_list(number)
    assert (hit.sha256, hit.category) == (digest(FLIGHT[1], "sha256"), 2)


def test_a_check_that_is_killed_midway_goes_on_where_it_stood(
    catalogue: Catalogue, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Between any two of its transactions, with pages of two media."""
    monkeypatch.setattr("foureyes.engine.catalogue.hits.PAGE", 2)
    expected = None
    for kills in range(9):
        name = f"list {kills}"
        add(catalogue, "logo.jpg", ListKind.KNOWN, name=name, more=[digest(path) for path in FLIGHT])
        number = catalogue.lists()[-1].id
        last = catalogue.last_change()
        _check_and_die_after(catalogue, kills, monkeypatch)
        pipeline.link(catalogue)
        found = [replace(one, list_id=0) for one in catalogue.hits_of_list(number)]
        told = [one for one in catalogue.changes(last) if one.list_id == number]
        assert len(told) == len(found) == 9
        expected = expected or found
        assert found == expected


def _check_and_die_after(catalogue: Catalogue, steps: int, monkeypatch: pytest.MonkeyPatch) -> None:
    real, done = Catalogue.record_hits, 0

    def recorded(*arguments: object, **named: object) -> int:
        nonlocal done
        if done == steps:
            raise RuntimeError(KILLED)
        done += 1
        return real(*arguments, **named)  # type: ignore[arg-type]  # whatever the real one takes

    with monkeypatch.context() as patched:
        patched.setattr(Catalogue, "record_hits", recorded)
        try:
            pipeline.link(catalogue)
        except RuntimeError as error:
            assert str(error) == KILLED  # noqa: PT017 - later rounds end before they are killed


def test_a_vics_list_goes_out_as_it_came_in(
    catalogue: Catalogue, settings: EngineSettings, tmp_path: Path
) -> None:
    media = {"MediaID": 7, "Category": 2, "MD5": digest(FLIGHT[0]).upper(), "X-Unknown": {"kept": [1, 2]}}
    other = {"MediaID": 8, "Category": None, "MD5": "A" * 32, "Series": "SYN"}
    context = "http://github.com/VICSDATAMODEL/ProjectVic/DataModels/2.0.xml/US/$metadata#Media"
    source, target = tmp_path / "in.json", tmp_path / "out.json"
    source.write_text(json.dumps({"@odata.context": context, "value": [media, other]}))
    meta = NewList("vic", ListKind.KNOWN, "", "ana", origin="SYN", handling_code="H2")
    held = pipeline.add_list(catalogue, source, meta, settings, reading=Reading(profile="us"))
    assert (held.format, held.jurisdiction, held.records) == ("vics", "us", 2)
    pipeline.link(catalogue)
    (hit,) = pipeline.list_hits(catalogue, digest(FLIGHT[0], "sha256"))
    assert (hit.category, hit.by) == (2, Digest.MD5)
    assert hit.meaning
    assert pipeline.export_list(catalogue, held.id, target) == 2
    assert json.loads(target.read_text())["value"] == [media, other]
    with pytest.raises(UsageError, match="there already"):
        pipeline.export_list(catalogue, held.id, target)


ICSE = """MD5;SHA1;ZZ40;PhotoDNA;Lace;Image ID;Is distributed;Victim identified;Offender identified;Series name;\
Investigation name;Agency;Number of submissions;File Available;Media Type;Baseline
{0};{1};;;;1;Y;N;N;"SYN; one";INV;AG;3;True;Image;Yes
{2};;;;;2;N;N;N;;INV;AG;1;False;Image;No
"""
NCMEC = """<?xml version="1.0" encoding="UTF-8"?>
<queryResult xmlns="https://hashsharing.ncmec.org/hashsharing/v2">
<images maxTimestamp="2026-01-01T00:00:00Z">
<image><member id="42">ESP</member><id>one</id><classification>A1</classification>
<fingerprints><md5>{0}</md5><own kind="x">kept</own></fingerprints></image>
<deletedImage><member id="42">ESP</member><id>two</id></deletedImage>
</images><videos><video><member id="42">ESP</member><id>v</id>
<fingerprints><md5>{2}</md5></fingerprints></video></videos></queryResult>
"""
THREAT_EXCHANGE = """[{{"type": "HASH_PDQ", "indicator": "a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5\
a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5", "own": [1]}},
{{"type": "HASH_MD5", "indicator": "{0}", "own": "kept"}}]"""
NSRL = """"SHA-1","MD5","CRC32","FileName","FileSize","ProductCode","OpSystemCode","SpecialCode"
"{1}","{0}","AB12CD34","a, b.jpg",1,2,"3",""
"""
HASHDEEP = """%%%% HASHDEEP-1.0
%%%% size,md5,sha256,filename
## Invoked from: here
12,{0},{3},/a.jpg
"""


@pytest.mark.parametrize(
    ("form", "text"),
    [
        ("icse", ICSE),
        ("ncmec", NCMEC),
        ("pdq", THREAT_EXCHANGE),
        ("nsrl", NSRL),
        ("digests", HASHDEEP),
    ],
)
def test_what_is_exported_is_the_same_list_again(
    catalogue: Catalogue, settings: EngineSettings, tmp_path: Path, form: str, text: str
) -> None:
    source, target = tmp_path / "in", tmp_path / "out"
    one, two = FLIGHT[:2]
    source.write_text(text.format(digest(one), digest(one, "sha1"), digest(two), digest(one, "sha256")))
    meta = NewList(form, ListKind.KNOWN, "", "ana")
    first = pipeline.add_list(catalogue, source, meta, settings)
    assert first.format == form
    assert pipeline.export_list(catalogue, first.id, target) == first.records
    second = pipeline.add_list(catalogue, target, replace(meta, version="again"), settings)
    assert (second.format, second.records, second.faults) == (form, first.records, first.faults)
    assert list(catalogue.raw_records(second.id)) == list(catalogue.raw_records(first.id))
    pipeline.link(catalogue)
    hit = {each.sha256 for each in catalogue.hits_of_list(first.id)}
    assert digest(one, "sha256") in hit
    assert {each.sha256 for each in catalogue.hits_of_list(second.id)} == hit


def test_a_broken_record_is_named_or_refuses_the_list(
    catalogue: Catalogue, settings: EngineSettings, tmp_path: Path
) -> None:
    file = tmp_path / "list.txt"
    file.write_text(f"{digest(FLIGHT[0])}\nnot a digest\n{digest(FLIGHT[1])}\n")
    meta = NewList("list", ListKind.KNOWN, "", "ana")
    with pytest.raises(HashListError, match="line 2"):
        pipeline.add_list(catalogue, file, meta, settings, reading=Reading(strict=True))
    assert catalogue.lists() == []
    faults: list[ListFault] = []
    held = pipeline.add_list(catalogue, file, meta, settings, on_fault=faults.append)
    assert (held.records, held.faults) == (2, 1)
    assert [one.line for one in faults] == [2]
    assert catalogue.held_list(held.id).faults() == faults


def add(
    catalogue: Catalogue, media: str, kind: ListKind, name: str = "list", more: list[str] | None = None
) -> None:
    """A list with the PDQ of a media that is held, and some MD5."""
    table = catalogue.fingerprints("pdq", owners=[sha(catalogue, media)])
    pictures = [Record(pdq=table.values[0, :32].tobytes(), category=7)]
    digests = [Record(md5=bytes.fromhex(one)) for one in more or []]
    catalogue.add_list(made_lists.meta(name, kind), [made_lists.batch(*pictures, *digests)])


def hold(catalogue: Catalogue, records: list[Record], name: str = "list", version: str = "") -> int:
    held = catalogue.add_list(made_lists.meta(name, version=version), [made_lists.batch(*records)])
    pipeline.link(catalogue)
    return held.id


def hits(catalogue: Catalogue, number: int) -> int:
    return catalogue.hit_counts().get(number, 0)
