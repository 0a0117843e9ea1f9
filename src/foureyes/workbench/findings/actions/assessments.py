"""Assessments: proposed with the working shown; a second person's confirmation makes them stand.

What was proposed is never edited: a later assessment takes its place once it is confirmed itself.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from foureyes.workbench.access.rules import SHARED_CODES, Action, require
from foureyes.workbench.accounts.models import Officer
from foureyes.workbench.audit.actions import Did
from foureyes.workbench.editions import actions as editions
from foureyes.workbench.editions.models import Proposal
from foureyes.workbench.findings import texts
from foureyes.workbench.findings.actions import writing
from foureyes.workbench.findings.countries import codes_of
from foureyes.workbench.findings.errors import NotDone
from foureyes.workbench.findings.models import Assessment, Certainty, Information, Region, Reliability
from foureyes.workbench.findings.reach import About, Sight, ids_now
from foureyes.workbench.findings.subjects import subject_of
from foureyes.workbench.series.actions import set_countries

REASONING_AT_MOST = 50_000
COUNTRIES_AT_MOST = 30
CLUES_AT_MOST = 500
ALL = 100
LINE = re.compile(r"([A-Za-z]{2})\s+([a-z-]{4,12})(?:\s+(\d{1,3})\s*%?)?")
NUMBER = re.compile(r"[0-9]{1,12}")
SUREST = {value: place for place, value in enumerate(Certainty.values)}
REASON = "An assessment of countries."
"""It goes into the record, which has one language."""
Row = list[str | int | None]


@transaction.atomic
def propose(viewer: object, form: Mapping[str, str]) -> Assessment:
    """Write an assessment and ask for the second person who confirms it. Sent twice, it stands once.

    Args:
        viewer: Who concludes it.
        form: `on` (a series), `countries` (a line each, such as `PL likely 60`; none for "unknown"),
            `source`, `information`, `reasoning`, `clues` (numbers of regions), `handling_code`, `key`.

    Raises:
        django.http.Http404: the series is not there, or not for this viewer.
        NotDone: it makes no sense, shows no working, or nobody could confirm it.
    """
    subject = subject_of(viewer, form.get("on", ""))
    officer = require(viewer, Action.FIND, subject.about.asked)
    if subject.about.media:
        raise NotDone(_("An assessment is of a series."))
    if before := writing.sent_before(Assessment.objects.all(), officer, form.get("key", "")):
        return before
    if form.get("source") not in Reliability.values or form.get("information") not in Information.values:
        raise NotDone(_("Say how good the source and the information are."))
    clues = _clues(officer, subject.about, form.get("clues", ""))
    stated = writing.columns(
        officer, subject.about, form.get("handling_code", ""), form.get("key", ""), *clues
    )
    assessment = Assessment.objects.create(
        **stated,
        countries=countries_of(form.get("countries", "")),
        source=form["source"],
        information=form["information"],
        reasoning=texts.stored(form.get("reasoning", ""), at_most=REASONING_AT_MOST),
    )
    assessment.clues.set(clues)
    # The proposal repeats nothing of it: who sees the series may not be allowed to read a higher code.
    asked = {"assessment": assessment.pk, "digest": digest(assessment)}
    try:
        assessment.proposal = editions.propose(
            officer, Proposal.Kind.ASSESSMENT, subject.about.series, asked, REASON
        )
    except editions.NotDone as error:
        raise NotDone(str(error)) from error
    assessment.save(update_fields=["proposal"])
    detail: dict[str, str | int | list[str]] = {
        "countries": [" ".join(map(str, row)) for row in assessment.countries],
        "clues": [str(one.pk) for one in clues],
        "reasoning": writing.digest(assessment.reasoning),
        "proposal": assessment.proposal.pk,
    }
    writing.record(officer, Did.FINDING_WRITTEN, assessment, subject.about, detail)
    return assessment


def take_effect(proposal: Proposal, officer: Officer) -> None:
    """Let a confirmed assessment stand, in the transaction that confirms it.

    Raises:
        foureyes.workbench.editions.errors.NotDone: it is gone, not for this officer, or was changed.
    """
    assessment = Assessment.objects.select_for_update().filter(proposal=proposal).first()
    sight = Sight(officer)
    if assessment is None or not sight.reads(assessment):
        raise editions.NotDone(
            _("You may not read this assessment: its handling code keeps it from your unit.")
        )
    if proposal.asked.get("digest") != digest(assessment):
        raise editions.NotDone(_("It is not what was proposed any more. Nothing was changed."))
    about = sight.about(assessment)
    assessment.confirmed_at = timezone.now()
    assessment.version += 1
    assessment.save(update_fields=["confirmed_at", "version"])
    earlier = Assessment.objects.filter(
        series__in=ids_now(about.series), confirmed_at__isnull=False, superseded_by__isnull=True
    )
    earlier.exclude(pk=assessment.pk).update(superseded_by=assessment)
    writing.record(officer, Did.CONFIRMED, assessment, about, {"proposal": proposal.pk})
    if assessment.handling_code in SHARED_CODES:
        # The board shows countries to all who see the series: those of a higher code stay here.
        set_countries(officer, about.series, _for_board(assessment))


def digest(assessment: Assessment) -> str:
    """What a second person confirms: SHA-256 of all that it says."""
    said = [
        assessment.countries,
        assessment.source,
        assessment.information,
        assessment.reasoning,
        assessment.handling_code,
        sorted(assessment.clues.values_list("pk", flat=True)),
    ]
    return writing.digest(json.dumps(said, ensure_ascii=False))


def countries_of(untrusted_text: str) -> list[Row]:
    """Countries with certainty and share, the surest first; none for an honest "unknown".

    Raises:
        NotDone: a line is not understood, a country stands twice, or the shares make more than 100.
    """
    rows: list[Row] = []
    for line in filter(None, map(str.strip, untrusted_text.splitlines())):
        found = LINE.fullmatch(line)
        if not found or found[2] not in Certainty.values:
            raise NotDone(
                _("“%(line)s” is not understood: write a country, how sure you are, and perhaps a share.")
                % {"line": texts.seen(line[:60])}
            )
        rows.append([codes_of(found[1]), found[2], int(found[3]) if found[3] else None])
    codes = [row[0] for row in rows]
    if len(set(codes)) < len(codes) or len(codes) > COUNTRIES_AT_MOST:
        raise NotDone(_("Each country stands once, and at most 30 do."))
    if sum(share for *_rest, share in rows if isinstance(share, int)) > ALL:
        raise NotDone(_("The shares make more than 100 per cent."))
    return sorted(rows, key=lambda row: (SUREST[str(row[1])], -int(row[2] or 0), str(row[0])))


def _for_board(assessment: Assessment) -> list[tuple[str, str]]:
    likely = [row for row in assessment.countries if row[1] != Certainty.UNLIKELY]
    return [(str(row[0]), "confirmed") for row in likely]


def _clues(officer: Officer, about: About, untrusted_numbers: str) -> Sequence[Region]:
    numbers = [int(one) for one in untrusted_numbers.split()[:CLUES_AT_MOST] if NUMBER.fullmatch(one)]
    sight = Sight(officer)
    found = sight.those_read(Region.objects.filter(pk__in=numbers, withdrawn_at__isnull=True).order_by("id"))
    if len(found) != len(set(numbers)) or any(sight.about(one).series != about.series for one in found):
        raise NotDone(_("A clue that it rests on is gone, or in another series: choose again."))
    return found
