"""Addresses of `findings`, and what each kind of officer gets from them."""

from __future__ import annotations

from contracts.addresses.case import MARK, SERIES, Case

NOTE, REGION, TASK, REQUEST = "{note}", "{region}", "{task}", "{request}"


def _act(kind: str, number: str, verb: str) -> dict[str, str]:
    return {"kind": kind, "number": number, "verb": verb}


SEES_NO_MEDIA = {"oversight": 404, "administrator": 404}

TABLE: dict[str, Case] = {
    "findings:of-series": Case(404, 200, {"series_id": SERIES}),
    "findings:on-decisions": Case(404, 200, {"series_id": SERIES}),
    "findings:of-media": Case(404, 200, {"mark": MARK}),
    "findings:inbox": Case(200, 200, query="?all=1"),
    "findings:inbox-read": Case(302, 302, method="post"),
    "findings:note": Case(404, 200, {"number": NOTE}),
    "findings:note-history": Case(404, 200, {"number": NOTE}),
    "findings:region": Case(404, 200, {"number": REGION}),
    "findings:elsewhere": Case(404, 200, {"number": REGION}),
    "findings:elsewhere-state": Case(404, 200, {"number": REGION}),
    "findings:elsewhere-begin": Case(404, 302, {"number": REGION}, "post"),
    "findings:elsewhere-stop": Case(302, 302, {"number": REGION}, "post", roles=SEES_NO_MEDIA),
    "findings:elsewhere-link": Case(404, 302, {"number": REGION}, "post", {"media": MARK}),
    "findings:elsewhere-unlink": Case(404, 302, {"number": REGION}, "post", {"other": "0"}),
    "findings:task": Case(404, 200, {"number": TASK}),
    "findings:request": Case(404, 200, {"number": REQUEST}),
    "findings:assessment": Case(404, 200, {"number": "{assessment}"}),
    "findings:names": Case(404, 200, query="?on=series:{series}&start=i"),
    "findings:new": Case(404, 200, {"kind": "note"}, query="?on=series:{series}"),
    "findings:edit": Case(404, 200, {"kind": "task", "number": TASK}),
    "findings:act": Case(404, 302, _act("region", REGION, "withdraw"), "post"),
    "findings:same": Case(404, 302, {"number": REGION}, "post", {"other": "0"}),
}
