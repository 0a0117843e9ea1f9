"""What a confirmed proposal does: the app that proposes a kind says it here when Django starts.

`editions` stands below those apps and cannot import them. A kind without an effect is a record that somebody
else asks for, such as an export.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence

from django.utils.translation import gettext as _

from foureyes.workbench.accounts.models import Officer
from foureyes.workbench.editions.models import Proposal


def _told_of_export(viewer: Officer, proposal: Proposal) -> Sequence[str]:
    del viewer  # whoever sees it holds the workspace
    number = proposal.asked.get("list")
    if not isinstance(number, int):
        return ()
    return [
        _("Hash list %(number)d may leave: the one who exports names this proposal.") % {"number": number},
        _("It leaves once, and that is recorded: what is to leave again is proposed anew."),
    ]


EFFECTS: dict[str, Callable[[Proposal, Officer], None]] = {}
"""By kind: what takes effect, inside the transaction that confirms. Raises `NotDone` where it cannot."""
AFTERWARDS: dict[str, Callable[[Proposal], str]] = {}
"""By kind: what follows once the confirmation is committed, and a sentence about it for the page."""
TOLD: dict[str, Callable[[Officer, Proposal], Sequence[str]]] = {Proposal.Kind.EXPORT: _told_of_export}
"""By kind: sentences that tell this viewer what would happen."""
NAMES: list[Callable[[Iterable[str]], Mapping[str, str]]] = []
"""Names of series by id, from the app that knows them."""


def names_of(series: Iterable[str]) -> dict[str, str]:
    """Names of these series by id; the id itself where no name is known."""
    asked = sorted(set(series))
    found: dict[str, str] = {}
    for ask in NAMES:
        found |= ask(asked)
    return {one: found.get(one, one) for one in asked}
