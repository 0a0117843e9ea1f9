"""Assessments: a series' likely countries with the working shown, confirmed by a second person."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from foureyes.workbench.editions.models import Proposal
from foureyes.workbench.findings.models.base import Finding
from foureyes.workbench.findings.models.regions import Region


class Certainty(models.TextChoices):
    """How sure an officer is of a country, from the surest down."""

    NEAR_CERTAIN = "near-certain", _("almost certain")
    LIKELY = "likely", _("likely")
    POSSIBLE = "possible", _("possible")
    UNLIKELY = "unlikely", _("unlikely")


class Reliability(models.TextChoices):
    """Of the source: the 4x4 system."""

    A = "A", _("A: no doubt of the source")
    B = "B", _("B: mostly reliable")
    C = "C", _("C: mostly unreliable")
    X = "X", _("X: cannot be assessed")


class Information(models.TextChoices):
    """Of the information: the 4x4 system."""

    ONE = "1", _("1: known to be true")
    TWO = "2", _("2: known to the source, not to the officer")
    THREE = "3", _("3: not known to the source, corroborated")
    FOUR = "4", _("4: cannot be corroborated")


class Assessment(Finding):
    """What an officer concludes of a series. It stands as it was proposed; a later one takes its place."""

    countries = models.JSONField(default=list, blank=True)
    """Country, certainty and share in per cent or None, the surest first; empty for an honest "unknown"."""
    source = models.CharField(max_length=1, choices=Reliability)
    information = models.CharField(max_length=1, choices=Information)
    reasoning = models.TextField()
    clues = models.ManyToManyField(Region, related_name="assessments", blank=True)
    proposal = models.OneToOneField(
        Proposal, on_delete=models.PROTECT, null=True, blank=True, related_name="assessment"
    )
    """What the second person confirms; None for the moment in which both are made."""
    confirmed_at = models.DateTimeField(null=True, blank=True)
    """Set only where the proposal is confirmed: a trigger sees to it."""
    superseded_by = models.ForeignKey(
        "self", on_delete=models.PROTECT, null=True, blank=True, related_name="supersedes"
    )
    """The later confirmed one that took its place."""

    class Meta(Finding.Meta):
        """What the database itself ensures."""

        abstract = False
        constraints: ClassVar = [
            *Finding.Meta.constraints,
            models.CheckConstraint(condition=~Q(series=""), name="assessment_is_of_a_series"),
            models.CheckConstraint(condition=~Q(reasoning=""), name="assessment_shows_its_working"),
            models.CheckConstraint(
                condition=Q(source__in=Reliability.values, information__in=Information.values),
                name="assessment_has_known_codes",
            ),
            models.CheckConstraint(
                condition=Q(confirmed_at__isnull=True) | Q(proposal__isnull=False),
                name="assessment_confirmed_by_proposal",
            ),
            models.CheckConstraint(
                condition=Q(superseded_by__isnull=True) | Q(confirmed_at__isnull=False),
                name="assessment_superseded_once_confirmed",
            ),
        ]

    def __str__(self) -> str:
        return f"assessment {self.pk}"
