"""Linking everything anew: all that is held, whatever came when.

What is decided stands in `series`; that only what came is linked, in `batches.py`.
"""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable

from foureyes.engine import series
from foureyes.engine.catalogue import Catalogue
from foureyes.engine.model import LinkReport, Progress
from foureyes.engine.settings import EngineSettings
from foureyes.engine.steps import due, stated
from foureyes.engine.steps.linking import gather, keep_names
from foureyes.engine.steps.listed import links_nothing

RULED_MEANWHILE = 3
"""Groupings at most in one linking: who rules while it runs was told that it binds when the writer is done.
A bound, since 34 people may rule faster than a large catalogue is grouped."""


def link_all(
    catalogue: Catalogue,
    progress: Callable[[Progress], None],
    settings: EngineSettings | None,
    stop: threading.Event | None,
) -> LinkReport:
    """Link everything anew, obeying what people rule meanwhile."""
    before = due.all_looked_at(catalogue)
    gathered = gather(catalogue, links_nothing(catalogue), progress, settings, stop)
    looked = before if settings is None else gathered.looked
    memory = series.Memory()
    for _ in range(RULED_MEANWHILE):
        ruled, nothing = catalogue.decisions(), links_nothing(catalogue)
        if nothing != gathered.nothing:
            gathered = gather(catalogue, nothing, progress, settings, stop)
        built = series.build(
            gathered.evidence, ruled, catalogue.all_series(), catalogue.series_ids_given(), memory
        )
        keep_names(catalogue, built.series)
        by = due.gone_by(catalogue, nothing, ruled, looked=looked)
        catalogue.replace_linking(built.series, built.links, built.aliases, by)
        stated.forget(catalogue, but=by.stated)
        if catalogue.decisions() == ruled:
            break
    sizes = [len(one.members) for one in built.series]
    return LinkReport(
        series=len(sizes),
        media_in_series=sum(sizes),
        largest=max(sizes, default=0),
        links=dict(Counter(one.kind for one in built.links)),
        notes=(*gathered.notes, *built.notes),
    )
