"""How kinds of links and decisions are called: every kind of the engine has a name that can be translated."""

from __future__ import annotations

import workbench.cast  # noqa: F401  sets Django up

# isort: split
from django.template import Context, Template

from foureyes.engine.model import DecisionKind
from foureyes.engine.series import LINKS
from foureyes.workbench.series.grids import COPY_KINDS, SCENE_KINDS
from foureyes.workbench.series.templatetags.kinds import NAMES, named


def test_every_kind_has_a_name() -> None:
    known = {*(kind.value for kind in DecisionKind), *(maker.name for maker in LINKS)}
    assert known == set(NAMES)
    assert {*COPY_KINDS, *SCENE_KINDS} <= known
    assert {named(kind) for kind in known} == {kind.replace("-", " ") for kind in known}


def test_an_unknown_kind_is_said_as_it_is() -> None:
    assert named("same-shoes") == "same shoes"


def test_a_name_is_no_markup() -> None:
    shown = Template("{% load kinds %}{{ kind|named }}").render(Context({"kind": "<b>"}))
    assert shown == "&lt;b&gt;"
