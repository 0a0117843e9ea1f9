"""Says to `editions` what a confirmed assessment does, and how its proposal reads."""

from __future__ import annotations

from collections.abc import Sequence

from django.utils.translation import gettext as _

from foureyes.workbench.accounts.models import Officer
from foureyes.workbench.editions.effects import EFFECTS, TOLD
from foureyes.workbench.editions.models import Proposal
from foureyes.workbench.findings.actions import assessments
from foureyes.workbench.findings.models import Assessment, Certainty
from foureyes.workbench.findings.reach import Sight


def register() -> None:
    """Called once, when Django starts."""
    EFFECTS[Proposal.Kind.ASSESSMENT] = assessments.take_effect
    TOLD[Proposal.Kind.ASSESSMENT] = _told


def _told(viewer: Officer, proposal: Proposal) -> Sequence[str]:
    assessment = Assessment.objects.filter(proposal=proposal).first()
    if assessment is None or not Sight(viewer).reads(assessment):
        return [_("Its handling code keeps what it says from your unit.")]
    rows = [
        f"{code}: {Certainty(certainty).label}" + ("" if share is None else f", {share} %")
        for code, certainty, share in assessment.countries
    ]
    codes = _("Source %(source)s, information %(information)s, %(code)s.") % {
        "source": assessment.source,
        "information": assessment.information,
        "code": assessment.handling_code,
    }
    return [*(rows or [_("Unknown: no country is likely.")]), codes, assessment.reasoning]
