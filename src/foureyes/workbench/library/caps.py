"""How many reveals a day an officer has: what is used and left, and that in words. It refuses nothing."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.utils import timezone

from foureyes.workbench.accounts.models import Officer
from foureyes.workbench.library.models import Exposure

NEARLY = 0.8
"""Share of the cap from which the page says that it comes near."""


@dataclass(frozen=True, slots=True)
class Allowance:
    """Reveals of one officer on this day, in UTC."""

    seen: int
    cap: int

    @property
    def left(self) -> int:
        """How many more may be revealed today."""
        return max(0, self.cap - self.seen)

    @property
    def notice(self) -> str:
        """Words for the page from 80 % of the cap on; empty before."""
        if self.seen < NEARLY * self.cap:
            return ""
        return f"{self.seen:,} of {self.cap:,} reveals of today are used. Take a break, or let others look."

    def refusal(self, asked: int) -> str:
        """Why so many more are not revealed, and what to do."""
        if self.left:
            return (
                f"Not revealed: {self.left:,} of {self.cap:,} reveals are left today, and this asks for "
                f"{asked}. Choose {self.left:,} or fewer."
            )
        return (
            f"Not revealed: all {self.cap:,} reveals of today are used. Rest, or let a colleague look; "
            "the count begins anew at midnight UTC."
        )


def allowance_of(officer: Officer) -> Allowance:
    """What the officer used of today's reveals."""
    seen = Exposure.objects.filter(officer=officer, at__gte=day_began()).count()
    return Allowance(seen, settings.FOUREYES_REVEALS_A_DAY)


def day_began() -> datetime:
    """Midnight UTC, at which the count began."""
    return timezone.now().replace(hour=0, minute=0, second=0, microsecond=0)


def seconds_left_of_day() -> int:
    """Until the count begins anew."""
    return int((day_began() + timedelta(days=1) - timezone.now()).total_seconds()) + 1
