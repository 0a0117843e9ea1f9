"""What the workbench itself knows of series: where each stands, what is written, was read, was asked."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from foureyes.workbench.accounts.models import Unit
from foureyes.workbench.audit.models import Entry
from foureyes.workbench.editions.models import Proposal


class ChangesRead(models.Model):
    """What one officer marked as read."""

    officer = models.OneToOneField(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="changes_read"
    )
    change = models.BigIntegerField()
    """Number of the last change, as the engine counts them."""
    at = models.DateTimeField(default=timezone.now)

    def __str__(self) -> str:
        return f"{self.officer_id} up to {self.change}"


class State(models.TextChoices):
    """Where a series stands in the taskforce's work, in the order of that work."""

    PREPARED = "prepared", _("prepared")
    TAKEN = "taken", pgettext_lazy("state of a series", "taken")
    UNDER_ANALYSIS = "under-analysis", _("under analysis")
    LOCATED = "located", _("located")
    REFERRED = "referred", _("referred")
    IDENTIFIED = "identified", _("identified")
    CLOSED = "closed", _("closed")


class Standing(models.Model):
    """Where one series stands: state, next step, who took it, countries. Made when first needed.

    It is of the series, not of an edition: what one edition began the next goes on with.
    """

    series = models.CharField(max_length=40, primary_key=True)
    """The series' id in the catalogue."""
    state = models.CharField(max_length=16, choices=State, default=State.PREPARED)
    next_step = models.CharField(max_length=200, blank=True)
    taken_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="series_taken",
    )
    taken_unit = models.ForeignKey(
        Unit, on_delete=models.PROTECT, null=True, blank=True, related_name="series_taken"
    )
    countries = models.JSONField(default=list, blank=True)
    """Pairs of ISO 3166-1 alpha-2 and `suspected` or `confirmed`, the likeliest first."""
    identified_by = models.ForeignKey(
        Proposal, on_delete=models.PROTECT, null=True, blank=True, related_name="identified"
    )
    """The confirmed proposal without which no series is identified (a trigger checks it)."""
    version = models.PositiveIntegerField(default=0)
    """Rises with every change: who changes what they have not seen is refused."""
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        """What the database itself ensures."""

        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(state__in=State.values), name="standing_state_is_known"),
            models.CheckConstraint(
                condition=~Q(state="identified") | Q(identified_by__isnull=False),
                name="identified_by_four_eyes",
            ),
            models.CheckConstraint(
                condition=Q(identified_by__isnull=True) | Q(state__in=["identified", "closed"]),
                name="only_the_identified_are_identified",
            ),
            models.CheckConstraint(
                condition=Q(taken_by__isnull=True, taken_unit__isnull=True)
                | Q(taken_by__isnull=False, taken_unit__isnull=False),
                name="taken_by_an_officer_of_a_unit",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.series} {self.state}"


class Step(models.Model):
    """One change of state, for the load and progress of units, and for undo. Never changed."""

    series = models.CharField(max_length=40)
    before = models.CharField(max_length=16, choices=State)
    after = models.CharField(max_length=16, choices=State)
    officer = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="steps")
    unit = models.ForeignKey(Unit, on_delete=models.PROTECT, related_name="steps")
    version = models.PositiveIntegerField()
    """Of the standing that it made."""
    undoes = models.OneToOneField(
        "self", on_delete=models.PROTECT, null=True, blank=True, related_name="undone_by"
    )
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        """What the database itself ensures."""

        indexes: ClassVar = [
            models.Index(fields=["series", "id"], name="step_by_series"),
            models.Index(fields=["at"], name="step_by_time"),
        ]

    def __str__(self) -> str:
        return f"{self.series} {self.before} to {self.after}"


class Tally(models.Model):
    """How many notes and decisions a unit made on a series on one day. Of units, never of a person."""

    day = models.DateField()
    unit = models.ForeignKey(Unit, on_delete=models.PROTECT, related_name="+")
    series = models.CharField(max_length=40)
    what = models.CharField(max_length=40)
    """A value of `live.actions.What`."""
    count = models.PositiveIntegerField(default=0)

    class Meta:
        """What the database itself ensures."""

        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["day", "unit", "series", "what"], name="one_tally_per_day_unit_series_and_kind"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.count} {self.what} of {self.unit_id} on {self.day}"


class Written(models.Model):
    """A text that people wrote or the machine read, for the search of the board (`words`)."""

    thing = models.CharField(max_length=100, unique=True)
    """What holds it: `note:12`, `task:3`, `clue:7`."""
    series = models.CharField(max_length=40)
    folded = models.TextField()
    """The text without case, accents and surplus space: what is searched."""

    class Meta:
        """What the database itself ensures."""

        indexes: ClassVar = [models.Index(fields=["series"], name="written_by_series")]

    def __str__(self) -> str:
        return f"{self.thing} in {self.series}"


class Ruling(models.Model):
    """A merge or split that was handed to the engine, with the second pair of eyes that a large one needs."""

    decision = models.BigIntegerField(unique=True, null=True)
    """Number of the engine's decision: written once, in the transaction that handed it over."""
    kind = models.CharField(max_length=16)
    largest_side = models.PositiveIntegerField()
    """Media on the larger side when it was ruled."""
    proposal = models.ForeignKey(
        Proposal, on_delete=models.PROTECT, null=True, blank=True, related_name="rulings"
    )

    class Meta:
        """What the database itself ensures."""

        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(largest_side__lte=50) | Q(proposal__isnull=False),
                name="large_rulings_by_four_eyes",
            ),
        ]

    def __str__(self) -> str:
        return f"decision {self.decision}, {self.kind} of {self.largest_side}"


class Handed(models.Model):
    """That the record knows what became of an engine's decision. Never changed; none without its entry."""

    class What(models.TextChoices):
        """What the entry says."""

        RULING = "ruling"
        WITHDRAWAL = "withdrawal"
        DROPPED = "dropped"
        """It was never recorded, and so never binds."""

    decision = models.BigIntegerField()
    """Number of the engine's decision."""
    what = models.CharField(max_length=10, choices=What)
    entry = models.OneToOneField(Entry, on_delete=models.PROTECT, related_name="handed")

    class Meta:
        """What the database itself ensures."""

        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(what__in=["ruling", "withdrawal", "dropped"]), name="handed_is_known"
            ),
            models.UniqueConstraint(fields=["decision", "what"], name="handed_once"),
            models.UniqueConstraint(
                fields=["decision"],
                condition=Q(what__in=["ruling", "dropped"]),
                name="made_or_dropped",
            ),
        ]

    def __str__(self) -> str:
        return f"decision {self.decision}: {self.what} by entry {self.entry_id}"


class SavedView(models.Model):
    """Filters of the board under a name."""

    officer = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="saved_views"
    )
    unit = models.ForeignKey(Unit, on_delete=models.CASCADE, related_name="saved_views")
    name = models.CharField(max_length=60)
    query = models.CharField(max_length=1000, blank=True)
    """The address' question, as the board itself writes it."""
    shared = models.BooleanField(default=False)
    """All officers of the unit see it."""
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        """What the database itself ensures."""

        constraints: ClassVar = [
            models.UniqueConstraint(fields=["officer", "name"], name="one_saved_view_per_name"),
        ]

    def __str__(self) -> str:
        return self.name


class Followed(models.Model):
    """Up to where placements followed merges and splits of series (`following`). One row."""

    id = models.PositiveSmallIntegerField(primary_key=True, default=1)
    change = models.BigIntegerField(default=0)
    """Number of the last change, as the engine counts them."""

    class Meta:
        """What the database itself ensures."""

        constraints: ClassVar = [models.CheckConstraint(condition=Q(id=1), name="followed_once")]

    def __str__(self) -> str:
        return f"followed up to {self.change}"


class ReviewClaim(models.Model):
    """A question that one officer is looking at: nobody else is asked it meanwhile."""

    question = models.CharField(max_length=40, unique=True)
    """Key of the question, as the engine names it."""
    officer = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    until = models.DateTimeField()

    class Meta:
        """What the database itself ensures."""

        constraints: ClassVar = [
            # An officer looks at one question at a time: taking the next lets go of the last.
            models.UniqueConstraint(fields=["officer"], name="one_review_claim_an_officer")
        ]

    def __str__(self) -> str:
        return f"{self.question} by {self.officer_id} until {self.until}"


class ReviewAnswer(models.Model):
    """What an officer answered to a question of the engine, and how much that settled."""

    class Answer(models.TextChoices):
        """Whether the two groups belong together."""

        YES = "yes", _("They belong together")
        NO = "no", _("They do not")

    question = models.CharField(max_length=40)
    series = models.CharField(max_length=40)
    """Id of the series when it was asked."""
    officer = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="review_answers"
    )
    answer = models.CharField(max_length=3, choices=Answer)
    decision = models.BigIntegerField(null=True, blank=True)
    """Number of the engine's decision; None while a second pair of eyes is waited for."""
    proposal = models.BigIntegerField(null=True, blank=True)
    """Number of the proposal that waits for a second pair of eyes, if any."""
    media = models.PositiveIntegerField()
    """Media that the answer settled."""
    at = models.DateTimeField(default=timezone.now)
    undone_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        """What the database itself ensures."""

        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["question"], condition=Q(undone_at__isnull=True), name="one_standing_answer"
            ),
            models.CheckConstraint(
                condition=Q(answer__in=["yes", "no"])
                & (Q(decision__isnull=False) | Q(proposal__isnull=False)),
                name="answer_has_effect",
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["series", "undone_at"], name="review_answer_by_series"),
            models.Index(fields=["officer", "id"], name="review_answer_by_officer"),
        ]

    def __str__(self) -> str:
        return f"{self.answer} to {self.question} by {self.officer_id}"
