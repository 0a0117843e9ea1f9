"""How many decisions a person must take until the series are right: by order of the questions.

An officer who is always right answers one question at a time. Beside it stands whoever has copies only, is
always right too, and sees without being told which two groups to put together next: the fewest decisions that
there can be without proposals.
"""

from __future__ import annotations

import heapq
import random
from collections import Counter
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta

from series_scores import Groups, score
from series_truth import Labels

from foureyes.engine import series
from foureyes.engine.model import Decision, Question, QuestionKind, Series
from foureyes.engine.series import Built, LinkEvidence
from foureyes.engine.steps.reviewing import ruling_of

ENOUGH = 0.98
ROUNDS = 30
Order = Callable[[Sequence[Question]], list[Question]]


def by_worth(asked: Sequence[Question]) -> list[Question]:
    """As they come."""
    return list(asked)


def by_chance(seed: int) -> Order:
    """In a random order."""
    numbers = random.Random(seed)

    def order(asked: Sequence[Question]) -> list[Question]:
        return numbers.sample(list(asked), len(asked))

    return order


def reviewed(evidence: LinkEvidence, built: Built, labels: Labels, order: Order) -> dict[str, object]:
    """Answers until B-cubed F1 is enough, and until no question is left."""
    decisions: list[Decision] = []
    memory = series.Memory()
    curve = [(0, _f1(built, labels))]
    counts = Counter[str]()
    if curve[0][1] >= ENOUGH:
        return _effort(counts, curve, enough=True)
    for _round in range(ROUNDS):
        found = series.questions(built.series, built.links, decisions, loners=True)
        asked = [one for one in series.open_still(found, decisions) if _known(one, labels)]
        if not asked:
            break
        by_id = {one.id: one for one in built.series}
        for one in order(asked):
            if series.open_still([one], decisions):
                yes = bool(labels.groups[one.a] & labels.groups[one.b])
                counts["yes" if yes else "no"] += 1
                decisions.append(_ruling(one, by_id, yes, len(decisions) + 1))
                if counts.total() % 5 == 0 or counts.total() < 30:
                    built = series.build(evidence, decisions, built.series, memory=memory)
                    by_id |= {one.id: one for one in built.series}
                    curve.append((counts.total(), _f1(built, labels)))
                    if curve[-1][1] >= ENOUGH:
                        return _effort(counts, curve, enough=True)
        built = series.build(evidence, decisions, built.series, memory=memory)
        curve.append((counts.total(), _f1(built, labels)))
    return _effort(counts, curve, enough=curve[-1][1] >= ENOUGH)


def with_proposals(built: Built, asked: Sequence[Question], labels: Labels) -> Groups:
    """The groups once all proposals that stand now were answered right; nobody looked at a joint."""
    home = {one: {one} for one in (*labels.judged, *labels.intruders)}
    for one in built.series:
        group = set(one.members)
        home |= dict.fromkeys(group, group)
    for question in asked:
        a, b = home.get(question.a), home.get(question.b)
        true = labels.groups.get(question.a, frozenset()) & labels.groups.get(question.b, frozenset())
        if question.kind is QuestionKind.BETWEEN and true and a is not None and b is not None and a is not b:
            a |= b
            home |= dict.fromkeys(b, a)
    return [
        sorted(group) for group in {id(group): group for group in home.values()}.values() if len(group) > 1
    ]


def by_hand(groups: Groups, labels: Labels) -> dict[str, object]:
    """Merges until B-cubed F1 is enough, the largest gain first, for groups without a false pair."""
    parts: dict[str, list[set[str]]] = {}
    single = set(labels.judged) - {one for group in groups for one in group}
    for group in [*groups, *([one] for one in sorted(single))]:
        kept = {one for one in group if one in labels.judged}
        for name in sorted({name for one in kept for name in labels.groups[one]})[:1]:
            parts.setdefault(name, []).append(kept)
    waiting = [(-_gain(own), name) for name, own in parts.items() if len(own) > 1]
    heapq.heapify(waiting)
    merges = 0
    while waiting:
        now = score(
            [sorted(one) for own in parts.values() for one in own if len(one) > 1], labels.groups, labels
        )
        if now.b3_f1 >= ENOUGH:
            break
        _, name = heapq.heappop(waiting)
        own = sorted(parts[name], key=len, reverse=True)
        own[0] |= own.pop(1)
        parts[name] = own
        merges += 1
        if len(own) > 1:
            heapq.heappush(waiting, (-_gain(own), name))
    return {"decisions": merges, "reached": not waiting or now.b3_f1 >= ENOUGH}


def _gain(own: Sequence[set[str]]) -> float:
    """What joining the two largest parts brings in recall."""
    a, b = sorted((len(one) for one in own), reverse=True)[:2]
    return 2 * a * b / sum(len(one) for one in own)


def _known(question: Question, labels: Labels) -> bool:
    """Whether anything is known of either media."""
    known = labels.judged | labels.intruders
    return question.a in known and question.b in known


def _f1(built: Built, labels: Labels) -> float:
    return score([one.members for one in built.series], labels.groups, labels).b3_f1


def _effort(counts: Counter[str], curve: list[tuple[int, float]], *, enough: bool) -> dict[str, object]:
    return {
        "decisions": counts.total(),
        "yes": counts["yes"],
        "no": counts["no"],
        "reached": enough,
        "b3_f1": curve[-1][1],
        "curve": curve,
    }


def _ruling(one: Question, by_id: dict[str, Series], yes: bool, number: int) -> Decision:
    """The ruling that the command makes of an answer."""
    ruled = ruling_of(lambda name: by_id[name].members, one, together=yes)
    at = datetime(2026, 1, 1, tzinfo=UTC) + timedelta(seconds=number)
    return Decision(number, ruled.kind, ruled.series, ruled.media, ruled.anchors, "bench", at, "right")
