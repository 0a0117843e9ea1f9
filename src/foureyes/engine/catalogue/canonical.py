"""The catalogue as text that depends only on what it holds, for tests and for comparing two runs.

Left out: row numbers, places in packs, order and size of batches, ids that series once had, the moment
of anything done here, and times of last access, which reading itself changes. Everything is read into memory:
not for millions.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from foureyes.engine.model import Fact, Fault, Media

if TYPE_CHECKING:
    from foureyes.engine.catalogue.catalogue import Catalogue

_PAGE = 500
_ALL = 2**31 - 1


def canonical(catalogue: Catalogue) -> Iterator[str]:
    """Lines that two catalogues share if and only if they hold the same."""
    for section in (_sources, _media, _occurrences, _linking, _rulings, _lists):
        yield from sorted(section(catalogue))


def _line(what: str, *values: object) -> str:
    return f"{what} {json.dumps(values, sort_keys=True)}"


def _sources(catalogue: Catalogue) -> Iterator[str]:
    for source in catalogue.sources():
        yield _line("source", source.name, source.path, source.reader)


def _media(catalogue: Catalogue) -> Iterator[str]:
    prints = _fingerprints(catalogue)
    page: list[Media] = []
    for media in catalogue.iterate_media():
        page.append(media)
        if len(page) == _PAGE:
            yield from _media_lines(catalogue, page, prints)
            page = []
    yield from _media_lines(catalogue, page, prints)


def _media_lines(
    catalogue: Catalogue, page: list[Media], prints: Mapping[str, list[list[object]]]
) -> Iterator[str]:
    names = [media.digests.sha256 for media in page]
    images = zip(catalogue.thumbnails(names), catalogue.previews(names), strict=True)
    for media, (thumbnail, preview) in zip(page, images, strict=True):
        digests = media.digests
        yield _line(
            "media",
            [digests.sha256, digests.sha1, digests.md5, digests.size],
            [media.kind, media.format, media.width, media.height, media.duration_seconds],
            _fault(media.fault),
            [_digest(thumbnail), _digest(preview)],
            _facts(media.facts),
            sorted(prints.get(digests.sha256, []), key=json.dumps),
        )


def _fingerprints(catalogue: Catalogue) -> dict[str, list[list[object]]]:
    found: dict[str, list[list[object]]] = {}
    for kind, version, _ in catalogue.fingerprint_kinds():
        table = catalogue.fingerprints(kind, version)
        for sha256, value, quality, at in zip(
            table.sha256, table.values, table.quality, table.at_seconds, strict=True
        ):
            row = [kind, version, value.tobytes().hex(), int(quality), float(at)]
            found.setdefault(sha256.tobytes().hex(), []).append(row)
    return found


def _occurrences(catalogue: Catalogue) -> Iterator[str]:
    sources = {source.id: [source.name, source.path] for source in catalogue.sources()}
    for record in catalogue.iterate_occurrences():
        occurrence = record.occurrence
        yield _line(
            "past" if record.past else "occurrence",
            sources[record.source_id],
            occurrence.path,
            occurrence.size,
            [occurrence.times.created_ns, occurrence.times.modified_ns],
            record.outcome,
            record.sha256,
            _fault(occurrence.fault),
            _facts(occurrence.facts),
        )


def _linking(catalogue: Catalogue) -> Iterator[str]:
    for summary in catalogue.series_list("id", limit=_ALL):
        yield _line("series", summary.id, summary.name, summary.named_by_person, summary.size)
    for series_id, sha256 in catalogue.memberships():
        yield _line("member", series_id, sha256)
    for link in catalogue.links():
        yield _line("link", link.a, link.b, link.kind, link.strength, link.evidence, link.version)


def _rulings(catalogue: Catalogue) -> Iterator[str]:
    for ruling in catalogue.decisions(active_only=False):
        withdrawn = [ruling.withdrawn_by, ruling.withdrawn_reason]
        about = [ruling.kind, ruling.series, ruling.media, ruling.anchors, ruling.held]
        yield _line("decision", ruling.id, about, ruling.officer, ruling.reason, withdrawn)
    for series_id, name in catalogue.series_names().items():
        yield _line("name", series_id, name)


def _lists(catalogue: Catalogue) -> Iterator[str]:
    for one in catalogue.lists(active_only=False):
        stated = [
            one.name,
            one.kind,
            one.format,
            one.origin,
            one.handling_code,
            one.version,
            one.jurisdiction,
        ]
        withdrawn = [one.withdrawn_by, one.withdrawn_reason]
        content = _digest(b"".join(catalogue.raw_records(one.id)))
        yield _line("list", one.id, stated, one.records, one.faults, content, one.officer, withdrawn)
        for hit in catalogue.hits_of_list(one.id, limit=_ALL):
            found = [hit.by, hit.category, hit.distance_bits, hit.orientation]
            yield _line("hit", one.id, hit.sha256, found)


def _fault(fault: Fault | None) -> object:
    return None if fault is None else [fault.code, fault.detail]


def _facts(facts: tuple[Fact, ...]) -> object:
    return [[fact.name, fact.value, fact.origin] for fact in facts]


def _digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest() if content else ""
