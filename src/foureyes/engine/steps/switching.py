"""Which kinds of links a workspace goes by: each can be switched off and on again. Nothing found is lost."""

from __future__ import annotations

import json
from collections.abc import Collection
from typing import NamedTuple

from foureyes.engine.catalogue import Workspace
from foureyes.engine.catalogue.database import engine_errors
from foureyes.engine.catalogue.durable import write_durably
from foureyes.engine.errors import UsageError
from foureyes.engine.series.links import LINKS

FILE = "off.json"
KINDS = tuple(maker.name for maker in LINKS)


class Off(NamedTuple):
    """The kinds that are switched off, and what people should know of it."""

    kinds: frozenset[str]
    notes: tuple[str, ...]


class Kind(NamedTuple):
    """One kind of link."""

    name: str
    group: str
    at_most: float
    """log10 of the likelihood ratio."""
    on: bool


def kinds(workspace: Workspace, turn_off: Collection[str], turn_on: Collection[str]) -> list[Kind]:
    """All of them, once some were switched; raises as `switch` does."""
    now = switch(workspace, turn_off, turn_on) if turn_off or turn_on else off(workspace)
    return [Kind(one.name, one.group, one.cap, one.name not in now.kinds) for one in LINKS]


def off(workspace: Workspace) -> Off:
    """What is switched off now. A file that cannot be read switches nothing off, and that is said."""
    path = workspace.calibrations / FILE
    try:
        stated = json.loads(path.read_text("utf-8"))
        kinds = frozenset(one for one in stated if one in KINDS)
    except FileNotFoundError:
        return Off(frozenset(), ())
    except (OSError, ValueError, TypeError):
        return Off(frozenset(), (f"{path} cannot be read: no kind of link is switched off",))
    return Off(kinds, (f"switched off: {', '.join(sorted(kinds))}",) if kinds else ())


def switch(workspace: Workspace, turn_off: Collection[str], turn_on: Collection[str]) -> Off:
    """Switch kinds off and on, from the next linking on.

    Raises:
        UsageError: there is no such kind, or one is to be both.
        WorkspaceError: no right to write there.
    """
    if unknown := sorted({*turn_off, *turn_on} - set(KINDS)):
        raise UsageError(f"There is no kind of link {unknown[0]}: there are {', '.join(KINDS)}.")
    if both := sorted(set(turn_off) & set(turn_on)):
        raise UsageError(f"{both[0]} cannot be switched off and on at once.")
    kinds = sorted((off(workspace).kinds | set(turn_off)) - set(turn_on))
    with engine_errors():
        write_durably(workspace.calibrations / FILE, json.dumps(kinds).encode())
    return off(workspace)
