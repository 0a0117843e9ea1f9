"""What a confirmed proposal does: the app that proposes a kind says it here when Django starts.

`editions` stands below those apps and cannot import them. A kind without an effect is a record that somebody
else asks for, such as an export.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence

from foureyes.workbench.accounts.models import Officer
from foureyes.workbench.editions.models import Proposal

EFFECTS: dict[str, Callable[[Proposal, Officer], None]] = {}
"""By kind: what takes effect, inside the transaction that confirms. Raises `NotDone` where it cannot."""
AFTERWARDS: dict[str, Callable[[Proposal], str]] = {}
"""By kind: what follows once the confirmation is committed, and a sentence about it for the page."""
TOLD: dict[str, Callable[[Officer, Proposal], Sequence[str]]] = {}
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
