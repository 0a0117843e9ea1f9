"""What review costs and what it brings: an officer who is always right answers until no question is left.

    python bench/review.py [--data DIR] [--json FILE] [--workers N]

DIR is that of bench/series.py, and so is the ground truth. A question counts as answered "yes" where its two
media share a true series. Questions about files that carry no truth are left open and not counted. Nothing
is tuned or kept. Beside it stands a made-up series of 5,000 media in scenes, some of which hang on little.
"""

from __future__ import annotations

import json
import tempfile
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from series import _arguments, taken_in
from series_scores import score
from series_truth import Labels, labels, paths_of

from foureyes.engine import series
from foureyes.engine.model import Decision, DecisionKind, Link, Question, QuestionKind, Series
from foureyes.engine.series import LinkEvidence
from foureyes.engine.series.questions import questions
from foureyes.engine.steps import finding

ROUNDS = 50
SCENES, SHOTS = 100, 50


@dataclass
class Effort:
    """What was answered."""

    yes: int = 0
    no: int = 0


def main() -> None:
    arguments = _arguments()
    with tempfile.TemporaryDirectory() as folder:
        with taken_in(arguments.data, Path(folder), arguments.workers) as catalogue:
            held = list(catalogue.linkable(series.FACTS))
            pairs = finding.near_media(catalogue).pairs
            known = labels(arguments.data, held, paths_of(catalogue))
        result: dict[str, object] = {"data": _reviewed(series.evidence(held, pairs), known)}
    result["made up"] = _made_up()
    print(json.dumps(result, indent=1))
    if arguments.json:
        arguments.json.write_text(json.dumps(result, indent=1) + "\n", encoding="utf-8")


def _reviewed(evidence: LinkEvidence, labels: Labels) -> dict[str, object]:
    decisions: list[Decision] = []
    built = series.build(evidence, decisions, ())
    before = score([one.members for one in built.series], labels.groups, labels)
    effort, curve = Effort(), []
    for _round in range(ROUNDS):
        asked = [
            one
            for one in series.open_still(questions(built.series, built.links, decisions), decisions)
            if labels.groups[one.a] or labels.groups[one.b]
        ]
        if not asked:
            break
        by_id = {one.id: one for one in built.series}
        for one in asked:
            if series.open_still([one], decisions):
                decisions.append(_answer(one, by_id, labels, effort, len(decisions) + 1))
        built = series.build(evidence, decisions, built.series)
        now = score([one.members for one in built.series], labels.groups, labels)
        curve.append((effort.yes + effort.no, round(now.precision, 4), round(now.recall, 4)))
    after = score([one.members for one in built.series], labels.groups, labels)
    media = len(evidence.media)
    return {
        "media": media,
        "pairs": media * (media - 1) // 2,
        "answers": asdict(effort),
        "before": asdict(before),
        "after": asdict(after),
        "answers, precision, recall": curve,
    }


def _answer(one: Question, by_id: dict[str, Series], labels: Labels, effort: Effort, number: int) -> Decision:
    """The ruling that the workbench would make of a right answer (`workbench/series/review_actions.py`)."""
    yes = bool(labels.groups[one.a] & labels.groups[one.b])
    effort.yes += yes
    effort.no += not yes
    inside = one.kind is QuestionKind.JOINT
    members = set(by_id[one.series].members)
    ids: tuple[str, ...] = (one.series,)
    media = one.few
    if inside:
        kind = DecisionKind.BELONGS if yes else DecisionKind.SPLIT
    elif yes and one.home is not None:
        kind, ids, media = DecisionKind.MERGE, (one.series, one.home), ()
        members |= set(by_id[one.home].members)
    else:
        kind = DecisionKind.BELONGS if yes else DecisionKind.DOES_NOT_BELONG
    at = datetime(2026, 1, 1, tzinfo=UTC) + timedelta(seconds=number)
    return Decision(number, kind, ids, media, tuple(sorted(members - set(media))), "bench", at, "right")


def _made_up() -> dict[str, object]:
    """One series of 5,000: runs of shots, each linked with the next two; some scenes hang on a day."""
    links: list[Link] = []
    names = [[f"{scene:04}{shot:04}".ljust(64, "0") for shot in range(SHOTS)] for scene in range(SCENES)]
    for scene, run in enumerate(names):
        for at, name in enumerate(run):
            links += [_link(name, other, 5.0) for other in run[at + 1 : at + 3]]
        if scene:
            strength = 4.0 if scene % 4 == 0 else 5.6
            links += [
                _link(names[scene - 1][-1], run[0], strength),
                _link(names[scene - 1][-2], run[0], strength),
                _link(names[scene - 1][-1], run[1], strength),
            ]
    members = tuple(sorted(name for run in names for name in run))
    one = Series("S-AAAAAAAA", "made up", False, members)
    began = time.process_time()
    asked: Sequence[Question] = questions([replace(one)], links, [])
    return {
        "media": len(members),
        "links": len(links),
        "pairs": len(members) * (len(members) - 1) // 2,
        "scenes that hang on little": sum(scene % 4 == 0 for scene in range(1, SCENES)),
        "questions": len(asked),
        "media in the first question": len(asked[0].few) if asked else 0,
        "cpu_seconds": round(time.process_time() - began, 3),
    }


def _link(a: str, b: str, strength: float) -> Link:
    return Link(min(a, b), max(a, b), "same-camera", strength, "made up")


if __name__ == "__main__":
    main()
