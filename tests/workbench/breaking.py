"""SQL that tries to get around four eyes, and what each database must say to it."""

from __future__ import annotations

from django.db import connection

from foureyes.workbench.access.models import Edition, Placed
from foureyes.workbench.accounts.models import Officer
from foureyes.workbench.audit.actions import Did, append
from foureyes.workbench.editions.models import Proposal, Release
from foureyes.workbench.series.models import Handed, Ruling, Standing, Step

SERIES = "S-AAAAAAAA"

WAYS = {
    "confirm one's own": "confirmed_by_another_officer",
    "confirm without a name": "confirmed_by_somebody",
    "refuse without a name": "refused_by_somebody",
    "answer an open one": "open_is_unanswered",
    "confirm within the unit": "confirmed_by_another_unit",
    "pretend another unit": "the unit is not the officer's",
    "propose as another unit": "the unit is not the officer's",
    "begin confirmed": "a proposal begins open",
    "propose without the edition's rule": "another unit confirms",
    "merge without the second series' rule": "another unit confirms",
    "take the edition's rule away": "stands as it was proposed",
    "change the proposer": "stands as it was proposed",
    "change what was asked": "stands as it was proposed",
    "change the kind": "stands as it was proposed",
    "change the reason": "stands as it was proposed",
    "reopen": "answered once",
    "confirm what was refused": "answered once",
    "confirm what was withdrawn": "answered once",
    "rewrite an answer": "answered once",
    "delete": "stands for good",
    "identify without a proposal": "identified_by_four_eyes",
    "identify by an open proposal": "no confirmed proposal",
    "identify by a refused proposal": "no confirmed proposal",
    "identify by another series' proposal": "no confirmed proposal",
    "insert an identified one": "no confirmed proposal",
    "keep a confirmation while at work": "only_the_identified_are_identified",
    "rule on many alone": "large_rulings_by_four_eyes",
    "rule on many by an open proposal": "no confirmed proposal",
    "rule on many by another kind": "no confirmed proposal",
    "change a ruling": "stands for good",
    "delete a ruling": "stands for good",
    "change a step": "stands for good",
    "delete a step": "stands for good",
    "change what became of a decision": "stands for good",
    "delete what became of a decision": "stands for good",
    "replace what became of a decision": "stands for good|handed_once",
    "drop a decision that was made": "made_or_dropped|UNIQUE constraint failed",
    "know of a decision without an entry": "NOT NULL constraint failed|null value",
    "let something leave twice": "leaves once",
    "replace a release": "leaves once",
    "let something leave by an open proposal": "no confirmed proposal lets this leave",
    "let something leave by another kind": "no confirmed proposal lets this leave",
    "change a release": "a release stands for good",
    "delete a release": "a release stands for good",
    "place below the floor": "below the floor",
    "lower a place": "below the floor",
    "raise the floor over a place": "below the floor",
}
"""What is tried, and words of the refusal."""


AT = "answered_at = proposed_at"


class Rows:
    """Rows to attack."""

    def __init__(self, officers: dict[str, Officer]) -> None:
        self.ida, self.lena, self.otto = officers["ida"], officers["lena"], officers["otto"]
        day = Proposal._meta.get_field("proposed_at").get_default().date()
        self.edition = Edition.objects.create(name="Open", opens=day, closes=day, made_by=self.ida)
        self.placed = Placed.objects.create(
            edition=self.edition, series="S-PLACED", handling_code="H1", placed_by=self.ida
        )
        self.waits, self.theirs = self.made(), self.made(other=True)
        self.refused, self.withdrawn = self.answered("refused"), self.answered("withdrawn")
        self.good, self.merge = self.answered("confirmed"), self.made("merge")
        self.elsewhere = self.answered("confirmed", series="S-BBBBBBBB")
        Standing.objects.create(series=SERIES, state="taken", taken_by=self.ida, taken_unit=self.ida.unit)
        Ruling.objects.create(decision=1, kind="merge", largest_side=3)
        Step.objects.create(
            series=SERIES, before="prepared", after="taken", officer=self.ida, unit=self.ida.unit, version=1
        )
        self.entries = [append(self.ida, Did.DECIDED, f"series:{SERIES}").id for _ in range(3)]
        Handed.objects.create(decision=1, what="ruling", entry_id=self.entries[0])
        self.leaves, self.open_export = self.answered("confirmed", "export"), self.made("export")
        Release.objects.create(proposal=self.leaves, entry_id=self.entries[1])

    def made(self, kind: str = "identified", series: str = SERIES, *, other: bool = False) -> Proposal:
        """A proposal of Ida's."""
        return Proposal.objects.create(
            kind=kind,
            series=series,
            reason="why",
            proposer=self.ida,
            proposer_unit=self.ida.unit,
            other_unit=other,
        )

    def answered(self, state: str, kind: str = "identified", series: str = SERIES) -> Proposal:
        """One that Lena answered, or Ida withdrew."""
        one = self.made(kind, series)
        one.state, one.answered_at = state, one.proposed_at
        if state != "withdrawn":
            one.confirmer, one.confirmer_unit = self.lena, self.lena.unit
        one.save()
        return one


def attempts(officers: dict[str, Officer]) -> dict[str, str]:
    """One statement for each way, and the rows that it attacks."""
    rows = Rows(officers)
    return {
        **_on_answers(rows),
        **_on_what_was_proposed(rows),
        **_on_standing(rows),
        **_on_rulings(rows),
        **_on_what_became(rows),
        **_on_what_leaves(rows),
        **_on_places(rows),
    }


def _on_answers(rows: Rows) -> dict[str, str]:
    ida, lena, otto = rows.ida, rows.lena, rows.otto
    unanswered = "state = 'open', confirmer_id = NULL, confirmer_unit_id = NULL, answered_at = NULL"
    return {
        "confirm one's own": _answer(rows.waits, ida, ida.unit_id),
        "confirm without a name": _change(rows.waits, f"state = 'confirmed', {AT}"),
        "refuse without a name": _change(rows.waits, f"state = 'refused', {AT}"),
        "answer an open one": _answer(rows.waits, lena, lena.unit_id, "open"),
        "confirm within the unit": _answer(rows.theirs, lena, lena.unit_id),
        "pretend another unit": _answer(rows.theirs, lena, otto.unit_id),
        "reopen": _change(rows.refused, unanswered),
        "confirm what was refused": _change(rows.refused, "state = 'confirmed'"),
        "confirm what was withdrawn": _answer(rows.withdrawn, lena, lena.unit_id),
        "rewrite an answer": _change(rows.good, "answer = 'another'"),
    }


def _on_what_was_proposed(rows: Rows) -> dict[str, str]:
    ida, lena, otto = rows.ida, rows.lena, rows.otto
    return {
        "propose as another unit": _insert(rows.waits, "open", otto.unit_id, SERIES),
        "begin confirmed": _insert(rows.good, "confirmed", ida.unit_id, SERIES),
        "propose without the edition's rule": _insert(rows.waits, "open", ida.unit_id, "S-PLACED"),
        "merge without the second series' rule": (
            "INSERT INTO editions_proposal (kind, state, series, asked, reason, other_unit, proposer_id, "
            "proposer_unit_id, proposed_at, answer) "
            f"""SELECT 'merge', 'open', '{SERIES}', '{{"series": ["{SERIES}", "S-PLACED"]}}', reason, {_no()}, """
            f"proposer_id, proposer_unit_id, proposed_at, '' FROM editions_proposal WHERE id = {rows.waits.id}"
        ),
        "take the edition's rule away": _change(rows.theirs, f"other_unit = {_no()}"),
        "change the proposer": _change(rows.waits, f"proposer_id = {lena.id}"),
        "change what was asked": _change(rows.waits, """asked = '{"series": ["S-CCCCCCCC"]}'"""),
        "change the kind": _change(rows.waits, "kind = 'export'"),
        "change the reason": _change(rows.waits, "reason = 'another'"),
        "delete": f"DELETE FROM editions_proposal WHERE id = {rows.waits.id}",
    }


def _on_standing(rows: Rows) -> dict[str, str]:
    identified = "UPDATE series_standing SET state = 'identified', identified_by_id = "
    of_series = f"WHERE series = '{SERIES}'"
    return {
        "identify without a proposal": f"{identified} NULL {of_series}",
        "identify by an open proposal": f"{identified} {rows.waits.id} {of_series}",
        "identify by a refused proposal": f"{identified} {rows.refused.id} {of_series}",
        "identify by another series' proposal": f"{identified} {rows.elsewhere.id} {of_series}",
        "insert an identified one": (
            "INSERT INTO series_standing (series, state, next_step, countries, identified_by_id, version, at) "
            f"SELECT 'S-DDDDDDDD', 'identified', '', countries, {rows.good.id}, 1, at FROM series_standing"
        ),
        "keep a confirmation while at work": (
            f"UPDATE series_standing SET identified_by_id = {rows.good.id} {of_series}"
        ),
        "change a step": "UPDATE series_step SET after = 'closed'",
        "delete a step": "DELETE FROM series_step",
    }


def _on_rulings(rows: Rows) -> dict[str, str]:
    ruled = "INSERT INTO series_ruling (decision, kind, largest_side, proposal_id) VALUES (2, 'merge', 51, "
    return {
        "rule on many alone": f"{ruled} NULL)",
        "rule on many by an open proposal": f"{ruled} {rows.merge.id})",
        "rule on many by another kind": f"{ruled} {rows.good.id})",
        "change a ruling": "UPDATE series_ruling SET largest_side = 2",
        "delete a ruling": "DELETE FROM series_ruling",
    }


def _on_what_became(rows: Rows) -> dict[str, str]:
    entry = rows.entries[2]
    return {
        "change what became of a decision": "UPDATE series_handed SET what = 'dropped'",
        "delete what became of a decision": "DELETE FROM series_handed",
        "replace what became of a decision": _handed(1, "ruling", entry, _or_replace()),
        "drop a decision that was made": _handed(1, "dropped", entry),
        "know of a decision without an entry": _handed(2, "ruling", "NULL"),
    }


def _on_what_leaves(rows: Rows) -> dict[str, str]:
    entry = rows.entries[2]
    return {
        "let something leave twice": _leave(rows.leaves, entry),
        "replace a release": _leave(rows.leaves, entry, _or_replace()),
        "let something leave by an open proposal": _leave(rows.open_export, entry),
        "let something leave by another kind": _leave(rows.good, entry),
        "change a release": f"UPDATE editions_release SET proposal_id = {rows.good.id}",
        "delete a release": "DELETE FROM editions_release",
    }


def _on_places(rows: Rows) -> dict[str, str]:
    placed, edition = rows.placed.id, rows.edition.id
    return {
        "place below the floor": (
            "INSERT INTO access_placed (series, handling_code, edition_id, placed_by_id, placed_at) "
            f"SELECT 'S-EEEEEEEE', 'H0', edition_id, placed_by_id, placed_at FROM access_placed WHERE id = {placed}"
        ),
        "lower a place": f"UPDATE access_placed SET handling_code = 'H0' WHERE id = {placed}",
        "raise the floor over a place": f"UPDATE access_edition SET handling_code = 'H2' WHERE id = {edition}",
    }


def _no() -> str:
    return "FALSE" if connection.vendor == "postgresql" else "0"


def _or_replace() -> str:
    # PostgreSQL has no such word: there it is a second row.
    return {"sqlite": "OR REPLACE"}.get(connection.vendor, "")


def _answer(one: Proposal, who: Officer, unit: int, state: str = "confirmed") -> str:
    return (
        f"UPDATE editions_proposal SET state = '{state}', confirmer_id = {who.id}, "
        f"confirmer_unit_id = {unit}, {AT} WHERE id = {one.id}"
    )


def _change(one: Proposal, what: str) -> str:
    return f"UPDATE editions_proposal SET {what} WHERE id = {one.id}"


def _insert(like: Proposal, state: str, unit: int, series: str) -> str:
    return (
        "INSERT INTO editions_proposal (kind, state, series, asked, reason, other_unit, proposer_id, "
        "proposer_unit_id, proposed_at, answer, confirmer_id, confirmer_unit_id, answered_at, edition_id) "
        f"SELECT kind, '{state}', '{series}', asked, reason, {_no()}, proposer_id, {unit}, proposed_at, '', "
        f"confirmer_id, confirmer_unit_id, answered_at, edition_id FROM editions_proposal WHERE id = {like.id}"
    )


def _handed(decision: int, what: str, entry: object, or_replace: str = "") -> str:
    into = f"INSERT {or_replace} INTO series_handed (decision, what, entry_id)"
    return f"{into} VALUES ({decision}, '{what}', {entry})"


def _leave(proposal: Proposal, entry: int, or_replace: str = "") -> str:
    into = f"INSERT {or_replace} INTO editions_release (proposal_id, entry_id, at)"
    return f"{into} SELECT {proposal.id}, {entry}, proposed_at FROM editions_proposal LIMIT 1"
