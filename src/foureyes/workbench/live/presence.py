"""Who is on which series now, and what part of it they look at. In memory, and forgotten within a minute.

Nothing of it is kept: where people look is nobody's to read later. It says who is there, to colleagues who
see the series themselves (`route` asks `access` for that); it never says for how long or how fast.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from enum import Enum

from foureyes.workbench.accounts.models import Officer

STAYS_SECONDS = 45.0
"""How long a sign of life lasts; open channels give one every `hub.REFRESH_SECONDS`."""
GRACE_SECONDS = 8.0
"""How long an officer stays after their last channel closed: a reload must not look like leaving."""
BETWEEN_MOVES_SECONDS = 0.5
"""Pages say where their officer looks every three seconds at most; faster ones are not listened to."""


@dataclass(frozen=True, slots=True)
class Brief:
    """An officer, as colleagues are told of them."""

    username: str
    name: str
    unit: str
    country: str = ""

    @property
    def initials(self) -> str:
        """One or two letters, for where a face would be."""
        words = self.name.replace(".", " ").replace("_", " ").split() or ["?"]
        return (words[0][0] + (words[-1][0] if len(words) > 1 else words[0][1:2])).upper()


@dataclass(frozen=True, slots=True)
class Here:
    """An officer on a series. Part and mark are empty where the officer hides them."""

    officer: Brief
    part: str = ""
    """Word for the part of the page that they are in: `grid`, `notes`."""
    mark: str = ""
    """Mark of the media that they stand on."""
    place_hidden: bool = False


@dataclass(frozen=True, slots=True)
class Changed:
    """What changed on one series."""

    came: list[Here]
    moved: list[Here]
    gone: list[str]
    """User names."""


class Moved(Enum):
    """What came of saying where one looks."""

    DONE = "done"
    TOO_SOON = "too soon"
    NOT_HERE = "not here"


@dataclass(frozen=True, slots=True)
class Sign:
    """A sign of life that counts for so many seconds from now, as processes tell each other."""

    series: str
    here: Here
    seconds: float


@dataclass(slots=True)
class _Entry:
    here: Here
    until: float
    moved_at: float = float("-inf")


def brief(officer: Officer) -> Brief:
    """The officer, as colleagues are told of them."""
    return Brief(officer.username, str(officer), str(officer.unit), officer.unit.country)


class Presence:
    """The register. Safe to use from threads."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._here: dict[str, dict[str, _Entry]] = {}
        """By series, then by user name."""
        self._changed: dict[tuple[str, str], bool] = {}
        """Series and user name, and whether they came, since `changes` was last asked."""

    def who(self, series_ids: Iterable[str]) -> dict[str, list[Here]]:
        """Who is on each of the series now, by name; series with nobody are left out."""
        now = self._clock()
        with self._lock:
            found = {
                series: [entry.here for entry in self._here[series].values() if entry.until > now]
                for series in series_ids
                if series in self._here
            }
        return {
            series: sorted(people, key=lambda one: (one.officer.name.casefold(), one.officer.username))
            for series, people in found.items()
            if people
        }

    def everywhere(self) -> list[str]:
        """Series that somebody is on."""
        with self._lock:
            return list(self._here)

    def arrive(self, series: str, officer: Brief, *, place_hidden: bool = False) -> None:
        """The officer opened the series, or is still on it: where they look stays as it is."""
        with self._lock:
            entry = self._here.get(series, {}).get(officer.username)
            if entry is None or place_hidden:
                here = Here(officer, place_hidden=place_hidden)
            else:
                here = replace(entry.here, officer=officer, place_hidden=False)
            self._set(series, here, STAYS_SECONDS)

    def move(self, series: str, username: str, part: str, mark: str) -> Moved:
        """They look at another part now. Changes nothing for who is not on the series, or moves too often."""
        now = self._clock()
        with self._lock:
            entry = self._here.get(series, {}).get(username)
            if entry is None or entry.until <= now:
                return Moved.NOT_HERE
            if now - entry.moved_at < BETWEEN_MOVES_SECONDS:
                return Moved.TOO_SOON
            if not entry.here.place_hidden:
                self._set(series, replace(entry.here, part=part, mark=mark), STAYS_SECONDS)
            self._here[series][username].moved_at = now
            return Moved.DONE

    def leave(self, series: str, username: str, seconds: float = GRACE_SECONDS) -> None:
        """They closed the series: gone after that many seconds unless they come back."""
        with self._lock:
            entry = self._here.get(series, {}).get(username)
            if entry is not None:
                entry.until = min(entry.until, self._clock() + seconds)

    def hear(self, signs: Iterable[Sign]) -> None:
        """What another process tells."""
        with self._lock:
            for sign in signs:
                self._set(sign.series, sign.here, min(sign.seconds, STAYS_SECONDS))

    def signs(self, people: Iterable[tuple[str, str]]) -> list[Sign]:
        """What to tell other processes of these: series and user name."""
        now = self._clock()
        with self._lock:
            found = [(series, self._here.get(series, {}).get(username)) for series, username in people]
        return [Sign(series, one.here, one.until - now) for series, one in found if one is not None]

    def changes(self) -> dict[str, Changed]:
        """Who came, moved and went since this was last asked, by series. Forgets whose time is up."""
        now = self._clock()
        with self._lock:
            self._forget(now)
            changed, self._changed = self._changed, {}
            told: dict[str, Changed] = {}
            for (series, username), came in sorted(changed.items()):
                on_series = told.setdefault(series, Changed([], [], []))
                entry = self._here.get(series, {}).get(username)
                if entry is None:
                    on_series.gone.append(username)
                else:
                    (on_series.came if came else on_series.moved).append(entry.here)
            return told

    def _forget(self, now: float) -> None:
        for series in list(self._here):
            people = self._here[series]
            for username in [name for name, one in people.items() if one.until <= now]:
                del people[username]
                self._changed[series, username] = False
            if not people:
                del self._here[series]

    def _set(self, series: str, here: Here, seconds: float) -> None:
        """With the lock held."""
        people = self._here.setdefault(series, {})
        key = (series, here.officer.username)
        before = people.get(here.officer.username)
        if before is None:
            self._changed[key] = True
            people[here.officer.username] = _Entry(here, self._clock() + seconds)
            return
        if before.here != here:
            self._changed[key] = self._changed.get(key, False)
        before.here, before.until = here, self._clock() + seconds


present = Presence()
"""The register of this process."""


def who(series_ids: Sequence[str]) -> dict[str, list[Here]]:
    """Who is on each of these series now. Ask only for series that the viewer sees."""
    return present.who(series_ids)
