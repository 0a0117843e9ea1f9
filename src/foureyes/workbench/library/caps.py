"""How many reveals a day an officer has: what is used and left, when a break is due, and that in words.

Soft: at each multiple of the soft cap a break falls due, during which nothing sharp is shown; one a day may
be put off, with a reason that is recorded. Hard: nothing sharp until midnight UTC, or until a coordinator
allows more, with a reason. It reads and refuses nothing itself: `actions` does.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Sum
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from foureyes.workbench.access.rules import Caps, caps_of
from foureyes.workbench.accounts.models import Officer
from foureyes.workbench.library.models import Break, Exposure, MoreAllowed
from foureyes.workbench.pages.numbers import grouped

NEARLY = 0.8
"""Share of the cap from which the page says that it comes near."""
PUT_OFF_SHARE = 4
"""A break that is put off falls due after a quarter of the soft cap more."""


@dataclass(frozen=True, slots=True)
class Allowance:
    """Reveals of one officer on this day, in UTC."""

    seen: int
    caps: Caps
    more: int = 0
    """What coordinators allowed beyond the hard cap today."""
    taken: int = 0
    """Breaks of today that are over."""
    until: datetime | None = None
    """When the break that runs now ends."""
    put_off: bool = False
    """The one break that may be put off today was."""
    put_off_at: tuple[int, int] | None = None
    """Number of the break that was put off, and the reveals of the day then."""

    @property
    def cap(self) -> int:
        """The hard cap of today."""
        return self.caps.hard + self.more

    @property
    def left(self) -> int:
        """How many more may be revealed today."""
        return max(0, self.cap - self.seen)

    @property
    def next_break(self) -> int:
        """Reveals at which the next break falls due."""
        number = self.taken + 1
        if self.put_off_at is not None and self.put_off_at[0] == number:
            return self.put_off_at[1] + max(1, self.caps.soft // PUT_OFF_SHARE)
        return max(1, self.caps.soft) * number

    @property
    def break_due(self) -> bool:
        """Whether nothing sharp is shown before a break."""
        return self.until is not None or (self.seen >= self.next_break and self.left > 0)

    @property
    def notice(self) -> str:
        """Words for the page from 80 % of the cap on; empty before."""
        if self.seen < NEARLY * self.cap:
            return ""
        return _("%(seen)s of %(cap)s reveals of today are used. Take a break, or let others look.") % {
            "seen": grouped(self.seen),
            "cap": grouped(self.cap),
        }

    def refusal(self, asked: int) -> str:
        """Why so many more are not revealed, and what to do."""
        numbers = {"left": grouped(self.left), "cap": grouped(self.cap), "asked": asked}
        if self.left:
            return (
                _(
                    "Not revealed: %(left)s of %(cap)s reveals are left today, and this asks for "
                    "%(asked)s. Choose %(left)s or fewer."
                )
                % numbers
            )
        return (
            _(
                "Not revealed: all %(cap)s reveals of today are used. Rest, or let a colleague look; "
                "the count begins anew at midnight UTC, or a coordinator allows more."
            )
            % numbers
        )

    def rest(self) -> str:
        """What the break screen says."""
        minutes = self.minutes_left
        return ngettext(
            "You have seen %(seen)s media today. Time for a break: %(minutes)s minute without pictures.",
            "You have seen %(seen)s media today. Time for a break: %(minutes)s minutes without pictures.",
            minutes,
        ) % {"seen": grouped(self.seen), "minutes": minutes}

    @property
    def minutes_left(self) -> int:
        """Of the break that runs, else the length of the one that is due; begun minutes count."""
        if self.until is None:
            return self.caps.break_minutes
        return max(0, -(-int((self.until - timezone.now()).total_seconds()) // 60))


def allowance_of(officer: Officer) -> Allowance:
    """What the officer used of today's reveals. A fixed number of queries."""
    began, now = day_began(), timezone.now()
    breaks = list(Break.objects.filter(officer=officer, began__gte=began))
    running = [one.until for one in breaks if not one.put_off and one.until > now]
    put_off = [(one.number, one.seen) for one in breaks if one.put_off]
    more = MoreAllowed.objects.filter(officer=officer, at__gte=began).aggregate(sum=Sum("reveals"))["sum"]
    return Allowance(
        seen=Exposure.objects.filter(officer=officer, at__gte=began).count(),
        caps=caps_of(officer),
        more=more or 0,
        taken=sum(1 for one in breaks if not one.put_off and one.until <= now),
        until=max(running, default=None),
        put_off=bool(put_off),
        put_off_at=put_off[0] if put_off else None,
    )


def day_began() -> datetime:
    """Midnight UTC, at which the count began."""
    return timezone.now().replace(hour=0, minute=0, second=0, microsecond=0)


def seconds_left_of_day() -> int:
    """Until the count begins anew."""
    return int((day_began() + timedelta(days=1) - timezone.now()).total_seconds()) + 1
