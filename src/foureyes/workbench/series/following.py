"""Lets placements, assignments and standing follow a series whose id goes, and go with both parts of a split.

An edition places a series, not a list of media. Where two series merge, what was placed and assigned of the
one whose id goes is carried to the id that remains; where a ruling splits one, the new series is placed and
assigned as the old one is. Nobody who worked on media loses sight of them by a grouping. Each is recorded.
"""

from __future__ import annotations

from collections.abc import Iterable

from django.db import transaction

from foureyes.engine.model import ChangeKind, Decision, DecisionKind
from foureyes.workbench.access.models import Assignment, Placed
from foureyes.workbench.audit.actions import Did, append_named
from foureyes.workbench.library.holdings import catalogue
from foureyes.workbench.live.actions import What, announce
from foureyes.workbench.series.boards import ORDER_OF_STATES
from foureyes.workbench.series.models import Followed, Standing, State

NEW_AT_MOST = 1_000
"""Groups of changes that are looked through for new series since the last time."""
FURTHEST = ORDER_OF_STATES[State.REFERRED]
"""`identified` and `closed` are not carried: whoever confirmed them had another series before their eyes."""


def follow() -> int:
    """Carry what was placed to where series went since the last time; gives how many series were followed.

    Cheap where nothing changed: one query of each database. Safe to call twice.
    """
    last = catalogue().last_change()
    if Followed.objects.filter(change__gte=last).exists():
        return 0
    with transaction.atomic():
        Followed.objects.get_or_create(id=1)
        mark = Followed.objects.select_for_update().get(id=1)
        if mark.change >= last:
            return 0
        moved = _moved(mark.change)
        for old, new in moved:
            _carry(old, new)
        mark.change = last
        mark.save()
    return len(moved)


def _moved(since: int) -> list[tuple[str, str]]:
    """Pairs of a series that is placed or stands somewhere, and the one to which that goes."""
    held = catalogue()
    known = set(Placed.objects.values_list("series", flat=True))
    known |= set(Standing.objects.values_list("series", flat=True))
    now = held.current_ids(sorted(known))
    merged = [(old, new) for old, new in now.items() if old != new]
    return merged + list(_parted(known | set(now.values()), since))


def _parted(known: set[str], since: int) -> Iterable[tuple[str, str]]:
    """New series that a split, or a merge taken back, took out of one that is known here."""
    held = catalogue()
    parting = [one for one in held.decisions(active_only=False) if _parts(one)]
    if not parting:
        return
    for group in held.changes_by_series(since, at_most=NEW_AT_MOST):
        new = group.series_id if group.kind is ChangeKind.SERIES_NEW else None
        series = held.series(new) if new is not None else None
        if series is None or Placed.objects.filter(series=series.id).exists():
            continue
        for decision in reversed(parting):
            if series.members[0] in decision.media or series.members[0] in decision.anchors:
                parents = [held.current_id(one) for one in decision.series]
                yield from ((one, series.id) for one in parents if one in known and one != series.id)
                break


def _parts(decision: Decision) -> bool:
    if decision.withdrawn_at is None:
        return decision.kind is DecisionKind.SPLIT
    return decision.kind is DecisionKind.MERGE


def _carry(old: str, new: str) -> None:
    is_gone = catalogue().current_id(old) == new
    placed = Placed.objects.filter(series=old).select_related("placed_by", "edition")
    for one in placed:
        there, made = Placed.objects.get_or_create(
            edition=one.edition,
            series=new,
            defaults={"handling_code": one.handling_code, "placed_by": one.placed_by},
        )
        raised = there.handling_code < one.handling_code
        if raised:
            there.handling_code = one.handling_code
            there.save(update_fields=["handling_code"])
        given = 0
        for assignment in one.assignments.all():
            given += Assignment.objects.get_or_create(
                placed=there,
                unit=assignment.unit,
                officer=assignment.officer,
                defaults={"given_by": assignment.given_by, "permitted": assignment.permitted},
            )[1]
        if made or raised or given:
            detail: dict[str, str | int | list[str]] = {
                "from": old,
                "edition": one.edition.name,
                "code": there.handling_code,
                "assignments": given,
            }
            append_named("workbench", "", Did.PLACE_FOLLOWED, [(f"series:{new}", detail)])
            announce(one.placed_by, What.ASSIGNMENT, new, f"series:{new}")
    if is_gone:
        Assignment.objects.filter(placed__series=old).delete()
        placed.delete()
        _carry_standing(old, new)


def _carry_standing(old: str, new: str) -> None:
    """The one that remains stands where the further of the two stood; the old row stays as it was."""
    before = Standing.objects.filter(series=old).first()
    if before is None:
        return
    now, _made = Standing.objects.get_or_create(series=new)
    countries = [pair for pair in before.countries if pair[0] not in {code for code, _ in now.countries}]
    changed = bool(countries)
    now.countries = [*now.countries, *countries]
    if ORDER_OF_STATES[now.state] < min(ORDER_OF_STATES[before.state], FURTHEST):
        now.state = before.state if ORDER_OF_STATES[before.state] <= FURTHEST else State.UNDER_ANALYSIS
        changed = True
    if now.taken_by_id is None and before.taken_by_id is not None and now.state != State.PREPARED:
        now.taken_by, now.taken_unit = before.taken_by, before.taken_unit
        changed = True
    if not now.next_step and before.next_step:
        now.next_step, changed = before.next_step, True
    if changed:
        now.version += 1
        now.save()
