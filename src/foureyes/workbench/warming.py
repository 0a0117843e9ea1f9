"""Makes ready what the first pages would otherwise wait for: templates, addresses, words, outlines of series.

Beside the first requests, in a thread of its own. Nothing depends on it: what is not ready is made when it is
first asked for. It shows nobody anything, and is given up quietly where the workspace cannot be read, which
the first page says in words.
"""

from __future__ import annotations

import gc
import logging
import threading
from collections.abc import Iterator
from pathlib import Path

from django.apps import apps
from django.conf import settings
from django.db import DatabaseError, connection
from django.template.loader import get_template
from django.urls import reverse
from django.utils import translation

from foureyes.engine.errors import EngineError
from foureyes.workbench.series import boards, regrouping

YOUNG, MIDDLE, OLD = 20_000, 10, 50
"""How often Python looks for cycles: see `settle`."""
STOP_SECONDS = 10.0

log = logging.getLogger(__name__)


class Warmer:
    """One thread that does all of it once."""

    def __init__(self) -> None:
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="warming", daemon=True)

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def stop(self) -> None:
        """Begin nothing more, and wait for what was begun."""
        self._stop.set()
        if self._thread.is_alive():
            self._thread.join(STOP_SECONDS)

    def _run(self) -> None:
        try:
            for step in (pages, boards.warm, regrouping.ready):
                if self._stop.is_set():
                    return
                step()
            settle()
        except (EngineError, DatabaseError, OSError, regrouping.NotGrouped) as error:
            log.info("not made ready: %s", error)
        finally:
            connection.close()


def pages() -> None:
    """Read every template, address and word: 0.7 s of CPU, by which first pages were slower."""
    for language, _name in settings.LANGUAGES:
        with translation.override(language):
            reverse("series:board")
            translation.gettext("Series")
    for name in _templates():
        get_template(name)


def settle() -> None:
    """Have Python's search for cycles leave alone what stays for good.

    Some 230,000 objects with references (code, templates, tables of the engine) are there to stay. To look
    through them took 0.1 s each time on a quiet machine and 0.5 s on a busy one, in the middle of a page and
    with every other page waiting; a few times an hour is enough for what is left.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(YOUNG, MIDDLE, OLD)


def _templates() -> Iterator[str]:
    for app in apps.get_app_configs():
        if app.name.startswith("foureyes."):
            folder = Path(app.path) / "templates"
            yield from (str(one.relative_to(folder)) for one in sorted(folder.rglob("*.html")))
