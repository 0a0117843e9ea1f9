"""The query box: what is written reads back the same, nonsense is refused in words, and the right members match."""

from __future__ import annotations

import contextlib
import gzip
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workbench.cast import give

# isort: split
from django.test import Client

from foureyes.engine.catalogue import SeriesSummary
from foureyes.workbench.accounts.models import Officer
from foureyes.workbench.series.selecting import FIELDS, FLAGS, NotUnderstood, Term, parse, written

pytest_plugins = ["workbench.stage"]

days = st.dates().map(str)
clocks = st.times().map(lambda time: f"{time:%H:%M}")
texts = st.text(st.characters(exclude_characters='"'), min_size=1, max_size=20).map(str.strip).filter(bool)
values = {
    "camera": texts,
    "path": texts,
    "source": texts,
    "day": st.one_of(days, st.just("none"), days.map("..{}".format), days.map("{}..".format)),
    "time": st.one_of(clocks, clocks.map("..{}".format)),
    "kind": st.sampled_from(["picture", "video", "undecoded"]),
    "has": st.sampled_from(["position", "camera", "time"]),
    "copies": st.integers(0, 999_999).map(str),
    "linked": st.text("0123456789abcdef", min_size=1, max_size=64),
    "mark": st.text("0123456789abcdef", min_size=1, max_size=64),
}


@st.composite
def terms(draw: st.DrawFn) -> Term:
    negated = draw(st.booleans())
    if draw(st.booleans()):
        return Term(draw(st.sampled_from(FLAGS)), negated=negated)
    field = draw(st.sampled_from(sorted(FIELDS)))
    operator = draw(st.sampled_from(":<>")) if field == "copies" else ":"
    chosen = draw(st.lists(values[field], min_size=1, max_size=3 if operator == ":" else 1))
    return Term(field, operator, tuple(chosen), negated)


@given(st.lists(terms(), max_size=4).map(tuple))
def test_what_is_written_is_read_as_the_same(query: tuple[Term, ...]) -> None:
    text = written(query)
    if len(text) <= 400:
        assert parse(text) == query


@given(st.text(max_size=500))
def test_any_text_is_a_query_or_refused_in_words(text: str) -> None:
    with contextlib.suppress(NotUnderstood):
        query = parse(text)
        assert parse(written(query)) == query


def ask(client: Client, series: SeriesSummary, query: str, here: str = "") -> tuple[list[int], str]:
    """Matching indexes, or what is said instead."""
    answer = client.get(f"/series/{series.id}/grid/find/", {"q": query, "here": here})
    told = answer.json()
    assert answer.status_code == 200
    return told.get("matches", []), told.get("message", "")


def count(client: Client, series: SeriesSummary, query: str) -> int:
    found, message = ask(client, series, query)
    assert message == "", query
    return len(found)


def test_members_match_what_is_stated_of_them(as_ida: Client, series: list[SeriesSummary]) -> None:
    lake = series[0]
    expected = {
        "": 0,
        "camera:nikon": 18,
        "camera:none": 36,
        "-camera:nikon": 36,
        "camera:canon,NIKON": 18,
        "day:2019-07-03": 18,
        "day:2019-07": 18,
        "day:..2019-07-02": 0,
        "day:2019-07-01..2019-07-03": 18,
        "day:none": 36,
        "time:14:05..14:09": 5,
        "has:position": 18,
        "has:time,camera": 18,
        "copies:2": 54,
        "copies>2": 0,
        "copies<1": 0,
        "kind:picture": 54,
        "source:laptop": 54,
        "path:IMG_0000": 1,
        'path:"lake/IMG_00"': 54,
        "unseen": 54,
        "-unseen": 0,
        "seen": 0,
        "settled": 0,
        "camera:nikon -time:14:05..14:09": 13,
    }
    assert {query: count(as_ida, lake, query) for query in expected} == expected
    assert sum(count(as_ida, one, "kind:video") for one in series) == 2


def test_linked_is_linked_to_the_one_stood_on(as_ida: Client, series: list[SeriesSummary]) -> None:
    marks = as_ida.get(f"/series/{series[0].id}/grid/").json()["marks"]
    found, _ = ask(as_ida, series[0], "linked", marks[0])
    assert found
    assert 0 not in found
    assert ask(as_ida, series[0], f"linked:{marks[0]}")[0] == found
    assert "Stand on a media first" in ask(as_ida, series[0], "linked")[1]


def test_what_was_revealed_is_seen_by_this_officer(
    as_ida: Client, series: list[SeriesSummary], otto: Officer, as_otto: Client
) -> None:
    marks = as_ida.get(f"/series/{series[0].id}/grid/").json()["marks"]
    body = json.dumps({"media": marks[:3], "series": series[0].id, "key": "k" * 16})
    as_ida.post("/media/reveal/", body, content_type="application/json")
    assert ask(as_ida, series[0], "seen")[0] == [0, 1, 2]
    assert ask(as_ida, series[0], "settled")[0] == [0], "ruled on in the fixture, and seen now"
    give(series[0].id, otto.unit)
    assert count(as_otto, series[0], "seen") == 0


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ("nikon", "“nikon” is no word of a query"),
        ("lens:50", "is no word of a query"),
        ("camera:", "something is missing"),
        ("kind:sculpture", "is none of: picture, video, undecoded"),
        ("day:yesterday", "is no day or time"),
        ("day:2019-07-05..2019-07-03", "ends before it begins"),
        ("copies:many", "write for example copies>2"),
        ("copies>1,2", "stands one number"),
        ("camera>1", "Only copies are counted"),
        ('camera:"nikon', "quotation mark is not closed"),
        ("x" * 401, "at most 400"),
    ],
)
def test_nonsense_is_refused_in_words(
    query: str, words: str, as_ida: Client, series: list[SeriesSummary]
) -> None:
    found, message = ask(as_ida, series[0], query)
    assert found == []
    assert words in message


def test_every_word_of_a_query_is_told_once(as_ida: Client, series: list[SeriesSummary]) -> None:
    _found, message = ask(as_ida, series[0], "nikon")
    words = message.split("There are: ")[1].rstrip(".").split(", ")
    assert len(words) == len(set(words)) > 10


def test_sources_and_paths_are_for_who_took_them_in(
    series: list[SeriesSummary], otto: Officer, as_otto: Client, as_ida: Client
) -> None:
    give(series[0].id, otto.unit)
    for query in ("source:laptop", "-path:secret"):
        assert "for the unit that took them in" in ask(as_otto, series[0], query)[1]
    assert "sources" not in as_otto.get(f"/series/{series[0].id}/grid/").json()
    packed = as_ida.get(f"/series/{series[0].id}/grid/", headers={"accept-encoding": "gzip"}).content
    assert json.loads(gzip.decompress(packed))["sources"] == ["Seized laptop"]
