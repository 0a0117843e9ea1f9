"""Every address of the workbench, asked with what no page of ours sends: each answers in words, none falls over.

The officer may everything here, so that what they send gets as far as it can.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest

import foureyes.workbench
from contracts.test_access import TABLE, put, words
from workbench.cast import signed_in

# isort: split
from django.db import transaction
from django.http import HttpResponse
from django.test import Client
from django.urls import NoReverseMatch, reverse

from foureyes.workbench.accounts.models import Officer, Role, RoleHeld

pytest_plugins = ["workbench.stage"]

__all__ = ["words"]

HOSTILE = {
    "null byte": "a\0b",
    "beyond 64 bits": "9" * 25,
    "beyond what Python reads as a number": "9" * 5_000,
    "digits of another script": "\u0663",
    "long": "x" * 9_000,
    "no letters": "\U0001f441\u202e\u2028\x07\x1b[2J",
    "lone surrogate": "\ud800",
    "no number": "NaN",
    "lists in lists": "[" * 5_000,
}
IN_ADDRESSES = {
    "int": ["9" * 19, "9" * 25, "0"],
    "str": ["a\0b", "\U0001f441", "%ff", "..", "x" * 3_000, "9" * 25, "S-0", "a\nb"],
}
BODIES = [b"\xff\xfe", b"", b"[]", b"null", b"1e999", b"[" * 3_000, b"{" * 100]
TYPES = ["text/plain", "multipart/form-data; boundary=x", "multipart/form-data", "x"]
JSON_FIELDS = ["media", "series", "key", "what", "number", "settled", "name", "hash", "reason", "kind"]
IN_JSON: list[object] = [
    "\ud800",
    "a\0b",
    10**30,
    -1,
    1.5,
    None,
    [],
    {},
    [[]],
    [None],
    ["\ud800"],
    "x" * 70_000,
]
NO_FORM = 405

FIELD = re.compile(r'(?:GET|POST|asked|given|said)(?:\.get(?:list)?\(|\[)"([a-z_-]+)"')
FORM_FIELD = re.compile(r"^    ([a-z_]+) = forms\.", re.MULTILINE)
SOURCE = Path(foureyes.workbench.__file__).parent
NOT_SAFE_TO_SEND = {"accounts:sign-out"}
ACTS = {
    "series:act": [
        {"act": act, "series": "{series}", **more}
        for act, more in (
            ("next-step", {}),
            ("state", {"state": "taken"}),
            ("identified", {}),
            ("place", {"edition": "{edition}"}),
            ("place", {"code": "H1"}),
            ("assign", {"whom": "{edition}/unit:" + "9" * 5_000}),
            ("unassign", {"whom": "{edition}/officer:" + "9" * 5_000}),
            ("unassign", {"whom": "{edition}/officer:x"}),
            ("state", {"series": "{series}:" + "9" * 5_000, "state": "taken"}),
        )
    ],
    "series:decide": [{"kind": kind, "media": "{mark}"} for kind in ("split", "belongs", "merge")],
    "editions:seats": [{"unit": "{unit}"}],
}
"""What an address does by one of its fields: the others are hostile."""
ADDRESSES = sorted(set(TABLE) - NOT_SAFE_TO_SEND)
ANSWERS = {200, 204, 302, 400, 401, 403, 404, 405, 409, 413, 415, 422, 429}


def field_names() -> list[str]:
    """Names of all fields and parameters that any view reads, as the source writes them."""
    texts = [path.read_text(encoding="utf-8") for path in sorted(SOURCE.rglob("*.py"))]
    return sorted({name for text in texts for shape in (FIELD, FORM_FIELD) for name in shape.findall(text)})


FIELDS = field_names()


@pytest.fixture
def client(ida: Officer) -> Client:
    """The browser of an officer with every role that sees media."""
    kept = [Role.EXPERT, Role.COORDINATOR, Role.EXCHANGE, Role.APPEAL, Role.TRAINER]
    RoleHeld.objects.filter(officer=ida).delete()
    RoleHeld.objects.bulk_create(RoleHeld(officer=ida, role=role) for role in kept)
    client = signed_in(Officer.objects.get(pk=ida.pk))
    client.raise_request_exception = False
    return client


def status_of(ask: Callable[[], HttpResponse]) -> int:
    """What is answered; nothing that it did stays."""
    with transaction.atomic():
        status = ask().status_code
        transaction.set_rollback(True)
    return status


def at(name: str, words: dict[str, str]) -> str:
    return reverse(name, kwargs={key: put(value, words) for key, value in TABLE[name].kwargs.items()})


def test_no_field_fells_an_address(client: Client, words: dict[str, str]) -> None:
    fell = []
    takes_forms = {name for name in ADDRESSES if status_of(partial(client.post, at(name, words))) != NO_FORM}
    for name in ADDRESSES:
        address, case = at(name, words), TABLE[name]
        acts = [{key: put(value, words) for key, value in act.items()} for act in ACTS.get(name, [case.data])]
        for what, value in HOSTILE.items():
            sent = dict.fromkeys(FIELDS, value.encode("utf-8", "surrogatepass").decode("latin-1"))
            asked: list[Callable[[], HttpResponse]] = [
                partial(client.post, address, {**sent, **act}) for act in acts if name in takes_forms
            ]
            if case.method == "get":
                asked.append(partial(client.get, address, {key: one[:1_000] for key, one in sent.items()}))
            fell += [f"{name}, {what}: {status}" for status in map(status_of, asked) if status not in ANSWERS]
    assert fell == []


def test_no_name_in_an_address_fells_it(client: Client, words: dict[str, str]) -> None:
    """What is gone, or never was: the deep link leads to a page in words."""
    fell = []
    for name in ADDRESSES:
        case = TABLE[name]
        good = {key: put(value, words) for key, value in case.kwargs.items()}
        for key, value in good.items():
            for bad in IN_ADDRESSES["int" if value.isdigit() else "str"]:
                try:
                    address = reverse(name, kwargs={**good, key: bad})
                except NoReverseMatch:
                    continue
                status = status_of(partial(getattr(client, case.method), address))
                if status not in ANSWERS:
                    fell.append(f"{name}, {key}={bad[:30]!r}: {status}")
    assert fell == []


def test_no_body_fells_an_address(client: Client, words: dict[str, str]) -> None:
    fell = []
    for name in ADDRESSES:
        address, case = at(name, words), TABLE[name]
        if case.method == "get" and status_of(partial(client.post, address)) == NO_FORM:
            continue
        good = json.loads(put(case.body or "{}", words))
        wrong = [{**good, key: value} for key in good for value in IN_JSON]
        bodies = [json.dumps(one).encode() for one in (*wrong, dict.fromkeys(JSON_FIELDS, "\ud800"))]
        for body, kind in [
            *((body, "application/json") for body in (*BODIES, *bodies)),
            *((BODIES[0], kind) for kind in TYPES),
        ]:
            status = status_of(partial(client.post, address, body, content_type=kind))
            if status not in ANSWERS:
                fell.append(f"{name}, {body[:60]!r} as {kind}: {status}")
    assert fell == []
