"""Who is on a series: they come, move, stay and are forgotten by the clock. No thread and no server here."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from workbench.cast import PASSWORD

# isort: split
from foureyes.workbench.live.notifying import BYTES_AT_MOST, signs_in, written
from foureyes.workbench.live.presence import (
    BETWEEN_MOVES_SECONDS,
    GRACE_SECONDS,
    STAYS_SECONDS,
    Brief,
    Here,
    Moved,
    Presence,
    Sign,
)

assert PASSWORD
IDA, OTTO = (
    Brief("ida", "Ida Berg", "Holding unit (NL)", "NL"),
    Brief("otto", "otto", "Other unit (AT)", "AT"),
)


class Clock:
    """A clock that stands still until it is told to go on."""

    now = 1_000.0

    def __call__(self) -> float:
        return self.now


def test_who_is_there_until_no_sign_of_life_comes() -> None:
    clock = Clock()
    present = Presence(clock)
    present.arrive("series", OTTO)
    present.arrive("series", IDA)
    assert present.who(["series", "other"]) == {"series": [Here(IDA), Here(OTTO)]}
    clock.now += STAYS_SECONDS - 1
    present.arrive("series", IDA)
    clock.now += 2
    assert present.who(["series"]) == {"series": [Here(IDA)]}
    changed = present.changes()["series"]
    assert (changed.came, changed.gone) == ([Here(IDA)], ["otto"])
    clock.now += STAYS_SECONDS
    assert present.who(["series"]) == {}
    assert present.changes()["series"].gone == ["ida"]
    assert present.everywhere() == []
    assert present.changes() == {}


def test_a_reload_does_not_look_like_leaving() -> None:
    clock = Clock()
    present = Presence(clock)
    present.arrive("series", IDA)
    present.changes()
    present.leave("series", "ida")
    clock.now += GRACE_SECONDS / 2
    present.arrive("series", IDA)
    clock.now += GRACE_SECONDS
    assert present.changes() == {}
    present.leave("series", "ida")
    clock.now += GRACE_SECONDS
    assert present.changes()["series"].gone == ["ida"]


def test_moves_are_told_once_and_not_too_often() -> None:
    clock = Clock()
    present = Presence(clock)
    assert present.move("series", "ida", "grid", "a" * 16) is Moved.NOT_HERE
    present.arrive("series", IDA)
    present.changes()
    assert present.move("series", "ida", "grid", "a" * 16) is Moved.DONE
    assert present.move("series", "ida", "grid", "b" * 16) is Moved.TOO_SOON
    clock.now += BETWEEN_MOVES_SECONDS
    assert present.move("series", "ida", "notes", "") is Moved.DONE
    assert present.changes()["series"].moved == [Here(IDA, "notes", "")]
    present.arrive("series", IDA)
    assert present.changes() == {}


def test_a_hidden_place_is_not_told_to_anybody() -> None:
    present = Presence(Clock())
    present.arrive("series", IDA)
    present.move("series", "ida", "grid", "a" * 16)
    present.arrive("series", IDA, place_hidden=True)
    assert present.who(["series"])["series"] == [Here(IDA, place_hidden=True)]
    clock = Clock()
    hidden = Presence(clock)
    hidden.arrive("series", IDA, place_hidden=True)
    assert hidden.move("series", "ida", "grid", "a" * 16) is Moved.DONE
    assert hidden.who(["series"])["series"] == [Here(IDA, place_hidden=True)]


def test_initials() -> None:
    assert [one.initials for one in (IDA, OTTO, Brief("x", "", ""), Brief("y", "Ann Mary Lee", ""))] == [
        "IB",
        "OT",
        "?",
        "AL",
    ]


names = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=120)
signs = st.builds(
    Sign,
    names,
    st.builds(Here, st.builds(Brief, names, names, names, st.just("NL")), names, names, st.booleans()),
    st.integers(0, 45).map(float),
)


@given(st.lists(signs, max_size=60))
def test_processes_tell_each_other_every_sign_in_notifications_that_fit(said: list[Sign]) -> None:
    payloads = written("me", said)
    assert all(len(payload.encode()) <= BYTES_AT_MOST for payload in payloads)
    heard = [signs_in(payload) for payload in payloads]
    assert [sign for _, signs in heard for sign in signs] == said
    assert {sender for sender, _ in heard} <= {"me"}
