"""What a merge or a split does to who sees what, in words, before it is ruled. Changes nothing."""

from __future__ import annotations

from collections.abc import Sequence

from django.utils.translation import gettext as _

from foureyes.engine.catalogue import SeriesSummary
from foureyes.workbench.access.rules import SHARED_CODES
from foureyes.workbench.access.units import Given, codes, given


def told_of_merge(a: SeriesSummary, b: SeriesSummary) -> list[str]:
    """Sentences on a merge: what becomes one, which units see more, and which lose sight."""
    sentences = [
        _("%(a)s (%(a_size)d media) and %(b)s (%(b_size)d media) become one series of %(all)d media.")
        % {"a": a.name, "a_size": a.size, "b": b.name, "b_size": b.size, "all": a.size + b.size}
    ]
    found = given([a.id, b.id])
    by_unit: dict[str, list[Given]] = {}
    for one in found:
        by_unit.setdefault(str(one.unit), []).append(one)
    hidden = {name for name, code in codes([a.id, b.id]).items() if code not in SHARED_CODES}
    for unit, held in by_unit.items():
        seen = {one.series for one in held}
        if all(one.edition in hidden and not one.permitted for one in held):
            sentences.append(
                _("%(unit)s loses sight of it: the higher handling code of the two holds for both.")
                % {"unit": unit}
            )
        elif len(seen) == 1:
            other = b if a.id in seen else a
            sentences.append(
                _("%(unit)s will see %(more)d media more: those of %(other)s.")
                % {"unit": unit, "more": other.size, "other": other.name}
            )
    if len(sentences) == 1:
        sentences.append(_("No unit sees more or less by this."))
    sentences.append(
        _("What was placed and assigned of either goes to the id that remains, and is recorded there.")
    )
    return sentences


def told_of_split(series: SeriesSummary, leaving: int) -> list[str]:
    """Sentences on a split: what becomes of both parts, and that who sees them stays."""
    sentences = [
        _("%(leaving)d of %(size)d media leave %(name)s together and become a series of their own.")
        % {"leaving": leaving, "size": series.size, "name": series.name}
    ]
    units: Sequence[str] = list(dict.fromkeys(str(one.unit) for one in given([series.id])))
    if units:
        sentences.append(
            _("Both parts stay in the sight of %(units)s: the new series is placed and assigned alike.")
            % {"units": ", ".join(units)}
        )
    else:
        sentences.append(_("No other unit sees this series today."))
    return sentences


def told_of_leaving(series: SeriesSummary, leaving: int) -> list[str]:
    """Sentences on a ruling that media do not belong."""
    sentences = [
        _("%(leaving)d of %(size)d media leave %(name)s, each for itself.")
        % {"leaving": leaving, "size": series.size, "name": series.name}
    ]
    units = list(dict.fromkeys(str(one.unit) for one in given([series.id])))
    if units:
        sentences.append(
            _("Out of the sight of %(units)s go the media that leave.") % {"units": ", ".join(units)}
        )
    return sentences
