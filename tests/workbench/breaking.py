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


def handed(decision: int, what: str, entry: object, or_replace: str = "") -> str:
    """Pretend to know what became of a decision."""
    into = f"INSERT {or_replace} INTO series_handed (decision, what, entry_id)"
    return f"{into} VALUES ({decision}, '{what}', {entry})"


def leave(proposal: Proposal, entry: int, or_replace: str = "") -> str:
    """Let what a proposal is about leave."""
    into = f"INSERT {or_replace} INTO editions_release (proposal_id, entry_id, at)"
    return f"{into} SELECT {proposal.id}, {entry}, proposed_at FROM editions_proposal LIMIT 1"


def attempts(officers: dict[str, Officer]) -> dict[str, str]:
    """Rows to attack, and one statement for each way."""
    ida, lena, otto = officers["ida"], officers["lena"], officers["otto"]

    def made(kind: str = "identified", series: str = SERIES, *, other: bool = False) -> Proposal:
        return Proposal.objects.create(
            kind=kind, series=series, reason="why", proposer=ida, proposer_unit=ida.unit, other_unit=other
        )

    def answered(state: str, kind: str = "identified", series: str = SERIES) -> Proposal:
        one = made(kind, series)
        one.state, one.answered_at = state, one.proposed_at
        if state != "withdrawn":
            one.confirmer, one.confirmer_unit = lena, lena.unit
        one.save()
        return one

    day = Proposal._meta.get_field("proposed_at").get_default().date()
    edition = Edition.objects.create(name="Open", opens=day, closes=day, made_by=ida)
    placed = Placed.objects.create(edition=edition, series="S-PLACED", handling_code="H1", placed_by=ida)
    waits, theirs = made(), made(other=True)
    refused, withdrawn, good = answered("refused"), answered("withdrawn"), answered("confirmed")
    elsewhere, merge = answered("confirmed", series="S-BBBBBBBB"), made("merge")
    Standing.objects.create(series=SERIES, state="taken", taken_by=ida, taken_unit=ida.unit)
    Ruling.objects.create(decision=1, kind="merge", largest_side=3)
    Step.objects.create(
        series=SERIES, before="prepared", after="taken", officer=ida, unit=ida.unit, version=1
    )

    entries = [append(ida, Did.DECIDED, f"series:{SERIES}").id for _ in range(4)]
    Handed.objects.create(decision=1, what="ruling", entry_id=entries[0])
    leaves, open_export = answered("confirmed", "export"), made("export")
    Release.objects.create(proposal=leaves, entry_id=entries[1])

    at = "answered_at = proposed_at"
    no = "FALSE" if connection.vendor == "postgresql" else "0"

    def answer(one: Proposal, who: Officer, unit: int, state: str = "confirmed") -> str:
        return (
            f"UPDATE editions_proposal SET state = '{state}', confirmer_id = {who.id}, "
            f"confirmer_unit_id = {unit}, {at} WHERE id = {one.id}"
        )

    def change(one: Proposal, what: str) -> str:
        return f"UPDATE editions_proposal SET {what} WHERE id = {one.id}"

    def insert(state: str, unit: int, series: str) -> str:
        return (
            "INSERT INTO editions_proposal (kind, state, series, asked, reason, other_unit, proposer_id, "
            "proposer_unit_id, proposed_at, answer, confirmer_id, confirmer_unit_id, answered_at, edition_id) "
            f"SELECT kind, '{state}', '{series}', asked, reason, {no}, proposer_id, {unit}, proposed_at, '', "
            f"confirmer_id, confirmer_unit_id, answered_at, edition_id FROM editions_proposal WHERE id = "
            f"{good.id if state == 'confirmed' else waits.id}"
        )

    def identify(proposal: str) -> str:
        return f"UPDATE series_standing SET state = 'identified', identified_by_id = {proposal} WHERE series = '{SERIES}'"

    # PostgreSQL has no such word: there it is a second row.
    replace = {"sqlite": "OR REPLACE"}.get(connection.vendor, "")

    def rule(proposal: str) -> str:
        return f"INSERT INTO series_ruling (decision, kind, largest_side, proposal_id) VALUES (2, 'merge', 51, {proposal})"

    return {
        "confirm one's own": answer(waits, ida, ida.unit_id),
        "confirm without a name": change(waits, f"state = 'confirmed', {at}"),
        "refuse without a name": change(waits, f"state = 'refused', {at}"),
        "answer an open one": answer(waits, lena, lena.unit_id, "open"),
        "confirm within the unit": answer(theirs, lena, lena.unit_id),
        "pretend another unit": answer(theirs, lena, otto.unit_id),
        "propose as another unit": insert("open", otto.unit_id, SERIES),
        "begin confirmed": insert("confirmed", ida.unit_id, SERIES),
        "propose without the edition's rule": insert("open", ida.unit_id, "S-PLACED"),
        "merge without the second series' rule": (
            "INSERT INTO editions_proposal (kind, state, series, asked, reason, other_unit, proposer_id, "
            "proposer_unit_id, proposed_at, answer) "
            f"""SELECT 'merge', 'open', '{SERIES}', '{{"series": ["{SERIES}", "S-PLACED"]}}', reason, {no}, """
            f"proposer_id, proposer_unit_id, proposed_at, '' FROM editions_proposal WHERE id = {waits.id}"
        ),
        "take the edition's rule away": change(theirs, f"other_unit = {no}"),
        "change the proposer": change(waits, f"proposer_id = {lena.id}"),
        "change what was asked": change(waits, """asked = '{"series": ["S-CCCCCCCC"]}'"""),
        "change the kind": change(waits, "kind = 'export'"),
        "change the reason": change(waits, "reason = 'another'"),
        "reopen": change(
            refused, "state = 'open', confirmer_id = NULL, confirmer_unit_id = NULL, answered_at = NULL"
        ),
        "confirm what was refused": change(refused, "state = 'confirmed'"),
        "confirm what was withdrawn": answer(withdrawn, lena, lena.unit_id),
        "rewrite an answer": change(good, "answer = 'another'"),
        "delete": f"DELETE FROM editions_proposal WHERE id = {waits.id}",
        "identify without a proposal": identify("NULL"),
        "identify by an open proposal": identify(str(waits.id)),
        "identify by a refused proposal": identify(str(refused.id)),
        "identify by another series' proposal": identify(str(elsewhere.id)),
        "insert an identified one": (
            "INSERT INTO series_standing (series, state, next_step, countries, identified_by_id, version, at) "
            f"SELECT 'S-DDDDDDDD', 'identified', '', countries, {good.id}, 1, at FROM series_standing"
        ),
        "keep a confirmation while at work": (
            f"UPDATE series_standing SET identified_by_id = {good.id} WHERE series = '{SERIES}'"
        ),
        "rule on many alone": rule("NULL"),
        "rule on many by an open proposal": rule(str(merge.id)),
        "rule on many by another kind": rule(str(good.id)),
        "change a ruling": "UPDATE series_ruling SET largest_side = 2",
        "delete a ruling": "DELETE FROM series_ruling",
        "change a step": "UPDATE series_step SET after = 'closed'",
        "delete a step": "DELETE FROM series_step",
        "change what became of a decision": "UPDATE series_handed SET what = 'dropped'",
        "delete what became of a decision": "DELETE FROM series_handed",
        "replace what became of a decision": handed(1, "ruling", entries[2], replace),
        "drop a decision that was made": handed(1, "dropped", entries[2]),
        "know of a decision without an entry": handed(2, "ruling", "NULL"),
        "let something leave twice": leave(leaves, entries[2]),
        "replace a release": leave(leaves, entries[2], replace),
        "let something leave by an open proposal": leave(open_export, entries[2]),
        "let something leave by another kind": leave(good, entries[2]),
        "change a release": f"UPDATE editions_release SET proposal_id = {good.id}",
        "delete a release": "DELETE FROM editions_release",
        "place below the floor": (
            "INSERT INTO access_placed (series, handling_code, edition_id, placed_by_id, placed_at) "
            f"SELECT 'S-EEEEEEEE', 'H0', edition_id, placed_by_id, placed_at FROM access_placed WHERE id = {placed.id}"
        ),
        "lower a place": f"UPDATE access_placed SET handling_code = 'H0' WHERE id = {placed.id}",
        "raise the floor over a place": f"UPDATE access_edition SET handling_code = 'H2' WHERE id = {edition.id}",
    }
