"""Regions that do not count in views, taken in from a file; what cannot be taken is told of by its line."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

from foureyes.engine.catalogue import Catalogue
from foureyes.engine.catalogue.lookups import chunks
from foureyes.engine.errors import UsageError
from foureyes.engine.exchange.hidden_regions import read_regions
from foureyes.engine.model import Hidden, NewRegion, RegionFault

BATCH = 5_000


def hide_file(
    catalogue: Catalogue,
    path: Path,
    *,
    officer: str,
    tool: str,
    strict: bool,
    on_fault: Callable[[RegionFault], None],
) -> Hidden:
    """Record the regions of a file; see `pipeline.hide_file`."""
    if strict:
        for _, faults in _checked(catalogue, path):
            for one in faults:
                raise UsageError(
                    f"{path}, line {one.line:,}: {one.detail.rstrip('.')}. Nothing of it is taken."
                )
    became, faulty = Hidden(), 0
    for regions, faults in _checked(catalogue, path):
        faulty += len(faults)
        for one in faults:
            on_fault(one)
        made = catalogue.hide(regions, officer=officer, tool=tool)
        became = replace(
            became,
            recorded=became.recorded + made.recorded,
            first=became.first or made.first,
            last=made.last or became.last,
            held=became.held + made.held,
            withdrawn=became.withdrawn + made.withdrawn,
        )
    if faulty and not (became.recorded or became.held or became.withdrawn):
        raise UsageError(f"No line of {path} can be taken.")
    return became


def _checked(catalogue: Catalogue, path: Path) -> Iterator[tuple[list[NewRegion], list[RegionFault]]]:
    """The file in pieces: what can be taken, and what cannot, by its line."""
    for some in chunks(read_regions(path), BATCH):
        faults = [one for one in some if isinstance(one, RegionFault)]
        read = [one for one in some if not isinstance(one, RegionFault)]
        unfit = catalogue.unfit([region for _, region in read])
        faults += [RegionFault(read[place][0], why) for place, why in unfit.items()]
        fit = [region for place, (_, region) in enumerate(read) if place not in unfit]
        yield fit, sorted(faults, key=lambda one: one.line)
