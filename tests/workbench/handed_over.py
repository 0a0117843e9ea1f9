"""Rulings in a process of its own that is broken on purpose: killed, or its COMMIT refused by the database itself.

A test's own database is never committed to, so nothing there can break at its COMMIT.
"""

from __future__ import annotations

import json
import os
import signal
import sys
from collections.abc import Callable
from typing import Any

from django.db import IntegrityError, connection, transaction

from foureyes.engine.catalogue import Catalogue
from foureyes.engine.errors import StorageFull
from foureyes.workbench import serving
from foureyes.workbench.accounts.models import Officer
from foureyes.workbench.audit.models import Entry
from foureyes.workbench.audit.queries import verify
from foureyes.workbench.library.holdings import catalogue
from foureyes.workbench.series import actions, handing, regrouping, settling
from foureyes.workbench.series.models import Handed

NOBODY = (
    "INSERT INTO series_reviewclaim (question, officer_id, until) VALUES ('poison', 999999, '2030-01-01')"
)
POISON = {
    "sqlite": [
        f"CREATE TRIGGER poison AFTER INSERT ON series_handed WHEN NEW.what = '{{what}}' BEGIN {NOBODY}; END"
    ],
    "postgresql": [
        (
            "CREATE FUNCTION poisoned() RETURNS trigger LANGUAGE plpgsql AS "
            f"$$ BEGIN {NOBODY}; RETURN NEW; END $$"
        ),
        (
            "CREATE TRIGGER poison AFTER INSERT ON series_handed FOR EACH ROW WHEN (NEW.what = '{what}') "
            "EXECUTE FUNCTION poisoned()"
        ),
    ],
}
"""A foreign key that is checked at the COMMIT: every statement succeeds, and the COMMIT is refused."""
CURE = {
    "sqlite": ["DROP TRIGGER poison"],
    "postgresql": ["DROP TRIGGER poison ON series_handed", "DROP FUNCTION poisoned()"],
}


def main(way: str) -> None:
    """Do one of the ways below in a prepared workspace and print how everything stands then."""
    # Grouping anew loads an engine in a further process; nothing here depends on what it finds.
    regrouping._put_off.set([])
    serving.make_first_officer(("ida", "correct horse battery"), say=lambda _line: None)
    sys.stdout.write(json.dumps(WAYS[way]() | stands()) + "\n")


def stands() -> dict[str, Any]:
    """Decisions of the engine beside what the record says of them."""
    binding = [one.id for one in catalogue().decisions()]
    said = Entry.objects.filter(action__in=ABOUT).order_by("id").values_list("action", "officer", "thing")
    return {
        "every": len(catalogue().ruling_marks()),
        "binding": binding,
        "withdrawn": [mark.id for mark in catalogue().ruling_marks() if mark.withdrawn],
        "said": [" ".join(one) for one in said],
        "unknown": [number for number in binding if not Handed.objects.filter(decision=number).exists()],
        "record": verify().problem,
        "catalogue": len(list(catalogue().verify())),
    }


ABOUT = ("decided", "withdrew", "decided-elsewhere", "withdrew-elsewhere", "ruling-dropped")


def rule() -> dict[str, Any]:
    """Rule that a media does not belong."""
    series = catalogue().series_list()[0].id
    mark = min(catalogue().members_of(series))[:16]
    ida = Officer.objects.get(username="ida")
    done = actions.decide(ida, series, "does-not-belong", [mark], "", "another lake")
    assert isinstance(done, actions.Done)
    return {"told": done.grouped.value, "held": done.decision.held}


def withdraw() -> dict[str, Any]:
    """Take the newest decision back."""
    done = actions.withdraw(Officer.objects.get(username="ida"), catalogue().ruling_marks()[-1].id, "wrong")
    assert isinstance(done, actions.Done)
    return {"told": done.grouped.value}


def settle() -> dict[str, Any]:
    """As the server does when it starts."""
    return {"settled": settling.settle(), "again": settling.settle()}


def poisoned(what: str, call: Callable[[], dict[str, Any]]) -> dict[str, Any]:
    """The COMMIT is refused; then the database is well again, and the same is asked for once more."""
    _run(one.format(what=what) for one in POISON[connection.vendor])
    try:
        call()
    except IntegrityError as error:
        refused = str(error).splitlines()[0]
    between = stands()
    _run(CURE[connection.vendor])
    told = {"refused": refused, "between": between, "settled": settling.settle(), "again": settling.settle()}
    return told | {"after": stands(), "once more": call()}


def killed_at(step: str) -> Callable[[], dict[str, Any]]:
    """SIGKILL at a step of a ruling."""

    def killed(*_arguments: object, **_named: object) -> None:
        os.kill(os.getpid(), signal.SIGKILL)

    def call() -> dict[str, Any]:
        if step == "before the commit":
            handing.Handed.objects.create = killed  # type: ignore[method-assign]  # killed at this very call
            return rule()
        if step == "after the commit":
            Catalogue.release_decision = killed  # type: ignore[method-assign]  # killed at this very call
            return rule()
        rule()
        Catalogue.withdraw_decision = killed  # type: ignore[method-assign]  # killed at this very call
        return withdraw()

    return call


def full() -> dict[str, Any]:
    """The catalogue has no room when the ruling, already recorded, is to be released."""
    whole = Catalogue.release_decision

    def no_room(*_arguments: object) -> bool:
        raise StorageFull("The disk is full.")

    Catalogue.release_decision = no_room  # type: ignore[method-assign]  # killed at this very call
    told = rule()
    between = stands()
    Catalogue.release_decision = whole  # type: ignore[method-assign]  # killed at this very call
    return told | {"between": between, "settled": settling.settle()}


def before_there_were_rows() -> dict[str, Any]:
    """Decisions of a workbench of the time before: their entries are known again, and nothing is said twice."""
    rule()
    withdraw()
    drop = {
        "sqlite": "DROP TRIGGER series_handed_no_delete",
        "postgresql": "ALTER TABLE series_handed DISABLE TRIGGER USER",
    }
    with transaction.atomic():
        _run([drop[connection.vendor], "DELETE FROM series_handed"])
    return {"settled": settling.settle(), "rows": Handed.objects.count()}


def _run(statements: Any) -> None:
    with connection.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)


WAYS: dict[str, Callable[[], dict[str, Any]]] = {
    "rule": rule,
    "settle": settle,
    "refused ruling": lambda: poisoned("ruling", rule),
    "refused withdrawal": lambda: rule() | poisoned("withdrawal", withdraw),
    "killed before the commit": killed_at("before the commit"),
    "killed after the commit": killed_at("after the commit"),
    "killed before the withdrawal": killed_at("before the withdrawal"),
    "full": full,
    "before there were rows": before_there_were_rows,
}
