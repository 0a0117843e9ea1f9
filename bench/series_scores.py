"""Scores of one grouping against the truth: pairs, B-cubed, and what was joined that does not belong."""

from __future__ import annotations

import itertools
from collections import Counter, defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from series_truth import Labels, Truth

Groups = Sequence[Sequence[str]]


@dataclass(frozen=True)
class Score:
    """One grouping against one reading of the truth."""

    precision: float
    recall: float
    f1: float
    pairs_found: int
    pairs_false: int
    pairs_true: int
    b3_precision: float
    b3_recall: float
    b3_f1: float
    largest_false: int
    """Of any group, the most media beyond its largest true part, and one more; 0 if all groups are true."""
    true_series_mixed: int
    """Pairs of true series that share a group."""
    intruders: int
    """Generated pictures that are in a group with something that they were not cut from."""


@dataclass(frozen=True)
class _Kind:
    """Media that are alike to a score: of the same true groups, cut from the same."""

    true: frozenset[str]
    family: str
    judged: bool


def score(groups: Groups, truth: Truth, labels: Labels) -> Score:
    """Means over the media of the manifest; those of no group are series of one. Generated ones only harm."""
    of = {
        one: _Kind(truth.get(one, frozenset()), labels.family.get(one, ""), one in labels.judged)
        for one in (*labels.judged, *labels.intruders)
    }
    size = Counter(name for one in labels.judged for name in of[one].true)
    mates = {kind: _mates(kind.true, of, labels.judged) for kind in set(of.values())}
    precision, recall, right_pairs, false_pairs = 0.0, 0.0, 0, 0
    left = set(labels.judged)
    for group in groups:
        counts = Counter(of[one] for one in group if one in of)
        for kind, count in counts.items():
            right = _right(kind, counts)
            wrong = _wrong(kind, counts)
            right_pairs += count * (right - 1)
            false_pairs += count * wrong
            if kind.judged:
                precision += count * right / (right + wrong)
                recall += count * right / mates[kind]
        left -= set(group)
    for one in left:
        precision += 1
        recall += 1 / mates[of[one]]
    p3, r3 = precision / len(labels.judged), recall / len(labels.judged)
    true_pairs = _true_pairs(truth, labels.judged, size)
    found, wrong_pairs = right_pairs // 2, false_pairs // 2
    p, r = found / max(1, found + wrong_pairs), found / max(1, true_pairs)
    return Score(
        precision=round(p, 4),
        recall=round(r, 4),
        f1=round(2 * p * r / max(1e-9, p + r), 4),
        pairs_found=found + wrong_pairs,
        pairs_false=wrong_pairs,
        pairs_true=true_pairs,
        b3_precision=round(p3, 4),
        b3_recall=round(r3, 4),
        b3_f1=round(2 * p3 * r3 / (p3 + r3), 4),
        largest_false=max((_falsely_together(group, of) for group in groups), default=0),
        true_series_mixed=len(_mixed(groups, truth, labels.judged)),
        intruders=sum(
            count
            for group in groups
            for counts in [Counter(of[one] for one in group if one in of)]
            for kind, count in counts.items()
            if not kind.judged and _wrong(kind, counts)
        ),
    )


def _right(kind: _Kind, counts: Counter[_Kind]) -> int:
    """Media that belong with one of a kind, itself too."""
    if not kind.true:
        return 1
    return sum(count for other, count in counts.items() if other.true & kind.true)


def _wrong(kind: _Kind, counts: Counter[_Kind]) -> int:
    alone = counts[kind] - 1 if not kind.true and not kind.family else 0
    return alone + sum(
        count
        for other, count in counts.items()
        if other != kind and not other.true & kind.true and not (kind.family and kind.family == other.family)
    )


def _mates(true: frozenset[str], of: dict[str, _Kind], judged: Collection[str]) -> int:
    return sum(1 for one in judged if of[one].true & true) if true else 1


def _true_pairs(truth: Truth, judged: Collection[str], size: Counter[str]) -> int:
    """Pairs that share a true group, each once."""
    several = [one for one in judged if len(truth[one]) > 1]
    twice = sum(1 for a, b in itertools.combinations(several, 2) if len(truth[a] & truth[b]) > 1)
    return sum(count * (count - 1) // 2 for count in size.values()) - twice


def _mixed(groups: Groups, truth: Truth, judged: Collection[str]) -> set[tuple[str, str]]:
    return {
        pair
        for group in groups
        for kept in [[one for one in group if one in judged]]
        for pair in itertools.combinations(sorted({name for one in kept for name in truth[one]}), 2)
        if not any(set(pair) <= truth[one] for one in kept)
    }


def _falsely_together(group: Sequence[str], of: dict[str, _Kind]) -> int:
    """Media beyond the largest true part of a group, and one more; 0 for a group that is all true."""
    kept = [of[one] for one in group if one in of]
    parts = Counter(name for kind in kept for name in ({*kind.true, kind.family} - {""}))
    largest = max(parts.values(), default=min(1, len(kept)))
    return 0 if len(kept) == largest else len(kept) - largest + 1


def edits(groups: Groups, labels: Labels) -> dict[str, list[int]]:
    """By kind of edit: how many are with any other media of their group, and how many there are."""
    home = {one: set(group) for group in groups for one in group}
    of_group: dict[str, set[str]] = defaultdict(set)
    for sha256, names in labels.groups.items():
        for name in names:
            of_group[name].add(sha256)
    found: dict[str, list[int]] = defaultdict(lambda: [0, 0])
    for sha256, (kind, group) in sorted(labels.edits.items()):
        others = of_group[group] - {sha256}
        found[kind][0] += bool(home.get(sha256, set()) & others)
        found[kind][1] += 1
    return dict(sorted(found.items()))


def fragments(groups: Groups, labels: Labels) -> dict[str, list[int]]:
    """By true series: the sizes of the parts that it was found in, ones for media left alone."""
    home = {one: number for number, group in enumerate(groups) for one in group}
    parts: dict[str, Counter[object]] = defaultdict(Counter)
    for sha256, names in labels.groups.items():
        for name in names:
            parts[name][home.get(sha256, sha256)] += 1
    return {name: sorted(part.values(), reverse=True) for name, part in sorted(parts.items())}


def false(groups: Groups, labels: Labels) -> list[list[str]]:
    """Groups that hold a false pair of judged or generated media, by path."""
    of = {
        one: _Kind(labels.groups.get(one, frozenset()), labels.family.get(one, ""), True)
        for one in (*labels.judged, *labels.intruders)
    }
    wrong = []
    for group in groups:
        counts = Counter(of[one] for one in group if one in of)
        if any(_wrong(kind, counts) for kind in counts):
            wrong.append(sorted(labels.path.get(one, one) for one in group if one in of))
    return wrong
