"""What the command asks before it rules on a workspace that officers work on in their browsers.

There a ruling that moves many media takes two officers (`series.actions`); the command is no way around it.
Without a workbench one person works on it: nothing is asked. Decides nothing else and changes nothing.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

from foureyes.engine.catalogue import Workspace
from foureyes.engine.errors import UsageError
from foureyes.engine.model import DecisionKind
from foureyes.workbench import serving

ALONE_AT_MOST = 50
"""Media on the larger side, as `series.actions` has it (a test compares): reading that would load Django."""


def has_workbench(workspace: Path, database_url: str | None) -> bool:
    """Whether officers work on this workspace in their browsers."""
    named = database_url or os.environ.get("FOUREYES_WORKBENCH_DATABASE")
    return bool(named) or (Workspace.open(workspace).path / serving.OWN_DATABASE).exists()


def refuse_alone(
    workspace: Path, kind: DecisionKind, sizes: Sequence[int], named: int, database_url: str | None = None
) -> None:
    """Go on only with a ruling that one person may make.

    Args:
        workspace: Folder of the workspace.
        kind: Which ruling.
        sizes: Media in each series that it is about.
        named: Media that it names.
        database_url: as `workbench_database_url` of `serving.serve`.

    Raises:
        UsageError: it needs two officers, and the workspace has a workbench where they are.
    """
    side = _larger_side(kind, sizes, named)
    if side > ALONE_AT_MOST and has_workbench(workspace, database_url):
        raise UsageError(
            f"Officers work on this workspace, and a ruling that moves {side:,} media takes two of them. "
            "Decide it in the workbench, on the page of the series: it takes effect when a second officer "
            "confirms it. Nothing was changed."
        )


def refuse_taking_back_alone(
    workspace: Path, number: int, kind: DecisionKind, database_url: str | None = None
) -> None:
    """Go on only with taking back a decision that one person made.

    Raises:
        UsageError: two officers made it, in the workbench.
        WorkspaceError: the workbench's database cannot be read.
    """
    moves = {DecisionKind.MERGE, DecisionKind.SPLIT, DecisionKind.DOES_NOT_BELONG}
    if kind not in moves or not has_workbench(workspace, database_url):
        return
    serving.prepare(workspace, workbench_database_url=database_url)
    from foureyes.workbench.series.actions import ruled_by_two  # noqa: PLC0415 - models need Django prepared

    if ruled_by_two(number):
        raise UsageError(
            f"Two officers made decision {number} in the workbench, and two take it back there. "
            "Nothing was changed."
        )


def _larger_side(kind: DecisionKind, sizes: Sequence[int], named: int) -> int:
    if kind is DecisionKind.MERGE:
        return max(sizes, default=0)
    if kind is DecisionKind.SPLIT:
        return max(named, sum(sizes) - named)
    return named if kind is DecisionKind.DOES_NOT_BELONG else 0
