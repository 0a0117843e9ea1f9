"""The people of the demo and what they did so far: an edition, a clue, notes, a question, a proposal.

Everything goes through the workbench's own actions, as officers do it, and stands in the record. Prints
nothing: `demo.sh` says who can sign in. The screenshots of the docs show the same
(`tests/browser/test_tour_pictures.py`).

    demo_cast.py WORKSPACE PASSWORD
"""

from __future__ import annotations

import sys
from datetime import timedelta
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING

from foureyes.workbench import serving

if TYPE_CHECKING:
    from foureyes.workbench.accounts.models import Officer

FIRST = "demo"
CAST = (
    ("marie", "Brigade numérique", "FR", ("expert",)),
    ("otto", "Landesamt Nord", "DE", ("expert",)),
    ("adam", "Systems", "", ("administrator",)),
    ("vera", "Oversight", "", ("oversight",)),
)
"""User name, unit, its country, roles."""


def main() -> None:
    """Make them where there is nobody yet."""
    workspace, password = Path(sys.argv[1]), sys.argv[2]
    serving.prepare(workspace)
    serving.make_first_officer((FIRST, password), say=lambda _line: None)
    made = {
        name: serving.add_officer(name, password, unit, country, roles=roles)[0]
        for name, unit, country, roles in CAST
    }
    from foureyes.workbench.accounts.models import Officer  # noqa: PLC0415 - models need Django prepared

    demo = Officer.objects.get(username=FIRST)
    for name, language, skill in (("marie", "fr", "fabrics"), ("otto", "de", "tools")):
        _reads(made[name], language, skill)
    series = _edition(demo, made["marie"], made["otto"])
    _work(demo, made["marie"], series)


def _reads(officer: Officer, language: str, skill: str) -> None:
    from foureyes.workbench.accounts.models import OfficerLanguage, OfficerSkill  # noqa: PLC0415 - as above

    OfficerLanguage.objects.create(officer=officer, code=language)
    OfficerSkill.objects.create(officer=officer, word=skill)


def _edition(demo: Officer, *experts: Officer) -> list[str]:
    """An edition of two weeks that began today; gives the ids of its series, the largest first."""
    from django.utils import timezone  # noqa: PLC0415 - as above

    from foureyes.workbench.access.models import Edition  # noqa: PLC0415 - as above
    from foureyes.workbench.editions import coordinating  # noqa: PLC0415 - as above
    from foureyes.workbench.editions.forms import EditionForm  # noqa: PLC0415 - as above
    from foureyes.workbench.library.holdings import catalogue  # noqa: PLC0415 - as above

    today = timezone.now().date()
    usual = {name: getattr(Edition(), name) for name in ("reveals_soft", "reveals_hard", "break_minutes")}
    days = {"opens": today, "closes": today + timedelta(days=13)}
    told = {"name": "Demo edition", "handling_code": "H1", "other_unit_confirms": "on"}
    form = EditionForm({**usual, **days, **told})
    if not form.is_valid():
        raise SystemExit(f"The edition was not made: {form.errors.as_text()}")
    edition = coordinating.save_edition(demo, form)
    for expert in experts:
        coordinating.add_unit(demo, edition.pk, str(expert.unit_id))
        coordinating.set_seats(demo, edition.pk, str(expert.unit_id), [str(expert.pk)])
    series = [one.id for one in catalogue().series_list()]
    coordinating.place(demo, edition.pk, series[:6], "H1")
    for expert, given in zip(experts, (series[:4], series[2:6]), strict=True):
        coordinating.assign(demo, edition.pk, given, f"unit:{expert.unit_id}")
    return series


def _work(demo: Officer, marie: Officer, series: list[str]) -> None:
    """What a morning leaves: series taken, a clue, a note, a question, a task, and a proposal that waits."""
    from foureyes.workbench.series import standing  # noqa: PLC0415 - as above

    first, second, third = series[:3]
    for officer, one in ((demo, first), (marie, second), (demo, third)):
        standing.set_state(officer, one, "taken")
    standing.set_state(demo, third, "under-analysis")
    standing.set_next_step(demo, first, "Ask who knows the weave")
    _find(demo, marie, first)
    standing.propose_identified(
        marie, second, "The axe stands in a museum, which told us when it was photographed."
    )


def _find(demo: Officer, marie: Officer, series: str) -> None:
    """A clue in the second media of a series, and what the two officers say about it."""
    from foureyes.workbench.findings.actions import notes, questions, regions, tasks  # noqa: PLC0415 - as above
    from foureyes.workbench.library.holdings import catalogue  # noqa: PLC0415 - as above

    held = catalogue().series(series)
    if held is None:
        raise SystemExit("The first series is gone.")
    keys = (f"demo{number}" for number in count(1))

    def told(**words: str) -> dict[str, str]:
        return {**words, "handling_code": "H1", "key": next(keys)}

    carpet = {"clue": "product", "name": "weave of the carpet", "tells": "Sold by one maker only?"}
    where = {"media": held.members[1][:16], "shape": "xywh=percent:4,52,58,40"}
    region = regions.draw(demo, told(**where, **carpet))
    text = f"Same floor in all of them, see #{region.pk}. @marie"
    note = notes.write(demo, told(on=f"series:{series}", text=text)).note
    notes.write(marie, told(on=f"note:{note.pk}", text="I have seen this in a market hall. I ask the maker."))
    where_sold = "Where is a carpet like this sold?"
    questions.ask(demo, told(on=f"region:{region.pk}", text=where_sold, words="fabrics, fr"))
    tasks.give(marie, told(on=f"series:{series}", text="Compare with the list of carpets", to=FIRST))


if __name__ == "__main__":
    main()
