from __future__ import annotations

import random
from dataclasses import replace

import pytest

from engine.catalogue import made_up
from foureyes.engine.catalogue import Catalogue, Workspace
from foureyes.engine.model import (
    Fact,
    FactName,
    Fault,
    FaultCode,
    Media,
    MediaKind,
    Occurrence,
    Origin,
    Outcome,
    TakenIn,
    Times,
)
from foureyes.engine.settings import EngineSettings


def test_what_is_committed_is_found_again(catalogue: Catalogue) -> None:
    source = catalogue.source("phone", "/seized/phone", "folder")
    item = made_up.taken("DCIM/a.jpg", 1)
    done = catalogue.commit(source, [item])
    assert (done.occurrences, done.unchanged, done.media) == (1, 0, 1)
    found = catalogue.media(item.sha256 or "")
    assert item.media is not None
    assert found == replace(item.media, fingerprints=())
    (record,) = catalogue.occurrences(item.sha256 or "")
    assert record.occurrence == item.occurrence
    assert record.source == "phone"
    table = catalogue.fingerprints("pdq")
    assert table.values.tobytes() == item.media.fingerprints[0].value
    assert table.sha256.tobytes().hex() == item.sha256


def test_same_source_has_the_same_number(catalogue: Catalogue) -> None:
    first = catalogue.source("a", "/x", "folder")
    assert catalogue.source("a", "/x", "folder") == first
    assert catalogue.source("a", "/y", "folder") != first
    assert catalogue.source("b", "/x", "folder") != first
    assert [source.path for source in catalogue.sources()] == ["/x", "/y", "/x"]


def test_committing_twice_changes_nothing(catalogue: Catalogue) -> None:
    source = catalogue.source("s", "/s", "folder")
    for batch in made_up.batches(3, count=4, size=60):
        catalogue.commit(source, batch)
    once = list(catalogue.canonical())
    packs = {path.name: path.stat().st_size for path in catalogue.workspace.packs.iterdir()}
    for batch in made_up.batches(3, count=4, size=60):
        done = catalogue.commit(source, batch)
        assert done.occurrences == done.media == 0
    assert list(catalogue.canonical()) == once
    assert {path.name: path.stat().st_size for path in catalogue.workspace.packs.iterdir()} == packs
    assert list(catalogue.verify()) == []


def test_order_and_size_of_batches_do_not_matter(workspace: Workspace, settings: EngineSettings) -> None:
    items = [item for batch in made_up.batches(4, count=3, size=50) for item in batch]
    with Catalogue.open(workspace, settings, write=True) as catalogue:
        source = catalogue.source("s", "/s", "folder")
        catalogue.commit(source, items)
        expected = list(catalogue.canonical())
        assert len(expected) > len(items)
    other = Workspace.create(workspace.path.parent / "other")
    random.Random(1).shuffle(items)
    with Catalogue.open(other, EngineSettings(), write=True) as catalogue:
        source = catalogue.source("s", "/s", "folder")
        for start in range(0, len(items), 7):
            catalogue.commit(source, items[start : start + 7])
        assert list(catalogue.canonical()) == expected


def test_two_paths_with_one_content_share_one_media(catalogue: Catalogue) -> None:
    source = catalogue.source("s", "/s", "folder")
    done = catalogue.commit(source, [made_up.taken("a.jpg", 1), made_up.taken("b.jpg", 1)])
    assert (done.occurrences, done.media) == (2, 1)
    catalogue.commit(source, [made_up.known("c.jpg", 1)])
    counts = catalogue.counts()
    assert (counts.occurrences, counts.unique, counts.pictures) == (3, 1, 1)
    assert len(catalogue.fingerprints("pdq")) == 1


def test_media_that_nobody_brought_is_refused(catalogue: Catalogue) -> None:
    source = catalogue.source("s", "/s", "folder")
    with pytest.raises(ValueError, match="neither it nor the catalogue"):
        catalogue.commit(source, [made_up.taken("a.jpg", 1), made_up.known("b.jpg", 2)])
    assert catalogue.counts().occurrences == 0


def test_undecodable_content_is_a_fault_on_every_path(catalogue: Catalogue) -> None:
    source = catalogue.source("s", "/s", "folder")
    first = made_up.undecodable("a.jpg", 5)
    again = TakenIn(Occurrence("b.jpg", 3), Outcome.MEDIA, first.sha256)
    catalogue.commit(source, [first])
    catalogue.commit(source, [again])
    assert [record.path for record in catalogue.faults()] == ["a.jpg", "b.jpg"]
    counts = catalogue.counts()
    assert counts.faults == {"damaged": 2}
    assert (counts.unique, counts.undecoded, counts.pictures) == (1, 1, 0)


def test_media_readable_in_part_is_media_and_a_listed_fault(catalogue: Catalogue) -> None:
    source = catalogue.source("s", "/s", "folder")
    whole = made_up.taken("a.jpg", 1)
    assert whole.media is not None
    part = replace(whole, media=replace(whole.media, fault=Fault(FaultCode.DAMAGED, "ends early")))
    catalogue.commit(source, [part])
    (record,) = catalogue.faults()
    assert record.partial
    assert record.sha256 == whole.sha256
    assert catalogue.counts().pictures == 1
    assert catalogue.sources()[0].media == 1


def test_a_changed_file_replaces_its_row_and_the_old_content_stays_on_record(catalogue: Catalogue) -> None:
    source = catalogue.source("s", "/s", "folder")
    catalogue.commit(source, [made_up.taken("a.jpg", 1)])
    catalogue.commit(source, [made_up.taken("a.jpg", 2)])
    before, after = made_up.taken("a.jpg", 1).sha256 or "", made_up.taken("a.jpg", 2).sha256 or ""
    assert catalogue.occurrences(before) == []
    (old,) = catalogue.occurrences(before, past=True)
    assert old.past
    assert old.occurrence.path == "a.jpg"
    assert len(catalogue.occurrences(after)) == 1
    assert catalogue.counts().occurrences == 1
    assert list(catalogue.verify()) == []


def test_a_fault_that_went_away_is_replaced(catalogue: Catalogue) -> None:
    source = catalogue.source("s", "/s", "folder")
    catalogue.commit(source, [made_up.fault("a.jpg")])
    stats = [("a.jpg", 7, 5)]
    assert catalogue.taken(source, stats) == {"a.jpg"}
    assert catalogue.taken(source, stats, retry=[FaultCode.NO_RIGHTS]) == set()
    catalogue.commit(source, [made_up.taken("a.jpg", 2)])
    assert catalogue.counts().faults == {}
    assert catalogue.faults() == []
    assert list(catalogue.verify()) == []


def test_taken_goes_by_path_size_and_time(catalogue: Catalogue) -> None:
    source = catalogue.source("s", "/s", "folder")
    elsewhere = catalogue.source("t", "/t", "folder")
    item = made_up.taken("a.jpg", 1)
    catalogue.commit(source, [item, made_up.other("b.txt")])
    size, at = item.occurrence.size, item.occurrence.times.modified_ns
    assert size is not None
    assert catalogue.taken(source, [("a.jpg", size, at), ("b.txt", 10, 5)]) == {"a.jpg", "b.txt"}
    assert catalogue.taken(source, [("a.jpg", size + 1, at)]) == set()
    assert catalogue.taken(source, [("a.jpg", size, None)]) == set()
    assert catalogue.taken(elsewhere, [("a.jpg", size, at)]) == set()


def test_more_than_five_thousand_rows_go_in_steps(catalogue: Catalogue) -> None:
    source = catalogue.source("s", "/s", "folder")
    items = [made_up.other(f"{number}.txt") for number in range(5001)]
    assert catalogue.commit(source, items).occurrences == 5001


def test_a_unit_is_marked_once_for_its_source(catalogue: Catalogue) -> None:
    source, other = catalogue.source("s", "/s", "folder"), catalogue.source("t", "/t", "folder")
    for _ in range(2):
        catalogue.mark_unit(source, "u")
    assert catalogue.units_done(source) == {"u"}
    assert catalogue.units_done(other) == set()


def test_hostile_names_and_values_are_kept(catalogue: Catalogue) -> None:
    source = catalogue.source("s\0", "/s\udcff", "folder")
    paths = [
        "caf\udce9.jpg",
        "nul\0.jpg",
        "lone\ud800.jpg",
        "\\udce9.jpg",
        "ümlaut/\u202egpj.exe",
        "a" * 4000,
    ]
    items = [TakenIn(Occurrence(path, 10**30, Times(2**70)), Outcome.OTHER) for path in paths]
    catalogue.commit(source, items)
    assert catalogue.commit(source, items).unchanged == len(paths)
    assert catalogue.taken(source, [(path, None, None) for path in paths]) == set(paths)
    kept = {record.occurrence.path for record in catalogue.iterate_occurrences()}
    assert set(paths) - kept == {"lone\ud800.jpg"}
    assert catalogue.source("s\0", "/s\udcff", "folder") == source


def test_another_digest_than_stated_is_recorded_beside_the_media(catalogue: Catalogue) -> None:
    source = catalogue.source("s", "/s", "vics")
    mismatch = Fault(FaultCode.HASH_MISMATCH, "the bytes have another md5")
    whole = replace(made_up.taken("a.jpg", 1), fault=mismatch)
    known = replace(made_up.known("b.jpg", 1), fault=mismatch)
    broken = replace(made_up.undecodable("c.jpg", 5), fault=mismatch)
    catalogue.commit(source, [whole, known, broken])
    listed = [(one.path, one.fault, one.partial) for one in catalogue.faults()]
    assert listed == [("a.jpg", mismatch, True), ("b.jpg", mismatch, True), ("c.jpg", mismatch, False)]
    assert catalogue.counts().faults == {"hash-mismatch": 3}
    assert catalogue.counts().pictures == 1
    kept = catalogue.media(broken.sha256 or "")
    assert kept is not None
    assert kept.fault == Fault(FaultCode.DAMAGED, "ends early")
    assert catalogue.commit(source, [whole, known, broken]).occurrences == 0
    assert list(catalogue.verify()) == []


@pytest.mark.parametrize("kind", [None, MediaKind.PICTURE, MediaKind.VIDEO])
def test_what_could_not_be_decoded_is_replaced_once_it_could_be(
    catalogue: Catalogue, kind: MediaKind | None
) -> None:
    """With a kind: facts came before the decoder died."""
    source, elsewhere = catalogue.source("s", "/s", "folder"), catalogue.source("t", "/t", "vics")
    mismatch = Fault(FaultCode.HASH_MISMATCH, "the bytes have another md5")
    before, decoded = late(5, kind)
    listed = replace(made_up.known("b.jpg", 5), fault=mismatch)
    stated = Fact(FactName.CATEGORY, 1, Origin.SOURCE)
    copy = replace(made_up.known("c.jpg", 5), occurrence=Occurrence("c.jpg", 3, facts=(stated,)))
    catalogue.commit(source, [before, made_up.taken("other.jpg", 9)])
    catalogue.commit(elsewhere, [listed, copy])
    assert catalogue.commit(source, [decoded]).media == 1
    counts = catalogue.counts()
    assert (counts.unique, counts.undecoded, counts.pictures) == (2, 0, 2)
    assert counts.faults == {"hash-mismatch": 1}
    assert [(one.path, one.fault, one.partial) for one in catalogue.faults()] == [("b.jpg", mismatch, True)]
    assert decoded.media is not None
    kept = replace(decoded.media, fingerprints=(), facts=(*decoded.media.facts, stated))
    assert catalogue.media(decoded.sha256 or "") == kept
    assert len(catalogue.fingerprints("pdq")) == 2
    assert list(catalogue.verify()) == []
    once = list(catalogue.canonical())
    assert catalogue.commit(source, [before, decoded]).occurrences == 0
    assert catalogue.commit(elsewhere, [listed, copy]).occurrences == 0
    assert catalogue.commit(source, [before]).occurrences == 0
    assert list(catalogue.canonical()) == once
    assert list(catalogue.verify()) == []


@pytest.mark.parametrize("first", [0, 1])
def test_of_two_results_in_one_batch_the_decoded_one_stands(catalogue: Catalogue, first: int) -> None:
    source = catalogue.source("s", "/s", "folder")
    items = [replace(one, occurrence=Occurrence(f"{number}.jpg", 3)) for number, one in enumerate(late(5))]
    catalogue.commit(source, [items[first], items[1 - first], made_up.taken("other.jpg", 9)])
    assert (catalogue.counts().pictures, catalogue.counts().undecoded) == (2, 0)
    assert catalogue.faults() == []
    assert list(catalogue.verify()) == []


def test_undecoded_content_is_tried_again_only_where_asked(catalogue: Catalogue) -> None:
    source = catalogue.source("s", "/s", "folder")
    before, decoded = late(5)
    mismatch = replace(
        before, occurrence=Occurrence("b.jpg", 3), fault=Fault(FaultCode.HASH_MISMATCH, "another md5")
    )
    catalogue.commit(source, [before, mismatch])
    names = [before.sha256 or ""]
    stats = [("a.jpg", before.occurrence.size, before.occurrence.times.modified_ns), ("b.jpg", 3, None)]
    for retry in ((), (FaultCode.DAMAGED,), (FaultCode.HASH_MISMATCH,)):
        assert catalogue.known(names, retry=retry) == set(names)
    assert catalogue.taken(source, stats, retry=[FaultCode.DAMAGED]) == {"a.jpg", "b.jpg"}
    assert catalogue.known(names, retry=[FaultCode.TIMED_OUT]) == set()
    assert catalogue.taken(source, stats, retry=[FaultCode.TIMED_OUT]) == set()
    catalogue.commit(source, [decoded])
    assert catalogue.known(names, retry=[FaultCode.TIMED_OUT]) == set(names)
    assert catalogue.taken(source, stats, retry=[FaultCode.TIMED_OUT]) == {"a.jpg", "b.jpg"}


def late(seed: int, kind: MediaKind | None = None) -> tuple[TakenIn, TakenIn]:
    """One path whose decoding took too long, and then did not."""
    decoded = made_up.taken("a.jpg", seed)
    assert decoded.media is not None
    facts = () if kind is None else (Fact(FactName.SOFTWARE, "made up", Origin.EXIF),)
    took_long = Fault(FaultCode.TIMED_OUT, "took too long")
    slow = Media(decoded.media.digests, kind, "jpeg", facts=facts, fault=took_long)
    return replace(decoded, media=slow), decoded
