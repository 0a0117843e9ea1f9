from __future__ import annotations

import math
import threading
import zlib
from dataclasses import replace

import numpy as np
import pytest

from engine.catalogue import made_up
from foureyes.engine.catalogue import Catalogue
from foureyes.engine.errors import UsageError
from foureyes.engine.model import Fact, FactName, MediaKind, Occurrence, Origin, Outcome, TakenIn, Times


def fill(catalogue: Catalogue, *items: TakenIn, source: str = "s") -> int:
    number = catalogue.source(source, f"/{source}", "folder")
    catalogue.commit(number, items)
    return number


def sha256(seed: int) -> str:
    return made_up.media(seed).digests.sha256


def with_facts(item: TakenIn, *facts: Fact) -> TakenIn:
    return replace(item, occurrence=replace(item.occurrence, facts=facts))


def test_an_empty_catalogue_answers_everything(catalogue: Catalogue) -> None:
    counts = catalogue.counts()
    assert counts.occurrences == counts.unique == counts.sources == counts.series == 0
    assert catalogue.sources() == catalogue.faults() == []
    assert catalogue.media(sha256(1)) is None
    assert catalogue.media_many([sha256(1)]) == {}
    assert catalogue.occurrences(sha256(1)) == []
    assert catalogue.known([sha256(1)]) == set()
    assert list(catalogue.iterate_media()) == list(catalogue.media_index()) == []
    assert len(catalogue.fingerprints("pdq")) == 0
    assert catalogue.find("abcd") == []
    assert list(catalogue.canonical()) == list(catalogue.verify()) == []


def test_counts_are_kept_by_source_and_whole(catalogue: Catalogue) -> None:
    fill(
        catalogue,
        made_up.taken("a.jpg", 1),
        made_up.taken("b.jpg", 1),
        made_up.taken("c.mp4", 10, video=True),
        made_up.other("d.txt"),
        made_up.fault("e.jpg"),
        made_up.undecodable("f.jpg", 7),
    )
    fill(catalogue, made_up.taken("a.jpg", 1), source="t")
    counts = catalogue.counts()
    assert (counts.sources, counts.occurrences, counts.unique) == (2, 7, 3)
    assert (counts.pictures, counts.videos, counts.undecoded, counts.other) == (1, 1, 1, 1)
    assert counts.faults == {"damaged": 1, "no-rights": 1}
    sizes = [made_up.media(seed, video=seed == 10).digests.size for seed in (1, 10, 7)]
    assert counts.unique_bytes == sum(sizes)
    first, second = catalogue.sources()
    assert (first.occurrences, first.media, first.other, first.faults) == (6, 3, 1, 2)
    assert (second.occurrences, second.media, second.bytes) == (1, 1, sizes[0])


def test_faults_are_listed_by_code_in_pages(catalogue: Catalogue) -> None:
    source = fill(catalogue, *[made_up.fault(f"{number}.jpg") for number in range(5)])
    fill(catalogue, made_up.undecodable("x.jpg", 3))
    assert [record.path for record in catalogue.faults(2, 1)] == ["1.jpg", "2.jpg"]
    assert [record.path for record in catalogue.faults(code="damaged")] == ["x.jpg"]
    assert len(catalogue.faults(source_id=source)) == 6
    assert catalogue.faults(code="decoder-crashed") == []
    with pytest.raises(UsageError, match="no-rights"):
        catalogue.faults(code="bad luck")


def test_thumbnails_and_previews_come_in_the_order_asked_for(catalogue: Catalogue) -> None:
    fill(catalogue, *[made_up.taken(f"{seed}.jpg", seed) for seed in range(30)])
    order = [sha256(seed) for seed in (7, 3, 29, 3, 0)]
    assert catalogue.previews(order) == [made_up.media(seed).preview for seed in (7, 3, 29, 3, 0)]
    assert catalogue.thumbnails(order) == [made_up.media(seed).thumbnail for seed in (7, 3, 29, 3, 0)]
    assert catalogue.thumbnail(order[0]) == made_up.media(7).thumbnail
    assert catalogue.preview(order[0]) == made_up.media(7).preview
    with pytest.raises(UsageError, match="No media"):
        catalogue.previews([sha256(99)])


def test_media_without_a_thumbnail_give_nothing(catalogue: Catalogue) -> None:
    fill(catalogue, made_up.undecodable("f.jpg", 7))
    assert catalogue.thumbnail(sha256(7)) == b""
    found = catalogue.media(sha256(7))
    assert found is not None
    assert found.kind is None


def test_facts_of_files_and_sources_are_told_together(catalogue: Catalogue) -> None:
    tag = Fact(FactName.TAG, "kitchen", Origin.SOURCE)
    fill(catalogue, with_facts(made_up.taken("a.jpg", 1), tag), made_up.taken("b.jpg", 2))
    fill(catalogue, with_facts(made_up.taken("a.jpg", 1), tag), source="t")
    assert catalogue.facts(sha256(1)) == (*made_up.media(1).facts, tag)
    names = [FactName.TAG, FactName.LATITUDE]
    table = list(catalogue.facts_table(names))
    assert (sha256(1), tag) in table
    assert {stated.name for _, stated in table} == set(names)
    assert len([1 for owner, stated in table if (owner, stated) == (sha256(1), tag)]) == 1
    assert set(catalogue.facts_of([sha256(2)], [FactName.LATITUDE])) == {sha256(2)}
    (record, _) = catalogue.occurrences(sha256(1))
    assert record.occurrence.facts == (tag,)


def test_facts_of_media_in_any_order(catalogue: Catalogue) -> None:
    fill(catalogue, *[made_up.taken(f"{seed}.jpg", seed) for seed in range(9)])
    order = [sha256(seed) for seed in (3, 8, 0, 5)]
    assert catalogue.facts_of(order) == {owner: catalogue.facts(owner) for owner in order}
    assert list(catalogue.media_many(order)) == order
    assert [len(media.facts) for media in catalogue.media_many(order).values()] == [8] * 4


def test_values_keep_their_type(catalogue: Catalogue) -> None:
    values = ["7", 7, 7.0, -(2**63), 2**80, math.inf, "nul\0", "lone\ud800", "x" * 2000, ""]
    facts = tuple(Fact(FactName.COMMENT, value, Origin.EXIF) for value in values)
    item = made_up.taken("a.jpg", 1)
    assert item.media is not None
    fill(catalogue, replace(item, media=replace(item.media, facts=facts)))
    kept = [fact.value for fact in catalogue.facts(sha256(1))]
    expected = ["7", 7, 7.0, -(2**63), str(2**80), "inf", "nul\\x00", "lone\\ud800", "x" * 1000, ""]
    assert kept == expected
    assert [type(value) for value in kept] == [type(value) for value in expected]


def test_the_index_names_the_earliest_path(catalogue: Catalogue) -> None:
    media = made_up.media(1)

    def at(path: str, modified_ns: int | None) -> TakenIn:
        times = Times(modified_ns=modified_ns)
        return TakenIn(Occurrence(path, 1, times), Outcome.MEDIA, media.digests.sha256, media)

    fill(catalogue, at("no time.jpg", None), at("late.jpg", 9), at("b.jpg", 5), at("a.jpg", 5))
    (row,) = catalogue.media_index()
    assert (row.path, row.modified_ns, row.kind) == ("a.jpg", 5, MediaKind.PICTURE)
    assert (row.sha256, row.width, row.height) == (media.digests.sha256, media.width, media.height)


def test_media_are_found_by_digest_and_by_the_end_of_their_path(catalogue: Catalogue) -> None:
    fill(
        catalogue,
        made_up.taken("DCIM/100/IMG_0001.JPG", 1),
        made_up.taken("DCIM/101/IMG_0001.JPG", 2),
        made_up.taken("old.zip!/deep/caf\udce9 100%.jpg", 3),
    )
    one, two, three = (sha256(seed) for seed in (1, 2, 3))
    for length in (4, 15, 16, 17, 40, 64):
        assert catalogue.find(one[:length]) == [one]
    assert catalogue.find(one[:20].upper()) == [one]
    assert catalogue.find(one[:16] + "0000") == []
    assert catalogue.find("img_0001.jpg") == sorted([one, two])
    assert catalogue.find("100/IMG_0001.JPG") == [one]
    assert catalogue.find("DCIM/100/IMG_0001.JPG") == [one]
    assert catalogue.find("caf\udce9 100%.jpg") == [three]
    assert catalogue.find("0%.jpg") == [three]
    assert catalogue.find("_%_.JPG") == []
    assert len(catalogue.find("img_0001.jpg", limit=1)) == 1
    with pytest.raises(UsageError, match="first digits"):
        catalogue.find("  ")


def test_iterators_go_through_more_than_one_page(
    catalogue: Catalogue, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("foureyes.engine.catalogue.asking.PAGE", 3)
    fill(catalogue, *[made_up.taken(f"{seed}.jpg", seed) for seed in range(10)])
    assert [media.digests.sha256 for media in catalogue.iterate_media()] == [sha256(n) for n in range(10)]
    assert len(list(catalogue.media_index())) == 10
    assert len(list(catalogue.facts_table([FactName.LATITUDE]))) == 10
    assert len(list(catalogue.iterate_occurrences())) == 10


def test_many_threads_ask_while_one_commits(catalogue: Catalogue) -> None:
    source = fill(catalogue, made_up.taken("0.jpg", 0))
    wrong: list[object] = []
    done = threading.Event()

    def ask() -> None:
        try:
            while not done.is_set():
                (preview,) = catalogue.previews([sha256(0)])
                if preview != made_up.media(0).preview:
                    wrong.append(preview)
                catalogue.counts()
        except Exception as error:  # noqa: BLE001 - whatever it is, the test names it
            wrong.append(error)

    threads = [threading.Thread(target=ask) for _ in range(8)]
    for thread in threads:
        thread.start()
    for seed in range(1, 20):
        catalogue.commit(source, [made_up.taken(f"{seed}.jpg", seed)])
    done.set()
    for thread in threads:
        thread.join()
    assert wrong == []
    assert catalogue.counts().pictures == 20


def test_thumbnails_are_told_apart_without_reading_them(catalogue: Catalogue) -> None:
    fill(catalogue, made_up.taken("a", 1), made_up.taken("b", 2), made_up.undecodable("c", 3))
    asked = [sha256(2), sha256(3), sha256(9), sha256(1)]
    marks = catalogue.thumbnail_marks(
        np.stack([np.frombuffer(bytes.fromhex(one), np.uint8) for one in asked])
    )
    for row, seed in ((0, 2), (3, 1)):
        media = made_up.media(seed)
        expected = [media.width, media.height, len(media.thumbnail), zlib.crc32(media.thumbnail)]
        assert marks[row].tolist() == expected
    assert not marks[1:3].any()
    assert catalogue.thumbnail_marks(np.zeros((0, 32), np.uint8)).shape == (0, 4)


def test_films_say_how_long_they_are(catalogue: Catalogue) -> None:
    fill(catalogue, made_up.taken("a", 1), made_up.taken("b", 2, video=True))
    film = made_up.media(2, video=True)
    assert catalogue.film_seconds() == {film.digests.sha256: film.duration_seconds}


def test_what_may_link_says_where_it_lies_and_how_large_it_is(catalogue: Catalogue) -> None:
    stick, phone = (
        catalogue.source("stick", "/stick", "folder"),
        catalogue.source("phone", "/phone", "folder"),
    )
    catalogue.commit(stick, [made_up.taken("DCIM/100/a.jpg", 1), made_up.taken("old.zip!/in/b.jpg", 2)])
    catalogue.commit(phone, [made_up.known("c.jpg", 1)])
    one, two = (made_up.media(seed) for seed in (1, 2))
    held = {found.sha256: found for found in catalogue.linkable([FactName.SOFTWARE])}
    first, second = held[one.digests.sha256], held[two.digests.sha256]
    assert first.folders == (f"{stick}:DCIM/100", f"{phone}:")
    assert second.folders == (f"{stick}:old.zip!/in",)
    assert (first.width, first.height, first.format) == (one.width, one.height, one.format)
    assert first.modified_ns == 1_700_000_000_000_000_001
